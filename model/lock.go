package model

import "slices"

// lockTable is a worker's strict two-phase locking: shared and exclusive locks, upgrades,
// first-in first-out queues. Of transactions it knows only their ages, and it asks a
// Concurrency about conflicts.
//
// Every wait is covered by an answer of Concurrency.Conflict: a request is
// compared with the conflicting holders and with the conflicting waiters ahead
// of it; when an upgrade jumps the queue, the waiters that it passes are
// compared with it. So the waits-for relation follows age and has no cycle.
type lockTable struct {
	pool   *pool // where what the calls bring about goes
	policy Concurrency
}

// brought collects what the last calls of a lock table brought about, in order. The owner
// empties it before its step is over, so all workers of a cluster share one.
type brought struct {
	granted []*part
	died    []conflict
	wounded []conflict
}

// conflict is a request that had to wait or was refused because of other.
type conflict struct {
	p      *part
	item   *item
	other  *part
	queued bool // other waited for the lock too, and did not hold it
}

// lock is the state of one item's lock; items that nobody holds or awaits have
// none.
type lock struct {
	holders []holder
	queue   []holder  // waiters; upgrades stand in front
	room    [1]holder // of holders, unless there are more
}

type holder struct {
	p         *part
	exclusive bool
	upgrade   bool // in the queue: p holds the lock shared
}

func (l *lock) find(p *part) int {
	for i := range l.holders {
		if l.holders[i].p == p {
			return i
		}
	}
	return -1
}

// heldBy reports whether p holds the lock, which is that of it. It looks where there is less
// to look at.
func (l *lock) heldBy(p *part, it *item) bool {
	if len(p.locked) < len(l.holders) {
		return slices.ContainsFunc(p.locked, func(h held) bool { return h.it == it })
	}
	return l.find(p) >= 0
}

// remove takes the i-th holder away; the others keep their order. The first of many, often
// the next to go, goes without moving them.
func (l *lock) remove(i int) {
	last := len(l.holders) - 1
	if i == 0 && last > len(l.room) {
		l.holders[0] = holder{}
		l.holders = l.holders[1:]
		return
	}
	for ; i < last; i++ {
		l.holders[i] = l.holders[i+1]
	}
	l.holders[last] = holder{}
	l.holders = l.holders[:last]
}

// acquire asks for a lock on behalf of p. True means p has it. Otherwise p
// waits, to appear in granted later, or was refused and is in died.
func (t *lockTable) acquire(p *part, it *item, exclusive bool) bool {
	l := it.lock
	if l == nil {
		it.lock = t.pool.getLock()
		t.grant(p, it, exclusive)
		return true
	}
	if l.heldBy(p, it) {
		if !exclusive {
			return true
		}
		mine := l.find(p)
		return l.holders[mine].exclusive || t.upgrade(p, it, mine)
	}
	rivals := t.rivals(l, exclusive)
	if !t.judge(p, it, exclusive, rivals, false) || !t.judge(p, it, exclusive, l.queue, true) {
		return false
	}
	if t.compatible(exclusive, rivals, p) && t.compatible(exclusive, l.queue, p) {
		t.grant(p, it, exclusive)
		return true
	}
	l.queue = append(l.queue, holder{p: p, exclusive: exclusive})
	p.waiting = it
	return false
}

func (t *lockTable) grant(p *part, it *item, exclusive bool) {
	it.lock.holders = append(it.lock.holders, holder{p: p, exclusive: exclusive})
	p.locked = append(p.locked, held{it: it})
}

// upgrade turns p's shared lock into an exclusive one, at the head of the
// queue if other holders are in the way.
func (t *lockTable) upgrade(p *part, it *item, mine int) bool {
	l := it.lock
	if t.compatible(true, l.holders, p) {
		l.holders[mine].exclusive = true
		t.passed(p, it)
		return true
	}
	if !t.judge(p, it, true, l.holders, false) {
		return false
	}
	at := 0
	for at < len(l.queue) && l.queue[at].upgrade {
		at++
	}
	l.queue = slices.Insert(l.queue, at, holder{p: p, exclusive: true, upgrade: true})
	p.waiting = it
	t.passed(p, it)
	return false
}

// passed asks the Concurrency about the waiters that p's upgrade has gone ahead of. Shared
// ones had no conflict with p's shared lock, but have one with the upgrade.
func (t *lockTable) passed(p *part, it *item) {
	var dead []*part
	for _, w := range it.lock.queue {
		if w.p == p || w.upgrade || w.exclusive || !t.conflicts(w.p, false, holder{p: p, exclusive: true}) {
			continue
		}
		switch t.resolve(w.p, p) {
		case Die:
			t.pool.died = append(t.pool.died, conflict{w.p, it, p, false})
			dead = append(dead, w.p)
		case Wound:
			t.pool.wounded = append(t.pool.wounded, conflict{w.p, it, p, false})
		}
	}
	for _, d := range dead {
		t.unqueue(d)
	}
}

