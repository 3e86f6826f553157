package sim

import (
	"fmt"
	"time"
)

type nodeState uint8

const (
	stateUp nodeState = iota
	stateDown
	stateDead // down for ever
)

// Env is a node of a World, and all that its state machine, a Node, can see and do. It
// outlives the Node, which each life has anew. Every effect takes place when it is
// called; once a fault has crashed the node within a step, the rest of that
// step's effects are discarded.
type Env[M any] struct {
	// What most events touch stands first and together, in the order in which they do:
	// with thousands of nodes, the memory of each is out of the processor's cache when
	// its turn comes. Each part is a line or two of it.
	w           *World[M]
	impl        Node[M]
	host        *host
	aims        *Aims // of faults
	id          NodeID
	incarnation uint32
	key         uint32 // see World.Key
	timers      int32  // of this life, in the queue
	state       nodeState
	paused      bool
	fullDisk    int16  // faults that leave the device without room
	packetsSent uint32 // at the instant packetsAt

	disk  device
	name  string
	build func(*Env[M]) Node[M]

	packetsAt Time
	skew      time.Duration
	packets   [shareable]packet // the last that were sent at packetsAt

	cpu      time.Duration // core time spent
	slowDisk []int         // factors of the sync time
	slowNode []int         // factors of the service time
	wasSlow  bool          // slowNode has been set before
	returns  Time          // when the pause or the downtime ends; Never if only EndFaults ends it
	immortal bool
	tears    func() // see World.Tear

	cuts    []uint8 // its role in each of World.cuts
	pauseNo uint32
	held    []held    // what arrived or was on the host while paused
	serving []serving // on the host's cores

	sessions sessions
}

// Usage is how long a node has kept its devices busy so far. Work that a crash cuts short
// counts up to the crash for cores, and not at all for the log device.
type Usage struct {
	CPU  time.Duration // core time
	Disk time.Duration // of syncs
}

// Usage returns a node's Usage so far.
func (w *World[M]) Usage(id NodeID) Usage {
	e := w.known("Usage", id)
	u := Usage{e.cpu, e.disk.used}
	for _, s := range e.serving { // its whole service was counted when it began
		u.CPU -= max(s.due.Sub(w.now), 0)
	}
	if e.disk.running {
		u.Disk += w.now.Sub(e.disk.began)
	}
	return u
}

// held is an event that waits for the end of a pause.
type held struct {
	job
	evicted bool // was on the host already and keeps what service it had
}

func (e *Env[M]) alive() bool { return e.state == stateUp }

// ID returns the node's own number.
func (e *Env[M]) ID() NodeID { return e.id }

// Name returns the node's name.
func (e *Env[M]) Name() string { return e.name }

// Now is the node's clock: virtual time plus the node's skew.
func (e *Env[M]) Now() Time { return e.w.now.Add(e.skew) }

// Incarnation counts the node's lives from 1. It is unique over restarts, as
// if every start forced it to disk before anything else.
func (e *Env[M]) Incarnation() uint32 { return e.incarnation }

// Alive is false once a fault has crashed the node within the present step. A node need not
// ask before it acts through the Env, which discards such effects; it must ask before it
// writes elsewhere, to a shared history say.
func (e *Env[M]) Alive() bool { return e.alive() }

// SetTimer asks for Fired(token) after d, at once if d is not positive. A
// duration of Forever, or one that ends at Never, sets none.
func (e *Env[M]) SetTimer(d time.Duration, token uint64) Timer {
	at := e.w.now.Add(max(d, 0))
	if !e.alive() || at == Never {
		return Timer{}
	}
	ev := e.schedule(at, eventTimer, token)
	ev.queued = true
	e.timers++
	return Timer{ev.slot + 1, ev.gen}
}

// Cancel cancels a timer of this node that has not fired. Cancelling twice, or after it
// fired, does nothing.
func (e *Env[M]) Cancel(t Timer) {
	if t.slot == 0 {
		return
	}
	ev := e.w.at(t.slot - 1)
	if ev.gen != t.gen || ev.op != eventTimer || ev.node != e.id || ev.life != e.incarnation {
		return
	}
	if !ev.queued {
		ev.op = eventNone // it is at the node, where its turn comes to be dropped
		return
	}
	ev.queued = false
	e.timers--
	e.w.cancel(ev)
}

// Note adds a record about the node itself to the trace; m is for the reader
// and may point to anything immutable, or be nil.
func (e *Env[M]) Note(mail Mail, m *M) {
	if e.alive() {
		if e.w.cfg.Digest != nil && m != nil {
			e.w.foldNote(mail, m)
		}
		var shown *M
		if e.w.cfg.Tracer != nil && m != nil {
			shown = &e.w.scratch // what a tracer is given would move to the heap
			*shown = *m
		}
		e.w.trace(TraceNote, e.id, Nobody, mail.Kind, mail.Label, mail.Arg, shown)
	}
}

// Draw returns 64 uniform bits of the node's stream for a purpose. It is keyed
// by label and occurrence: the same ones draw the same bits, whatever else the
// run does.
func (e *Env[M]) Draw(purpose string, label Label, occurrence uint64) uint64 {
	p := HashString(e.w.cfg.Seed, purpose)
	if u, ok := e.w.overruled(purpose, e.id, e.id, Quantiles); ok {
		return quantile(u)
	}
	return keyed(p, e.key, e.key, label, occurrence)
}

