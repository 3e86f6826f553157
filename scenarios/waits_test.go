package scenarios_test

import (
	"slices"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// patient is two-phase commit whose workers let everyone wait, whatever the control.
type patient struct{ model.TwoPhase }

func (p patient) Worker(s *model.Site) sim.Node[model.Message] {
	inner, cfg := *s, *s.Config
	cfg.Concurrency = waits{}
	inner.Config = &cfg
	return p.TwoPhase.Worker(&inner)
}

type waits struct{}

func (waits) Name() string                             { return "waits" }
func (waits) Conflict(_, _ model.Age) model.Resolution { return model.Wait }

// TestWaits: under wait-die none waits for an older one, along queues and past upgrades
// too. Under wound-wait the younger wait, and the older until they have wounded.
func TestWaits(t *testing.T) {
	found := func(r *analysis.Finding) bool { return r.Fingerprint() == analysis.InvAgeOrder+"/waits" }
	for _, c := range []struct {
		control string
		wrong   bool
	}{{"wait-die", true}, {"wound-wait", false}, {"no-wait", false}} {
		for _, execution := range []string{"one-shot", "batched", "interactive"} {
			s := loaded(t, "bank", "workload.keys=3", "transactions=150", "concurrency="+c.control, "execution="+execution)
			two := model.Protocols()[0].(model.TwoPhase)
			two.Label = "patient"
			if r := runPlant(t, s, 1, two); r.Verdict != analysis.Valid {
				t.Errorf("%s, %s: %s, %v", c.control, execution, r.Verdict, r.Findings)
			}
			r := runPlant(t, s, 1, patient{two})
			i := slices.IndexFunc(r.Findings, func(f analysis.Finding) bool { return found(&f) })
			if (i >= 0) != c.wrong {
				t.Errorf("%s, %s: everyone waits: %s, %v", c.control, execution, r.Verdict, r.Findings)
			}
			if i >= 0 {
				checkFinding(t, r.Findings[i])
			}
		}
	}
}
