package model

import (
	"encoding/binary"
	"slices"
	"strings"

	"github.com/seed83d86191/txsim/sim"
)

// Work is what a worker's log says of an attempt. The analysis reads the history and the
// storage from the workers' logs, not from their memory: a version exists once a commit
// record is durable after the prepare record that contains it, or once a commit-one record
// that contains it is. A worker may promise more than once, after each operation say: its
// last prepare record stands for all before it. A worker made from scratch therefore writes
// these records with Site.Log and reads them with ReadWork. Of other kinds, from KindUser
// on, it may write as many as it likes, in any form. Its checkpoints are those of
// Site.Checkpoint. A protocol around TwoPhase's workers keeps its own records beyond a
// checkpoint by Hooks.Keep.
type Work struct {
	Coordinator sim.NodeID // with Attempt, or with ID if there is one, it names the attempt
	Attempt     Attempt
	ID          WireID        // zero if the protocol has no other name for the attempt
	Start       sim.Time      // of its Age
	Writes      []StagedWrite // the last one of each key
	Shared      []string      // the keys that it has read and must find locked after a crash
}

// StagedWrite is one write that waits for the decision.
type StagedWrite struct {
	Key     string
	Value   string
	Deleted bool
	Op      int32 // index in Transaction.Ops; with the attempt it is the version
}

// Version returns the version that the i-th write installs.
func (w *Work) Version(i int) Version { return Version{w.Attempt, w.Writes[i].Op} }

// Item returns the i-th write as a worker's storage holds it once it is installed.
func (w *Work) Item(worker, i int) StoredItem {
	s := &w.Writes[i]
	return StoredItem{worker, s.Key, s.Value, s.Deleted, w.Version(i)}
}

// PromiseBytes is the most that Site.Log writes in a record that promises these operations of
// one attempt.
func PromiseBytes(ops []PartOp) int64 {
	n := int64(keyBytes + workBytes)
	for i := range ops {
		n += int64(stagedBytes + len(ops[i].Key) + len(ops[i].Value))
	}
	return n
}

// Log appends the record of an attempt to a worker's log, and counts it. Records of
// KindPrepare and KindCommitOne hold all of w, those of KindCommit and KindAbort only the
// name of the attempt. It returns what Env.Append does: the record is not durable yet.
func (s *Site) Log(kind sim.Kind, w *Work) sim.LSN {
	b := appendKey(nil, w.key())
	if kind == KindPrepare || kind == KindCommitOne {
		b = w.append(b)
	}
	return s.Append(kind, w.Attempt.Label(), b)
}

// Append appends a record to the node's log as Env.Append does, and counts it.
func (s *Site) Append(kind sim.Kind, label sim.Label, data []byte) sim.LSN {
	// Before it: a fault may strike there, such as one that fills the device.
	need := int64(len(data))
	if kind == KindPrepare {
		need += LogReserve // the coordinator's decision must find room too
	}
	crowded := s.binds(kind) && s.Env.LogRoom() < need
	lsn := s.Env.Append(kind, label, data)
	if lsn > 0 {
		s.tally.Records++
		if crowded {
			s.tally.Crowded.add(s.Env.Now(), s.Env.ID(), kind, label)
		}
	}
	return lsn
}

// binds reports whether a record of the node needs room: a worker's promise, or what a
// coordinator decides or begins to. A worker keeps room for decisions, but not for the records
// of what it has refused.
func (s *Site) binds(kind sim.Kind) bool {
	switch kind {
	case KindPrepare, KindCommitOne, KindCollecting:
		return true
	case KindCommit, KindAbort:
		return int(s.Env.ID()) < len(s.Coordinators)
	}
	return false
}

// Sync calls Env.Sync, and counts one forced write, for the record that was appended last: who
// forces several records at once and wants each counted calls it after each of them.
func (s *Site) Sync() {
	s.countForced()
	s.Env.Sync()
}

func (s *Site) countForced() {
	if s.Env.Alive() {
		s.tally.Forced++
	}
}

// key returns the name of the attempt in the record; without an ID that is its label.
func (w *Work) key() partKey {
	id := w.ID
	if id == 0 {
		id = WireID(w.Attempt.Label())
	}
	return partKey{w.Coordinator, id}
}

// named takes the name of the attempt from a record; w.Attempt must be set.
func (w *Work) named(k partKey) {
	w.Coordinator, w.ID = k.coordinator, k.id
	if w.ID == WireID(w.Attempt.Label()) {
		w.ID = 0
	}
}

