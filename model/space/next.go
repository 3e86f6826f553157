package space

import (
	"slices"

	"github.com/seed83d86191/txsim/sim"
)

// Next implements explore.System.
func (s *Space) Next(x State, to func(action int, next State)) {
	quiet := x.quiet(s.count)
	for i := range x.flight {
		s.take(&x, action{what: deliver, at: i}, quiet, to)
	}
	for i := range x.ordered {
		if x.headsSession(i) {
			s.take(&x, action{what: deliverSession, at: i}, quiet, to)
		}
	}
	for n, l := range x.nodes[:s.count] {
		for i := range l.pending {
			s.take(&x, action{what: ownEvent, node: n, at: i}, quiet, to)
		}
		if x.left[crashBudget] > 0 && !l.down && sim.NodeID(n) != s.client {
			s.take(&x, action{what: crash, node: n}, quiet, to)
		}
	}
}

// quiet reports whether nothing but timers is left.
func (x *State) quiet(count int) bool {
	return len(x.flight)+len(x.ordered) == 0 && !slices.ContainsFunc(x.nodes[:count], func(l *local) bool { return l.idle > 0 })
}

// take calls to with an action, and with the faults that may go with it.
func (s *Space) take(x *State, a action, quiet bool, to func(action int, next State)) {
	next := *x
	switch a.what {
	case deliver:
		m := x.flight[a.at]
		r := s.react(x.nodes[m.to], input{op: sim.InputMessage, m: m})
		next.flight = slices.Concat(x.flight[:a.at], x.flight[a.at+1:])
		s.branch(x, next, m.to, r, a, to)
		if x.left[dropBudget] > 0 {
			lost := next
			lost.spend(dropBudget)
			s.emit(x, action{what: lose, at: a.at}, lost, to)
		}
		if x.left[duplicateBudget] > 0 {
			again := *x
			again.spend(duplicateBudget)
			again.nodes[m.to] = r.to
			again.send(r.sent)
			s.emit(x, action{what: deliverTwice, at: a.at}, again, to)
		}
	case deliverSession:
		m := x.ordered[a.at]
		next.ordered = slices.Concat(x.ordered[:a.at], x.ordered[a.at+1:])
		s.branch(x, next, m.to, s.react(x.nodes[m.to], input{op: sim.InputMessage, m: m}), a, to)
	case ownEvent:
		l := x.nodes[a.node]
		in := l.pending[a.at]
		if in.op == sim.InputTimer && !quiet {
			if x.left[timeoutBudget] == 0 {
				return
			}
			next.spend(timeoutBudget)
		}
		s.branch(x, next, sim.NodeID(a.node), s.react(l, in), a, to)
	case crash:
		r := s.react(x.nodes[a.node], input{op: sim.InputCrash})
		s.use(x, sim.NodeID(a.node), r, a)
		next.spend(crashBudget)
		next.nodes[a.node] = r.to
		s.emit(x, a, next, to)
	}
}

// spend uses one of a budget, if there is one left.
func (x *State) spend(budget int) {
	if x.left[budget] != anyLeft {
		x.left[budget]--
	}
}

// Faults returns how many faults the way to a state has taken, without those of unbounded
// budgets.
func (s *Space) Faults(x *State) int {
	n := 0
	for budget, whole := range s.initial.left {
		n += int(whole - x.left[budget])
	}
	return n
}

// branch calls to with the results of a node's reaction: the whole one and its cuts.
func (s *Space) branch(x *State, next State, n sim.NodeID, r *reaction, a action, to func(int, State)) {
	s.use(x, n, r, a)
	before := next
	next.nodes[n] = r.to
	next.send(r.sent)
	s.emit(x, a, next, to)
	if next.left[crashBudget] == 0 {
		return
	}
	before.spend(crashBudget)
	for _, c := range r.cuts {
		next = before
		next.nodes[n] = c.to
		next.send(c.sent)
		a.cut = c.at
		s.emit(x, a, next, to)
	}
}

// emit calls to with an action from state x, and with the state that it leads to.
func (s *Space) emit(x *State, a action, next State, to func(int, State)) {
	if s.omit.on {
		s.leaveOut(&next, x)
	}
	to(a.pack(), next)
}

// Step returns the state to which an action leads.
func (s *Space) Step(x State, n int) (next State) {
	a := unpack(n)
	if a.cut = 0; a.what == deliverTwice || a.what == lose {
		a.what = deliver
	}
	s.take(&x, a, x.quiet(s.count), func(action int, y State) {
		if action == n {
			next = y
		}
	})
	return next
}
