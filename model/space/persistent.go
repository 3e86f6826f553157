package space

import (
	"cmp"
	"slices"

	"github.com/seed83d86191/txsim/sim"
)

// ReduceOrders has searches, from now on, take what commutes in one order only: see
// Persistent. It needs Reduce, too.
func (s *Space) ReduceOrders() { s.oneOrder = true }

// Persistent implements explore.Reducer: it tells of a persistent set of a state, if
// there is one and no crash is left.
//
// Some inputs of one node are a persistent set if the first of them is enabled and costs
// nothing, so that only one of them can prevent it, and if each commutes with all that
// the node may meet before one of them: in either order the node comes to the same state,
// sends the same, and the analysis is told the same. Take any way from the state. Either
// it has one of the set; then the first that it has can as well come first of all. Or it
// has none; then the first of the set can be put before it. So no way is lost, but for
// the order of what commutes, nor any history, if the second is not done for ever: see
// explore.Reducer. What a way spends is no more if an input comes earlier, for timers cost
// nothing only while no other input is left.
//
// Judges look at each step of a node once, and may be told that by the order of what
// commutes: a vote leaves before its record is durable, say. So a set must leave no step
// to other orders that has not been taken before.
//
// What the node may meet are its own events and what may be sent to it by then, see
// forecast. For all of that reactions are run that perhaps no way has. In doubt there is
// no set.
func (s *Space) Persistent(x State, fresh func(State) bool, to func(action int, next State)) bool {
	if !s.oneOrder || x.left[crashes] > 0 {
		return false
	}
	s.asked.Add(1)
	c := s.closures.Get().(*closure)
	defer s.closures.Put(c)
	c.begin(s, &x)
	var larger [][]event
	for _, n := range c.nodes {
		c.turn(n)
		for _, seed := range c.enabled[n] {
			switch set := c.close(seed); {
			case len(set) > 1:
				larger = append(larger, slices.Clone(set))
			case len(set) == 1 && s.follow(&x, set, fresh, to):
				return true
			}
		}
	}
	slices.SortStableFunc(larger, func(p, q []event) int { return cmp.Compare(len(p), len(q)) })
	for _, set := range larger {
		if s.follow(&x, set, fresh, to) {
			return true
		}
	}
	return false
}

// event is an input that is enabled in a state, and the action that brings it.
type event struct {
	action
	in        input
	conflicts *conflicts // while it is in a set
}

// follow tells of the actions of a set, if the first leads to a fresh state.
func (s *Space) follow(x *State, set []event, fresh func(State) bool, to func(action int, next State)) bool {
	type result struct {
		action int
		next   State
	}
	var buf [8]result
	all := buf[:0]
	for i, p := range set {
		s.take(x, p.action, false, func(action int, next State) { all = append(all, result{action, next}) })
		if i == 0 && !fresh(all[0].next) {
			return false
		}
	}
	for _, r := range all {
		to(r.action, r.next)
	}
	return true
}

// closure finds persistent sets of a state, node by node.
type closure struct {
	forecast
	nodes   []sim.NodeID
	enabled [MaxNodes][]event
	set     []event
}

// begin lists what is enabled. The order is the same for all states that are folded to
// one, but for names.
func (c *closure) begin(s *Space, x *State) {
	c.space, c.x, c.timers = s, x, x.left[timeouts] > 0
	c.nodes = c.nodes[:0]
	for n := range x.nodes[:s.count] {
		c.nodes = append(c.nodes, sim.NodeID(n))
		c.enabled[n] = c.enabled[n][:0]
	}
	for i, m := range x.flight {
		c.enabled[m.to] = append(c.enabled[m.to], event{action: action{what: deliver, at: i}, in: input{op: sim.InputMessage, m: m}})
	}
	for i, m := range x.lines {
		if x.first(i) {
			c.enabled[m.to] = append(c.enabled[m.to], event{action: action{what: near, at: i}, in: input{op: sim.InputMessage, m: m}})
		}
	}
	for n, l := range x.nodes[:s.count] {
		for i, in := range l.pending {
			c.enabled[n] = append(c.enabled[n], event{action: action{what: own, node: n, at: i}, in: in})
		}
	}
	if !s.foldable(x) {
		return
	}
	_, p := s.folded(x)
	name := s.fold.renamings[p]
	slices.SortFunc(c.nodes, func(n, o sim.NodeID) int { return cmp.Compare(name[n], name[o]) })
	for _, all := range c.enabled[:s.count] {
		slices.SortStableFunc(all, func(e, f event) int {
			if e.what != f.what || e.what == own {
				return cmp.Compare(e.what, f.what)
			}
			return cmp.Compare(e.in.m.images.hashes[p], f.in.m.images.hashes[p])
		})
	}
}

// close is the smallest persistent set that begins with an input; none if there is none.
// It is good until the next one.
func (c *closure) close(seed event) []event {
	if seed.in.op == sim.InputTimer {
		return nil
	}
	if r, known := c.x.nodes[c.node].next.get(seed.in); !known || !r.taken.Load() {
		return nil // nor are all that may come before it taken: nothing need be run to know
	}
	for c.reset(); c.run(); {
		if !c.collect(seed) {
			return nil
		}
		// What the node sends before the set may bring it more.
		if !c.sendsOwn(c.set[0].conflicts.sent) {
			return c.set
		}
	}
	return nil
}

// collect is the set for one forecast.
func (c *closure) collect(seed event) bool {
	l := c.x.nodes[c.node]
	c.set = append(c.set[:0], seed)
	for i := 0; i < len(c.set); i++ {
		p := &c.set[i]
		r := c.space.react(l, p.in)
		if c.x.inFlight(r.order) {
			return false // identical messages are one, unless the first arrives before the second is sent
		}
		if m := p.in.m; m != nil && slices.Contains(c.comes, m) && (c.x.left[drops] > 0 || !c.space.ignores(r.to, ignorance{m, true})) {
			return false // likewise
		}
		p.conflicts = c.space.conflicts(l, p.in, r, &c.forecast)
		if p.conflicts.many || !p.conflicts.taken() {
			return false
		}
		for _, in := range p.conflicts.with {
			is := func(q event) bool { return q.in == in }
			at := slices.IndexFunc(c.enabled[c.node], is)
			if at < 0 {
				return false
			}
			if !slices.ContainsFunc(c.set, is) {
				c.set = append(c.set, c.enabled[c.node][at])
			}
		}
	}
	return true
}
