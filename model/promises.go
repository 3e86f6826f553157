package model

import "github.com/seed83d86191/txsim/sim"

// Promises are what a protocol promises. To what the zero value leaves out, nothing is held.
// A protocol around TwoPhase takes those of TwoPhase and changes what is different.
//
// # Accountable
//
// An accountable protocol aborts, and cannot tell an outcome, for no reasons but those of
// TwoPhase:
//
//   - Timeout: a worker that was asked to execute, to prepare or to commit in one phase has
//     been silent for Timeouts.Prepare. Workers reply as soon as they have what they need:
//     their locks and a durable record.
//   - UnknownTxn: the worker has crashed since it was asked, or was asked nothing for
//     Timeouts.Idle after it last told results.
//   - Full: a bound of Resources, which the operations that the worker was asked for exceed
//     with those of all attempts that are not over there; or of the log device, which has no
//     room for the record and LogReserve; or of the coordinator's log device, before it has
//     asked any worker. No worker promises, and no coordinator decides, what its device has
//     no room for: see sim.Env.LogRoom. After a promise to be decided by the coordinator,
//     LogReserve is left.
//   - Conflict: a worker says so, and if it names an Obstacle, that is another attempt, has
//     been asked for something on the key there and is not over there, and one of the two
//     writes the key.
//   - Wounded: a worker says so, or sends KindWound. Under the built-in controls wounds and
//     refusals for a conflict come only from those that resolve conflicts that way.
//   - CoordinatorLost: the coordinator has crashed since the request.
//   - Unknown, of several workers: some node is dead for good. Otherwise an attempt of which
//     nothing is known is aborted.
//
// It is also held to this:
//
//   - A worker that refuses says why, and the client is told a reason that the coordinator was
//     given, with the Obstacle that was given with it. All that vote YES or READ commit, unless
//     the coordinator crashes.
//   - A coordinator commits what several workers run only when it has heard KindVote with YES or
//     READ, and no NO before it, of that attempt from each of them: before it logs the commit or
//     says it. It never says one decision and has the other in its log. It logs the end of an
//     attempt only when KindAck has reached it from every worker whose YES it had heard before
//     it decided.
//   - A worker that has voted YES logs and does nothing about the attempt until KindCommit or
//     KindAbort has reached it since it last crashed, from whichever node; an abort presumed of
//     what has not voted is none. It then does what it was told, and its ack says what was
//     decided. What a recovery does again by a worker's own log needs no telling. It notes
//     KindCommitted of what it writes only with a KindCommit or KindCommitOne record in its log.
//   - What a worker promises or votes READ on, it has run in the life (Message.Life) from which
//     the coordinator has its results, and its prepare record names all keys. Where operations
//     come before the prepare, nobody is asked to prepare before the coordinator has the results
//     of all.
//   - People can follow a run by the notes. A coordinator notes KindStart before it asks workers,
//     and KindDecide before it says what it decides. Before it repeats something unasked, or
//     aborts for a timeout, it has noted KindSuspect of a worker that it misses, with the timeout
//     that has passed (Message.Lasted), and no KindRecover since. A worker notes KindAborted
//     before it refuses. In the step in which it logs a decision, or is told to abort what it was
//     asked for, it notes KindAborted, or KindCommitted if it writes; but no KindAborted once it
//     has voted READ. A crash excuses from all of this.
//   - A coordinator sends what is Presumed only to a worker that asks, in the step in which it
//     hears KindEnquire or KindWound. Its decisions give the age of the attempt where ages
//     matter, unless it has them from its log.
//   - Nodes do not wait for a timeout with a decision, nor with its ack once its record is
//     durable.
//   - Of what has voted YES, all coordinators presume the same, see Presumes, and nothing else
//     than was decided before the ack has come; of what has not they presume an abort, which is
//     not done to what has voted since.
//   - Of two promises that are not decided, or of one and a commit in one phase, a worker's
//     records name no common key, unless both only read it.
//   - The client of a single worker is told of a commit with writes only when that worker's
//     KindCommitOne record is durable.
//   - A worker does not go on asking for the abort of what waits for a lock: Timeouts.Idle after
//     its first KindWound it aborts that by itself.
//   - Only the coordinator that was asked for an attempt has workers execute, prepare or commit
//     it in one phase, and only those that have operations in it; these promise and reply when
//     such a request has reached them, and what they send to a coordinator they send to that
//     one, with the ID that it has given. It sends nothing but presumptions about an attempt
//     before the Mark that it has told since it last crashed.
type Promises struct {
	// WriteAhead lists what must be durable before a message leaves.
	WriteAhead []Force
	// Grammar says what logs hold, after crashes too; nil: they are not checked.
	Grammar *Grammar
	// Isolation is a level below strict serializability, as scenarios name it: see
	// analysis.IsolationNames. "" is strict serializability.
	Isolation string
	// Accountable: the protocol is held to all that is said above, and else to less of it.
	Accountable bool
	// Presumes is what coordinators answer, having no information, to a worker that has
	// voted YES: Committed or Aborted. Pending demands only that it is the same each time.
	Presumes Outcome
}

