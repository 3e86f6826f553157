package sim

import (
	"fmt"
	"slices"
	"time"
)

// Strike is what a fault does at a boundary; the zero Strike is nothing.
type Strike struct {
	Crash bool
	Tail  Tail // of Crash
	// Pause lets a step within which it strikes finish first: what the node does in it
	// takes place at once, whatever the pause was in front of. At BeforeReceive alone
	// the step has not begun, and waits with its message.
	Pause     bool
	For       time.Duration // of Crash or Pause; Forever
	Drop      bool          // the message, at BeforeSend
	Duplicate bool          // the message, at BeforeSend
	Delay     time.Duration // added to the message's own, at BeforeSend
	Late      time.Duration // of Duplicate: added besides to that of the second copy

	// FailSync makes the sync fail, the one that is about to begin at BeforeSync,
	// else the running one or the next: the node learns of it at its end and
	// crashes, for Down, because what the device then holds is anybody's guess.
	FailSync bool
	Down     time.Duration
	// LoseSync makes the device lie about the sync, the same one: it says that it
	// is done, and at the next crash loses what it was to write. What was written
	// after it stays, so that the log is corrupt and not just short. A
	// checkpoint that it was to write does not take effect.
	LoseSync bool
	// Met is called when FailSync or LoseSync meets a sync: the running one, at once, or
	// the next when it begins, unless a crash or the end of faults comes first. At
	// BeforeSend it is called when Delay or Duplicate meets a message: one of which a copy
	// is on its way. It may be nil.
	Met func()
	// Rot, at AfterSync, spoils the record on the device. Nobody notices before
	// the next recovery.
	Rot bool
}

// Tail is what a crash makes of the records that are not synced.
type Tail uint8

// The fates of an unsynced tail.
const (
	// TailDrawn: lost, with the chance of Disk.Torn that part of its first
	// record stays.
	TailDrawn Tail = iota
	TailLost
	TailTorn // part of its first record stays
	// TailKept: the device has just written all of it when the node crashes, and
	// the node has not heard of it.
	TailKept
)

// Forever is the duration of a fault that only EndFaults ends: a pause or a
// partition. A node that crashes for Forever is dead and stays so.
const Forever time.Duration = 1<<63 - 1

// strike carries out a strike on the node.
func (e *Env[M]) strike(s *Strike) {
	if !e.immortal && (s.FailSync || s.LoseSync) {
		e.disk.strike(s)
	}
	switch {
	case s.Crash:
		e.crash(s.For, s.Tail)
	case s.Pause:
		e.pause(s.For)
	}
}

// Strike strikes a node now; from a function that FaultAt runs. It reports whether that
// does anything. What a strike does to a message or a record, it does at a boundary only.
func (w *World[M]) Strike(n NodeID, s Strike) bool {
	e := w.known("Strike", n)
	if !w.started {
		panic("sim: Strike: the world has not started")
	}
	s.Drop, s.Duplicate, s.Delay, s.Rot = false, false, 0, false
	does := e.affected(&s)
	e.strike(&s)
	return does
}

// Affects reports whether a strike would change anything about a node now. Nothing affects
// a node that is dead, no pause affects one that is down or paused for as long already, and
// a sync cannot fail or lie twice.
func (w *World[M]) Affects(n NodeID, s Strike) bool { return w.known("Affects", n).affected(&s) }

func (e *Env[M]) affected(s *Strike) bool {
	d := &e.disk
	switch {
	case e.state == stateDead:
		return false
	case s.Drop, s.Duplicate, s.Delay > 0, s.Rot:
		return true
	case e.immortal:
		return false
	}
	return s.Crash || s.Pause && e.pauses(s.For) || s.FailSync && d.fails == nil || s.LoseSync && d.loses == nil
}

// Purpose is what many draws are for: its name is hashed once for all of them.
type Purpose struct {
	name string
	hash uint64
}

// Purpose returns the purpose of a name.
func (w *World[M]) Purpose(name string) Purpose { return Purpose{name, HashString(w.cfg.Seed, name)} }

func (p Purpose) String() string { return p.name }

// Happens draws whether a chance fault strikes, keyed like Draw.
func (w *World[M]) Happens(purpose Purpose, n NodeID, label Label, occurrence uint64, p Probability) bool {
	if w.ordinals != nil {
		if v, ok := w.overruled(purpose.name, n, n, 2); ok {
			return v == 1
		}
	}
	return p.Hits(keyed(purpose.hash, w.keys[n], w.keys[n], label, occurrence))
}

