package analysis

import (
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// checkAbort checks, at the first answer about an attempt, that an abort has a cause.
//
// Whatever the protocol, what all have voted for must not be aborted for a conflict, nor for
// a timeout that cannot have passed, if the coordinator had heard all votes and nothing else,
// and no fault has come since the request. An abort for another reason is not accused, and
// neither is a protocol whose votes go elsewhere, or that says other things to its
// coordinators.
//
// An accountable protocol must commit what all have voted for, faults or not, if the
// coordinator has not crashed since the request. For an abort it must have been given the
// reason that it tells, see checkReason. It must not speak of a timeout before one
// has passed. And in a timeout, with no fault since the request, in a schedule by latency,
// all workers must have replied that were reached early enough and did not have to wait for
// a lock.
func (c *ProtocolChecker) checkAbort(t *txnTrace, r *sim.Record[model.Message]) {
	x, m := &t.cause, r.Message
	if x.label != r.Label || x.judged {
		return
	}
	x.judged = true
	if m.Outcome != model.Aborted {
		return
	}
	if m.Reason == model.Timeout {
		c.checkMissedAny(t, r)
	}
	switch {
	case x.unanimous && c.mustCommit(t, r):
		c.foundShape(InvAbortCause, "all voted YES", r, "%s is aborted (%s), and %s had heard the votes of all workers, none of them NO",
			c.name(r.Label), c.format.Reason(m.Reason), c.format.Node(t.serves))
	case !c.causes.accountable:
	case m.Reason != model.Timeout:
		c.checkReason(t, r)
	case !c.causes.timed:
	case x.sent < 0:
		c.foundShape(InvAbortCause, "hasty", r, "%s is aborted (timeout), and no worker was asked for anything", c.name(r.Label))
	case r.At.Sub(x.sent) < c.causes.prepare:
		c.foundShape(InvAbortCause, "hasty", r, "%s is aborted (timeout) %s after a worker was last asked, and timeouts.prepare is %s",
			c.name(r.Label), r.At.Sub(x.sent), sim.DurationText(c.causes.prepare))
	default:
		c.checkSilent(t, r)
	}
}

// mustCommit reports whether an attempt that all have voted for must be committed.
func (c *ProtocolChecker) mustCommit(t *txnTrace, r *sim.Record[model.Message]) bool {
	if c.causes.accountable {
		return !c.wasDown(t.serves, t.asked)
	}
	soon := c.causes.timed && r.At.Sub(t.asked) < c.causes.prepare
	return c.quietSince(t.asked) && (r.Message.Reason == model.Conflict || r.Message.Reason == model.Timeout && soon)
}

// quietSince reports whether there was no fault since a client asked for an attempt.
func (c *ProtocolChecker) quietSince(asked sim.Time) bool {
	return !c.rough && c.faults.active == 0 && c.faults.dead == 0 && c.faults.last < asked
}

// checkSilent looks for a worker that has not replied and has no excuse.
func (c *ProtocolChecker) checkSilent(t *txnTrace, r *sim.Record[model.Message]) {
	for i := range t.cause.parts {
		p, n := &t.cause.parts[i], c.worker(&t.txn.Parts[i])
		if last := c.lastRecord(t, n, r.Label); last != nil && !c.nodes[n].isDurable(last) {
			continue // it waits for its log device
		}
		if c.silent(t, p, r.At) {
			c.foundShape(InvAbortCause, "no reply", r, "%s is aborted (%s), and %s, which was asked to %s %s ago and waits for no lock, has not replied",
				c.name(r.Label), c.format.Reason(r.Message.Reason), c.format.Node(n), c.format.Kind(p.kind), r.At.Sub(p.arrived))
			return
		}
	}
}

// checkSuspect checks that whom a coordinator says to miss has not been heard: people look for
// the cause of a timeout there.
func (c *ProtocolChecker) checkSuspect(t *txnTrace, r *sim.Record[model.Message]) {
	if r.Message == nil || r.Message.Vote == model.VoteNone || !c.causes.accountable {
		return // no vote is missed
	}
	if p := c.partAt(t, r.Label, r.Message.Peer, 0); p != nil && p.agreed {
		c.foundShape(InvAbortCause, "suspect", r, "%s misses %s, and has heard its vote on %s",
			c.format.Node(r.Node), c.format.Node(r.Message.Peer), c.name(r.Label))
	}
}

// silent reports whether a worker has not answered a request for long, without need. Half a
// timeout is long, if it is far more than what waits for a log device or a processor have
// taken so far.
func (c *ProtocolChecker) silent(t *txnTrace, p *partCause, now sim.Time) bool {
	if p.arrived < 0 || p.waited || !c.causes.prompt || !c.quietSince(t.asked) {
		return false
	}
	return now.Sub(p.arrived) > max(c.causes.prepare/2, 16*c.causes.share*c.slowest)
}

// checkRefusal checks the reason that a worker gives for not doing what it is asked for, and
// that one which decides alone does not take longer than it must.
func (c *ProtocolChecker) checkRefusal(t *txnTrace, p *partCause, r *sim.Record[model.Message]) {
	m := r.Message
	if m.Vote != model.VoteNo && !(r.Kind == model.KindDone && m.Outcome == model.Aborted) {
		return
	}
	switch {
	case r.Kind == model.KindDone && c.silent(t, p, r.At):
		c.foundShape(InvAbortCause, "no reply", r, "%s aborts %s (%s) %s after it was asked to %s, and did not wait for a lock",
			c.format.Node(r.Node), c.name(r.Label), c.format.Reason(m.Reason), r.At.Sub(p.arrived), c.format.Kind(p.kind))
	case m.Reason == model.UnknownTxn && c.causes.timed && !c.wasDown(r.Node, t.asked) && !c.isOrphan(t, r) && !c.wasIdle(p, r.At):
		c.foundShape(InvAbortCause, "unknown", r, "%s says that it does not know %s, and it has not crashed since it was asked, nor has the coordinator begun another life, nor did it wait for timeouts.idle",
			c.format.Node(r.Node), c.name(r.Label))
	case m.Reason == model.Full:
		c.checkFull(p, r)
	default:
		c.checkGiven(t, r)
	}
}

// isOrphan reports whether a worker speaks of an attempt that the coordinator's crash has made it
// forget, when it lives again. What its present life has begun is none, though the client had
// asked before.
func (c *ProtocolChecker) isOrphan(t *txnTrace, r *sim.Record[model.Message]) bool {
	return c.wasDown(t.serves, t.asked) && r.Message.ID.Epoch() < c.nodes[t.serves].restarted
}

// wasIdle reports whether a worker was asked nothing for so long after it last told results
// that it may have given up.
func (c *ProtocolChecker) wasIdle(p *partCause, now sim.Time) bool {
	if p.arrived >= 0 {
		now = p.arrived
	}
	return p.ran >= 0 && now.Sub(p.ran) >= c.causes.idle
}
