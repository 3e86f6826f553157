package analysis

import (
	"slices"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// lockWaits adds up for how long workers wait for locks, for whatever attempts. The control
// tells how a wait begins and that a lock was granted or refused; the trace tells of waits
// that end with their attempt, or with a crash.
type lockWaits struct {
	open  map[lockWait]sim.Time // since when; a part waits for one lock at a time
	total float64               // of those that have ended, in nanoseconds: a Duration may be too small
}

type lockWait struct {
	worker  sim.NodeID
	attempt sim.Label
}

// Lock takes what becomes of a request for a lock.
func (b *Breakdown) Lock(at sim.Time, e *model.LockEvent) {
	w := lockWait{e.Worker, e.Attempt.Label()}
	if e.Kind != model.LockWaits {
		b.waits.end(w, at)
	} else if _, waits := b.waits.open[w]; !waits { // it is told again when others come to hold the lock
		b.waits.open[w] = at
	}
}

func (l *lockWaits) end(w lockWait, at sim.Time) {
	if since, ok := l.open[w]; ok {
		l.total += float64(at.Sub(since))
		delete(l.open, w)
	}
}

// lasted returns for how long open waits that is true for have lasted, but for those that
// began later.
func (l *lockWaits) lasted(until sim.Time, of func(lockWait) bool) (sum float64) {
	var each []sim.Time
	for w, since := range l.open { // any order: they are sorted
		if of(w) && since < until {
			each = append(each, since)
		}
	}
	slices.Sort(each) // a sum of large numbers depends on their order
	for _, since := range each {
		sum += float64(until.Sub(since))
	}
	return sum
}

// crash ends the waits at a node.
func (l *lockWaits) crash(node sim.NodeID, at sim.Time) {
	here := func(w lockWait) bool { return w.worker == node }
	l.total += l.lasted(at, here)
	for w := range l.open { // any order: all go
		if here(w) {
			delete(l.open, w)
		}
	}
}

// LockWaits returns for how long all workers have waited for locks, in nanoseconds: waits
// that have no end count up to a time.
func (b *Breakdown) LockWaits(until sim.Time) float64 {
	return b.waits.total + b.waits.lasted(until, func(lockWait) bool { return true })
}
