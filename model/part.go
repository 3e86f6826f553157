package model

import "github.com/seed83d86191/txsim/sim"

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
	key      partKey
	lsn      sim.LSN // of the last record that somebody waits for
	slot     int32   // in worker.parts; the token of its timer
	state    partState
	request  sim.Kind // what the worker answers when the operations have run
	whole    bool     // all operations were asked for at once
	apart    bool     // the operations ran before the vote was asked for
	onePhase bool
	attempt  Attempt
	start    sim.Time // of its age
	index    int32    // in Transaction.Parts
	at, to   int32    // operations executed, and how far to go
	sent     uint32   // answers sent, to number re-sends
	asked    uint32   // enquiries or wounds sent, to number re-sends
	timer    sim.Timer
	*work
	txn     *Transaction // nil once recovered from the log
	reads   []ReadResult
	refused refusal
}

// work is what a part has in hand until it is finished; then another part has it.
type work struct {
	ops     []PartOp
	reqs    []LockReq
	items   []*item // by PartOp.Lock
	shadow  []int32 // by PartOp.Lock: index into staged of the last own write, + 1
	staged  []staged
	bytes   int64 // in the staging area
	newKeys int   // keys that committing would add
	locked  []*item
	waiting *item

	chargedBytes int64 // what counts against the worker's resources
	chargedKeys  int
}

// refusal is why a part voted NO, and what was in the way.
type refusal struct {
	reason Reason
	by     *Obstacle
}

// strip lets go of everything but identity and outcome, and returns the work.
func (p *part) strip() *work {
	if !p.onePhase {
		p.txn, p.reads = nil, nil // else a repeated request is answered with them
	}
	done := p.work
	p.work = nil
	return done
}

// load gives the part its operations.
func (p *part) load(t *Transaction, n int32) {
	p.txn, p.index = t, n
	p.ops, p.reqs = t.Parts[n].Ops, t.Parts[n].Locks
	for range p.reqs {
		p.items = append(p.items, nil)
		p.shadow = append(p.shadow, 0)
	}
}

// exclusive is the mode of lock that the next operation needs: the strongest
// that the part will ever need of that key, if it runs as a whole.
func (p *part) exclusive(op *PartOp) bool {
	if p.whole {
		return p.reqs[op.Lock].Exclusive
	}
	return op.Kind != Read
}

// run executes one operation under its lock: reads from the shadow area first,
// writes to it.
func (p *part) run(op *PartOp) {
	it := p.items[op.Lock]
	own := p.shadow[op.Lock]
	if op.Kind == Read {
		r := ReadResult{Op: op.Index, Found: it.present, Value: it.value, Version: it.version()}
		if own > 0 {
			w := &p.staged[own-1]
			r.Found, r.Value, r.Version = !w.deleted, w.value, w.version
		}
		p.reads = append(p.reads, r)
		return
	}
	w := staged{op.Key, op.Value, op.Kind == Delete, Version{p.attempt, op.Index}, it}
	if own > 0 {
		old := &p.staged[own-1]
		p.bytes += w.bytes() - old.bytes()
		p.newKeys += growth(it, !w.deleted) - growth(it, !old.deleted)
		*old = w
		return
	}
	p.staged = append(p.staged, w)
	p.shadow[op.Lock] = int32(len(p.staged))
	p.bytes += w.bytes()
	p.newKeys += growth(it, !w.deleted)
}

// age is that of the part's transaction.
func (p *part) age() Age { return Age{p.start, p.attempt.Txn} }

// claim is a lock of the part, as a Lenient sees it.
func (p *part) claim(exclusive bool) Claim {
	return Claim{Age: p.age(), Exclusive: exclusive, Voted: p.state == partPrepared, Restored: p.state == partPrepared && p.ops == nil}
}

// growth is by how many the keys stored grow when it becomes present or not.
func growth(it *item, present bool) int {
	switch {
	case present && !it.present:
		return 1
	case !present && it.present:
		return -1
	}
	return 0
}

// voted is what the coordinator may have heard from the part.
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
	for i := range p.reqs {
		if p.reqs[i].Exclusive {
			return true
		}
	}
	return false
}
