package analysis

import (
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Checks of Accountable protocols only: whoever decides has heard the votes, whoever acts on a
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
	if !c.causes.heard || x.label != r.Label || len(x.parts) == 1 || x.voteless || !c.coordinates(r.Node) {
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
	x := &t.cause
	if !c.causes.accountable || x.label != r.Label || r.Node != t.serves {
		return
	}
	for i := range x.parts {
		if p := &x.parts[i]; p.owes {
			c.foundShape(InvLogGrammar, "acks missing", r, "%s appended its end record of %s, and %s, whose YES it had heard before it decided, has not acknowledged the decision",
				c.format.Node(r.Node), c.name(r.Label), c.format.Node(c.worker(&t.txn.Parts[i])))
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
	try, records := tryOf(r.Label), t.records
	for i := range records {
		rec := &records[i]
		if rec.node != r.Node || rec.kind != model.KindPrepare || rec.try != try {
			continue
		}
		if c.doubtAgain(t, rec); rec.doubt.lasts() || !rec.doubt.begun() { // otherwise it has acted
			rec.told = c.nodes[r.Node].life()
		}
	}
}

// checkUntold checks that a worker in doubt which acts has been told the decision in its present
// life: what it was told in an earlier one, and has no record of, is forgotten.
func (c *ProtocolChecker) checkUntold(t *txnTrace, rec *tracedRecord, r *sim.Record[model.Message]) {
	switch {
	case !c.causes.heard || rec.told == c.nodes[r.Node].life():
	case r.Kind == model.KindAbort && c.guess == guess{r.At, r.Node, r.Label}:
		c.foundShape(InvOneDecision, "guess", r, "%s has voted YES on %s, and aborts it because an abort was presumed of what had not voted",
			c.format.Node(r.Node), c.name(r.Label))
	default:
		c.foundShape(InvOneDecision, "untold", r, "%s has been in doubt about %s since %s, and now says \"%s\", and it has not been told the decision",
			c.format.Node(r.Node), c.name(r.Label), rec.doubt.since(), c.format.Kind(r.Kind))
	}
}

// checkAck checks that a worker does not acknowledge the one outcome when its log has the other:
// whoever counts the acks would forget an attempt that has not ended alike everywhere.
func (c *ProtocolChecker) checkAck(t *txnTrace, r *sim.Record[model.Message]) {
	contrary := model.KindAbort
	switch r.Message.Outcome {
	case model.Aborted:
		contrary = model.KindCommit
	case model.Committed:
	default:
		return
	}
	if rec := t.last(r.Node, r.Label, &c.nodes[r.Node]); c.causes.heard && rec != nil && rec.kind == contrary && !c.coordinates(r.Node) {
		c.foundShape(InvOneDecision, "contrary ack", r, "%s acknowledges that %s is %s, and its log has its %s record",
			c.format.Node(r.Node), c.name(r.Label), r.Message.Outcome, c.format.Kind(contrary))
	}
}
