package space

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
	"github.com/seed83d86191/txsim/sim/explore"
)

// Any is a budget without bound.
const Any = -1

// Budget is how much may go wrong.
type Budget struct {
	Crash     int // crashes, of any node, at any boundary
	Drop      int // messages lost between machines
	Duplicate int // messages that come twice
	// Timeout is how many timers may fire though something else could come first; when
	// nothing else is left, they fire anyway.
	Timeout int
}

// MaxNodes is how many nodes a cluster may have here, its client included.
const MaxNodes = 8

// State is a state of the cluster.
type State struct {
	nodes  [MaxNodes]*local
	flight []*message // sorted, immutable
	left   [4]uint8   // of the budgets
}

// any is an unlimited budget in State.left.
const anyLeft = 255

const (
	crashes = iota
	drops
	duplicates
	timeouts
)

// Space is the state space of a cluster. It is safe for concurrent use.
type Space struct {
	budget  Budget
	count   int // of nodes
	client  sim.NodeID
	tries   int
	format  model.Formatter
	txns    []*model.Transaction
	benches sync.Pool
	initial State

	mu       sync.Mutex
	locals   map[uint64]*local
	messages map[uint64]*message
	inexact  bool
	reduced  bool
	ran      atomic.Uint64 // reactions that were run
}

// New returns the space of the cluster that the configuration describes, with these
// transactions, compiled.
func New(cfg model.Config, txns []*model.Transaction, budget Budget) (*Space, error) {
	n := cfg.Coordinators + cfg.Workers + 1
	if n > MaxNodes {
		return nil, fmt.Errorf("%d coordinators and %d workers: at most %d nodes can be explored, the client included", cfg.Coordinators, cfg.Workers, MaxNodes)
	}
	if len(txns)*cfg.Retry.Attempts > 31 {
		return nil, errors.New("at most 31 attempts of transactions can be explored")
	}
	for _, b := range []int{budget.Crash, budget.Drop, budget.Duplicate, budget.Timeout} {
		if b >= anyLeft {
			return nil, fmt.Errorf("a budget of %d: must be below %d", b, anyLeft)
		}
	}
	s := &Space{budget: budget, count: n, client: sim.NodeID(n - 1), tries: cfg.Retry.Attempts, txns: txns,
		format: model.Formatter{Coordinators: cfg.Coordinators, Workers: cfg.Workers},
		locals: map[uint64]*local{}, messages: map[uint64]*message{}}
	s.format.ID = func(index uint64) string { return txns[index-1].ID }
	s.benches.New = func() any { return model.NewBench(cfg, txns) }
	s.initial.left = [4]uint8{uint8(budget.Crash), uint8(budget.Drop), uint8(budget.Duplicate), uint8(budget.Timeout)}
	for i := range n {
		l := s.start(sim.NodeID(i))
		s.initial.nodes[i] = l
		s.initial.flight = with(s.initial.flight, l.first)
	}
	return s, nil
}

// with is the flight with more messages in it; identical ones are one.
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

// Initial implements explore.System.
func (s *Space) Initial() []State { return []State{s.initial} }

// Fingerprint implements explore.System.
func (s *Space) Fingerprint(x State) uint64 {
	h := uint64(x.left[0]) | uint64(x.left[1])<<8 | uint64(x.left[2])<<16 | uint64(x.left[3])<<24
	for _, l := range x.nodes[:s.count] {
		h = sim.Hash(h, l.hash)
	}
	for _, m := range x.flight {
		h = sim.Hash(h, m.hash)
	}
	return h
}

// History is a hash of what the analysis would be told on the way to a state, but
// for when.
func (s *Space) History(x *State) uint64 {
	var h uint64
	for _, l := range x.nodes[:s.count] {
		h = sim.Hash(h, l.history)
	}
	return h
}

// Terminal reports whether nothing can happen but faults.
func (s *Space) Terminal(x *State) bool {
	return len(x.flight) == 0 && !slices.ContainsFunc(x.nodes[:s.count], func(l *local) bool { return len(l.pending) > 0 })
}

// Next implements explore.System.
func (s *Space) Next(x State, to func(action int, next State)) {
	quiet := len(x.flight) == 0 // nothing but timers is left
	for i, m := range x.flight {
		r, _ := s.react(x.nodes[m.to], input{op: sim.InputMessage, m: m})
		rest := slices.Concat(x.flight[:i], x.flight[i+1:])
		s.after(x, m.to, rest, r, action{what: deliver, at: i}, to)
		if x.left[duplicates] > 0 && !m.local {
			next := x
			next.spend(duplicates)
			next.nodes[m.to], next.flight = r.to, with(x.flight, r.sent)
			s.tell(action{what: twice, at: i}, next, to)
		}
		if x.left[drops] > 0 && !m.local {
			next := x
			next.spend(drops)
			next.flight = rest
			s.tell(action{what: drop, at: i}, next, to)
		}
	}
	for _, l := range x.nodes[:s.count] {
		quiet = quiet && l.idle == 0
	}
	for n, l := range x.nodes[:s.count] {
		for i, in := range l.pending {
			next := x
			if in.op == sim.InputTimer && !quiet {
				if x.left[timeouts] == 0 {
					continue
				}
				next.spend(timeouts)
			}
			r, _ := s.react(l, in)
			s.after(next, sim.NodeID(n), x.flight, r, action{what: own, node: n, at: i}, to)
		}
		if x.left[crashes] > 0 && !l.down && sim.NodeID(n) != s.client {
			next := x
			next.spend(crashes)
			r, _ := s.react(l, input{op: sim.InputCrash})
			next.nodes[n] = r.to
			s.tell(action{what: crash, node: n}, next, to)
		}
	}
}

// spend takes one from a budget.
func (x *State) spend(budget int) {
	if x.left[budget] != anyLeft {
		x.left[budget]--
	}
}

// after tells of a node's reaction and of its cuts.
func (s *Space) after(x State, n sim.NodeID, flight []*message, r *reaction, a action, to func(int, State)) {
	next := x
	next.nodes[n], next.flight = r.to, with(flight, r.sent)
	s.tell(a, next, to)
	if x.left[crashes] == 0 {
		return
	}
	next.spend(crashes)
	for _, c := range r.cuts {
		next.nodes[n], next.flight = c.to, with(flight, c.sent)
		a.cut = c.at
		s.tell(a, next, to)
	}
}

func (s *Space) tell(a action, next State, to func(int, State)) {
	if s.reduced {
		s.living(&next)
	}
	to(a.pack(), next)
}

// Exact reports whether all states of nodes met so far could be told.
func (s *Space) Exact() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.inexact
}

// Reactions is how many reactions of single nodes have been run.
func (s *Space) Reactions() uint64 { return s.ran.Load() }

// Invariants are what the claims of the nodes must not contradict.
func (s *Space) Invariants() []explore.Invariant[State] {
	all := func(x *State) (c claims) {
		for _, l := range x.nodes[:s.count] {
			c.committed |= l.committed
			c.aborted |= l.aborted
			c.no |= l.no
			c.toCommit |= l.toCommit
			c.toAbort |= l.toAbort
		}
		return c
	}
	return []explore.Invariant[State]{
		{Name: "atomicity", Holds: func(x State) bool {
			c := all(&x)
			return c.committed&(c.aborted|c.no) == 0
		}},
		{Name: "one-decision", Holds: func(x State) bool {
			c := all(&x)
			return c.toCommit&c.toAbort == 0 && c.committed&c.toAbort == 0 && c.aborted&c.toCommit == 0
		}},
	}
}
