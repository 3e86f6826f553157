package sim

import (
	"slices"
	"time"
)

// eventPool is a stack of free events. An event's generation grows when it is freed, so
// that a stale Timer is told apart.
type eventPool[M any] []*event[M]

// get returns one, nil if there is none.
func (p *eventPool[M]) get() *event[M] {
	n := len(*p)
	if n == 0 {
		return nil
	}
	ev := (*p)[n-1]
	*p = (*p)[:n-1]
	return ev
}

// more returns an event that has never been used.
func (w *World[M]) more() *event[M] {
	if w.slots>>chunkBits == uint32(len(w.events)) {
		w.events = append(w.events, new([1 << chunkBits]event[M]))
	}
	ev := w.at(w.slots)
	ev.slot = w.slots
	w.slots++
	if int(w.slots) > w.cfg.Limits.Pending {
		w.mostEvents = 0
	}
	return ev
}

// chunkBits sets how many events are allocated at a time. A chunk never moves.
const chunkBits = 7

func (w *World[M]) at(slot uint32) *event[M] {
	return &w.events[slot>>chunkBits][slot&(1<<chunkBits-1)]
}

func (w *World[M]) free(ev *event[M]) {
	ev.gen++
	if ev.op == eventNone || ev.op > eventReceive { // eventNone: a timer that was cancelled at its node
		w.unused = append(w.unused, ev)
		return
	}
	if w.clears {
		var none M
		ev.msg = none
	}
	ev.copy = false
	w.blank = append(w.blank, ev)
}

func (w *World[M]) enqueue(at Time, ev *event[M]) {
	w.seq++
	ev.seq = w.seq
	w.queue.push(at, ev.slot, ev.gen)
}

// void reports whether a queued event has been cancelled or overtaken. It
// counts for nothing and takes no time.
func (w *World[M]) void(q *entry) bool {
	ev := w.at(q.slot)
	return ev.gen != q.gen || w.overtaken(ev)
}

// overtaken reports whether an event has lost its purpose: its node has crashed since, its
// sync has ended sooner, its pause is over.
func (w *World[M]) overtaken(ev *event[M]) bool {
	switch ev.op {
	case eventSync:
		d := &w.nodes[ev.node].disk
		return ev.life != w.nodes[ev.node].incarnation || !d.running || uint64(d.ordinal) != ev.token // it has ended sooner
	case eventTimer, eventSynced:
		return ev.life != w.nodes[ev.node].incarnation
	case eventRestart:
		e := w.nodes[ev.node]
		return e.state != stateDown || uint64(e.incarnation) != ev.token
	case eventResume:
		e := w.nodes[ev.node]
		return !e.paused || uint64(e.pauseNo) != ev.token
	case eventPlanned:
		return w.calm
	}
	return false
}

// bury disposes of a void event that has left the queue.
func (w *World[M]) bury(q entry) {
	ev := w.at(q.slot)
	switch {
	case ev.gen != q.gen: // cancelled: its slot has been free since
		w.dead--
		return
	case ev.op == eventTimer:
		w.dead--
	case ev.op == eventPlanned:
		w.planned[ev.token] = nil
	}
	w.free(ev)
}

// cancel takes a queued event back. Its entry stays in the queue, void.
func (w *World[M]) cancel(ev *event[M]) {
	w.free(ev)
	w.died(1)
}

// died counts void events in the queue, so that they do not pile up.
func (w *World[M]) died(n int) {
	w.dead += n
	if w.dead > 4096 && w.dead > w.queue.len()/4*3 {
		w.sweep()
	}
}

// sweep drops the void events. Only those in the queue count as dead: each sweep
// drops three quarters of it.
func (w *World[M]) sweep() {
	w.queue.filter(func(e entry) bool {
		switch {
		case w.at(e.slot).gen != e.gen: // cancelled, as most are
			w.dead--
		case w.past && w.void(&e):
			w.bury(e)
		default:
			return true
		}
		return false
	})
	w.past = false
}

// schedule queues an event of a node's present life.
func (e *Env[M]) schedule(at Time, op eventOp, token uint64) *event[M] {
	w := e.w
	ev := w.unused.get()
	if ev == nil {
		ev = w.more()
	}
	ev.op, ev.node, ev.life, ev.token = op, e.id, e.incarnation, token
	w.enqueue(max(at, w.now), ev)
	return ev
}

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
		w.planned[token] = nil
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

// The kernel's own streams.
const (
	purposeDelay = iota
	purposeLoss
	purposeDuplicate
	purposeTwice
	purposeSync
	purposeTorn
	purposes
)

var purposeNames = [purposes]string{"net/delay", "net/loss", "net/duplicate", "net/delay-of-duplicate", "disk/sync", "disk/torn"}

// keyed returns the 64 bits that (purpose, link, label, occurrence) draw. The last mix uses
// the result twice, as a square: a product with a constant would map neighbouring
// occurrences to evenly spaced draws.
func keyed(purpose uint64, from, to uint32, label Label, occurrence uint64) (u uint64) {
	u = mix(mix(purpose^(uint64(from)<<32|uint64(to)), uint64(label)), occurrence)
	return mix(u, u)
}

// sample draws a duration of the link to a node, which may be the node itself.
func (e *Env[M]) sample(purpose int, to NodeID, label Label, occurrence uint64, d *Dist) time.Duration {
	w := e.w
	if w.ordinals != nil {
		if v, ok := w.overruled(purposeNames[purpose], e.id, to, Quantiles); ok {
			return d.at(quantile(v))
		}
	}
	return d.at(keyed(w.purpose[purpose], e.key, w.keys[to], label, occurrence))
}

// happens draws whether a chance event takes place.
func (w *World[M]) happens(purpose int, from, to NodeID, label Label, occurrence uint64, p Probability) bool {
	if w.ordinals != nil {
		if v, ok := w.overruled(purposeNames[purpose], from, to, 2); ok {
			return v == 1
		}
	}
	return p.Hits(keyed(w.purpose[purpose], w.keys[from], w.keys[to], label, occurrence))
}

// overruled asks the Source, if there is one, for the next choice of a stream.
func (w *World[M]) overruled(purpose string, from, to NodeID, n int) (int, bool) {
	if w.ordinals == nil {
		return 0, false
	}
	s := Stream(purpose + " " + w.nodes[from].name)
	if from != to {
		s += Stream("→" + w.nodes[to].name)
	}
	ordinal := w.ordinals[s]
	w.ordinals[s]++
	return w.ask(s, ordinal, n)
}
