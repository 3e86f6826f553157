package model

import "github.com/seed83d86191/txsim/sim"

// Work is what a worker's log says of an attempt. The analysis reads the history and the
// storage from the workers' logs, not from their memory: a version exists once a commit
// record is durable after the prepare record that contains it, or once a commit-one record
// that contains it is. A worker may promise more than once, after each operation say: its
// last prepare record stands for all before it. A worker made from scratch therefore writes
// these records with Site.Log and reads them with ReadWork. Of other kinds, from KindUser
// on, it may write as many as it likes, in any form. It takes no checkpoints: only
// TwoPhase's workers know their form. A protocol around these keeps its own records beyond
// a checkpoint by Hooks.Keep.
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
	if s.Env.Alive() {
		s.tally.Forced++
	}
	s.Env.Sync()
}

// key returns the name of the attempt in the record; without an ID that is its label.
func (w *Work) key() partKey {
	id := w.ID
	if id == 0 {
		id = WireID(w.Attempt.Label())
	}
	return partKey{w.Coordinator, id}
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
	k := d.key()
	w.Coordinator, w.ID = k.coordinator, k.id
	if w.ID == WireID(rec.Label) {
		w.ID = 0
	}
	if rec.Kind == KindPrepare || rec.Kind == KindCommitOne {
		var r workerRecord
		d.work(&r)
		w.Start, w.Shared = r.start, r.shared
		for i := range r.staged {
			s := &r.staged[i]
			w.Writes = append(w.Writes, StagedWrite{s.key, s.value, s.deleted, s.op})
		}
	}
	if d.err == nil && d.left() > 0 {
		d.err = errRecord
	}
	return w, d.err
}
