package model

import (
	"iter"
	"slices"

	"github.com/seed83d86191/txsim/sim"
)

// recorder turns what becomes durable in the workers' logs into Installed events. It reads
// the log itself, not the worker's memory: a version exists once the record that commits it
// is on disk, and versions have the order of the log.
type recorder struct {
	hist   History
	images []image // by worker
	pool   *pool
	event  Event // scratch; of no other kind than Installed
	unread BadRecords

	promised func(worker sim.NodeID, attempt sim.Label, keys int)          // may be nil
	clashed  func(worker sim.NodeID, attempt, other sim.Label, key string) // may be nil
}

// image is what the recorder knows of one worker's durable log.
type image struct {
	seen     sim.LSN             // records below have been read
	prepared table[workerRecord] // by partKey.hash
}

// inDoubt reports whether the log holds a promise of the transaction and no
// decision.
func (im *image) inDoubt(txn uint64) bool {
	for w := range im.prepared.all() {
		if AttemptOf(w.label).Txn == txn {
			return true
		}
	}
	return false
}

// promised returns the prepare record of an attempt that the log has not decided, nil if
// there is none.
func (im *image) promised(k partKey) *workerRecord {
	w := im.prepared.get(k.hash())
	for w != nil && w.key != k {
		w = im.prepared.after(k.hash(), w)
	}
	return w
}

// reset empties the image and leaves its records to the pool.
func (im *image) reset(pool *pool) {
	for r := range im.prepared.all() {
		pool.records.put(r)
	}
	im.seen = 0
	im.prepared.reset()
}

// read reads a record that has become durable. r.event holds its time, node and worker.
func (r *recorder) read(im *image, rec sim.LogRecord) {
	switch rec.Kind {
	case KindPrepare, KindCommitOne, KindCommit, KindAbort:
	default:
		return // a kind of another protocol: nothing for the history
	}
	d := decoder{b: rec.Data, texts: &r.pool.texts}
	key := d.key()
	w := im.promised(key)
	if rec.Kind == KindPrepare || rec.Kind == KindCommitOne {
		if w != nil { // it holds all of the work, so that it replaces the promise before it
			im.prepared.remove(key.hash(), w)
			r.pool.records.put(w)
		}
		w = r.pool.getRecord()
		w.key, w.label = key, rec.Label
		d.work(w)
		r.clash(im, w)
	}
	switch {
	case d.err != nil || w == nil && rec.Kind == KindCommit:
		r.unread.add(r.event.At, r.event.Node, rec.Kind, rec.Label)
	case rec.Kind == KindPrepare:
		im.prepared.add(key.hash(), w)
		if r.promised != nil {
			r.promised(r.event.Node, rec.Label, len(w.staged)+len(w.shared))
		}
	case w != nil:
		if rec.Kind != KindAbort {
			r.install(w, AttemptOf(rec.Label))
		}
		im.prepared.remove(key.hash(), w)
		r.pool.records.put(w)
	}
}

// mostCompared bounds the pairs of keys that clash compares for one record: a worker may be in
// doubt about thousands of attempts.
const mostCompared = 128

// clash reports the undecided promises that a new record takes keys from.
func (r *recorder) clash(im *image, w *workerRecord) {
	if im.prepared.n == 0 || r.clashed == nil {
		return
	}
	compared := 0
	for other := range im.prepared.all() {
		if compared += w.keys() * other.keys(); compared > mostCompared {
			return
		}
		if key, ok := w.clashes(other); ok {
			r.clashed(r.event.Node, w.label, other.label, key)
		}
	}
}

// clashes returns a key that two records name and one of them writes.
func (w *workerRecord) clashes(other *workerRecord) (key string, ok bool) {
	for i := range w.staged {
		if key = w.staged[i].key; other.writes(key) || slices.Contains(other.shared, key) {
			return key, true
		}
	}
	for _, key = range w.shared {
		if other.writes(key) {
			return key, true
		}
	}
	return "", false
}

func (w *workerRecord) keys() int { return len(w.staged) + len(w.shared) }

func (w *workerRecord) writes(key string) bool {
	for i := range w.staged {
		if w.staged[i].key == key {
			return true
		}
	}
	return false
}

func (r *recorder) install(w *workerRecord, a Attempt) {
	e, writer := &r.event, AttemptOf(w.label)
	e.Kind, e.Attempt = Installed, a
	for i := range w.staged {
		s := &w.staged[i]
		e.Key, e.Value, e.Deleted, e.Version = s.key, s.value, s.deleted, Version{writer, s.op}
		r.hist.Record(e)
	}
}

// stored yields what the checkpoint and the durable log of a worker amount to: the newest
// version of every key that was ever written, in the order of the keys' first versions. It
// does not ask the worker that ran: it reads the log and the checkpoint again.
func stored(worker int, log sim.Recovery, pool *pool) iter.Seq[StoredItem] {
	return func(yield func(StoredItem) bool) {
		im := pool.images.get()
		w, ok := readStorage(im, log, pool)
		if !ok {
			return
		}
		for _, it := range w.store.written {
			if !yield(StoredItem{worker, it.key, it.value, !it.present, it.version()}) {
				return
			}
		}
		im.reset(pool)
		pool.images.put(im)
		w.retire()
	}
}

// readStorage reads a worker's checkpoint and log into a fresh worker; ok is false if they
// make no sense. Prepared attempts go to im.
func readStorage(im *image, log sim.Recovery, pool *pool) (w *worker, ok bool) {
	if pool.reading == nil {
		pool.reading = &Site{Config: &Config{Concurrency: noWait{}}, tally: &Tally{}, pool: pool}
	}
	w = newWorker(pool.reading, Presumption{})
	r := recorder{hist: &w.store, pool: pool}
	promise := func(a Attempt, rec *workerRecord, decided bool) error {
		rec.label = a.Label()
		switch {
		case im.promised(rec.key) != nil:
			return errRecord
		case decided:
			r.install(rec, a)
		default:
			im.prepared.add(rec.key.hash(), rec)
		}
		return nil
	}
	if w.load(log.Checkpoint, promise) != nil {
		return nil, false
	}
	for rec := range log.Records() {
		if r.read(im, rec); r.unread.Records > 0 {
			return nil, false
		}
	}
	return w, true
}
