package model

import (
	"github.com/seed83d86191/txsim/sim"
)

// Transaction is a list of operations that takes effect on all of its workers
// or on none. It is immutable once a client has submitted it; the analysis holds protocols
// that are not this package's to that.
type Transaction struct {
	ID    string
	Index uint64   // position in the input, from 1 to MaxIndex; the tie-breaker of ages
	At    sim.Time // intended submission; Unscheduled in a closed loop
	Ops   []Op     // in the order of the input
	Parts []Part   // Ops by worker, in order of each worker's first operation
}

// Name is the id as lines of text show it, see [QuoteWord].
func (t *Transaction) Name() string { return QuoteWord(t.ID) }

// MaxIndex is the largest Index.
const MaxIndex = 1<<34 - 1

// IndexOf returns the index that the id t<index> says, which is how a transaction without an id
// of its own is named; 0 of any other id.
func IndexOf[T string | []byte](id T) (n uint64) {
	if len(id) < 2 || id[0] != 't' || id[1] == '0' {
		return 0
	}
	for i := 1; i < len(id); i++ {
		if n = 10*n + uint64(id[i]-'0'); id[i] < '0' || id[i] > '9' || n > MaxIndex {
			return 0
		}
	}
	return n
}

// Unscheduled is the At of a transaction that a closed-loop client submits
// when it is free.
const Unscheduled sim.Time = -1

// OpKind is what an operation does with its key.
type OpKind uint8

// The operations.
const (
	Read OpKind = iota
	Write
	Delete
)

var opNames = [...]string{Read: "read", Write: "write", Delete: "delete"}

func (k OpKind) String() string { return opNames[k] }

// Op is one operation on a key of one worker.
// Identity of data is (worker, key): the same key on two workers is two items.
type Op struct {
	Kind   OpKind
	Worker int // index of the worker, from 0: 4 for w4
	Key    string
	Value  string // of a write
}

// Part is what a transaction does on one worker.
type Part struct {
	Worker int
	Ops    []PartOp // in the order of the input
}

// PartOp is one operation of a Part.
type PartOp struct {
	*Op             // the element of Transaction.Ops
	Index     int32 // its place there
	Lock      int32 // which of the part's keys it is on, in order of first use
	Exclusive bool  // the part writes or deletes that key, be it by another operation
}

// Locks yields the first operation on each key, in order: together, all locks that the
// part needs.
func (p *Part) Locks(yield func(*PartOp) bool) {
	next := int32(0)
	for i := range p.Ops {
		if op := &p.Ops[i]; op.Lock == next {
			if next++; !yield(op) {
				return
			}
		}
	}
}
