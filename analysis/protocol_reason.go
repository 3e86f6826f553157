package analysis

import (
	"slices"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Checks of accountable protocols only: a node that gives a reason for an abort must be able
// to have that reason, and a client must be told a reason that was given.

// refusal is a reason to abort that a coordinator has heard, and what is said to be in the way.
type refusal struct {
	why model.Reason
	by  model.Obstacle
}

// hear takes note of a reason to abort that a coordinator hears.
func (x *cause) hear(r *sim.Record[model.Message]) {
	m := r.Message
	switch {
	case r.Kind == model.KindWound:
		x.given = append(x.given, refusal{model.Wounded, m.Obstacle().Get()})
	case refuses(r) && m.Reason < model.ReasonUser:
		x.given = append(x.given, refusal{m.Reason, m.Obstacle().Get()})
	}
}

// refuses reports whether a worker's reply refuses to do what was asked for.
func refuses(r *sim.Record[model.Message]) bool {
	return r.Message.Vote == model.VoteNo || r.Kind == model.KindDone && r.Message.Outcome == model.Aborted
}

// because prints a reason.
func (c *ProtocolChecker) because(why refusal) string {
	text := c.format.Reason(why.why)
	if why.by.Key != "" {
		text += " on " + model.QuoteWord(why.by.Key)
	}
	if why.by.Other.Txn > 0 {
		text += " with " + c.format.Attempt(why.by.Other)
	}
	return text
}

// checkReason checks that the reason of an abort that a client is told has been given to the
// coordinator before, and with what is told to be in the way: by a worker that refused, by a
// wound, by a crash of its own, or by its log device, if that is bounded and no worker has been
// asked for anything. Timeouts are judged by checkAbort.
func (c *ProtocolChecker) checkReason(t *txnTrace, r *sim.Record[model.Message]) {
	why := r.Message.Reason
	told := refusal{why, r.Message.Obstacle().Get()}
	given := slices.IndexFunc(t.cause.given, func(g refusal) bool { return g.why == why })
	switch {
	case why >= model.ReasonUser || slices.Contains(t.cause.given, told):
	case given >= 0:
		c.foundShape(InvAbortCause, "another obstacle", r, "%s is aborted (%s), and what %s has heard is %s",
			c.name(r.Label), c.because(told), c.format.Node(t.serves), c.because(t.cause.given[given]))
	case why == model.CoordinatorLost && c.wasDown(t.serves, t.asked):
	case why == model.Full && t.cause.sent < 0 && c.room.capacity > 0:
	case why == model.CoordinatorLost:
		c.foundShape(InvAbortCause, "unheard", r, "%s is aborted (%s), and %s has not crashed since it was asked for",
			c.name(r.Label), c.format.Reason(why), c.format.Node(t.serves))
	case why == model.NoReason:
		c.foundShape(InvAbortCause, "unheard", r, "%s is aborted, and its client is given no reason", c.name(r.Label))
	default:
		c.foundShape(InvAbortCause, "unheard", r, "%s is aborted (%s), and %s has heard that from no worker",
			c.name(r.Label), c.format.Reason(why), c.format.Node(t.serves))
	}
}

// resolutions returns what a control makes of conflicts. Of those that are not the model's
// own nothing is known.
func (c *ProtocolChecker) resolutions(cfg *model.Config) (dies, wounds bool) {
	if !c.builtIn {
		return true, true
	}
	older, younger := model.Age{Start: 1, Index: 1}, model.Age{Start: 2, Index: 2}
	control := cfg.Control()
	all := []model.Resolution{control.Conflict(older, younger), control.Conflict(younger, older)}
	return slices.Contains(all, model.Die), slices.Contains(all, model.Wound)
}

// checkGiven checks that a worker which refuses gives a reason that a worker can have. After
// a crash it may have forgotten the reason.
func (c *ProtocolChecker) checkGiven(t *txnTrace, r *sim.Record[model.Message]) {
	switch why := r.Message.Reason; why {
	case model.NoReason:
		if !c.wasDown(r.Node, t.asked) && !c.wasDown(t.serves, t.asked) {
			c.foundShape(InvAbortCause, "no reason", r, "%s refuses %s and gives no reason", c.format.Node(r.Node), c.name(r.Label))
		}
	case model.Timeout, model.CoordinatorLost, model.WorkerLost:
		c.foundShape(InvAbortCause, "no reason", r, "%s refuses %s (%s), which is no reason of a worker",
			c.format.Node(r.Node), c.name(r.Label), c.format.Reason(why))
	case model.Validation:
		c.foundShape(InvAbortCause, "no reason", r, "%s refuses %s (%s), and locks leave nothing to validate",
			c.format.Node(r.Node), c.name(r.Label), c.format.Reason(why))
	case model.Conflict, model.Wounded:
		if why == model.Conflict && !c.causes.dies || why == model.Wounded && !c.causes.wounds {
			c.foundShape(InvAbortCause, "other control", r, "%s refuses %s (%s), and the concurrency control never does that",
				c.format.Node(r.Node), c.name(r.Label), c.format.Reason(why))
		}
	}
}

// checkWound checks that a worker which asks for the abort of an attempt has a control that
// wounds, and does not ask in vain for longer than it may, faults or not: it gives up by
// itself what has not voted.
func (c *ProtocolChecker) checkWound(t *txnTrace, r *sim.Record[model.Message]) {
	if !c.causes.wounds {
		c.foundShape(InvAbortCause, "other control", r, "%s wounds %s, and the concurrency control never does that", c.format.Node(r.Node), c.name(r.Label))
		return
	}
	p := c.partAt(t, r.Label, r.Node, r.Message.Part)
	switch {
	case p == nil || !c.causes.timed:
	case p.wounded < 0 || c.wasDown(r.Node, p.wounded):
		p.wounded = r.At
	case p.arrived < 0 || c.wasDown(r.Node, p.arrived) || c.lastRecord(t, r.Node, r.Label) != nil:
		// It has executed what it was asked for, and timeouts.idle counts from then on, or it
		// is about to vote.
	case r.At.Sub(p.wounded) >= c.causes.idle:
		c.foundShape(InvBounded, "wounded in vain", r, "%s wounds %s again %s after it first did, where it has not voted: it is to give it up by itself after timeouts.idle, %s",
			c.format.Node(r.Node), c.name(r.Label), r.At.Sub(p.wounded), sim.DurationText(c.causes.idle))
	}
}

// checkObstacle checks that what a worker says is in the way of an attempt can be: that it is
// another, was asked for something there, with an operation on the key, and was not over; and
// that not both only read the key, since readers share its lock.
func (c *ProtocolChecker) checkObstacle(t, other *txnTrace, r *sim.Record[model.Message], refused sim.Time) {
	at := r.Message.Obstacle().Get()
	who, n := at.Other.Label(), r.Node
	x, a := &other.cause, other.act(n, who)
	p := c.partAt(other, who, n, 0)
	var not string
	switch {
	case who == r.Label:
		not = "is itself"
	case !c.hasKey(other, n, at.Key, false):
		not = "has no operation there on " + model.QuoteWord(at.Key)
	case p != nil && !p.reached || who > x.label:
		not = "has not been asked for anything there"
	case a != nil && a.life == c.nodes[n].life() && a.at < refused:
		not = "was over there at " + a.at.String()
	case !c.hasKey(other, n, at.Key, true) && !c.hasKey(t, n, at.Key, true):
		not = "only reads " + model.QuoteWord(at.Key) + " there, and so does " + c.name(r.Label)
	default:
		return
	}
	c.foundBetween(InvAbortCause, "not in the way", r, who, "%s is to give way at %s to %s, which %s", c.name(r.Label), c.format.Node(n), c.name(who), not)
}

// hasKey reports whether a transaction has an operation on a key of a worker, or one that
// writes or deletes it; if no key is named, whether it has any.
func (c *ProtocolChecker) hasKey(t *txnTrace, n sim.NodeID, key string, writes bool) bool {
	return slices.ContainsFunc(t.txn.Ops, func(op model.Op) bool {
		return op.Worker == int(n)-c.coordinators && (key == "" || op.Key == key) && (!writes || op.Kind != model.Read)
	})
}
