package analysis

import (
	"fmt"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// The invariants of the ProtocolChecker.
const (
	// InvWriteAhead: no message leaves before the record that it rests on is durable.
	InvWriteAhead = "write-ahead"
	// InvOneDecision: no attempt is both committed and aborted.
	InvOneDecision = "one-decision"
	// InvImpossible: no node was told what can not be, or found its log unreadable.
	InvImpossible = "no-impossible-message"
)

// ProtocolInvariants returns the invariants that a ProtocolChecker checks.
func ProtocolInvariants() []string { return []string{InvWriteAhead, InvOneDecision, InvImpossible} }

// ProtocolChecker holds a trace against the protocol's promises: no message
// before the record that it rests on is durable, and one decision per attempt.
// It trusts no node's account of itself: what is durable, it hears from the log
// devices.
//
// A transaction's state is kept until keepAnswered others have had their final
// answer after it; later messages about it are not checked.
type ProtocolChecker struct {
	rules    []model.Force
	format   *model.Formatter
	txns     map[uint64]*txnTrace
	nodes    []nodeLog // by node
	answered []uint64  // transactions with a final answer, oldest first
	head     int
	dropped  uint64 // no state is kept of transactions up to here, but open ones
	spare    []*txnTrace
	log      findingLog
	inDoubt  InDoubt
}

// InDoubt sums up the time between YES votes and the moment the worker acts
// on the decision.
type InDoubt struct {
	Parts uint64
	Total time.Duration
	Max   time.Duration
}

const (
	keepAnswered = 1 << 14
	maxFindings  = 20
)

// txnTrace is what was seen of one transaction's attempts.
type txnTrace struct {
	records   []tracedRecord
	decisions []tracedDecision
}

// tracedRecord is a protocol record that a node appended.
type tracedRecord struct {
	node  sim.NodeID
	kind  sim.Kind
	label sim.Label
	lsn   sim.LSN
	life  int      // of the node: how often it had crashed
	voted sim.Time // when a YES vote rested on it first; -1: never
}

// nodeLog is what a node's log device has made durable.
type nodeLog struct {
	durable sim.LSN
	cuts    []sim.LSN // what was durable at each crash; positions behind are used again
}

// holds reports whether the record is durable.
func (n *nodeLog) holds(r *tracedRecord) bool {
	if r.life < len(n.cuts) {
		return r.lsn <= n.cuts[r.life]
	}
	return r.lsn <= n.durable
}

type tracedDecision struct {
	label   sim.Label
	outcome model.Outcome
	node    sim.NodeID
	at      sim.Time
}

// NewProtocolChecker returns a checker of a protocol's write-ahead rules.
func NewProtocolChecker(rules []model.Force, nodes int, format *model.Formatter) *ProtocolChecker {
	return &ProtocolChecker{rules: rules, format: format, txns: map[uint64]*txnTrace{}, log: findingLog{limit: maxFindings}, nodes: make([]nodeLog, nodes)}
}

// Trace implements sim.Tracer.
func (c *ProtocolChecker) Trace(r *sim.Record[model.Message]) {
	switch r.Op {
	case sim.TraceAppend:
		switch r.Kind {
		case model.KindPrepare, model.KindCommit, model.KindAbort, model.KindCollecting, model.KindCommitOne:
			c.appended(r)
		}
	case sim.TraceSynced:
		c.nodes[r.Node].durable = sim.LSN(r.Arg)
	case sim.TraceCrash:
		n := &c.nodes[r.Node]
		n.cuts = append(n.cuts, n.durable)
	case sim.TraceSend:
		c.sent(r)
	case sim.TraceNote:
		c.noted(r)
	}
}

func (c *ProtocolChecker) txn(l sim.Label) *txnTrace {
	index := model.AttemptOf(l).Txn
	t := c.txns[index]
	if t == nil && index > c.dropped {
		t = c.newTrace()
		c.txns[index] = t
	}
	return t
}

func (c *ProtocolChecker) newTrace() *txnTrace {
	if n := len(c.spare); n > 0 {
		t := c.spare[n-1]
		c.spare = c.spare[:n-1]
		return t
	}
	return &txnTrace{}
}

func (c *ProtocolChecker) appended(r *sim.Record[model.Message]) {
	if t := c.txn(r.Label); t != nil {
		t.records = append(t.records, tracedRecord{r.Node, r.Kind, r.Label, sim.LSN(r.Arg), len(c.nodes[r.Node].cuts), -1})
	}
}

// sent checks the write-ahead rules.
func (c *ProtocolChecker) sent(r *sim.Record[model.Message]) {
	if r.Message != nil && r.Message.Presumed {
		return // no record, because none is left; acted compares what comes of it
	}
	for _, rule := range c.rules {
		if rule.Message != r.Kind || rule.Vote != model.VoteNone && (r.Message == nil || rule.Vote != r.Message.Vote) {
			continue
		}
		t := c.txn(r.Label)
		if t == nil {
			return
		}
		if rec := t.find(r.Node, rule.Record, r.Label, &c.nodes[r.Node]); rec != nil {
			if rule.Vote == model.VoteYes && rec.voted < 0 {
				rec.voted = r.At
			}
		} else {
			c.found(InvWriteAhead, r, "%s sent %s of %s while its %s record was not durable",
				c.format.Node(r.Node), kindName(r.Kind), c.name(r.Label), kindName(rule.Record))
		}
	}
}

// find returns the node's durable record of the kind and attempt.
func (t *txnTrace) find(node sim.NodeID, kind sim.Kind, label sim.Label, log *nodeLog) *tracedRecord {
	for i := range t.records {
		r := &t.records[i]
		if r.node == node && r.kind == kind && r.label == label && log.holds(r) {
			return r
		}
	}
	return nil
}

// noted follows decisions and what workers do about them.
func (c *ProtocolChecker) noted(r *sim.Record[model.Message]) {
	switch r.Kind {
	case model.KindDecide:
		c.decided(r, model.Outcome(r.Arg))
	case model.KindCommitted:
		c.acted(r, model.Committed)
	case model.KindAborted:
		c.acted(r, model.Aborted)
	case model.KindOutcome:
		if r.Message != nil && r.Message.Final {
			c.close(r.Label)
		}
	case model.KindFinding:
		c.found(InvImpossible, r, "%s stopped itself", c.format.Node(r.Node))
	}
}

// decided records a coordinator's decision and compares it with earlier ones.
func (c *ProtocolChecker) decided(r *sim.Record[model.Message], o model.Outcome) {
	t := c.txn(r.Label)
	if t == nil {
		return
	}
	for _, d := range t.decisions {
		if d.label == r.Label && d.outcome != o {
			c.conflict(r, o, d)
		}
	}
	t.decisions = append(t.decisions, tracedDecision{r.Label, o, r.Node, r.At})
}

// acted records that a worker which had voted YES, or decided alone, has
// applied or discarded: that too must agree with every decision.
func (c *ProtocolChecker) acted(r *sim.Record[model.Message], o model.Outcome) {
	t := c.txn(r.Label)
	if t == nil {
		return
	}
	voted := false
	for i := range t.records {
		rec := &t.records[i]
		if rec.node == r.Node && rec.label == r.Label && rec.kind == model.KindPrepare && rec.voted >= 0 {
			voted = true
			c.inDoubt.add(r.At.Sub(rec.voted))
		}
	}
	if voted || o == model.Committed {
		c.decided(r, o)
	}
}

func (d *InDoubt) add(t time.Duration) {
	d.Parts++
	d.Total += t
	d.Max = max(d.Max, t)
}

func (c *ProtocolChecker) conflict(r *sim.Record[model.Message], o model.Outcome, d tracedDecision) {
	c.found(InvOneDecision, r, "%s was %s at %s at %s and %s at %s at %s", c.name(r.Label),
		d.outcome, c.format.Node(d.node), d.at, o, c.format.Node(r.Node), r.At)
}

func (c *ProtocolChecker) found(invariant string, r *sim.Record[model.Message], text string, args ...any) {
	c.log.add(invariant, func() Finding {
		return Finding{At: r.At, Txn: c.name(r.Label), Text: fmt.Sprintf(text, args...), Records: []string{c.line(r)}}
	})
}

// close lets go of the oldest answered transactions.
func (c *ProtocolChecker) close(l sim.Label) {
	c.answered = append(c.answered, model.AttemptOf(l).Txn)
	for len(c.answered)-c.head > keepAnswered {
		index := c.answered[c.head]
		c.head++
		if t := c.txns[index]; t != nil {
			t.records, t.decisions = t.records[:0], t.decisions[:0]
			c.spare = append(c.spare, t)
			delete(c.txns, index)
		}
		c.dropped = max(c.dropped, index)
	}
	if c.head > keepAnswered {
		c.answered = append(c.answered[:0], c.answered[c.head:]...)
		c.head = 0
	}
}

// InDoubt returns the time in doubt so far.
func (c *ProtocolChecker) InDoubt() InDoubt { return c.inDoubt }

// Findings returns the findings so far, and how many there were in all.
func (c *ProtocolChecker) Findings() ([]Finding, int) { return c.log.kept, c.log.total }

func (c *ProtocolChecker) name(l sim.Label) string { return c.format.Attempt(model.AttemptOf(l)) }

func (c *ProtocolChecker) line(r *sim.Record[model.Message]) string {
	l := c.format.Line(r)
	b := l.Append(nil)
	return string(b[:len(b)-1])
}

func kindName(k sim.Kind) string { return model.KindNames()[k] }

// Mean is the mean time in doubt.
func (d InDoubt) Mean() time.Duration {
	if d.Parts == 0 {
		return 0
	}
	return d.Total / time.Duration(d.Parts)
}
