package sim

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"
)

// Config is what a run is made of. Two runs of equal configurations, with
// equal nodes, are equal to the byte.
type Config[M any] struct {
	Seed    uint64
	Network Network
	Disk    Disk
	CPU     CPU
	Limits  Limits
	Source  Source // overrules seeded choices; nil: all choices are seeded
	// Size returns the size of a message in bytes, for Stats.Bytes; if it is nil, no bytes
	// are counted.
	Size func(mail *Mail, m *M) int
	// Digest returns what the trace hash takes of a message or note beyond its Mail; 0 is
	// nothing. If it is nil, the hash takes nothing more of any, nor of a record's data.
	Digest func(mail *Mail, m *M) uint64
	// Own is the first kind of the log records whose data the trace hash takes. Of others it
	// has the length.
	Own Kind
	// Schedule is which event is next; the zero Schedule goes by latency.
	Schedule Schedule
	Tracer   Tracer[M] // sees every record; nil for none
	// Memory is where the world takes its allocations from, and leaves them when it is
	// released; nil: it makes its own.
	Memory *Memory[M]
	// Durable, if not nil, is called when a node's log has become durable, after the trace
	// record and before the node hears of it. It may call DurableRecord. It is also called
	// when a node restarts with less than the device had said to be durable.
	Durable func(n NodeID)
}

// Stats counts what happened.
type Stats struct {
	Events, Messages, Packets, Delivered, Duplicates uint64
	Bytes                                            uint64 // of Messages, as Config.Size has it

	Sent                      [256]uint64 // messages by kind
	Lost                      [len(lossNames)]uint64
	Appends, Syncs            uint64
	Crashes, Restarts, Pauses uint64
	Busy                      time.Duration // core time spent
}

// World is one simulated system. It is not safe for concurrent use; run many
// worlds in parallel instead.
type World[M any] struct {
	cfg        Config[M]
	now        Time
	seq        uint64
	queue      ladder
	scheduler  *scheduler // nil: the earliest event is next
	events     []*[1 << chunkBits]event[M]
	slots      uint32       // of events, free or not
	unused     eventPool[M] // free slots
	blank      eventPool[M] // free slots that held messages, whose memory is still in the processor's cache
	clears     bool         // M has pointers, which a free slot must not keep alive
	dead       int          // void events in the queue: cancelled, or of a past life
	past       bool         // some of the dead ones are of a node's past life
	next       Time         // see Next
	nodes      []*Env[M]    // behind them may be those of a released world, to be used again
	keys       []uint32     // by NodeID; see Key
	started    bool
	mostEvents uint64 // that the run may take; 0 once too many were pending
	warmth     uint32 // see warm

	faults     Injector
	boundary   Boundary      // the one that Env.at reuses
	calm       bool          // faults have ended …
	calmed     Time          // … at this time
	slowest    time.Duration // see Slowest
	cuts       []*partition  // from the earliest on; nil where one is healed
	healed     int           // how many of these are
	partitions int
	planned    []func()
	idle       []uint32 // places in planned that are free

	purpose  [purposes]uint64
	ordinals map[Stream]uint64 // of overruled streams; only with a Source

	watch   func(next Pending[M]) bool // nil for none
	scratch M                          // where Env.Note puts the message that a tracer or Config.Digest sees …
	noted   Mail                       // … and its Mail
	rec     Record[M]
	hash    uint64
	records uint64
	stats   Stats

	keyed  map[uint32]NodeID // the nodes by their keys
	barred string            // why Run would panic; "" if it would not
}

// New returns an empty world.
func New[M any](cfg Config[M]) *World[M] {
	cfg.CPU.check()
	cfg.Schedule.check()
	cfg.Disk.check()
	cfg.Limits.check()
	if len(cfg.Network.Links) == 0 {
		cfg.Network.Links = []Link{{}}
	}
	if cfg.Schedule.Strategy == Exhaustive {
		cfg.Network.Links = reliable(cfg.Network.Links)
	}
	if cfg.Limits.Time == 0 {
		cfg.Limits.Time = time.Hour
	}
	if cfg.Limits.Events == 0 {
		cfg.Limits.Events = 1e9
	}
	if cfg.Limits.Pending == 0 {
		cfg.Limits.Pending = 1e7
	}
	w := &World[M]{cfg: cfg, hash: cfg.Seed, mostEvents: cfg.Limits.Events, clears: hasPointers(reflect.TypeFor[M]())}
	for p, name := range purposeNames {
		w.purpose[p] = HashString(cfg.Seed, name)
	}
	if cfg.Source != nil {
		w.ordinals = map[Stream]uint64{}
	}
	if cfg.Memory != nil {
		w.take(cfg.Memory)
	}
	if w.keyed == nil {
		w.keyed = map[uint32]NodeID{}
	}
	return w
}

