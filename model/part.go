package model

import (
	"slices"

	"github.com/seed83d86191/txsim/sim"
)

type partState uint8

const (
	partExecuting partState = iota // acquiring locks, running operations
	partExecuted                   // results sent; the next request is awaited
	partPreparing                  // the prepare record is not durable yet
	partPrepared                   // voted YES: in doubt
	partDeciding                   // one-phase: the commit record is not durable yet
	partCommitted
	partLeft // read-only: let go before the decision
	partAborted
)

func (s partState) finished() bool { return s >= partCommitted }

// part is one attempt at one worker. A finished part stays, without its work,
// until the coordinator's mark has passed it: it must never execute again.
type part struct {
	// The fields that every step touches stand first and fill one cache line.
	key      partKey
	lsn      sim.LSN // of its last record
	attempt  Attempt
	timer    sim.Timer
	slot     int32  // in worker.parts; the token of the timer
	sent     uint32 // answers sent, to number re-sends
	state    partState
	request  sim.Kind // what the worker answers when the operations have run
	whole    bool     // all operations were asked for at once
	apart    bool     // the operations ran before the vote was requested
	onePhase bool
	reason   Reason // why it was refused
	awaited  uint16 // elements of worker.waiting that are about it

	*work
	txn    *Transaction // nil once recovered from the log
	reads  []ReadResult
	by     *Obstacle // what was in the way, if it was refused
	index  int32     // in Transaction.Parts
	at, to int32     // operations executed, and how far to go
	asked  uint16    // enquiries sent, to number re-sends; a count that overflows repeats draws
	wounds uint16    // wounds sent, likewise
}

// work is what a part needs until it is finished; then it is reused for another part.
type work struct {
	start   sim.Time // of the age
	todo    *Part    // nil once recovered from the log
	locked  []held   // in the order in which they were locked, which is that of PartOp.Lock
	staged  []staged
	waiting *item
	bytes   int64 // in the staging area
	newKeys int32 // keys that committing would add

	chargedKeys  int32 // what counts against the worker's resources
	chargedBytes int64

	lockedRoom [2]held // of locked and staged, unless there are more
	stagedRoom [1]staged
	woundedAt  sim.Time // when its coordinator was first asked to abort it
	woundAgain sim.Time // from when on it may be asked again; 0: it was not asked
}

// held is an item that a part has locked.
type held struct {
	it  *item
	own int32 // index into staged of the part's last write, + 1
}

// refusal is why an attempt was given up, and what was in the way.
type refusal struct {
	reason Reason
	by     *Obstacle
}

// strip drops everything but identity and outcome, and returns the work for reuse.
func (p *part) strip() *work {
	if !p.onePhase {
		p.txn, p.reads = nil, nil // in one phase a repeated request is answered with them
	}
	done := p.work
	p.work = nil
	return done
}

// load gives the part its operations.
func (p *part) load(t *Transaction, n int32) {
	p.txn, p.index = t, n
	p.todo = &t.Parts[n]
}

// exclusive reports whether the next operation needs an exclusive lock. If the part runs as
// a whole, it takes the strongest lock that it will need of that key at once.
func (p *part) exclusive(op *PartOp) bool {
	return op.Kind != Read || p.whole && op.Exclusive
}

// holds returns the lock that the part has on an item; lock is the position where it most
// often is.
func (p *part) holds(it *item, lock int32) *held {
	if int(lock) >= len(p.locked) || p.locked[lock].it != it {
		lock = int32(slices.IndexFunc(p.locked, func(h held) bool { return h.it == it }))
	}
	return &p.locked[lock]
}

// run executes one operation under its lock: reads from the shadow area first,
// writes to it.
func (p *part) run(op *PartOp, h *held) {
	it := h.it
	if op.Kind == Read {
		r := ReadResult{Op: op.Index, Found: it.present, Value: it.value, Version: it.version()}
		if h.own > 0 {
			w := &p.staged[h.own-1]
			r.Found, r.Value, r.Version = !w.deleted, w.value, Version{p.attempt, w.op}
		}
		p.reads = append(p.reads, r)
		return
	}
	w := staged{op.Key, op.Value, it, op.Index, op.Kind == Delete}
	if h.own > 0 {
		old := &p.staged[h.own-1]
		p.bytes += w.bytes() - old.bytes()
		p.newKeys += growth(it, !w.deleted) - growth(it, !old.deleted)
		*old = w
		return
	}
	p.staged = append(p.staged, w)
	h.own = int32(len(p.staged))
	p.bytes += w.bytes()
	p.newKeys += growth(it, !w.deleted)
}

// age returns the age of the part's transaction.
func (p *part) age() Age { return Age{p.start, p.attempt.Txn} }

// claim returns a lock of the part as a Lenient sees it.
func (p *part) claim(exclusive bool) Claim {
	return Claim{Age: p.age(), Exclusive: exclusive, Voted: p.state == partPrepared, Restored: p.state == partPrepared && p.todo == nil}
}

// growth returns by how much the number of stored keys changes when the item becomes
// present or absent.
func growth(it *item, present bool) int32 {
	switch {
	case present && !it.present:
		return 1
	case !present && it.present:
		return -1
	}
	return 0
}

// voted returns the vote that the coordinator may have heard from the part.
func (p *part) voted() Vote {
	if p.state == partPrepared {
		return VoteYes
	}
	return VoteNone
}

func (p *part) outcome() Outcome {
	if p.state == partCommitted {
		return Committed
	}
	return Aborted
}

// writes reports whether the part would write if it ran to its end.
func (p *part) writes() bool {
	return p.todo != nil && p.todo.Writes()
}
