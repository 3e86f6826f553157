package model

import (
	"github.com/seed83d86191/txsim/sim"
)

// commit applies a prepared attempt. A COMMIT for an attempt that was never prepared here,
// and is neither remembered nor below the mark, is impossible: the worker stops rather than
// lose or invent writes.
func (w *worker) commit(c *peer, m *Message) {
	p := c.parts.get(uint64(m.ID))
	switch {
	case p == nil && m.ID < c.mark:
		w.ackFinished(c, m, Committed)
	case p != nil && p.state == partAborted && m.Presumed:
		// This answers an enquiry that the abort and its ack overtook: when it arrived, the
		// coordinator had forgotten the attempt, and presumed.
	case p == nil || p.state != partPrepared && p.state != partCommitted:
		w.impossible(c, m)
	case p.state == partCommitted:
		if w.rule.CommitAcked && p.lsn <= w.Env.Durable() {
			w.reply(p, KindAck, &Message{Outcome: Committed})
		}
	default:
		w.decided(p, Committed)
	}
}

// abort discards an attempt, or, if it is unknown, remembers that it must
// never run: its prepare may still be on the way.
func (w *worker) abort(c *peer, m *Message) {
	p := c.parts.get(uint64(m.ID))
	switch {
	case p == nil && m.ID < c.mark:
		w.ackFinished(c, m, Aborted)
	case p == nil:
		p = w.newPart(c, m.ID, m.Attempt, m.Start)
		w.decided(p, Aborted)
	case p.state == partAborted || p.state == partLeft:
		if w.rule.AbortAcked && p.lsn <= w.Env.Durable() {
			w.reply(p, KindAck, &Message{Outcome: Aborted})
		} else if w.rule.AbortAcked {
			w.await(p, KindAck)
		}
	case m.Presumed && (p.state >= partDeciding || p.state == partPrepared && m.Vote != VoteYes):
		// This answers an enquiry that the commit overtook, or a wound that was sent before
		// the vote, which the coordinator may have counted since.
	case p.state >= partDeciding:
		w.impossible(c, m)
	default:
		w.decided(p, Aborted)
	}
}

// impossible stops the worker, which was told something that cannot be true.
func (w *worker) impossible(c *peer, m *Message) {
	w.Env.Note(sim.Mail{Kind: KindFinding, Label: m.Attempt.Label()},
		&Message{ID: m.ID, Attempt: m.Attempt, Peer: c.node})
	w.Env.Stop()
}

// ackFinished acknowledges a decision about an attempt below the mark: a
// coordinator that lost its end record in a crash asks for acks once more. What is presumed
// is acknowledged to nobody, and it may not be what the worker did.
func (w *worker) ackFinished(c *peer, m *Message, o Outcome) {
	if w.rule.acked(o) && !m.Presumed {
		w.sent++
		w.send(c.node, &sim.Mail{Kind: KindAck, Label: m.Attempt.Label(), Again: w.sent, Arg: uint64(o)},
			&Message{ID: m.ID, Attempt: m.Attempt, Outcome: o})
	}
}

// decided carries out the coordinator's decision: it logs a record, forced if the decision
// is to be acknowledged, then applies the writes, then releases the locks. The decision is
// durable at the coordinator, so the locks need not wait for the record.
func (w *worker) decided(p *part, o Outcome) {
	kind, acked, state := decisionKind(o), w.rule.acked(o), partAborted
	if o == Committed {
		state = partCommitted
	}
	logged := p.state == partPreparing || p.state == partPrepared || acked && w.rule.Presume == Committed
	switch {
	case acked && logged:
		w.force(p, kind, w.name(p), KindAck)
	case logged:
		w.logLazily(p, kind, w.name(p))
	}
	w.finish(p, state)
	if acked && !logged {
		w.reply(p, KindAck, &Message{Outcome: o})
	}
}

// finish ends a part: its writes are installed or discarded and its locks
// given up. It stays known until the coordinator's mark has passed it.
func (w *worker) finish(p *part, s partState) {
	w.stopTimer(p)
	w.charge(p, 0, 0)
	if s == partCommitted {
		for i := range p.staged {
			w.Env.Before(KindApply, p.attempt.Label())
			w.store.install(p.staged[i].item, &p.staged[i], p.attempt)
			w.Env.After(KindApply, p.attempt.Label())
		}
	}
	p.state = s
	switch {
	case s == partAborted:
		w.note(KindAborted, p)
	case len(p.staged) > 0:
		w.note(KindCommitted, p)
	}
	w.letGo(p)
	w.tally.Resolved++
}

// letGo releases the locks of a part that has just finished, and frees its work.
func (w *worker) letGo(p *part) {
	locked, waiting := p.locked, p.waiting
	w.locks.release(p)
	for _, h := range locked {
		w.store.tidy(h.it)
	}
	if waiting != nil {
		w.store.tidy(waiting)
	}
	w.pool.putWork(p.strip())
	w.remember(p)
}
