package analysis

import (
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// cause follows the latest attempt of a transaction, so that it can be judged why that was
// aborted.
type cause struct {
	label     sim.Label
	sent      sim.Time // when a worker was last asked for something; -1: none was
	agreed    int      // workers whose vote for commit the coordinator has heard, and no NO before it
	voteless  bool     // the coordinator has committed it without all votes
	disputed  bool     // the coordinator has heard something that may speak against a commit
	decided   bool     // somebody has said or logged a decision
	unanimous bool     // it had heard all votes, none of them NO, before any word of an abort
	judged    bool     // the client has been answered, or see checkRun
	started   bool     // the coordinator has noted that it begins
	noted     told     // the decisions that it has noted, a bit for each
	given     []refusal
	parts     []partCause
}

// partCause is what is known of the latest request to the worker of a part.
type partCause struct {
	arrived sim.Time // when it reached the worker; -1: it has not, or is answered
	ran     sim.Time // when the worker last told results; -1: it has told none
	wounded sim.Time // when the worker first asked to abort it in its present life; -1: it has not
	from    int32    // the first operation that is asked for; with kind, it tells a late request from the latest
	kind    sim.Kind // of the request
	open    bool     // it is not answered
	waited  bool     // the worker has had to wait for a lock since
	agreed  bool     // the coordinator has heard its vote for commit …
	refused bool     // … or its NO
	reached bool     // some request has reached the worker
	room    fullness // of the worker, when it gave the attempt up
	told    int32    // up to where the coordinator has results, and …
	life    uint32   // … the incarnation of the worker that told the last; 0: none has
	left    int32    // the life in which the worker has voted READ, from 1 on; 0: it has not
	debt
}

// begin forgets the attempt before.
func (x *cause) begin(label sim.Label, parts int) {
	*x = cause{label: label, sent: -1, given: x.given[:0], parts: x.parts[:0]}
	for range parts {
		x.parts = append(x.parts, partCause{arrived: -1, ran: -1, wounded: -1, debt: debt{heard: -1}})
	}
}

// partAt returns what is known of a worker's part in the attempt of a label, nil if the
// attempt is not the latest or has no part there. hint is the place where the part most
// often is; a protocol of one's own may put anything there.
func (c *ProtocolChecker) partAt(t *txnTrace, label sim.Label, n sim.NodeID, hint int32) *partCause {
	x, worker := &t.cause, int(n)-c.coordinators
	if x.label != label {
		return nil
	}
	if uint(hint) < uint(len(x.parts)) && t.txn.Parts[hint].Worker == worker {
		return &x.parts[hint]
	}
	if t.wide != nil {
		if i, ok := t.wide.parts[worker]; ok {
			return &x.parts[i]
		}
		return nil
	}
	for i := range x.parts {
		if t.txn.Parts[i].Worker == worker {
			return &x.parts[i]
		}
	}
	return nil
}

// follow takes note of a request to a worker, of its reply, and of the answer to the client.
func (c *ProtocolChecker) follow(t *txnTrace, r *sim.Record[model.Message]) {
	m := r.Message
	switch r.Kind {
	case model.KindAnswer:
		c.checkContradiction(t, r)
		c.checkDecideNote(t, r, m.Outcome)
		c.checkOnePhase(t, r)
		c.checkAbort(t, r)
	case model.KindExecuted, model.KindVote, model.KindDone:
		p := c.partAt(t, r.Label, r.Node, m.Part)
		if p == nil {
			return
		}
		if r.Kind == model.KindVote && m.Vote == model.VoteRead {
			p.left = c.nodes[r.Node].life() + 1
		}
		if !p.open || replyTo(p.kind) != r.Kind { // a duplicate of an earlier request may be answered late
			return
		}
		c.checkAsked(p, r, "replies about")
		c.checkDoneNote(t, r)
		c.checkRefusal(t, p, r)
		if r.Kind == model.KindVote && m.Vote == model.VoteRead {
			c.checkLife(t, r, m.Part)
			c.checkRead(t, r)
		}
		if r.Kind == model.KindExecuted && m.Vote != model.VoteNo {
			p.ran = r.At
		}
		p.open, p.arrived = false, -1
	default:
		p := c.partAt(t, r.Label, r.Peer, m.Part)
		if p == nil {
			return
		}
		if r.Kind == model.KindPrepare {
			c.checkRun(t, r)
		}
		c.checkStartNote(t, r)
		if p.kind == r.Kind && p.from == m.From {
			c.checkMissed(t, r, t.asked)
		}
		t.cause.sent = r.At
		if !p.open || p.kind != r.Kind || p.from != m.From { // otherwise it is sent again
			p.open, p.kind, p.from, p.arrived = true, r.Kind, m.From, -1
		}
	}
}

// asks reports whether messages of a kind ask a worker to run something.
func asks(k sim.Kind) bool {
	return k == model.KindExecute || k == model.KindPrepare || k == model.KindCommitOne
}

// replyTo is the kind of a worker's reply to a request.
func replyTo(k sim.Kind) sim.Kind {
	switch k {
	case model.KindExecute:
		return model.KindExecuted
	case model.KindCommitOne:
		return model.KindDone
	}
	return model.KindVote
}

// arrived takes note of a message that is handled: of a request, or of what a coordinator
// hears.
func (c *ProtocolChecker) arrived(r *sim.Record[model.Message]) {
	t := c.txns.find(r.Label)
	switch {
	case decides(r.Kind):
		c.told(t, r)
		c.reaches(t, r)
		c.mustNote(t, r)
		return
	case r.Kind == model.KindEnquire || r.Kind == model.KindWound:
		c.hears(r)
	case r.Kind == model.KindAck && t != nil && r.Node == t.serves:
		if d, _ := c.debtOf(t, r.Label, r.Peer, 0); d != nil {
			d.owes = false
		}
	}
	if t == nil || t.cause.label != r.Label || r.Message == nil {
		return
	}
	switch m := r.Message; {
	case asks(r.Kind):
		p := c.partAt(t, r.Label, r.Node, m.Part)
		if p == nil {
			return
		}
		p.reached = true
		if p.open && p.arrived < 0 && p.kind == r.Kind && p.from == m.From {
			p.arrived, p.waited = r.At, false
		}
	case r.Node != t.serves || r.Kind == model.KindAck || r.Kind == model.KindEnquire:
	case r.Kind == model.KindVote && (m.Vote == model.VoteYes || m.Vote == model.VoteRead):
		c.agrees(t, r)
	case r.Kind == model.KindExecuted && m.Vote != model.VoteNo:
		if p := c.partAt(t, r.Label, r.Peer, m.Part); p != nil && m.To > p.told {
			p.told, p.life = m.To, m.Life
		}
	default:
		t.cause.disputed = true
		t.cause.hear(r)
		if m.Vote == model.VoteNo && !c.causes.accountable {
			t.cause.unanimous = false // its workers may vote more than once, for each operation say
		}
		if p := c.partAt(t, r.Label, r.Peer, m.Part); p != nil && r.Kind == model.KindVote {
			p.refused = true
		}
	}
}

// checkLife checks that what a worker promises, or votes READ on, it has run in the life from
// which the coordinator has its results. What it read in an earlier one may have changed since,
// because the locks were lost with it.
func (c *ProtocolChecker) checkLife(t *txnTrace, r *sim.Record[model.Message], hint int32) {
	if !c.causes.accountable || c.coordinates(r.Node) {
		return
	}
	p := c.partAt(t, r.Label, r.Node, hint)
	if p == nil {
		return
	}
	c.checkAsked(p, r, "promises")
	if p.life > 0 && p.life != c.nodes[r.Node].restarted {
		c.foundShape(InvIdempotence, "other life", r, "%s agrees to %s in its incarnation %d, and %s has the results of incarnation %d",
			c.format.Node(r.Node), c.name(r.Label), c.nodes[r.Node].restarted, c.format.Node(t.serves), p.life)
	}
}

// checkRun checks that the coordinator has the results of all operations when it asks for a
// vote, where they come before the prepare. Otherwise a worker that votes READ lets its locks
// go while others still acquire theirs, which is not two-phase locking.
func (c *ProtocolChecker) checkRun(t *txnTrace, r *sim.Record[model.Message]) {
	if c.execution == model.OneShot {
		return
	}
	for i := range t.cause.parts {
		part, told := &t.txn.Parts[i], t.cause.parts[i].told
		if int(told) < len(part.Ops) {
			c.foundShape(InvImpossible, "early prepare", r, "%s asks %s to prepare %s, and has heard that %s has run %d of its %s",
				c.format.Node(r.Node), c.format.Node(r.Peer), c.name(r.Label), c.format.Node(c.worker(part)), told, Count(len(part.Ops), "operation"))
			t.cause.judged = true // whatever comes of such a vote, no other cause is to be accused
			return
		}
	}
}

// agrees takes note of a vote for commit that a coordinator hears.
func (c *ProtocolChecker) agrees(t *txnTrace, r *sim.Record[model.Message]) {
	x, p := &t.cause, c.partAt(t, r.Label, r.Peer, r.Message.Part)
	if p == nil || p.agreed || p.refused {
		return
	}
	p.agreed, p.owes = true, r.Message.Vote == model.VoteYes && !x.decided
	if x.agreed++; x.agreed == len(x.parts) {
		x.unanimous = !x.disputed && !t.aborting(r.Label)
	}
}

// aborting reports whether the coordinator has said, or begun to log, that it aborts.
func (t *txnTrace) aborting(label sim.Label) bool {
	for i := range t.decisions {
		if d := &t.decisions[i]; d.label == label && d.outcome == model.Aborted {
			return true
		}
	}
	for i := range t.records {
		if r := &t.records[i]; r.node == t.serves && r.kind == model.KindAbort && r.try == tryOf(label) {
			return true
		}
	}
	return t.cause.judged
}

// waitsAt takes note of an attempt that waits at a worker for a lock.
func (c *ProtocolChecker) waitsAt(worker sim.NodeID, waiter sim.Label) {
	if t := c.txns.find(waiter); t != nil {
		if p := c.partAt(t, waiter, worker, 0); p != nil {
			p.waited = true
		}
	}
}

// causeRules is what the causes of aborts are judged by.
type causeRules struct {
	accountable bool          // the protocol is held to all of it, see model.Promises
	timed       bool          // nothing is early
	prompt      bool          // nor late by the schedule
	prepare     time.Duration // the timeouts
	decision    time.Duration
	idle        time.Duration
	share       time.Duration // nodes that may share a log device
	dies        bool          // the control may have a request refused for a conflict
	wounds      bool          // and an attempt wounded
	locks       bool          // no conflict is overlooked
}

// judgeCauses takes from the configuration what the causes of aborts are judged by.
func (c *ProtocolChecker) judgeCauses(cfg *model.Config, accountable bool) {
	c.causes = causeRules{
		timed: cfg.Schedule.Strategy != sim.Exhaustive, prompt: cfg.Schedule.Strategy == sim.ByLatency,
		prepare: cfg.Timeouts.Prepare, decision: cfg.Timeouts.Decision, idle: cfg.Timeouts.Idle, share: 1,
	}
	if cfg.Hosts > 0 || cfg.Placement == model.OnWorkers {
		c.causes.share = time.Duration(cfg.Coordinators + cfg.Workers)
	}
	c.causes.dies, c.causes.wounds = c.resolutions(cfg)
	c.room = room{}
	if c.causes.accountable = accountable; accountable {
		_, lenient := cfg.Control().(model.Lenient)
		c.causes.locks = !lenient
		c.room.set(cfg)
	}
}
