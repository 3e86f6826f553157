package model

import (
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// A Protocol is a commit protocol: it makes the state machines of the
// coordinator and of the worker, and says what it promises to have on disk
// before it speaks. Protocols of one's own implement it, with nodes built from
// scratch, as those of package plain are, or around those of TwoPhase.
//
// A coordinator serves clients. A client sends KindRequest, once for each attempt, and
// while it has no answer KindAsk, both with Attempt, Txn and Age. It waits for KindAnswer
// with Attempt and Outcome, which is Committed, Aborted or Unknown. With Aborted comes the
// Reason; with Committed come all Reads, or none if a crash of the coordinator since the
// request, or of the only worker, has lost them. Unknown is for a coordinator that has
// crashed since the request and cannot tell. An answer is final: no commit before it is
// durable, and no abort that could still turn out otherwise. The first answer about an
// attempt counts, and no later one of the same life contradicts it; what another life says is
// ignored and not judged. All attempts of a transaction go to
// one coordinator, the next one only after Aborted. Between client and coordinator nothing
// is lost, and messages about one attempt keep their order, but a node that is down misses
// what comes. Message.Life tells a coordinator which requests can have come in an earlier life.
//
// There are no nodes but coordinators and workers. Whatever else a protocol needs, an
// acceptor or an oracle, is a role that some of these play besides, chosen by its place in
// Site.Coordinators or Site.Workers. Every coordinator has clients, because transactions are
// dealt to all of them in turn.
//
// A run is held to strict serializability, to the weaker level that the protocol promises
// (Isolated), or to the level that its scenario names; which levels hold is printed beside
// the verdict. The version order of a
// key is the order in which its worker logs the commits that install it. So all writes must
// be installed, in the order in which they are serialized: a protocol that installs an
// older version after a newer one, or leaves a write out because of a newer one (Thomas'
// write rule), cannot be judged.
//
// What nodes say to each other is up to the protocol. The kinds that are declared here keep
// their meaning, because the analysis relies on it; a protocol's own begin at KindUser, and
// its own reasons at ReasonUser; it may name them (Named). What the fields of a Message have no
// place for is its Payload.
type Protocol interface {
	Name() string
	Coordinator(s *Site) sim.Node[Message]
	Worker(s *Site) sim.Node[Message]
	// WriteAhead lists what must be durable before a message leaves; the
	// analysis holds every run against it.
	WriteAhead() []Force
}

// Isolated is a Protocol that promises less than strict serializability.
type Isolated interface {
	Protocol
	// Isolation returns the level that it promises, as scenarios name it: see
	// analysis.IsolationNames.
	Isolation() string
}

// Accountable is a protocol that aborts, and cannot tell an outcome, for no reasons but
// those of TwoPhase:
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
//   - Of what has voted YES, all coordinators presume the same, see Presuming, and nothing else
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
//
// The analysis holds a protocol that returns true to all of this, and others to less.
type Accountable interface {
	Protocol
	Accountable() bool
}

// Accountable implements Accountable. A protocol around TwoPhase whose reasons mean
// something else returns false.
func (t TwoPhase) Accountable() bool { return true }

// Presuming is an Accountable protocol that states what its coordinators answer, having no
// information, to a worker that has voted YES. Of one that does not, the analysis demands only
// that it is the same each time.
type Presuming interface {
	Accountable
	// Presumes returns Committed or Aborted.
	Presumes() Outcome
}

// Presumes implements Presuming.
func (t TwoPhase) Presumes() Outcome {
	if t.rule().Presume == Committed {
		return Committed
	}
	return Aborted
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

// Site is what a Protocol builds a node with: its Env and its place in the cluster.
type Site struct {
	Env    *sim.Env[Message]
	Config *Config

	// The fields that most events touch stand first, see worker.
	tally *Tally
	hist  History
	pool  *pool  // shared by the nodes of a cluster; nil: the node has its own
	event *Event // reused by record, shared by all nodes

	Hooks *Hooks // nil: none

	Worker int // index, of a worker
	// Coordinators and Workers map indexes to nodes.
	Coordinators, Workers []sim.NodeID
	Client                sim.NodeID
}

// shared returns the pool that the site's node is to use.
func (s *Site) shared() *pool {
	if s.pool == nil {
		return &pool{}
	}
	return s.pool
}

// record passes an event to the history. It is copied to one reused place first, so that it
// costs no allocation.
func (s *Site) record(e *Event) {
	*s.event = *e
	s.hist.Record(s.event)
}

// Began tells the history that a coordinator starts an attempt of a transaction of this
// age. Coordinators call it when they take up a request. It tells nothing once a crash has
// cut the step short.
func (s *Site) Began(t *Transaction, a Attempt, age Age) {
	if s.Env.Alive() {
		s.record(&Event{Kind: Began, At: s.Env.Now(), Node: s.Env.ID(), Txn: t, Attempt: a, Age: age.Start})
	}
}

// Tally returns the counts of the cluster. A node counts its records there, and whatever it
// resolves, which Cluster.Run takes for progress.
func (s *Site) Tally() *Tally { return s.tally }

// Execution says in how many rounds the operations reach the workers.
type Execution uint8

// The execution modes.
const (
	OneShot     Execution = iota // with the prepare; reads come back with the vote
	Batched                      // one parallel round before the prepare
	Interactive                  // one round trip per operation, in order
)

// ExecutionNames are the modes' names, by mode.
var ExecutionNames = []string{"one-shot", "batched", "interactive"}

func (e Execution) String() string { return ExecutionNames[e] }

// Timeouts turn silence into suspicion. sim.Forever disables one.
type Timeouts struct {
	Prepare  time.Duration // how long a coordinator waits for a vote or a result
	Decision time.Duration // until a decision is sent again, or asked for
	Idle     time.Duration // how long a worker keeps an attempt that nobody asks to prepare, or to abort if it is wounded
	Answer   time.Duration // when a client asks its coordinator again
}

// patience returns how long to wait before the n-th repetition of a message: twice as long
// each time, up to eight times, so that a node that is down for long is not flooded.
func patience(timeout time.Duration, n uint32) time.Duration { return double(timeout, min(n, 3)) }

// Retry governs what a client does after a definite abort.
type Retry struct {
	Attempts int           // at most; 1 is no retry
	Backoff  time.Duration // before the second attempt, doubling, ±50 %
	Cap      time.Duration // of the backoff
}

// Resources bound a worker; 0 is no bound. At a bound it votes NO (full).
type Resources struct {
	Staging int64 // bytes in the staging area, over all attempts
	Keys    int   // keys with a value
}

// Presumption tells the variants of two-phase commit apart. The table of their costs is
// tested against Mohan, Lindsay, Obermarck, "Transaction Management in the R* Distributed
// Database Management System", TODS 11(4), 1986.
type Presumption struct {
	// Collecting: the coordinator forces a record of the workers before it
	// asks them to prepare.
	Collecting bool
	// AbortForced: the coordinator forces its abort record.
	AbortForced bool
	// CommitAcked and AbortAcked: a worker forces the decision's record and
	// acknowledges; the coordinator remembers until all have.
	CommitAcked bool
	AbortAcked  bool
	// Presume is what no information means: Committed or Aborted.
	Presume Outcome
}

// acked reports whether workers acknowledge the decision o.
func (p *Presumption) acked(o Outcome) bool {
	if o == Committed {
		return p.CommitAcked
	}
	return p.AbortAcked
}

// TwoPhase is two-phase commit. Its nodes are this package's coordinator and
// worker, told apart by the presumption. The zero Presumption is presumed abort.
type TwoPhase struct {
	Label string
	Presumption
}

var presumedAbort = Presumption{CommitAcked: true, Presume: Aborted}

func (t TwoPhase) rule() Presumption {
	if t.Presumption == (Presumption{}) {
		return presumedAbort
	}
	return t.Presumption
}

// Name implements Protocol.
func (t TwoPhase) Name() string { return t.Label }

// Coordinator implements Protocol.
func (t TwoPhase) Coordinator(s *Site) sim.Node[Message] { return newCoordinator(s, t.rule()) }

// Worker implements Protocol.
func (t TwoPhase) Worker(s *Site) sim.Node[Message] { return newWorker(s, t.rule()) }

// WriteAhead implements Protocol.
func (t TwoPhase) WriteAhead() []Force {
	rule := t.rule()
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

// Protocols returns the built-in commit protocols.
func Protocols() []Protocol {
	return []Protocol{
		TwoPhase{"presumed-abort", presumedAbort},
		TwoPhase{"presumed-nothing", Presumption{AbortForced: true, CommitAcked: true, AbortAcked: true, Presume: Aborted}},
		TwoPhase{"presumed-commit", Presumption{Collecting: true, AbortAcked: true, Presume: Committed}},
	}
}
