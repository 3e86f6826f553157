package analysis

import (
	"slices"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Checks of accountable protocols only: a coordinator presumes only when it is asked, and repeats
// itself, or gives up, only when it has noted whom it misses.

// calls is what is known of a coordinator's talks with its workers in its present life.
type calls struct {
	at     sim.Time // of the latest question that it has heard, an enquiry or a wound: …
	from   sim.NodeID
	about  sim.Label
	missed []missed
}

// missed is a worker that a coordinator has noted to be silent.
type missed struct {
	node  sim.NodeID
	until sim.Time // when it was heard again; Never
}

// forget is what a crash does.
func (x *calls) forget() { *x = calls{missed: x.missed[:0]} }

// hears takes note of a question.
func (c *ProtocolChecker) hears(r *sim.Record[model.Message]) {
	if c.coordinates(r.Node) {
		x := &c.calls[r.Node]
		x.at, x.from, x.about = r.At, r.Peer, r.Label
	}
}

// answers reports whether a message to a worker may be the answer to its question.
func (x *calls) answers(r *sim.Record[model.Message]) bool {
	return x.at == r.At && x.from == r.Peer && x.about == r.Label
}

// checkQuestion checks that a coordinator presumes something only if it is asked: what it tells of
// its own accord it has decided.
func (c *ProtocolChecker) checkQuestion(r *sim.Record[model.Message]) {
	if c.causes.accountable && c.coordinates(r.Node) && !c.calls[r.Node].answers(r) {
		c.foundShape(InvOneDecision, "unasked", r, "%s tells %s a presumption about %s, and has not just been asked by it", c.format.Node(r.Node), c.format.Node(r.Peer), c.name(r.Label))
	}
}

// misses takes note of a coordinator that suspects a worker, or has heard it again. How long that
// was silent is the timeout that has passed.
func (c *ProtocolChecker) misses(r *sim.Record[model.Message]) {
	m := r.Message
	if m == nil || !c.coordinates(r.Node) {
		return
	}
	x := &c.calls[r.Node]
	i := slices.IndexFunc(x.missed, func(s missed) bool { return s.node == m.Peer })
	if i < 0 {
		i, x.missed = len(x.missed), append(x.missed, missed{node: m.Peer})
	}
	if x.missed[i].until = sim.Never; r.Kind == model.KindRecover {
		x.missed[i].until = r.At
		return
	}
	timeout := c.causes.decision
	if m.Vote != model.VoteNone {
		timeout = c.causes.prepare
	}
	if c.causes.accountable && m.Lasted() != timeout {
		c.foundShape(InvAbortCause, "silence", r, "%s notes that %s has been silent about %s for %s, and the timeout is %s",
			c.format.Node(r.Node), c.format.Node(m.Peer), c.name(r.Label), sim.DurationText(m.Lasted()), sim.DurationText(timeout))
	}
}

// missedSince reports whether a worker is noted to be silent, or was at a time or later.
func (x *calls) missedSince(n sim.NodeID, since sim.Time) bool {
	return slices.ContainsFunc(x.missed, func(s missed) bool { return s.node == n && s.until >= since })
}

// checkMissed checks that a coordinator which repeats something to a worker without being asked
// has noted that it misses it. asked is when the client asked for the attempt: what a
// coordinator repeats after a crash, it need not miss.
func (c *ProtocolChecker) checkMissed(t *txnTrace, r *sim.Record[model.Message], asked sim.Time) {
	if c.causes.accountable && r.Node == t.serves && !c.wasDown(r.Node, asked) && !c.calls[r.Node].missedSince(r.Peer, sim.Never) {
		c.foundShape(InvLogGrammar, "not noted", r, "%s says \"%s\" about %s to %s again, and has not noted that it misses it",
			c.format.Node(r.Node), c.format.Kind(r.Kind), c.name(r.Label), c.format.Node(r.Peer))
	}
}

// checkMissedAny checks that a coordinator which aborts for a timeout has noted whom it misses.
func (c *ProtocolChecker) checkMissedAny(t *txnTrace, r *sim.Record[model.Message]) {
	if !c.causes.accountable || r.Node != t.serves || c.wasDown(r.Node, t.asked) || t.cause.sent < 0 {
		return
	}
	for i := range t.txn.Parts {
		if c.calls[r.Node].missedSince(c.worker(&t.txn.Parts[i]), t.cause.sent) {
			return
		}
	}
	c.foundShape(InvLogGrammar, "not noted", r, "%s is aborted (%s), and %s has not noted whom it misses",
		c.format.Attempt(model.AttemptOf(r.Label)), c.format.Reason(r.Message.Reason), c.format.Node(r.Node))
}
