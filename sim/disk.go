package sim

import (
	"slices"
	"time"
)

// Disk configures the log device of a node.
type Disk struct {
	// Sync is the time of one sync, however many records it covers. It is drawn by label and
	// kind of the first, and anew if these come again. One sync more moves no other draw of
	// the device where labels rise, or are very few; it may if labels come in any order.
	Sync Dist
	// Torn is the chance that a crash leaves part of the first unsynced record.
	Torn Probability
	// Capacity in bytes of log and checkpoint; 0 is no limit. A node has to ask for
	// what is left of it, see Env.LogRoom: Append goes beyond it. A checkpoint that is
	// being written takes no room; it replaces the log and the one before at one stroke.
	Capacity int64
}

// device is a node's log device: one sync at a time, and appends that come
// while one runs share the next.
type device struct {
	log     []byte // records from base on, durable or not
	base    LSN
	durable LSN  // everything below survives a crash
	want    LSN  // a sync has been asked for up to here
	reach   LSN  // of the running sync: what it makes durable
	due     Time // of the running sync: when it ends

	began   Time          // of the running sync: when it began
	slow    int           // of the running sync: the factor by which it is slowed
	used    time.Duration // by syncs
	ordinal uint32
	running bool
	slows   bool        // a fault slows this device at some time: see Env.slowDisk
	fails   *Strike     // the running sync, or the next, will fail
	loses   *Strike     // the running sync, or the next, writes nothing
	pending *checkpoint // written by the next sync to start; nil for none
	writing *checkpoint // written by the running sync
	bay     *bay        // the shared device it is part of; nil if it is not shared
	begun   repeats     // what its syncs have begun with

	unsynced   []unsyncedRecord // only where faults may strike
	sealed     LSN              // the records below have their checksums; see seal
	checkpoint []byte           // durable
	missing    []span           // ranges that a lying device has said to be durable and never written
	rotten     []LSN            // the ends of records that are spoilt
	damaged    bool             // the last crash has left what faults have spoilt, not just a torn tail
}

// checkpoint is a state that is to take the place of the log before at.
type checkpoint struct {
	state []byte
	at    LSN
}

// span is a range of a log.
type span struct{ from, to LSN }

// unsyncedRecord lets faults aim at the sync of a record.
type unsyncedRecord struct {
	end   LSN
	kind  Kind
	label Label
}

func (d *device) end() LSN { return d.base + LSN(len(d.log)) }

// seal fills in the checksums. It is called only when a log is about to be read as the
// device has it. Most logs never are: while a node is up, it knows what it has written.
func (d *device) seal() {
	if from := max(d.sealed, d.base); from < d.end() {
		seal(d.log[from-d.base:], from)
		d.sealed = d.end()
	}
}

// crash drops what is volatile. If torn is set, part of the first unsynced record stays; u
// is the draw that says how much.
func (d *device) crash(torn bool, u uint64) {
	d.seal()
	keep := int(d.durable - d.base)
	if tail := d.log[keep:]; torn && len(tail) > 0 {
		first := len(tail)
		if _, n := readRecord(tail, d.durable); n > 0 {
			first = n
		}
		if first > 1 { // of a record that an earlier crash has torn, one byte may be left
			keep += 1 + int(u%uint64(first-1))
		}
	}
	d.log = d.log[:keep]
	d.damaged = d.damage(d.log)
	d.missing, d.rotten, d.fails, d.loses = nil, nil, nil, nil
	d.running, d.want = false, 0
	d.pending, d.writing = nil, nil
	d.unsynced = d.unsynced[:0]
}

// damage applies to a log what faults have done to durable bytes of it, which the device
// finds only when the log is next read: ranges that were never written, and records that
// are spoilt. It reports whether there is any.
func (d *device) damage(log []byte) (any bool) {
	for _, m := range d.missing {
		if m.to > d.base {
			any = true
			clear(log[max(m.from, d.base)-d.base : m.to-d.base])
		}
	}
	for _, end := range d.rotten {
		if end > d.base {
			any = true
			log[end-d.base-1] ^= 0x10 // the last byte of the record's data or label
		}
	}
	return any
}

