package analysis

import (
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// checkRetry checks that a client tries a transaction no more often than it may, and again
// only after an abort, when its backoff is over. That it is late is not judged: whoever
// never tries again leaves the transaction open.
func (c *ProtocolChecker) checkRetry(t *txnTrace, r *sim.Record[model.Message], first bool) {
	try := tryOf(r.Label)
	if try == 1 && first || c.retry.Attempts == 0 {
		return
	}
	switch before := uint32(try) - 1; {
	case int(try) > c.retry.Attempts:
		c.foundShape(InvStableAge, "more attempts", r, "%s is asked for, and retry.attempts is %d", c.name(r.Label), c.retry.Attempts)
	case tryOf(t.cause.label) != uint16(before) || t.toldAborted < 0:
		c.foundShape(InvStableAge, "no abort", r, "%s is asked for, and its client has not been told that an attempt before it is aborted", c.name(r.Label))
	case c.causes.timed && r.At.Sub(t.toldAborted) < c.retry.Wait(before)/2:
		c.foundShape(InvStableAge, "no backoff", r, "%s is asked for %s after the abort, and the backoff is %s at least",
			c.name(r.Label), r.At.Sub(t.toldAborted), sim.DurationText(c.retry.Wait(before)/2))
	}
}

// checkLast checks that a client does not take an abort for final while it may try again,
// and takes note of one that it does not.
func (c *ProtocolChecker) checkLast(t *txnTrace, r *sim.Record[model.Message]) {
	switch m := r.Message; {
	case m == nil || m.Outcome != model.Aborted:
	case !m.Final:
		t.toldAborted = r.At
	case int(tryOf(r.Label)) < c.retry.Attempts:
		c.foundShape(InvStableAge, "fewer attempts", r, "%s is aborted for good, and retry.attempts is %d", c.name(r.Label), c.retry.Attempts)
	}
}