// Option sets a property of a node.
type Option[M any] func(w *World[M], e *Env[M])

// Immortal makes a node that no fault crashes or pauses and whose events cost
// no CPU: something outside the system, a client say.
func Immortal[M any]() Option[M] {
	return func(w *World[M], e *Env[M]) { e.immortal = true }
}

// OnHostOf places a node on the host of an earlier one, whose cores and log
// device they share. Each has a log of its own, and crashes alone. An Exhaustive
// schedule, in which nothing takes time, has a device for each.
func OnHostOf[M any](other NodeID) Option[M] {
	return func(w *World[M], e *Env[M]) {
		o := w.known("OnHostOf", other)
		if e.host = o.host; w.cfg.Schedule.Strategy == Exhaustive {
			return
		}
		if o.disk.bay == nil {
			o.disk.bay = &bay{}
		}
		e.disk.bay = o.disk.bay
	}
}

// AddNode adds a node before the run begins. build makes its state machine, at
// once for the first life and again after every crash. No two nodes have one name.
func (w *World[M]) AddNode(name string, build func(*Env[M]) Node[M], options ...Option[M]) NodeID {
	w.admits(name, build)
	e := w.env()
	e.w, e.id, e.name, e.build, e.incarnation, e.packetsAt = w, NodeID(len(w.nodes)), name, build, 1, -1
	e.key = w.newKey(e.id, name)
	if c := w.cfg.CPU; c.Message > 0 || c.Operation > 0 {
		e.host = &host{cpu: c}
	}
	e.aims = w.aims(e.id)
	w.nodes = append(w.nodes, e)
	w.keys = append(w.keys, e.key)
	for _, o := range options {
		o(w, e)
	}
	if e.immortal { // also where it was put on another one's host
		e.host = nil
	}
	e.enliven()
	return e.id
}

// Inject sets what decides at every fault boundary; nil is nothing.
func (w *World[M]) Inject(i Injector) {
	w.faults = i
	for _, e := range w.nodes {
		e.aim(w.aims(e.id))
	}
}

// Run runs until nothing is left to happen, a limit is reached or the context
// ends. It may be called again after an interruption, by a context or by Watch, and
// goes on as if there had been none; not after a panic, nor by a node of the world.
func (w *World[M]) Run(ctx context.Context) Status {
	return w.RunUntil(ctx, Never)
}

// RunUntil is Run that also stops, Paused, before the first event after t.
func (w *World[M]) RunUntil(ctx context.Context, t Time) Status {
	if w.barred != "" {
		panic("sim: Run: " + w.barred)
	}
	w.barred = midStep
	status := w.run(ctx, t)
	w.barred = ""
	return status
}

func (w *World[M]) run(ctx context.Context, t Time) Status {
	if !w.started {
		w.started = true
		for _, e := range w.nodes {
			e.impl.Start()
		}
		if w.cfg.Schedule.Strategy != ByLatency {
			w.startScheduler()
		}
	}
	if w.scheduler != nil {
		return w.runScheduled(ctx, t)
	}
	end := min(t, Time(w.cfg.Limits.Time))
	for n := 0; ; n++ {
		if n&0xff == 0 && ctx.Err() != nil {
			return Interrupted
		}
		if w.queue.spent() {
			if !w.queue.refill() {
				return Quiet
			}
			w.warm()
		}
		next := w.queue.first()
		// Dropped before any limit is looked at, and without a step in time:
		// what was cancelled long before must not decide how the run ends.
		ev := w.at(next.slot)
		if ev.gen != next.gen || ev.op >= eventTimer && w.overtaken(ev) {
			e := *next
			w.queue.drop()
			w.bury(e)
			continue
		}
		at := Time(next.at)
		if at > end || w.stats.Events >= w.mostEvents {
			return w.limit(at, t)
		}
		if w.watch != nil && !w.shows(*next, FaultNone) {
			return Interrupted
		}
		w.queue.take(at)
		w.now = at
		w.step(ev)
	}
}

// warm reads the beginnings of the events in the queue's new run and of their nodes, only
// to bring them into the processor's cache. Where so many events are pending that none is
// in the cache, reading them together lets the memory accesses overlap; otherwise each
// event would wait for its own.
func (w *World[M]) warm() {
	if w.queue.len() < crowd {
		return
	}
	for _, e := range w.queue.run {
		if ev := w.at(e.slot); ev.node != Nobody {
			w.warmth += w.nodes[ev.node].incarnation // a use, so that the compiler keeps the read
		}
	}
}

