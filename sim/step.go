package sim

import (
	"slices"
	"time"
)

// step takes one event from the queue to its node, or does what it stands for.
func (w *World[M]) step(ev *event[M]) {
	w.stats.Events++
	if ev.op > eventSync {
		w.act(ev)
		return
	}
	e := w.nodes[ev.node]
	switch ev.op {
	case eventDeliver:
		if len(w.cuts) > 0 && w.severed(ev.from, ev.node) != nil {
			w.lose(ev, LostByPartition)
			return
		}
		if !e.alive() {
			w.lose(ev, LostNodeDown)
			return
		}
		ev.token = uint64(w.now)
	case eventTimer:
		ev.queued = false
		e.timers--
	case eventSync:
		e.synced()
		w.free(ev)
		return
	}
	switch {
	case e.paused:
		e.held = append(e.held, held{job: job{slot: ev.slot}})
	case e.host == nil:
		w.handle(e, ev, 0)
	default:
		w.admit(e, ev.slot)
	}
}

// act carries out an event that goes neither to a node's handler nor to its device.
func (w *World[M]) act(ev *event[M]) {
	token := ev.token
	switch ev.op {
	case eventServed:
		w.served(w.nodes[ev.node], uint32(token))
	case eventRestart:
		w.nodes[ev.node].restart()
	case eventResume:
		w.nodes[ev.node].resume()
	case eventPlanned:
		w.planned[token]()
		w.unplan(token)
	}
	w.free(ev)
}

// handle delivers an event to its node; had is how long a core has served it.
func (w *World[M]) handle(e *Env[M], ev *event[M], had time.Duration) {
	if ev.op > eventReceive {
		w.remind(e, ev)
		return
	}
	mail := &ev.mail
	if e.aims != nil && ev.op == eventDeliver && !w.received(e, ev, had) {
		return
	}
	w.stats.Delivered++
	if w.cfg.Tracer != nil {
		w.rec.Arrived, w.rec.Service, w.rec.Copy = Time(ev.token), had, ev.copy
	}
	w.trace(TraceDeliver, e.id, ev.from, mail.Kind, mail.Label, mail.Arg, &ev.msg)
	// The event is freed last, so no copy of the message is needed.
	e.impl.Receive(ev.from, *mail, &ev.msg)
	if e.aims != nil && e.aimed(AfterReceive, mail.Kind) {
		e.meet(AfterReceive, mail.Kind, mail.Label, ev.from)
	}
	w.free(ev)
}

// remind delivers what the node has asked for itself: a timer, or the end of a sync.
func (w *World[M]) remind(e *Env[M], ev *event[M]) {
	op, token := ev.op, ev.token
	w.free(ev)
	if op == eventSynced {
		e.impl.Synced(LSN(token))
		return
	}
	w.trace(TraceTimer, e.id, Nobody, 0, 0, token, nil)
	e.impl.Fired(token)
}

// received asks for faults before a message is handled. It is false if the message is not
// handled now: the fault has crashed or paused the node.
func (w *World[M]) received(e *Env[M], ev *event[M], had time.Duration) bool {
	mail := &ev.mail
	if !e.aimed(BeforeReceive, mail.Kind) {
		return true
	}
	e.meet(BeforeReceive, mail.Kind, mail.Label, ev.from)
	switch {
	case !e.alive():
		w.lose(ev, LostNodeDown)
		return false
	case e.paused: // in front of what the pause took off the host: this event came first
		ev.op = eventReceive
		e.held = slices.Insert(e.held, 0, held{job{slot: ev.slot, had: had}, true})
		return false
	}
	return true
}
