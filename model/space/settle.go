package space

import "maps"

// Settle adds the steps seen at a depth to what is known, once all states of the depth have
// been visited. It is false if a message has been left out that is not ignored after all:
// the search must then be repeated.
func (s *Space) Settle() bool {
	todo := s.learn()
	s.oneOfEach()
	s.markTaken(s.uses.settled, true)
	s.uses.settled = len(s.uses.all)
	s.depth++
	s.orders.frugal = s.fold == nil && s.ran.Load() > spared+s.orders.asked.Load()/8
	return s.upheld(todo)
}

// Again prepares another search from the beginning. It keeps the reactions of the nodes, and
// the first so many of FirstUses: these have been looked at.
func (s *Space) Again(looked int) {
	s.markTaken(looked, false)   // the others have not
	for _, l := range s.locals { // in any order: they are independent
		l.mustIgnore = nil
		for _, c := range l.conflicts.all { // in any order, too
			c.allTaken.Store(false)
		}
		maps.DeleteFunc(l.ignored.all, func(_ ignorable, dead bool) bool { return dead }) // likewise
	}
	s.uses.all = s.uses.all[:looked]
	s.markTaken(0, true) // first uses that were dropped may be images of ones that remain
	s.uses.settled = looked
}
