package model

// spare is a stack of objects to be reused: what was put back last is still in the
// processor's cache.
type spare[T any] []*T

// get returns an object that was put back, unchanged, or a new one.
func (s *spare[T]) get() *T {
	n := len(*s)
	if n == 0 {
		return new(T)
	}
	x := (*s)[n-1]
	*s = (*s)[:n-1]
	return x
}

func (s *spare[T]) put(x *T) { *s = append(*s, x) }

// pool holds the objects that the nodes of a cluster reuse.
type pool struct {
	workers  spare[worker]
	parts    spare[part]
	works    spare[work]
	locks    spare[lock]
	attempts spare[attempt]
	records  spare[workerRecord]
	images   spare[image]
	reading  *Site // for workers that only read a log; see readStorage
	results  Chunks[ReadResult]
	texts    Texts
	buf      []byte // of the record that is written
	brought
}

// getPart returns a part with empty work.
func (pool *pool) getPart() *part {
	p, k := pool.parts.get(), pool.works.get()
	if k.locked == nil {
		k.locked, k.staged = k.lockedRoom[:0], k.stagedRoom[:0]
	}
	*p = part{work: k}
	return p
}

func (pool *pool) getRecord() *workerRecord {
	r := pool.records.get()
	if r.staged == nil {
		r.staged = r.room[:0]
	}
	return r
}

// getAttempt returns an attempt that is zero but for the room of its parts.
func (pool *pool) getAttempt() *attempt {
	a := pool.attempts.get()
	if a.parts == nil {
		a.parts = a.room[:0]
	}
	return a
}

// putWork takes work back and keeps the room of its slices. It need not clear their
// elements: the items live as long as their workers.
func (pool *pool) putWork(k *work) {
	clear(k.staged)
	k.locked, k.staged, k.todo, k.waiting = k.locked[:0], k.staged[:0], nil, nil
	k.start, k.bytes, k.newKeys, k.chargedBytes, k.chargedKeys, k.woundedAt, k.woundAgain = 0, 0, 0, 0, 0, 0, 0
	pool.works.put(k)
}

func (pool *pool) getLock() *lock {
	l := pool.locks.get()
	if l.holders == nil {
		l.holders = l.room[:0]
	}
	return l
}

// resultChunk is how many results are allocated at a time.
const resultChunk = 64

// getResults returns room for n results of reads. What is sent must not be written
// again, so no room is handed out twice in a run.
func (pool *pool) getResults(n int) []ReadResult {
	if n == 0 {
		return nil
	}
	pool.results.Room(n, resultChunk)
	return pool.results.Take(n)[:0]
}
