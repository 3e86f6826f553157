package fault

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// exactKey identifies the boundaries whose passings a line counts.
type exactKey struct {
	node  sim.NodeID
	point sim.Point
	kind  sim.Kind
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
		n := j.nodes(i)[0]
		for _, kind := range kindsOf(l.kind) {
			j.aim(n, l.point, kind, aimExact)
			key := exactKey{n, l.point, kind}
			j.exact[key] = append(j.exact[key], i)
		}
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
	if aim&aimExact != 0 {
		j.exactly(b, s)
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
func (j *Injection) exactly(b *sim.Boundary, s *sim.Strike) {
	for _, i := range j.exact[exactKey{b.Node, b.Point, b.Kind}] {
		l := &j.lines[i]
		switch {
		case l.done, l.linked && j.node(b.Peer) != l.peer.bare(), l.try > 0 && !j.about(l, b.Label):
			continue
		}
		if l.try == 0 {
			l.note(b.Label)
		}
		if l.passed++; l.passed < l.n {
			continue
		}
		l.done, l.struckLabel = true, b.Label
		j.apply(i, b, s, l.passed)
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

// about reports whether the label is that of the attempt which the line names.
func (j *Injection) about(l *active, label sim.Label) bool {
	if l.label == 0 {
		index, ok := j.indexOf(l.of)
		if !ok {
			return false
		}
		l.label = model.Attempt{Txn: index, Try: l.try}.Label()
	}
	return l.label == label
}

// indexOf returns the index of a transaction by its id, if it has been submitted.
func (j *Injection) indexOf(id string) (index uint64, ok bool) {
	if j.index != nil {
		return j.index(id)
	}
	digits, ok := strings.CutPrefix(id, "t")
	index, err := strconv.ParseUint(digits, 10, 40)
	return index, ok && err == nil && digits[0] != '0'
}
