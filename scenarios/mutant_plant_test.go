package scenarios_test

import (
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// planted is two-phase commit with a fault in one of its nodes. It is made of
// nothing but what the packages export, as a protocol of anyone's could be.
type planted struct {
	model.TwoPhase
	coordinator func(n *node)
	worker      func(n *node)
}

// node stands around a node of two-phase commit and sees what it gets and
// sends. What of its functions is nil changes nothing.
type node struct {
	sim.Node[model.Message] // the sound one
	*model.Site
	get   func(from sim.NodeID, mail sim.Mail, m model.Message) // passes on what it wants to
	send  func(to sim.NodeID, mail *sim.Mail, m *model.Message) bool
	fired func(token uint64) bool
	sync  func()
}

func (p planted) Name() string { return "planted" }

func (p planted) Coordinator(s *model.Site) sim.Node[model.Message] {
	return wrap(s, p.TwoPhase.Coordinator, p.coordinator)
}

func (p planted) Worker(s *model.Site) sim.Node[model.Message] {
	return wrap(s, p.TwoPhase.Worker, p.worker)
}

func wrap(s *model.Site, build func(*model.Site) sim.Node[model.Message], plant func(*node)) sim.Node[model.Message] {
	if plant == nil {
		return build(s)
	}
	inner := *s
	n := &node{Site: s}
	plant(n)
	inner.Outgoing = n.send
	n.Node = build(&inner)
	return n
}

// Unwrap implements model.Wrapper.
func (n *node) Unwrap() sim.Node[model.Message] { return n.Node }

func (n *node) Receive(from sim.NodeID, mail sim.Mail, m *model.Message) {
	if n.get == nil {
		n.Node.Receive(from, mail, m)
		return
	}
	n.get(from, mail, *m)
}

// pass lets the sound node have a message.
func (n *node) pass(from sim.NodeID, mail sim.Mail, m model.Message) { n.Node.Receive(from, mail, &m) }

func (n *node) Fired(token uint64) {
	if n.fired == nil || n.fired(token) {
		n.Node.Fired(token)
	}
}

func (n *node) Synced(lsn sim.LSN) {
	n.Node.Synced(lsn)
	if n.sync != nil {
		n.sync()
	}
}

// say sends a message about the same attempt as m, as if the node had meant to.
func (n *node) say(to sim.NodeID, kind sim.Kind, m model.Message, what model.Message) {
	what.ID, what.Mark, what.Attempt, what.Part, what.Txn = m.ID, m.Mark, m.Attempt, m.Part, m.Txn
	n.Env.Send(to, sim.Mail{Kind: kind, Label: m.Attempt.Label(), Again: 1 << 20}, what)
}

// item is a key of some worker, with what was last seen of it.
type item struct {
	worker int
	key    string
}

// answers calls f with each read that a message answers and its operation, and
// puts what f returns in its place.
func answers(m *model.Message, f func(op *model.Op, r model.ReadResult) model.ReadResult) {
	if m.Txn == nil {
		return
	}
	reads := make([]model.ReadResult, len(m.Reads))
	for i, r := range m.Reads {
		reads[i] = f(&m.Txn.Ops[r.Op], r)
	}
	m.Reads = reads
}

// every picks one of n transactions.
func every(n uint64, m *model.Message) bool { return m.Attempt.Txn%n == 0 }
