package analysis

import (
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Checks of accountable protocols only: whoever decides has heard the votes, whoever acts on a
// decision has heard that and acknowledges what it has done, and whoever forgets it has heard
// the acks.

// allAgreed reports whether the coordinator has heard all votes for commit.
func (x *cause) allAgreed() bool { return x.agreed == len(x.parts) }

// checkVotes checks that a coordinator which commits what several workers run has heard from
// each of them, and about this attempt, that it votes for commit. This is AC3 of Bernstein,
// Hadzilacos, Goodman, 1987, section 7.3; for AC4 see InvAbortCause. The record is judged and not
// only what is said after it, because a crash in between would make it the decision.
func (c *ProtocolChecker) checkVotes(t *txnTrace, r *sim.Record[model.Message]) {
	x := &t.cause
	if !c.causes.accountable || x.label != r.Label || len(x.parts) == 1 || x.voteless || !c.coordinates(r.Node) {
		return
	}
	x.voteless = true
	c.foundShape(InvOneDecision, "without votes", r, "%s commits %s, and %s has heard votes for commit of %d of its %d workers",
		c.format.Node(r.Node), c.name(r.Label), c.format.Node(t.serves), x.agreed, len(x.parts))
}

// decides takes note of a decision. A YES that is heard after it is not counted, so that its
// worker need not be told.
func (x *cause) decides(label sim.Label) { x.decided = x.decided || x.label == label }

// checkEnd checks that a coordinator forgets an attempt only when every worker has acknowledged
// the decision whose YES it had counted, where it logs the end at all: one in doubt that asks
// later is told what is presumed. Acks to an earlier life count.
func (c *ProtocolChecker) checkEnd(t *txnTrace, r *sim.Record[model.Message]) {
	if !c.causes.accountable || r.Node != t.serves {
		return
	}
	for i := range t.txn.Parts {
		n := c.worker(&t.txn.Parts[i])
		if d, _ := c.debtOf(t, r.Label, n, int32(i)); d != nil && d.owes {
			c.foundShape(InvLogGrammar, "acks missing", r, "%s appended its end record of %s, and %s, whose YES it had heard before it decided, has not acknowledged the decision",
				c.format.Node(r.Node), c.name(r.Label), c.format.Node(n))
			return
		}
	}
}

// guess is an abort that a worker has been told last. It rests on the coordinator's having no
// information, and on the worker's not having voted when it asked.
type guess struct {
	at    sim.Time
	node  sim.NodeID
	label sim.Label // 0: what was told last is no guess
}

// told takes note of a decision that a worker is told, by whichever node. A guess is none:
// what the worker has voted since, the coordinator may have counted, and forgotten as
// committed.
func (c *ProtocolChecker) told(t *txnTrace, r *sim.Record[model.Message]) {
	c.guess = guess{}
	if m := r.Message; m != nil && r.Kind == model.KindAbort && m.Presumed && m.Vote != model.VoteYes {
		c.guess = guess{r.At, r.Node, r.Label}
		return
	}
	if t == nil {
		return
	}
	try := tryOf(r.Label)
	for i := t.recordBefore(len(t.records), r.Node); i >= 0; i = t.recordBefore(i, r.Node) {
		rec := &t.records[i]
		if rec.kind != model.KindPrepare || rec.try != try {
			continue
		}
		c.doubtAgain(t, rec)
		rec.told = rec.told.and(c.nodes[r.Node].life(), stated(r.Kind))
	}
}

// told is which decisions a node was told in the last life in which it was told any, or acted
// on one: how often it had crashed before, and a bit for each of the two. One more bit says
// that it has come to be in doubt by its log alone, as its vote had not left: that stays so,
// whatever it is told.
type told int32

const (
	toldCommit  told = 1
	toldAbort   told = 2
	toldUnvoted told = 4
	toldBits         = 3
	toldNothing told = -1 << toldBits
)

// life returns how often the node had crashed; -1: it has never been told.
func (x told) life() int32 { return int32(x >> toldBits) }

func toldBit(o model.Outcome) told {
	if o == model.Aborted {
		return toldAbort
	}
	return toldCommit
}

// and returns what a node has been told that is told this as well.
func (x told) and(life int32, o model.Outcome) told {
	if x.life() != life {
		x = told(life)<<toldBits | x&toldUnvoted
	}
	return x | toldBit(o)
}

// checkUntold checks that a worker in doubt which acts does what it has been told in its present
// life: what it was told in an earlier one, and has no record of, is forgotten.
func (c *ProtocolChecker) checkUntold(rec *tracedRecord, r *sim.Record[model.Message]) {
	heard := rec.told.life() == c.nodes[r.Node].life()
	switch {
	case !c.causes.accountable || !heard && !rec.promised() || heard && rec.told&toldBit(stated(r.Kind)) != 0:
	case r.Kind == model.KindAbort && c.guess == guess{r.At, r.Node, r.Label}:
		c.foundShape(InvOneDecision, "guess", r, "%s has voted YES on %s, and aborts it because an abort was presumed of what had not voted",
			c.format.Node(r.Node), c.name(r.Label))
	case heard:
		other := model.Aborted
		if stated(r.Kind) == other {
			other = model.Committed
		}
		c.foundShape(InvOneDecision, "told otherwise", r, "%s, in doubt about %s, has been told that it is %s, and now says \"%s\"",
			c.format.Node(r.Node), c.name(r.Label), other, c.format.Kind(r.Kind))
	default:
		c.foundShape(InvOneDecision, "untold", r, "%s has been in doubt about %s since %s, and now says \"%s\", and it has not been told the decision",
			c.format.Node(r.Node), c.name(r.Label), rec.doubt.since(), c.format.Kind(r.Kind))
	}
}

// checkLogged checks, when a coordinator says a decision first, that its log does not have the
// other one. A record that a crash has lost was never said.
func (c *ProtocolChecker) checkLogged(t *txnTrace, r *sim.Record[model.Message], o model.Outcome) {
	if !c.causes.accountable || r.Node != t.serves {
		return
	}
	for i := range t.records {
		rec := &t.records[i]
		if rec.node == r.Node && rec.try == tryOf(r.Label) && decides(rec.kind) &&
			stated(rec.kind) != o && c.nodes[r.Node].isInLog(rec) && t.bound(r.Label) {
			c.foundShape(InvOneDecision, "another record", r, "%s says that %s is %s, and its log has the %s record",
				c.format.Node(r.Node), c.name(r.Label), o, c.format.Kind(rec.kind))
			return
		}
	}
}

// checkRecord checks that a coordinator does not log another decision than it has said.
func (c *ProtocolChecker) checkRecord(t *txnTrace, r *sim.Record[model.Message]) {
	if !c.causes.accountable || r.Node != t.serves {
		return
	}
	for i := range t.decisions {
		if d := &t.decisions[i]; d.label == r.Label && d.node == r.Node && d.outcome != stated(r.Kind) && t.bound(r.Label) {
			c.foundShape(InvOneDecision, "another record", r, "%s appended its %s record of %s, and has said that it is %s",
				c.format.Node(r.Node), c.format.Kind(r.Kind), c.name(r.Label), d.outcome)
			return
		}
	}
}
