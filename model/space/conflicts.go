package space

import (
	"slices"
	"sync/atomic"

	"github.com/seed83d86191/txsim/sim"
)

// conflicts are the inputs that may come before an input of a node and do not commute with
// it.
type conflicts struct {
	with []input
	doubt
	sent     []*message  // messages sent by steps that may come before the input
	steps    []*reaction // these steps, and those of the input after them
	allTaken atomic.Bool
}

func (s *Space) conflictsOf(l *local, in input, r *reaction, f *forecast) *conflicts {
	g := premise{r, f.sum[l.node], f.timers}
	if c, known := l.conflicts.get(g); known && c.stands(s) {
		return c
	}
	c := s.findConflicts(l, in, f.in[l.node], f.timers)
	l.conflicts.set(g, c)
	return c
}

// findConflicts looks for inputs that do not commute with an input, in the states that the
// node may reach by inputs that do. All that are found at the same distance are found
// together; then the search begins again without them, so that the result does not depend
// on an order.
func (s *Space) findConflicts(l *local, in input, may []*message, timers bool) *conflicts {
	for c := (&conflicts{}); ; {
		known := len(c.with)
		c.sent, c.steps = nil, nil
		c.decide(s, s.roam(l, may, timers, func(at *local, i input) *local { return s.meet(c, c.with[:known], at, in, i) },
			func() bool { return len(c.with) > known }))
		if c.undecided || len(c.with) == known {
			return c
		}
	}
}

// meet looks at another input in a state of findConflicts, adds it to c if it does not
// commute, and returns the state from which to go on: that after the other input if it
// commutes, otherwise at itself. It is nil if the node panics on one of the two.
func (s *Space) meet(c *conflicts, known []input, at *local, in, other input) *local {
	if slices.Contains(known, other) {
		return at
	}
	now, before := s.suppose(at, in), s.suppose(at, other)
	switch {
	case now == nil || before == nil:
		return nil
	case other == in:
		c.step(at, now)
		return at
	case !s.commute(now, before, in, other):
		if !slices.Contains(c.with, other) {
			c.with = append(c.with, other)
		}
		return at
	}
	c.step(at, before)
	c.sent = appendNew(c.sent, before.order)
	return before.to
}

// step adds a step, unless it does nothing.
func (c *conflicts) step(at *local, r *reaction) {
	if !r.nothing(at) {
		c.steps = append(c.steps, r)
	}
}

// taken reports whether the search took all of the steps at earlier depths.
func (c *conflicts) taken() bool {
	if !c.allTaken.Load() {
		if slices.ContainsFunc(c.steps, func(r *reaction) bool { return !r.taken.Load() }) {
			return false
		}
		c.allTaken.Store(true)
	}
	return true
}

// commute reports whether two inputs of a node, with these reactions in some state, have
// the same result in either order.
func (s *Space) commute(a, b *reaction, in, other input) bool {
	if !a.to.waits(other) || !b.to.waits(in) {
		return false
	}
	ab, ba := s.suppose(a.to, other), s.suppose(b.to, in)
	return ab != nil && ba != nil && ab.to == ba.to && ab.sent.equal(b.sent) && ba.sent.equal(a.sent) && a.sent.apart(b.sent)
}

// waits reports whether an input is possible in a state.
func (l *local) waits(in input) bool {
	return in.op == sim.InputMessage || slices.Contains(l.pending, in)
}

// apart reports whether the order in which two steps send their messages makes no
// difference.
func (s sent) apart(o sent) bool {
	if len(s.ordered) > 0 && len(o.ordered) > 0 {
		return false
	}
	return !slices.ContainsFunc(s.order, func(m *message) bool { return slices.Contains(o.order, m) })
}