// Force is one write-ahead rule: no node sends Message about an attempt before
// its record of kind Record about the attempt is durable.
type Force struct {
	Message sim.Kind
	Vote    Vote // the rule holds for votes of this kind only; VoteNone for any
	Record  sim.Kind
	// When limits the rule to some messages; nil is no limit. t is the transaction as its
	// client submitted it, not as the sender's message has it. In an ack of a node with a
	// prepare record, Outcome is what was decided.
	When func(t *Transaction, m *Message) bool
	// Prepared: the rule holds only for who has a prepare record of the attempt.
	Prepared bool
	// OneShot: the rule holds in one-shot execution only.
	OneShot bool
}

// Promises implements Protocol.
func (t TwoPhase) Promises() Promises {
	rule := t.rule()
	p := Promises{WriteAhead: rule.writeAhead(), Grammar: rule.grammar(), Accountable: true, Presumes: Aborted}
	if rule.Presume == Committed {
		p.Presumes = Committed
	}
	return p
}

func (rule *Presumption) writeAhead() []Force {
	rules := []Force{
		{Message: KindVote, Vote: VoteYes, Record: KindPrepare},
		{Message: KindWound, Vote: VoteYes, Record: KindPrepare}, // an answer that is presumed goes by it
		{Message: KindCommit, Record: KindCommit},
		{Message: KindDone, Record: KindCommitOne, When: committedWrites},
		// In the other executions, a request names the incarnation in which its operations
		// ran before, and cannot be taken up in another one.
		{Message: KindDone, Record: KindAbort, When: abortedWrites, OneShot: true},
		{Message: KindAnswer, Record: KindCommit, When: committedTogether},
	}
	if rule.Collecting {
		rules = append(rules, Force{Message: KindPrepare, Record: KindCollecting})
	}
	if rule.AbortForced {
		rules = append(rules, Force{Message: KindAbort, Record: KindAbort})
	}
	if rule.CommitAcked {
		rules = append(rules, Force{Message: KindAck, Record: KindCommit, When: committed})
	}
	if rule.AbortAcked {
		rules = append(rules, Force{Message: KindAck, Record: KindAbort, When: aborted, Prepared: true})
	}
	if rule.Presume == Committed {
		// If the refusal were forgotten, a prepare that comes again could be taken up.
		// So could one that comes after an abort of what the worker did not know; in the other
		// executions its request is refused, see KindDone.
		rules = append(rules, Force{Message: KindVote, Vote: VoteNo, Record: KindAbort},
			Force{Message: KindAck, Record: KindAbort, When: aborted, OneShot: true})
	}
	return rules
}

func committed(_ *Transaction, m *Message) bool { return m.Outcome == Committed }

func aborted(_ *Transaction, m *Message) bool { return m.Outcome == Aborted }

func abortedWrites(t *Transaction, m *Message) bool { return m.Outcome == Aborted && t.Writes() }

func committedWrites(t *Transaction, m *Message) bool { return m.Outcome == Committed && t.Writes() }

// committedTogether leaves out commits in one phase, which the only worker has decided.
func committedTogether(t *Transaction, m *Message) bool {
	return len(t.Parts) > 1 && committedWrites(t, m)
}
