package model

import (
	"cmp"
	"slices"

	"github.com/seed83d86191/txsim/sim"
)

// coordinator drives the attempts of its transactions. It decides once per attempt, commits
// only with every vote and a durable record, re-sends until every ack that the protocol
// demands is in, and answers enquiries from what it knows, or by presumption.
type coordinator struct {
	Site
	rule Presumption

	open     []*attempt // of this epoch, by N - base; nil where ended
	base     uint64
	ended    int                     // length of the prefix of open that has ended
	marked   int                     // how many of these the mark has passed
	old      []*attempt              // of earlier epochs, in the order of their ids
	byTxn    table[attempt]          // the current attempt of each transaction
	waiting  []logWait               // in the order of their LSN
	tail     sim.LSN                 // just after the last record appended
	suspects map[sim.NodeID]sim.Time // silent since
	known    map[uint64]uint32       // see knows
	presumed uint32                  // answers given by presumption, numbered so that each has a fate of its own

	checkpoint int   // size of the last checkpoint
	reserved   int64 // room that the log must keep for the attempts that have not ended
}

// logWait is an attempt that goes on when the log is durable up to lsn.
type logWait struct {
	lsn sim.LSN
	a   *attempt
}

func newCoordinator(s *Site, rule Presumption) *coordinator {
	c := &coordinator{Site: *s, rule: rule, base: 1, known: map[uint64]uint32{}}
	c.pool = s.shared()
	return c
}

// Start implements sim.Node.
func (c *coordinator) Start() {}

// Receive implements sim.Node.
func (c *coordinator) Receive(from sim.NodeID, mail sim.Mail, m *Message) {
	if len(c.suspects) > 0 {
		c.heard(from)
	}
	switch mail.Kind {
	case KindRequest:
		if m.Life != c.Env.Incarnation() {
			c.known[m.Attempt.Txn] = m.Attempt.Try
		}
		c.begin(m)
	case KindAsk:
		c.asked(m)
	case KindEnquire:
		c.enquired(from, m)
	case KindWound:
		c.wounded(from, m)
	default:
		if a := c.find(m.ID); a != nil {
			if i := a.partner(from, m.Part); i >= 0 {
				c.replied(mail.Kind, a, i, m)
			}
		}
	}
	// The log may grow to twice the last checkpoint, so that the cost per record stays
	// constant; to less, if its device has little room for what is under way.
	if n := c.Env.LogBytes(); n > max(c.Config.Checkpoint, 2*c.checkpoint) || n > max(leastLog, 2*c.checkpoint) && c.Env.LogRoom() < 2*c.reserved {
		c.compact()
	}
}

func (c *coordinator) find(id WireID) *attempt {
	if id.Epoch() == c.Env.Incarnation() {
		if i := id.N() - c.base; i < uint64(len(c.open)) {
			return c.open[i]
		}
		return nil
	}
	if i, ok := c.findOld(id); ok {
		return c.old[i]
	}
	return nil
}

func (c *coordinator) findOld(id WireID) (int, bool) {
	return slices.BinarySearchFunc(c.old, id, func(a *attempt, id WireID) int { return cmp.Compare(a.id, id) })
}

// attempts yields what has not ended: the attempts of earlier epochs, then those of this one,
// each in the order of their ids.
func (c *coordinator) attempts(yield func(*attempt) bool) {
	for _, list := range [2][]*attempt{c.old, c.open} {
		for _, a := range list {
			if a != nil && !yield(a) {
				return
			}
		}
	}
}

// mark is the low-water mark: all attempts before it are finished.
func (c *coordinator) mark() WireID {
	if len(c.old) > 0 {
		return c.old[0].id
	}
	return NewWireID(c.Env.Incarnation(), c.base+uint64(c.marked))
}

// begin starts an attempt.
func (c *coordinator) begin(m *Message) {
	if c.Env.LogRoom() < c.reserved+AttemptReserve(len(m.Txn.Parts)) {
		c.refuse(m)
		return
	}
	a := c.pool.getAttempt()
	a.id = NewWireID(c.Env.Incarnation(), c.base+uint64(len(c.open)))
	a.name, a.txn, a.start = m.Attempt, m.Txn, m.Start
	reads := 0
	for i := range m.Txn.Ops {
		if m.Txn.Ops[i].Kind == Read {
			reads++
		}
	}
	a.reads = c.pool.getResults(reads)
	for i := range m.Txn.Parts {
		a.parts = append(a.parts, partner{node: c.Workers[m.Txn.Parts[i].Worker]})
	}
	if c.Config.Execution != OneShot {
		a.ran = make([]progress, len(a.parts))
	}
	c.open = append(c.open, a)
	c.enter(a)
	c.note(KindStart, a, &Message{Txn: a.txn})
	c.Began(a.txn, a.name, m.Age()) // before the record: a fault may crash the node there
	c.audit(KindStart, a.name.Label())
	switch {
	case len(a.parts) == 0:
		c.commit(a) // it has no operations
	case c.Config.Execution == OneShot:
		c.ask(a)
	default:
		c.execute(a)
	}
}

