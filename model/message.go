package model

import (
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// WireID numbers a coordinator's attempts on the wire: the coordinator's
// epoch, which no restart repeats, and a count within it. With the
// coordinator it identifies an attempt for ever.
type WireID struct {
	Epoch uint32
	N     uint64
}

// Before orders the attempts of one coordinator.
func (a WireID) Before(b WireID) bool {
	return a.Epoch < b.Epoch || a.Epoch == b.Epoch && a.N < b.N
}

// Age orders transactions for wait-die and wound-wait: by first start, then by
// index. It is fixed over attempts. No two transactions have the same age.
type Age struct {
	Start sim.Time
	Index uint64
}

// OlderThan reports whether a started before b.
func (a Age) OlderThan(b Age) bool {
	return a.Start < b.Start || a.Start == b.Start && a.Index < b.Index
}

// Label is what an attempt's messages and records carry in the kernel.
func (a Attempt) Label() sim.Label { return sim.Label(a.Txn<<16 | uint64(a.Try)) }

// AttemptOf is the inverse of Attempt.Label.
func AttemptOf(l sim.Label) Attempt { return Attempt{uint64(l) >> 16, uint32(l & 0xffff)} }

// MaxTries is the largest number of attempts of a transaction.
const MaxTries = 1<<16 - 1

// Vote is a worker's answer to prepare.
type Vote uint8

// The votes.
const (
	VoteNone Vote = iota
	VoteNo
	VoteYes
	VoteRead // nothing to commit here; the worker has let go already
)

// Message is every message and note of the model, flat. What it points to is
// immutable. Kind and label travel in the sim.Mail.
type Message struct {
	ID      WireID // of the attempt, at the coordinator that sends or receives this
	Mark    WireID // from a coordinator: all its attempts before Mark are finished
	Attempt Attempt
	Txn     *Transaction // request, ask, execute, prepare, commit-one; may be nil elsewhere
	Age     Age

	Part     int32 // index in Txn.Parts
	From, To int32 // operations of the part to run; those before From have run

	// Life is the worker's incarnation: executed says it, later requests demand
	// it, so that operations lost in a crash are noticed. 0 demands nothing.
	Life uint32

	Vote     Vote // of a wound or a presumed decision: what it rests on
	Outcome  Outcome
	Final    bool // outcome: the client will not try again
	Reason   Reason
	Presumed bool // a decision from having no information
	Reads    []ReadResult

	// Conflict: the key and, if known, the attempt that was in the way.
	Key   string
	Other Attempt

	Peer   sim.NodeID    // the node spoken of, in notes
	Silent time.Duration // suspect: for how long; outcome: the latency
}

// The sizes of what a message says, in bytes, as a compact encoding would have
// them.
const (
	sizeHeader = 40 // kind, attempt, mark, age, vote and so on
	sizeOp     = 7  // of an operation or a result, beside its key and value
)

// size is that of a message: its header, the operations that it brings with their
// keys and values, and the results that it returns.
func size(mail *sim.Mail, m *Message) int {
	n := sizeHeader + len(m.Key)
	switch mail.Kind {
	case KindExecute, KindPrepare, KindCommitOne:
		if m.Txn != nil {
			for i := m.From; i < m.To; i++ {
				op := &m.Txn.Parts[m.Part].Ops[i]
				n += sizeOp + len(op.Key) + len(op.Value)
			}
		}
	case KindRequest, KindAsk:
		if m.Txn == nil {
			break
		}
		for i := range m.Txn.Ops {
			n += sizeOp + len(m.Txn.Ops[i].Key) + len(m.Txn.Ops[i].Value)
		}
	}
	for i := range m.Reads {
		n += sizeOp + len(m.Reads[i].Value)
	}
	return n
}
