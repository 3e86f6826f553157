package model

import (
	"slices"

	"github.com/seed83d86191/txsim/sim"
)

// commit decides for commit: every worker has voted YES or READ.
func (c *coordinator) commit(a *attempt) {
	yes := 0
	for i := range a.parts {
		if a.parts[i].vote == VoteYes {
			yes++
		}
	}
	if yes > 0 {
		a.state = attemptDeciding
		c.force(a, KindCommit)
		return
	}
	// Nothing was written anywhere: there is nothing to make durable, but what
	// the collecting record has opened must be closed.
	if a.logged {
		c.log(a, KindCommit)
	}
	a.state = attemptDeciding
	c.carryOut(a, Committed)
}

// carryOut makes a decision known, to the workers and the client, once it is as durable as
// the protocol demands.
func (c *coordinator) carryOut(a *attempt, o Outcome) {
	c.decide(a, o)
	a.state = attemptAborted
	if o == Committed {
		a.state = attemptCommitted
	}
	c.announce(a, o)
	c.answer(a, o)
	c.conclude(a)
}

// abort decides for abort.
func (c *coordinator) abort(a *attempt, why refusal) {
	a.refused = why
	for i := range a.parts {
		a.parts[i].waiting = false
	}
	a.pending = 0
	if c.rule.AbortForced {
		a.state = attemptAborting
		c.force(a, KindAbort)
		return
	}
	c.carryOut(a, Aborted)
}

// announce sends the decision to the workers that need it: a commit to those that voted
// YES, an abort to those that were asked and have not finished with the attempt by
// themselves.
func (c *coordinator) announce(a *attempt, o Outcome) {
	acked := c.rule.acked(o)
	a.pending, a.rounds = 0, 0
	for i := range a.parts {
		p := &a.parts[i]
		p.waiting = p.vote == VoteYes || o == Aborted && p.asked && p.vote == VoteNone
		if p.waiting {
			a.pending++
			c.tell(a, p.node, o)
		}
		p.waiting = p.waiting && acked
	}
	if !acked {
		a.pending = 0
	}
}

func (c *coordinator) tell(a *attempt, node sim.NodeID, o Outcome) {
	mail := &sim.Mail{Kind: decisionKind(o), Label: a.name.Label(), Again: a.rounds}
	m := &Message{ID: a.id, Mark: c.mark(), Attempt: a.name, Start: a.start, Txn: a.txn}
	if c.passes(node, mail, m) {
		c.Env.Post(node, mail, m)
	}
}

// conclude waits for acks, or ends the attempt.
func (c *coordinator) conclude(a *attempt) {
	if a.pending == 0 {
		c.end(a)
		return
	}
	c.arm(a)
}

// resend repeats the decision to those whose ack is missing.
func (c *coordinator) resend(a *attempt) {
	for i := range a.parts {
		if a.parts[i].waiting {
			c.tell(a, a.parts[i].node, a.outcome())
		}
	}
	c.arm(a)
}

// end forgets an attempt: every ack is in and the client has its answer.
func (c *coordinator) end(a *attempt) {
	if a.logged && !(a.state == attemptCommitted && !c.rule.CommitAcked) {
		c.log(a, KindEnd)
	}
	c.Env.Cancel(a.timer)
	c.byTxn.remove(a.name.Txn, a)
	c.reserved -= AttemptReserve(len(a.parts))
	c.tally.Resolved++
	a.state = attemptEnded
	if a.id.Epoch() == c.Env.Incarnation() {
		c.open[a.id.N()-c.base] = nil
		c.advance()
	} else if i, ok := c.findOld(a.id); ok {
		c.old = slices.Delete(c.old, i, i+1)
	}
	if a.forced == 0 {
		c.recycle(a)
	}
}

// advance moves the mark over the attempts that have ended.
func (c *coordinator) advance() {
	for c.ended < len(c.open) && c.open[c.ended] == nil {
		c.ended++
	}
	if n, all := c.ended-c.marked, len(c.open)-c.marked; n < all && n < 64 && n < all/2 {
		return // too few to be worth moving the mark
	}
	if c.marked = c.ended; c.marked >= len(c.open)/2 {
		c.base += uint64(c.marked)
		c.open = append(c.open[:0], c.open[c.marked:]...)
		c.ended, c.marked = 0, 0
	}
}

// asked answers a client that asks again. If this life knows nothing of the attempt, it was
// lost in a crash before it could commit, so it is aborted for good. In one phase it may
// have been sent before the crash; only its worker knows then, and the outcome is unknown.
// Should an earlier life have answered it, that answer arrives before this one.
func (c *coordinator) asked(m *Message) {
	if a := c.byTxn.get(m.Attempt.Txn); a != nil && a.name.Try >= m.Attempt.Try {
		if o := a.outcome(); o != Pending && a.name == m.Attempt {
			c.answer(a, o)
		}
		return
	}
	if c.knows(m) {
		return // the answer is on its way
	}
	outcome := Aborted
	if len(m.Txn.Parts) == 1 {
		outcome = Unknown
	}
	c.answer(&attempt{name: m.Attempt, txn: m.Txn, refused: refusal{reason: CoordinatorLost}}, outcome)
}

