package analysis

import (
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Checks of accountable protocols only: nodes note what they do. People read the notes as the log
// of the run, and one that is left out, or that tells what was not, leads them astray.

// notesStart takes note of a coordinator that begins an attempt.
func (c *ProtocolChecker) notesStart(t *txnTrace, r *sim.Record[model.Message]) {
	if x := &t.cause; x.label == r.Label && r.Node == t.serves {
		x.started = true
	}
}

// checkStartNote checks that a coordinator which asks a worker, or decides, has noted that it
// begins.
func (c *ProtocolChecker) checkStartNote(t *txnTrace, r *sim.Record[model.Message]) {
	x := &t.cause
	if !c.causes.accountable || x.started || x.label != r.Label || r.Node != t.serves {
		return
	}
	x.started = true
	c.foundShape(InvLogGrammar, "not noted", r, "%s says \"%s\" about %s, and has not noted its start",
		c.format.Node(r.Node), c.format.Kind(r.Kind), c.name(r.Label))
}

// notesDecision takes note of a coordinator that decides.
func (c *ProtocolChecker) notesDecision(t *txnTrace, r *sim.Record[model.Message]) {
	x, o := &t.cause, model.Outcome(r.Arg)
	if c.checkStartNote(t, r); x.label == r.Label && r.Node == t.serves && (o == model.Committed || o == model.Aborted) {
		x.noted |= toldBit(o)
	}
}

// checkDecideNote checks that a coordinator which says a decision has noted it. After a crash it
// says what its log says, and what it refuses without asking anybody it does not decide.
func (c *ProtocolChecker) checkDecideNote(t *txnTrace, r *sim.Record[model.Message], o model.Outcome) {
	x := &t.cause
	switch {
	case !c.causes.accountable || x.label != r.Label || r.Node != t.serves || c.wasDown(t.serves, t.asked):
	case o != model.Committed && (o != model.Aborted || x.sent < 0) || x.noted&toldBit(o) != 0:
	default:
		x.noted |= toldBit(o)
		c.foundShape(InvLogGrammar, "not noted", r, "%s says that %s is %s, and has not noted that it decides so", c.format.Node(r.Node), c.name(r.Label), o)
	}
}

// owedNote is what a worker has to note before its step is over; no label: nothing.
type owedNote struct {
	label sim.Label
	at    sim.Time
	node  sim.NodeID
	op    sim.TraceOp
	kind  sim.Kind // of the record or message after which it has to
	arg   uint64
}

// mustNote takes note of a worker that has logged a decision, or is told to abort what it has been
// asked for in its present life: it acts on that in the same step. Below its coordinator's mark
// a worker may have forgotten what it is told of.
func (c *ProtocolChecker) mustNote(t *txnTrace, r *sim.Record[model.Message]) {
	if !c.causes.accountable || t == nil || c.actedNow(t, r) {
		return
	}
	part := c.partOn(t, r.Node)
	switch {
	case part == nil || r.Kind == model.KindCommit && !part.Writes():
		return
	case r.Op == sim.TraceDeliver:
		m, p := r.Message, c.partAt(t, r.Label, r.Node, 0)
		if r.Kind != model.KindAbort || m == nil || m.Presumed || r.Peer != t.serves || m.ID < c.marks[t.serves] ||
			p == nil || !p.reached || p.left > 0 || c.wasDown(r.Node, t.asked) || c.wasDown(t.serves, t.asked) {
			return
		}
	}
	c.owed = owedNote{r.Label, r.At, r.Node, r.Op, r.Kind, r.Arg}
}

// actedNow reports whether a worker has noted in its present life what it has done with an
// attempt.
func (c *ProtocolChecker) actedNow(t *txnTrace, r *sim.Record[model.Message]) bool {
	a := t.act(r.Node, r.Label)
	return a != nil && a.life == c.nodes[r.Node].life()
}

// pay takes note of what a worker notes.
func (o *owedNote) pay(r *sim.Record[model.Message]) {
	if o.label == r.Label && o.node == r.Node {
		*o = owedNote{}
	}
}

// over reports whether a record shows that the step is over; a crash forgives what is owed. That
// a log is durable does not show it, since a clean crash makes it so in the midst of a step.
func (o *owedNote) over(r *sim.Record[model.Message]) bool {
	switch r.Op {
	case sim.TraceDeliver, sim.TraceTimer:
		return true
	case sim.TraceCrash, sim.TraceStopped:
		if r.Node == o.node {
			*o = owedNote{}
		}
	}
	return false
}

// checkOwed reports a note that has not come.
func (c *ProtocolChecker) checkOwed() {
	o := c.owed
	c.owed = owedNote{}
	r := &sim.Record[model.Message]{At: o.at, Op: o.op, Node: o.node, Peer: sim.Nobody, Kind: o.kind, Label: o.label, Arg: o.arg}
	does, note := "appended its "+c.format.Kind(o.kind)+" record of", model.KindCommitted
	if o.kind == model.KindAbort {
		note = model.KindAborted
	}
	if o.op == sim.TraceDeliver {
		t := c.txns.find(o.label)
		if t == nil {
			return
		}
		r.Peer, r.Message = t.serves, &model.Message{}
		does = "was told to abort"
	}
	c.foundShape(InvLogGrammar, "not noted", r, "%s %s %s, and has not noted \"%s\"", c.format.Node(o.node), does, c.name(o.label), c.format.Kind(note))
}

// checkDoneNote checks that a worker which refuses, or has committed alone, has noted that. What
// it has done before a crash it need not note again.
func (c *ProtocolChecker) checkDoneNote(t *txnTrace, r *sim.Record[model.Message]) {
	if !c.causes.accountable || c.actedNow(t, r) {
		return
	}
	note := model.KindAborted
	switch {
	case refuses(r) && !c.wasDown(r.Node, t.asked):
	case r.Kind == model.KindDone && r.Message.Outcome == model.Committed:
		note = model.KindCommitted
		if last := c.lastRecord(t, r.Node, r.Label); last == nil || last.life != c.nodes[r.Node].life() {
			return // what only reads has no record
		}
	default:
		return
	}
	c.foundShape(InvLogGrammar, "not noted", r, "%s says \"%s\" of %s, and has not noted \"%s\"",
		c.format.Node(r.Node), c.format.Message(r.Kind, r.Message), c.name(r.Label), c.format.Kind(note))
}

// checkLeft checks that a worker which has voted READ, and so is through with an attempt, does not
// say later that it has discarded it.
func (c *ProtocolChecker) checkLeft(t *txnTrace, r *sim.Record[model.Message]) {
	if p := c.partAt(t, r.Label, r.Node, 0); c.causes.accountable && p != nil && p.left == c.nodes[r.Node].life()+1 {
		c.foundShape(InvIdempotence, "act", r, "%s has voted READ on %s, and now says \"%s\"", c.format.Node(r.Node), c.name(r.Label), c.format.Kind(r.Kind))
	}
}
