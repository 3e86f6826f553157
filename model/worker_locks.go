package model

import "github.com/seed83d86191/txsim/sim"

// settle completes a step: it follows up what the lock table brought about, takes a
// checkpoint if one is due, and syncs what was forced.
func (w *worker) settle() {
	if t := &w.pool.brought; len(t.died)+len(t.wounded)+len(t.granted) > 0 {
		w.followUp(t)
	}
	if w.Env.LogBytes() > w.checkpointAt() && !w.Env.Checkpointing() {
		w.compact()
	}
	if w.forced {
		w.forced = false
		w.Env.Sync()
	}
}

// followUp carries out what the lock table has brought about: refusals, wounds, and grants
// to parts that waited.
func (w *worker) followUp(t *brought) {
	for g := 0; g < len(t.granted) || len(t.died)+len(t.wounded) > 0; {
		for i := 0; i < len(t.died); i++ {
			c := t.died[i]
			w.lockEvent(LockRefused, c.p, c.item, c.other.attempt, c.queued)
			w.refuse(c.p, refusal{Conflict, &Obstacle{c.item.key, c.other.attempt}})
		}
		t.died = t.died[:0]
		for i := 0; i < len(t.wounded); i++ {
			w.wound(t.wounded[i])
		}
		t.wounded = t.wounded[:0]
		if g < len(t.granted) {
			p := t.granted[g]
			g++
			if p.state == partExecuting && p.waiting == nil {
				if w.Config.Locks != nil {
					w.granted(p)
				}
				w.stopTimer(p)
				w.advance(p)
			}
		}
	}
	t.granted = t.granted[:0]
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
	case !victim.onePhase && !w.woundedLately(victim):
		if victim.wounds++; victim.woundAgain == 0 {
			victim.woundedAt = w.Env.Now()
		}
		victim.woundAgain = w.Env.Now().Add(w.Config.Timeouts.Decision)
		w.send(victim.key.coordinator, &sim.Mail{Kind: KindWound, Label: victim.attempt.Label(), Again: uint32(victim.wounds)},
			&Message{ID: victim.key.id, Attempt: victim.attempt, Vote: victim.voted(), Payload: &Obstacle{c.item.key, c.p.attempt}})
	}
	if c.p.timer == (sim.Timer{}) {
		c.p.timer = w.Env.SetTimer(w.Config.Timeouts.Decision, uint64(c.p.slot))
	}
}

// woundedLately reports whether the part's coordinator was asked to abort it less than
// timeouts.decision ago, for whichever waiter. Without this, every one of a hundred waiters
// for a lock would ask, again and again. In an exhaustive schedule it is false, because time
// is no part of the state there.
func (w *worker) woundedLately(p *part) bool {
	return p.woundAgain != 0 && w.Env.Now() < p.woundAgain && w.Config.Schedule.Strategy != sim.Exhaustive
}

// woundedInVain reports whether the part's coordinator was first asked to abort it at least
// timeouts.idle ago. In an exhaustive schedule it is false, because time is no part of the
// state there.
func (w *worker) woundedInVain(p *part) bool {
	return p.woundAgain != 0 && w.Env.Now().Sub(p.woundedAt) >= w.Config.Timeouts.Idle && w.Config.Schedule.Strategy != sim.Exhaustive
}

// waits reports whom a part waits for.
func (w *worker) waits(p *part, l *lock) {
	asked, behind := holder{p: p}, true
	for _, q := range l.queue {
		if q.p == p {
			asked = q
		}
	}
	for _, h := range l.holders {
		if h.p != p && w.locks.blocks(asked, h) {
			w.lockEvent(LockWaits, p, p.waiting, h.p.attempt, false)
			behind = false
		}
	}
	if behind {
		w.lockEvent(LockWaits, p, p.waiting, Attempt{}, true)
	}
}

// granted reports a part that waited and has just been granted a lock, and who waits for it.
func (w *worker) granted(p *part) {
	n := len(p.locked)
	if n == 0 || p.locked[n-1].it.lock == nil {
		return
	}
	it := p.locked[n-1].it
	w.lockEvent(LockGranted, p, it, Attempt{}, false)
	i := it.lock.find(p)
	for _, q := range it.lock.queue {
		if i < 0 || w.locks.blocks(q, it.lock.holders[i]) {
			w.lockEvent(LockWaits, q.p, it, p.attempt, false)
		}
	}
}

// lockEvent reports to Config.Locks what becomes of a part's request, unless a crash has cut
// the step short.
func (w *worker) lockEvent(kind LockEventKind, p *part, it *item, other Attempt, queued bool) {
	if w.Config.Locks != nil && w.Env.Alive() {
		w.Config.Locks(LockEvent{kind, w.Env.ID(), p.attempt, it.key, other, queued})
	}
}
