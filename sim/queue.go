package sim

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
)

// Tuning, measured with BenchmarkHold. None of it changes the order of events.
const (
	chunkLen   = 8       // entries in a chunk of a bucket
	bucketGoal = 1       // entries for each bucket of a new rung; pushes add to them
	crowd      = 1 << 14 // with more than this pending, the goal is
	crowdGoal  = 8       // instead, so that World.warm finds several in a bucket
	sortMax    = 32      // a bucket of at most this many is sorted, a fuller one split
	lateMax    = 64      // a run in which a late entry has to pass more than this becomes a rung
	minBits    = 6       // a rung has at most 1<<bits buckets; bits follows from the number of
	maxBits    = 12      // entries and lies between these: few enough to stay in the cache

	// A bucket is at least minBits narrower than the one it subdivides, so times
	// of 63 bits need eleven rungs. Only pushes after a peek, far before what it
	// saw, can ask for more; their bucket is then sorted, whatever its size.
	maxRungs = 12
)

// ladder is the queue of pending events, popped by their time, and those of one
// time in the order they were pushed in. Times are not negative, and no push is
// earlier than the last pop.
//
// From the nearest time to the farthest, the entries are in
//
//   - run: sorted, consumed from the front; what is pushed below limit is inserted;
//   - the rungs, the last one first: arrays of unsorted buckets of equal width,
//     each rung a subdivision of one bucket of the rung before it;
//   - top: unsorted, everything at or after the end of the first rung.
//
// An entry moves a few times down the ladder, whatever the number pending, and is
// compared only with those of its bucket: amortised O(1). See Tang, Goh, Thng,
// "Ladder queue: An O(1) priority queue structure for large-scale discrete event
// simulation", ACM TOMACS 15(3), 2005. Each part keeps the entries of one time in
// their order, so that nothing needs to number and compare them.
//
// The zero value is an empty queue.
type ladder struct {
	now   uint64 // time of the last pop
	limit uint64 // what is pushed below it belongs to run
	count int

	run  []entry
	head int // run[:head] is consumed

	rungs  [maxRungs]rung // rungs[:active] are in use; the others are empty
	active int

	top            bucket
	topMin, topMax uint64 // bounds of the times in top, if it is not empty

	chunks chunkPool
}

