package sim

type eventOp uint8

const (
	eventNone eventOp = iota // cancelled at its node
	eventDeliver
	eventReceive // a message that has passed its BeforeReceive and waits for the end of a pause
	eventTimer   // this and all below may become void while they are queued
	eventSynced  // the node hears of the end of a sync
	eventSync    // a sync ends at the device
	eventRestart // token is the incarnation; this and all below concern neither the node's handlers nor its device
	eventResume  // token is the number of the pause
	eventPlanned // token is an index into planned
	eventServed  // a core has finished with the event in slot token
)

// event is kept small, because every message passes through one.
type event[M any] struct {
	op     eventOp
	queued bool   // a timer that has yet to leave the queue
	copy   bool   // of a message: the second one
	slot   uint32 // its number in the queue and in a Timer
	gen    uint32 // grows when it is freed, so that a stale Timer cancels nothing
	node   NodeID
	from   NodeID
	life   uint32 // incarnation of node that a timer or sync belongs to
	token  uint64
	seq    uint64 // counts what has been queued
	mail   Mail
	msg    M
}

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

// more returns an event that has never been used, or any free one once there are as many as
// there may be.
func (w *World[M]) more() *event[M] {
	if int(w.slots) >= w.cfg.Limits.Pending {
		if w.past { // timers of past lives may be queued: once for each crash, so that it costs little
			w.sweep()
		}
		if ev := w.unused.get(); ev != nil {
			return ev
		}
		if ev := w.blank.get(); ev != nil {
			return ev
		}
		w.mostEvents = 0
	}
	if w.slots>>chunkBits == uint32(len(w.events)) {
		w.events = append(w.events, new([1 << chunkBits]event[M]))
	}
	ev := w.at(w.slots)
	ev.slot = w.slots
	w.slots++
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

// dropsVoid reports whether an event that has left the queue is void, and disposes of it then.
func (w *World[M]) dropsVoid(q *entry) bool {
	void := w.void(q)
	if void {
		w.bury(*q)
	}
	return void
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
		w.unplan(ev.token)
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
