package analysis

import (
	"slices"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// checkTold checks that a client was not told less than its coordinator must know.
// What a crash can make it forget is left out: see model.Protocol.
func (c *ProtocolChecker) checkTold(t *txnTrace, r *sim.Record[model.Message]) {
	m := r.Message
	switch {
	case m == nil:
	case m.Outcome == model.Committed && len(m.Reads) == 0:
		if c.wasDown(t.serves, t.asked) || len(t.txn.Parts) == 1 && c.wasDown(c.worker(&t.txn.Parts[0]), t.asked) || !reads(t.txn) {
			return
		}
		c.foundShape(InvCommittedReads, "no results", r, "%s is answered committed without the results of its reads, and %s has not crashed since it was asked for",
			c.name(r.Label), c.format.Node(t.serves))
	case m.Outcome == model.Unknown:
		c.checkUnknown(t, r)
	}
}

// checkContradiction checks that a coordinator which has not crashed since it told an outcome
// of an attempt does not tell the client the other one. After a crash it may, as its
// first answer counts: if it had told none, what the client makes of this one is judged.
func (c *ProtocolChecker) checkContradiction(t *txnTrace, r *sim.Record[model.Message]) {
	o := r.Message.Outcome
	if c.causes.accountable && r.Node != t.serves {
		c.foundShape(InvImpossible, "wrong address", r, "%s answers the client of %s, and it is %s that was asked for that", c.format.Node(r.Node), c.name(r.Label), c.format.Node(t.serves))
	}
	if r.Node != t.serves || o != model.Committed && o != model.Aborted {
		return
	}
	was := tracedAnswer{}
	if t.said.label == r.Label {
		was = t.said
	} else if t.bound(r.Label) { // otherwise it may be stated to have either outcome
		for _, d := range t.decisions {
			if d.label == r.Label && d.node == r.Node && d.outcome != o {
				was = tracedAnswer{d.at, d.label, d.outcome}
			}
		}
	}
	if was.label == r.Label && was.outcome != o && !c.wasDown(r.Node, was.at) {
		c.foundShape(InvOneDecision, "answers", r, "%s has said at %s that %s is %s, and tells the client that it is %s",
			c.format.Node(r.Node), was.at, c.name(r.Label), was.outcome, o)
	}
	t.said = tracedAnswer{r.At, r.Label, o}
}

// checkOnePhase checks that an accountable protocol tells a client that its transaction has
// committed in one phase only when that is durable. No Force says so: the record is not the
// sender's. What only read has none, as it leaves nothing to lose.
func (c *ProtocolChecker) checkOnePhase(t *txnTrace, r *sim.Record[model.Message]) {
	if !c.causes.accountable || r.Message.Outcome != model.Committed || len(t.txn.Parts) != 1 || !t.txn.Writes() {
		return
	}
	w := c.worker(&t.txn.Parts[0])
	if c.durableRecord(t, w, model.KindCommitOne, r.Label) == nil {
		c.found(InvWriteAhead, r, "%s sent %s of %s while the %s record of %s was not durable",
			c.format.Node(r.Node), c.format.Kind(r.Kind), c.name(r.Label), c.format.Kind(model.KindCommitOne), c.format.Node(w))
	}
}

// checkUnknown checks the answer that an outcome is unknown: the coordinator must be able not
// to know it.
func (c *ProtocolChecker) checkUnknown(t *txnTrace, r *sim.Record[model.Message]) {
	switch {
	case c.faults.dead > 0: // who waits for the dead, perhaps behind others, is told by nobody
	case !c.wasDown(t.serves, t.asked):
		c.foundShape(InvOneOutcome, "unknown", r, "%s is answered unknown, and %s has not crashed since it was asked for",
			c.name(r.Label), c.format.Node(t.serves))
	case c.causes.accountable && len(t.txn.Parts) > 1:
		c.foundShape(InvOneOutcome, "unknown", r, "%s is answered unknown, and of several workers none can have committed what %s has lost in its crash",
			c.name(r.Label), c.format.Node(t.serves))
	}
}

// wasDown reports whether a node was down at some time since.
func (c *ProtocolChecker) wasDown(n sim.NodeID, since sim.Time) bool {
	return c.faults.nodes[n].up >= since
}

// coordinates reports whether a node is a coordinator.
func (c *ProtocolChecker) coordinates(n sim.NodeID) bool { return int(n) < c.coordinators }

// worker is the node of a part.
func (c *ProtocolChecker) worker(p *model.Part) sim.NodeID {
	return sim.NodeID(c.coordinators + p.Worker)
}

func reads(t *model.Transaction) bool {
	return slices.ContainsFunc(t.Ops, func(op model.Op) bool { return op.Kind == model.Read })
}
