package sim

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// reliable returns the links without loss and duplication, which are for the Budget.
func reliable(links []Link) []Link {
	links = slices.Clone(links)
	for i := range links {
		links[i].Loss, links[i].Duplicate = 0, 0
	}
	return links
}

// The choices of a step, beside which event is next.
const (
	FaultNone  = iota
	FaultDrop  // the event is a message, and is lost
	FaultTwice // it is a message, and will come again
	FaultCut   // its node crashes at the boundary that schedule/cut says
	// FaultCrash and what comes after it: the node 0, 1, … crashes instead of the event.
	FaultCrash
	// faultChoices is the number of choices of a fault. Those without a meaning count as
	// none.
	faultChoices = 64
	// mostCuts is the number of boundaries of a step among which the place of a crash is
	// chosen.
	mostCuts = 256
)

// FaultStream and others name the choices of an exhaustive schedule.
const (
	NextStream  Stream = "schedule/next"
	FaultStream Stream = "schedule/fault"
	CutStream   Stream = "schedule/cut"
)

// stepTime is by how much virtual time advances with each step of an exhaustive schedule.
const stepTime = Time(time.Microsecond)

// runExhaustive is RunUntil for an Exhaustive schedule.
func (w *World[M]) runExhaustive(ctx context.Context, t Time) Status {
	s := w.scheduler
	end := min(t, Time(w.cfg.Limits.Time))
	for {
		w.gather()
		w.order()
		switch at := w.now + stepTime; {
		case ctx.Err() != nil:
			return Interrupted
		case len(s.enabled) == 0 && s.left.Crash == 0:
			return Quiet
		case at > end || w.stats.Events >= w.mostEvents:
			return w.limit(at, t)
		}
		next, fault, ok := s.resume()
		if !ok {
			if len(s.enabled) > 0 {
				next = w.chooseEvent(scheduleNext, len(s.enabled))
			}
			fault = w.chooseFault(next)
		}
		e := waitingEvent{}
		switch {
		case len(s.enabled) > 0:
			e = s.pending[s.enabled[next]]
		case fault == FaultNone:
			return Quiet
		}
		if !w.shows(e.entry, fault) {
			s.settled = &settled{e.seq, fault}
			return Interrupted
		}
		w.exhaust(next, fault)
	}
}

// order lists the enabled events: first all but timers, in the order in which they came up,
// then the timers that may fire. Planned events take place at once.
func (w *World[M]) order() {
	s := w.scheduler
	for planned := true; planned; {
		planned = false
		s.pending = slices.DeleteFunc(s.pending, func(e waitingEvent) bool {
			ev := w.at(e.slot)
			switch {
			case w.dropsVoid(&e.entry):
				return true
			case ev.op == eventPlanned:
				w.step(ev)
				planned = true
				return true
			}
			return false
		})
		w.gather()
	}
	s.enabled = s.enabled[:0]
	for i := range s.pending {
		if !w.behind(i) {
			s.enabled = append(s.enabled, i)
		}
	}
	timer := func(i int) bool { return w.at(s.pending[i].slot).op == eventTimer }
	slices.SortStableFunc(s.enabled, func(i, j int) int {
		switch a, b := timer(i), timer(j); {
		case a && b:
			return 0
		case a:
			return 1
		case b:
			return -1
		}
		return cmp.Compare(s.pending[i].seq, s.pending[j].seq)
	})
	if n := slices.IndexFunc(s.enabled, timer); n > 0 && s.left.Timeout == 0 {
		s.enabled = s.enabled[:n]
	}
}

// behind reports whether a pending event is a message of a session of which an
// earlier one has yet to arrive.
func (w *World[M]) behind(i int) bool {
	s := w.scheduler
	ev := w.at(s.pending[i].slot)
	if ev.op != eventDeliver {
		return false
	}
	link := w.cfg.Network.link(ev.from, ev.node)
	if !link.inSessions() {
		return false
	}
	session := link.session(ev.mail.Label)
	return slices.ContainsFunc(s.pending, func(e waitingEvent) bool {
		o := w.at(e.slot)
		return o.op == eventDeliver && o.from == ev.from && o.node == ev.node && link.session(o.mail.Label) == session && e.seq < s.pending[i].seq
	})
}

