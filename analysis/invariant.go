package analysis

// Invariant is an invariant that a run can violate, for people.
type Invariant struct {
	Name string
	Text string // what it says, and what it means if that is not so
}

// Invariants returns all invariants, in the order in which summaries list them, and last
// those that no summary lists because they are violated without being checked.
func Invariants() []Invariant {
	return []Invariant{
		{InvAtomicity, "What a transaction writes is installed on all of its workers or on none. Violated: a worker lacks it (lost write), " +
			"has it of an attempt that aborted (dirty write), or twice (duplicate apply)."},
		{InvDurability, "An answered commit is installed everywhere by the end, and what is stored was installed last. Violated: a commit is lost (lost write)."},
		{InvOneCommit, "At most one attempt of a transaction commits. Violated: a retry ran it a second time."},
		{InvOneOutcome, "Each transaction gets one final answer. Violated: none, or another one later."},
		{InvStableAge, "A retry keeps the transaction's age, attempts count up to retry.attempts, and each follows an abort and its backoff, half to one and a half times what retry.backoff and retry.cap say. Violated: it may starve, or is tried too often or too soon."},
		{InvOwnWrites, "A read sees what its own transaction wrote before it."},
		{InvCommittedReads, "A read sees the last value that a committed attempt wrote. Violated: it saw what aborted (G1a), was overwritten by its writer (G1b), or nobody wrote (garbage)."},
		{InvStrictSerializability, "A serial order that keeps the order in real time explains all reads and the final state. Violated: a cycle of dependencies."},
		{InvIsolation, "In its place if a weaker level is demanded: txsim help isolation."},
		{InvWriteAhead, "No message leaves before the record that it rests on is durable. Violated: a crash in between would break a promise, or a promise or decision was logged for which the log device has no room."},
		{InvOneDecision, "No attempt is both committed and aborted, by whomever."},
		{InvImpossible, "No node is told what cannot be, or finds its log unreadable. Violated: it has stopped, for good."},
		{InvLogGrammar, "A node's log of an attempt has the records that the protocol writes, in order. Violated: one is missing, or comes after what rules it out."},
		{InvIdempotence, "A message that comes again has no effect again. Violated: it was logged, promised or applied twice."},
		{InvUniqueIDs, "No two attempts have one name on the wire, and none has two. Violated: a message may be taken for another attempt's."},
		{InvAgeOrder, "Under wait-die and wound-wait nobody gives way to a younger transaction, and nobody waits who has to give way. Violated: deadlock or starvation is possible."},
		{InvBounded, "Without faults all is resolved in a time that follows from the timeouts. Violated: somebody does not re-send, ask or give up. That one wounded in vain gives up after timeouts.idle is demanded with faults too."},
		{InvAbortCause, "An abort has a cause: a NO vote, a wound, a timeout that has passed, a crash. Violated: all had voted YES, nobody was late, nobody gave the reason that is told, what a refusal says is in the way is not there, or a worker that says it is full has room."},
		{InvKeyBound, "No worker stores more keys than resources.keys, or promises more bytes at a time than resources.staging."},
		{InvProgress, "Once faults have ended, all comes to rest: nothing is locked, staged, in doubt or unacknowledged, but what waits for a node that is dead for good. Violated: stuck, or a livelock."},
		{InvPanic, "No node panics."},
	}
}
