package model

import (
	"slices"
	"strconv"

	"github.com/seed83d86191/txsim/sim"
)

// The kinds of messages, log records, notes and steps, in one namespace: the prepare
// record is what a prepare message makes a worker write.
const (
	KindNone sim.Kind = iota

	// Between a client and its coordinator: over the network unless they share a machine,
	// as WithClients has it.
	KindRequest // run this attempt
	KindAsk     // what became of this attempt?
	KindAnswer

	// Coordinator to worker and back.
	KindExecute   // run these operations, without a vote
	KindExecuted  // their results
	KindPrepare   // message: vote on this attempt; record: what a YES vote promises
	KindVote      //
	KindCommit    // message and record: the decision
	KindAbort     // message and record: the decision
	KindAck       // the decision is durable at the worker
	KindCommitOne // one-phase commit: execute and decide at the only worker
	KindDone      // its outcome
	KindEnquire   // an in-doubt worker asks for the decision
	KindWound     // an older transaction waits for this one's locks

	// Records of a coordinator alone, and notes.
	KindStart      // an attempt begins (audit)
	KindCollecting // presumed commit: these workers are about to be asked
	KindEnd        // nothing about the attempt is open any more
	KindSuspect    // a node was silent for too long (audit)
	KindRecover    // a node is back (audit)
	KindDecide     // note: the decision is taken and durable as the protocol demands
	KindOutcome    // note: the client is told
	KindCommitted  // note: a worker has applied the writes; one that only read may say so too, and a built-in one says nothing
	KindAborted    // note: a worker has discarded them
	KindFinding    // note: a node found what must not be and stopped

	// Steps that leave no record in the trace: places for a fault to strike.
	KindLock  // a worker acquires the lock of an operation
	KindApply // a worker installs one write of a committed attempt
	KindRedo  // a node puts one record of its log into effect again

	// KindUser is the first kind free for protocols of one's own.
	KindUser
)

var kindNames = []string{
	"none", "request", "ask", "answer", "execute", "executed", "prepare", "vote", "commit", "abort", "ack",
	"commit-one", "done", "enquire", "wound", "start", "collecting", "end", "suspect", "recover",
	"decide", "outcome", "committed", "aborted", "finding", "lock", "apply", "redo",
}

// KindNames returns the names of the kinds before KindUser, by kind.
func KindNames() []string { return slices.Clone(kindNames) }

// decisionKind is the kind of the message and of the record that say that o is decided.
func decisionKind(o Outcome) sim.Kind {
	if o == Committed {
		return KindCommit
	}
	return KindAbort
}

// KindName is the name of a kind: of those of one's own user, user+1 and so on. Fault lines
// use it, because they are read without their protocol; people read Names.Kind.
func KindName(k sim.Kind) string {
	if k < KindUser {
		return kindNames[k]
	}
	return userName(int(k - KindUser))
}

// Named is a Protocol that names its own kinds and reasons, for logs and findings.
type Named interface {
	Protocol
	Names() Names
}

// Names are names for the kinds from KindUser on and the reasons from ReasonUser on, in that
// order, messages and records in one numbering. Each is one word that does not begin with
// user; a scenario with other names is refused. What has none is called user, user+1 and so on, as
// the rows of a matrix, and fault lines that are printed, always call it. A fault line may also
// have user: and the name.
type Names struct{ Kinds, Reasons []string }

// NamesOf returns the names that a protocol gives; none if it is not Named.
func NamesOf(p Protocol) Names {
	if n, ok := p.(Named); ok {
		return n.Names()
	}
	return Names{}
}

// Kind returns the name of a kind.
func (n *Names) Kind(k sim.Kind) string {
	if i := int(k) - int(KindUser); i >= 0 && i < len(n.Kinds) {
		return n.Kinds[i]
	}
	return KindName(k)
}

// Reason returns the name of a reason.
func (n *Names) Reason(r Reason) string {
	if i := int(r) - int(ReasonUser); i >= 0 && i < len(n.Reasons) {
		return n.Reasons[i]
	}
	return r.String()
}

// userName is the name of the n-th kind or reason of a protocol of one's own, from 0.
func userName(n int) string {
	if n == 0 {
		return "user"
	}
	return "user+" + strconv.Itoa(n)
}