// strike makes a sync fail or lie: the one that is about to begin, else the running one or
// the next.
func (d *device) strike(s *Strike) {
	kept := *s
	if s.FailSync && d.fails == nil {
		d.fails = &kept
	}
	if s.LoseSync && d.loses == nil {
		d.loses = &kept
	}
	if d.running {
		d.fails.meet()
		d.loses.meet()
	}
}

// meet tells, once, that there is a sync to fail or to lose, or a message to strike.
func (s *Strike) meet() {
	if s != nil && s.Met != nil {
		s.Met()
		s.Met = nil
	}
}

// Append queues a record. It is durable only after the matching Synced event;
// a crash before that may lose it or leave a torn tail. It returns the position
// just after the record: durable when Synced reports that position or more. It is 0 if a
// crash has discarded the record. A full device takes it too: see LogRoom.
func (e *Env[M]) Append(kind Kind, label Label, data []byte) LSN {
	d := &e.disk
	if e.aims != nil {
		e.passes(BeforeAppend, kind, label)
	}
	if !e.alive() {
		return 0
	}
	d.log = appendRecord(d.log, kind, label, data)
	end := d.end()
	e.w.stats.Appends++
	e.w.trace(TraceAppend, e.id, Nobody, kind, label, uint64(end), nil)
	if e.w.cfg.Digest != nil && kind >= e.w.cfg.Own {
		e.w.fold(HashString(0, string(d.log[len(d.log)-len(data):])))
	}
	if e.aims != nil {
		d.unsynced = append(d.unsynced, unsyncedRecord{end, kind, label})
		e.passes(AfterAppend, kind, label)
	}
	return end
}

// aim sets where faults may strike the node.
func (e *Env[M]) aim(aims *Aims) {
	d := &e.disk
	e.aims, d.unsynced = aims, d.unsynced[:0]
	if aims != nil && e.alive() {
		for rec := range (Recovery{nil, d.log[d.durable-d.base:], d.durable}).Records() {
			d.unsynced = append(d.unsynced, unsyncedRecord{rec.End(), rec.Kind, rec.Label})
		}
	}
}

// Sync asks that everything appended so far become durable. A Synced event
// follows, at once if it is durable already; syncs asked for while one runs
// share the next.
func (e *Env[M]) Sync() {
	d := &e.disk
	if !e.alive() {
		return
	}
	d.want = d.end()
	if !d.running && d.want == d.durable && d.pending == nil {
		e.schedule(e.w.now, eventSynced, uint64(d.durable))
		return
	}
	e.startSync()
}

// Checkpoint replaces the log up to its present end by state, which must hold
// all that recovery needs of it, once the next sync to start has finished. A
// crash before that leaves the old checkpoint and the whole log.
// state must not be changed afterwards. If it is nil, recovery sees no checkpoint, and
// of the log only what comes after.
func (e *Env[M]) Checkpoint(state []byte) {
	if e.passes(BeforeCheckpoint, 0, 0) {
		e.disk.pending = &checkpoint{state, e.disk.end()}
		e.Sync()
		e.passes(AfterCheckpoint, 0, 0)
	}
}

// Checkpointing says whether a checkpoint has yet to take effect.
func (e *Env[M]) Checkpointing() bool { return e.disk.pending != nil || e.disk.writing != nil }

// LogBytes is the length of the log since the last checkpoint.
func (e *Env[M]) LogBytes() int { return len(e.disk.log) }

// CheckpointBytes is the length of the last checkpoint that took effect.
func (e *Env[M]) CheckpointBytes() int { return len(e.disk.checkpoint) }

// LogRoom is how many bytes the device can still hold. Append itself never
// refuses: a node keeps enough room to finish what it has begun.
func (e *Env[M]) LogRoom() int64 {
	switch {
	case e.fullDisk > 0:
		return 0
	case e.w.cfg.Disk.Capacity == 0:
		return 1 << 62
	}
	return e.w.cfg.Disk.Capacity - int64(len(e.disk.log)) - int64(len(e.disk.checkpoint))
}

// Durable is the position below which the log survives a crash, as the device
// knows it.
func (e *Env[M]) Durable() LSN { return e.disk.durable }

