package analysis

import (
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// rests checks that what a message rests on is durable, and has the doubt of a worker
// begin that promises.
func (c *ProtocolChecker) rests(t *txnTrace, r *sim.Record[model.Message]) {
	yes, ruled := r.Kind == model.KindVote && r.Message.Vote == model.VoteYes, false
	rules, said := c.rules[r.Kind], r.Message
	if r.Kind == model.KindAck {
		said = c.acked(t, r)
	}
	for i := range rules {
		rule := &rules[i]
		if rule.Vote != model.VoteNone && rule.Vote != said.Vote || rule.When != nil && !rule.When(t.txn, said) ||
			rule.Prepared && t.prepare(r.Node, r.Label, &c.nodes[r.Node]) == nil {
			continue
		}
		ruled = true
		rec := t.record(r.Node, rule.Record, r.Label, &c.nodes[r.Node])
		if rec == nil {
			c.found(InvWriteAhead, r, "%s sent %s of %s while its %s record was not durable",
				c.format.Node(r.Node), model.KindName(r.Kind), c.name(r.Label), model.KindName(rule.Record))
		} else if yes {
			c.doubts(t, rec, r.At)
		}
	}
	if yes && !ruled {
		if rec := t.prepare(r.Node, r.Label, &c.nodes[r.Node]); rec != nil {
			c.doubts(t, rec, r.At)
		}
	}
	if yes {
		c.promised(t, r)
	}
}

// acked is an ack with the outcome that was decided, if its sender had promised to abide
// by that. One that had not may be told otherwise, by presumption.
func (c *ProtocolChecker) acked(t *txnTrace, r *sim.Record[model.Message]) *model.Message {
	o := t.outcome(r.Label)
	if o == model.Pending || o == r.Message.Outcome || t.prepare(r.Node, r.Label, &c.nodes[r.Node]) == nil {
		return r.Message
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

// prepare returns the last prepare record of an attempt that a node's log holds, durable
// or not.
func (t *txnTrace) prepare(node sim.NodeID, label sim.Label, log *nodeLog) *tracedRecord {
	try, records := tryOf(label), t.records
	for i := len(records) - 1; i >= 0; i-- {
		if r := &records[i]; r.node == node && r.kind == model.KindPrepare && r.try == try && log.keeps(r) {
			return r
		}
	}
	return nil
}

// doubts begins the doubt of the worker that has the prepare record, unless it has
// begun.
func (c *ProtocolChecker) doubts(t *txnTrace, rec *tracedRecord, at sim.Time) {
	if rec.doubt == notInDoubt {
		rec.doubt = at
		t.inDoubt++
		c.stillBehind(t, rec)
	}
}

// resolved ends the doubt of a worker, and reports whether it had voted YES.
func (c *ProtocolChecker) resolved(t *txnTrace, r *sim.Record[model.Message]) (voted bool) {
	node, try, records := r.Node, tryOf(r.Label), t.records
	for i := range records {
		rec := &records[i]
		if rec.node != node || rec.try != try || rec.doubt == notInDoubt {
			continue
		}
		voted = true
		if rec.doubt >= 0 {
			c.doubt.add(r.At.Sub(rec.doubt))
			c.charge(t, rec, r.At, false)
			c.late(t, r, lateDoubt, rec.doubt, c.bounds.doubt)
			rec.doubt = doubtOver - rec.doubt
			t.inDoubt--
		}
	}
	if voted {
		c.rest(t)
	}
	return voted
}
