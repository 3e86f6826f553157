package space

import (
	"fmt"
	"maps"
	"os"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
	"github.com/seed83d86191/txsim/sim/explore"
)

// rivals are two transactions in conflict on two workers, the second of which reads.
func rivals(t *testing.T, set func(*model.Config), b sim.Budget) *Space {
	t.Helper()
	cfg := config(2)
	cfg.Clients = 2
	if set != nil {
		set(&cfg)
	}
	second := writes(2, 2)
	second.Ops = append([]model.Op{{Kind: model.Read, Worker: 0, Key: "x"}}, second.Ops...)
	var c model.Compiler
	c.Compile(second)
	s, err := New(cfg, []*model.Transaction{writes(1, 2), second}, b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// whole is a space without persistent sets.
type whole struct{ explore.System[State] }

// ends are the states of the nodes in which a search ends.
func ends(t *testing.T, s *Space, sys explore.System[State]) (map[[MaxNodes]uint64]bool, *explore.Result[State]) {
	t.Helper()
	all := map[[MaxNodes]uint64]bool{}
	for range 100 {
		clear(all)
		good := true
		r := explore.Explore(t.Context(), sys, nil, explore.Options[State]{Jobs: 1, Visit: func(_ int, x State) {
			if !s.Terminal(&x) {
				return
			}
			var end [MaxNodes]uint64
			for n, l := range x.nodes[:s.count] {
				end[n] = l.hash
			}
			all[end] = true
		}, Level: func(*explore.Result[State]) bool {
			good = s.Settle() && good
			return true
		}, End: func(x State) bool { return s.Terminal(&x) }, Fault: Fault, Budget: mostCompared})
		if r.Distinct >= mostCompared {
			t.Skipf("%d states", r.Distinct)
		}
		if !r.Exhausted || !s.Exact() {
			t.Fatalf("%+v", r)
		}
		if good {
			return all, r
		}
		s.Again(0)
	}
	t.Fatal("what is left out does not settle")
	return nil, nil
}

// mostCompared bounds the states of what is compared.
const mostCompared = 30_000

// steps is how many of single nodes are known.
func (s *Space) steps() int {
	n := 0
	for _, l := range s.locals { // any order: a sum
		n += len(l.edges)
	}
	return n
}

// used are the steps of single nodes that a search has taken, but for those that do nothing.
func (s *Space) used() map[[3]uint64]bool {
	all := map[[3]uint64]bool{}
	for _, l := range s.locals { // any order: a set
		for in, r := range l.next.all { // any order, too
			if r.used.Load() && !r.nothing(l) {
				all[[3]uint64{l.hash, in.hash()}] = true
			}
			for _, c := range r.cuts {
				if r.usedCuts.Load() {
					all[[3]uint64{l.hash, in.hash(), uint64(c.at)}] = true
				}
			}
		}
	}
	return all
}

// TestPersistent: a search that takes persistent sets comes to the same ends as one that
// takes everything, takes the same steps of nodes, finds a livelock if there is one, and no
// step of a node is unknown behind it.
func TestPersistent(t *testing.T) {
	t.Parallel()
	two := func(b sim.Budget) func() *Space { return func() *Space { return newSpace(t, config(2), 1, b) } }
	cases := map[string]func() *Space{
		"timeouts":            two(sim.Budget{Timeout: sim.Unbounded}),
		"crash":               two(sim.Budget{Crash: 1, Timeout: 1}),
		"crashes":             two(sim.Budget{Crash: 2}),
		"losses":              two(sim.Budget{Drop: 1, Duplicate: 1, Timeout: 2}),
		"three workers":       func() *Space { return newSpace(t, config(3), 1, sim.Budget{Drop: 1, Timeout: 1}) },
		"writers":             func() *Space { return newSpace(t, config(2), 2, sim.Budget{Timeout: 1}) },
		"writers and a crash": func() *Space { return newSpace(t, config(2), 2, sim.Budget{Crash: 1}) },
		"readers":             func() *Space { return rivals(t, nil, sim.Budget{Timeout: 1}) },
	}
	for _, p := range model.Protocols() {
		cases[p.Name()] = func() *Space {
			return rivals(t, func(c *model.Config) { c.Protocol = p }, sim.Budget{Timeout: 0})
		}
	}
	for _, l := range model.Concurrencies() {
		cases[l.Name()] = func() *Space {
			return rivals(t, func(c *model.Config) { c.Concurrency = l }, sim.Budget{Timeout: 0})
		}
	}
	for _, e := range []model.Execution{model.Batched, model.Interactive} {
		cases[e.String()] = func() *Space {
			return rivals(t, func(c *model.Config) { c.Execution = e }, sim.Budget{Timeout: 0})
		}
	}
	for name, space := range cases { // any order: each for itself
		t.Run(name, func(t *testing.T) {
			all, less := comparePersistent(t, space)
			if less.Distinct >= all.Distinct {
				t.Errorf("%d states, with persistent sets %d", all.Distinct, less.Distinct)
			}
			t.Logf("%d states, %d transitions; with persistent sets %d, %d", all.Distinct, all.Transitions, less.Distinct, less.Transitions)
		})
	}
}

func comparePersistent(t *testing.T, space func() *Space) (all, less *explore.Result[State]) {
	t.Helper()
	full := space()
	want, all := ends(t, full, whole{full})
	s := space()
	s.Reduce()
	s.ReduceOrders()
	got, less := ends(t, s, s)
	if !maps.Equal(got, want) {
		t.Errorf("%d ends, of all ways %d", len(got), len(want))
	}
	if got, want := s.used(), full.used(); !maps.Equal(got, want) {
		t.Errorf("%d steps of nodes taken, of all ways %d", len(got), len(want))
	}
	if (all.Livelock.States > 0) != (less.Livelock.States > 0) {
		t.Errorf("livelock %+v, of all ways %+v", less.Livelock, all.Livelock)
	}
	steps := s.steps()
	if again, _ := ends(t, s, whole{s}); !maps.Equal(again, want) || s.steps() != steps {
		t.Errorf("%d ends and %d steps of nodes; then, of all ways without what is ignored, %d and %d", len(got), steps, len(again), s.steps())
	}
	return all, less
}

// TestSuppose: what a node does not survive is no reaction, and leaves no traces.
func TestSuppose(t *testing.T) {
	cfg := config(2)
	cfg.Protocol = brittle{scatter{seed: 1}}
	s, err := New(cfg, nil, sim.Budget{Timeout: sim.Unbounded})
	if err != nil {
		t.Fatal(err)
	}
	l := s.initial.nodes[1]
	for _, in := range l.pending {
		before := s.suppose(l, in)
		if (before == nil) != (in.op == sim.InputTimer) {
			t.Errorf("%v: %v", in, before)
		}
	}
	if first := l.atStart; s.start(1) != l || !l.atStart.equal(first) {
		t.Error("a node starts in another way once one has panicked")
	}
}

// TestPersistentScatter is TestPersistent of protocols that were drawn; of more of them
// with TXSIM_LONG.
func TestPersistentScatter(t *testing.T) {
	t.Parallel()
	budgets := []sim.Budget{{Timeout: 0}, {Timeout: 1}, {Timeout: sim.Unbounded}, {Timeout: 1, Drop: 1}, {Timeout: 0, Crash: 1}, {Timeout: 1, Duplicate: 1}}
	states, fewer, livelocks, last := uint64(0), uint64(0), 0, uint64(100)
	if os.Getenv("TXSIM_LONG") != "" {
		last = 30_000
	}
	seeds := []uint64{5931} // a livelock after a timeout that fires while something is left that will be ignored
	for seed := range last {
		seeds = append(seeds, seed)
	}
	for _, seed := range seeds {
		b := budgets[seed%uint64(len(budgets))]
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			all, less := comparePersistent(t, func() *Space {
				cfg := config(2)
				cfg.Protocol = scatter{seed: seed}
				s, err := New(cfg, nil, b)
				if err != nil {
					t.Fatal(err)
				}
				if seed%3 == 0 {
					s.orders.mostRoamed = 1 + int(seed/3%5)
				}
				return s
			})
			states, fewer = states+all.Distinct, fewer+less.Distinct
			if all.Livelock.States > 0 {
				livelocks++
			}
		})
	}
	if 2*fewer > states || livelocks == 0 {
		t.Errorf("%d states, with persistent sets %d; %d livelocks", states, fewer, livelocks)
	}
}

