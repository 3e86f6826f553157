package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// txnTrace is what was seen of one transaction's attempts. Many are kept, so a new one
// finds its memory out of the cache: what most transactions need is small and lies
// together.
type txnTrace struct {
	index       uint64
	txn         *model.Transaction
	age         model.Age
	asked       sim.Time   // when its latest attempt was asked for
	toldAborted sim.Time   // when its client was told, not for good, that this is aborted; -1: it has not been
	serves      sim.NodeID // its coordinator
	counted     int32      // records that it had when it came to rest
	inDoubt     int32      // workers that are in doubt
	partial     int32      // logs with no whole word about an attempt; not exact once a node has crashed
	answered    bool
	resting     bool // it is in txnTraces.atRest
	said        tracedAnswer

	records   []tracedRecord
	acts      []tracedAct
	decisions []tracedDecision // the first for each outcome of each attempt
	ids       []tracedID       // of its attempts
	lost      []lostMessage
	left      []leftDecision
	behind    []blockedBy
	blocked   []blockedCause // what its attempts are counted as blocked by
	earlier   []earlierDebt
	cause     cause

	actsRoom      [3]tracedAct
	decisionsRoom [1]tracedDecision
	idsRoom       [1]tracedID
	leftRoom      [3]leftDecision
	partsRoom     [3]partCause

	wide *wide // nil if it has few parts: they are searched faster than looked up
}

// tracedRecord is a record that a node appended.
type tracedRecord struct {
	node  sim.NodeID
	try   uint16 // of the transaction
	kind  sim.Kind
	place uint8 // its place in the language of the node's log
	life  int32 // how often the node had crashed when it appended the record
	told  told  // what the node, in doubt, was told
	lsn   sim.LSN
	at    sim.Time
	doubt doubt // of a prepare record
}

// promised reports whether the worker that wrote the prepare record has promised to commit.
func (r *tracedRecord) promised() bool { return r.doubt.begun() && r.told&toldUnvoted == 0 }

// tryOf returns the try of the attempt that a label is about; it fits, see model.MaxTries.
func tryOf(l sim.Label) uint16 { return uint16(l) }

// label returns the label of a record of the transaction.
func (t *txnTrace) label(r *tracedRecord) sim.Label {
	return model.Attempt{Txn: t.index, Try: uint32(r.try)}.Label()
}

// tracedID is the name that a coordinator gave to an attempt on the wire.
type tracedID struct {
	label sim.Label
	id    model.WireID
}

// tracedAnswer is the latest definite answer that was sent to the client.
type tracedAnswer struct {
	at      sim.Time
	label   sim.Label
	outcome model.Outcome
}

// tracedAct is a worker that has applied or discarded an attempt.
type tracedAct struct {
	at   sim.Time
	node sim.NodeID
	life int32
	try  uint16
}

// tracedDecision is a statement of a coordinator, or of a worker, that an attempt is
// decided.
type tracedDecision struct {
	at         sim.Time
	label      sim.Label
	arg        uint64
	node, peer sim.NodeID
	op         sim.TraceOp
	kind       sim.Kind
	outcome    model.Outcome
}

// part returns the part of the transaction on a worker, nil if it has none.
func (t *txnTrace) part(worker int) *model.Part {
	if t.wide == nil {
		return partOf(t.txn, worker)
	}
	if i, ok := t.wide.parts[worker]; ok {
		return &t.txn.Parts[i]
	}
	return nil
}

// partOf is part, of any transaction.
func partOf(t *model.Transaction, worker int) *model.Part {
	for i := range t.Parts {
		if p := &t.Parts[i]; p.Worker == worker {
			return p
		}
	}
	return nil
}

// locks returns how many keys of a worker an attempt of the transaction locks.
func (t *txnTrace) locks(worker int) (n int) {
	if p := t.part(worker); p != nil {
		for range p.Locks {
			n++
		}
	}
	return n
}

// durableRecord returns the node's durable record of the kind and attempt.
func (c *ProtocolChecker) durableRecord(t *txnTrace, node sim.NodeID, kind sim.Kind, label sim.Label) *tracedRecord {
	log, try := &c.nodes[node], tryOf(label)
	for i := t.recordBefore(len(t.records), node); i >= 0; i = t.recordBefore(i, node) {
		if r := &t.records[i]; r.kind == kind && r.try == try && log.isDurable(r) {
			return r
		}
	}
	return nil
}

// lastRecord returns the last record of an attempt that a node's log holds.
func (c *ProtocolChecker) lastRecord(t *txnTrace, node sim.NodeID, label sim.Label) *tracedRecord {
	log, try := &c.nodes[node], tryOf(label)
	for i := t.recordBefore(len(t.records), node); i >= 0; i = t.recordBefore(i, node) {
		if r := &t.records[i]; r.try == try && log.isInLog(r) {
			return r
		}
	}
	return nil
}