// Choose returns a choice among 0..n-1 of the node's stream for a purpose,
// keyed like Draw.
func (e *Env[M]) Choose(purpose string, label Label, occurrence uint64, n int) int {
	if n < 1 {
		panic(fmt.Sprintf("sim: Choose: %q among %d choices: must be at least 1", purpose, n))
	}
	if v, ok := e.w.overruled(purpose, e.id, e.id, n); ok {
		return v
	}
	u := keyed(HashString(e.w.cfg.Seed, purpose), e.key, e.key, label, occurrence)
	return int(u % uint64(n))
}

// Stop takes the node out of the run for good: it found its own state beyond
// repair.
func (e *Env[M]) Stop() {
	if e.alive() {
		e.w.trace(TraceStopped, e.id, Nobody, 0, 0, uint64(e.incarnation), nil)
		e.fail(Forever, TailDrawn)
	}
}

// Dead reports whether a node is down for ever, which no node could know; for
// clients outside the system only.
func (e *Env[M]) Dead(n NodeID) bool { return e.w.Dead(n) }

// crash is a fault that takes the node down now.
func (e *Env[M]) crash(d time.Duration, tail Tail) {
	if e.immortal || e.state == stateDead {
		return
	}
	if e.alive() {
		e.w.stats.Crashes++
		if e.tears != nil {
			if tail = TailTorn; e.disk.end() > e.disk.durable {
				e.tears()
			}
			e.tears = nil
		}
	}
	e.fail(d, tail)
}

// fail takes the node down now. Its volatile state is gone; it restarts after
// d, built anew.
func (e *Env[M]) fail(d time.Duration, tail Tail) {
	w := e.w
	if e.alive() {
		if tail == TailKept {
			e.flush()
		}
		w.trace(TraceCrash, e.id, Nobody, 0, 0, uint64(e.incarnation), nil)
		torn := tail == TailTorn || tail == TailDrawn &&
			w.cfg.Disk.Torn > 0 && w.happens(purposeTorn, e.id, e.id, 0, uint64(e.incarnation), w.cfg.Disk.Torn)
		e.disk.crash(torn, keyed(w.purpose[purposeTorn], e.key, e.key, 1, uint64(e.incarnation)))
		for _, h := range append(w.evict(e), e.held...) {
			w.discard(h.slot)
		}
		e.held, e.paused = e.held[:0], false
		if e.host != nil {
			w.dispatch(e.host)
		}
	}
	e.state = stateDown
	e.impl = nil
	e.incarnation++ // the pending restart, timers and syncs of this life are void
	w.past = w.past || e.timers > 0
	w.died(int(e.timers))
	e.timers = 0
	e.vacate()
	if d == Forever {
		e.state = stateDead
		w.trace(TraceDead, e.id, Nobody, 0, 0, 0, nil)
		return
	}
	e.returns = w.now.Add(d)
	e.schedule(e.returns, eventRestart, uint64(e.incarnation))
}

// discard drops an event that a crash caught on the way to its handler.
func (w *World[M]) discard(slot uint32) {
	switch ev := w.at(slot); ev.op {
	case eventDeliver, eventReceive:
		w.lose(ev, LostNodeDown)
	default:
		w.free(ev)
	}
}

// restart builds the node anew and lets it recover from its log.
func (e *Env[M]) restart() {
	w := e.w
	w.stats.Restarts++
	e.state = stateUp
	w.trace(TraceRestart, e.id, Nobody, 0, 0, uint64(e.incarnation), nil)
	d := &e.disk
	valid := scanLog(d.log, d.base)
	if d.damaged && corrupt(d.log[valid:], d.base+LSN(valid)) {
		e.Stop()
		return
	}
	if valid < len(d.log) {
		d.log = d.log[:valid]
		w.trace(TraceTorn, e.id, Nobody, 0, 0, uint64(d.end()), nil)
	}
	less := d.end() < d.durable
	d.durable, d.sealed = d.end(), d.end() // what survived is durable, and nothing else is left
	if less && w.cfg.Durable != nil {
		w.cfg.Durable(e.id)
	}
	e.enliven()
	if e.passes(BeforeRecover, 0, 0) {
		e.impl.Recover(Recovery{d.checkpoint, d.log, d.base})
		e.passes(AfterRecover, 0, 0)
	}
}

// pause stops the node's time for d. Within a pause that would end sooner, it moves the
// end.
func (e *Env[M]) pause(d time.Duration) {
	if !e.pauses(d) {
		return
	}
	w := e.w
	if !e.paused {
		e.paused = true
		w.stats.Pauses++
		w.trace(TracePause, e.id, Nobody, 0, 0, 0, nil)
		e.held = append(e.held, w.evict(e)...)
		if e.host != nil {
			w.dispatch(e.host)
		}
	}
	e.returns = w.now.Add(d)
	e.pauseNo++ // voids the end that was scheduled before
	if e.returns != Never {
		e.schedule(e.returns, eventResume, uint64(e.pauseNo))
	}
}

// pauses reports whether a pause of d would stop the node's time for longer than it
// is stopped anyway.
func (e *Env[M]) pauses(d time.Duration) bool {
	return !e.immortal && e.alive() && (!e.paused || e.w.now.Add(d) > e.returns)
}

// resume lets the held events go, in the order they came.
func (e *Env[M]) resume() {
	w := e.w
	e.paused = false
	w.trace(TraceResume, e.id, Nobody, 0, 0, 0, nil)
	waiting := e.held
	e.held = nil
	for i, h := range waiting {
		switch {
		case !e.alive():
			w.discard(h.slot)
		case e.paused: // the last event has begun another pause
			e.held = append(e.held, waiting[i:]...)
			return
		case w.at(h.slot).op == eventNone:
			w.free(w.at(h.slot))
		case e.host == nil:
			w.handle(e, w.at(h.slot), 0)
		case h.evicted:
			w.submit(e, h.job)
		default:
			w.admit(e, h.slot)
		}
	}
}
