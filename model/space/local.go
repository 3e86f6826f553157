package space

import (
	"cmp"
	"slices"
	"sync/atomic"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// local is a state of one node. States of equal hashes are one.
type local struct {
	hash    uint64
	history uint64 // of what the analysis knows of the node
	node    sim.NodeID
	down    bool
	exact   bool
	panics  string  // the value of the panic that has led here, "" if none; it does nothing more
	crashes int     // so far
	pending []input // its own events that may come: timers, a sync, a restart; sorted
	idle    int     // how many of pending are no timers
	claims

	// One way here, by which a bench takes its node to this state again.
	from    *local // the state before; nil: the node has just started
	in      input  // the input that led from there
	atStart sent   // the messages of its start

	next memo[input, *reaction] // what has been run from here: see react.go

	// For Space.Reduce.
	edges      []edge                // steps that have been seen
	ignored    memo[ignorable, bool] // results of ignores
	mustIgnore map[ignorable]bool    // what it has to ignore, since it was left out of flight

	// For Space.ReduceOrders.
	outlooks  memo[premise, *outlook]
	conflicts memo[premise, *conflicts]

	// For Space.Fold.
	shapes []uint64 // history, under each renaming
	images images[*local]
}

// claims are what a node has ever stated about the attempts, as bit sets over their
// numbers.
type claims struct {
	yes, no, committed, aborted uint32 // of a worker
	begun, toCommit, toAbort    uint32 // by a coordinator: what it has begun and decided
}

// input is sim.Input in a form that can be compared.
type input struct {
	op    sim.InputOp
	cut   int
	token uint64
	m     *message
}

func (in input) compare(o input) int {
	return cmp.Or(cmp.Compare(in.op, o.op), cmp.Compare(in.token, o.token))
}

func (in input) hash() uint64 {
	h := sim.Hash(uint64(in.op), in.token)
	if in.m != nil {
		h = sim.Hash(h, in.m.hash)
	}
	return h
}

// reaction is what a node does about an input. It is run once, either because a state of the
// cluster takes the step or because a reduction asks what would happen. Its life:
//
//	run     it is stored in local.next; nobody may have taken it
//	used    a state of the cluster has taken it: it is in Space.uses, for the judges
//	taken   the depth of that state is settled: the judges have seen it
type reaction struct {
	to *local
	sent
	cuts    []cut  // the different results of a crash within the step
	outline uint64 // hash of the trace records
	fatal   bool   // the node panics, or does in one of the cuts

	since          int         // Space.depth when it was run
	used, usedCuts atomic.Bool // the cuts are used only while a crash is left
	taken          atomic.Bool
}

// nothing reports whether a reaction changes nothing and sends nothing.
func (r *reaction) nothing(l *local) bool { return r.to == l && r.none() }

// cut is the result of a crash at a boundary of a step.
type cut struct {
	at    int
	where sim.Boundary
	to    *local
	sent
}

// sent are the messages of a step.
type sent struct {
	free    []*message // sorted, each once
	ordered []*message // of sessions, in their order
	order   []*message // all messages in the order in which they were sent, each once
}

func (s sent) none() bool { return len(s.free)+len(s.ordered) == 0 }

func (s sent) equal(o sent) bool {
	return slices.Equal(s.free, o.free) && slices.Equal(s.ordered, o.ordered)
}

// message is a message in flight.
type message struct {
	hash      uint64
	from, to  sim.NodeID
	inSession bool // never lost, and in order within its session
	session   sim.Label
	mail      sim.Mail
	msg       model.Message
	images    images[*message] // see folding
}

// bySession orders messages by their sessions.
func (m *message) bySession(o *message) int {
	return cmp.Or(cmp.Compare(m.from, o.from), cmp.Compare(m.to, o.to), cmp.Compare(m.session, o.session))
}

func (m *message) before(o *message) int { return cmp.Compare(m.hash, o.hash) }