// bound reports whether anything depends on the decision about an attempt: a promise, or a
// commit that a worker decided. Otherwise, an attempt that only read may be stated to have
// either outcome, even after its client was told that it committed.
func (t *txnTrace) bound(label sim.Label) bool {
	for i := range t.records {
		if r := &t.records[i]; r.try == tryOf(label) && (r.promised() || r.kind == model.KindCommitOne) {
			return true
		}
	}
	return false
}

// Bounds of what is kept: transactions at rest, the records of these, and records of
// transactions that left with unfinished logs.
const (
	keepAnswered = 1 << 13
	keepRecords  = 1 << 17
	keepLeft     = keepRecords / 4
)

// txnTraces holds the transactions that are open or came to rest lately.
type txnTraces struct {
	index  slotMap
	slots  []*txnTrace
	free   []int32
	atRest []int32 // oldest first, from head
	head   int
	warmth int32          // see warm
	held   int            // records of those at rest
	left   int            // records of those that left atRest with a log that is not finished
	recent [256]*txnTrace // found lately, see near; transactions that run at a time have similar indexes
}

// find returns the transaction that a label is about, nil if it is not known.
func (x *txnTraces) find(l sim.Label) *txnTrace {
	index := model.AttemptOf(l).Txn
	recent := x.near(index)
	if *recent == nil || (*recent).index != index {
		slot := x.index.find(index)
		if slot < 0 {
			return nil
		}
		*recent = x.slots[slot]
	}
	return *recent
}

// near is the place in recent for a transaction with this index.
func (x *txnTraces) near(index uint64) **txnTrace { return &x.recent[index%uint64(len(x.recent))] }

// open makes a transaction known when its client first asks for it.
func (x *txnTraces) open(t *model.Transaction, age model.Age, coordinator sim.NodeID) (s *txnTrace, first bool) {
	if slot := x.index.find(t.Index); slot >= 0 {
		return x.slots[slot], false
	}
	var slot int32
	if n := len(x.free); n > 0 {
		slot = x.free[n-1]
		x.free = x.free[:n-1]
	} else {
		slot = int32(len(x.slots))
		if x.slots = more(x.slots); x.slots[slot] == nil {
			s = &txnTrace{}
			s.acts, s.decisions, s.ids = s.actsRoom[:0], s.decisionsRoom[:0], s.idsRoom[:0]
			s.left = s.leftRoom[:0]
			s.cause.parts = s.partsRoom[:0]
			x.slots[slot] = s
		}
	}
	s = x.slots[slot]
	if want := 2*len(t.Parts) + 3; cap(s.records) < want { // what two-phase commit needs
		s.records = make([]tracedRecord, 0, want)
	}
	s.index, s.txn, s.age, s.serves = t.Index, t, age, coordinator
	s.counted, s.inDoubt, s.partial, s.answered, s.resting = 0, 0, 0, false, false
	s.said = tracedAnswer{}
	s.records, s.acts, s.decisions, s.ids = s.records[:0], s.acts[:0], s.decisions[:0], s.ids[:0]
	s.lost, s.left, s.behind, s.blocked = s.lost[:0], s.left[:0], s.behind[:0], s.blocked[:0]
	s.earlier, s.wide = s.earlier[:0], nil
	if len(t.Parts) > widely {
		s.wide = newWide(t)
	}
	x.index.add(t.Index, slot)
	return s, true
}

// comeToRest notes that a transaction has come to rest, if it has, and then drops the oldest
// of those at rest.
func (c *ProtocolChecker) comeToRest(t *txnTrace) {
	if !t.answered || t.inDoubt > 0 || t.resting {
		return
	}
	x := &c.txns
	t.resting = true
	t.counted = int32(len(t.records))
	x.held += int(t.counted)
	x.atRest = append(x.atRest, x.index.find(t.index))
	for n := len(x.atRest) - x.head; n > 1 && (n > keepAnswered || x.held > keepRecords); n-- {
		if x.head%warmed == 0 {
			x.warm()
		}
		slot := x.atRest[x.head]
		x.head++
		oldest := x.slots[slot]
		x.held -= int(oldest.counted)
		switch {
		case oldest.inDoubt > 0:
			oldest.resting = false // in doubt again: it will come to rest once more
		case x.left+int(oldest.counted) <= keepLeft && c.leavesOpen(oldest):
			x.left += int(oldest.counted) // Finish will judge it
		default:
			x.forget(slot)
		}
	}
	if x.head > keepAnswered {
		x.atRest = append(x.atRest[:0], x.atRest[x.head:]...)
		x.head = 0
	}
}

