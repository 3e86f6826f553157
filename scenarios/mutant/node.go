package mutant

import (
	"slices"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// node wraps a node of two-phase commit and intercepts what it receives and sends.
// Functions that are nil change nothing.
type node struct {
	sim.Node[model.Message] // the sound one
	*model.Site
	get     func(from sim.NodeID, mail sim.Mail, m model.Message) // replaces Receive; it passes on what it wants to
	send    func(to sim.NodeID, mail *sim.Mail, m *model.Message) bool
	sync    func()
	recover func(log sim.Recovery) sim.Recovery // what the sound node is shown of its log

	recovering bool
	due        []func()
}

// Unwrap implements model.Wrapper.
func (n *node) Unwrap() sim.Node[model.Message] { return n.Node }

// Receive implements sim.Node.
func (n *node) Receive(from sim.NodeID, mail sim.Mail, m *model.Message) {
	if n.get == nil {
		n.Node.Receive(from, mail, m)
		return
	}
	n.get(from, mail, *m)
}

// pass gives the sound node a message.
func (n *node) pass(from sim.NodeID, mail sim.Mail, m model.Message) { n.Node.Receive(from, mail, &m) }

// lateToken is a bit that marks the tokens of the wrapper's own timers. A token of the
// sound node that has it also has the bit above it.
const lateToken = 1 << 62

// after calls f after d, as a step of its own, unless a crash comes first.
func (n *node) after(d time.Duration, f func()) {
	n.Env.SetTimer(d, lateToken|uint64(len(n.due)))
	n.due = append(n.due, f)
}

// Fired implements sim.Node.
func (n *node) Fired(token uint64) {
	if token>>62 == 1 {
		n.due[token&^lateToken]()
		return
	}
	n.Node.Fired(token)
}

// Synced implements sim.Node.
func (n *node) Synced(lsn sim.LSN) {
	n.Node.Synced(lsn)
	if n.sync != nil {
		n.sync()
	}
}

// Recover implements sim.Node.
func (n *node) Recover(log sim.Recovery) {
	if n.recover != nil {
		log = n.recover(log)
	}
	n.recovering = true
	n.Node.Recover(log)
	n.recovering = false
}

// say sends a message about the same attempt as m, as if the node had sent it.
func (n *node) say(to sim.NodeID, kind sim.Kind, m model.Message, what model.Message) {
	what.ID, what.Mark, what.Attempt, what.Part, what.Txn = m.ID, m.Mark, m.Attempt, m.Part, m.Txn
	n.Env.Send(to, sim.Mail{Kind: kind, Label: m.Attempt.Label(), Again: 1 << 20}, what)
}

// ackCommit acknowledges a commit, whatever has become of it.
func (n *node) ackCommit(to sim.NodeID, m model.Message) {
	n.say(to, model.KindAck, m, model.Message{Outcome: model.Committed})
}

// hear gives the sound node a message about the same attempt as m, as if it had come.
func (n *node) hear(from sim.NodeID, kind sim.Kind, m model.Message, what model.Message) {
	what.ID, what.Attempt, what.Part = m.ID, m.Attempt, m.Part
	n.pass(from, sim.Mail{Kind: kind, Label: m.Attempt.Label()}, what)
}

// abort makes the sound node believe that its coordinator decided to abort.
func (n *node) abort(coordinator sim.NodeID, m model.Message) {
	n.hear(coordinator, model.KindAbort, m, model.Message{Start: m.Start})
}

// attempts is a set of attempts. It is lost in a crash where the bug is in the node's
// memory.
type attempts map[model.Attempt]bool

// senders are the nodes that have said something about an attempt.
type senders map[model.Attempt]map[sim.NodeID]bool

// add adds a node, and returns how many have said something about the attempt by now.
func (s senders) add(a model.Attempt, n sim.NodeID) int {
	if s[a] == nil {
		s[a] = map[sim.NodeID]bool{}
	}
	s[a][n] = true
	return len(s[a])
}

// item is a key of some worker.
type item struct {
	worker int
	key    string
}

// answers calls f with each result of a read that a message carries, and with its operation,
// and puts what f returns in its place. Reads of a transaction's own writes are left alone.
func answers(m *model.Message, f func(op *model.Op, r model.ReadResult) model.ReadResult) {
	if m.Txn == nil {
		return
	}
	reads := slices.Clone(m.Reads)
	for i, r := range reads {
		if r.Version.Attempt != m.Attempt {
			reads[i] = f(&m.Txn.Ops[r.Op], r)
			reads[i].Op = r.Op
		}
	}
	m.Reads = reads
}

// every picks one of k transactions. With an exhaustive schedule, which has few, it picks all.
func (n *node) every(k uint64, m *model.Message) bool {
	return m.Attempt.Txn%k == 0 || n.Config.Schedule.Strategy == sim.Exhaustive
}

// yes reports whether a message is a YES vote.
func yes(kind sim.Kind, m *model.Message) bool {
	return kind == model.KindVote && m.Vote == model.VoteYes
}

// decision reports whether a message is a decision.
func decision(kind sim.Kind) bool { return kind == model.KindCommit || kind == model.KindAbort }

// decided returns the attempts that a log has a decision of.
func decided(log sim.Recovery) map[sim.Label]bool {
	all := map[sim.Label]bool{}
	for r := range log.Records() {
		if decision(r.Kind) || r.Kind == model.KindCommitOne {
			all[r.Label] = true
		}
	}
	return all
}

// without returns a log without some records.
func without(log sim.Recovery, drop func(r sim.LogRecord) bool) sim.Recovery {
	return log.With(func(yield func(sim.LogRecord) bool) {
		for r := range log.Records() {
			if !drop(r) && !yield(r) {
				return
			}
		}
	})
}
