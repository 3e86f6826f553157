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
	held     map[string]holders  // the keys that they name, if somebody asks who clashes
}

// holders counts the names of a key in prepare records: staged operations, and shared locks.
type holders struct{ staged, shared int32 }

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
	clear(im.held)
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
			r.drop(im, w)
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
		r.hold(im, w, 1)
		if r.promised != nil {
			r.promised(r.event.Node, rec.Label, len(w.staged)+len(w.shared))
		}
	case w != nil:
		if rec.Kind != KindAbort {
			r.install(w, AttemptOf(rec.Label))
		}
		r.drop(im, w)
	}
}

// drop forgets a prepare record, or one that was never among them.
func (r *recorder) drop(im *image, w *workerRecord) {
	if im.prepared.remove(w.key.hash(), w) {
		r.hold(im, w, -1)
	}
	r.pool.records.put(w)
}

// hold counts the keys of a prepare record as held, or no longer with n = -1.
func (r *recorder) hold(im *image, w *workerRecord, n int32) {
	if r.clashed == nil {
		return
	}
	if im.held == nil {
		im.held = map[string]holders{}
	}
	count := func(key string, staged, shared int32) {
		h := im.held[key]
		h.staged, h.shared = h.staged+staged, h.shared+shared
		if h == (holders{}) {
			delete(im.held, key)
		} else {
			im.held[key] = h
		}
	}
	for i := range w.staged {
		count(w.staged[i].key, n, 0)
	}
	for _, key := range w.shared {
		count(key, 0, n)
	}
}

// clash reports the undecided promises that a new record takes keys from.
func (r *recorder) clash(im *image, w *workerRecord) {
	if r.clashed == nil || !im.taken(w) {
		return
	}
	for other := range im.prepared.all() {
		if key, ok := w.clashes(other); ok {
			r.clashed(r.event.Node, w.label, other.label, key)
		}
	}
}

// taken reports whether a record names a key that a prepare record names, and one of the two
// writes it. A worker may be in doubt about thousands of attempts, so that it compares with none.
func (im *image) taken(w *workerRecord) bool {
	for i := range w.staged {
		if _, ok := im.held[w.staged[i].key]; ok {
			return true
		}
	}
	return slices.ContainsFunc(w.shared, func(key string) bool { return im.held[key].staged > 0 })
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

// empty reports whether nothing is durable.
func empty(log sim.Recovery) bool {
	for range log.Records() {
		return false
	}
	return log.Checkpoint == nil
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