// warmed is how many are read at once by warm.
const warmed = 8

// warm reads the beginnings of the next transactions to be dropped, whose places new ones
// will take, only to bring them into the cache: reading several at once lets the memory
// accesses overlap.
func (x *txnTraces) warm() {
	sum := int32(0)
	for _, slot := range x.atRest[x.head:min(x.head+warmed, len(x.atRest))] {
		t := x.slots[slot]
		sum += t.counted + int32(len(t.records)+len(t.ids)+len(t.behind)) // touch each cache line that open writes
	}
	x.warmth = sum // a use, so that the compiler keeps the reads
}

func (x *txnTraces) forget(slot int32) {
	t := x.slots[slot]
	x.index.remove(t.index)
	x.free = append(x.free, slot)
	if recent := x.near(t.index); *recent == t {
		*recent = nil
	}
	t.txn, t.index = nil, 0
}

// Evidence lists what is known of an attempt: the records that its nodes appended, the
// decisions that were taken, and the latest messages that were lost, in order of time.
func (c *ProtocolChecker) Evidence(a model.Attempt) []string {
	all := c.evidence(nil, a.Txn, a.Label())
	if t := c.txns.find(a.Label()); t != nil {
		for i := range t.lost {
			if m := &t.lost[i]; m.label == a.Label() && m.until == sim.Never {
				all = append(all, sim.Record[model.Message]{At: m.at, Op: sim.TraceLost, Node: m.to, Peer: m.from, Kind: m.kind,
					Label: m.label, Arg: uint64(m.cause)})
			}
		}
	}
	return c.lines(all)
}

// foundLogged is foundShape where no record of the trace shows the finding, but what these
// attempts have in the logs does.
func (c *ProtocolChecker) foundLogged(invariant, shape string, at sim.Time, attempts []sim.Label, text string, args ...any) {
	c.log.add(invariant, func() Finding {
		txns, known := c.known(true, attempts...)
		return Finding{Shape: shape, At: at, Txn: txns, Text: fmt.Sprintf(text, args...), Records: c.lines(known)}
	})
}

// known returns the names of the transactions of attempts, and what is known of them, or, if
// alone is set, of these attempts alone.
func (c *ProtocolChecker) known(alone bool, attempts ...sim.Label) (txns string, all []sim.Record[model.Message]) {
	var names []string
	for _, l := range attempts {
		txn, only := model.AttemptOf(l).Txn, sim.Label(0)
		name := c.format.Txn(txn)
		again := slices.Contains(names, name)
		if !again {
			names = append(names, name)
		}
		if alone {
			only = l
		}
		if alone || !again {
			all = c.evidence(all, txn, only)
		}
	}
	return strings.Join(names, " "), all
}

// evidence appends what is known of one attempt of a transaction, or, with 0, of all.
func (c *ProtocolChecker) evidence(all []sim.Record[model.Message], txn uint64, only sim.Label) []sim.Record[model.Message] {
	slot := c.txns.index.find(txn)
	if slot < 0 {
		return all
	}
	t := c.txns.slots[slot]
	for i := range t.records {
		r := &t.records[i]
		if only != 0 && t.label(r) != only {
			continue
		}
		all = append(all, sim.Record[model.Message]{At: r.at, Op: sim.TraceAppend, Node: r.node, Peer: sim.Nobody, Kind: r.kind,
			Label: t.label(r), Arg: uint64(r.lsn)})
		if r.promised() && c.votes {
			all = append(all, sim.Record[model.Message]{At: r.doubt.since(), Op: sim.TraceSend, Node: r.node, Peer: t.serves,
				Kind: model.KindVote, Label: t.label(r), Message: &model.Message{Vote: model.VoteYes}})
		}
	}
	for _, d := range t.decisions {
		if only != 0 && d.label != only {
			continue
		}
		all = append(all, sim.Record[model.Message]{At: d.at, Op: d.op, Node: d.node, Peer: d.peer, Kind: d.kind,
			Label: d.label, Arg: d.arg, Message: &model.Message{Outcome: d.outcome}})
	}
	return all
}

// lines prints records in order of time.
func (c *ProtocolChecker) lines(all []sim.Record[model.Message]) []string {
	slices.SortStableFunc(all, func(a, b sim.Record[model.Message]) int { return cmp.Compare(a.At, b.At) })
	var lines []string
	for i := range all {
		if i == maxRecords {
			break
		}
		lines = append(lines, c.line(&all[i]))
	}
	return lines
}

func (c *ProtocolChecker) name(l sim.Label) string { return c.format.Attempt(model.AttemptOf(l)) }

func (c *ProtocolChecker) line(r *sim.Record[model.Message]) string {
	l := c.format.Line(r)
	b := l.Append(nil)
	return string(b[:len(b)-1])
}
