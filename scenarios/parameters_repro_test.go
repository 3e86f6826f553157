package scenarios_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/mutant"
)

// TestAnyParametersRepro: what a planted bug shows is shown again by its repro, and by that made
// smaller, whatever the parameters are; and the repro's transactions in a file are the same.
func TestAnyParametersRepro(t *testing.T) {
	t.Parallel()
	protocols := mutant.Protocols()
	shown := 0
	for seed := range uint64(25) {
		s := scenarios.AnyParameters(t, seed)
		s.Transactions.Count, s.Limits.Events = min(s.Transactions.Count, 20), 4000 // a repro takes many runs
		s.Protocol = protocols[seed%uint64(len(protocols))].Name()
		job, err := s.Open(protocols)
		if err != nil {
			continue
		}
		o := scenarios.Options{Seed: seed, Swarm: seed%2 == 0}
		r, err := job.Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if r.Verdict == analysis.Invalid {
			shown++
			repro, err := job.Repro(t.Context(), o, r.Findings[0].Fingerprint())
			if err != nil {
				t.Fatalf("seed %d: %v\n%s", seed, err, s.Brief())
			}
			reproduced(t, repro, seed)
			reproduced(t, inFile(t, repro), seed)
			small, err := scenarios.Shrink(t.Context(), repro, protocols, scenarios.ShrinkOptions{Budget: 5})
			if err != nil {
				t.Fatalf("seed %d: %v\n%s", seed, err, repro.Brief())
			}
			reproduced(t, small.Repro, seed)
		}
		job.Close()
	}
	if shown < 5 {
		t.Errorf("%d of 25 planted bugs showed", shown)
	}
}

// reproduced demands that a repro, read back from its file, shows what it expects.
func reproduced(t *testing.T, repro *scenarios.Scenario, seed uint64) {
	t.Helper()
	text := repro.Brief()
	s, err := scenarios.Parse("repro.yaml", text)
	if err != nil {
		t.Fatalf("seed %d: %v\n%s", seed, err, text)
	}
	if again := s.Brief(); !bytes.Equal(again, text) {
		t.Errorf("seed %d: written again it is\n%s\nnot\n%s", seed, again, text)
	}
	job, err := s.Open(mutant.Protocols())
	if err != nil {
		t.Fatalf("seed %d: %v\n%s", seed, err, text)
	}
	defer job.Close()
	if r, err := job.Reproduce(t.Context(), scenarios.Options{}); err != nil || r.Expected == nil || !r.SameTrace {
		t.Errorf("seed %d: %v, not reproduced\n%s", seed, err, text)
	}
}

// inFile returns a repro with its transactions in a file.
func inFile(t *testing.T, repro *scenarios.Scenario) *scenarios.Scenario {
	s := repro.Clone()
	name := filepath.Join(t.TempDir(), "transactions.txt")
	if err := os.WriteFile(name, []byte(strings.Join(s.Transactions.Inline, "\n")), 0o666); err != nil {
		t.Fatal(err)
	}
	s.Transactions = scenarios.Transactions{File: name}
	return s
}
