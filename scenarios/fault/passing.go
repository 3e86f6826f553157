package fault

import (
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// passingLines are the lines that strike by chance each time that a boundary is passed.
type passingLines struct {
	at     map[passingKey][]int
	counts passCounts
}

type passingKey struct {
	point sim.Point
	kind  sim.Kind
}

func (j *Injection) installPassing(i int) {
	l := &j.lines[i]
	if j.passing.at == nil {
		j.passing.at, j.passing.counts.columns = map[passingKey][]int{}, 1
	}
	for _, kind := range kindsPassing(l.kind) {
		key := passingKey{l.point, kind}
		j.passing.at[key] = append(j.passing.at[key], i)
		for _, n := range j.nodes(i) {
			j.aim(n, l.point, kind, aimPassing)
		}
	}
}

// kindsPassing returns the kinds that a name stands for at a boundary.
func kindsPassing(name string) []sim.Kind {
	if name != anyKind {
		return kindsOf(name)
	}
	var all []sim.Kind
	for k := model.KindNone + 1; k < kinds; k++ {
		all = append(all, k)
	}
	return all
}

// atPassing draws for a boundary that is about an attempt. The draws are keyed by it and its
// number among those alike of that attempt.
func (j *Injection) atPassing(b *sim.Boundary, s *sim.Strike) {
	if b.Label == 0 {
		return
	}
	place := uint64(b.Node)<<16 | uint64(b.Point)<<8 | uint64(b.Kind)
	n := j.passing.counts.pass(j.passing.counts.of(place, b.Label), 0)
	for _, i := range j.passing.at[passingKey{b.Point, b.Kind}] {
		l := &j.lines[i]
		key := j.seed ^ uint64(b.Kind)<<32 ^ n
		if j.has(l.who, b.Node) && j.w.Happens(l.purpose, b.Node, b.Label, key, l.p) {
			j.strikeHere(i, b, s, j.duration(i, b.Node, b.Label, key), n)
		}
	}
}
