package scenarios_test

import (
	"slices"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
)

// controlled is presumed abort with a concurrency control of its own.
type controlled struct {
	model.TwoPhase
	control model.Concurrency
}

func (c controlled) Concurrency(model.Concurrency) model.Concurrency { return c.control }

// dies promises nothing of ages.
type dies struct{}

func (dies) Name() string                             { return "dies" }
func (dies) Conflict(_, _ model.Age) model.Resolution { return model.Die }

// diesByAge promises what it does not keep.
type diesByAge struct{ dies }

func (diesByAge) ByAge() {}

// TestControlled: a concurrency control of a protocol's own is held against its own
// promise, whatever the scenario's promises.
func TestControlled(t *testing.T) {
	for _, c := range []struct {
		scenario string
		control  model.Concurrency
		breaks   bool
	}{
		{"wait-die", dies{}, false},
		{"no-wait", dies{}, false},
		{"wait-die", diesByAge{}, true},
		{"no-wait", diesByAge{}, true},
	} {
		s := loaded(t, "hot-key", "workload.keys=3", "transactions=100", "concurrency="+c.scenario)
		two := model.Protocols()[0].(model.TwoPhase)
		two.Label = "controlled"
		r := runPlant(t, s, 0, controlled{two, c.control})
		found := slices.ContainsFunc(r.Findings, func(f analysis.Finding) bool { return f.Invariant == analysis.InvAgeOrder })
		if found != c.breaks || !c.breaks && r.Verdict != analysis.Valid {
			t.Errorf("%T under %s: %s %v", c.control, c.scenario, r.Verdict, r.Findings)
		}
		if r.Metrics.Committed() == 0 || r.Metrics.Attempts <= r.Metrics.Submitted {
			t.Errorf("%T under %s: no conflicts in %d attempts of %d", c.control, c.scenario, r.Metrics.Attempts, r.Metrics.Submitted)
		}
	}
}
