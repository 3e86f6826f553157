package space

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
	"github.com/seed83d86191/txsim/sim/explore"
)

// MaxNodes is how many nodes a cluster may have here, its client included.
const MaxNodes = 8

// State is a state of the cluster.
type State struct {
	nodes   [MaxNodes]*local
	flight  []*message // sorted, immutable
	ordered []*message // of sessions, see bySession, each session in its order
	left    [4]uint8   // of each budget
}

// The budgets of faults, as indexes of State.left.
const (
	crashBudget = iota
	dropBudget
	duplicateBudget
	timeoutBudget
)

// anyLeft is what is left of an unbounded budget; it is above sim.MaxBudget.
const anyLeft = 255

// Space is the state space of a cluster. It is safe for concurrent use.
type Space struct {
	budget  sim.Budget
	count   int // number of nodes
	client  sim.NodeID
	tries   int
	format  model.Formatter
	txns    []*model.Transaction
	records bool // durable prepare records are promises, too: see claim
	bench   func() *model.Bench
	benches sync.Pool
	initial State

	mu       sync.Mutex // guards locals, messages, inexact, and what uses and omit list
	locals   map[uint64]*local
	messages map[uint64]*message
	inexact  bool          // some node cannot tell its state
	ran      atomic.Uint64 // number of reactions that were run
	depth    int           // depths that are settled, counted over all searches

	uses   uses
	omit   omitting
	orders ordering
	fold   *folding // nil: workers are not folded
}

// New returns the space of the cluster that the configuration describes, with these
// transactions, compiled.
func New(cfg model.Config, txns []*model.Transaction, budget sim.Budget) (*Space, error) {
	n := cfg.Coordinators + cfg.Workers + 1
	if n > MaxNodes {
		return nil, fmt.Errorf("%d coordinators and %d workers: at most %d nodes can be explored, the client included", cfg.Coordinators, cfg.Workers, MaxNodes)
	}
	if len(txns)*cfg.Retry.Attempts > 31 {
		return nil, errors.New("at most 31 attempts of transactions can be explored")
	}
	s := &Space{budget: budget, count: n, client: sim.NodeID(n - 1), tries: cfg.Retry.Attempts, txns: txns,
		format: model.Formatter{Coordinators: cfg.Coordinators, Workers: cfg.Workers, Names: model.NamesOf(cfg.Protocol)}}
	s.records = !cfg.Protocol.Promises().Accountable
	s.format.ID = func(index uint64) string { return txns[index-1].ID }
	s.bench = func() *model.Bench { return model.NewBench(cfg, txns) }
	s.orders.mostRoamed = mostRoamed
	s.orders.finders.New = func() any { return &setFinder{} }
	s.begin()
	return s, nil
}

// begin starts the nodes.
func (s *Space) begin() {
	s.locals, s.messages = map[uint64]*local{}, map[uint64]*message{}
	s.benches = sync.Pool{New: func() any {
		b := s.bench()
		if s.fold != nil {
			b.Renamings(s.fold.names(s))
		}
		return b
	}}
	b := s.budget
	// A budget of sim.Unbounded, -1, becomes anyLeft.
	s.initial = State{left: [4]uint8{uint8(b.Crash), uint8(b.Drop), uint8(b.Duplicate), uint8(b.Timeout)}}
	var first []*local
	for i := range s.count {
		l := s.start(sim.NodeID(i))
		first = append(first, l)
		s.initial.nodes[i] = l
		s.initial.send(l.atStart)
	}
	if s.fold != nil {
		s.matchStart(first)
	}
}

// inFlight reports whether one of the messages is in flight.
func (x *State) inFlight(all []*message) bool {
	return slices.ContainsFunc(all, func(m *message) bool { return slices.Contains(x.flight, m) || slices.Contains(x.ordered, m) })
}

// headsSession reports whether a message of ordered is the first of its session.
func (x *State) headsSession(i int) bool {
	return i == 0 || x.ordered[i].bySession(x.ordered[i-1]) != 0
}

// with returns the flight with more messages in it; identical ones are one.
func with(flight, more []*message) []*message {
	if len(more) == 0 {
		return flight
	}
	all := make([]*message, 0, len(flight)+len(more))
	for len(flight) > 0 && len(more) > 0 {
		switch flight[0].before(more[0]) {
		case 0:
			more = more[1:]
		case -1:
			all, flight = append(all, flight[0]), flight[1:]
		default:
			all, more = append(all, more[0]), more[1:]
		}
	}
	return append(append(all, flight...), more...)
}

// send puts messages in flight.
func (x *State) send(s sent) {
	x.flight = with(x.flight, s.free)
	for _, m := range s.ordered {
		if slices.Contains(x.ordered, m) {
			continue
		}
		at := len(x.ordered)
		for at > 0 && m.bySession(x.ordered[at-1]) < 0 {
			at--
		}
		x.ordered = slices.Insert(slices.Clone(x.ordered), at, m)
	}
}

