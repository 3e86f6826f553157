package sim

import (
	"fmt"
	"math/bits"
	"slices"
)

// Tuning, measured with BenchmarkHold. None of it changes the order of events.
const (
	chunkLen   = 8  // entries in a chunk of a bucket
	bucketGoal = 2  // entries for each bucket of a new rung; pushes add to them
	sortMax    = 48 // a bucket of at most this many is sorted, a fuller one split
	lateMax    = 64 // more late entries than this become a rung
	minBits    = 6  // a rung has at most 1<<bits buckets, with bits from n but
	maxBits    = 12 // within these: few enough to stay in the cache

	// A bucket is at least minBits narrower than the one it subdivides, so times
	// of 63 bits need eleven rungs. Only pushes after a peek, far before what it
	// saw, can ask for more; their bucket is then sorted, whatever its size.
	maxRungs = 12
)

// ladder is the queue of pending events, popped in the order of (at, seq).
// Times are not negative, and no push is earlier than the last pop.
//
// From the nearest time to the farthest, the entries are in
//
//   - bottom: run, sorted, consumed from the front, and late, a heap of what was
//     pushed below limit after run had been sorted;
//   - the rungs, the last one first: arrays of unsorted buckets of equal width,
//     each rung a subdivision of one bucket of the rung before it;
//   - top: unsorted, everything at or after the end of the first rung.
//
// An entry moves a few times down the ladder, whatever the number pending, and is
// compared only with those of its bucket: amortised O(1). See Tang, Goh, Thng,
// "Ladder queue: An O(1) priority queue structure for large-scale discrete event
// simulation", ACM TOMACS 15(3), 2005. Theirs keeps bottom as one sorted list;
// the heap spares late pushes the search of it.
//
// The zero value is an empty queue.
type ladder struct {
	now   uint64 // time of the last pop
	limit uint64 // what is pushed below it belongs to bottom
	count int

	run  []entry
	head int // run[:head] is consumed
	late []entry

	rungs  [maxRungs]rung // rungs[:active] are in use; the others are empty
	active int

	top            bucket
	topMin, topMax uint64 // bounds of the times in top, if it is not empty

	chunks chunkPool
}

// entry is one pending event: its key and the caller's name for it, a slot and
// what generation of it is meant.
type entry struct {
	at, seq   uint64
	slot, gen uint32
}

func (e *entry) before(f *entry) bool {
	return e.at < f.at || e.at == f.at && e.seq < f.seq
}

// rung covers the times base..end-1 with buckets 1<<shift wide. Those before
// cur have been emptied and are not filled again. All buckets of a rung that is
// not in use are empty, so its array is reused as it is.
type rung struct {
	base, end uint64
	shift     uint
	cur       int
	count     int
	buckets   []bucket
}

func (q *ladder) len() int { return q.count }

// push adds a slot. It panics if at is before the last popped time.
func (q *ladder) push(at Time, seq uint64, slot, gen uint32) {
	if at < Time(q.now) {
		panic(fmt.Sprintf("sim: event pushed at %v, before the current time %v", at, Time(q.now)))
	}
	e := entry{uint64(at), seq, slot, gen}
	q.count++
	if e.at < q.limit {
		q.pushBottom(e)
		return
	}
	for i := q.active - 1; i >= 0; i-- {
		if r := &q.rungs[i]; e.at < r.end {
			r.count++
			q.chunks.add(&r.buckets[(e.at-r.base)>>r.shift], e)
			return
		}
	}
	if q.top.count == 0 {
		q.topMin, q.topMax = e.at, e.at
	}
	q.topMin, q.topMax = min(q.topMin, e.at), max(q.topMax, e.at)
	q.chunks.add(&q.top, e)
}

// pushBottom adds an entry below limit. It costs O(1) if the entry is the last in
// run, as in a burst at one time.
func (q *ladder) pushBottom(e entry) {
	if n := len(q.run); n > 0 && !q.run[n-1].before(&e) {
		q.late = pushHeap(q.late, e)
		if len(q.late) > lateMax {
			q.spill()
		}
		return
	}
	if len(q.run) == cap(q.run) && q.head > len(q.run)/2 {
		// A run that is fed as fast as it is popped lives on what it consumed.
		q.run, q.head = q.run[:copy(q.run, q.run[q.head:])], 0
	}
	q.run = append(q.run, e)
}

// peek returns the entry with the smallest (at, seq), nil if there is none. It is
// valid until the next push.
func (q *ladder) peek() *entry {
	if len(q.run) == 0 && len(q.late) == 0 && !q.refill() {
		return nil
	}
	if len(q.run) == 0 || len(q.late) > 0 && q.late[0].before(&q.run[q.head]) {
		return &q.late[0]
	}
	return &q.run[q.head]
}

// take removes the entry that peek has just returned, at that time.
func (q *ladder) take(at Time) {
	q.now = uint64(at)
	q.drop()
}

// drop removes the entry that peek has just returned. Unlike pop it is no step
// in time: pushes before that entry stay possible.
func (q *ladder) drop() {
	q.count--
	if len(q.run) == 0 || len(q.late) > 0 && q.late[0].before(&q.run[q.head]) {
		q.late = popHeap(q.late)
		return
	}
	q.head++
	if q.head == len(q.run) {
		q.run, q.head = q.run[:0], 0
	}
}

