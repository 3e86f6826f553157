package coverage_test

import (
	"context"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/coverage"
)

// reached are the transitions of a run of the small scenario with some parameters set.
func reached(t *testing.T, seed uint64, set ...string) map[int]bool {
	t.Helper()
	s := scenarios.Small()
	for i := 0; i < len(set); i += 2 {
		if err := s.Set(set[i], set[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	job, err := s.Open(model.Protocols())
	if err != nil {
		t.Fatal(err)
	}
	defer job.Close()
	c := coverage.New(s.Coordinators)
	if _, err := job.Run(context.Background(), scenarios.Options{Seed: seed, Tracer: c}); err != nil {
		t.Fatal(err)
	}
	c.Touch()
	all, last := map[int]bool{}, -1
	c.Each(func(i int) {
		if i <= last || i >= coverage.Space {
			t.Fatalf("transition %d behind %d", i, last)
		}
		all[i], last = true, i
	})
	return all
}

// TestCoverage: a run has the same transitions every time, one with a crash has others,
// and one without conflicts has none of two attempts.
func TestCoverage(t *testing.T) {
	calm, again := reached(t, 1), reached(t, 1)
	crashed := reached(t, 1, "faults", `["crash w0 after append prepare #1 for 20ms"]`)
	alone := reached(t, 1, "transactions", "1")
	same, more, pairs := len(calm) == len(again), 0, 0
	for i := range calm {
		same = same && again[i]
	}
	for i := range crashed {
		if !calm[i] {
			more++
		}
	}
	for i := range alone {
		if i >= coverage.Pairs {
			pairs++
		}
	}
	if !same || len(calm) == 0 || more == 0 || pairs > 0 || len(alone) == 0 {
		t.Errorf("same: %v; %d transitions, %d more with a crash; %d of one transaction, %d of pairs", same, len(calm), more, len(alone), pairs)
	}
}
