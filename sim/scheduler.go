package sim

import (
	"container/heap"
	"context"
	"slices"
)

// scheduler holds all pending events of a world whose next event need not be the earliest.
type scheduler struct {
	Schedule
	pending []waitingEvent // the first ones, sorted by time and number
	later   laterEvents    // all others
	lanes   lanes
	enabled []int // indexes into pending
	step    int   // steps so far
	points  []int // the steps, Depth of them or one less, at which the order is changed
	drawn   [len(schedulePurposes)]uint64
	left    Budget // of Exhaustive
	settled *settled

	chains  int
	current int    // priority of the chain of the event that is being handled
	before  uint64 // number of the last event before it was
}

// settled is the choice of a step that an interruption has postponed.
type settled struct {
	seq   uint64 // of the event
	fault int    // of Exhaustive
}

// resume returns the postponed choice, if there is one and nothing else has happened since:
// the event as an index into enabled, and its fault.
func (s *scheduler) resume() (next, fault int, ok bool) {
	k := s.settled
	if k == nil {
		return 0, 0, false
	}
	s.settled = nil
	next = slices.IndexFunc(s.enabled, func(i int) bool { return s.pending[i].seq == k.seq })
	return max(next, 0), k.fault, next >= 0 || k.fault >= FaultCrash
}

type waitingEvent struct {
	entry
	seq      uint64 // of the event
	lane     int    // its number
	priority int    // PCT
	behind   uint64 // DelayBounded: it waits for the other events up to this number; 0: for none
}

// The purposes of the choices of a scheduler, which are the names of its streams.
const (
	scheduleNext = iota
	scheduleChain
	schedulePoint
	scheduleFault
	scheduleCut
)

// schedulePrefix begins the names of the scheduler's streams, and of no others.
const schedulePrefix = "schedule/"

var schedulePurposes = [...]string{string(NextStream), "schedule/chain", "schedule/point", string(FaultStream), string(CutStream)}

// priorities is how many priorities there are for chains; equal ones go by time.
const priorities = 1 << 16

// chooseEvent draws a choice of the scheduler's own among 0..n-1.
func (w *World[M]) chooseEvent(purpose, n int) int { return w.chooseFrom(purpose, 0, n) }

// chooseFrom is chooseEvent, but what is drawn is at least low; a Source may choose less.
func (w *World[M]) chooseFrom(purpose, low, n int) int {
	if n < 2 && w.scheduler.Strategy != Exhaustive {
		return 0
	}
	ordinal, name := w.scheduler.drawn[purpose], schedulePurposes[purpose]
	w.scheduler.drawn[purpose]++
	if w.cfg.Source != nil {
		if v, ok := w.ask(Stream(name), ordinal, n); ok {
			return v
		}
	}
	return low + int(keyed(HashString(w.cfg.Seed, name), 0, 0, 0, ordinal)%uint64(n-low))
}

// startScheduler makes the scheduler of a world whose nodes have all been added.
func (w *World[M]) startScheduler() {
	s := &scheduler{Schedule: w.cfg.Schedule, before: 1<<64 - 2, lanes: newLanes(0)} // no event has caused the first ones
	w.scheduler = s
	s.left = s.Budget
	points := s.Depth
	if s.Strategy == PCT {
		points--
	}
	for range points {
		// 0 is no step, which only a Source chooses: its defaults are the order by time.
		s.points = append(s.points, w.chooseFrom(schedulePoint, 1, s.Steps+1))
	}
}

// runScheduled is RunUntil by another order than time.
func (w *World[M]) runScheduled(ctx context.Context, t Time) Status {
	s := w.scheduler
	if s.Strategy == Exhaustive {
		return w.runExhaustive(ctx, t)
	}
	end := min(t, Time(w.cfg.Limits.Time))
	for n := 0; ; n++ {
		if n&0xff == 0 && ctx.Err() != nil {
			return Interrupted
		}
		w.gather()
		w.enable()
		if len(s.pending) == 0 {
			return Quiet
		}
		if first := w.takesPlace(&s.pending[0]); first > end || w.stats.Events >= w.mostEvents {
			return w.limit(first, t)
		}
		i, served := w.dueService()
		if at, _, ok := s.resume(); ok {
			i = s.enabled[at]
		} else if !served {
			i = w.pick()
		}
		next := s.pending[i]
		at := w.takesPlace(&next)
		if at > end || !w.shows(next.entry, FaultNone) {
			s.settled = &settled{seq: next.seq}
			if at > end {
				return w.limit(at, t)
			}
			return Interrupted
		}
		if !served {
			s.step++
		}
		s.pending = slices.Delete(s.pending, i, i+1)
		w.now, w.queue.now = at, uint64(at)
		s.current, s.before = next.priority, w.seq
		w.step(w.at(next.slot))
	}
}

