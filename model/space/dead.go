package space

import (
	"cmp"
	"maps"
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
func (s *Space) Reduce() { s.reduced = true }

// edge is a step of a node that the search has taken, or that an outlook has looked at.
type edge struct {
	from, to *local
	crash    bool // the node crashes in it
}

func (e edge) compare(o edge) int {
	return cmp.Or(cmp.Compare(e.from.hash, o.from.hash), cmp.Compare(e.to.hash, o.to.hash))
}

// ignorance is a message that a node may ignore. With spent, no crash is left, so that
// steps with a crash do not count.
type ignorance struct {
	m     *message
	spent bool
}

// living removes the messages that will be ignored from a state. Of those in flight in the
// state before, only those to nodes that have taken a step need to be looked at.
func (s *Space) living(x, before *State) {
	spent := x.left[crashes] == 0
	same := spent == (before.left[crashes] == 0)
	dead := func(m *message) bool {
		l := x.nodes[m.to]
		if same && l == before.nodes[m.to] {
			if _, old := slices.BinarySearchFunc(before.flight, m, (*message).before); old {
				return false
			}
		}
		return s.ignores(l, ignorance{m, spent})
	}
	for i, m := range x.flight { // messages of lines stay
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
func (s *Space) ignores(l *local, g ignorance) bool {
	if dead, known := l.dead.get(g); known {
		return dead
	}
	dead, first := l.dead.put(g, s.searchDead(l, g))
	if dead && first {
		s.mu.Lock()
		s.leftOut = append(s.leftOut, omission{l, g})
		s.mu.Unlock()
	}
	return dead
}

// omission is a message that was left out in a state of its node.
type omission struct {
	l *local
	g ignorance
}

func (s *Space) searchDead(l *local, g ignorance) bool {
	if !s.noReaction(l, g.m) {
		return false
	}
	seen := map[*local]bool{l: true}
	for todo := []*local{l}; len(todo) > 0; {
		l := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if l.must[g] {
			continue // known to be ignored from here on
		}
		for _, e := range l.after {
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
	if s.reduced && e.from != e.to {
		s.seen = append(s.seen, e)
	}
}

func (s *Space) sawAll(all []edge) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range all {
		s.saw(e)
	}
}

// Settle adds the steps seen at a depth to what is known, once all states of the depth have
// been visited. It is false if a message has been left out that is not ignored after all:
// the search must then be repeated.
func (s *Space) Settle() bool {
	todo := s.leftOut
	slices.SortFunc(s.seen, edge.compare) // the order in which jobs saw them is not fixed
	for _, e := range s.seen {
		if s.fold == nil || s.fold.broken.Load() {
			todo = learn(e, todo)
			continue
		}
		for p := range s.fold.renamings { // a way may continue under other names
			todo = learn(edge{e.from.images.of[p], e.to.images.of[p], e.crash}, todo)
		}
	}
	s.leftOut, s.seen = nil, nil
	s.oneOfEach()
	s.markTaken(s.settled, true)
	s.settled = len(s.firsts)
	s.depth++
	s.frugal = s.fold == nil && s.ran.Load() > spared+s.asked.Load()/8
	good := true
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if p.l.must[p.g] {
			continue
		}
		if !s.noReaction(p.l, p.g.m) {
			good = false
			continue
		}
		if p.l.must == nil {
			p.l.must = map[ignorance]bool{}
		}
		p.l.must[p.g] = true
		for _, e := range p.l.after {
			if !e.crash || !p.g.spent {
				todo = append(todo, omission{e.to, p.g})
			}
		}
	}
	return good
}

// learn adds a step to what is known, and lists the messages that were left out before it
// and so have to be ignored behind it.
func learn(e edge, todo []omission) []omission {
	if slices.Contains(e.from.after, e) {
		return todo
	}
	e.from.after = append(e.from.after, e)
	for g := range e.from.must { // in any order: all are added
		if !e.crash || !g.spent {
			todo = append(todo, omission{e.to, g})
		}
	}
	return todo
}

// Again prepares another search from the beginning. It keeps the reactions of the nodes,
// and which of the Firsts have been looked at.
func (s *Space) Again(firsts int) {
	s.markTaken(firsts, false)   // they have not been looked at
	for _, l := range s.locals { // in any order: they are independent
		l.must = nil
		for _, c := range l.conflicts.all { // in any order, too
			c.allTaken.Store(false)
		}
		maps.DeleteFunc(l.dead.all, func(_ ignorance, dead bool) bool { return dead }) // likewise
	}
	s.firsts = s.firsts[:firsts]
	s.markTaken(0, true) // first uses that were dropped may be images of ones that remain
	s.settled = firsts
}
