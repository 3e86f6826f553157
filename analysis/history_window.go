package analysis

import (
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// histTxn is a transaction in the window of a HistoryChecker. The window is a slice of
// these; a slot is an index into it and is reused. The fields up to flags are most of what
// a cut reads, and lie together.
type histTxn struct {
	t *model.Transaction
	// Positions in the history: the order of events defines real time.
	submitSeq, answerSeq uint64
	// Tries: the last one begun, the last answered aborted, the one answered committed, and
	// the one that installs.
	begun, aborted, told, wrote uint32

	first, n int32 // its operations are HistoryChecker.ops[first:first+n], as t.Ops
	writes   int32 // installs expected
	missing  int32 // of them, not yet seen
	outcome  model.Outcome
	flags    histFlags

	reads                   []model.ReadResult // of the committed attempt
	submitAt, answerAt, age sim.Time           // answerAt: of the last answer so far
}

type histFlags uint8

const (
	flagFinal    histFlags = 1 << iota // has its final answer
	flagObserved                       // somebody read a version not yet installed
	flagReported                       // a read or a cycle of it was reported
	flagDropped                        // leaves the window in this cut
)

func (t *histTxn) is(f histFlags) bool { return t.flags&f != 0 }

// histOp is what the checker knows of one operation. There is one for each operation in the
// window, and a cut reads them all, so they are small: what a read and what a write needs
// share their room.
type histOp struct {
	key  int32
	own  int32    // see ownWrite, superseder and installer
	slot int32    // of its transaction
	ref  histRef  // read: the version read, as of the last cut; write: the next version of the key
	at   sim.Time // write: when it was installed, or notInstalled; read: readOpen or readDone
}

// The values of at that are no time.
const (
	notInstalled sim.Time = -1
	readOpen     sim.Time = -2 // without a result so far
	readDone     sim.Time = -3
)

// noOp is no operation of a transaction.
const noOp = -1

func (rec *histOp) isRead() bool { return rec.at <= readOpen }

// isInstalled reports whether it is a write that has been installed.
func (rec *histOp) isInstalled() bool { return rec.at >= 0 }

// ownWrite returns the operation of the same transaction that a read must see, if there is
// one.
func (rec *histOp) ownWrite() (op int32, ok bool) { return rec.own, rec.own >= 0 }

// superseder returns the operation of the same transaction that supersedes a write, if there
// is one: such a write is never installed.
func (rec *histOp) superseder() (op int32, ok bool) { return rec.own, rec.own >= 0 }

// setInstalled notes when a write was installed, and by which attempt. Attempts differ only
// in histories that are wrong, but findings should name the right one.
func (rec *histOp) setInstalled(at sim.Time, try uint32) {
	rec.at, rec.own = at, -1-int32(try)
}

// installer returns the attempt that has installed a write.
func (rec *histOp) installer() uint32 { return uint32(-1 - rec.own) }

// histRef names an operation of a transaction in the window by its index in
// HistoryChecker.ops. Negative ones name no operation.
type histRef int32

// named reports whether there is an operation.
func (r histRef) named() bool { return r >= 0 }

const (
	noRef   histRef = -1
	baseRef histRef = -2 // the version a key had before the window
	pastRef histRef = -3 // a version that has left the window although an older one has not
)

// histState says what may still happen to a transaction.
type histState uint8

const (
	// histOpen: it may still install, read or be answered; nothing that overlaps it is
	// dropped.
	histOpen histState = iota
	// histIdle: neither known committed nor known aborted, and without any trace so far.
	// Should it install something, that comes after everything so far, so it holds up
	// nothing.
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

// endedBefore reports whether t precedes in real time everything submitted at or after seq.
// A transaction of unknown outcome never does if it wrote, as its client was not told.
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

// enter puts a transaction into the window.
func (c *HistoryChecker) enter(tx *model.Transaction) (int32, *histTxn) {
	var s int32
	if n := len(c.free); n > 0 {
		s = c.free[n-1]
		c.free = c.free[:n-1]
	} else {
		s = int32(len(c.txns))
		c.txns = append(roomFor(c.txns, 1), histTxn{})
	}
	t := &c.txns[s]
	*t = histTxn{t: tx, n: int32(len(tx.Ops))}
	t.first = c.span(int(t.n))
	c.index.add(tx.Index, s)
	c.order = append(c.order, s)
	return s, t
}

// span returns where n operations have room in ops: where a transaction with as many was,
// or at the end.
func (c *HistoryChecker) span(n int) int32 {
	if n < len(c.spans) && len(c.spans[n]) > 0 {
		last := len(c.spans[n]) - 1
		first := c.spans[n][last]
		c.spans[n] = c.spans[n][:last]
		return first
	}
	first := len(c.ops)
	c.ops = roomFor(c.ops, n)[:first+n]
	return int32(first)
}

// roomFor returns s with room for n more. A large slice grows in smaller steps than append
// takes, so that a window which is never cut is not half empty.
func roomFor[T any](s []T, n int) []T {
	if cap(s)-len(s) >= n {
		return s
	}
	return append(make([]T, 0, len(s)+n+max(len(s)/8, min(len(s), 4096))+64), s...)
}

// leave takes a transaction out of the window.
func (c *HistoryChecker) leave(s int32) {
	t := &c.txns[s]
	c.index.remove(t.t.Index)
	c.free = append(c.free, s)
	for int(t.n) >= len(c.spans) {
		c.spans = append(c.spans, nil)
	}
	c.spans[t.n] = append(c.spans[t.n], t.first)
	t.t, t.reads = nil, nil
}

// op returns the operation that r names.
func (c *HistoryChecker) op(r histRef) *histOp { return &c.ops[r] }

// opsOf returns the operations of t. They move when a transaction enters.
func (c *HistoryChecker) opsOf(t *histTxn) []histOp { return c.ops[t.first : t.first+t.n] }

// opOf returns an operation of t.
func (c *HistoryChecker) opOf(t *histTxn, op int32) *histOp { return &c.ops[t.first+op] }

// number returns the index of an operation in its transaction.
func (c *HistoryChecker) number(r histRef) int32 { return int32(r) - c.txns[c.ops[r].slot].first }
