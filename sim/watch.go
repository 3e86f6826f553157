package sim

import (
	"cmp"
	"iter"
	"slices"
	"time"
)

// The functions of this file are for tools that look at a run between two events. Nodes and
// faults must not use them.

// Waits is what an event that has come to its node waits for.
type Waits uint8

// What events wait for.
const (
	NoWait     Waits = iota
	WaitsCore        // a core that is free, or its turn
	WaitsPause       // the end of a pause
)

// Pending is an event that has yet to take place.
type Pending[M any] struct {
	Op    InputOp
	At    Time   // when it is due; Never if it waits
	Node  NodeID // Nobody if it was planned
	Token uint64 // of a timer
	// Served: it is at the node already, and a core is busy with it until At.
	Served bool
	Waits  Waits // it is at the node already; never enabled
	// Fault, of the next event of an Exhaustive schedule, is what goes wrong with it.
	Fault int
	// Enabled: by the schedule it could be next. By latency that is the first one.
	Enabled bool

	From      NodeID // of a message, as are:
	InSession bool
	Session   Label // see Sent
	Mail      Mail
	Msg       *M // valid until the event has taken place

	seq uint64
}

// Watch calls f before each event, once it is settled which event is next. If f returns
// false, the run ends there, Interrupted; Run again continues with the same event, about
// which f is asked again.
func (w *World[M]) Watch(f func(next Pending[M]) bool) { w.watch = f }

// Next returns, after RunUntil has paused, a time before which nothing happens.
func (w *World[M]) Next() Time { return w.next }

// shows tells the watcher which event is next. It is false if the watcher ends the run.
func (w *World[M]) shows(e entry, fault int) bool {
	if w.watch == nil {
		return true
	}
	if fault >= FaultCrash { // a crash takes the place of the event; there may not even be one
		return w.watch(Pending[M]{Op: InputCrash, At: w.now, Node: NodeID(fault - FaultCrash), From: Nobody, Enabled: true, Fault: fault})
	}
	p := w.describe(e)
	p.Enabled, p.Fault = true, fault
	return w.watch(p)
}

// Pending lists the events that have yet to take place, by time, as they would
// come by latency, and after them those that wait at their nodes.
func (w *World[M]) Pending() []Pending[M] {
	var all []Pending[M]
	add := func(e entry) {
		if !w.void(&e) {
			all = append(all, w.describe(e))
		}
	}
	w.queue.each(add)
	if s := w.scheduler; s != nil {
		s.each(func(e *waitingEvent) { add(e.entry) })
		for i := range all {
			all[i].Enabled = slices.ContainsFunc(s.enabled, func(j int) bool {
				return j < len(s.pending) && s.pending[j].seq == all[i].seq
			})
		}
	}
	slices.SortFunc(all, func(a, b Pending[M]) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.seq, b.seq)) })
	if w.scheduler == nil && len(all) > 0 {
		all[0].Enabled = true
	}
	return append(all, w.waiting()...)
}

// LastEnd returns when the last of what is under way ends by latency, be it a message, a sync
// or the service at a core; 0 if nothing is. Whoever judges that nothing moves any more has to
// wait for it.
func (w *World[M]) LastEnd() Time {
	var last Time
	see := func(e entry) {
		switch ev := w.at(e.slot); ev.op {
		case eventDeliver, eventSync, eventServed:
			if Time(e.at) > last && !w.void(&e) {
				last = Time(e.at)
			}
		}
	}
	w.queue.each(see)
	if s := w.scheduler; s != nil {
		s.each(func(e *waitingEvent) { see(e.entry) })
	}
	return last
}

// waiting lists the events that wait at their nodes: for cores, in their order, then
// for the end of pauses.
func (w *World[M]) waiting() []Pending[M] {
	var all []Pending[M]
	add := func(slot uint32, what Waits) {
		if w.at(slot).op != eventNone { // cancelled meanwhile
			p := w.describe(entry{slot: slot})
			p.At, p.Waits = Never, what
			all = append(all, p)
		}
	}
	seen := map[*host]bool{nil: true}
	for _, e := range w.nodes {
		if h := e.host; !seen[h] {
			seen[h] = true
			for _, q := range h.queues() {
				for _, j := range q.waiting() {
					add(j.slot, WaitsCore)
				}
			}
		}
	}
	for _, e := range w.nodes {
		for _, h := range e.held {
			add(h.slot, WaitsPause)
		}
	}
	return all
}

func (w *World[M]) describe(e entry) Pending[M] {
	ev := w.at(e.slot)
	p := Pending[M]{At: Time(e.at), Node: ev.node, From: Nobody, seq: ev.seq}
	if ev.op == eventServed {
		ev, p.Served = w.at(uint32(ev.token)), true
	}
	switch ev.op {
	case eventDeliver, eventReceive:
		p.Op, p.From, p.Mail, p.Msg = InputMessage, ev.from, ev.mail, &ev.msg
		link := w.cfg.Network.link(ev.from, ev.node)
		p.InSession, p.Session = link.inSessions(), link.session(ev.mail.Label)
	case eventSync:
		p.Op = InputSync
	case eventSynced:
		p.Op = InputSynced
	case eventRestart:
		p.Op = InputRestart
	case eventResume:
		p.Op = InputResume
	case eventPlanned:
		p.Op = InputPlanned
	default: // a timer, even if it was cancelled while a core served it
		p.Op, p.Token = InputTimer, ev.token
	}
	return p
}

// NodeStatus is the state of a node and of its log device.
type NodeStatus struct {
	Up, Dead, Paused bool
	Life             uint32 // the incarnation, of a node that is down the next one
	Skew             time.Duration

	Checkpoint    int // its length in bytes
	Checkpointing bool
	Durable       LSN  // the log is durable below
	Syncing       bool // below Reach it will be, at Due
	Reach         LSN
	Due           Time
	Torn          int // bytes after the last whole record
}

// Status returns the NodeStatus of a node.
func (w *World[M]) Status(n NodeID) NodeStatus {
	e := w.known("Status", n)
	d := &e.disk
	s := NodeStatus{Up: e.alive(), Dead: e.state == stateDead, Paused: e.paused, Life: e.incarnation, Skew: e.skew,
		Checkpoint: len(d.checkpoint), Checkpointing: e.Checkpointing(), Durable: d.durable, Syncing: d.running, Torn: len(d.log)}
	if d.running {
		s.Reach, s.Due = d.reach, d.due
	}
	for r := range w.Log(n) {
		s.Torn = int(d.end() - r.End())
	}
	return s
}

// Log yields the whole records of a node's log since its checkpoint, durable or
// not.
func (w *World[M]) Log(n NodeID) iter.Seq[LogRecord] {
	d := &w.known("Log", n).disk
	return func(yield func(LogRecord) bool) {
		d.seal()
		for at := 0; at < len(d.log); {
			r, size := readRecord(d.log[at:], d.base+LSN(at))
			if size == 0 || !yield(r) {
				return
			}
			at += size
		}
	}
}

// each calls f with each entry, in any order.
func (q *ladder) each(f func(entry)) {
	for _, e := range q.run[q.head:] {
		f(e)
	}
	for i := range q.rungs[:q.active] {
		for j := range q.rungs[i].buckets {
			q.chunks.each(&q.rungs[i].buckets[j], f)
		}
	}
	q.chunks.each(&q.top, f)
}
