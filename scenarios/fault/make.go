package fault

import (
	"strconv"
	"strings"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/sim"
)

// Worker returns the Node of the worker with that number.
func Worker(index int) Node { return Node{class: oneWorker, index: index} }

// Coordinator returns the Node of the coordinator with that number.
func Coordinator(index int) Node { return Node{class: oneCoordinator, index: index} }

// NodeAt returns the Node of that id in a cluster with so many coordinators, which come
// first.
func NodeAt(n sim.NodeID, coordinators int) Node {
	if int(n) < coordinators {
		return Coordinator(int(n))
	}
	return Worker(int(n) - coordinators)
}

// Passing names one passing of a boundary: the N-th of its kind in the run, or, with an
// attempt, the N-th about that attempt.
type Passing struct {
	Node  Node
	Point sim.Point
	Kind  sim.Kind
	N     uint64
	Of    string // a transaction's id …
	Try   uint32 // … and attempt; 0 is none
}

// Crash returns the line that crashes a node at a passing; ok is false if the language has
// no name for the boundary.
func Crash(at Passing, tail sim.Tail, down time.Duration) (f Fault, ok bool) {
	if at.Kind >= kinds {
		return f, false
	}
	f = Fault{class: "crash", trig: aimed, who: at.Node, point: at.Point, kind: KindName(at.Kind), tail: tail, n: at.N, of: at.Of, try: at.Try}
	if f.forever = down == sim.Forever; !f.forever {
		f.dur = quantity.Constant(down)
	}
	_, err := parse(f.String(), nil)
	return f, err == nil
}

// Forever reports whether the line's fault never ends.
func (f *Fault) Forever() bool { return f.forever }

// Tail returns what becomes of the unsynced tail in a crash, if the line says so.
func (f *Fault) Tail() sim.Tail { return f.tail }

// Boundary returns the words for a boundary in a line, such as "before send vote".
func Boundary(p sim.Point, kind sim.Kind) string {
	return strings.Join(boundaryWords(p, KindName(kind)), " ")
}

// KindName returns the word for a kind; "" if there is none.
func KindName(k sim.Kind) string {
	if k == model.KindNone {
		return ""
	}
	return model.KindName(k)
}

// Attempt returns the words for an attempt of a transaction.
func Attempt(id string, try uint32) string {
	return quoteID(id) + "#" + strconv.FormatUint(uint64(try), 10)
}