// entry is one pending event: its time and the caller's name for it, a slot and
// what generation of it is meant.
type entry struct {
	at        uint64
	slot, gen uint32
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
func (q *ladder) push(at Time, slot, gen uint32) {
	if at < Time(q.now) {
		q.refuse(at)
	}
	e := entry{uint64(at), slot, gen}
	q.count++
	if e.at < q.limit {
		q.insert(e)
		return
	}
	for i := q.active - 1; i >= 0; i-- {
		if r := &q.rungs[i]; e.at < r.end {
			q.put(r, e)
			return
		}
	}
	if q.top.count == 0 {
		q.topMin, q.topMax = e.at, e.at
	}
	q.topMin, q.topMax = min(q.topMin, e.at), max(q.topMax, e.at)
	q.chunks.add(&q.top, e)
}

func (q *ladder) refuse(at Time) {
	panic(fmt.Sprintf("sim: event pushed at %v, before the current time %v", at, Time(q.now)))
}

// insert adds an entry below limit. It moves what lies between the entry's place
// and the nearer end of run: nothing in a burst at one time, and little for what is
// to come at once.
func (q *ladder) insert(e entry) {
	moved := 0
	if n := len(q.run); q.head > 0 && q.head < n && e.at < q.run[(q.head+n)/2].at {
		q.head--
		left := q.run[q.head:]
		for ; left[moved+1].at <= e.at; moved++ {
			left[moved] = left[moved+1]
		}
		left[moved] = e
	} else {
		if n == cap(q.run) && q.head > n/2 {
			// A run that is fed as fast as it is popped lives on what it consumed.
			q.run, q.head = q.run[:copy(q.run, q.run[q.head:])], 0
		}
		q.run = append(q.run, e)
		moved = sink(q.run[q.head:])
	}
	if moved > lateMax {
		q.spill()
	}
}

// peek returns the first entry, nil if there is none. It is valid until the next
// push.
func (q *ladder) peek() *entry {
	if q.spent() && !q.refill() {
		return nil
	}
	return q.first()
}

// spent reports whether run is consumed; if not, its first entry is the queue's.
func (q *ladder) spent() bool { return q.head == len(q.run) }

func (q *ladder) first() *entry { return &q.run[q.head] }

// take removes the entry that peek has just returned, at that time.
func (q *ladder) take(at Time) {
	q.now = uint64(at)
	q.drop()
}

// drop removes the entry that peek has just returned. Unlike pop it is no step
// in time: pushes before that entry stay possible.
func (q *ladder) drop() {
	q.count--
	q.head++
}

// refill moves the earliest bucket into the consumed run and raises limit to the
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
	goal := bucketGoal
	if q.count > crowd {
		goal = crowdGoal
	}
	want := min(max(bits.Len(uint(n/goal)), minBits), maxBits)
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

// spill turns what is left of run into a rung, so that it stays short, unless the ladder
// is at its deepest. It spans two times at least: an entry has passed another.
func (q *ladder) spill() {
	if q.active == maxRungs {
		return
	}
	r := q.spawn(q.now, q.limit, len(q.run)-q.head)
	for _, e := range q.run[q.head:] {
		q.put(r, e)
	}
	q.run, q.head = q.run[:0], 0
	q.limit = q.now
}

// spread moves the entries of b, all within r, into its buckets.
func (q *ladder) spread(b bucket, r *rung) {
	for b.count > 0 {
		c, n := q.chunks.take(&b)
		for i := range n {
			q.put(r, q.chunks.data[c][i])
		}
		q.chunks.release(c)
	}
}

// put adds an entry to its bucket of a rung.
func (q *ladder) put(r *rung, e entry) {
	r.count++
	q.chunks.add(&r.buckets[(e.at-r.base)>>(r.shift&63)], e)
}

// sortRun moves b into the consumed run and sorts it.
func (q *ladder) sortRun(b bucket) {
	run := q.run[:0]
	for b.count > 0 {
		c, n := q.chunks.take(&b)
		run = append(run, q.chunks.data[c][:n]...)
		q.chunks.release(c)
	}
	sortEntries(run)
	q.run, q.head = run, 0
}

// sortEntries costs O(n) if s is sorted already, as ties are.
func sortEntries(s []entry) {
	if len(s) > sortMax {
		byTime := func(a, b entry) int { return cmp.Compare(a.at, b.at) }
		if !slices.IsSortedFunc(s, byTime) {
			slices.SortStableFunc(s, byTime)
		}
		return
	}
	for n := 2; n <= len(s); n++ {
		sink(s[:n])
	}
}

// sink moves the last entry of s to its place among the others, which are sorted,
// and says how many it has passed.
func sink(s []entry) int {
	i := len(s) - 1
	e := s[i]
	for ; i > 0 && s[i-1].at > e.at; i-- {
		s[i] = s[i-1]
	}
	s[i] = e
	return len(s) - 1 - i
}

// filter drops the entries that keep refuses. It costs O(len).
func (q *ladder) filter(keep func(entry) bool) {
	refuse := func(e entry) bool { return !keep(e) }
	q.run = q.run[:q.head+len(slices.DeleteFunc(q.run[q.head:], refuse))]
	q.count = len(q.run) - q.head
	for i := range q.rungs[:q.active] {
		r := &q.rungs[i]
		r.count = 0
		for j := range r.buckets {
			if r.buckets[j].count > 0 {
				r.count += q.chunks.filter(&r.buckets[j], keep)
			}
		}
		q.count += r.count
	}
	q.count += q.chunks.filter(&q.top, keep)
}
