package model

import (
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// Attempt names one try of a transaction: Index of the transaction and the
// number of the try, from 1. It prints as t17, t17#2. The zero Attempt is
// nobody, the writer of what never was written.
type Attempt struct {
	Txn uint64
	Try uint32
}

// Version identifies one installed value or deletion: the attempt that wrote
// it and the index, in Transaction.Ops, of the operation.
// The zero Version is the initial state of every key: no value.
type Version struct {
	Attempt
	Op int32
}

// ReadResult is what one read operation saw.
type ReadResult struct {
	Op      int32 // index in Transaction.Ops
	Found   bool
	Value   string
	Version Version // of the value, or of the deletion, that was seen
}

// Outcome is what a client was told of a transaction or of one attempt.
type Outcome uint8

// The outcomes. Only Committed and Aborted are definite: after Unknown or
// Blocked the transaction may turn out either way, and is not tried again.
const (
	Pending   Outcome = iota
	Committed         // decided and durable
	Aborted           // will never take effect
	Unknown           // the coordinator can not, or can no longer, tell
	Blocked           // in doubt on some worker, the coordinator dead for good
)

var outcomeNames = [...]string{"pending", "committed", "aborted", "unknown", "blocked"}

func (o Outcome) String() string { return outcomeNames[o] }

// Reason says why an attempt was aborted, or has no definite outcome.
type Reason uint8

// The reasons. The first group comes with a worker's NO vote.
const (
	NoReason   Reason = iota
	Conflict          // a lock was held by another transaction
	Full              // staging area, store or log device full
	UnknownTxn        // the worker does not know the attempt, or lost operations of it
	Validation        // optimistic validation failed; no protocol here validates

	Timeout         // a worker was silent for too long
	Wounded         // an older transaction needed its locks
	CoordinatorLost // the coordinator crashed before it decided
	WorkerLost      // it waits for a worker that is dead for good; never the reason of an abort

	// ReasonUser is the first reason that a protocol of one's own may use.
	ReasonUser
)

var reasonNames = [...]string{"", "conflict", "full", "unknown transaction", "validation", "timeout", "wounded", "coordinator crashed", "worker crashed"}

// String is the name of a reason: of those of one's own user, user+1 and so on.
func (r Reason) String() string {
	if r < ReasonUser {
		return reasonNames[r]
	}
	return userName(int(r - ReasonUser))
}

// EventKind is the kind of a history event.
type EventKind uint8

// The history events, in the order a committed transaction meets them.
const (
	// Submitted: a client first asks for Txn at At, which in an open loop may be later
	// than Txn.At.
	Submitted EventKind = iota
	// Began: the coordinator Node starts Attempt with age (Age, Txn.Index).
	Began
	// Installed: the storage of worker Node holds Version of Key, durably, as the
	// newest version. The order of these events per (Node, Key) is the version
	// order. Emitted once per version, when the commit record is durable.
	Installed
	// Answered: the client of Txn learns the Outcome of Attempt; Final says that
	// it will not try again. Reads are the results if committed.
	Answered
)

// Event is one record of the history: what clients asked and were told, and
// what workers' storage durably holds. It never comes from the coordinator's
// belief. Fields that the kind does not mention are zero.
type Event struct {
	Kind    EventKind
	At      sim.Time
	Node    sim.NodeID   // Began: coordinator; Installed: worker
	Txn     *Transaction // Submitted, Began, Answered
	Attempt Attempt      // all but Submitted

	Age sim.Time // Began: first start of the transaction, fixed over attempts

	Worker  int // Installed: index of the worker
	Key     string
	Value   string
	Deleted bool
	Version Version

	Outcome Outcome // Answered
	Reason  Reason
	Final   bool
	Latency time.Duration // Answered: since Txn.At in an open loop, else since the submission
	Reads   []ReadResult
}

// StoredItem is one key of a worker's storage, as reconstructed from checkpoint and durable
// log. Deletions are kept as versions.
type StoredItem struct {
	Worker  int
	Key     string
	Value   string
	Deleted bool
	Version Version
}

// History receives the history of a run. The event is valid during the call;
// what it points to is immutable.
type History interface {
	Record(e *Event)
}

// BadRecords counts log records with something wrong, and says which was the first.
type BadRecords struct {
	Records int
	At      sim.Time // of the first
	Node    sim.NodeID
	Kind    sim.Kind
	Attempt Attempt
}

func (b *BadRecords) add(at sim.Time, node sim.NodeID, kind sim.Kind, label sim.Label) {
	if b.Records == 0 {
		*b = BadRecords{At: at, Node: node, Kind: kind, Attempt: AttemptOf(label)}
	}
	b.Records++
}

// Tally counts what the protocol cost and how far it came.
type Tally struct {
	Records  uint64 // protocol records appended, at coordinators and workers
	Forced   uint64 // of which forced
	Resolved uint64 // attempts ended at a coordinator or a worker, answers, and operations one by one
	// Crowded counts records that were appended although the log device had no room for them,
	// so that a real one would not make them durable, as this one does all the same: promises,
	// prepare and commit-one records, and what a coordinator has decided or begins to,
	// collecting, commit and abort records.
	// After a prepare record, the decision needs LogReserve more.
	Crowded BadRecords
	Open    int      // transactions submitted and without a final answer
	Opened  sim.Time // when one was submitted while none was open
	Drained bool     // the source has no more transactions
	Dry     sim.Time // when a client found that out
	// Thinks is how many think times the clients of a closed loop have drawn, and Thought their
	// sum in nanoseconds, which may be too large for a Duration.
	Thinks  uint64
	Thought float64
	// Paused is for how long clients had thought, summed over all, in nanoseconds, when the
	// last transaction was submitted. There is nothing to think before after that.
	Paused float64
}
