package sim

import (
	"slices"
	"time"
)

// CPU configures the processors of a host. The zero CPU is infinitely fast:
// events are handled the moment they arrive.
//
// With costs, an event waits first-in first-out for a free core and holds it
// for its cost: a message for Message + Mail.Ops × Operation; a timer or a
// finished sync takes its turn but costs nothing. The handler runs atomically
// at the end of the service and its effects leave then. A crash drops what
// waits and what is served; a pause freezes what remains of a service.
//
// Nothing of it may be negative.
type CPU struct {
	Cores     int // 0 means 1
	Message   time.Duration
	Operation time.Duration
}

// host is the processors that one or several nodes share.
type host struct {
	cpu   CPU
	busy  int
	queue []job // that wait, from head on
	head  int
}

// job is an event that waits for a core.
type job struct {
	slot uint32
	left time.Duration // service still needed
	had  time.Duration // service until now; on a core, until it ends
}

// serving is an event on a core.
type serving struct {
	job
	done uint32 // slot of the eventServed that ends it
	due  Time   // when its service ends
}

// admit hands an event of a live, running node to its host.
func (w *World[M]) admit(e *Env[M], slot uint32) {
	w.submit(e, job{slot: slot, left: w.service(e, slot)})
}

// service is how long an event holds a core, faults included.
func (w *World[M]) service(e *Env[M], slot uint32) time.Duration {
	cost := w.cost(e, slot)
	if len(e.slowNode) == 0 {
		return cost
	}
	if e.host.cpu == (CPU{}) && w.at(slot).op == eventDeliver {
		cost = NominalMessage
	}
	return slowed(cost, e.slowNode)
}

// cost is the service of an event at a node that no fault slows.
func (w *World[M]) cost(e *Env[M], slot uint32) time.Duration {
	if ev := w.at(slot); ev.op == eventDeliver {
		cpu := &e.host.cpu
		ops := time.Duration(ev.mail.Ops)
		if ops > 0 && cpu.Operation > (Forever-cpu.Message)/ops {
			return Forever
		}
		return cpu.Message + ops*cpu.Operation
	}
	return 0
}

// submit puts a job at the end of the host's queue.
func (w *World[M]) submit(e *Env[M], j job) {
	e.host.queue = append(e.host.queue, j)
	w.dispatch(e.host)
}

// dispatch starts what waits while a core is free.
func (w *World[M]) dispatch(h *host) {
	for h.busy < max(h.cpu.Cores, 1) && h.head < len(h.queue) {
		j := h.queue[h.head]
		h.head++
		if 2*h.head >= len(h.queue) { // what is moved has been paid for by what went
			h.queue = append(h.queue[:0], h.queue[h.head:]...)
			h.head = 0
		}
		ev := w.at(j.slot)
		if ev.op == eventNone {
			w.free(ev)
			continue
		}
		e, due := w.nodes[ev.node], w.now.Add(j.left)
		j.left = due.Sub(w.now) // less than j.left if virtual time would end before
		h.busy++
		w.stats.Busy += j.left
		e.cpu += j.left
		j.had += j.left
		done := e.schedule(due, eventServed, uint64(j.slot))
		e.serving = append(e.serving, serving{j, done.slot, due})
	}
}

// served runs the handler of an event whose service has ended.
func (w *World[M]) served(e *Env[M], slot uint32) {
	h := e.host
	h.busy--
	i := slices.IndexFunc(e.serving, func(s serving) bool { return s.slot == slot })
	had := e.serving[i].had
	e.serving = slices.Delete(e.serving, i, i+1)
	if ev := w.at(slot); ev.op == eventNone { // a timer cancelled meanwhile
		w.free(ev)
	} else {
		w.handle(e, ev, had)
	}
	w.dispatch(h)
}

// hastenService has an event that holds a core slowly go on at full speed.
func (e *Env[M]) hastenService(s *serving) {
	w := e.w
	left := s.due.Sub(w.now)
	less := min(left, w.cost(e, s.slot))
	if less >= left {
		return
	}
	spared := left - less
	w.cancel(w.at(s.done))
	s.due, s.had = w.now.Add(less), s.had-spared
	s.done = e.schedule(s.due, eventServed, uint64(s.slot)).slot
	w.stats.Busy -= spared
	e.cpu -= spared
}

// evict takes a node's events off its host, those in service first: a crash
// drops them, a pause holds them.
func (w *World[M]) evict(e *Env[M]) []held {
	h := e.host
	if h == nil {
		return nil
	}
	var off []held
	for _, s := range e.serving {
		h.busy--
		left := max(s.due.Sub(w.now), 0) // it may be late
		w.stats.Busy -= left
		e.cpu -= left
		w.cancel(w.at(s.done))
		off = append(off, held{job{s.slot, left, s.had - left}, true})
	}
	e.serving = e.serving[:0]
	waiting := h.queue[h.head:]
	h.queue, h.head = h.queue[:0], 0
	for _, j := range waiting {
		if w.at(j.slot).node == e.id {
			off = append(off, held{j, true})
		} else {
			h.queue = append(h.queue, j)
		}
	}
	return off
}
