package space

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/seed83d86191/txsim/sim"
)

// ordering is what ReduceOrders needs.
type ordering struct {
	on         bool
	mostRoamed int           // states of a node that roam visits; a field for tests
	frugal     bool          // at this depth no more reactions are run for persistent sets: see spared
	asked      atomic.Uint64 // number of states whose persistent sets were asked for
	finders    sync.Pool
}

// mostRoamed is how many states of a node are looked at to find what it may do. More cost
// more time than they save.
const mostRoamed = 60

// ReduceOrders makes searches take steps that commute in one order only, from now on: see
// Persistent. It requires Reduce.
func (s *Space) ReduceOrders() { s.orders.on = true }

// Persistent implements explore.Reducer: it tells of a persistent set of a state, if
// there is one and no crash is left.
//
// A set of inputs of one node is persistent under three conditions. The first of them is
// enabled, and it costs no fault, so that only one of the set can prevent it. Each of them
// commutes with everything that the node may meet before it does one of the set: in either
// order the node comes to the same state, sends the same, and the analysis is told the
// same. Then take any way from the state. If it contains one of the set, the first that it
// contains can be moved to the front. If it contains none, the first of the set can be put
// in front. So no way is lost, but for the order of steps that commute, and no history
// either, unless the second case is repeated for ever: see explore.Reducer. Moving an input
// to the front costs no additional fault, since timers are free only while no other input
// is left.
//
// The judges look at each step of a node once, and what they are told may depend on the
// order of steps that commute: a vote that leaves before its record is durable, say. So a
// set may not leave to other orders a step that has not been taken before.
//
// What the node may meet are its own events and what may be sent to it by then: see
// forecast. Finding that out may run reactions that no way has. In doubt there is no set.
func (s *Space) Persistent(x State, fresh func(State) bool, to func(action int, next State)) bool {
	if !s.orders.on || x.left[crashBudget] > 0 {
		return false
	}
	s.orders.asked.Add(1)
	c := s.orders.finders.Get().(*setFinder)
	defer s.orders.finders.Put(c)
	c.begin(s, &x)
	var larger [][]event
	for _, n := range c.nodes {
		if !c.turn(n) {
			continue
		}
		for _, seed := range c.enabled[n] {
			switch set := c.setFrom(seed); {
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

// event is an enabled input, and the action that brings it.
type event struct {
	action
	in        input
	conflicts *conflicts // its conflicts, while it is in a set
}

// follow calls to with the actions of a set, if the first one leads to a fresh state.
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

// setFinder finds persistent sets of a state, node by node.
type setFinder struct {
	forecast
	nodes   []sim.NodeID
	enabled [MaxNodes][]event
	set     []event
}

// begin lists what is enabled, in an order that is the same, but for names, in all states
// that are folded to one.
func (c *setFinder) begin(s *Space, x *State) {
	c.space, c.x, c.timers = s, x, x.left[timeoutBudget] > 0
	c.nodes, c.vague = c.nodes[:0], -1
	for n := range x.nodes[:s.count] {
		c.nodes = append(c.nodes, sim.NodeID(n))
		c.enabled[n] = c.enabled[n][:0]
	}
	for i, m := range x.flight {
		c.enabled[m.to] = append(c.enabled[m.to], event{action: action{what: deliver, at: i}, in: input{op: sim.InputMessage, m: m}})
	}
	for i, m := range x.ordered {
		if x.headsSession(i) {
			c.enabled[m.to] = append(c.enabled[m.to], event{action: action{what: deliverSession, at: i}, in: input{op: sim.InputMessage, m: m}})
		}
	}
	for n, l := range x.nodes[:s.count] {
		for i, in := range l.pending {
			c.enabled[n] = append(c.enabled[n], event{action: action{what: ownEvent, node: n, at: i}, in: in})
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
			if e.what != f.what || e.what == ownEvent {
				return cmp.Compare(e.what, f.what)
			}
			return cmp.Compare(e.in.m.images.hashes[p], f.in.m.images.hashes[p])
		})
	}
}

// setFrom returns the smallest persistent set that begins with an input; nil if there is
// none. It is valid until the next call.
func (c *setFinder) setFrom(seed event) []event {
	if seed.in.op == sim.InputTimer {
		return nil
	}
	if r, known := c.x.nodes[c.node].next.get(seed.in); !known || !r.taken.Load() {
		return nil // its own step has not been taken before: no set, and nothing need be run to know that
	}
	if c.hopeless {
		return nil
	}
	for c.reset(); c.run(); {
		if !c.collect(seed) {
			return nil
		}
		// What the node sends before it does the set may lead others to send it more.
		if !c.sendsOwn(c.set[0].conflicts.sent) {
			return c.set
		}
	}
	return nil
}

// collect finds the set for one forecast.
func (c *setFinder) collect(seed event) bool {
	l := c.x.nodes[c.node]
	c.set = append(c.set[:0], seed)
	for i := 0; i < len(c.set); i++ {
		p := &c.set[i]
		r := c.space.react(l, p.in)
		if c.x.inFlight(r.order) {
			return false // identical messages in flight are one, unless the first arrives before the second is sent
		}
		if m := p.in.m; m != nil && slices.Contains(c.comes, m) && (c.x.left[dropBudget] > 0 || !c.space.ignores(r.to, ignorable{m, true})) {
			return false // the same
		}
		p.conflicts = c.space.conflictsOf(l, p.in, r, &c.forecast)
		if p.conflicts.undecided || !p.conflicts.taken() {
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
