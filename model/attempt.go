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

// attempt is one try of a transaction at its coordinator.
type attempt struct {
	// What every reply touches stands first, in one line of the processor's cache; what
	// is told to workers and logs fills another.
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
	rounds uint32  // how often the present request was repeated
	next   int32   // interactive: the next operation, in Transaction.Ops
	forced sim.LSN // behind the record that it waits for in coordinator.waiting; 0: none

	reads   []ReadResult
	refused refusal
	ran     []progress // by part; empty in one-shot execution
}

// partner is a worker's side of an attempt, as the coordinator knows it.
type partner struct {
	node    sim.NodeID
	asked   bool // has been sent anything
	waiting bool // a reply or ack is awaited
	vote    Vote
}

// progress is how far a worker has come before it is asked to vote.
type progress struct {
	ran  int32  // operations of the part
	life uint32 // incarnation in which they ran
}

// progress is that of the i-th part.
func (a *attempt) progress(i int) progress {
	if i < len(a.ran) {
		return a.ran[i]
	}
	return progress{}
}

// partner is the place of a worker in a.parts, where the hint says as a rule; -1 if it has
// none.
func (a *attempt) partner(node sim.NodeID, hint int32) int {
	if int(hint) < len(a.parts) && a.parts[hint].node == node {
		return int(hint)
	}
	return slices.IndexFunc(a.parts, func(p partner) bool { return p.node == node })
}