// takesPlace is when an event takes place if it is next.
func (w *World[M]) takesPlace(e *waitingEvent) Time { return max(w.now, Time(e.at)) }

// gather takes over what the last step has put into the queue.
func (w *World[M]) gather() {
	s := w.scheduler
	for {
		next := w.queue.peek()
		if next == nil {
			return
		}
		e := waitingEvent{entry: *next, seq: w.at(next.slot).seq}
		w.queue.drop()
		if w.dropsVoid(&e.entry) {
			continue
		}
		if s.Strategy == PCT {
			e.priority = s.current
			if e.seq != s.before+1 {
				s.chains++
				e.priority = s.Depth + w.chooseEvent(scheduleChain, priorities)
			}
		}
		e.lane = s.lanes.number(w.lane(e.entry))
		s.add(e)
	}
}

// enable lists the events that are enabled, and drops those that have become void among
// the pending ones that come up for it. Whether one behind the window is void is not asked:
// that would be most of what a step costs. Nor are more of the later ones taken over than
// the window reaches.
func (w *World[M]) enable() {
	s := w.scheduler
	if w.dead > 1024+len(s.later)/2 { // many of those that wait behind the first ones
		s.later = slices.DeleteFunc(s.later, func(e waitingEvent) bool { return w.dropsVoid(&e.entry) })
		heap.Init(&s.later)
	}
	s.tidy()
	s.lanes.scan++
	s.enabled = s.enabled[:0]
	met, kept := 0, 0
	for ; kept < mostChoices; met++ {
		if met == len(s.pending) {
			if len(s.later) == 0 {
				break
			}
			s.pending = append(s.pending, heap.Pop(&s.later).(waitingEvent))
		}
		e := &s.pending[met]
		if kept > 0 && e.at-s.pending[0].at > uint64(s.Window) {
			break
		}
		if w.dropsVoid(&e.entry) {
			continue
		}
		if s.lanes.leads(e.lane) {
			s.enabled = append(s.enabled, kept)
		}
		s.pending[kept] = *e
		kept++
	}
	s.pending = slices.Delete(s.pending, kept, met)
}

// dueService returns the pending event, if any, that ends a service. It comes next: the
// event that was served has had its delay by the schedule already.
func (w *World[M]) dueService() (int, bool) {
	for _, i := range w.scheduler.enabled {
		switch e := &w.scheduler.pending[i]; {
		case Time(e.at) > w.now:
			return 0, false
		case w.at(e.slot).op == eventServed:
			return i, true
		}
	}
	return 0, false
}

// pick returns which pending event is next.
func (w *World[M]) pick() int {
	s := w.scheduler
	step := s.step + 1
	switch s.Strategy {
	case RandomWalk:
		return s.enabled[w.chooseEvent(scheduleNext, len(s.enabled))]
	case PCT:
		for j, point := range s.points {
			if point == step {
				s.pending[s.highest()].priority = j
			}
		}
		return s.highest()
	}
	for _, point := range s.points {
		if point == step {
			s.pending[s.foremost()].behind = w.seq
		}
	}
	return s.foremost()
}

// highest is the enabled event of the highest priority, the earliest of several.
func (s *scheduler) highest() int {
	best := s.enabled[0]
	for _, i := range s.enabled {
		if s.pending[i].priority > s.pending[best].priority {
			best = i
		}
	}
	return best
}

// foremost is the earliest enabled event that is not behind another one.
func (s *scheduler) foremost() int {
	for _, i := range s.enabled {
		e := &s.pending[i]
		behind := func(j int) bool {
			o := &s.pending[j]
			return o.seq <= e.behind && o.behind < e.behind
		}
		if e.behind == 0 || !slices.ContainsFunc(s.enabled, behind) {
			return i
		}
	}
	panic("sim: every enabled event is behind another") // the one of the smallest behind is not
}

// Scheduled returns how many steps the run has taken by its Schedule, and how
// many chains of events PCT has told apart.
func (w *World[M]) Scheduled() (steps, chains int) {
	if w.scheduler == nil {
		return 0, 0
	}
	return w.scheduler.step, w.scheduler.chains
}