// TestPersistentLivelock: there is no end once a timer has fired while something else could
// have come, which sets put first.
func TestPersistentLivelock(t *testing.T) {
	all, less := comparePersistent(t, func() *Space {
		cfg := config(3)
		cfg.Protocol = rally{}
		s, err := New(cfg, nil, sim.Budget{Timeout: 1})
		if err != nil {
			t.Fatal(err)
		}
		return s
	})
	if all.Livelock.States == 0 || less.Livelock.States == 0 {
		t.Errorf("%+v, with persistent sets %+v", all.Livelock, less.Livelock)
	}
}

// TestPersistentTwins: two steps that send the same message, or that send within one session,
// do not commute, though the node comes to the same by both.
func TestPersistentTwins(t *testing.T) {
	for _, same := range []bool{true, false} {
		comparePersistent(t, func() *Space {
			cfg := config(2)
			if cfg.Protocol = (twins{same: same}); !same {
				cfg.Placement = model.OnWorkers // with sessions between the coordinator and worker 0
			}
			s, err := New(cfg, nil, sim.Budget{})
			if err != nil {
				t.Fatal(err)
			}
			return s
		})
	}
}

// TestFrugal: where sets save little, few reactions are run for them.
func TestFrugal(t *testing.T) {
	s := newSpace(t, config(2), 6, sim.Budget{})
	s.Reduce()
	s.ReduceOrders()
	r := explore.Explore(t.Context(), s, nil, explore.Options[State]{Budget: 20_000, Level: func(*explore.Result[State]) bool { return s.Settle() }})
	if n := s.Reactions(); r.Distinct < 20_000 || n > 30_000 {
		t.Errorf("%d reactions for %d states", n, r.Distinct)
	}
}

