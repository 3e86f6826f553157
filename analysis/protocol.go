package analysis

import (
	"fmt"
	"slices"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// ProtocolChecker checks a trace against the protocol's promises: no message before the
// record that it depends on is durable, one decision per attempt, logs that follow the
// grammar, nothing done twice, no name given twice, no abort without a cause, and, where
// that is promised, none for the sake of a younger transaction. It trusts no node's account of
// itself: what is durable it learns from the log devices, and what a transaction does from its
// client.
//
// A transaction is known from its client's request until keepAnswered others have come to
// rest after it. At rest means that it has its final answer, and that every worker which
// promised has acted on the decision. What comes later is not checked.
//
// Reset must come first: it sets the cluster that the run is of.
type ProtocolChecker struct {
	nodes        []nodeLog // by node
	faults       faultWatch
	slowest      time.Duration // the slowest sync or wait for a processor so far
	rough        bool          // see AwaitCalm
	byAge        model.ByAge   // nil if the control promises nothing of ages
	builtIn      bool          // the control is one of the model's
	now          sim.Time      // of the last record
	saidWhy      sim.NodeID    // the node whose last note was a finding, or Nobody
	coordinators int

	coordinatorWords, workerWords *words         // the protocol's grammar; nil: it has none
	ids                           []idRing       // by coordinator
	marks                         []model.WireID // by coordinator: the highest mark that it has told in its present life
	calls                         []calls        // by coordinator

	format    *model.Formatter
	ledger    ledger
	bounds    bounds
	causes    causeRules
	room      room
	execution model.Execution
	votes     bool // workers promise by YES votes; false: none has been seen, so by prepare records
	promises  bool // some worker has promised, see Promises
	retry     model.Retry
	presumes  model.Outcome // of what has voted YES; Pending: nothing yet
	norm      bool          // the protocol states that
	guess     guess
	owed      owedNote
	open      int // transactions without an answer
	most      int // the most open at a time
	log       findingLog
	doubt     InDoubt

	ack model.Message // see acked

	txns      txnTraces
	watch     [256]watch         // by kind
	rules     [256][]model.Force // by the kind of message
	languages [2]words           // of the nodes' logs
}

// maxFindings is how many findings are kept.
const maxFindings = 20

// Trace implements sim.Tracer.
func (c *ProtocolChecker) Trace(r *sim.Record[model.Message]) {
	c.now = r.At
	if c.room.workers != nil {
		c.room.follow(c, r)
	}
	if c.rough && r.Calm {
		c.rough = false
		c.faults.calm(r.At)
		c.faults.last = max(c.faults.last, r.At)
	}
	if c.owed.label != 0 && c.owed.over(r) {
		c.checkOwed()
	}
	switch r.Op {
	case sim.TraceAppend:
		c.appended(r)
	case sim.TraceSync:
		c.nodes[r.Node].syncBegan = r.At
	case sim.TraceSynced:
		n := &c.nodes[r.Node]
		n.durable = sim.LSN(r.Arg)
		c.slowest = max(c.slowest, r.At.Sub(n.syncBegan))
	case sim.TraceDeliver:
		c.waited(r)
		if c.watch[r.Kind]&watchArrival != 0 {
			c.arrived(r)
		}
	case sim.TraceCrash:
		n := &c.nodes[r.Node]
		n.survived = append(n.survived, n.durable)
		if c.coordinates(r.Node) {
			c.marks[r.Node] = 0
			c.calls[r.Node].forget()
		}
		c.faulted(r)
	case sim.TraceRestart:
		c.nodes[r.Node].restarted = uint32(r.Arg)
		c.faulted(r)
	case sim.TraceLost, sim.TraceDead, sim.TracePause, sim.TraceResume, sim.TraceCut, sim.TraceHeal:
		c.faulted(r)
	case sim.TraceSend:
		c.sent(r)
	case sim.TraceNote:
		c.noted(r)
	case sim.TraceStopped:
		c.stopped(r)
	}
}

// stopped reports a node that stops for good without having said why.
func (c *ProtocolChecker) stopped(r *sim.Record[model.Message]) {
	c.faulted(r)
	if c.saidWhy != r.Node {
		c.found(InvImpossible, r, "%s stopped: its log is damaged before its end", c.format.Node(r.Node))
	}
	c.saidWhy = sim.Nobody
}

// impossible reports a node that found something that cannot be.
func (c *ProtocolChecker) impossible(r *sim.Record[model.Message]) {
	c.saidWhy, c.owed = r.Node, owedNote{}
	l := c.format.Line(r)
	about := ""
	if r.Label != 0 {
		about = " about " + c.name(r.Label)
	}
	c.found(InvImpossible, r, "%s %s%s", c.format.Node(r.Node), l.Detail, about)
}

// appended takes note of a log record: a message may depend on it, or it may show how a
// worker that voted YES acts on the decision.
func (c *ProtocolChecker) appended(r *sim.Record[model.Message]) {
	w := c.language(r.Node)
	if c.watch[r.Kind]&watchRecord == 0 && (w == nil || w.role[r.Kind] == audit) {
		return
	}
	t := c.txns.find(r.Label)
	if t == nil {
		return
	}
	if binding(r.Kind) {
		c.checkLife(t, r, 0)
	}
	place := c.nextPlace(t, w, r)
	switch r.Kind {
	case model.KindEnd:
		c.checkEnd(t, r)
	case model.KindCommit, model.KindAbort:
		t.cause.decides(r.Label)
		if r.Kind == model.KindCommit && !t.cause.allAgreed() {
			c.checkVotes(t, r)
		}
		c.checkRecord(t, r)
		c.endDoubt(t, r)
		c.mustNote(t, r)
	}
	t.records = append(t.records, tracedRecord{})
	rec := &t.records[len(t.records)-1] // field by field: a literal would be built elsewhere and copied
	rec.node, rec.try, rec.kind, rec.place = r.Node, tryOf(r.Label), r.Kind, place
	rec.life, rec.told, rec.lsn, rec.at, rec.doubt = c.nodes[r.Node].life(), toldNothing, sim.LSN(r.Arg), r.At, noDoubt
	t.wide.record(r.Node)
}

// sent checks what a message says of decisions, names and conflicts, and the
// write-ahead rules.
func (c *ProtocolChecker) sent(r *sim.Record[model.Message]) {
	if r.Kind == model.KindRequest {
		if r.Message != nil && r.Message.Txn != nil {
			c.asked(r)
		}
		return
	}
	look := c.watch[r.Kind] &^ (watchArrival | watchRecord)
	if look == 0 || r.Message == nil {
		return
	}
	if look&watchName != 0 {
		c.marked(r)
	}
	t := c.txns.find(r.Label)
	if t != nil && look&watchDecision != 0 && (!r.Message.Presumed || r.Message.Vote == model.VoteYes) {
		c.leaves(t, r)
	}
	if r.Message.Presumed {
		c.checkPresumption(r)
		return // based on no record; acted checks what a worker makes of it
	}
	if t == nil {
		return
	}
	if look&watchDecision != 0 {
		c.decided(t, r, stated(r.Kind))
		c.tells(t, r)
	}
	if look&watchDoubt != 0 {
		c.enquired(t, r)
	}
	if look&watchName != 0 {
		c.checkName(t, r)
	}
	if look&watchConflict != 0 {
		c.checkAgeOrder(t, r)
	}
	if look&watchRules != 0 {
		c.checkWriteAhead(t, r)
	}
	if look&watchDecision != 0 {
		c.checkDecideNote(t, r, stated(r.Kind))
	}
	if look&watchCause != 0 {
		c.follow(t, r)
	}
}

// asked takes note of a client's request.
func (c *ProtocolChecker) asked(r *sim.Record[model.Message]) {
	t, first := c.txns.open(r.Message.Txn, r.Message.Age(), r.Peer)
	c.checkRetry(t, r, first)
	if !first {
		c.keepDebts(t)
	}
	t.asked, t.toldAborted = r.At, -1
	t.cause.begin(r.Label, len(t.txn.Parts))
	if first {
		c.open++
		c.most = max(c.most, c.open)
	}
}

// noted follows decisions and what workers do about them.
func (c *ProtocolChecker) noted(r *sim.Record[model.Message]) {
	if r.Kind == model.KindFinding {
		c.impossible(r)
		return
	}
	c.saidWhy = sim.Nobody
	switch r.Kind {
	case model.KindDecide, model.KindCommitted, model.KindAborted, model.KindOutcome, model.KindStart:
	case model.KindSuspect, model.KindRecover:
		c.misses(r)
	default:
		return
	}
	t := c.txns.find(r.Label)
	if t == nil {
		return
	}
	switch r.Kind {
	case model.KindStart:
		c.notesStart(t, r)
	case model.KindDecide:
		c.notesDecision(t, r)
		c.decided(t, r, model.Outcome(r.Arg))
	case model.KindSuspect:
		c.checkSuspect(t, r)
	case model.KindCommitted:
		c.acted(t, r, model.Committed)
	case model.KindAborted:
		c.checkLeft(t, r)
		c.acted(t, r, model.Aborted)
	case model.KindOutcome:
		c.checkAnswerTime(t, r)
		c.checkTold(t, r)
		c.checkLast(t, r)
		if r.Message != nil && r.Message.Final && !t.answered {
			t.answered = true
			c.open--
			c.comeToRest(t)
		}
	}
}

// decided records the first statement of each outcome of an attempt, and compares the two.
// A coordinator states an outcome in a note or in a decision that it sends.
func (c *ProtocolChecker) decided(t *txnTrace, r *sim.Record[model.Message], o model.Outcome) {
	if o == model.Committed && !t.cause.allAgreed() {
		c.checkVotes(t, r)
	}
	var other *tracedDecision
	for i := range t.decisions {
		if d := &t.decisions[i]; d.label == r.Label {
			if d.outcome == o {
				return
			}
			other = d
		}
	}
	if other != nil && t.bound(r.Label) {
		c.found(InvOneDecision, r, "%s was %s at %s at %s and %s at %s at %s", c.name(r.Label),
			other.outcome, c.format.Node(other.node), other.at, o, c.format.Node(r.Node), r.At)
	} else if other == nil {
		c.checkLogged(t, r, o)
	}
	t.decisions = append(t.decisions, tracedDecision{})
	c.checkDecider(t, r)
	t.cause.decides(r.Label)
	d := &t.decisions[len(t.decisions)-1]
	d.at, d.label, d.arg, d.node, d.peer = r.At, r.Label, r.Arg, r.Node, r.Peer
	d.op, d.kind, d.outcome = r.Op, r.Kind, o
}

// acted records that a worker which had promised, or decided alone, has
// applied or discarded: that too must agree with every decision.
func (c *ProtocolChecker) acted(t *txnTrace, r *sim.Record[model.Message], o model.Outcome) {
	c.checkOnce(t, r)
	c.owed.pay(r)
	if o == model.Committed {
		c.checkApplied(t, r)
	}
	if c.endDoubt(t, r) || o == model.Committed {
		c.decided(t, r, o)
	}
}

func (c *ProtocolChecker) found(invariant string, r *sim.Record[model.Message], text string, args ...any) {
	c.foundShape(invariant, "", r, text, args...)
}

func (c *ProtocolChecker) foundShape(invariant, shape string, r *sim.Record[model.Message], text string, args ...any) {
	c.foundBetween(invariant, shape, r, 0, text, args...)
}

// foundBetween reports what is wrong with a record and may come from another attempt, whose
// transaction is then named too; 0 is none.
func (c *ProtocolChecker) foundBetween(invariant, shape string, r *sim.Record[model.Message], other sim.Label, text string, args ...any) {
	c.log.add(invariant, func() Finding {
		attempts := []sim.Label{r.Label}
		if other != 0 {
			attempts = append(attempts, other)
		}
		txns, known := c.known(invariant == InvWriteAhead, attempts...) // there records of another attempt do not count
		f := Finding{Shape: shape, At: r.At, Txn: txns, Text: fmt.Sprintf(text, args...), Records: c.lines(known)}
		if line := c.line(r); !slices.Contains(f.Records, line) {
			f.Records = append(f.Records, line)
		}
		return f
	})
}

// Findings returns the findings so far, and how many there were in all.
func (c *ProtocolChecker) Findings() ([]Finding, int) { return c.log.kept, c.log.total }
