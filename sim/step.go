package sim

import "time"

// alloc returns a free slot of the event slab. The slot's generation tells a
// stale Timer apart.
func (w *World[M]) alloc() uint32 {
	if n := len(w.unused); n > 0 {
		slot := w.unused[n-1]
		w.unused = w.unused[:n-1]
		return slot
	}
	w.events = append(w.events, event[M]{})
	return uint32(len(w.events) - 1)
}

func (w *World[M]) free(slot uint32) {
	ev := &w.events[slot]
	*ev = event[M]{gen: ev.gen + 1}
	w.unused = append(w.unused, slot)
}

func (w *World[M]) enqueue(at Time, slot uint32) {
	w.seq++
	w.queue.push(at, w.seq, slot)
	if w.dead > 4096 && w.dead > w.queue.len()/2 {
		w.sweep()
	}
}

// sweep drops the cancelled events, so that they do not pile up. Some may wait
// at a host and not in the queue: they are dropped when their turn comes.
func (w *World[M]) sweep() {
	w.queue.filter(func(slot uint32) bool {
		if w.events[slot].op != eventNone {
			return true
		}
		w.dead--
		w.free(slot)
		return false
	})
}

// schedule queues an event of a node's present life.
func (w *World[M]) schedule(at Time, op eventOp, node NodeID, token uint64) uint32 {
	slot := w.alloc()
	ev := &w.events[slot]
	ev.op, ev.node, ev.token, ev.due = op, node, token, at
	if node != Nobody {
		ev.life = w.nodes[node].incarnation
	}
	w.enqueue(at, slot)
	return slot
}

// step takes one event from the queue to its node, or does what it stands for.
func (w *World[M]) step(slot uint32) {
	w.stats.Events++
	ev := &w.events[slot]
	switch ev.op {
	case eventDeliver, eventTimer, eventSynced:
		w.arrive(slot)
		return
	case eventServed:
		e, work := w.nodes[ev.node], uint32(ev.token)
		w.free(slot)
		w.served(e, work)
		return
	case eventNone:
		w.dead--
	case eventSync:
		if e := w.nodes[ev.node]; e.incarnation == ev.life {
			e.synced(LSN(ev.token))
		}
	case eventRestart:
		if e := w.nodes[ev.node]; e.state == stateDown && uint64(e.incarnation) == ev.token {
			e.restart()
		}
	case eventResume:
		if e := w.nodes[ev.node]; e.paused && uint64(e.pauses) == ev.token {
			e.resume()
		}
	case eventPlanned:
		if !w.calm {
			w.planned[ev.token]()
		}
		w.planned[w.events[slot].token] = nil
	}
	w.free(slot)
}

// arrive brings a message, timer or finished sync to its node.
func (w *World[M]) arrive(slot uint32) {
	ev := &w.events[slot]
	e := w.nodes[ev.node]
	if ev.op == eventDeliver {
		switch {
		case len(w.cuts) > 0 && w.severed(ev.from, ev.node):
			w.lose(slot, LostByPartition)
			return
		case !e.alive():
			w.lose(slot, LostNodeDown)
			return
		}
	} else if ev.life != e.incarnation {
		w.free(slot)
		return
	}
	if e.paused {
		e.held = append(e.held, held{slot: slot})
		return
	}
	w.admit(e, slot)
}

// handle lets the node react to its event.
func (w *World[M]) handle(e *Env[M], slot uint32) {
	ev := &w.events[slot]
	switch ev.op {
	case eventDeliver:
		w.deliver(e, slot)
	case eventTimer:
		token := ev.token
		w.free(slot)
		w.trace(TraceTimer, e.id, Nobody, 0, 0, token, nil)
		e.impl.Fired(token)
	case eventSynced:
		reached := LSN(ev.token)
		w.free(slot)
		e.impl.Synced(reached)
	}
}

func (w *World[M]) deliver(e *Env[M], slot uint32) {
	ev := &w.events[slot]
	from, mail := ev.from, ev.mail
	kind, label := mail.Kind, mail.Label
	if w.faults != nil {
		e.strike(w.faults.At(Boundary{e.id, BeforeReceive, kind, label, from}))
		switch ev = &w.events[slot]; {
		case !e.alive():
			w.lose(slot, LostNodeDown)
			return
		case e.paused:
			ev.left = 0
			e.held = append(e.held, held{slot, true})
			return
		}
	}
	w.stats.Delivered++
	w.trace(TraceDeliver, e.id, from, kind, label, mail.Arg, &ev.msg)
	w.current = ev.msg
	w.free(slot)
	e.impl.Receive(from, mail, &w.current)
	if w.faults != nil && e.alive() {
		e.strike(w.faults.At(Boundary{e.id, AfterReceive, kind, label, from}))
	}
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

// keyed returns the 64 bits that (purpose, link, label, occurrence) draw.
func keyed(purpose uint64, from, to NodeID, label Label, occurrence uint64) uint64 {
	return mix(mix(purpose^(uint64(from)<<32|uint64(uint32(to))), uint64(label)), occurrence)
}

// sample draws a duration.
func (w *World[M]) sample(purpose int, from, to NodeID, label Label, occurrence uint64, d Dist) time.Duration {
	if w.ordinals != nil {
		if v, ok := w.overruled(purposeNames[purpose], from, to, Quantiles); ok {
			return d.Sample(quantile(v))
		}
	}
	return d.Sample(keyed(w.purpose[purpose], from, to, label, occurrence))
}

// happens draws whether a chance event takes place.
func (w *World[M]) happens(purpose int, from, to NodeID, label Label, occurrence uint64, p Probability) bool {
	if w.ordinals != nil {
		if v, ok := w.overruled(purposeNames[purpose], from, to, 2); ok {
			return v == 1
		}
	}
	return p.Hits(keyed(w.purpose[purpose], from, to, label, occurrence))
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
	return w.cfg.Source.Choose(s, ordinal, n)
}