// knows reports whether this life knows or has known the attempt that a client asks about.
// A request that was sent when the client had heard of this life has come before the asking;
// of those that were sent earlier and have come, and of those read from the log, c.known has
// the last try of each transaction.
func (c *coordinator) knows(m *Message) bool {
	return m.Life == c.Env.Incarnation() || m.Attempt.Try <= c.known[m.Attempt.Txn]
}

// enquired answers an in-doubt worker: with the decision, with nothing while
// there is none, or by presumption if nothing is known.
func (c *coordinator) enquired(from sim.NodeID, m *Message) {
	a := c.find(m.ID)
	if a == nil {
		c.presume(from, m, c.rule.Presume, VoteYes)
		return
	}
	if o := a.outcome(); o != Pending {
		a.rounds++
		c.tell(a, from, o)
	}
}

// presumedAgain offsets the Again of presumed answers, so that it does not equal that of a
// decision: it is the start of life 1's range, which no attempt uses, because attempts are
// read from the log in life 2 at the earliest.
const presumedAgain = 1 << roundBits

// presume answers about an attempt of which nothing is known. The answer repeats the
// worker's vote as the question stated it: the worker may have voted since.
func (c *coordinator) presume(to sim.NodeID, m *Message, o Outcome, vote Vote) {
	c.presumed++
	c.send(to, &sim.Mail{Kind: decisionKind(o), Label: m.Attempt.Label(), Again: presumedAgain + c.presumed},
		&Message{ID: m.ID, Mark: c.mark(), Attempt: m.Attempt, Presumed: true, Vote: vote})
}

// wounded aborts an attempt whose locks an older transaction waits for, unless
// it is decided or in the hands of its only worker.
func (c *coordinator) wounded(from sim.NodeID, m *Message) {
	a := c.find(m.ID)
	switch {
	case a == nil && m.Vote == VoteYes:
		c.enquired(from, m)
	case a == nil: // the worker had not voted, so the attempt cannot have committed
		c.presume(from, m, Aborted, VoteNone)
	case a.state.undecided():
		c.abort(a, refusal{Wounded, m.Obstacle()})
	}
}

// answer tells the client.
func (c *coordinator) answer(a *attempt, o Outcome) {
	m := &Message{Attempt: a.name, Txn: a.txn, Outcome: o, Life: c.Env.Incarnation()}
	if o == Committed {
		m.Reads = a.reads
	} else {
		m.Reason, m.Payload = a.refused.reason, a.refused.by.payload()
	}
	c.send(c.Client, &sim.Mail{Kind: KindAnswer, Label: a.name.Label(), Again: a.rounds, Arg: uint64(o)<<8 | uint64(m.Reason)}, m)
}

// decide notes a decision.
func (c *coordinator) decide(a *attempt, o Outcome) {
	c.Env.Note(sim.Mail{Kind: KindDecide, Label: a.name.Label(), Arg: uint64(o)}, &Message{ID: a.id, Attempt: a.name, Txn: a.txn, Outcome: o})
}

func (c *coordinator) note(kind sim.Kind, a *attempt, m *Message) {
	m.ID, m.Attempt = a.id, a.name
	c.Env.Note(sim.Mail{Kind: kind, Label: a.name.Label()}, m)
}

// suspect logs that a node was silent.
func (c *coordinator) suspect(a *attempt, node sim.NodeID) {
	if _, ok := c.suspects[node]; ok {
		return
	}
	if c.suspects == nil {
		c.suspects = map[sim.NodeID]sim.Time{}
	}
	d := c.Config.Timeouts.Prepare
	if a.state > attemptOnePhase {
		d = c.Config.Timeouts.Decision
	}
	c.suspects[node] = c.Env.Now()
	c.note(KindSuspect, a, &Message{Peer: node, Start: sim.Time(d), Vote: a.awaits()})
	c.audit(KindSuspect, a.name.Label())
}

// awaits returns VoteYes while a vote or result is awaited, VoteNone while an ack is.
func (a *attempt) awaits() Vote {
	if a.state <= attemptOnePhase {
		return VoteYes
	}
	return VoteNone
}

// heard logs that a suspected node is back.
func (c *coordinator) heard(node sim.NodeID) {
	since, ok := c.suspects[node]
	if !ok {
		return
	}
	delete(c.suspects, node)
	c.Env.Note(sim.Mail{Kind: KindRecover}, &Message{Peer: node, Start: sim.Time(c.Env.Now().Sub(since))})
	c.audit(KindRecover, 0)
}

func (c *coordinator) recycle(a *attempt) {
	*a = attempt{parts: a.parts[:0]}
	c.pool.attempts.put(a)
}
