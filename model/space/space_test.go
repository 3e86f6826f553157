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
	searches            int
}

func visit(t *testing.T, s *Space, sys explore.System[State], jobs int) *seen {
	t.Helper()
	v := &seen{}
	var mu sync.Mutex
	for good := false; !good; v.searches++ {
		v.classes, v.histories, v.terminal = map[uint64]bool{}, map[uint64]bool{}, map[uint64]bool{}
		limit := uint64(0) // to learn some more, once a search is no good
		v.Result = explore.Explore(t.Context(), sys, s.Invariants(), explore.Options[State]{Jobs: jobs, Visit: func(_ int, x State) {
			mu.Lock()
			defer mu.Unlock()
			v.classes[s.Fingerprint(x)] = true
			v.histories[s.History(&x)] = true
			if s.Terminal(&x) {
				v.terminal[s.History(&x)] = true
			}
		}, Level: func(r *explore.Result[State]) bool {
			if !s.Settle() && limit == 0 {
				limit = 2 * r.Distinct
			}
			return limit == 0 || r.Distinct < limit
		}})
		if good = limit == 0; !good {
			s.Again(0)
		}
	}
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
		{2, 2, sim.Budget{Timeout: 1}},
		{2, 1, sim.Budget{Drop: 1, Duplicate: 1, Timeout: 2}},
	} {
		f := newSpace(t, config(c.workers), c.txns, c.b)
		full := visit(t, f, f, 0)
		s := newSpace(t, config(c.workers), c.txns, c.b)
		s.Reduce()
		less := visit(t, s, s, 0)
		t.Logf("%+v: %d states, reduced %d in %d searches, of %d histories", c, full.Distinct, less.Distinct, less.searches, len(full.histories))
		if less.Distinct > full.Distinct || !maps.Equal(less.histories, full.histories) || !maps.Equal(less.terminal, full.terminal) {
			t.Errorf("%+v: %d histories, %d at the end; of the full search %d, %d", c,
				len(less.histories), len(less.terminal), len(full.histories), len(full.terminal))
		}
	}
}

// TestReduceWithFold: both together meet the histories that either does.
func TestReduceWithFold(t *testing.T) {
	for _, c := range []struct {
		workers, txns int
		b             sim.Budget
	}{
		{2, 1, sim.Budget{Crash: 1, Timeout: 1}},
		{3, 1, sim.Budget{Drop: 1, Timeout: 1}},
		{2, 2, sim.Budget{Timeout: 1}},
		{2, 2, sim.Budget{Crash: 1, Timeout: 0}},
	} {
		f := newSpace(t, config(c.workers), c.txns, c.b)
		f.Fold()
		folded := visit(t, f, f, 0)
		s := newSpace(t, config(c.workers), c.txns, c.b)
		s.Fold()
		s.Reduce()
		less := visit(t, s, s, 0)
		t.Logf("%+v: folded %d states, reduced too %d in %d searches", c, folded.Distinct, less.Distinct, less.searches)
		if f.WhyNotFolded() != "" || s.WhyNotFolded() != "" || less.Distinct >= folded.Distinct || !maps.Equal(less.histories, folded.histories) || !maps.Equal(less.terminal, folded.terminal) {
			t.Errorf("%+v: %d states, %d histories, %d at the end, %s; folded only %d, %d, %d, %s", c, less.Distinct, len(less.histories), len(less.terminal), s.WhyNotFolded(),
				folded.Distinct, len(folded.histories), len(folded.terminal), f.WhyNotFolded())
		}
	}
}

// TestLeftOut: a message that a node ignores only for a while is left out at first, and
// no longer once the step has been seen behind which it is heeded.
func TestLeftOut(t *testing.T) {
	s := newSpace(t, config(2), 1, sim.Budget{})
	s.Reduce()
	own := func(l *local) *local { return s.react(l, l.pending[0]).to }
	prepare := s.react(s.initial.nodes[0], input{op: sim.InputMessage, m: s.initial.ordered[0]}).free[0]
	g := ignorable{prepare, true}
	// A worker ignores another prepare until its log is synced; then it votes again.
	preparing := s.react(s.initial.nodes[prepare.to], input{op: sim.InputMessage, m: prepare}).to
	if s.ignores(s.initial.nodes[prepare.to], g) || !s.ignores(preparing, g) || !s.Settle() {
		t.Fatal("a worker that prepares was expected to ignore a prepare")
	}
	for at := preparing; s.noReaction(at, prepare); at = own(at) {
		s.saw(edge{from: at, to: own(at)})
	}
	if s.Settle() {
		t.Error("a message was left out that the worker heeds later, and that went unnoticed")
	}
	s.Again(0)
	if s.ignores(preparing, g) {
		t.Error("what has been learned is forgotten")
	}
}

