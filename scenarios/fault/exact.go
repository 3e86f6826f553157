package fault

import (
	"slices"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// exactLines are the lines that aim at one passing, found by what they aim at: a boundary
// costs the same however many they are.
type exactLines struct {
	at      map[exactKey][]*aimedPassings
	unseen  map[string][]*aimedPassings // by the id of a transaction that has passed nothing yet
	grouped map[aimedAt]*aimedPassings
}

// exactKey identifies boundaries whose passings lines count.
type exactKey struct {
	node  sim.NodeID
	point sim.Point
	kind  sim.Kind
	peer  sim.NodeID // Nobody: whoever it is
	label sim.Label  // 0: whatever it is
}

// aimedAt is what a line says of the passings that it counts.
type aimedAt struct {
	who, peer Node
	linked    bool
	point     sim.Point
	kind, of  string
	try       uint32
}

// way returns the way in which such lines strike.
func (a *aimedAt) way() aimSet {
	way := aimExact
	if a.linked {
		way <<= 1 // aimExactLink
	}
	if a.try > 0 {
		way <<= 2 // aimExactOf, aimExactLinkOf
	}
	return way
}

// aimedPassings counts the passings that some lines aim at.
type aimedPassings struct {
	aimedAt
	n     uint64
	about map[sim.Label]uint64 // by label, if the lines name no attempt: see Named
	lines map[uint64][]int     // by the number of the passing that they strike
	left  int                  // of lines that have not struck
}

// installAim registers the boundaries at which a line may strike.
func (j *Injection) installAim(i int) {
	l := &j.lines[i]
	switch l.trig {
	case aimed:
		if l.device() && l.kind == "" {
			j.installDevice(i)
			return
		}
		j.installExact(i)
	case onLink:
		j.installLink(i)
	case onDevice:
		j.installDevice(i)
	case inStep:
		j.installStep(i)
	case atPassing:
		j.installPassing(i)
	}
}

// installExact has a line count passings, together with the lines that count the same.
func (j *Injection) installExact(i int) {
	l, st := &j.lines[i], &j.exact
	if st.at == nil {
		*st = exactLines{map[exactKey][]*aimedPassings{}, map[string][]*aimedPassings{}, map[aimedAt]*aimedPassings{}}
	}
	at := aimedAt{l.who.bare(), l.peer.bare(), l.linked, l.point, l.kind, l.of, l.try}
	p := st.grouped[at]
	if p == nil {
		p = &aimedPassings{aimedAt: at, about: map[sim.Label]uint64{}, lines: map[uint64][]int{}}
		st.grouped[at] = p
		for _, kind := range kindsOf(l.kind) {
			j.aim(j.nodes(i)[0], l.point, kind, at.way())
		}
		switch index := model.IndexOf(l.of); {
		case l.try == 0:
			j.watch(p, 0)
		case j.id != nil:
			st.unseen[l.of] = append(st.unseen[l.of], p)
		case index > 0:
			j.watch(p, model.Attempt{Txn: index, Try: l.try}.Label())
		}
	}
	n := max(l.n, 1)
	p.lines[n] = append(p.lines[n], i)
	p.left++
}

// watch has passings be counted from now on, those of one label if it is not 0.
func (j *Injection) watch(p *aimedPassings, label sim.Label) {
	key := exactKey{point: p.point, peer: sim.Nobody, label: label}
	key.node = p.who.expand(j.workers, j.coordinators)[0]
	if p.linked {
		key.peer = p.peer.expand(j.workers, j.coordinators)[0]
	}
	for _, key.kind = range kindsOf(p.kind) {
		j.exact.at[key] = append(j.exact.at[key], p)
	}
}

// see has the lines that name a transaction watch it, once it has an index.
func (j *Injection) see(index uint64) {
	id := j.id(index)
	for _, p := range j.exact.unseen[id] {
		j.watch(p, model.Attempt{Txn: index, Try: p.try}.Label())
	}
	delete(j.exact.unseen, id)
}

func (j *Injection) aim(n sim.NodeID, point sim.Point, kind sim.Kind, way aimSet) {
	j.aims[j.side(n)][point][kind] |= way
	j.aimed[n] |= way
}

// Aims implements sim.Aimer.
func (j *Injection) Aims(n sim.NodeID) *sim.Aims {
	if int(n) >= len(j.aimed) {
		return nil
	}
	return &j.aims[j.side(n)]
}

// At implements sim.Injector.
func (j *Injection) At(b *sim.Boundary) *sim.Strike {
	if int(b.Node) >= len(j.aimed) {
		return nil
	}
	aim := j.aims[j.side(b.Node)][b.Point][b.Kind] & j.aimed[b.Node]
	if aim == 0 {
		return nil
	}
	s := &j.strikes
	if j.found {
		*s, j.found, j.moot, j.mail = sim.Strike{}, false, j.moot[:0], j.mail[:0]
	}
	if aim&aimExactly != 0 {
		j.exactly(b, s, aim)
	}
	if aim&aimLink != 0 {
		j.onLink(b, s)
	}
	if aim&aimSync != 0 {
		j.onDevice(b, s)
	}
	if aim&aimStep != 0 {
		j.inStep(b, s)
	}
	if aim&aimPassing != 0 {
		j.atPassing(b, s)
	}
	if !j.found {
		return nil
	}
	return s
}

// exactly applies the lines that aim at this passing.
func (j *Injection) exactly(b *sim.Boundary, s *sim.Strike, aim aimSet) {
	if b.Label != 0 && len(j.exact.unseen) > 0 {
		j.see(model.AttemptOf(b.Label).Txn)
	}
	j.struck = j.struck[:0]
	for way := aimExact; way <= aimExactLinkOf; way <<= 1 {
		if aim&way != 0 {
			j.pass(b, way)
		}
	}
	slices.Sort(j.struck)
	for _, i := range j.struck {
		j.apply(i, b, s, max(j.lines[i].n, 1))
	}
}

// pass counts a passing for the lines that strike in a way, and adds to struck those that
// aim at this one.
func (j *Injection) pass(b *sim.Boundary, way aimSet) {
	key := exactKey{b.Node, b.Point, b.Kind, sim.Nobody, 0}
	if way&(aimExactLink|aimExactLinkOf) != 0 {
		key.peer = b.Peer
	}
	if way&(aimExactOf|aimExactLinkOf) != 0 {
		key.label = b.Label
	}
	for _, p := range j.exact.at[key] {
		if p.way() != way || p.left == 0 {
			continue
		}
		p.n++
		if p.try == 0 {
			p.about[b.Label]++
		}
		for _, i := range p.lines[p.n] {
			l := &j.lines[i]
			l.done, l.struckLabel, l.struckN = true, b.Label, p.about[b.Label]
			j.struck = append(j.struck, i)
			p.left--
		}
	}
}

// bare returns the node without its place in the line, for comparing.
func (n Node) bare() Node { n.column = 0; return n }

// apply adds to s what a line does at boundary b, the n-th of those that it counts.
func (j *Injection) apply(i int, b *sim.Boundary, s *sim.Strike, n uint64) {
	l := &j.lines[i]
	if l.message() {
		j.onMessage(i, b, s, n)
		return
	}
	if d := j.duration(i, b.Node, b.Label, n); j.merge(s, i, b.Node, d) {
		if l.trig == aimed {
			l.plan(j.w.Now(), d)
		}
		j.record(i, b, d, n)
	}
}

// record counts a strike of a line at boundary b.
func (j *Injection) record(i int, b *sim.Boundary, d time.Duration, n uint64) {
	switch j.lines[i].trig {
	case onLink:
		j.recordLink(i, b, d, n)
	case onDevice:
		j.recordDevice(i, b, d, n)
	default: // it aims at this boundary
		j.count(i, d, func(*Fault) {})
	}
}

// merge adds to s what a line does to a node, and reports whether it has any effect. If
// several lines strike at once, a crash takes precedence over all but rot, a longer pause
// over a shorter one, and otherwise the first of two that are alike.
func (j *Injection) merge(s *sim.Strike, i int, n sim.NodeID, d time.Duration) bool {
	t := j.effectOf(i, d)
	if !j.w.Affects(n, t) || s.Crash && !t.Rot {
		return false
	}
	switch {
	case t.Crash:
		s.Crash, s.Tail, s.Pause, s.For = true, t.Tail, false, d
		j.retract()
		return true
	case t.Rot && !s.Rot:
		s.Rot = true
		return true
	case t.FailSync && !s.FailSync:
		s.FailSync, s.Down = true, d
	case t.LoseSync && !s.LoseSync:
		s.LoseSync = true
	case t.Pause && (!s.Pause || d > s.For):
		s.Pause, s.For = true, d
	default:
		return false
	}
	j.moot = append(j.moot, mootStrike{i, int(j.total)})
	return true
}

// mootStrike is a strike that has no effect if another one crashes the node: its line and,
// by chance, its number from 0.
type mootStrike struct{ line, n int }

// retract uncounts the strikes at a boundary that then had no effect.
func (j *Injection) retract() {
	for _, m := range slices.Backward(j.moot) {
		l := &j.lines[m.line]
		if l.struck--; !l.ByChance() {
			continue
		}
		if j.total--; m.n < len(j.fired) {
			j.fired = slices.Delete(j.fired, m.n, m.n+1)
		}
	}
	j.moot = j.moot[:0]
}
