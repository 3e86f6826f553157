package analysis

import (
	"cmp"
	"math/bits"
	"slices"
	"sort"

	"github.com/seed83d86191/txsim/model"
)

// blackWindow is how many transactions are ordered against each other at once. A longer
// history is taken in overlapping blocks of half as many, each a quarter further on,
// together with the transactions that they read from.
const blackWindow = 256

// blackSet is a set of transactions of a window.
type blackSet [blackWindow / 64]uint64

func (s *blackSet) add(i int32)      { s[i/64] |= 1 << (i % 64) }
func (s *blackSet) has(i int32) bool { return s[i/64]&(1<<(i%64)) != 0 }

// blackOrder is the order that must hold among the transactions of a window. It is
// transitively closed at any time.
type blackOrder struct {
	b     *blackBox
	ids   []int32 // by start
	place []int32 // by transaction: its index in ids plus one, or 0
	after []blackSet
	ahead []blackSet // the same, the other way round
	ends  []int32    // of ids, by end

	reads   []int32 // of b.reads: reader and writer are in the window
	writers []blackSet
	keys    []int32 // by item: its index in writers plus one, or 0
	edges   []blackEdge

	timeless bool // real time orders nothing
}

// blackEdge is a reason why one transaction precedes another. The kinds are those of
// histories with versions, but here they are concluded from values.
type blackEdge struct {
	kind     edgeReason
	from, to int32 // in ids
	read     int32 // in b.reads: wr itself; ww and rw: what they are concluded from
}

type edgeReason uint8

const (
	becauseRead        edgeReason = iota // to read what from wrote
	becauseReadOther                     // from precedes a reader of to, and wrote the item too
	becauseOverwritten                   // to follows who wrote what from read, and wrote the item too
)

var reasonKinds = [...]string{"wr", "ww", "rw"}

// contradiction orders the transactions, window by window, until two orders contradict each
// other. An order that must hold in a window must hold in the history, as other
// transactions invalidate no conclusion.
func (b *blackBox) contradiction([]model.Event) *Finding {
	var all []int32
	for n := range b.txns {
		if b.txns[n].happened {
			all = append(all, int32(n))
		}
	}
	o := &blackOrder{b: b, place: make([]int32, len(b.txns)), keys: make([]int32, len(b.keys)),
		after: make([]blackSet, blackWindow), ahead: make([]blackSet, blackWindow)}
	firstRead := make([]int32, len(b.txns)+1) // by reader
	for _, r := range b.reads {
		firstRead[r.reader+1]++
	}
	for n := range b.txns {
		firstRead[n+1] += firstRead[n]
	}
	if len(all) <= blackWindow {
		return o.judge(all, firstRead)
	}
	for at := 0; at < len(all); at += blackWindow / 4 {
		block := all[at:min(at+blackWindow/2, len(all))]
		if f := o.judge(o.withWriters(block, firstRead), firstRead); f != nil {
			return f
		}
	}
	return nil
}

// withWriters adds to some transactions those that they read from, as far as there is room.
func (o *blackOrder) withWriters(block, firstRead []int32) []int32 {
	ids := slices.Clone(block)
	for _, n := range block {
		for _, r := range o.b.reads[firstRead[n]:firstRead[n+1]] {
			if r.writer >= 0 {
				ids = append(ids, r.writer)
			}
		}
	}
	far := ids[len(block):]
	slices.Sort(far)
	far = slices.Compact(far)
	far = slices.DeleteFunc(far, func(n int32) bool { _, in := slices.BinarySearch(block, n); return in })
	ids = append(ids[:len(block)], far[max(0, len(far)-(blackWindow-len(block))):]...)
	slices.Sort(ids)
	return ids
}

// judge orders the transactions, which are sorted by start. What contradicts itself without real
// time is told without it.
func (o *blackOrder) judge(ids, firstRead []int32) *Finding {
	o.timeless = false
	f := o.order(ids, firstRead)
	if f == nil {
		return nil
	}
	o.timeless = true
	return cmp.Or(o.order(ids, firstRead), f)
}

// order orders the transactions until two orders contradict each other.
func (o *blackOrder) order(ids, firstRead []int32) *Finding {
	o.enter(ids, firstRead)
	defer o.leave()
	for _, r := range o.reads {
		if w := o.b.reads[r].writer; w >= 0 && o.precedes(becauseRead, o.place[w]-1, o.place[o.b.reads[r].reader]-1, r) {
			return o.explain()
		}
	}
	for known := -1; known != len(o.edges); {
		known = len(o.edges)
		for _, r := range o.reads {
			if o.conclude(r) {
				return o.explain()
			}
		}
	}
	return nil
}

