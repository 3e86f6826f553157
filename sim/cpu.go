package sim

import "time"

// CPU configures the processors of a host. The zero CPU is infinitely fast:
// events are handled the moment they arrive.
//
// With costs, an event waits first-in first-out for a free core and holds it
// for its cost: a message for Message + Mail.Ops × Operation; a timer or a
// finished sync takes its turn but costs nothing. The handler runs atomically
// at the end of the service and its effects leave then. A crash drops what
// waits and what is served; a pause freezes what remains of a service.
type CPU struct {
	Cores     int // 0 means 1
	Message   time.Duration
	Operation time.Duration
}

// host is the processors that one or several nodes share.
type host struct {
	cpu   CPU
	busy  int
	queue []uint32 // slots that wait, from head on
	head  int
}

// admit hands an event of a live, running node to its host.
func (w *World[M]) admit(e *Env[M], slot uint32) {
	h := e.host
	if h == nil {
		w.handle(e, slot)
		return
	}
	ev := &w.events[slot]
	ev.left = 0
	if ev.op == eventDeliver {
		ev.left = h.cpu.Message + time.Duration(ev.mail.Ops)*h.cpu.Operation
	}
	h.queue = append(h.queue, slot)
	w.dispatch(h)
}

// dispatch starts what waits while a core is free.
func (w *World[M]) dispatch(h *host) {
	for h.busy < max(h.cpu.Cores, 1) && h.head < len(h.queue) {
		slot := h.queue[h.head]
		h.head++
		if h.head == len(h.queue) || h.head > 1024 {
			h.queue = append(h.queue[:0], h.queue[h.head:]...)
			h.head = 0
		}
		ev := &w.events[slot]
		if ev.op == eventNone {
			w.dead--
			w.free(slot)
			continue
		}
		e := w.nodes[ev.node]
		h.busy++
		w.stats.Busy += ev.left
		e.serving = append(e.serving, slot)
		done := w.schedule(w.now.Add(ev.left), eventServed, ev.node, uint64(slot))
		w.events[slot].served = done
	}
}

// served runs the handler of an event whose service has ended.
func (w *World[M]) served(e *Env[M], slot uint32) {
	h := e.host
	h.busy--
	e.unserve(slot)
	if w.events[slot].op == eventNone { // a timer cancelled meanwhile
		w.dead--
		w.free(slot)
	} else {
		w.handle(e, slot)
	}
	w.dispatch(h)
}

func (e *Env[M]) unserve(slot uint32) {
	for i, s := range e.serving {
		if s == slot {
			e.serving = append(e.serving[:i], e.serving[i+1:]...)
			return
		}
	}
}

// evict takes a node's events off its host, those in service first: a crash
// drops them, a pause holds them. freed tells that a core came free.
func (w *World[M]) evict(e *Env[M]) (slots []uint32) {
	h := e.host
	if h == nil {
		return nil
	}
	for _, slot := range e.serving {
		h.busy--
		ev := &w.events[slot]
		left := w.events[ev.served].due.Sub(w.now)
		w.stats.Busy -= left
		ev.left = left
		w.events[ev.served].op = eventNone
		w.dead++
		slots = append(slots, slot)
	}
	e.serving = e.serving[:0]
	waiting := h.queue[h.head:]
	h.queue, h.head = h.queue[:0], 0
	for _, slot := range waiting {
		if w.events[slot].node == e.id {
			slots = append(slots, slot)
		} else {
			h.queue = append(h.queue, slot)
		}
	}
	return slots
}

// resubmit puts an evicted event back at the end of its host's queue with the
// service that it still needs.
func (w *World[M]) resubmit(e *Env[M], slot uint32) {
	if e.host == nil {
		w.handle(e, slot)
		return
	}
	e.host.queue = append(e.host.queue, slot)
	w.dispatch(e.host)
}