// chooseFault chooses, within the budget, what goes wrong in a step: with the enabled
// event, or a crash instead of it.
func (w *World[M]) chooseFault(next int) int {
	s := w.scheduler
	l := &s.left
	if l.Crash+l.Drop+l.Duplicate == 0 {
		return FaultNone
	}
	fault := w.chooseEvent(scheduleFault, faultChoices)
	if n := NodeID(fault - FaultCrash); n >= 0 {
		if l.Crash > 0 && int(n) < len(w.nodes) && w.nodes[n].alive() && !w.nodes[n].immortal {
			return fault
		}
		return FaultNone
	}
	if len(s.enabled) == 0 {
		return FaultNone
	}
	ev := w.at(s.pending[s.enabled[next]].slot)
	free := ev.op == eventDeliver && !w.cfg.Network.link(ev.from, ev.node).inSessions()
	switch {
	case fault == FaultDrop && free && l.Drop > 0,
		fault == FaultTwice && free && l.Duplicate > 0,
		fault == FaultCut && l.Crash > 0 && ev.node != Nobody && !w.nodes[ev.node].immortal:
		return fault
	}
	return FaultNone
}

// exhaust carries out a step: the enabled event with its fault, or a crash instead.
func (w *World[M]) exhaust(next, fault int) {
	s := w.scheduler
	if fault >= FaultCrash {
		s.left.Crash--
		w.stride()
		w.nodes[fault-FaultCrash].crash(0, TailLost)
		return
	}
	at := s.enabled[next]
	e := s.pending[at]
	ev := w.at(e.slot)
	quiet := w.at(s.pending[s.enabled[0]].slot).op == eventTimer
	s.pending = slices.Delete(s.pending, at, at+1)
	w.stride()
	if ev.op == eventTimer && !quiet && s.left.Timeout > 0 {
		s.left.Timeout--
	}
	before := w.faults
	switch fault {
	case FaultDrop:
		s.left.Drop--
		w.lose(ev, LostByFault)
		return
	case FaultTwice:
		s.left.Duplicate--
		w.stats.Duplicates++
		w.enqueue(w.now, w.second(ev))
	case FaultCut:
		w.Inject(&cutter{inner: before, at: 1 + w.chooseEvent(scheduleCut, mostCuts)})
	}
	w.stats.Events-- // step counts it too
	w.step(ev)
	if c, cut := w.faults.(*cutter); cut {
		if w.Inject(before); c.at <= c.met {
			s.left.Crash--
		}
	}
}

// stride advances time and counts at the beginning of a step.
func (w *World[M]) stride() {
	w.now += stepTime
	w.queue.now = uint64(w.now)
	w.scheduler.step++
	w.stats.Events++
}

// cutter is an injector that crashes a node at a boundary of its present step. A sync has a
// boundary for each of its records; these count as one, for nothing lies between them.
type cutter struct {
	inner Injector // nil is none
	at    int      // the boundary to strike at, from 1; 0 is none
	met   int      // boundaries met so far
	sync  Boundary // the last boundary met, if it was of a sync
	hit   Boundary // the one that was struck
}

// At implements Injector.
func (c *cutter) At(b *Boundary) *Strike {
	syncs := b.Point == BeforeSync || b.Point == AfterSync
	if !syncs || c.sync.Point != b.Point || c.sync.Sync != b.Sync {
		c.met++
		c.sync = Boundary{}
		if syncs {
			c.sync = *b
		}
		if c.met == c.at {
			c.hit = *b
			return &Strike{Crash: true, Tail: TailLost}
		}
	}
	if c.inner == nil {
		return nil
	}
	return c.inner.At(b)
}

// Enabled yields the events that could be next. It is for a Source that is asked for
// NextStream, and for tools that look at a run between two steps. Nothing is enabled before
// Run.
func (w *World[M]) Enabled(yield func(Pending[M]) bool) {
	switch {
	case w.cfg.Schedule.Strategy != Exhaustive:
		panic("sim: Enabled: the schedule is " + strategyNames[w.cfg.Schedule.Strategy] + ": must be exhaustive")
	case w.scheduler == nil:
		return
	}
	for _, i := range w.scheduler.enabled {
		p := w.describe(w.scheduler.pending[i].entry)
		p.Enabled = true
		if !yield(p) {
			return
		}
	}
}