func (o *blackOrder) enter(ids, firstRead []int32) {
	b := o.b
	o.ids, o.reads, o.writers, o.edges = ids, o.reads[:0], o.writers[:0], o.edges[:0]
	for i, n := range ids {
		o.place[n] = int32(i) + 1
		o.after[i], o.ahead[i] = blackSet{}, blackSet{}
	}
	if !o.timeless {
		o.realTime()
	}
	for i, n := range ids {
		for _, k := range b.txns[n].wrote {
			if o.keys[k] == 0 {
				o.writers = append(o.writers, blackSet{})
				o.keys[k] = int32(len(o.writers))
			}
			o.writers[o.keys[k]-1].add(int32(i))
		}
	}
	for _, n := range ids {
		for r := firstRead[n]; r < firstRead[n+1]; r++ {
			if w := b.reads[r].writer; (w < 0 || o.place[w] != 0) && o.keys[b.reads[r].item] != 0 {
				o.reads = append(o.reads, r)
			}
		}
	}
}

// realTime orders what ended before what started: after each transaction a suffix
// of ids, and ahead of each all that have ended by then.
func (o *blackOrder) realTime() {
	txns := o.b.txns
	o.ends = o.ends[:0]
	for i, n := range o.ids {
		o.ends = append(o.ends, int32(i))
		from := sort.Search(len(o.ids), func(j int) bool { return txns[o.ids[j]].start > txns[n].end })
		for j := from; j < len(o.ids); j = (j/64 + 1) * 64 {
			rest := min(64, len(o.ids)-j/64*64) // of this word
			o.after[i][j/64] = ^uint64(0) << (j % 64) & (^uint64(0) >> (64 - rest))
		}
	}
	slices.SortFunc(o.ends, func(x, y int32) int { return cmp.Compare(txns[o.ids[x]].end, txns[o.ids[y]].end) })
	var ended blackSet
	next := 0
	for j, n := range o.ids {
		for next < len(o.ends) && txns[o.ids[o.ends[next]]].end < txns[n].start {
			ended.add(o.ends[next])
			next++
		}
		o.ahead[j] = ended
	}
}

func (o *blackOrder) leave() {
	for _, n := range o.ids {
		o.place[n] = 0
		for _, k := range o.b.txns[n].wrote {
			o.keys[k] = 0
		}
	}
}

// conclude draws the conclusions from one read: every other writer of the item either
// precedes the writer of what was read, or follows the reader. It reports whether that
// contradicts what is known.
func (o *blackOrder) conclude(read int32) (contradicts bool) {
	r := o.b.reads[read]
	reader, writer := o.place[r.reader]-1, int32(-1)
	others := o.writers[o.keys[r.item]-1]
	others[reader/64] &^= 1 << (reader % 64)
	if r.writer >= 0 {
		writer = o.place[r.writer] - 1
		others[writer/64] &^= 1 << (writer % 64)
	}
	for i := range others {
		for set := o.mustFollow(&others, reader, writer, i); set != 0; set &= set - 1 {
			if o.precedes(becauseOverwritten, reader, int32(i*64+bits.TrailingZeros64(set)), read) {
				return true
			}
		}
		if writer < 0 {
			continue
		}
		for set := others[i] & o.ahead[reader][i] &^ o.ahead[writer][i]; set != 0; set &= set - 1 {
			if o.precedes(becauseReadOther, int32(i*64+bits.TrailingZeros64(set)), writer, read) {
				return true
			}
		}
	}
	return false
}

// mustFollow returns word i of the set of those that overwrote what the reader saw, and are
// not known to follow it.
func (o *blackOrder) mustFollow(others *blackSet, reader, writer int32, i int) uint64 {
	set := others[i] &^ o.after[reader][i]
	if writer >= 0 {
		set &= o.after[writer][i]
	}
	return set
}

// precedes adds a conclusion and all that follows from it, and reports whether that
// contradicts what is known; the last edge is then this one. A read is added even where real
// time says the same, as a proof had better name that.
func (o *blackOrder) precedes(kind edgeReason, from, to, read int32) (contradicts bool) {
	if o.after[from].has(to) {
		if kind == becauseRead {
			o.edges = append(o.edges, blackEdge{kind, from, to, read})
		}
		return false
	}
	o.edges = append(o.edges, blackEdge{kind, from, to, read})
	if from == to || o.after[to].has(from) {
		return true
	}
	up, down := o.ahead[from], o.after[to]
	up.add(from)
	down.add(to)
	for i := range up {
		for set := up[i]; set != 0; set &= set - 1 {
			s := &o.after[i*64+bits.TrailingZeros64(set)]
			for j := range s {
				s[j] |= down[j]
			}
		}
		for set := down[i]; set != 0; set &= set - 1 {
			s := &o.ahead[i*64+bits.TrailingZeros64(set)]
			for j := range s {
				s[j] |= up[j]
			}
		}
	}
	return false
}
