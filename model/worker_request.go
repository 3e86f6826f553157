package model

import (
	"github.com/seed83d86191/txsim/sim"
)

// request handles execute, prepare and commit-one: it runs the operations, and for the
// latter two votes or decides.
func (w *worker) request(kind sim.Kind, c *peer, m *Message) {
	p := c.parts.get(uint64(m.ID))
	switch {
	case p != nil && p.state != partExecuted:
		w.again(kind, p, m)
		return
	case p != nil && m.From < p.at:
		return // a duplicate of what has been executed
	case p == nil && m.ID < c.mark:
		return // a late message about an attempt that is finished
	}
	lost := m.Life > 0 && m.Life != w.Env.Incarnation() || p == nil && m.From > 0 || p != nil && m.From > p.at
	if p == nil {
		w.dropOrphans(c, m.ID.Epoch())
		p = w.newPart(c, m.ID, m.Attempt, m.Start)
		p.load(m.Txn, m.Part)
	}
	w.stopTimer(p)
	p.apart = p.state == partExecuted
	p.state, p.request, p.onePhase = partExecuting, kind, kind == KindCommitOne
	if lost {
		w.refuse(p, refusal{reason: UnknownTxn})
		return
	}
	if p.at, p.to = m.From, m.To; m.From < m.To {
		p.whole = m.From == 0 && int(m.To) == len(p.todo.Ops)
		p.reads = w.room(p.todo.Ops[m.From:m.To])
	}
	w.advance(p)
}

// again answers a repeated request as the first one was answered, unless that
// answer is still to come.
func (w *worker) again(kind sim.Kind, p *part, m *Message) {
	refused := p.state == partAborted && p.reason != NoReason
	switch {
	case p.state.finished() && p.lsn > w.Env.Durable():
	case refused && kind == KindExecute:
		w.answerRefused(p)
	case refused && kind == KindPrepare && p.lsn == 0 && w.rule.Presume == Committed:
		p.request = kind // it was given up before it was asked to prepare: force the refusal now
		w.entomb(p)
	case p.state == partLeft && kind == KindPrepare:
		w.reply(p, KindVote, &Message{Vote: VoteRead})
	case p.state == partPrepared && kind == KindPrepare, refused && kind == KindPrepare,
		p.state.finished() && kind == KindCommitOne:
		p.request, p.onePhase = kind, kind == KindCommitOne
		if p.state == partPrepared && p.txn == nil {
			w.reread(p, m)
		}
		w.vote(p)
	}
}

// reread repeats the reads of an in-doubt part that was restored from the log. The results
// are the same as before, for the locks were held all the time.
func (w *worker) reread(p *part, m *Message) {
	ops := m.Txn.Parts[m.Part].Ops
	p.txn, p.index = m.Txn, m.Part
	p.reads = w.room(ops[m.From:m.To])
	own := make(map[string]*PartOp)
	for i := range ops[:m.To] {
		op := &ops[i]
		if op.Kind != Read {
			own[op.Key] = op
		} else if int32(i) >= m.From {
			it := w.store.item(op.Key)
			r := ReadResult{Op: op.Index, Found: it.present, Value: it.value, Version: it.version()}
			if o := own[op.Key]; o != nil {
				r = ReadResult{op.Index, o.Kind == Write, o.Value, Version{p.attempt, o.Index}}
			}
			p.reads = append(p.reads, r)
		}
	}
}

// advance acquires locks and runs operations until all that were asked for
// have run, one has to wait, or the attempt is refused.
func (w *worker) advance(p *part) {
	for p.at < p.to {
		op := &p.todo.Ops[p.at]
		it := w.item(p, op)
		w.Env.Before(KindLock, p.attempt.Label())
		if !w.locks.acquire(p, it, p.exclusive(op)) {
			if w.Config.Locks != nil && p.waiting != nil {
				w.waits(p, it.lock)
			}
			return
		}
		w.Env.After(KindLock, p.attempt.Label())
		p.run(op, p.holds(it, op.Lock))
		p.at++
	}
	w.charge(p, p.bytes, max(p.newKeys, 0)) // a delete frees nothing before it is committed
	r := w.Config.Resources
	full := r.Staging > 0 && w.staged > r.Staging || r.Keys > 0 && w.store.present+w.newKeys > r.Keys
	switch {
	case full:
		w.refuse(p, refusal{reason: Full})
	case p.request == KindExecute:
		p.state = partExecuted
		w.reply(p, KindExecuted, &Message{Vote: VoteYes, To: p.at, Life: w.Env.Incarnation(), Reads: p.reads})
		p.reads = nil
		p.timer = w.Env.SetTimer(w.Config.Timeouts.Idle, uint64(p.slot))
	default:
		w.promise(p)
	}
}

// item returns the item that an operation is on.
func (w *worker) item(p *part, op *PartOp) *item {
	if n := int(op.Lock); n < len(p.locked) && p.locked[n].it.key == op.Key {
		return p.locked[n].it
	}
	return w.store.item(op.Key)
}

// room returns an empty slice with room for the results of the reads among ops.
func (w *worker) room(ops []PartOp) []ReadResult {
	n := 0
	for i := range ops {
		if ops[i].Kind == Read {
			n++
		}
	}
	return w.pool.getResults(n)
}