// hasPointers reports whether values of type t may keep others alive.
func hasPointers(t reflect.Type) bool {
	switch k := t.Kind(); k {
	case reflect.Array:
		return t.Len() > 0 && hasPointers(t.Elem())
	case reflect.Struct:
		for f := range t.Fields() {
			if hasPointers(f.Type) {
				return true
			}
		}
		return false
	default:
		return k > reflect.Complex128
	}
}

// Now is the virtual time of the last event.
func (w *World[M]) Now() Time { return w.now }

// Hash is the running hash of the trace.
func (w *World[M]) Hash() uint64 { return w.hash }

// Records is how many trace records the hash covers.
func (w *World[M]) Records() uint64 { return w.records }

// Stats returns the counts so far.
func (w *World[M]) Stats() Stats { return w.stats }

// Nodes is the number of nodes.
func (w *World[M]) Nodes() int { return len(w.nodes) }

// Name returns a node's name.
func (w *World[M]) Name(n NodeID) string {
	if n == Nobody {
		return ""
	}
	return w.known("Name", n).name
}

// Node returns a node's state machine, nil while it is down. It is for tools; nodes and
// faults must not use it.
func (w *World[M]) Node(n NodeID) Node[M] { return w.known("Node", n).impl }

// Dead reports whether a node is down for ever.
func (w *World[M]) Dead(n NodeID) bool { return w.known("Dead", n).state == stateDead }

// Storage returns what a crash of the node at this moment would leave.
func (w *World[M]) Storage(n NodeID) Recovery {
	d := &w.known("Storage", n).disk
	log := d.log[:d.durable-d.base]
	if len(d.missing)+len(d.rotten) > 0 {
		d.seal()
		log = slices.Clone(log)
		d.damage(log)
	} else if w.nodes[n].alive() {
		return Recovery{d.checkpoint, log, d.base} // all good: spare the check
	}
	return NewRecovery(d.checkpoint, log, d.base)
}

// Unsynced reports whether a crash of the node would catch records in its log
// that are not synced.
func (w *World[M]) Unsynced(n NodeID) bool {
	d := &w.known("Unsynced", n).disk
	return d.end() > d.durable
}

// Durable is the position below which a node's log is durable, as its device
// says.
func (w *World[M]) Durable(n NodeID) LSN { return w.known("Durable", n).disk.durable }

// LogRoom is how many bytes a node's log device can still hold, see Env.LogRoom.
func (w *World[M]) LogRoom(n NodeID) int64 { return w.known("LogRoom", n).LogRoom() }

// DurableRecord returns the record of a node's log that begins at an LSN below Durable. Its
// data is valid until the node appends or a checkpoint takes effect. It is for tracers that
// follow TraceSynced.
func (w *World[M]) DurableRecord(n NodeID, at LSN) LogRecord {
	d := &w.known("DurableRecord", n).disk
	if at < d.base || at >= d.durable {
		panic(fmt.Sprintf("sim: DurableRecord: no record begins at %d: the log is durable from %d to %d", at, d.base, d.durable))
	}
	return decodeRecord(d.log[at-d.base:], at)
}

// newKey returns the key of the next node: the hash of its name, and where that of an
// earlier node is the same, as of a pair or so among 100,000 names, that hashed on.
func (w *World[M]) newKey(n NodeID, name string) uint32 {
	key := uint32(HashString(0, name))
	for {
		other, taken := w.keyed[key]
		if !taken {
			w.keyed[key] = n
			return key
		}
		if w.nodes[other].name == name {
			panic(fmt.Sprintf("sim: AddNode: there is a node %q already, and chance would treat both alike", name))
		}
		key = uint32(HashString(uint64(key), name))
	}
}

// Key returns what the draws of a node are keyed by. It is made from the node's name, not
// its number, so that more nodes of one kind change no draws of the others. No two nodes of
// a world have one.
func (w *World[M]) Key(n NodeID) uint32 {
	if uint(n) >= uint(len(w.keys)) {
		w.known("Key", n)
	}
	return w.keys[n]
}

// Draw returns 64 uniform bits keyed by purpose, node, label and occurrence;
// for fault injectors.
func (w *World[M]) Draw(purpose string, n NodeID, label Label, occurrence uint64) uint64 {
	return w.known("Draw", n).Draw(purpose, label, occurrence)
}