// TestLeftOutCrash: what is left out while a crash is left must be ignored behind one that is
// seen later, too; what is left out when none is left need not.
func TestLeftOutCrash(t *testing.T) {
	for _, spent := range []bool{false, true} {
		s := newSpace(t, config(2), 1, sim.Budget{Crash: 1})
		s.Reduce()
		prepare := s.react(s.initial.nodes[0], input{op: sim.InputMessage, m: s.initial.ordered[0]}).free[0]
		preparing := s.react(s.initial.nodes[prepare.to], input{op: sim.InputMessage, m: prepare}).to
		if !s.ignores(preparing, ignorable{prepare, spent}) || !s.Settle() {
			t.Fatal("a worker that prepares was expected to ignore a prepare")
		}
		down := s.react(preparing, input{op: sim.InputCrash}).to
		s.saw(edge{down, s.react(down, down.pending[0]).to, false})
		s.saw(edge{preparing, down, true})
		if s.Settle() != spent {
			t.Errorf("no crash left %v: a worker that has crashed was taken otherwise", spent)
		}
		s.Again(0)
		if s.ignores(preparing, ignorable{prepare, spent}) != spent {
			t.Errorf("no crash left %v: what has been learned does not count", spent)
		}
	}
}

// TestJobsDoNotMatter: the counts are the same for any number of jobs.
func TestJobsDoNotMatter(t *testing.T) {
	b := sim.Budget{Crash: 1, Drop: 1, Timeout: 1}
	first, second := newSpace(t, config(2), 1, b), newSpace(t, config(2), 1, b)
	for _, s := range []*Space{first, second} {
		s.Fold()
		s.Reduce()
		s.ReduceOrders()
	}
	same(t, first, second)
	first, second = rivals(t, nil, sim.Budget{Timeout: 1}), rivals(t, nil, sim.Budget{Timeout: 1})
	for _, s := range []*Space{first, second} {
		s.Reduce()
		s.ReduceOrders()
	}
	same(t, first, second)
}

// same has a space visited by one job, and one like it by several.
func same(t *testing.T, first, second *Space) {
	t.Helper()
	one, two := visit(t, first, first, 1), visit(t, second, second, 4)
	if one.searches != two.searches || one.Distinct != two.Distinct || one.Transitions != two.Transitions || one.Depth != two.Depth || first.Reactions() != second.Reactions() {
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

// TestSyncAskedFor: whether a further sync will follow the one that runs is of the state.
func TestSyncAskedFor(t *testing.T) {
	cfg := config(1)
	cfg.Protocol = syncing{}
	s, err := New(cfg, nil, sim.Budget{})
	if err != nil {
		t.Fatal(err)
	}
	get := func(l *local, kind sim.Kind) *local {
		return s.react(l, input{op: sim.InputMessage, m: &message{hash: uint64(kind), from: 0, to: 1, mail: sim.Mail{Kind: kind}}}).to
	}
	running := get(s.initial.nodes[1], model.KindUser)
	if asked, not := get(running, model.KindUser), get(running, model.KindUser+1); asked == not {
		t.Error("a record that a sync was asked for is taken for one that it was not")
	}
}

// TestNewRefuses: what does not fit into a state is refused.
func TestNewRefuses(t *testing.T) {
	for _, c := range []struct{ workers, txns, attempts int }{{MaxNodes - 2, 31, 1}, {1, 1, 31}, {MaxNodes - 1, 1, 1}, {1, 32, 1}, {1, 4, 8}} {
		cfg := config(c.workers)
		cfg.Retry.Attempts = c.attempts
		var all []*model.Transaction
		for i := range c.txns {
			all = append(all, writes(uint64(i+1), 1))
		}
		if _, err := New(cfg, all, sim.Budget{}); (err != nil) != (c.workers == MaxNodes-1 || c.txns*c.attempts > 31) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
