package analysis

import (
	"hash/maphash"
	"slices"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// histTxn is a transaction in the window of a HistoryChecker.
// The window is a slice of these; a slot is an index into it and is used again.
type histTxn struct {
	index uint64 // t.Index, at hand
	t     *model.Transaction
	reads []model.ReadResult // of the committed attempt
	ops   []histOp           // as t.Ops

	// Positions in the history: the order of events is the real time that counts.
	submitSeq, answerSeq        uint64
	submitAt, answerAt, age     sim.Time
	begun, aborted, told, wrote uint32 // tries: last begun, last told aborted, told committed, installing

	writes  int32 // installs expected
	missing int32 // of them, not yet seen
	node    int32 // in the graph: position in HistoryChecker.order
	outcome model.Outcome
	flags   histFlags
}

type histFlags uint8

const (
	flagFinal    histFlags = 1 << iota // has its final answer
	flagObserved                       // somebody read a version not yet installed
	flagReported                       // a read or a cycle of it was reported
	flagDropped                        // leaves the window in this cut
)

func (t *histTxn) is(f histFlags) bool { return t.flags&f != 0 }

// histOp is what the checker knows of one operation.
type histOp struct {
	key  int32
	own  int32    // read: the operation of the same transaction that it must see, or -1; write: see below
	ref  histRef  // read: the version read; write: the next version of the key
	link histRef  // write: its first reader; read: the next reader of the same version
	at   sim.Time // write: when installed, or -1
}

// own of a write is the operation that supersedes it, or -1, or, once it is installed,
// -1 minus the number of the attempt that did it. Attempts differ only in histories
// that are wrong, but findings should name the right one.

func (rec *histOp) setInstalled(at sim.Time, try uint32) {
	rec.at, rec.own = at, -1-int32(try)
}

func (rec *histOp) installer() uint32 { return uint32(-1 - rec.own) }

// histRef names an operation of a transaction in the window.
type histRef struct{ slot, op int32 }

var (
	noRef   = histRef{-1, -1}
	baseRef = histRef{-2, -2} // the version a key had before the window
	pastRef = histRef{-3, -3} // a version that has left the window, though it overwrote one that has not
)

// histKey is one item: (worker, key). Its versions in the window form a list from
// first to last; the base is the newest one before the window. There may be
// millions of them, and most of a long run's memory is here.
type histKey struct {
	key         string
	first, last histRef

	value string   // of the base
	at    sim.Time // of its installation
	txn   uint64   // that wrote it: see baseVersion
	try   uint32
	op    int32
	found bool // false: a deletion, or never written

	worker int32
	mark   uint32 // the last cut that trimmed the list
	write  int32  // the last write to the key …
	seq    uint64 // … of the last Submitted that named it
}

func (k *histKey) baseVersion() model.Version {
	return model.Version{Attempt: model.Attempt{Txn: k.txn, Try: k.try}, Op: k.op}
}

// histChunk is how many items are allocated at a time: a slice of all would be
// copied as it grows, and be half empty then.
const histChunk = 1 << 12

func (c *HistoryChecker) key(k int32) *histKey { return &c.keys[k/histChunk][k%histChunk] }

// histState says what may still happen to a transaction.
type histState uint8

const (
	// histOpen: it may still install, read or be told anything; nothing that
	// overlaps it is dropped.
	histOpen histState = iota
	// histIdle: neither committed nor aborted as far as anyone knows, and without any
	// trace so far. Should it install, it comes after all that is there: it holds up nothing.
	histIdle
	// histSettled: nothing more comes from it.
	histSettled
)

func (t *histTxn) state() histState {
	switch {
	case !t.is(flagFinal):
		return histOpen
	case t.missing == 0 || t.outcome == model.Aborted:
		return histSettled
	case t.outcome != model.Committed && t.missing == t.writes && !t.is(flagObserved):
		return histIdle
	}
	return histOpen
}

// endedBefore reports whether t precedes in real time all that is submitted at or
// after seq. A transaction of unknown outcome never does if it wrote: its client
// was not told.
func (t *histTxn) endedBefore(seq uint64) bool {
	return t.state() == histSettled && t.answerSeq < seq &&
		(t.outcome == model.Committed || t.outcome == model.Aborted || t.writes == 0)
}

// rejected reports whether try of t is known to have been aborted.
func (t *histTxn) rejected(try uint32) bool {
	return try != t.told && (try <= t.aborted || t.told != 0 || t.is(flagFinal) && t.outcome == model.Aborted)
}

// find returns the slot of the transaction with this index, or -1.
func (c *HistoryChecker) find(index uint64) int32 { return c.index.find(index) }

// itemIndex finds the number of an item: an open-addressing table of the item's hash
// and, in the lower half, its number plus one. The hash differs from process to
// process, but nothing depends on the order of the table.
type itemIndex struct {
	table []uint64 // a power of two, at most half full
	seed  maphash.Seed
}

// intern returns the number of an item, which it gives at the first meeting.
func (c *HistoryChecker) intern(worker int, key string) int32 {
	x := &c.items
	if 2*int(c.known) >= len(x.table) {
		x.grow()
	}
	hash := uint32(maphash.String(x.seed, key)) ^ uint32(worker)*0x9E3779B1
	mask := len(x.table) - 1
	i := int(hash) & mask
	for ; x.table[i] != 0; i = (i + 1) & mask {
		if e := x.table[i]; uint32(e>>32) == hash {
			k := int32(uint32(e)) - 1
			if at := c.key(k); int(at.worker) == worker && at.key == key {
				return k
			}
		}
	}
	k := c.known
	switch {
	case k == 0: // the first grows: most histories are short
		c.keys = append(c.keys, nil)
	case k%histChunk == 0:
		c.keys = append(c.keys, make([]histKey, 0, histChunk))
	}
	last := &c.keys[len(c.keys)-1]
	*last = append(*last, histKey{worker: int32(worker), key: key, first: noRef, last: noRef})
	c.known++
	x.table[i] = uint64(hash)<<32 | uint64(c.known)
	return k
}

func (x *itemIndex) grow() {
	old := x.table
	if old == nil {
		x.seed = maphash.MakeSeed()
	}
	x.table = make([]uint64, max(1024, 2*len(old)))
	mask := len(x.table) - 1
	for _, e := range old {
		if e == 0 {
			continue
		}
		i := int(e>>32) & mask
		for x.table[i] != 0 {
			i = (i + 1) & mask
		}
		x.table[i] = e
	}
}

// enter puts a transaction into the window.
func (c *HistoryChecker) enter(tx *model.Transaction) (int32, *histTxn) {
	var s int32
	if n := len(c.free); n > 0 {
		s = c.free[n-1]
		c.free = c.free[:n-1]
	} else {
		s = int32(len(c.txns))
		c.txns = append(c.txns, histTxn{})
	}
	t := &c.txns[s]
	*t = histTxn{index: tx.Index, t: tx, ops: slices.Grow(t.ops[:0], len(tx.Ops))}
	c.index.add(tx.Index, s)
	c.order = append(c.order, s)
	return s, t
}

// op returns the operation that r names.
func (c *HistoryChecker) op(r histRef) *histOp { return &c.txns[r.slot].ops[r.op] }
