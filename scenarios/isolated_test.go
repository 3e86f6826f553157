package scenarios_test

import (
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/mutant"
)

// lax is a protocol that loses updates, and promises a level of isolation.
type lax struct {
	model.Protocol
	level string
}

func (lax) Name() string { return "lax" }
func (p lax) Promises() model.Promises {
	return model.Promises{WriteAhead: p.Protocol.Promises().WriteAhead, Isolation: p.level}
}

// TestIsolated: a protocol is held to what it promises, unless the scenario names a level.
func TestIsolated(t *testing.T) {
	for _, c := range []struct{ promised, set, held, err string }{
		{promised: "read-committed", held: "read-committed"},
		{promised: "cursor-stability", held: "cursor-stability"},
		{promised: "read-committed", set: "strict-serializable", held: "strict-serializable"},
		{promised: "strict-serializable", set: "read-atomic", held: "read-atomic"},
		{promised: "none", err: "protocol = lax: promises the isolation none: must be strict-serializable, "},
		{promised: "none", set: "read-atomic", held: "read-atomic"},
	} {
		s := loaded(t, "bank")
		s.Using(lax{staleCache(t), c.promised})
		if c.set != "" {
			s.Isolation = c.set
		}
		job, err := s.Open(nil)
		if c.err != "" {
			if err == nil || !strings.HasPrefix(err.Error(), c.err) {
				t.Errorf("%+v: error %v", c, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		r, err := job.Run(t.Context(), scenarios.Options{Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		want := analysis.Valid
		if c.held == "cursor-stability" || c.held == "strict-serializable" {
			want = analysis.Invalid
		}
		if r.Isolation != c.held || r.Verdict != want {
			t.Errorf("%+v: held to %s, %v: %v", c, r.Isolation, r.Verdict, r.Findings)
		}
		if err := job.Close(); err != nil {
			t.Error(err)
		}
	}
}

func staleCache(t *testing.T) model.Protocol {
	for _, m := range mutant.All() {
		if m.Name == "stale-cache" {
			return m.Protocol
		}
	}
	t.Fatal("there is no mutant stale-cache")
	return nil
}
