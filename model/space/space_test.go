package space

import (
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
	"github.com/seed83d86191/txsim/sim/explore"
)

func config(workers int) model.Config {
	return model.Config{Workers: workers, Coordinators: 1, Protocol: model.Protocols()[0], Concurrency: model.Concurrencies()[0],
		Clients: 1, Retry: model.Retry{Attempts: 1}, Checkpoint: 1 << 30,
		Timeouts: model.Timeouts{Prepare: 50 * time.Millisecond, Decision: 50 * time.Millisecond, Idle: 50 * time.Millisecond, Answer: 100 * time.Millisecond}}
}

// writes is a transaction that writes a key on each worker, one of its own.
func writes(index uint64, workers int) *model.Transaction {
	t := &model.Transaction{Index: index, At: model.Unscheduled}
	for w := range workers {
		t.Ops = append(t.Ops, model.Op{Kind: model.Write, Worker: w, Key: string('x' + rune(w)), Value: string('0' + rune(index))})
	}
	var c model.Compiler
	c.Compile(t)
	return t
}

func newSpace(t *testing.T, cfg model.Config, txns int, b sim.Budget) *Space {
	t.Helper()
	var all []*model.Transaction
	for i := range txns {
		all = append(all, writes(uint64(i+1), cfg.Workers))
	}
	s, err := New(cfg, all, b)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// seen is what an exploration comes across.
type seen struct {
	*explore.Result[State]
	histories, terminal map[uint64]bool
	classes             map[uint64]bool // the space's own fingerprints
}

func visit(t *testing.T, s *Space, sys explore.System[State], jobs int) *seen {
	t.Helper()
	v := &seen{histories: map[uint64]bool{}, terminal: map[uint64]bool{}, classes: map[uint64]bool{}}
	var mu sync.Mutex
	v.Result = explore.Explore(t.Context(), sys, s.Invariants(), explore.Options[State]{Jobs: jobs, Visit: func(_ int, x State) {
		mu.Lock()
		defer mu.Unlock()
		v.classes[s.Fingerprint(x)] = true
		v.histories[s.History(&x)] = true
		if s.Terminal(&x) {
			v.terminal[s.History(&x)] = true
		}
	}})
	if v.Violation != nil || !v.Exhausted || !s.Exact() {
		t.Fatalf("%+v", v.Result)
	}
	return v
}

// TestReduceKeepsHistories: with what is dead left out, every history that the full
// search meets is met, and every one that it ends with, and no other.
func TestReduceKeepsHistories(t *testing.T) {
	for _, c := range []struct {
		workers, txns int
		b             sim.Budget
	}{
		{2, 1, sim.Budget{Timeout: sim.Unbounded}},
		{2, 1, sim.Budget{Crash: 1, Timeout: 1}},
		{2, 1, sim.Budget{Drop: 1, Duplicate: 1, Timeout: 2}},
	} {
		f := newSpace(t, config(c.workers), c.txns, c.b)
		full := visit(t, f, f, 0)
		s := newSpace(t, config(c.workers), c.txns, c.b)
		if err := s.Reduce(t.Context()); err != nil {
			t.Fatal(err)
		}
		less := visit(t, s, s, 0)
		t.Logf("%+v: %d states, reduced %d, of %d histories", c, full.Distinct, less.Distinct, len(full.histories))
		if less.Distinct > full.Distinct || !maps.Equal(less.histories, full.histories) || !maps.Equal(less.terminal, full.terminal) {
			t.Errorf("%+v: %d histories, %d at the end; of the full search %d, %d", c,
				len(less.histories), len(less.terminal), len(full.histories), len(full.terminal))
		}
	}
}

// TestJobsDoNotMatter: the counts are the same for any number of jobs.
func TestJobsDoNotMatter(t *testing.T) {
	b := sim.Budget{Crash: 1, Timeout: 1}
	s := newSpace(t, config(2), 1, b)
	one, two := visit(t, s, s, 1), visit(t, newSpace(t, config(2), 1, b), s, 4)
	if one.Distinct != two.Distinct || one.Transitions != two.Transitions || one.Depth != two.Depth {
		t.Errorf("%d %d %d, with four jobs %d %d %d", one.Distinct, one.Transitions, one.Depth, two.Distinct, two.Transitions, two.Depth)
	}
}

// BenchmarkStates visits the states of three workers.
func BenchmarkStates(b *testing.B) {
	states := 0.0
	for range b.N {
		var all []*model.Transaction
		all = append(all, writes(1, 3))
		s, err := New(config(3), all, sim.Budget{Crash: 1, Timeout: 1})
		if err != nil {
			b.Fatal(err)
		}
		states += float64(explore.Explore(b.Context(), s, s.Invariants(), explore.Options[State]{Jobs: 1}).Distinct)
	}
	b.ReportMetric(states/b.Elapsed().Seconds(), "states/s")
}
