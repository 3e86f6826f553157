package analysis

import (
	"slices"

	"github.com/seed83d86191/txsim/sim"
)

// debt is what a coordinator and a worker have yet to tell each other of a decision.
type debt struct {
	heard   sim.Time // when the worker was first told the decision; -1: it has not been
	owes    bool     // the worker's vote was YES, it came before the decision, and no ack has come since
	decided bool     // it has been sent the decision …
	acked   bool     // … and has acknowledged it
}

// earlierDebt is that of an attempt that is not the latest: its client has tried again before the
// acks of its abort were in.
type earlierDebt struct {
	debt
	try   uint16
	node  sim.NodeID // of the worker
	asked sim.Time   // when the client asked for the attempt
}

// keepDebts keeps the debts of the latest attempt, before the next one takes its place.
func (c *ProtocolChecker) keepDebts(t *txnTrace) {
	t.earlier = slices.DeleteFunc(t.earlier, func(e earlierDebt) bool { return e.acked && !e.owes })
	for i := range t.cause.parts {
		if p := &t.cause.parts[i]; p.owes || p.decided && !p.acked {
			t.earlier = append(t.earlier, earlierDebt{p.debt, tryOf(t.cause.label), c.worker(&t.txn.Parts[i]), t.asked})
		}
	}
}

// debtOf returns the debt of a worker about an attempt, and when the client asked for that; nil
// if there is none. For hint see partAt.
func (c *ProtocolChecker) debtOf(t *txnTrace, label sim.Label, n sim.NodeID, hint int32) (*debt, sim.Time) {
	if p := c.partAt(t, label, n, hint); p != nil {
		return &p.debt, t.asked
	}
	for i := range t.earlier {
		if e := &t.earlier[i]; e.node == n && e.try == tryOf(label) {
			return &e.debt, e.asked
		}
	}
	return nil, 0
}
