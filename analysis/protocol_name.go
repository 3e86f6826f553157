package analysis

import (
	"fmt"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// idRing remembers the attempts of a coordinator's latest names. Names count up within an
// epoch, so the newest take the places of the oldest. Each epoch counts from 1 and begins
// at a place of its own.
type idRing struct{ ids []tracedID }

// maxNames bounds the names that are remembered of a coordinator.
const maxNames = 1 << 12

func (x *idRing) home(id model.WireID) uint64 {
	begin := uint64(id.Epoch()) * 0x9E3779B97F4A7C15 >> 32
	return (begin + id.N()) & uint64(len(x.ids)-1)
}

// add remembers the attempt of a name, and returns the attempt that had it before, 0 if
// none.
func (x *idRing) add(id model.WireID, label sim.Label) sim.Label {
	if len(x.ids) == 0 {
		x.ids = make([]tracedID, 64)
	}
	at := &x.ids[x.home(id)]
	switch {
	case at.label != 0 && at.id == id:
		return at.label
	case at.label != 0 && len(x.ids) < maxNames:
		old := x.ids
		x.ids = make([]tracedID, 2*len(old))
		for _, o := range old {
			if o.label != 0 {
				x.ids[x.home(o.id)] = o
			}
		}
		return x.add(id, label)
	}
	*at = tracedID{label, id}
	return 0
}

// decides reports whether messages or records of a kind tell a decision.
func decides(k sim.Kind) bool { return k == model.KindCommit || k == model.KindAbort }

// checkName checks the name of an attempt on the wire, and the age that the message gives.
func (c *ProtocolChecker) checkName(t *txnTrace, r *sim.Record[model.Message]) {
	m := r.Message
	accountable := c.causes.accountable
	switch {
	case !c.coordinates(r.Node):
		if accountable && !decides(r.Kind) {
			c.checkReply(t, r)
		}
		return
	case accountable && asks(r.Kind):
		c.checkRequest(t, r)
	}
	if accountable {
		c.checkMark(r)
	}
	if c.byAge != nil && m.Age() != t.age && c.knowsAge(t, r) {
		c.foundShape(InvAgeOrder, "changed", r, "%s says \"%s\" about %s with an age of %s, and its client gave it %s",
			c.format.Node(r.Node), c.format.Kind(r.Kind), c.name(r.Label), m.Start, t.age.Start)
	}
	if m.ID == 0 {
		return // the protocol has other names
	}
	for i := len(t.ids) - 1; i >= 0; i-- {
		if old := &t.ids[i]; old.label == r.Label {
			if old.id != m.ID {
				c.foundShape(InvUniqueIDs, "two names", r, "%s calls %s %d.%d on the wire, and called it %d.%d before",
					c.format.Node(r.Node), c.name(r.Label), m.ID.Epoch(), m.ID.N(), old.id.Epoch(), old.id.N())
			}
			return
		}
	}
	t.ids = append(t.ids, tracedID{r.Label, m.ID})
	if whose := c.ids[r.Node].add(m.ID, r.Label); whose != 0 && whose != r.Label {
		c.foundBetween(InvUniqueIDs, "one name", r, whose, "%s calls %s %d.%d on the wire, and that is the name of %s",
			c.format.Node(r.Node), c.name(r.Label), m.ID.Epoch(), m.ID.N(), c.name(whose))
	}
}

// knowsAge reports whether a coordinator must give the age of an attempt with a message: in its
// requests, and, if it is accountable, with its decisions, unless it has them from its log.
func (c *ProtocolChecker) knowsAge(t *txnTrace, r *sim.Record[model.Message]) bool {
	return asks(r.Kind) || c.causes.accountable && r.Label == t.cause.label && r.Node == t.serves && !c.wasDown(r.Node, t.asked)
}

// checkAgeOrder checks that an attempt which is aborted for another one, or is to be, is
// not the older of the two. A worker whose concurrency control promises that must name the
// other.
func (c *ProtocolChecker) checkAgeOrder(t *txnTrace, r *sim.Record[model.Message]) {
	m := r.Message
	if r.Kind != model.KindWound && m.Reason != model.Conflict && m.Reason != model.Wounded {
		return
	}
	who := m.Obstacle().Get().Other.Label()
	if who == 0 && c.byAge != nil && !c.coordinates(r.Node) {
		c.foundShape(InvAgeOrder, "nobody", r, "%s gives way at %s, which does not say to whom", c.name(r.Label), c.format.Node(r.Node))
	}
	if r.Kind == model.KindWound && c.causes.accountable {
		c.checkWound(t, r)
	}
	other := c.txns.find(who)
	if other == nil {
		return
	}
	refused := r.At
	if a := t.act(r.Node, r.Label); a != nil {
		refused = a.at // the worker may have to force a record before it says so
	}
	if c.causes.accountable && !c.coordinates(r.Node) {
		c.checkObstacle(t, other, r, refused)
	}
	if doubtful := m.Reason == model.Conflict && other.doubtfulAt(r.Node, who, refused); doubtful {
		c.blocks(other, r.Node, r.Label, who)
	}
	if c.byAge == nil || !t.age.OlderThan(other.age) {
		return // an earlier attempt of the same transaction is as old, and may still hold its locks
	}
	what := "gives way"
	if r.Kind == model.KindWound {
		what = "is to give way"
	}
	c.found(InvAgeOrder, r, "%s %s at %s to %s, which is younger: submitted at %s as number %d, and %s at %s as number %d", c.name(r.Label), what,
		c.format.Node(r.Node), c.name(who), other.age.Start, other.age.Index, c.name(r.Label), t.age.Start, t.age.Index)
}

// checkWait checks that an attempt does not wait for one because of which its concurrency
// control would abort it. Only the model's own controls are checked: of these it is known
// that ages are compared with all that are ahead in the queue.
func (c *ProtocolChecker) checkWait(worker sim.NodeID, waiter, holder model.Attempt) {
	if c.byAge == nil || !c.builtIn {
		return
	}
	t, other := c.txns.find(waiter.Label()), c.txns.find(holder.Label())
	if t == nil || other == nil || c.byAge.Conflict(t.age, other.age) != model.Die {
		return
	}
	c.log.add(InvAgeOrder, func() Finding {
		who, whom, where := c.format.Attempt(waiter), c.format.Attempt(holder), c.format.Node(worker)
		return Finding{Shape: "waits", At: c.now, Txn: c.format.Txn(waiter.Txn),
			Text: fmt.Sprintf("%s waits at %s for %s, where it is to die under %s: submitted at %s as number %d, and %s at %s as number %d", who, where, whom,
				c.byAge.Name(), t.age.Start, t.age.Index, whom, other.age.Start, other.age.Index),
			Records: append(c.lines(c.evidence(nil, waiter.Txn, 0)), recordLine(c.now, where, "waits", who, "for "+whom))}
	})
}

// checkPromise checks that a worker which votes YES has not finished the attempt before: a
// repeated prepare must not run it again.
func (c *ProtocolChecker) checkPromise(t *txnTrace, r *sim.Record[model.Message]) {
	last := c.lastRecord(t, r.Node, r.Label)
	if last != nil && (decides(last.kind) || last.kind == model.KindCommitOne) {
		c.foundShape(InvIdempotence, "vote", r, "%s votes YES on %s, of which its log has the %s record",
			c.format.Node(r.Node), c.name(r.Label), c.format.Kind(last.kind))
	}
}

// checkOnce checks that a worker applies or discards an attempt only once in a life.
func (c *ProtocolChecker) checkOnce(t *txnTrace, r *sim.Record[model.Message]) {
	if c.actedNow(t, r) {
		c.foundShape(InvIdempotence, "act", r, "%s has %s %s again", c.format.Node(r.Node), c.format.Kind(r.Kind), c.name(r.Label))
		return
	}
	t.acts = append(t.acts, tracedAct{r.At, r.Node, c.nodes[r.Node].life(), tryOf(r.Label)})
	t.wide.act(r.Node)
}

// act returns the last thing a worker did with an attempt, nil if nothing.
func (t *txnTrace) act(n sim.NodeID, label sim.Label) *tracedAct {
	for i := t.actBefore(len(t.acts), n); i >= 0; i = t.actBefore(i, n) {
		if a := &t.acts[i]; a.try == tryOf(label) {
			return a
		}
	}
	return nil
}

// doubtfulAt reports whether a worker is in doubt about an attempt now, and was at a time.
func (t *txnTrace) doubtfulAt(n sim.NodeID, label sim.Label, by sim.Time) bool {
	for i := range t.records {
		if r := &t.records[i]; r.node == n && r.try == tryOf(label) && r.doubt.lasts() && r.doubt.since() <= by {
			return true
		}
	}
	return false
}
