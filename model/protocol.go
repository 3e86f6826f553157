package model

import (
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// A Protocol is a commit protocol: it makes the state machines of the
// coordinator and of the worker, and says what it promises of them. Protocols of one's own
// implement it, with nodes built from scratch, as those of package plain are, or around those
// of TwoPhase.
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
// A run is held to strict serializability, to the weaker level that the protocol promises,
// or to the level that its scenario names; which levels hold is printed beside
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
//
// A Protocol may be Controlled too, its nodes Resident, InDoubter, Viewer and sim.StateAppender,
// a node around another a Wrapper, and its Concurrency ByAge or Lenient. The doc of package
// plain says what each is good for.
type Protocol interface {
	Name() string
	Coordinator(s *Site) sim.Node[Message]
	Worker(s *Site) sim.Node[Message]
	// Promises says what the analysis holds every run against.
	Promises() Promises
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

// Protocols returns the built-in commit protocols.
func Protocols() []Protocol {
	return []Protocol{
		TwoPhase{"presumed-abort", presumedAbort},
		TwoPhase{"presumed-nothing", Presumption{AbortForced: true, CommitAcked: true, AbortAcked: true, Presume: Aborted}},
		TwoPhase{"presumed-commit", Presumption{Collecting: true, AbortAcked: true, Presume: Committed}},
	}
}