// Initial implements explore.System.
func (s *Space) Initial() []State { return []State{s.initial} }

// Fingerprint implements explore.System.
func (s *Space) Fingerprint(x State) uint64 {
	if s.foldable(&x) {
		print, _ := s.folded(&x)
		return print
	}
	return s.plain(&x)
}

// plain returns the fingerprint of a state without renaming.
func (s *Space) plain(x *State) uint64 {
	h := x.budgets()
	for _, l := range x.nodes[:s.count] {
		h = sim.Hash(h, l.hash)
	}
	for _, m := range x.flight {
		h = sim.Hash(h, m.hash)
	}
	h = sim.Hash(h, 0)
	for _, m := range x.ordered {
		h = sim.Hash(h, m.hash)
	}
	return h
}

// budgets returns what is left of all budgets as one number.
func (x *State) budgets() uint64 { return uint64(binary.LittleEndian.Uint32(x.left[:])) }

// History returns a hash of what the analysis would be told on the way to a state, without
// times, and, if workers are folded, without names.
func (s *Space) History(x *State) uint64 {
	if s.fold != nil {
		return s.foldedHistory(x)
	}
	var h uint64
	for _, l := range x.nodes[:s.count] {
		h = sim.Hash(h, l.history)
	}
	return h
}

// Terminal reports whether nothing but faults can happen.
func (s *Space) Terminal(x *State) bool {
	return len(x.flight)+len(x.ordered) == 0 && !slices.ContainsFunc(x.nodes[:s.count], func(l *local) bool { return len(l.pending) > 0 })
}

// Exact reports whether every node met so far could tell its state.
func (s *Space) Exact() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.inexact
}

// Reactions returns how many reactions of single nodes have been run.
func (s *Space) Reactions() uint64 { return s.ran.Load() }

// Invariants returns the invariants of states: no node panics, and the claims of nodes do
// not contradict each other. The checkers, who know more, judge the rest: a worker may
// abort what it has not promised, lose that in a crash, and commit when it is asked again;
// a single worker may do so without a promise. What only reads has no effect that could be
// half of one, so that who has promised nothing may decide it anew after a crash.
func (s *Space) Invariants() []explore.Invariant[State] {
	several := uint32(0)
	for _, t := range s.txns {
		for try := 1; try <= s.tries && len(t.Parts) > 1 && t.Writes(); try++ {
			several |= s.attempt(model.Attempt{Txn: t.Index, Try: uint32(try)}.Label())
		}
	}
	all := func(x *State) (c claims) {
		for _, l := range x.nodes[:s.count] {
			c.committed |= l.committed & several
			if l.crashes == 0 {
				c.aborted |= l.aborted & several
			}
			c.toCommit |= l.toCommit & several
			c.toAbort |= l.toAbort & several
		}
		return c
	}
	return []explore.Invariant[State]{
		{Name: "panic", Holds: func(x State) bool {
			return !slices.ContainsFunc(x.nodes[:s.count], func(l *local) bool { return l.panics != "" })
		}},
		{Name: "atomicity", Holds: func(x State) bool {
			c := all(&x)
			return c.committed&c.aborted == 0
		}},
		{Name: "one-decision", Holds: func(x State) bool {
			c := all(&x)
			return c.toCommit&c.toAbort == 0 && c.committed&c.toAbort == 0 && c.aborted&c.toCommit == 0
		}},
	}
}

// Transactions returns how many transactions there are.
func (s *Space) Transactions() int { return len(s.txns) }

// Parts returns how many workers a transaction has; transactions count from 0.
func (s *Space) Parts(txn int) int { return len(s.txns[txn].Parts) }

// Managers returns what the workers of a transaction, a bit each, have done about its first
// attempt: promised to commit it, committed it, refused or aborted it.
func (s *Space) Managers(x *State, txn int) (prepared, committed, aborted uint) {
	bit := s.attempt(model.Attempt{Txn: uint64(txn + 1), Try: 1}.Label())
	for i, p := range s.txns[txn].Parts {
		l := x.nodes[s.format.Coordinators+p.Worker]
		set := func(to *uint, claim uint32) {
			if claim&bit != 0 {
				*to |= 1 << i
			}
		}
		set(&prepared, l.yes)
		set(&committed, l.committed)
		set(&aborted, l.no|l.aborted)
	}
	return prepared, committed, aborted
}

// Words prints the way to a violation.
func (s *Space) Words(v *explore.Violation[State]) []string {
	var words []string
	at := v.Initial
	for _, step := range v.Steps {
		words = append(words, s.Text(&at, step.Action))
		at = step.State
	}
	return words
}