// TestFrugalNotFolded: where workers are folded, what is known depends on the names that
// jobs come by, so that none makes do with it.
func TestFrugalNotFolded(t *testing.T) {
	for _, folded := range []bool{false, true} {
		s := newSpace(t, config(2), 2, sim.Budget{})
		if folded {
			s.Fold()
		}
		s.ran.Store(2 * spared)
		if s.Settle(); s.orders.frugal == folded {
			t.Errorf("folded %v: makes do %v", folded, s.orders.frugal)
		}
	}
}

// TestFault: what a budget is for is a fault, with and without the crash that cuts a step
// short.
func TestFault(t *testing.T) {
	var all State
	all.left[timeoutBudget] = 1
	spent := all
	spent.left[timeoutBudget] = 0
	for _, c := range []struct {
		a    action
		to   State
		want bool
	}{
		{action{what: deliver}, all, false}, {action{what: deliverSession}, all, false}, {action{what: ownEvent}, all, false}, {action{what: ownEvent}, spent, true},
		{action{what: deliver, cut: 1}, all, true}, {action{what: deliverSession, cut: 2}, all, true}, {action{what: ownEvent, cut: 1}, all, true},
		{action{what: deliverTwice}, all, true}, {action{what: lose}, all, true}, {action{what: crash}, all, true},
		{action{what: ownEvent, node: MaxNodes - 1, at: 4095, cut: 300}, all, true},
	} {
		if got := unpack(c.a.pack()); got != c.a {
			t.Errorf("%+v is unpacked as %+v", c.a, got)
		}
		if got := Fault(c.a.pack(), all, c.to); got != c.want {
			t.Errorf("%+v: %v", c.a, got)
		}
	}
}

// TestDoubt: what is not found out for lack of reactions is tried again, but not before the
// next depth; what takes too much is not, and then there is no forecast for other nodes.
func TestDoubt(t *testing.T) {
	s := newSpace(t, config(2), 1, sim.Budget{Timeout: sim.Unbounded})
	l := s.initial.nodes[s.client] // its requests are all that is to come
	s.orders.frugal, s.depth = true, 1
	first := s.outlook(l, nil, 0, true)
	if again := s.outlook(l, nil, 0, true); !first.undecided || again != first {
		t.Errorf("%+v, then %+v", first, again)
	}
	s.orders.frugal, s.depth = false, 2
	if later := s.outlook(l, nil, 0, true); later.undecided || len(later.sent) == 0 {
		t.Errorf("%+v at the next depth", later)
	}
	s = newSpace(t, config(2), 1, sim.Budget{Timeout: sim.Unbounded})
	s.orders.mostRoamed = 1
	x := requested(s)
	var c setFinder
	c.begin(s, &x)
	if turn := c.turn(1); !turn {
		t.Error("no forecast from the beginning")
	}
	c.reset()
	if c.run() || c.vague != 0 || !c.hopeless || c.turn(2) || !c.turn(0) {
		t.Errorf("node %d is vague, of which 0 gets a request", c.vague)
	}
}

// TestInDoubt: there is no set whose conflicts are not all known, and a message that is in
// flight and may be sent once more, by its own node even, is news.
func TestInDoubt(t *testing.T) {
	s := newSpace(t, config(2), 1, sim.Budget{})
	s.Reduce()
	x := requested(s)
	m := x.ordered[0]
	l, in := x.nodes[m.to], input{op: sim.InputMessage, m: m}
	var c setFinder
	c.begin(s, &x)
	c.turn(m.to)
	c.reset()
	if !c.run() {
		t.Fatal("no forecast")
	}
	for _, undecided := range []bool{false, true} {
		l.conflicts.set(premise{s.react(l, in), c.sum[m.to], c.timers}, &conflicts{doubt: doubt{undecided: undecided}})
		if set := c.collect(c.enabled[m.to][0]); set == undecided {
			t.Errorf("conflicts undecided %v: a set %v", undecided, set)
		}
	}
	if !c.sendsOwn([]*message{m}) || c.sendsOwn([]*message{m}) {
		t.Error("that the request may be sent again was expected to be news, once")
	}
}

// requested is the first state in which a message is in flight.
func requested(s *Space) State {
	x := s.initial
	for len(x.ordered) == 0 {
		s.Next(x, func(_ int, next State) { x = next })
	}
	return x
}
