package mutant

import (
	"slices"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/fault"
)

// TestRareScripted: what is scripted shows with the first seed, and the sound protocol is
// cleared of it, whatever the presumption, control and execution.
func TestRareScripted(t *testing.T) {
	for _, m := range rare {
		m, _ = Find(m.Name)
		s := m.Scenario()
		if len(s.Transactions.Inline) == 0 {
			continue
		}
		verdict := func(s *scenarios.Scenario, p ...model.Protocol) *scenarios.Result {
			job, err := s.Open(p)
			if err != nil {
				t.Fatal(m.Name, err)
			}
			defer job.Close()
			r, err := job.Run(t.Context(), scenarios.Options{Seed: 1})
			if err != nil {
				t.Fatal(m.Name, err)
			}
			return r
		}
		if r := verdict(s, m.Protocol); m.Shown(r) == nil {
			t.Errorf("%s: not shown, but %v", m.Name, r.Findings)
		}
		for _, p := range model.Protocols() {
			for _, control := range model.Concurrencies() {
				for _, execution := range model.ExecutionNames {
					s := m.Scenario()
					s.Protocol, s.Concurrency = p.Name(), control.Name()
					if err := s.Set("execution", execution); err != nil {
						t.Fatal(err)
					}
					if r := verdict(s, p); r.Verdict != analysis.Valid {
						t.Errorf("%s: %s, %s, %s: %v", m.Name, p.Name(), control.Name(), execution, r.Findings)
					}
				}
			}
		}
	}
}

// TestGivenUpBeforePrepare: an attempt is given up as idle, remembered by a checkpoint,
// asked to prepare, and refused; the abort record of the refusal makes sense behind that
// checkpoint.
func TestGivenUpBeforePrepare(t *testing.T) {
	s := scenarios.Default()
	if err := s.Apply("workers=2", "protocol=presumed-commit", "execution=batched", "network.delay=1ms", "disk={sync: 1ms, checkpoint: 10B}",
		"timeouts={prepare: 500ms, decision: 200ms, answer: 500ms, idle: 20ms}", "retry.attempts=1", "until=1s",
		`transactions={inline: ["t1 @0s: w0 write x = 1; w1 write z = 1", "t2 @25ms: w0 write q = 2; w1 write y = 2"]}`,
		`faults=["delay execute C0→w1 of t1#1 by 50ms", "crash w0 after send vote #2 for 5ms"]`); err != nil {
		t.Fatal(err)
	}
	job, err := s.Open(model.Protocols())
	if err != nil {
		t.Fatal(err)
	}
	r, err := job.Run(t.Context(), scenarios.Options{Seed: 1})
	if err != nil || r.Verdict != analysis.Valid || slices.ContainsFunc(r.Struck, func(f fault.Strikes) bool { return f.Times == 0 }) {
		t.Errorf("%v, %+v, %+v", err, r.Struck, r.Findings)
	}
}
