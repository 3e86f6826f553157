package model

import (
	"time"

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
			if w.Config.Waits != nil && p.waiting != nil {
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

// waits reports to Config.Waits whom a part waits for.
func (w *worker) waits(p *part, l *lock) {
	asked := holder{p: p}
	for _, q := range l.queue {
		if q.p == p {
			asked = q
		}
	}
	for _, h := range l.holders {
		if h.p != p && w.locks.blocks(asked, h) {
			w.Config.Waits(w.Env.ID(), p.attempt, h.p.attempt)
		}
	}
}

// inTheWay reports to Config.Waits who waits for a part that has just been granted a lock.
func (w *worker) inTheWay(p *part, l *lock) {
	i := l.find(p)
	for _, q := range l.queue {
		if i < 0 || w.locks.blocks(q, l.holders[i]) {
			w.Config.Waits(w.Env.ID(), q.p.attempt, p.attempt)
		}
	}
}

// promise forces the record that the request calls for. Once it is durable, the worker
// votes YES, or, in one phase, has committed.
func (w *worker) promise(p *part) {
	if len(p.staged) == 0 && (p.onePhase || p.apart) {
		w.readOnly(p)
		return
	}
	w.pool.buf = appendWork(appendKey(w.pool.buf[:0], p.key), p)
	if int64(len(w.pool.buf)) > w.Env.LogRoom()-logReserve*(int64(w.live)+1) {
		w.compact() // p has promised nothing yet, so the checkpoint need not hold it
		w.refuse(p, refusal{reason: Full})
		return
	}
	kind := KindPrepare
	p.state = partPreparing
	if p.onePhase {
		kind, p.state = KindCommitOne, partDeciding
	}
	w.force(p, kind, KindVote)
}

// logReserve is the room kept in the log for the decision of each live part.
const logReserve = 64

// readOnly votes for a part that wrote nothing and need not keep its shared locks: in one
// phase, or when all operations had run everywhere before anyone was asked to prepare.
func (w *worker) readOnly(p *part) {
	if p.onePhase {
		w.finish(p, partCommitted)
		w.vote(p)
		return
	}
	w.reply(p, KindVote, &Message{Vote: VoteRead})
	w.finish(p, partLeft)
}

// refuse aborts a part that has not voted, and says so. Where having no information could
// later be taken for a commit, the abort record is forced first.
func (w *worker) refuse(p *part, why refusal) {
	p.reason, p.by = why.reason, why.by
	writes := p.writes()
	w.finish(p, partAborted)
	switch {
	case p.request == KindExecute:
		w.answerRefused(p)
	case p.onePhase && writes, !p.onePhase && w.rule.Presume == Committed:
		w.entomb(p)
	default:
		w.vote(p)
	}
}

// entomb forces an abort record of a part that has none, a tombstone; then it answers.
func (w *worker) entomb(p *part) {
	w.pool.buf = appendKey(w.pool.buf[:0], p.key)
	w.force(p, KindAbort, KindVote)
}

// answerRefused says that operations were not executed.
func (w *worker) answerRefused(p *part) {
	w.reply(p, KindExecuted, &Message{Vote: VoteNo, Reason: p.reason, Obstacle: p.by})
}

// vote answers prepare or commit-one from the part's state.
func (w *worker) vote(p *part) {
	if p.onePhase {
		w.reply(p, KindDone, &Message{Outcome: p.outcome(), Reads: p.reads, Reason: p.reason, Obstacle: p.by})
		return
	}
	if p.state == partAborted {
		w.reply(p, KindVote, &Message{Vote: VoteNo, Reason: p.reason, Obstacle: p.by})
		return
	}
	w.reply(p, KindVote, &Message{Vote: VoteYes, Reads: p.reads})
}

// force appends a record about p and asks for a sync; when it is durable, the
// answer named by then leaves.
func (w *worker) force(p *part, kind, then sim.Kind) {
	w.log(p, kind)
	w.Sync()
	w.await(p, then)
}

// await sends the answer named by then once the part's last record is durable.
func (w *worker) await(p *part, then sim.Kind) {
	w.waiting = append(w.waiting, syncWait{p.lsn, p, then})
	p.awaited++
}

// log appends the record in the pool's buffer.
func (w *worker) log(p *part, kind sim.Kind) {
	p.lsn = w.Append(kind, p.attempt.Label(), w.pool.buf)
	w.tail = p.lsn
}

// logLazily is log for a record that nobody waits for. It becomes durable with
// the next sync, at the latest flushDelay from now.
func (w *worker) logLazily(p *part, kind sim.Kind) {
	w.log(p, kind)
	if !w.flushing {
		w.flushing = true
		w.Env.SetTimer(flushDelay, flushToken)
	}
}

const (
	flushDelay = 100 * time.Millisecond
	flushToken = 1 << 63 // of the flush timer; other timers have a part's slot
)

// settle completes a step: it follows up what the lock table brought about, and takes a
// checkpoint if one is due.
func (w *worker) settle() {
	if t := &w.pool.brought; len(t.died)+len(t.wounded)+len(t.granted) > 0 {
		w.followUp(t)
	}
	if w.Env.LogBytes() > w.checkpointAt() && !w.Env.Checkpointing() {
		w.compact()
	}
}

// followUp carries out what the lock table has brought about: refusals, wounds, and grants
// to parts that waited.
func (w *worker) followUp(t *brought) {
	for len(t.died)+len(t.wounded)+len(t.granted) > 0 {
		for len(t.died) > 0 {
			c := t.died[0]
			t.died = append(t.died[:0], t.died[1:]...)
			w.refuse(c.p, refusal{Conflict, &Obstacle{c.item.key, c.other.attempt}})
		}
		for len(t.wounded) > 0 {
			c := t.wounded[0]
			t.wounded = append(t.wounded[:0], t.wounded[1:]...)
			w.wound(c)
		}
		if len(t.granted) > 0 {
			p := t.granted[0]
			t.granted = append(t.granted[:0], t.granted[1:]...)
			if p.state == partExecuting && p.waiting == nil {
				if n := len(p.locked); w.Config.Waits != nil && n > 0 && p.locked[n-1].it.lock != nil {
					w.inTheWay(p, p.locked[n-1].it.lock)
				}
				w.stopTimer(p)
				w.advance(p)
			}
		}
	}
}

// wound asks for the abort of a younger transaction that is in the way. In one phase this
// worker itself decides; otherwise the victim may have voted already, and only its
// coordinator knows. A victim that has not voted and whose coordinator does not answer is
// aborted like an idle one: otherwise both could wait for ever.
func (w *worker) wound(c conflict) {
	victim := c.other
	switch {
	case c.p.state != partExecuting || c.p.waiting == nil:
		return // it has the lock by now, or was refused
	case victim.state.finished():
		return
	case victim.state == partExecuting && (victim.onePhase || w.woundedInVain(victim)):
		w.refuse(victim, refusal{Wounded, &Obstacle{c.item.key, c.p.attempt}})
		return
	case !victim.onePhase:
		if victim.asked++; victim.woundedAt == 0 {
			victim.woundedAt = w.Env.Now()
		}
		w.send(victim.key.coordinator, &sim.Mail{Kind: KindWound, Label: victim.attempt.Label(), Again: victim.asked},
			&Message{ID: victim.key.id, Attempt: victim.attempt, Vote: victim.voted(), Obstacle: &Obstacle{c.item.key, c.p.attempt}})
	}
	if c.p.timer == (sim.Timer{}) {
		c.p.timer = w.Env.SetTimer(w.Config.Timeouts.Decision, uint64(c.p.slot))
	}
}

// woundedInVain reports whether the part's coordinator has been asked to abort it for so
// long that it should have. It is never so in an exhaustive schedule, where time is no part
// of the state.
func (w *worker) woundedInVain(p *part) bool {
	return p.woundedAt != 0 && w.Env.Now().Sub(p.woundedAt) >= w.Config.Timeouts.Idle && w.Config.Schedule.Strategy != sim.Exhaustive
}
