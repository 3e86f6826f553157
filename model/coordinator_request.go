package model

import "github.com/seed83d86191/txsim/sim"

// execute sends operations without asking for a vote: in interactive execution the next
// one, otherwise all at once.
func (c *coordinator) execute(a *attempt) {
	a.state = attemptExecuting
	if c.Config.Execution == Interactive {
		op := &a.txn.Ops[a.next]
		for i := range a.parts {
			if a.txn.Parts[i].Worker == op.Worker {
				c.run(a, i, a.ran[i].ran+1)
			}
		}
		a.next++
	} else {
		for i := range a.parts {
			c.run(a, i, int32(len(a.txn.Parts[i].Ops)))
		}
	}
	c.arm(a)
}

func (c *coordinator) run(a *attempt, i int, to int32) {
	c.request(a, i, KindExecute, a.ran[i].ran, to)
}

// request sends a message to the worker of the i-th part, and waits for its reply. from and
// to are the operations that it is to run.
func (c *coordinator) request(a *attempt, i int, kind sim.Kind, from, to int32) {
	p := &a.parts[i]
	if !p.waiting {
		p.waiting = true
		a.pending++
	}
	p.asked = true
	again := a.rounds
	if kind == KindExecute {
		again = uint32(from)
	}
	mail := &sim.Mail{Kind: kind, Label: a.name.Label(), Again: again, Ops: to - from}
	m := &Message{ID: a.id, Mark: c.mark(), Attempt: a.name, Txn: a.txn, Start: a.start, Part: int32(i), From: from, To: to, Life: a.progress(i).life}
	if c.passes(p.node, mail, m) {
		c.Env.Post(p.node, mail, m)
	}
}

// ask begins the vote, or lets a single worker decide in one phase.
func (c *coordinator) ask(a *attempt) {
	if len(a.parts) == 1 {
		a.state = attemptOnePhase
		c.requestVotes(a, KindCommitOne)
		return
	}
	if c.rule.Collecting {
		a.state = attemptCollecting
		c.force(a, KindCollecting)
		return
	}
	c.prepare(a)
}

func (c *coordinator) prepare(a *attempt) {
	a.state = attemptVoting
	c.audit(KindPrepare, a.name.Label())
	c.requestVotes(a, KindPrepare)
}

func (c *coordinator) requestVotes(a *attempt, kind sim.Kind) {
	for i := range a.parts {
		c.request(a, i, kind, a.progress(i).ran, int32(len(a.txn.Parts[i].Ops)))
	}
	c.arm(a)
}

// arm sets the attempt's timer for the state it is in.
func (c *coordinator) arm(a *attempt) {
	c.Env.Cancel(a.timer)
	d := c.Config.Timeouts.Prepare
	if a.state > attemptOnePhase {
		d = c.Config.Timeouts.Decision
	}
	a.timer = c.Env.SetTimer(patience(d, a.repeats()), c.token(a))
}

// oldToken marks the timer tokens of attempts of earlier epochs. Ids never have this bit.
const oldToken = 1 << 63

// token identifies an attempt in a timer: by its number in the present epoch, or by its id
// and oldToken.
func (c *coordinator) token(a *attempt) uint64 {
	if a.id.Epoch() == c.Env.Incarnation() {
		return a.id.N()
	}
	return oldToken | uint64(a.id)
}

// byToken returns the attempt of a timer.
func (c *coordinator) byToken(token uint64) *attempt {
	if token&oldToken == 0 {
		return c.find(NewWireID(c.Env.Incarnation(), token))
	}
	return c.find(WireID(token &^ oldToken))
}