// startSync begins a sync if one is due and none runs. It covers all that has
// been appended, asked for or not.
func (e *Env[M]) startSync() {
	d := &e.disk
	if d.running || d.want <= d.durable && d.pending == nil {
		return
	}
	if d.bay != nil && !d.bay.take(e.id) {
		return
	}
	end := d.end()
	if e.aims != nil && !e.passSync(BeforeSync, end) {
		return
	}
	d.running = true
	d.writing, d.pending = d.pending, nil
	d.ordinal++
	took := e.drawSync()
	d.slow = 1
	if d.slows && len(e.slowDisk) > 0 {
		d.slow = slices.Max(e.slowDisk)
		took = slowed(took, e.slowDisk)
	}
	d.began, d.due, d.reach = e.w.now, e.w.now.Add(took), end
	d.fails.meet()
	d.loses.meet()
	e.w.stats.Syncs++
	e.w.trace(TraceSync, e.id, Nobody, 0, 0, uint64(end), nil)
	e.schedule(d.due, eventSync, uint64(d.ordinal))
}

// synced is the device's side of a finished sync; the node hears of it through
// its CPU.
func (e *Env[M]) synced() {
	d := &e.disk
	reached := d.reach
	d.used += e.w.now.Sub(d.began)
	e.w.took(d.began)
	if f := d.fails; f != nil {
		e.w.trace(TraceSyncFailed, e.id, Nobody, 0, 0, uint64(reached), nil)
		e.crash(f.Down, TailDrawn)
		return
	}
	e.wrote(reached)
	if d.bay != nil {
		e.vacate()
	}
	if c := d.writing; c != nil {
		if !e.passes(BeforeTruncate, 0, 0) {
			return
		}
		d.checkpoint = c.state
		d.log = append(d.log[:0], d.log[c.at-d.base:]...)
		d.base, d.writing = c.at, nil
		e.w.trace(TraceTruncated, e.id, Nobody, 0, 0, uint64(d.base), nil)
		if !e.passes(AfterTruncate, 0, 0) {
			return
		}
	}
	if e.aims != nil {
		if !e.passSync(AfterSync, reached) {
			return
		}
		d.unsynced = slices.DeleteFunc(d.unsynced, func(r unsyncedRecord) bool { return r.end <= reached })
	}
	if e.host == nil && !e.paused {
		// At once: the next sync then covers what the node appends in reaction.
		if e.impl.Synced(reached); e.alive() {
			e.startSync()
		}
		return
	}
	// Before the next sync begins: a fault there may end the life that this
	// event belongs to.
	e.schedule(e.w.now, eventSynced, uint64(reached))
	e.startSync()
}

// wrote makes the log durable up to reached, or, if the device lies about this sync, only
// says so.
func (e *Env[M]) wrote(reached LSN) {
	d := &e.disk
	if d.loses != nil {
		d.loses.meet() // TailKept writes the log without a sync, so that this is where LoseSync strikes
		d.missing, d.loses = append(d.missing, span{d.durable, reached}), nil
		d.writing = nil
	}
	d.durable, d.running = reached, false
	e.w.trace(TraceSynced, e.id, Nobody, 0, 0, uint64(reached), nil)
	if e.w.cfg.Durable != nil {
		e.w.cfg.Durable(e.id)
	}
}

// flush writes what has been appended in the last moment before a crash. A
// checkpoint that waits for its sync is not part of it.
func (e *Env[M]) flush() {
	if d := &e.disk; d.end() > d.durable {
		e.wrote(d.end())
	}
}

// passSync is the fault boundary of a sync: one for every record it covers, or
// one before a sync that covers none.
func (e *Env[M]) passSync(p Point, upTo LSN) bool {
	d := &e.disk
	sync := d.ordinal
	if p == BeforeSync {
		if sync++; len(d.unsynced) == 0 && e.aimed(p, 0) {
			if s := e.at(p, 0, 0, Nobody, sync); s != nil {
				e.strike(s)
			}
		}
	}
	for i := 0; e.alive() && i < len(d.unsynced) && d.unsynced[i].end <= upTo; i++ {
		r := &d.unsynced[i]
		if !e.aimed(p, r.kind) {
			continue
		}
		if s := e.at(p, r.kind, r.label, Nobody, sync); s != nil {
			if s.Rot && p == AfterSync {
				d.rotten = append(d.rotten, r.end)
			}
			e.strike(s)
		}
	}
	return e.alive()
}