// take takes the rest from a record.
func (w *Work) take(r *workerRecord) {
	w.Start, w.Shared = r.start, r.shared
	for i := range r.staged {
		s := &r.staged[i]
		w.Writes = append(w.Writes, StagedWrite{s.key, s.value, s.deleted, s.op})
	}
}

func (w *Work) append(b []byte) []byte {
	p := part{work: &work{start: w.Start}}
	for i := range w.Writes {
		s := &w.Writes[i]
		p.staged = append(p.staged, staged{key: s.Key, value: s.Value, deleted: s.Deleted, op: s.Op})
	}
	for _, key := range w.Shared {
		p.locked = append(p.locked, held{it: &item{key: key, lock: &lock{holders: []holder{{p: &p}}}}})
	}
	return appendWork(b, &p)
}

// ReadWork reads a record that Site.Log has appended. From a commit or an abort it returns
// only Coordinator, Attempt and ID. It fails if the record is malformed.
func ReadWork(rec sim.LogRecord) (Work, error) {
	d := decoder{b: rec.Data}
	w := Work{Attempt: AttemptOf(rec.Label)}
	switch rec.Kind {
	case KindPrepare, KindCommitOne, KindCommit, KindAbort:
	default:
		return w, errRecord
	}
	w.named(d.key())
	if rec.Kind == KindPrepare || rec.Kind == KindCommitOne {
		var r workerRecord
		d.work(&r)
		w.take(&r)
	}
	if d.err == nil && d.left() > 0 {
		d.err = errRecord
	}
	return w, d.err
}

// Checkpoint is what a worker made from scratch needs of its log: Site.Checkpoint has it take
// the log's place. The analysis reads the storage from it, as from the log: what it leaves out
// is lost.
type Checkpoint struct {
	Items    []StoredItem // the newest version of each key ever written, deleted ones too; in any order
	Promised []Work       // one of each attempt with a prepare record and no decision, durable or not
	Own      []byte       // whatever else the protocol needs, such as which attempts are over
}

// Checkpoint replaces a worker's log up to its present end, once the next sync to start has
// finished: see sim.Env.Checkpoint. What has been appended and is not durable yet is replaced
// as well. A coordinator made from scratch, whose log only it reads, calls that itself.
func (s *Site) Checkpoint(c *Checkpoint) { s.Env.Checkpoint(c.append(nil)) }

// append appends what worker.compact would write, without marks and without what is over: the
// protocol remembers that in Own.
func (c *Checkpoint) append(b []byte) []byte {
	items := slices.SortedFunc(slices.Values(c.Items), func(a, b StoredItem) int { return strings.Compare(a.Key, b.Key) })
	b = binary.LittleEndian.AppendUint32(b, 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(items)))
	for i := range items {
		it := &items[i]
		b = appendItem(b, it.Version.Attempt, &staged{key: it.Key, value: it.Value, deleted: it.Deleted, op: it.Version.Op})
	}
	b = binary.LittleEndian.AppendUint32(b, 0)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(c.Promised)))
	for i := range c.Promised {
		w := &c.Promised[i]
		b = w.append(appendPromise(b, w.key(), w.Attempt, false))
	}
	return appendKept(b, c.Own)
}

// CheckpointDue reports whether the log has become so long that a checkpoint should take its
// place, and none is being written: longer than Config.Checkpoint, and than twice the last
// checkpoint, so that the cost per record stays constant.
func (s *Site) CheckpointDue() bool {
	return s.Env.LogBytes() > max(s.Config.Checkpoint, 2*s.Env.CheckpointBytes()) && !s.Env.Checkpointing()
}

// ReadCheckpoint reads, in a recovery, what Checkpoint has written; it is empty if no
// checkpoint was taken. The records of the log come after it. It fails if the checkpoint is
// malformed.
func (s *Site) ReadCheckpoint(log sim.Recovery) (c Checkpoint, err error) {
	if log.Checkpoint == nil {
		return c, nil
	}
	d := decoder{b: log.Checkpoint}
	strange := d.uint32() > 0 // it has what append leaves out
	d.items(func(w *staged, a Attempt) {
		c.Items = append(c.Items, StoredItem{s.Worker, w.key, w.value, w.deleted, Version{a, w.op}})
	})
	strange = strange || d.uint32() > 0
	d.promises(func(a Attempt, r *workerRecord, decided bool) error {
		w := Work{Attempt: a}
		w.named(r.key)
		w.take(r)
		c.Promised = append(c.Promised, w)
		strange = strange || decided
		return nil
	})
	if c.Own = Kept(log); strange || c.Own == nil || len(c.Own) != d.left()-keptBytes {
		d.fail()
	}
	return c, d.err
}
