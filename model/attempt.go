package model

import (
	"slices"

	"github.com/seed83d86191/txsim/sim"
)

type attemptState uint8

const (
	attemptExecuting  attemptState = iota
	attemptCollecting              // the collecting record is not durable yet
	attemptVoting
	attemptOnePhase  // the only worker decides
	attemptDeciding  // the commit record is not durable yet
	attemptAborting  // the abort record is not durable yet
	attemptCommitted // acks are awaited
	attemptAborted   // acks are awaited
	attemptEnded
)

// undecided reports whether the coordinator is still free to abort.
func (s attemptState) undecided() bool { return s <= attemptVoting }

// outcome is what the workers are told of the attempt; Pending before they are.
func (a *attempt) outcome() Outcome {
	switch a.state {
	case attemptCommitted:
		return Committed
	case attemptAborted:
		return Aborted
	}
	return Pending
}

// attempt is one try of a transaction at its coordinator.
type attempt struct {
	// The fields that every reply touches stand first, together in one cache line; those
	// that are sent to workers and written to logs fill another.
	parts   []partner
	state   attemptState
	logged  bool       // there is a protocol record that an end record closes
	pending int32      // replies or acks awaited
	room    [4]partner // of parts, unless there are more

	id     WireID
	name   Attempt
	start  sim.Time     // of its age
	txn    *Transaction // nil once recovered from the log
	timer  sim.Timer
	rounds uint32  // numbers re-sends of the present request: see repeats
	next   int32   // interactive: the next operation, in Transaction.Ops
	forced sim.LSN // LSN of the record that it waits for in coordinator.waiting; 0: none

	reads   []ReadResult
	refused refusal
	ran     []progress // by part; empty in one-shot execution
}

// roundBits is how many low bits of an attempt's rounds count repetitions. If the attempt was
// read from the log, the bits above are the coordinator's incarnation, so that its re-sends
// have other numbers than those of earlier lives.
const roundBits = 16

// repeats returns how often the present request was repeated in this life.
func (a *attempt) repeats() uint32 { return a.rounds & (1<<roundBits - 1) }

// partner is a worker's side of an attempt, as the coordinator knows it.
type partner struct {
	node    sim.NodeID
	asked   bool // has been sent anything
	waiting bool // a reply or ack is awaited
	vote    Vote
}

// progress is how far a worker has executed its part before it is asked to vote.
type progress struct {
	ran  int32  // how many operations of the part have run
	life uint32 // incarnation in which they ran
}

// progress returns the progress of the i-th part.
func (a *attempt) progress(i int) progress {
	if i < len(a.ran) {
		return a.ran[i]
	}
	return progress{}
}

// partner returns the index of a worker in a.parts, -1 if it has no part. The hint is the
// index that it most likely has.
func (a *attempt) partner(node sim.NodeID, hint int32) int {
	if int(hint) < len(a.parts) && a.parts[hint].node == node {
		return int(hint)
	}
	return slices.IndexFunc(a.parts, func(p partner) bool { return p.node == node })
}
