package plain

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// coordinator forces a commit record and writes nothing else. What it knows nothing about
// has been aborted.
type coordinator struct {
	*model.Site
	all     []*attempt // by the token of their timers
	byName  map[model.Attempt]*attempt
	waiting []*attempt // for the commit record, in the order of the log
}

type attempt struct {
	name    model.Attempt
	txn     *model.Transaction // nil once recovered from the log
	token   uint64
	state   state
	nodes   []sim.NodeID // of its workers
	missing []sim.NodeID // workers whose vote, or ack, is missing
	reads   []model.ReadResult
	reason  model.Reason
	record  sim.LSN // LSN of its commit record; 0 without one
	sent    uint32
	timer   sim.Timer
}

// Start implements sim.Node.
func (c *coordinator) Start() {}

func (c *coordinator) add(name model.Attempt) *attempt {
	a := &attempt{name: name, token: uint64(len(c.all))}
	c.all = append(c.all, a)
	c.byName[name] = a
	return a
}

// Receive implements sim.Node.
func (c *coordinator) Receive(from sim.NodeID, mail sim.Mail, m *model.Message) {
	a := c.byName[m.Attempt]
	switch mail.Kind {
	case model.KindRequest:
		if a == nil { // otherwise the client has asked already, and was told that the attempt is lost
			c.begin(m)
		}
	case model.KindAsk:
		if a == nil {
			a = c.lost(m.Attempt)
		}
		if a.state >= committed {
			c.answer(a)
		}
	case model.KindVote:
		c.voted(a, from, m)
	case model.KindAck:
		if a != nil && a.state == committed {
			a.missing = slices.DeleteFunc(a.missing, func(n sim.NodeID) bool { return n == from })
			c.finish(a)
		}
	case model.KindEnquire:
		if a == nil {
			a = c.lost(m.Attempt)
		}
		switch {
		case a.record == 0 && a.state == over:
			c.tell(from, model.KindAbort, a)
		case a.state >= committed:
			c.tell(from, model.KindCommit, a)
		}
	}
}

// lost adds an attempt of which nothing is known: its request never came, or came before a
// crash. It cannot have committed, and must not begin any more.
func (c *coordinator) lost(name model.Attempt) *attempt {
	a := c.add(name)
	a.state, a.reason = over, model.CoordinatorLost
	return a
}

func (c *coordinator) begin(m *model.Message) {
	a := c.add(m.Attempt)
	a.txn = m.Txn
	c.Began(a.txn, a.name, m.Age())
	for i := range a.txn.Parts {
		p := &a.txn.Parts[i]
		to, ops := c.Workers[p.Worker], int32(len(p.Ops))
		a.nodes = append(a.nodes, to)
		c.Env.Send(to, sim.Mail{Kind: model.KindPrepare, Label: a.name.Label(), Ops: ops},
			model.Message{Attempt: a.name, Txn: a.txn, Start: m.Start, Part: int32(i), To: ops})
	}
	a.missing = slices.Clone(a.nodes)
	a.timer = c.Env.SetTimer(c.Config.Timeouts.Prepare, a.token)
	if len(a.missing) == 0 {
		c.commit(a)
	}
}

func (c *coordinator) voted(a *attempt, from sim.NodeID, m *model.Message) {
	if a == nil || a.state != voting || !slices.Contains(a.missing, from) {
		return // it comes too late, or twice
	}
	if m.Vote != model.VoteYes {
		c.abort(a, m.Reason)
		return
	}
	a.missing = slices.DeleteFunc(a.missing, func(n sim.NodeID) bool { return n == from })
	a.reads = append(a.reads, m.Reads...)
	if len(a.missing) == 0 {
		c.commit(a)
	}
}

// commit forces the decision; Synced goes on. The record names the workers that have to
// hear of it after a crash. What a coordinator logs is up to its protocol.
func (c *coordinator) commit(a *attempt) {
	a.state = deciding
	c.Env.Cancel(a.timer)
	var data []byte
	for _, n := range a.nodes {
		data = binary.AppendUvarint(data, uint64(n))
	}
	a.record = c.Append(model.KindCommit, a.name.Label(), data)
	c.waiting = append(c.waiting, a)
	c.Sync()
}