// judge asks the Concurrency about a request and each other that it conflicts with, of those
// that hold the lock or of those queued; it is false if p was refused.
func (t *lockTable) judge(p *part, it *item, exclusive bool, others []holder, queued bool) bool {
	for _, o := range others {
		if !t.conflicts(p, exclusive, o) {
			continue
		}
		if t.resolve(p, o.p) == Die {
			t.pool.died = append(t.pool.died, conflict{p, it, o.p, queued && !o.upgrade})
			return false
		}
	}
	for _, o := range others {
		if !t.conflicts(p, exclusive, o) || t.resolve(p, o.p) != Wound {
			continue
		}
		// One that waits for its upgrade may have been wounded as a holder just now.
		if c := (conflict{p, it, o.p, queued && !o.upgrade}); !o.upgrade || !slices.Contains(t.pool.wounded, c) {
			t.pool.wounded = append(t.pool.wounded, c)
		}
	}
	return true
}

// resolve asks the Concurrency about a request and another that it conflicts with. Attempts
// of one transaction have the same age, so the control cannot order them. If a later attempt
// meets a lock of an earlier one, the earlier one is over and its abort was lost: the later
// one wounds it, to have it aborted again. Otherwise two attempts that share a lock, and that
// their coordinator has forgotten, could wait for each other's upgrade for ever.
func (t *lockTable) resolve(p, other *part) Resolution {
	r := t.policy.Conflict(p.age(), other.age())
	if r == Wait && p.attempt.Txn == other.attempt.Txn && p.attempt.Try > other.attempt.Try {
		return Wound
	}
	return r
}

// rejudge sends the wounds of a waiting request again: they may have been lost.
func (t *lockTable) rejudge(p *part) {
	l := p.waiting.lock
	for i, w := range l.queue {
		if w.p == p {
			t.judge(p, p.waiting, w.exclusive, t.rivals(l, w.exclusive), false)
			t.judge(p, p.waiting, w.exclusive, l.queue[:i], true)
			return
		}
	}
}

// lenient returns the control if it overlooks conflicts, else nil.
func (t *lockTable) lenient() Lenient {
	lenient, _ := t.policy.(Lenient)
	return lenient
}

// conflicts reports whether a request of p conflicts with another lock or request.
func (t *lockTable) conflicts(p *part, exclusive bool, o holder) bool {
	if o.p == p || !exclusive && !o.exclusive {
		return false
	}
	lenient := t.lenient()
	return lenient == nil || !lenient.Overlooks(p.claim(exclusive), o.p.claim(o.exclusive))
}

// rivals returns the holders that a request may be in conflict with. Unless the control is
// Lenient, all holders share the lock or there is only one: the first tells whether a shared
// request need look at any, of which there may be thousands.
func (t *lockTable) rivals(l *lock, exclusive bool) []holder {
	if exclusive || len(l.holders) == 0 || l.holders[0].exclusive {
		return l.holders
	}
	if t.lenient() != nil {
		return l.holders
	}
	return nil
}

// blocks reports whether a waiter waits for a holder. Without a Lenient control it always
// does, directly or behind other waiters; with one, only if the two conflict.
func (t *lockTable) blocks(waiter, other holder) bool {
	return t.lenient() == nil || t.conflicts(waiter.p, waiter.exclusive, other)
}

func (t *lockTable) compatible(exclusive bool, others []holder, p *part) bool {
	for _, o := range others {
		if t.conflicts(p, exclusive, o) {
			return false
		}
	}
	return true
}

// release gives up all locks and requests of p and grants what can be granted.
func (t *lockTable) release(p *part) {
	if p.waiting != nil {
		t.unqueue(p)
	}
	for _, h := range p.locked {
		l := h.it.lock
		l.remove(l.find(p))
		t.promote(h.it)
	}
	p.locked = p.locked[:0]
}

func (t *lockTable) unqueue(p *part) {
	it := p.waiting
	p.waiting = nil
	it.lock.queue = slices.DeleteFunc(it.lock.queue, func(w holder) bool { return w.p == p })
	t.promote(it)
}

// drop gives all locks that p holds or waits for to the pool, even if others hold or await
// them: the whole worker is being dismantled.
func (t *lockTable) drop(p *part) {
	for _, h := range p.locked {
		t.dropLock(h.it)
	}
	if p.waiting != nil {
		t.dropLock(p.waiting)
	}
}

func (t *lockTable) dropLock(it *item) {
	l := it.lock
	if l == nil {
		return
	}
	clear(l.holders)
	clear(l.queue)
	l.holders, l.queue = l.holders[:0], l.queue[:0]
	it.lock = nil
	t.pool.locks.put(l)
}

// promote grants from the head of the queue while it can.
func (t *lockTable) promote(it *item) {
	l := it.lock
	granted := 0
	for _, w := range l.queue {
		if !t.compatible(w.exclusive, t.rivals(l, w.exclusive), w.p) {
			break
		}
		if w.upgrade {
			l.holders[l.find(w.p)].exclusive = true
		} else {
			t.grant(w.p, it, w.exclusive)
		}
		w.p.waiting = nil
		t.pool.granted = append(t.pool.granted, w.p)
		granted++
	}
	l.queue = slices.Delete(l.queue, 0, granted)
	if len(l.holders) == 0 && len(l.queue) == 0 {
		it.lock = nil
		t.pool.locks.put(l)
	}
}
