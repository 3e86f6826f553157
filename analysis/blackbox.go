package analysis

import (
	"fmt"
	"math"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// BlackBox judges a history by what its clients saw alone: what they asked, what
// they were told, and the values that they read. It looks at no version and at no
// install. It returns what proves that no execution of the transactions one after
// another, in an order that keeps real time, explains all that, or nil: not
// refuted is not proved right.
//
// Who wrote a value is known from the value, if only one transaction can have
// written it; a read of a value that several can have written is not used, nor a
// read of none where a deletion can have left it. A transaction whose client was
// told nothing definite may have happened or not, until someone reads its values.
// Every item begins without a value.
//
// The Records of the finding are its proof, sentence by sentence. The proof is of
// four kinds: a read that nothing explains; a read of a version that is
// overwritten in real time; two transactions that read the same version and
// overwrite it; and, among transactions that are near each other in time, the
// orders that follow from reads and from real time, until two of them contradict.
// Its time is near-linear in the history.
//
// It shares nothing with HistoryChecker, whose judge it is.
func BlackBox(events []model.Event) *Finding { return newBlackBox().judge(events) }

// BlackBoxOfLines is BlackBox for events whose times are the numbers of their lines in a file
// that has no times, for the sake of its texts.
func BlackBoxOfLines(events []model.Event) *Finding {
	b := newBlackBox()
	b.lines = true
	return b.judge(events)
}

func newBlackBox() *blackBox {
	return &blackBox{
		byIndex: map[uint64]int32{}, items: map[blackItem]int32{},
		writers: map[blackValue]int32{}, updates: map[blackVersion]blackRead{},
	}
}

func (b *blackBox) judge(events []model.Event) *Finding {
	for _, step := range []func(*blackBox, []model.Event) *Finding{
		(*blackBox).collect, (*blackBox).readsFrom, (*blackBox).stale, (*blackBox).lostUpdates, (*blackBox).contradiction,
	} {
		if f := step(b, events); f != nil {
			return f
		}
	}
	return nil
}

// What BlackBox names that a history with versions has other words for.
const (
	blackThinAir    = "thin-air read"
	blackUnrepeated = "non-repeatable read"
	blackLostUpdate = AnomalyLostUpdate
	blackNoOrder    = "no order"
)

// blackBox is what clients saw of a history. Transactions, items and writes are
// numbered in the order of their first mention.
type blackBox struct {
	txns    []blackTxn
	byIndex map[uint64]int32
	items   map[blackItem]int32
	lines   bool // the events' times are lines
	keys    []blackKey

	writes  []blackWrite
	writers map[blackValue]int32 // the last write of the value: see blackWrite.next

	reads   []blackRead                // by reader
	updates map[blackVersion]blackRead // who read a version and overwrote it
}

// blackTxn is a transaction as its client saw it. Its start and end in real time are the
// positions of its events in the history.
type blackTxn struct {
	t          *model.Transaction
	start, end int // positions of events; end is never unless the client was told committed
	startAt    sim.Time
	endAt      sim.Time
	told       model.Outcome
	refused    uint32 // the last try that was told aborted
	reads      []model.ReadResult
	happened   bool    // told committed, or its values were read
	wrote      []int32 // items that it leaves written or deleted
}

const never = math.MaxInt

type blackItem struct {
	worker int
	key    string
}

// blackKey is an item, with the transactions that leave a write or a deletion in it, of
// those that may have happened.
type blackKey struct {
	blackItem
	writers   []int32 // transactions, by start
	deleters  []int32
	firstDone int // the first end of a transaction that wrote it and was told committed
}

type blackValue struct {
	item  int32
	value string
}

// blackWrite is a write of a value: by which transaction, and whether the
// transaction itself overwrites it.
type blackWrite struct {
	txn  int32
	last bool
	next int32 // another write of this value, or -1
}

// blackVersion is what some transaction left of an item; nobody, -1, its initial state.
type blackVersion struct{ item, writer int32 }

// blackRead is a read whose writer is known.
type blackRead struct {
	blackVersion
	reader int32
}

// collect reads what clients asked and were told.
func (b *blackBox) collect(events []model.Event) *Finding {
	for i := range events {
		e := &events[i]
		switch e.Kind {
		case model.Submitted:
			if _, again := b.byIndex[e.Txn.Index]; again {
				return &Finding{Invariant: InvOneOutcome, At: e.At, Txn: e.Txn.Name(), Text: e.Txn.Name() + " is submitted a second time"}
			}
			b.byIndex[e.Txn.Index] = int32(len(b.txns))
			b.txns = append(b.txns, blackTxn{t: e.Txn, start: i, startAt: e.At, end: never})
		case model.Answered:
			n, known := b.byIndex[e.Attempt.Txn]
			if !known {
				name := fmt.Sprintf("t%d", e.Attempt.Txn)
				if e.Txn != nil {
					name = e.Txn.Name()
				}
				return &Finding{Invariant: InvOneOutcome, At: e.At, Txn: name, Text: name + " is answered but was not submitted"}
			}
			if f := b.answered(&b.txns[n], i, e); f != nil {
				return f
			}
		}
	}
	for n := range b.txns {
		b.index(int32(n))
	}
	return nil
}

func (b *blackBox) answered(t *blackTxn, at int, e *model.Event) *Finding {
	if t.told != model.Pending {
		return &Finding{Invariant: InvOneOutcome, At: e.At, Txn: t.t.Name(),
			Text: fmt.Sprintf("%s is told %v after it was told %v for good at %s", t.t.Name(), e.Outcome, t.told, moment(t.endAt, b.lines))}
	}
	switch {
	case e.Outcome == model.Committed && e.Attempt.Try <= t.refused:
		return &Finding{Invariant: InvOneOutcome, At: e.At, Txn: t.t.Name(),
			Text: fmt.Sprintf("attempt %d of %s is told committed after it was told aborted", e.Attempt.Try, t.t.Name())}
	case e.Outcome == model.Committed:
		t.end, t.reads, t.happened = at, e.Reads, true
	case e.Outcome == model.Aborted:
		t.refused = max(t.refused, e.Attempt.Try)
	}
	if e.Final || e.Outcome == model.Committed {
		t.told, t.endAt = e.Outcome, e.At
	}
	return nil
}

// index records what a transaction writes.
func (b *blackBox) index(n int32) {
	t := &b.txns[n]
	seen := map[int32]bool{}
	for i := len(t.t.Ops) - 1; i >= 0; i-- {
		op := &t.t.Ops[i]
		k := b.item(op.Worker, op.Key)
		if op.Kind == model.Read {
			continue
		}
		last := !seen[k]
		seen[k] = true
		if op.Kind == model.Write {
			v := blackValue{k, op.Value}
			next, known := b.writers[v]
			if !known {
				next = -1
			}
			b.writers[v] = int32(len(b.writes))
			b.writes = append(b.writes, blackWrite{n, last, next})
		}
		if !last || t.told == model.Aborted {
			continue
		}
		t.wrote = append(t.wrote, k)
		key := &b.keys[k]
		key.writers = append(key.writers, n)
		key.firstDone = min(key.firstDone, t.end)
		if op.Kind == model.Delete {
			key.deleters = append(key.deleters, n)
		}
	}
}

// item returns the number of an item.
func (b *blackBox) item(worker int, key string) int32 {
	id := blackItem{worker, key}
	k, known := b.items[id]
	if !known {
		k = int32(len(b.keys))
		b.items[id] = k
		b.keys = append(b.keys, blackKey{blackItem: id, firstDone: never})
	}
	return k
}

// before reports whether x precedes y in real time.
func (b *blackBox) before(x, y int32) bool { return b.txns[x].end < b.txns[y].start }

func (b *blackBox) name(n int32) string { return b.txns[n].t.Name() }

func (b *blackBox) itemName(k int32) string { return itemName(b.keys[k].worker, b.keys[k].key) }