// Synced implements sim.Node.
func (c *coordinator) Synced(lsn sim.LSN) {
	for len(c.waiting) > 0 && c.waiting[0].record <= lsn {
		a := c.waiting[0]
		c.waiting = c.waiting[1:]
		c.decide(a, model.Committed)
		c.announce(a)
	}
}

// announce tells the client of a commit, and the workers until they acknowledge.
func (c *coordinator) announce(a *attempt) {
	a.state, a.missing = committed, slices.Clone(a.nodes)
	c.answer(a)
	c.again(a)
	c.finish(a)
}

func (c *coordinator) again(a *attempt) {
	for _, to := range a.missing {
		c.tell(to, model.KindCommit, a)
	}
	c.Env.Cancel(a.timer)
	a.timer = c.Env.SetTimer(c.Config.Timeouts.Decision, a.token)
}

func (c *coordinator) finish(a *attempt) {
	if len(a.missing) == 0 {
		a.state = over
		c.Env.Cancel(a.timer)
		c.Tally().Resolved++
	}
}

func (c *coordinator) abort(a *attempt, why model.Reason) {
	a.state, a.reason = over, why
	c.Env.Cancel(a.timer)
	c.decide(a, model.Aborted)
	for _, to := range a.nodes {
		c.tell(to, model.KindAbort, a)
	}
	c.answer(a)
	c.Tally().Resolved++
}

// Fired implements sim.Node.
func (c *coordinator) Fired(token uint64) {
	switch a := c.all[token]; {
	case a.state == voting:
		c.abort(a, model.Timeout)
	case a.state == committed:
		c.again(a)
	}
}

// decide notes the decision, for the log that people read and for the checkers.
func (c *coordinator) decide(a *attempt, o model.Outcome) {
	c.Env.Note(sim.Mail{Kind: model.KindDecide, Label: a.name.Label(), Arg: uint64(o)}, &model.Message{Attempt: a.name, Txn: a.txn, Outcome: o})
}

// tell sends a decision. Again makes each re-send a message of its own to the network:
// otherwise what is lost once would be lost every time.
func (c *coordinator) tell(to sim.NodeID, kind sim.Kind, a *attempt) {
	a.sent++
	c.Env.Send(to, sim.Mail{Kind: kind, Label: a.name.Label(), Again: c.Env.Incarnation()<<16 + a.sent}, model.Message{Attempt: a.name})
}

// answer answers the client. That message cannot be lost, and needs no acknowledgement.
func (c *coordinator) answer(a *attempt) {
	m := model.Message{Attempt: a.name, Txn: a.txn, Outcome: model.Aborted, Reason: a.reason}
	if a.record > 0 {
		m.Outcome, m.Reads = model.Committed, a.reads
	}
	c.Env.Send(c.Client, sim.Mail{Kind: model.KindAnswer, Label: a.name.Label()}, m)
}

// Recover implements sim.Node: what has a commit record is committed.
func (c *coordinator) Recover(log sim.Recovery) {
	for rec := range log.Records() {
		a := c.add(model.AttemptOf(rec.Label))
		a.record = rec.End()
		for data := rec.Data; len(data) > 0; {
			n, size := binary.Uvarint(data)
			a.nodes, data = append(a.nodes, sim.NodeID(n)), data[size:]
		}
		c.announce(a)
	}
}

// Residue implements model.Resident.
func (c *coordinator) Residue() []model.Residue {
	var all []model.Residue
	for _, a := range c.all {
		if a.state != over {
			all = append(all, model.Residue{Node: c.Env.ID(), Attempt: a.name, State: stateNames[a.state], Awaits: a.missing, Decided: a.state == committed})
		}
	}
	return all
}

// AppendState implements sim.StateAppender. The order of attempts is that of their tokens.
func (c *coordinator) AppendState(b []byte) []byte {
	for _, a := range c.all {
		b = fmt.Appendf(b, "%v %v %v %v %v %v %v %v|", a.name, a.txn != nil, a.state, a.nodes, a.missing, a.reads, a.reason, a.record > 0)
	}
	for _, a := range c.waiting {
		b = fmt.Appendf(b, "%d ", a.token)
	}
	return b
}
