package scenarios

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// scenarioOf returns the default scenario with some parameters set.
func scenarioOf(t testing.TB, set ...string) *Scenario {
	t.Helper()
	s := Default()
	if err := s.Apply(set...); err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestRunsLeaveNothing: what the checkers of earlier runs have seen, in clusters
// of other sizes, with faults and with violations, does not show in a run.
func TestRunsLeaveNothing(t *testing.T) {
	ctx := context.Background()
	var runs []func() *Result
	for _, set := range [][]string{
		{"transactions=200", "workers=5", "workload.workers=3", "workload.keys=20", `faults=["lose-sync workers 1%", "crash workers rate 5/s for 20ms"]`},
		{"transactions=60", "workers=3", "coordinators=1", "workload.keys=10", "protocol=presumed-commit"},
		{"transactions=300", "workers=12", "coordinators=3", `faults=["crash coordinators 2% on commit for 30ms", "drop 2% vote", "pause w1 at 5ms for 80ms"]`},
		{"transactions=100", "workers=5", "workload.keys=20", `faults=["corrupt workers 1%", "crash workers rate 3/s for 5ms"]`},
	} {
		job := openJob(t, scenarioOf(t, set...))
		for seed := range uint64(4) {
			runs = append(runs, func() *Result {
				r, err := job.Run(ctx, Options{Seed: seed})
				if err != nil {
					t.Fatal(err)
				}
				return r
			})
		}
	}
	text := func(r *Result) string {
		return fmt.Sprint(r.Verdict, r.Violations, r.Findings, r.InDoubt, r.Ledger, r.Levels, r.Excused, r.Table())
	}
	var want []string
	violations := 0
	for _, run := range runs {
		idleCheckers, idleMemories = sync.Pool{}, sync.Pool{}
		r := run()
		want = append(want, text(r))
		violations += r.Violations
	}
	if violations == 0 {
		t.Error("no violation is left behind in any run")
	}
	used := checkersInUse(t)
	memory := &model.Memory{}
	defer func() { idleCheckers, idleMemories = sync.Pool{}, sync.Pool{} }()
	for i := range runs {
		k := i * 7 % len(runs) // in another order
		idleCheckers, idleMemories = sync.Pool{New: func() any { return used }}, sync.Pool{New: func() any { return memory }}
		if got := text(runs[k]()); got != want[k] {
			t.Errorf("run %d with what others have left:\n%s\nalone:\n%s", k, got, want[k])
		}
	}
}

// TestRecordingStays: a history that is kept stays as it is while others run in the
// memory of its run.
func TestRecordingStays(t *testing.T) {
	job := openJob(t, scenarioOf(t, "transactions=100", "workload.keys=20"))
	defer func() { idleMemories = sync.Pool{} }()
	run := func(memory *model.Memory, o Options) *Result {
		idleMemories = sync.Pool{New: func() any { return memory }}
		r, err := job.Run(context.Background(), o)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	text := func(r *Result) string {
		var b strings.Builder
		for i := range r.History.Events {
			e := &r.History.Events[i]
			fmt.Fprintln(&b, e.Kind, e.Attempt, e.Reads)
			if e.Txn != nil {
				fmt.Fprintln(&b, e.Txn.ID, e.Txn.Ops)
			}
		}
		return b.String()
	}
	want := text(run(&model.Memory{}, Options{Seed: 2, Record: true}))
	memory := &model.Memory{}
	run(memory, Options{Seed: 1})
	recorded := run(memory, Options{Seed: 2, Record: true})
	for seed := range uint64(3) {
		if run(memory, Options{Seed: seed}); text(recorded) != want {
			t.Fatalf("seed %d has written to it", seed)
		}
	}
}

// keeper is a tracer that keeps what it has seen.
type keeper struct{ txns []*model.Transaction }

func (k *keeper) Trace(r *sim.Record[model.Message]) {
	if r.Message != nil && r.Message.Txn != nil {
		k.txns = append(k.txns, r.Message.Txn)
	}
}

func (k *keeper) text() string {
	var b strings.Builder
	for _, t := range k.txns {
		fmt.Fprintln(&b, t.ID, t.Ops)
	}
	return b.String()
}

// TestTracedStays: so do the transactions that a tracer has seen.
func TestTracedStays(t *testing.T) {
	job := openJob(t, scenarioOf(t, "transactions=100", "workload.keys=20"))
	k := &keeper{}
	var want string
	for seed := range uint64(4) {
		o := Options{Seed: seed}
		if seed == 0 {
			o.Tracer = k
		}
		if _, err := job.Run(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		if seed == 0 {
			want = k.text()
		}
	}
	if !strings.Contains(want, "t7 ") || k.text() != want {
		t.Error("later runs have written to what a tracer has kept")
	}
}

// checkersInUse returns checkers that a run has left.
func checkersInUse(t *testing.T) *checkers {
	r := &run{format: &model.Formatter{}}
	s := scenarioOf(t)
	cfg := model.Config{Workers: s.Workers, Coordinators: s.Coordinators, Protocol: model.Protocols()[0]}
	r.takeCheckers(&cfg)
	return &checkers{r.history, r.protocol}
}
