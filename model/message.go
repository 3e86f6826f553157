package model

import (
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// WireID numbers a coordinator's attempts on the wire, in order: the coordinator's epoch,
// which no restart repeats, and a count within the epoch. Together with the coordinator it
// identifies an attempt for ever.
type WireID uint64

const (
	countBits   = 40
	maxAttempts = 1<<countBits - 1 // that an epoch can number
	maxEpoch    = 1<<(63-countBits) - 1
)

// NewWireID returns the id of the n-th attempt of an epoch.
func NewWireID(epoch uint32, n uint64) WireID { return WireID(epoch)<<countBits | WireID(n) }

// Epoch is the coordinator's incarnation.
func (a WireID) Epoch() uint32 { return uint32(a >> countBits) }

// N counts the attempts of the epoch from 1.
func (a WireID) N() uint64 { return uint64(a & maxAttempts) }

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
	Start   sim.Time     // of the transaction's age; in a note: see Lasted

	Part     int32 // index in Txn.Parts
	From, To int32 // operations of the part to run; those before From have run

	// Life is the worker's incarnation. An executed message tells it and later requests
	// demand it, so that operations lost in a crash are noticed; 0 demands nothing. An answer
	// tells the coordinator's; request and ask, which of its lives the client had heard of
	// when it sent the request.
	Life uint32

	Peer sim.NodeID // the node spoken of, in notes

	Vote     Vote // the vote; VoteNo in an executed message: a refusal; of a wound or a presumed decision: the vote it is based on
	Outcome  Outcome
	Final    bool // outcome: the client will not try again
	Reason   Reason
	Presumed bool // the decision was presumed, having no information

	Reads   []ReadResult
	Payload Payload // an *Obstacle of a conflict; of a protocol's own messages, what it likes
}

// Lasted returns for how long what a note tells of has lasted: the silence of a node, or a
// transaction until its outcome. It is kept in Start, of which notes have no other use.
func (m *Message) Lasted() time.Duration { return time.Duration(m.Start) }

// Age returns the age of the message's transaction.
func (m *Message) Age() Age { return Age{m.Start, m.Attempt.Txn} }

// aged returns the transaction index of the age that a message of this kind carries, 0 if
// it carries none.
func (m *Message) aged(kind sim.Kind) uint64 {
	switch kind {
	case KindRequest, KindAsk, KindExecute, KindPrepare, KindCommitOne, KindCommit, KindAbort:
		if m.Txn != nil && !m.Presumed {
			return m.Attempt.Txn
		}
	}
	return 0
}

// Payload is what a message says beyond the fields that are common to many: a protocol of
// one's own puts ballots, timestamps or whatever else it needs there. It is immutable.
type Payload interface {
	// AppendState appends what sets the payload apart from others. An exploration tells
	// messages apart by it, the trace hash takes it in when the message is sent, and its
	// length is what the payload counts on the wire.
	AppendState(b []byte) []byte
	// String is what logs print of it.
	String() string
}

// Obstacle is what is in the way of an attempt: the lock of a key and, if known, who
// has it. It is the Payload of a refusal with the reason Conflict or Wounded and of a wound.
// A protocol's own payload that embeds an *Obstacle tells of it too.
type Obstacle struct {
	Key   string
	Other Attempt
}

// AppendState implements Payload.
func (o *Obstacle) AppendState(b []byte) []byte {
	at := o.Get()
	return appendAttempt(appendString(b, at.Key), at.Other)
}

// Get returns the obstacle, or the zero Obstacle if o is nil.
func (o *Obstacle) Get() Obstacle {
	if o == nil {
		return Obstacle{}
	}
	return *o
}

// String implements Payload.
func (o *Obstacle) String() string {
	var f Formatter
	return f.obstacle(o)
}

func (o *Obstacle) obstacle() *Obstacle { return o }

// payload returns what a message carries of o.
func (o *Obstacle) payload() Payload {
	if o == nil {
		return nil
	}
	return o
}

// Obstacle returns what was in the way, of a conflict; nil if nothing was.
func (m *Message) Obstacle() *Obstacle {
	if m.Payload == nil {
		return nil
	}
	if o, ok := m.Payload.(*Obstacle); ok {
		return o
	}
	o, ok := m.Payload.(interface{ obstacle() *Obstacle })
	if !ok {
		return nil
	}
	return o.obstacle()
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
	n := sizeHeader
	switch p := m.Payload.(type) {
	case nil:
	case *Obstacle: // the frequent one, of which the header has room for the attempt
		n += len(p.Get().Key)
	default:
		n += len(p.AppendState(nil))
	}
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