// refill moves the earliest bucket into the empty bottom and raises limit to the
// bucket's end. It reports false if the queue is empty.
func (q *ladder) refill() bool {
	for {
		if q.active == 0 {
			if q.top.count == 0 {
				return false
			}
			all := q.top
			q.top = bucket{}
			if all.count <= sortMax || q.topMin == q.topMax {
				q.sortRun(all)
				q.limit = q.topMax + 1
				return true
			}
			q.spread(all, q.spawn(q.topMin, q.topMax+1, int(all.count)))
		}
		r := &q.rungs[q.active-1]
		if r.count == 0 {
			q.active--
			continue
		}
		for r.buckets[r.cur].count == 0 {
			r.cur++
		}
		b := r.buckets[r.cur]
		r.buckets[r.cur] = bucket{}
		r.count -= int(b.count)
		start := r.base + uint64(r.cur)<<r.shift
		end := min(start+1<<r.shift, r.end)
		r.cur++
		if b.count <= sortMax || end-start == 1 || q.active == maxRungs {
			q.sortRun(b)
			q.limit = end
			return true
		}
		q.spread(b, q.spawn(start, end, int(b.count)))
	}
}

// spawn adds an empty rung over the times base..end-1, at least two, with
// buckets for n entries.
func (q *ladder) spawn(base, end uint64, n int) *rung {
	want := min(max(bits.Len(uint(n/bucketGoal)), minBits), maxBits)
	r := &q.rungs[q.active]
	q.active++
	r.base, r.end, r.cur = base, end, 0
	r.shift = uint(max(bits.Len64(end-base-1)-want, 0))
	size := int((end-base-1)>>r.shift) + 1
	if size > len(r.buckets) {
		r.buckets = make([]bucket, 1<<bits.Len(uint(size-1)))
	}
	return r
}

// spill turns bottom into a rung, so that the heap stays small, unless bottom is
// a single point of time or the ladder is at its deepest.
func (q *ladder) spill() {
	if q.limit-q.now < 2 || q.active == maxRungs {
		return
	}
	q.gather()
	var b bucket
	for _, e := range q.run {
		q.chunks.add(&b, e)
	}
	q.run = q.run[:0]
	q.spread(b, q.spawn(q.now, q.limit, int(b.count)))
	q.limit = q.now
}

// gather appends late to what is left of run, for run to be sorted or moved.
func (q *ladder) gather() {
	q.run = append(q.run[:copy(q.run, q.run[q.head:])], q.late...)
	q.head, q.late = 0, q.late[:0]
}

// spread moves the entries of b, all within r, into its buckets.
func (q *ladder) spread(b bucket, r *rung) {
	r.count += int(b.count)
	for b.count > 0 {
		block, n := q.chunks.take(&b)
		for i := range block[:n] {
			e := &block[i]
			q.chunks.add(&r.buckets[(e.at-r.base)>>r.shift], *e)
		}
	}
}

// sortRun moves b into the empty run and sorts it.
func (q *ladder) sortRun(b bucket) {
	for b.count > 0 {
		block, n := q.chunks.take(&b)
		q.run = append(q.run, block[:n]...)
	}
	sortEntries(q.run)
}

// sortEntries costs O(n) if s is sorted already, as ties are.
func sortEntries(s []entry) {
	if len(s) > sortMax {
		slices.SortFunc(s, func(a, b entry) int {
			if a.before(&b) {
				return -1
			}
			return 1
		})
		return
	}
	for i := 1; i < len(s); i++ {
		e := s[i]
		j := i
		for ; j > 0 && e.before(&s[j-1]); j-- {
			s[j] = s[j-1]
		}
		s[j] = e
	}
}

// filter drops the entries that keep refuses. It costs O(len).
func (q *ladder) filter(keep func(entry) bool) {
	q.gather()
	q.run = slices.DeleteFunc(q.run, func(e entry) bool { return !keep(e) })
	sortEntries(q.run)
	q.count = len(q.run)
	for i := range q.rungs[:q.active] {
		r := &q.rungs[i]
		r.count = 0
		for j := range r.buckets {
			r.count += q.chunks.filter(&r.buckets[j], keep)
		}
		q.count += r.count
	}
	q.count += q.chunks.filter(&q.top, keep)
}

// pushHeap adds e to a binary heap.
func pushHeap(h []entry, e entry) []entry {
	h = append(h, e)
	i := len(h) - 1
	for i > 0 && e.before(&h[(i-1)/2]) {
		h[i] = h[(i-1)/2]
		i = (i - 1) / 2
	}
	h[i] = e
	return h
}

// popHeap removes the first entry of a binary heap.
func popHeap(h []entry) []entry {
	e := h[len(h)-1]
	i, n := 0, len(h)-1
	for c := 1; c < n; c = 2*i + 1 {
		if c+1 < n && h[c+1].before(&h[c]) {
			c++
		}
		if !h[c].before(&e) {
			break
		}
		h[i] = h[c]
		i = c
	}
	h[i] = e
	return h[:n]
}
