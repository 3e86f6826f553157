package analysis

import (
	"iter"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// HistoryOptions says what a HistoryChecker checks, and its bounds. The zero value is good.
type HistoryOptions struct {
	// Window is how many transactions must settle, at least, before the checker
	// next drops the settled past: 0 is 4096, a negative number never drops.
	Window int
	// MaxFindings is how many findings are kept: 0 is 20. The others are counted.
	MaxFindings int
	// Isolation is the level that the history is held to, by its name: "" is strict
	// serializable. A finding is only what this level forbids. For any other level the
	// checker never drops anything, whatever the Window: without real time, old versions
	// may be read at any time.
	Isolation string
	// Format names transactions that were not submitted or have left the window.
	Format model.Formatter
	// Lines says that the times of events are the numbers of their lines in a file that has
	// no times. It matters to texts only.
	Lines bool
}

// HistoryChecker checks a history while it happens. Its memory is bounded by the
// number of items and of transactions that overlap in time, not by the length of
// the history; its time is linear in it.
//
// A transaction settles when its client has the final answer and, if that is a
// commit, all of its installs have been seen. From time to time the checker cuts:
// it builds the serialization graph of the transactions in the window, reports its
// cycles, and drops each settled transaction that ended before the submission of
// everything still open, together with all settled transactions that must precede
// such a one. Whatever comes later follows them in real time, so that a later edge
// into what was dropped is a violation in itself: it shows as a read of a version
// older than the one kept per item. The verdict is therefore the same for every
// Window.
//
// Transactions answered Unknown or Blocked have no end in real time: they stay until
// something dropped has seen or overwritten their writes. One that is installed on
// some of its workers only holds up the cut until it is complete.
type HistoryChecker struct {
	seq uint64     // events seen
	now sim.Time   // time of the last event
	log findingLog // of what is wrong

	level     string          // the level that the history is held to
	tolerated anomalySet      // the anomalies that the level does not forbid
	harmless  findingLog      // cycles that have only tolerated anomalies
	serial    string          // the invariant that a cycle violates
	format    model.Formatter // see HistoryOptions

	txns    []histTxn // the window, by slot
	ops     []histOp  // the operations of all of these
	free    []int32   // free slots
	spans   [][]int32 // free places in ops, by length
	index   slotMap
	order   []int32      // slots in order of submission
	answers []int32      // slots answered committed, in order of the answers
	keys    [][]histKey  // in chunks: see key
	bases   [][]sim.Time // by key: see baseAt; used in findings only
	known   int32        // number of keys
	items   itemIndex
	warmth  int32 // see warm

	window    int // least number of settlements between cuts
	settled   int // since the last cut
	nextCut   int // cut when settled reaches it
	cuts      int // so far; for tests
	truncated bool
	finished  bool
	readers   int              // commits of transactions that read
	unread    int              // of them, told without results
	lines     bool             // see HistoryOptions
	eager     bool             // cut at every settlement; for tests
	written   map[int32]int32  // by item: see lastWrite
	astray    map[int32]astray // by item: the last version of it, if that was refused
	undecided func(txn uint64, worker int) bool
	due       map[int32]histRef // by item: one of the versions that are due, see findDue
	unordered bool              // several versions of an item are due
	seen      anomalySet
	dropped   bool // something has left the window
	lossy     bool // something that has left the window was contradicted afterwards

	node    []int32           // by slot: its node in the graph, the position in order
	rank    map[histRef]int32 // by version of an item in ranked: its place among the item's versions
	ranked  map[int32]bool    // items whose versions are in rank; nil after a cut
	graph   digraph           // of all edges but those of real time
	entries []int32           // by node: the edges that lead there
	comps   components
	reach   []bool // by node: it precedes what is dropped
}

// NewHistoryChecker returns a checker of an empty history.
func NewHistoryChecker(opts HistoryOptions) *HistoryChecker {
	c := &HistoryChecker{}
	c.Reset(opts)
	return c
}

// Record takes the next event of the history: a checker is a [model.History]. The
// order of the calls is the order of the run: it is what "before" means in real time,
// so that events at the same virtual time are ordered too. e is not kept; the strings,
// transactions and reads that it refers to are, and must not change.
func (c *HistoryChecker) Record(e *model.Event) {
	c.seq++
	c.now = e.At
	switch e.Kind {
	case model.Submitted:
		c.submitted(e)
	case model.Began:
		c.began(e)
	case model.Installed:
		c.installed(e)
	case model.Answered:
		c.answered(e)
	}
	if c.settled >= c.nextCut || c.eager && c.settled > 0 {
		c.cut(false)
	}
}

// Undecided sets, before Finish, how to ask whether a worker could still install its part
// of a transaction at the end of the run: because it is in doubt and the coordinator is
// dead for good, or because the worker itself is dead for good and in doubt, or no worker of
// the run promises. What such a worker has not installed is blocked, not lost, and no finding;
// if its transaction has committed, it comes after all that is installed.
// Without Undecided, no part of a transaction answered Blocked is missed.
func (c *HistoryChecker) Undecided(f func(txn uint64, worker int) bool) { c.undecided = f }

// Truncate says that the run was stopped by a bound. What is still open at the end
// is then no finding.
func (c *HistoryChecker) Truncate() { c.truncated = true }

// Finish ends the history and returns the findings, in the order in which they were
// seen. stores yields the storage of all workers at the end; if it has several
// versions of an item, the newest comes last. A nil stores is not compared.
func (c *HistoryChecker) Finish(stores iter.Seq[model.StoredItem]) []Finding {
	if !c.finished {
		c.finished = true
		c.finishOutcomes()
		c.cut(true)
		if stores != nil {
			c.compareStores(stores)
		}
	}
	return c.log.kept
}

// Levels returns the isolation levels of the history, after Finish.
func (c *HistoryChecker) Levels() Levels {
	blind := c.unread > 0 && c.unread == c.readers
	return Levels{seen: c.seen, judged: c.finished && !c.truncated && !c.lossy && !blind, unread: c.unread}
}

// Total returns the number of findings so far, kept or not.
func (c *HistoryChecker) Total() int { return c.log.total }

// submitted opens a transaction.
func (c *HistoryChecker) submitted(e *model.Event) {
	if c.find(e.Txn.Index) >= 0 {
		c.eventFinding(InvOneOutcome, "", e, "%s is submitted a second time", e.Txn.ID)
		return
	}
	for i := range e.Txn.Ops {
		c.warm(e.Txn.Ops[i].Worker, e.Txn.Ops[i].Key)
	}
	s, t := c.enter(e.Txn)
	t.submitSeq, t.submitAt = c.seq, e.At
	ops := c.opsOf(t)
	for i := range e.Txn.Ops {
		op := &e.Txn.Ops[i]
		rec := &ops[i]
		rec.key, rec.own, rec.slot, rec.ref, rec.at = c.intern(op.Worker, op.Key), noOp, s, noRef, notInstalled
		last := c.lastWrite(ops[:i], rec.key)
		switch {
		case op.Kind == model.Read:
			rec.own, rec.at = last, readOpen
		case last != noOp:
			ops[last].own = int32(i)
		default:
			t.writes++
		}
		if i >= fewOps && op.Kind != model.Read {
			c.written[rec.key] = int32(i)
		}
	}
	t.missing = t.writes
}

// fewOps is how many operations of a transaction are searched for the last write to an
// item.
const fewOps = 16

// lastWrite returns the last of a transaction's operations so far that writes an item, or
// noOp. Writes beyond the first fewOps operations are looked up in c.written.
func (c *HistoryChecker) lastWrite(ops []histOp, key int32) int32 {
	if len(ops) == fewOps {
		if c.written == nil {
			c.written = map[int32]int32{}
		}
		clear(c.written)
	}
	if len(ops) > fewOps {
		if i, ok := c.written[key]; ok {
			return i
		}
	}
	for i := min(len(ops), fewOps) - 1; i >= 0; i-- {
		if ops[i].key == key && !ops[i].isRead() {
			return int32(i)
		}
	}
	return noOp
}

// began checks the ages and the numbers of attempts. Attempts after the final answer are
// ignored.
func (c *HistoryChecker) began(e *model.Event) {
	s := c.find(e.Attempt.Txn)
	if s < 0 || c.txns[s].is(flagFinal) {
		return
	}
	t := &c.txns[s]
	if t.begun == 0 {
		t.age = e.Age
	} else if t.age != e.Age {
		c.eventFinding(InvStableAge, "", e, "the age of %s changes from %v to %v",
			t.t.Name(), t.age, e.Age)
	}
	if e.Attempt.Try <= t.begun {
		c.eventFinding(InvStableAge, "", e, "attempt %d of %s begins after attempt %d",
			e.Attempt.Try, t.t.Name(), t.begun)
	}
	t.begun = max(t.begun, e.Attempt.Try)
}
