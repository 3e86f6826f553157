package analysis

import (
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Checks of accountable protocols only: who says what to whom. A name on the wire means an
// attempt only to the coordinator that gave it, so that what is said to another one, or under
// another name, may be taken for something else.

// checkRequest checks a coordinator's request to a worker.
func (c *ProtocolChecker) checkRequest(t *txnTrace, r *sim.Record[model.Message]) {
	accuse := func(why string, args ...any) {
		c.foundShape(InvImpossible, "wrong address", r, "%s asks %s to %s %s, "+why,
			append([]any{c.format.Node(r.Node), c.format.Node(r.Peer), c.format.Kind(r.Kind), c.name(r.Label)}, args...)...)
	}
	switch {
	case r.Node != t.serves:
		accuse("and it is %s that was asked for that", c.format.Node(t.serves))
	case r.Label > t.cause.label:
		accuse("and its client has not asked for that")
	case c.partOn(t, r.Peer) == nil:
		accuse("which has no operations there")
	}
}

// checkReply checks the address and the name in what a worker says to a coordinator.
func (c *ProtocolChecker) checkReply(t *txnTrace, r *sim.Record[model.Message]) {
	says := func(why string, args ...any) {
		c.foundShape(InvImpossible, "wrong address", r, "%s sends %s its %s of %s, "+why,
			append([]any{c.format.Node(r.Node), c.format.Node(r.Peer), c.format.Kind(r.Kind), c.name(r.Label)}, args...)...)
	}
	switch {
	case !c.coordinates(r.Peer):
		return
	case r.Peer != t.serves:
		says("and it is %s that was asked for that", c.format.Node(t.serves))
		return
	case r.Label > t.cause.label:
		says("and its client has not asked for that")
	case c.partOn(t, r.Node) == nil:
		says("which has no operations there")
	}
	for i := range t.ids {
		if x := &t.ids[i]; x.label == r.Label && r.Message.ID != 0 && x.id != r.Message.ID {
			c.foundShape(InvUniqueIDs, "two names", r, "%s calls %s %d.%d on the wire, and %s calls it %d.%d",
				c.format.Node(r.Node), c.name(r.Label), r.Message.ID.Epoch(), r.Message.ID.N(), c.format.Node(t.serves), x.id.Epoch(), x.id.N())
		}
	}
}

// checkDecider checks that who says a decision first has been asked for that.
func (c *ProtocolChecker) checkDecider(t *txnTrace, r *sim.Record[model.Message]) {
	switch {
	case !c.causes.accountable:
	case r.Kind == model.KindDecide && r.Node != t.serves:
		c.foundShape(InvImpossible, "wrong address", r, "%s decides %s, and it is %s that was asked for that", c.format.Node(r.Node), c.name(r.Label), c.format.Node(t.serves))
	case r.Label > t.cause.label:
		c.foundShape(InvImpossible, "wrong address", r, "%s says the decision about %s, and its client has not asked for that", c.format.Node(r.Node), c.name(r.Label))
	}
}

// checkRead checks that a worker which votes READ, and so lets its locks go, has nothing to
// commit, and that all others had theirs by then: in one-shot execution they may not.
func (c *ProtocolChecker) checkRead(t *txnTrace, r *sim.Record[model.Message]) {
	part := c.partOn(t, r.Node)
	switch {
	case !c.causes.accountable || part == nil:
	case part.Writes():
		c.foundShape(InvImpossible, "READ", r, "%s votes READ on %s, which writes there", c.format.Node(r.Node), c.name(r.Label))
	case c.execution == model.OneShot && len(t.txn.Parts) > 1:
		c.foundShape(InvImpossible, "READ", r, "%s votes READ on %s and so lets its locks go, where others may yet acquire theirs", c.format.Node(r.Node), c.name(r.Label))
	}
}

// marked takes note of the mark that a coordinator tells, also with what it presumes.
func (c *ProtocolChecker) marked(r *sim.Record[model.Message]) {
	if c.causes.accountable && c.coordinates(r.Node) {
		c.marks[r.Node] = max(c.marks[r.Node], r.Message.Mark)
	}
}

// checkMark checks that a coordinator does not go on with an attempt that it has told to be
// finished: a worker that has forgotten it takes what it hears for late, and agrees to
// anything. A crash may lose the end of what was finished, so the mark of another life does not
// count.
func (c *ProtocolChecker) checkMark(r *sim.Record[model.Message]) {
	m, mark := r.Message, c.marks[r.Node]
	if m.ID != 0 && m.ID < mark {
		c.foundShape(InvImpossible, "finished", r, "%s calls %s %d.%d on the wire, and has told that all before %d.%d are finished",
			c.format.Node(r.Node), c.name(r.Label), m.ID.Epoch(), m.ID.N(), mark.Epoch(), mark.N())
	}
}

// checkAsked checks that a request has reached a worker that promises or replies, in whichever
// life.
func (c *ProtocolChecker) checkAsked(p *partCause, r *sim.Record[model.Message], does string) {
	if c.causes.accountable && !p.reached {
		c.foundShape(InvImpossible, "unasked", r, "%s %s %s, and no request for that has reached it", c.format.Node(r.Node), does, c.name(r.Label))
	}
}

// checkApplied checks that a worker which says that it has applied an attempt has a record of
// the commit, durable or not: without it a crash would undo what others may have read by then.
func (c *ProtocolChecker) checkApplied(t *txnTrace, r *sim.Record[model.Message]) {
	part := c.partOn(t, r.Node)
	if !c.causes.accountable || part == nil || !part.Writes() {
		return
	}
	if last := c.lastRecord(t, r.Node, r.Label); last == nil || last.kind != model.KindCommit && last.kind != model.KindCommitOne {
		c.foundShape(InvLogGrammar, "no record", r, "%s has applied %s, and its log has no record of the commit", c.format.Node(r.Node), c.name(r.Label))
	}
}

// partOn returns the part of a transaction on a node, nil if it has none.
func (c *ProtocolChecker) partOn(t *txnTrace, n sim.NodeID) *model.Part {
	return t.part(int(n) - c.coordinators)
}
