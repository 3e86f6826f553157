package scenarios_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model/plain"
	"github.com/seed83d86191/txsim/scenarios"
)

func plainly() *scenarios.Scenario { return scenarios.Small().Using(plain.Protocol{}) }

// FuzzPlain is Fuzz on a protocol that is made from scratch.
func FuzzPlain(f *testing.F) { scenarios.Fuzz(f, plainly()) }

func TestPlainRapid(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		scenarios.Verify(r, scenarios.Rapid(plainly(), func(label string, n int) int { return rapid.IntRange(0, n-1).Draw(r, label) }))
	})
}

// TestPlain: the protocol made from scratch survives what the built-in ones do, in all
// orders of events, and it is put to the test: nodes crash in doubt, and transactions
// commit all the same.
func TestPlain(t *testing.T) {
	for _, schedule := range []string{"latency", "random", "pct:3", "delay-bounded:3"} {
		s := plainly()
		if err := s.Set("schedule", schedule); err != nil {
			t.Fatal(err)
		}
		j, err := s.Open(nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer j.Close()
		committed, inDoubt, restarts := uint64(0), uint64(0), uint64(0)
		for seed := range uint64(100) {
			r, err := j.Run(t.Context(), scenarios.Options{Seed: seed, Swarm: true})
			if err != nil {
				t.Fatal(err)
			}
			if r.Verdict != analysis.Valid {
				t.Errorf("%s, seed %d: %s %v", schedule, seed, r.Verdict, r.Findings)
			}
			committed += r.Metrics.Committed()
			inDoubt += r.InDoubt.Parts
			restarts += r.Stats.Restarts
		}
		if committed < 300 || inDoubt < 600 || restarts < 200 {
			t.Errorf("%s: %d of 1200 transactions committed, %d votes, %d restarts", schedule, committed, inDoubt, restarts)
		}
	}
}
