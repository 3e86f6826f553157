package analysis

import (
	"slices"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// The names of the invariants; see Invariants for what they say.
const (
	InvAtomicity             = "atomicity"
	InvDurability            = "durability"
	InvOneCommit             = "one-commit"
	InvOneOutcome            = "one-outcome"
	InvStableAge             = "stable-age"
	InvOwnWrites             = "own-writes"
	InvCommittedReads        = "committed-reads"
	InvStrictSerializability = "strict-serializability"
	InvIsolation             = "isolation"

	InvWriteAhead  = "write-ahead"
	InvOneDecision = "one-decision"
	InvImpossible  = "no-impossible-message"
	InvLogGrammar  = "log-grammar"
	InvIdempotence = "idempotence"
	InvUniqueIDs   = "unique-ids"
	InvAgeOrder    = "age-order"
	InvBounded     = "bounded-resolution"
	// InvAbortCause is AC4 of Bernstein, Hadzilacos, Goodman, "Concurrency Control and Recovery
	// in Database Systems", 1987, section 7.3: if all vote YES and nothing goes wrong, the
	// decision is commit. See checkAbort for what is not judged.
	InvAbortCause = "abort-cause"

	InvKeyBound = "key-bound" // of keys by Stock, of bytes by the ProtocolChecker
	InvProgress = "progress"
	InvPanic    = "panic"
)

// Invariant is an invariant that a run can violate, for people.
type Invariant struct {
	Name string
	Text string // what it says, and what it means if that is not so
}

// historyInvariants are those that a HistoryChecker can check: of the last two, the one of
// the level of isolation that the history is held to.
var historyInvariants = []Invariant{
	{InvAtomicity, "What a transaction writes is installed on all of its workers or on none. Violated: a worker lacks it (lost write), " +
		"has it of an attempt that aborted (dirty write), or twice (duplicate apply)."},
	{InvDurability, "An answered commit is installed everywhere by the end, and what is stored then, which is what a restart would rebuild from the log, was installed last. Violated: a commit is lost (lost write)."},
	{InvOneCommit, "At most one attempt of a transaction commits. Violated: a retry ran it a second time."},
	{InvOneOutcome, "Each transaction gets one final answer. Violated: none, or another one later."},
	{InvStableAge, "A retry keeps the transaction's age, attempts count up to retry.attempts, and each follows an abort and at least half the backoff that retry.backoff and retry.cap say. Violated: it may starve, or is tried too often or too soon."},
	{InvOwnWrites, "A read sees what its own transaction wrote before it."},
	{InvCommittedReads, "A read sees the last value that a committed attempt wrote. Violated: it saw what aborted (G1a), was overwritten by its writer (G1b), or nobody wrote (garbage)."},
	{InvStrictSerializability, "A serial order that keeps the order in real time explains all reads and the final state. Violated: a cycle of dependencies."},
	{InvIsolation, "In its place if a weaker level is demanded: txsim help isolation."},
}

// protocolInvariants are those that a ProtocolChecker checks.
var protocolInvariants = []Invariant{
	{InvWriteAhead, "No message leaves before the record that it rests on is durable. Violated: a crash in between would break a promise, or a promise or decision was logged for which the log device has no room, or a promise with none for its decision."},
	{InvOneDecision, "No attempt that a worker has promised to commit, or has decided alone, is both committed and aborted, by whomever; a promise is a YES vote, or, where nobody votes, a durable prepare record. A coordinator commits what it has heard all votes for and says what its log says, and a worker in doubt does and acknowledges what it has been told. Violated: any of these, or what it means to know nothing of an attempt is not what the protocol presumes, or not the same each time, or is told of what had not voted and done to what has, or is told unasked."},
	{InvImpossible, "No node is told what cannot be, or finds its log unreadable, or is asked for a vote before all operations have run that come before votes, nor asked by or told to another coordinator than the attempt's, nor promises what it was not asked for, nor hears of an attempt that it was told is finished. Violated: it has stopped, for good, or may release locks too early, or take one attempt for another."},
	{InvLogGrammar, "A node's log of an attempt has the records that the protocol writes, in order, and the end only when those who voted YES have acknowledged the decision. Violated: one is missing, comes too soon or after what rules it out, or is a promise that leaves out keys, or takes one from another promise, or something was applied without a record, or was done and not noted."},
	{InvIdempotence, "A message that comes again has no effect again. Violated: it was logged, promised or applied twice, or run again after a crash and then promised like the first time."},
	{InvUniqueIDs, "No two attempts have one name on the wire, and none has two. Violated: a message may be taken for another attempt's."},
	{InvAgeOrder, "Under wait-die and wound-wait nobody gives way to a younger transaction, and nobody waits who has to give way. Violated: deadlock or starvation is possible."},
	{InvBounded, "Without faults all is resolved in a time that follows from the timeouts. Violated: somebody does not re-send, ask or give up, or keeps a decision or an ack back. That one wounded in vain gives up after timeouts.idle is demanded with faults too."},
	{InvAbortCause, "An abort has a cause: a NO vote, a wound, a timeout that has passed, a crash. Violated: all had voted YES, nobody was late, nobody gave the reason that is told, or with another obstacle, who is missed had been heard or not for so long, what a refusal says is in the way is not there or is no obstacle, or a worker that says it is full has room."},
}

// runInvariants are checked by Stock and the ProtocolChecker, and, once a run is at rest, from
// what its nodes still have to do.
var runInvariants = []Invariant{
	{InvKeyBound, "No worker stores more keys than resources.keys, or promises more bytes at a time than resources.staging."},
	{InvProgress, "Once faults have ended, all comes to rest: nothing is locked, staged, in doubt or unacknowledged, but what waits for a node that is dead for good. Violated: stuck, or a livelock."},
}

// panicInvariant is not in the list of what is checked: the caller of the run recovers the
// panic and reports it.
var panicInvariant = Invariant{InvPanic, "No node panics."}

// Invariants returns all invariants, in the order in which summaries list them, and last
// the one that no summary lists because it is violated without being checked.
func Invariants() []Invariant {
	return slices.Concat(historyInvariants, protocolInvariants, runInvariants, []Invariant{panicInvariant})
}

// InvariantsAt returns the names of those that a run is checked for which is held to a level of
// isolation, one of IsolationNames; "" is the strongest.
func InvariantsAt(isolation string) (names []string) {
	other := InvIsolation
	if level := LevelOf(isolation); level != "" && level != LevelStrictSerializable {
		other = InvStrictSerializability
	}
	for _, inv := range slices.Concat(historyInvariants, protocolInvariants, runInvariants) {
		if inv.Name != other {
			names = append(names, inv.Name)
		}
	}
	return names
}

// NotChecked is an invariant that a run is not checked for, and why.
type NotChecked struct{ Name, Why string }

// InvariantsNotChecked returns the invariants of a ProtocolChecker and of Stock of which a run
// of this configuration is checked for nothing, in the order of Invariants: what they hold a
// run to, its protocol or its control has to promise, or its resources to bound.
func InvariantsNotChecked(cfg *model.Config) (out []NotChecked) {
	p := cfg.Protocol.Promises()
	_, byAge := cfg.Control().(model.ByAge)
	ruled := slices.ContainsFunc(p.WriteAhead, func(f model.Force) bool { return !f.OneShot || cfg.Execution == model.OneShot })
	strategy := cfg.Schedule.Strategy
	for _, inv := range [...]struct {
		NotChecked
		checked bool
	}{
		{NotChecked{InvWriteAhead, "the protocol has no rules"}, ruled || p.Accountable},
		{NotChecked{InvLogGrammar, "the protocol has none"}, p.Grammar != nil || p.Accountable},
		{NotChecked{InvAgeOrder, cfg.Control().Name() + " promises none"}, byAge},
		{NotChecked{InvBounded, "the schedule says when"}, strategy == sim.ByLatency || p.Accountable && strategy != sim.Exhaustive},
		{NotChecked{InvKeyBound, "no bound"}, cfg.Resources.Keys > 0 || cfg.Resources.Staging > 0 && p.Accountable},
	} {
		if !inv.checked {
			out = append(out, inv.NotChecked)
		}
	}
	return out
}