// Choose returns a choice among 0..n-1, keyed like Draw.
func (w *World[M]) Choose(purpose string, node NodeID, label Label, occurrence uint64, n int) int {
	return w.known("Choose", node).Choose(purpose, label, occurrence, n)
}

// SetSkew sets a node's clock ahead of virtual time, before the run begins.
func (w *World[M]) SetSkew(n NodeID, d time.Duration) {
	if w.started {
		panic("sim: SetSkew: the world has started")
	}
	w.known("SetSkew", n).skew = d
}

// Crash crashes a node at time t; it restarts after d, and never if d is
// Forever. For a node that is down already, d counts anew. As for all faults, the node
// must have been added.
func (w *World[M]) Crash(t Time, n NodeID, d time.Duration) {
	e := w.known("Crash", n)
	lasts("Crash", d)
	w.FaultAt(t, func() { e.crash(d, TailDrawn) })
}

// Pause stops time for a node from t for d: events wait, state stays, and the
// other nodes go on. A node that is down at t is not paused, not even once it is up,
// and a crash ends a pause. A pause within a pause lengthens it if it ends later.
func (w *World[M]) Pause(t Time, n NodeID, d time.Duration) {
	e := w.known("Pause", n)
	lasts("Pause", d)
	w.FaultAt(t, func() { e.pause(d) })
}

// Tear has the next crash of a node leave part of the first unsynced record, whatever tail
// that crash asks for, even if a failed sync causes it. torn is called if there was such a
// record; it may be nil.
func (w *World[M]) Tear(n NodeID, torn func()) {
	if torn == nil {
		torn = func() {}
	}
	w.known("Tear", n).tears = torn
}

// SlowDisk multiplies the time of a node's syncs that begin between t and t+d
// by a positive factor. Where several overlap, the largest counts.
func (w *World[M]) SlowDisk(t Time, n NodeID, factor int, d time.Duration) {
	e := w.known("SlowDisk", n)
	e.disk.slows = true
	w.slow("SlowDisk", t, &e.slowDisk, factor, d)
}

// NominalMessage is what a message costs a slow node, before it is multiplied,
// where the CPU costs nothing.
const NominalMessage = 10 * time.Microsecond

// SlowNode multiplies the time that messages which reach a node between t and
// t+d hold a core by a positive factor. Where several overlap, the largest
// counts. A node of a world without CPU costs has one core from then on, for
// which its events wait in line.
func (w *World[M]) SlowNode(t Time, n NodeID, factor int, d time.Duration) {
	e := w.known("SlowNode", n)
	if e.immortal {
		return
	}
	w.FaultAt(t, func() {
		if e.wasSlow = true; e.host == nil {
			e.host = &host{}
		}
	})
	w.slow("SlowNode", t, &e.slowNode, factor, d)
}

func (w *World[M]) slow(call string, t Time, factors *[]int, factor int, d time.Duration) {
	if factor < 1 {
		panic(fmt.Sprintf("sim: %s: factor = %d: must be positive", call, factor))
	}
	w.during(call, t, d, func() { *factors = append(*factors, factor) }, func() {
		i := slices.Index(*factors, factor)
		*factors = slices.Delete(*factors, i, i+1)
	})
}

// slowed multiplies a duration by the largest factor.
func slowed(d time.Duration, factors []int) time.Duration {
	if len(factors) == 0 {
		return d
	}
	factor := time.Duration(slices.Max(factors))
	return min(d, Forever/factor) * factor
}

// FullDisk leaves a node's log device without room from t for d: see LogRoom.
func (w *World[M]) FullDisk(t Time, n NodeID, d time.Duration) {
	e := w.known("FullDisk", n)
	w.during("FullDisk", t, d, func() { e.fullDisk++ }, func() { e.fullDisk-- })
}

// during plans begin for t and end for t+d; call names the calling function.
func (w *World[M]) during(call string, t Time, d time.Duration, begin, end func()) {
	lasts(call, d)
	w.FaultAt(t, begin)
	if d != Forever {
		w.FaultAt(t.Add(d), end)
	}
}

