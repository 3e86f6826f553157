package space

import (
	"cmp"
	"slices"

	"github.com/seed83d86191/txsim/sim"
)

// Reduce leaves out of flight, from now on, messages that will be ignored. A message
// that its node will ignore from then on, whatever else happens, can change nothing any
// more: whether it has arrived already or not is all the same. The states without it
// stand for those with it, and every other message, every reaction and every history is
// as before.
//
// What else happens to a node is learned by the search itself: the steps that it has
// seen the node take. A message is left out if the node ignores it in its state and in
// all that these steps lead to. Steps seen later may lead to where it is not ignored;
// then it should not have been left out, and the search is begun again, with what it has
// learned: see Settle. If at the end nothing has been left out that should not have
// been, nothing is missing: take any way that there is, and follow it in the search.
// As long as it can be followed, the search has seen each step of each node; so that
// the next message, if it has been left out on the way, is one that is ignored there,
// and the way goes on without it. A timer that fires when nothing else is left does so, in
// such a way, while what will be ignored is still to come.
func (s *Space) Reduce() { s.omit.on = true }

// omitting is what Reduce needs: what was found since the last depth was settled.
type omitting struct {
	on      bool
	leftOut []omission // messages left out
	steps   []edge     // steps of nodes
}

// edge is a step of a node that the search has taken, or that an outlook has looked at.
type edge struct {
	from, to *local
	crash    bool // the node crashes in it
}

func (e edge) compare(o edge) int {
	return cmp.Or(cmp.Compare(e.from.hash, o.from.hash), cmp.Compare(e.to.hash, o.to.hash))
}

// ignorable is a message that a node may ignore. With spent, no crash is left, so that
// steps with a crash do not count.
type ignorable struct {
	m     *message
	spent bool
}

// leaveOut removes the messages that will be ignored from a state. Of those in flight in the
// state before, only those to nodes that have taken a step need to be looked at.
func (s *Space) leaveOut(x, before *State) {
	spent := x.left[crashBudget] == 0
	same := spent == (before.left[crashBudget] == 0)
	dead := func(m *message) bool {
		l := x.nodes[m.to]
		if same && l == before.nodes[m.to] {
			if _, old := slices.BinarySearchFunc(before.flight, m, (*message).before); old {
				return false
			}
		}
		return s.ignores(l, ignorable{m, spent})
	}
	for i, m := range x.flight { // messages of sessions stay
		if dead(m) {
			kept := slices.Clone(x.flight[:i])
			for _, m := range x.flight[i+1:] {
				if !dead(m) {
					kept = append(kept, m)
				}
			}
			x.flight = kept
			return
		}
	}
}

// ignores reports whether a node ignores a message in its state and in all that may follow,
// as far as the steps up to the last depth show.
func (s *Space) ignores(l *local, g ignorable) bool {
	if dead, known := l.ignored.get(g); known {
		return dead
	}
	dead, first := l.ignored.put(g, s.willIgnore(l, g))
	if dead && first {
		s.mu.Lock()
		s.omit.leftOut = append(s.omit.leftOut, omission{l, g})
		s.mu.Unlock()
	}
	return dead
}

// omission is a message that was left out in a state of its node.
type omission struct {
	l *local
	g ignorable
}

// willIgnore finds out what ignores reports.
func (s *Space) willIgnore(l *local, g ignorable) bool {
	if !s.noReaction(l, g.m) {
		return false
	}
	seen := map[*local]bool{l: true}
	for todo := []*local{l}; len(todo) > 0; {
		l := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if l.mustIgnore[g] {
			continue // known to be ignored from here on
		}
		for _, e := range l.edges {
			if e.crash && g.spent || seen[e.to] {
				continue
			}
			if !s.noReaction(e.to, g.m) {
				return false
			}
			seen[e.to] = true
			todo = append(todo, e.to)
		}
	}
	return true
}

// noReaction reports whether a message changes nothing in a state of a node.
func (s *Space) noReaction(l *local, m *message) bool {
	r := s.try(l, input{op: sim.InputMessage, m: m})
	return r != nil && r.nothing(l)
}

// saw records a step of a node.
func (s *Space) saw(e edge) {
	if s.omit.on && e.from != e.to {
		s.omit.steps = append(s.omit.steps, e)
	}
}

func (s *Space) sawAll(all []edge) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range all {
		s.saw(e)
	}
}

// learn adds the steps of a depth to what is known, and lists the messages that have to be
// ignored because of them, beside those that were left out at the depth.
func (s *Space) learn() []omission {
	todo := s.omit.leftOut
	slices.SortFunc(s.omit.steps, edge.compare) // the order in which jobs saw them is not fixed
	for _, e := range s.omit.steps {
		if s.fold == nil || s.fold.broken.Load() {
			todo = e.learn(todo)
			continue
		}
		for p := range s.fold.renamings { // a way may continue under other names
			todo = edge{e.from.images.of[p], e.to.images.of[p], e.crash}.learn(todo)
		}
	}
	s.omit.leftOut, s.omit.steps = nil, nil
	return todo
}

// learn adds a step to what is known, and lists the messages that were left out before it
// and so have to be ignored after it.
func (e edge) learn(todo []omission) []omission {
	if slices.Contains(e.from.edges, e) {
		return todo
	}
	e.from.edges = append(e.from.edges, e)
	for g := range e.from.mustIgnore { // in any order: all are added
		if !e.crash || !g.spent {
			todo = append(todo, omission{e.to, g})
		}
	}
	return todo
}

// upheld follows what has to be ignored along the steps that are known. It is false if some
// of it is not ignored.
func (s *Space) upheld(todo []omission) bool {
	good := true
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if p.l.mustIgnore[p.g] {
			continue
		}
		if !s.noReaction(p.l, p.g.m) {
			good = false
			continue
		}
		if p.l.mustIgnore == nil {
			p.l.mustIgnore = map[ignorable]bool{}
		}
		p.l.mustIgnore[p.g] = true
		for _, e := range p.l.edges {
			if !e.crash || !p.g.spent {
				todo = append(todo, omission{e.to, p.g})
			}
		}
	}
	return good
}