// enter makes an attempt the current one of its transaction.
func (c *coordinator) enter(a *attempt) {
	if last := c.byTxn.get(a.name.Txn); last != nil {
		c.byTxn.remove(a.name.Txn, last)
	}
	c.byTxn.add(a.name.Txn, a)
	c.reserved += AttemptReserve(len(a.parts))
}

// replied takes a worker's answer into account.
func (c *coordinator) replied(kind sim.Kind, a *attempt, i int, m *Message) {
	p := &a.parts[i]
	switch {
	case kind == KindExecuted && a.state == attemptExecuting && p.waiting && (m.Vote == VoteNo || m.To > a.ran[i].ran):
		c.executed(a, i, m)
	case kind == KindVote && a.state == attemptVoting && p.waiting:
		c.voted(a, p, m)
	case kind == KindDone && a.state == attemptOnePhase:
		c.done(a, m)
	case kind == KindAck && p.waiting && a.outcome() != Pending:
		if a.got(p); a.pending == 0 {
			c.end(a)
		}
	}
}

func (c *coordinator) executed(a *attempt, i int, m *Message) {
	p := &a.parts[i]
	a.got(p)
	if m.Vote == VoteNo {
		p.vote = VoteNo
		c.abort(a, refusal{m.Reason, m.Obstacle()})
		return
	}
	a.ran[i] = progress{m.To, m.Life}
	a.reads = append(a.reads, m.Reads...)
	switch {
	case a.pending > 0:
	case c.Config.Execution == Interactive && int(a.next) < len(a.txn.Ops):
		c.tally.Resolved++ // so that a transaction of many round trips does not count as stuck
		c.execute(a)
	default:
		c.ask(a)
	}
}

// got counts a reply that was waited for.
func (a *attempt) got(p *partner) {
	p.waiting = false
	a.pending--
}

func (c *coordinator) voted(a *attempt, p *partner, m *Message) {
	a.got(p)
	p.vote = m.Vote
	if m.Vote == VoteNo {
		c.abort(a, refusal{m.Reason, m.Obstacle()})
		return
	}
	a.reads = append(a.reads, m.Reads...)
	if a.pending == 0 {
		c.commit(a)
	}
}

// done takes the outcome of a one-phase commit, which the worker has decided.
func (c *coordinator) done(a *attempt, m *Message) {
	a.reads = append(a.reads, m.Reads...)
	a.refused = refusal{m.Reason, m.Obstacle()}
	c.decide(a, m.Outcome)
	c.answer(a, m.Outcome)
	c.end(a)
}

// Fired implements sim.Node: an attempt has waited too long.
func (c *coordinator) Fired(token uint64) {
	a := c.byToken(token)
	a.timer = sim.Timer{}
	for i := range a.parts {
		if a.parts[i].waiting {
			c.suspect(a, a.parts[i].node)
		}
	}
	switch a.state {
	case attemptExecuting, attemptVoting:
		c.abort(a, refusal{reason: Timeout})
	case attemptOnePhase:
		a.rounds++
		c.requestVotes(a, KindCommitOne)
	case attemptCommitted, attemptAborted:
		a.rounds++
		c.resend(a)
	}
}

// Synced implements sim.Node.
func (c *coordinator) Synced(lsn sim.LSN) {
	n := 0
	for ; n < len(c.waiting) && c.waiting[n].lsn <= lsn; n++ {
		a := c.waiting[n].a
		if a.forced != c.waiting[n].lsn {
			continue // it waits for a later record
		}
		a.forced = 0
		switch a.state {
		case attemptCollecting:
			c.prepare(a)
		case attemptDeciding:
			c.carryOut(a, Committed)
		case attemptAborting:
			c.carryOut(a, Aborted)
		case attemptEnded:
			c.recycle(a)
		}
	}
	c.waiting = append(c.waiting[:0], c.waiting[n:]...)
}