// EndFaults ends all injected faults and the chance of new ones: links heal
// and lose nothing more, pauses end, slow nodes and devices are fast again,
// full ones have room, a running sync neither fails nor lies, nodes that are
// down but not dead restart.
func (w *World[M]) EndFaults() {
	w.Inject(nil)
	if !w.calm {
		w.calmed = w.now
	}
	w.calm, w.rec.Calm = true, true
	for _, cut := range slices.Clone(w.cuts) {
		if cut != nil {
			w.heal(cut)
		}
	}
	for _, e := range w.nodes {
		e.hasten()
		e.slowDisk, e.slowNode, e.fullDisk = nil, nil, 0
		e.packetsAt = -1 // forget the present packet: its fate may have been drawn as a loss
		e.disk.fails, e.disk.loses = nil, nil
		switch {
		case e.state == stateDown:
			e.schedule(w.now, eventRestart, uint64(e.incarnation))
		case e.paused:
			e.schedule(w.now, eventResume, uint64(e.pauseNo))
		}
	}
}

// hasten restores full speed when faults end: for the running sync, and for what waits for
// a core or holds one.
func (e *Env[M]) hasten() {
	w, d := e.w, &e.disk
	if d.running && d.slow > 1 {
		d.due = w.now.Add(max(d.due.Sub(w.now), 0) / time.Duration(d.slow))
		e.schedule(d.due, eventSync, uint64(d.ordinal)) // the event at the old, later time is then void
	}
	if !e.wasSlow {
		return
	}
	for i := range e.held {
		e.held[i].left = min(e.held[i].left, w.cost(e, e.held[i].slot))
	}
	if e.host == nil {
		return
	}
	for _, q := range e.host.queues() { // also of the other nodes on the host: faults end for all at once
		for i, j := range q.waiting() {
			q.waiting()[i].left = min(j.left, w.cost(e, j.slot))
		}
	}
	for i := range e.serving {
		e.hastenService(&e.serving[i])
	}
}

// EndFaultsAt is EndFaults at a time to come, or now in an event of its own.
func (w *World[M]) EndFaultsAt(t Time) { w.FaultAt(t, w.EndFaults) }

// Calm reports whether faults have ended.
func (w *World[M]) Calm() bool { return w.calm }

// Calmed returns when faults have ended; 0 if they have not.
func (w *World[M]) Calmed() Time { return w.calmed }

// Slowest returns the longest time since faults ended that a message has waited for its
// processor, service included, or that a sync has taken. Whoever judges that nothing moves
// any more has to allow for what is slow.
func (w *World[M]) Slowest() time.Duration { return w.slowest }

// took takes note of how long something took that began at a time.
func (w *World[M]) took(since Time) {
	if w.calm {
		w.slowest = max(w.slowest, w.now.Sub(max(since, w.calmed)))
	}
}

// Recovers reports whether a fault is going to begin or to end by itself: one that
// is planned, the restart of a node, the end of a pause.
func (w *World[M]) Recovers() bool {
	return !w.calm && len(w.planned) > len(w.idle) || w.ReturnsAt() > 0
}

// ReturnsAt is when the last of the nodes that are down or paused is going to come back by
// itself; 0 if none is.
func (w *World[M]) ReturnsAt() Time {
	var last Time
	for _, e := range w.nodes {
		if (e.state == stateDown || e.paused) && e.returns != Never {
			last = max(last, e.returns)
		}
	}
	return last
}

// FaultAt runs f at time t unless faults have ended by then. Few faults are planned at a
// time, so a closure each does not hurt.
func (w *World[M]) FaultAt(t Time, f func()) {
	if f == nil {
		panic("sim: FaultAt: there is nothing to run: f is nil")
	}
	var place uint32
	if n := len(w.idle); n > 0 {
		place, w.idle = w.idle[n-1], w.idle[:n-1]
		w.planned[place] = f
	} else {
		place = uint32(len(w.planned))
		w.planned = append(w.planned, f)
	}
	ev := w.unused.get()
	if ev == nil {
		ev = w.more()
	}
	ev.op, ev.node, ev.token = eventPlanned, Nobody, uint64(place)
	w.enqueue(max(t, w.now), ev)
}

// unplan leaves the place of a planned fault to another.
func (w *World[M]) unplan(place uint64) {
	w.planned[place] = nil
	w.idle = append(w.idle, uint32(place))
}
