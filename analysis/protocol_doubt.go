package analysis

import (
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// doubt says when a worker has come to be in doubt, by its first YES vote, or, in a run
// without any, by a durable prepare record, or by a crash that left it with that record and
// kept its vote from leaving, and whether it still is: a time while it is, and
// less than noDoubt once it has acted on the decision. So it takes no more room than a time;
// there is one in every record that is kept.
type doubt sim.Time

// noDoubt is where the worker has never been in doubt.
const noDoubt doubt = -1

// begun reports whether the worker has ever been in doubt; see also tracedRecord.promised.
func (d doubt) begun() bool { return d != noDoubt }

// lasts reports whether the worker is still in doubt.
func (d doubt) lasts() bool { return d >= 0 }

// over returns a doubt that lasts as one that is over.
func (d doubt) over() doubt { return -2 - d }

// since returns when a doubt has begun.
func (d doubt) since() sim.Time {
	if d.lasts() {
		return sim.Time(d)
	}
	return sim.Time(d.over()) // over is its own inverse
}

// checkWriteAhead checks that what a message depends on is durable. If the message is a
// worker's promise, its doubt begins.
func (c *ProtocolChecker) checkWriteAhead(t *txnTrace, r *sim.Record[model.Message]) {
	yes, ruled := r.Kind == model.KindVote && r.Message.Vote == model.VoteYes, false
	said := r.Message
	if yes && !c.votes {
		c.beginVotes()
	}
	if r.Kind == model.KindAck {
		c.acks(t, r)
		said = c.acked(t, r)
	}
	for i := range c.rules[r.Kind] {
		rule := &c.rules[r.Kind][i]
		if rule.Vote != model.VoteNone && rule.Vote != said.Vote || rule.When != nil && !rule.When(t.txn, said) ||
			rule.Prepared && c.prepareRecord(t, r.Node, r.Label) == nil {
			continue
		}
		ruled = true
		rec := c.durableRecord(t, r.Node, rule.Record, r.Label)
		if rec == nil {
			c.found(InvWriteAhead, r, "%s sent %s of %s while its %s record was not durable",
				c.format.Node(r.Node), c.format.Kind(r.Kind), c.name(r.Label), c.format.Kind(rule.Record))
		} else if yes {
			c.beginDoubt(t, rec, r.At)
		}
	}
	if yes && !ruled {
		if rec := c.prepareRecord(t, r.Node, r.Label); rec != nil {
			c.beginDoubt(t, rec, r.At)
		}
	}
	if yes {
		c.checkPromise(t, r)
	}
}

// beginVotes takes back, with the first YES vote of a run, what was taken for a promise
// without one: the doubts that last. Those that have ended stay counted.
func (c *ProtocolChecker) beginVotes() {
	c.votes = true
	for _, t := range c.txns.slots {
		if t.txn == nil || t.inDoubt == 0 {
			continue
		}
		for i := range t.records {
			if rec := &t.records[i]; rec.doubt.lasts() {
				rec.doubt = noDoubt
				t.inDoubt--
			}
		}
		if t.inDoubt == 0 {
			c.comeToRest(t)
		}
	}
}

// acked returns an ack with the outcome that was decided, if its sender has a prepare record.
// A worker without one may have acknowledged another outcome, which was presumed; one that
// has it must not.
func (c *ProtocolChecker) acked(t *txnTrace, r *sim.Record[model.Message]) *model.Message {
	o := t.outcome(r.Label)
	if o == model.Pending || o == r.Message.Outcome || c.prepareRecord(t, r.Node, r.Label) == nil {
		return r.Message
	}
	if c.causes.accountable && r.Message.Outcome != model.Pending {
		c.foundShape(InvOneDecision, "another ack", r, "%s acknowledges that %s, on which it has voted YES, is %s, and it was %s",
			c.format.Node(r.Node), c.name(r.Label), r.Message.Outcome, o)
	}
	c.ack = *r.Message
	c.ack.Outcome = o
	return &c.ack
}

// outcome is what was decided about an attempt: Pending if nothing was, or both.
func (t *txnTrace) outcome(label sim.Label) (o model.Outcome) {
	for i := range t.decisions {
		if d := &t.decisions[i]; d.label == label {
			if o != model.Pending {
				return model.Pending
			}
			o = d.outcome
		}
	}
	return o
}

// stated is the outcome that a message, record or note of this kind about a decision says.
func stated(k sim.Kind) model.Outcome {
	if k == model.KindAbort || k == model.KindAborted {
		return model.Aborted
	}
	return model.Committed
}

// checkPresumption checks that coordinators presume of what has voted YES what the protocol
// states, or, if it states nothing, one outcome only. If no information could mean both, one of
// the workers of an attempt might be told the one and another the other. Of what has not voted,
// an abort may always be presumed.
func (c *ProtocolChecker) checkPresumption(r *sim.Record[model.Message]) {
	if !c.causes.accountable || !decides(r.Kind) {
		return
	}
	c.checkQuestion(r)
	if r.Message.Vote != model.VoteYes {
		if r.Kind == model.KindCommit {
			c.foundShape(InvOneDecision, "presumption", r, "%s presumes that %s, on which %s had not voted, is committed", c.format.Node(r.Node), c.name(r.Label), c.format.Node(r.Peer))
		}
		return
	}
	c.checkForgotten(r)
	o, norm := stated(r.Kind), "of others it was presumed that they are"
	if c.norm {
		norm = "its protocol presumes that such are"
	} else if c.presumes == model.Pending {
		c.presumes = o
	}
	if c.presumes != o {
		c.foundShape(InvOneDecision, "presumption", r, "%s presumes that %s, on which %s has voted YES, is %s, and %s %s",
			c.format.Node(r.Node), c.name(r.Label), c.format.Node(r.Peer), o, norm, c.presumes)
	}
}

// checkForgotten checks that a coordinator does not presume otherwise than it has decided,
// before the worker that asks has acknowledged that. An enquiry which comes after the ack may
// be answered with anything.
func (c *ProtocolChecker) checkForgotten(r *sim.Record[model.Message]) {
	t := c.txns.find(r.Label)
	if t == nil {
		return
	}
	if d, _ := c.debtOf(t, r.Label, r.Peer, 0); d == nil || !d.owes {
		return
	}
	if was := t.outcome(r.Label); was != model.Pending && was != stated(r.Kind) {
		c.foundShape(InvOneDecision, "forgotten", r, "%s presumes that %s is %s, and it was %s, which %s has not acknowledged",
			c.format.Node(r.Node), c.name(r.Label), stated(r.Kind), was, c.format.Node(r.Peer))
	}
}

// Promises reports whether workers promise to commit. Where none has done so, a decision does
// not rest on each worker, and may be taken without one that is dead for good.
func (c *ProtocolChecker) Promises() bool { return c.votes || c.promises }

// Promised is told of a prepare record that has become durable. Where nobody votes YES, that
// is the promise. An accountable protocol must name in it all keys that the worker had to
// lock: those that it leaves out are free after a crash.
func (c *ProtocolChecker) Promised(worker sim.NodeID, attempt sim.Label, keys int) {
	t := c.txns.find(attempt)
	if t == nil {
		return
	}
	if !c.votes {
		if rec := c.lastRecord(t, worker, attempt); rec != nil && rec.kind == model.KindPrepare { // it may have been given up since
			c.promises = true
			c.beginDoubt(t, rec, c.now)
		}
	}
	if !c.causes.accountable {
		return
	}
	if locks := t.locks(int(worker) - c.coordinators); keys < locks {
		c.foundLogged(InvLogGrammar, "keys left out", c.now, []sim.Label{attempt}, "the prepare record of %s names %d of the %s that %s locks for it",
			c.name(attempt), keys, Count(locks, "key"), c.format.Node(worker))
	}
}

// Clashed checks that what a worker promises or commits takes no key from an attempt about which
// it is in doubt, and whose locks it must have, after a crash too.
func (c *ProtocolChecker) Clashed(worker sim.NodeID, attempt, other sim.Label, key string) {
	if !c.causes.locks || attempt == other {
		return
	}
	c.foundLogged(InvLogGrammar, "key taken", c.now, []sim.Label{other, attempt}, "%s promises or commits %s with the key %s, and its log has a promise of %s with that key and no decision",
		c.format.Node(worker), c.name(attempt), model.QuoteWord(key), c.name(other))
}

// prepareRecord returns the last prepare record of an attempt that a node's log holds, durable
// or not.
func (c *ProtocolChecker) prepareRecord(t *txnTrace, node sim.NodeID, label sim.Label) *tracedRecord {
	log, try := &c.nodes[node], tryOf(label)
	for i := t.recordBefore(len(t.records), node); i >= 0; i = t.recordBefore(i, node) {
		if r := &t.records[i]; r.kind == model.KindPrepare && r.try == try && log.isInLog(r) {
			return r
		}
	}
	return nil
}

// beginDoubt begins the doubt of the worker that wrote the prepare record, and has now promised,
// unless it has begun.
func (c *ProtocolChecker) beginDoubt(t *txnTrace, rec *tracedRecord, at sim.Time) {
	rec.told &^= toldUnvoted
	if !rec.doubt.begun() {
		rec.doubt = doubt(at)
		t.inDoubt++
		c.stillBehind(t, rec)
	}
}

// doubtAgain begins the doubt of a worker whose log, after a crash, holds its prepare record and
// no decision: with that crash. It had acted on the decision, and has no record of that, or its
// vote had not left yet, and it cannot know.
func (c *ProtocolChecker) doubtAgain(t *txnTrace, rec *tracedRecord) {
	if rec.kind == model.KindPrepare && !rec.doubt.lasts() && c.nodes[rec.node].life() > max(rec.life, rec.told.life()) && c.lastRecord(t, rec.node, t.label(rec)) == rec {
		if !rec.doubt.begun() {
			rec.told |= toldUnvoted
		}
		rec.doubt = doubt(c.faults.nodes[rec.node].crash)
		t.inDoubt++
		c.stillBehind(t, rec)
	}
}

// enquired takes note of a worker that asks for the decision, and so is in doubt.
func (c *ProtocolChecker) enquired(t *txnTrace, r *sim.Record[model.Message]) {
	if rec := c.prepareRecord(t, r.Node, r.Label); rec != nil {
		c.doubtAgain(t, rec)
	}
}

// EndDoubts charges the doubts that last to the end of a run up to a time, which may be before
// some of them began.
func (c *ProtocolChecker) EndDoubts(until sim.Time) {
	for _, t := range c.txns.slots {
		if t.txn == nil || t.inDoubt == 0 && !(c.faults.crashed && c.leavesOpen(t)) {
			continue // the common case, without reading records that are out of the cache
		}
		for i := range t.records {
			rec := &t.records[i]
			if c.doubtAgain(t, rec); rec.doubt.lasts() {
				c.charge(t, rec, until, true)
			}
		}
	}
}

// endDoubt ends the doubt of a worker, and reports whether it had promised.
func (c *ProtocolChecker) endDoubt(t *txnTrace, r *sim.Record[model.Message]) (promised bool) {
	node, try := r.Node, tryOf(r.Label)
	for i := t.recordBefore(len(t.records), node); i >= 0; i = t.recordBefore(i, node) {
		rec := &t.records[i]
		if rec.try != try || !rec.doubt.begun() {
			continue
		}
		promised = promised || rec.promised()
		if c.doubtAgain(t, rec); rec.doubt.lasts() {
			c.checkUntold(rec, r)
			c.charge(t, rec, r.At, false)
			c.checkTime(t, r, lateDoubt, rec.doubt.since(), c.bounds.doubt)
			rec.doubt, rec.told = rec.doubt.over(), rec.told.and(c.nodes[node].life(), stated(r.Kind))
			t.inDoubt--
		}
	}
	c.comeToRest(t)
	return promised
}
