package mutant

import (
	"os"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
)

// TestExploreFinds: what is wrong in one transaction is found by visiting the ways of a
// small case, with as few steps as there can be. The counts are the memory of it.
func TestExploreFinds(t *testing.T) {
	for _, c := range []struct {
		mutant string
		steps  int
		by     string
	}{
		{"early-vote", 2, "write-ahead"},       // the request, a prepare
		{"early-collecting", 1, "write-ahead"}, // the request
		{"early-answer", 4, "write-ahead"},     // the request, a prepare, a sync, a vote
		{"early-commit", 7, "write-ahead"},     // and the same of the other worker
		{"early-ack", 9, "write-ahead"},        // and the coordinator's sync, a commit
		{"abort-alone", 9, "one-decision"},     // likewise
		{"impatient", 9, "one-decision"},       // the ninth is a timeout
		{"timeout-as-yes", 4, "no-impossible-message"},
		{"one-phase-for-two", 4, "no-impossible-message"},
		{"late-registration", 9, "progress"},
		{"rolled-back", 10, "one-decision"},
		{"renamed", 9, "unique-ids"},
	} {
		m, ok := Find(c.mutant)
		if !ok {
			t.Fatal(c.mutant)
		}
		x, err := Explore(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		if len(x.Way) != c.steps || x.By != c.by {
			t.Errorf("%s: %d steps show %q, expected %d, %q:\n%q", c.mutant, len(x.Way), x.By, c.steps, c.by, x.Way)
		}
	}
}

// TestExploreClearsTheSound: in none of the small cases is a sound protocol accused,
// whatever the concurrency control.
func TestExploreClearsTheSound(t *testing.T) {
	for _, c := range smallCases[:3+len(os.Getenv("TXSIM_LONG"))] {
		for _, p := range model.Protocols() {
			m := Mutant{Name: p.Name(), Protocol: p}
			old := smallCases
			smallCases = []small{c}
			x, err := Explore(t.Context(), m)
			smallCases = old
			if err != nil || x.Case != "" {
				t.Errorf("%s, %s: %v %q %q", p.Name(), c.name, err, x.By, x.Way)
			}
		}
	}
}

// TestExploreReproduces: the repro of a shortest way shows the finding again, as any
// other does, without the exploration.
func TestExploreReproduces(t *testing.T) {
	m, _ := Find("early-ack")
	s := m.Scenario()
	s.Faults = nil
	s.Transactions = scenarios.Transactions{Inline: []string{"t1: w0 write x = 1; w1 write y = 1"}}
	if err := s.Set("schedule", "exhaustive"); err != nil {
		t.Fatal(err)
	}
	x, err := scenarios.Explore(t.Context(), s, []model.Protocol{m.Protocol}, scenarios.ExploreOptions{})
	if err != nil || x.Repro == nil {
		t.Fatal(err, x)
	}
	again, err := scenarios.Parse("r.yaml", scenarios.ReproFile(x.Repro, "r.yaml", "", ""))
	if err != nil {
		t.Fatal(err)
	}
	job, err := again.Open([]model.Protocol{m.Protocol}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer job.Close()
	r, err := job.Reproduce(t.Context(), scenarios.Options{})
	if err != nil || r.Expected == nil || !r.SameTrace {
		t.Errorf("%v: %+v", err, r)
	}
}
