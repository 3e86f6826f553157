package sim

import (
	"cmp"
	"container/heap"
	"slices"
)

// lane identifies pending events that keep their order: none of a lane takes place before
// an earlier one. The events of the zero lane have no order.
type lane struct {
	op   eventOp
	from NodeID
	session
	at uint64 // of the messages of one packet
}

// lane returns the lane of a pending event.
func (w *World[M]) lane(e entry) lane {
	ev := w.at(e.slot)
	l := lane{op: ev.op, session: session{to: ev.node}}
	switch ev.op {
	case eventTimer, eventServed, eventPlanned:
		return l
	case eventSync, eventSynced:
		l.op = eventSync
		return l
	case eventDeliver:
		return w.mailLane(ev, e.at)
	}
	return lane{}
}

// mailLane returns the lane of a message that arrives at a time.
func (w *World[M]) mailLane(ev *event[M], at uint64) lane {
	l := lane{op: eventDeliver, from: ev.from, session: session{to: ev.node}}
	link := w.cfg.Network.link(ev.from, ev.node)
	switch {
	case link.inSessions():
		l.label = link.session(ev.mail.Label)
	case w.cfg.Network.Share:
		l.at = at
	default:
		return lane{}
	}
	return l
}

// arrivedLane returns the lane of a message that has reached its node, and the zero lane
// for other events.
func (w *World[M]) arrivedLane(ev *event[M]) lane {
	if ev.op != eventDeliver {
		return lane{}
	}
	at := ev.token
	if w.scheduler != nil { // a scheduler may let the messages of one packet arrive at different times
		at = 0
	}
	return w.mailLane(ev, at)
}

// lanes numbers the lanes of pending events, so that a scan of these is quick.
type lanes struct {
	numbers map[lane]int
	all     []lane // by number; the zero lane is the first
	met     []int  // by number: the last scan that has met it
	scan    int    // counted from 1
}

func newLanes(scan int) lanes {
	return lanes{numbers: map[lane]int{{}: 0}, all: []lane{{}}, met: []int{0}, scan: scan}
}

func (ls *lanes) number(l lane) int {
	n, known := ls.numbers[l]
	if !known {
		n = len(ls.all)
		ls.numbers[l] = n
		ls.all, ls.met = append(ls.all, l), append(ls.met, 0)
	}
	return n
}

// leads reports whether an event is the first of its lane that the scan has met.
func (ls *lanes) leads(number int) bool {
	first := ls.met[number] != ls.scan
	ls.met[number] = ls.scan
	return first || number == 0
}

// mostChoices bounds how many pending events a schedule but Exhaustive chooses among, and
// with that what a step costs where very many are pending.
const mostChoices = 1024

// laterEvents is a heap of the events that come after the mostChoices first ones.
type laterEvents []waitingEvent

func (l laterEvents) Len() int           { return len(l) }
func (l laterEvents) Less(i, j int) bool { return byTime(l[i], l[j]) < 0 }
func (l laterEvents) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }
func (l *laterEvents) Push(e any)        { *l = append(*l, e.(waitingEvent)) }
func (l *laterEvents) Pop() any {
	n := len(*l) - 1
	e := (*l)[n]
	*l = (*l)[:n]
	return e
}

func byTime(a, b waitingEvent) int {
	return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.seq, b.seq))
}

// add adds a pending event.
func (s *scheduler) add(e waitingEvent) {
	n := len(s.pending)
	full := n >= mostChoices && s.Strategy != Exhaustive
	switch {
	case (full || len(s.later) > 0) && byTime(s.pending[n-1], e) < 0:
		heap.Push(&s.later, e)
		return
	case full:
		heap.Push(&s.later, s.pending[n-1])
		s.pending = s.pending[:n-1]
	}
	at, _ := slices.BinarySearchFunc(s.pending, e, byTime)
	s.pending = slices.Insert(s.pending, at, e)
}

// each calls f with all pending events, which it may change but for their order.
func (s *scheduler) each(f func(*waitingEvent)) {
	for _, events := range [][]waitingEvent{s.pending, s.later} {
		for i := range events {
			f(&events[i])
		}
	}
}

// tidy forgets the lanes that no pending event is in.
func (s *scheduler) tidy() {
	if len(s.lanes.all) < 1024+4*(len(s.pending)+len(s.later)) {
		return
	}
	old := s.lanes
	s.lanes = newLanes(old.scan)
	s.each(func(e *waitingEvent) { e.lane = s.lanes.number(old.all[e.lane]) })
}
