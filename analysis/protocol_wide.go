package analysis

import (
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// widely is how many parts a transaction has at most that is not wide.
const widely = 32

// wide is where a transaction of many parts has what concerns one node. Each event of it asks
// for that, and a search through all would take time by the square of its parts.
type wide struct {
	parts               map[int]int32 // places in Transaction.Parts, by worker
	records, acts, left chains
}

func newWide(t *model.Transaction) *wide {
	x := &wide{parts: make(map[int]int32, len(t.Parts)), records: newChains(), acts: newChains(), left: newChains()}
	for i := range t.Parts {
		x.parts[t.Parts[i].Worker] = int32(i)
	}
	return x
}

// record takes note of a new element of txnTrace.records, about a node; act and leave, of the
// other two lists.
func (x *wide) record(n sim.NodeID) {
	if x != nil {
		x.records.add(n)
	}
}

func (x *wide) act(n sim.NodeID) {
	if x != nil {
		x.acts.add(n)
	}
}

func (x *wide) leave(n sim.NodeID) {
	if x != nil {
		x.left.add(n)
	}
}

// chains finds the elements of a list that are about a node, from the last on.
type chains struct {
	last map[sim.NodeID]int32
	prev []int32 // by place, the place before it of the same node; -1: none
}

func newChains() chains { return chains{last: map[sim.NodeID]int32{}} }

// add takes note that the next element is about a node.
func (x *chains) add(n sim.NodeID) {
	i := len(x.prev)
	x.prev = append(x.prev, int32(x.before(i, n)))
	x.last[n] = int32(i)
}

// before returns the last place before i that is about the node; -1: none. The place i is about
// it, or behind all.
func (x *chains) before(i int, n sim.NodeID) int {
	if i < len(x.prev) {
		return int(x.prev[i])
	}
	if last, ok := x.last[n]; ok {
		return int(last)
	}
	return -1
}

// recordBefore returns the place of the last record before i that a node appended; -1: none.
// It begins with len(t.records) and goes on with what it has returned; so do the others.
func (t *txnTrace) recordBefore(i int, n sim.NodeID) int {
	if t.wide != nil {
		return t.wide.records.before(i, n)
	}
	for i--; i >= 0 && t.records[i].node != n; i-- {
	}
	return i
}

// actBefore is recordBefore for t.acts.
func (t *txnTrace) actBefore(i int, n sim.NodeID) int {
	if t.wide != nil {
		return t.wide.acts.before(i, n)
	}
	for i--; i >= 0 && t.acts[i].node != n; i-- {
	}
	return i
}

// leftBefore is recordBefore for t.left, by the worker that is told.
func (t *txnTrace) leftBefore(i int, n sim.NodeID) int {
	if t.wide != nil {
		return t.wide.left.before(i, n)
	}
	for i--; i >= 0 && t.left[i].to != n; i-- {
	}
	return i
}
