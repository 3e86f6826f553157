package scenarios_test

import (
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/sim"
)

// boundless is two-phase commit whose workers overlook the bounds of their resources.
type boundless struct{ model.TwoPhase }

func (b boundless) Worker(s *model.Site) sim.Node[model.Message] {
	inner, cfg := *s, *s.Config
	cfg.Resources = model.Resources{}
	inner.Config = &cfg
	return b.TwoPhase.Worker(&inner)
}

// TestBoundless: a worker stores no more keys than it may, whatever crashes and deletions
// there are, and one that does is accused.
func TestBoundless(t *testing.T) {
	for i := range model.Protocols() {
		two := model.Protocols()[i].(model.TwoPhase)
		two.Label = "bounded"
		for _, control := range []string{"wait-die", "wound-wait", "no-wait"} {
			s, err := scenarios.Load("crashes")
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Apply("workload.keys=8", "resources.keys=4", "workload.deletes=30%", "transactions=200", "disk.checkpoint=2000B", "concurrency="+control); err != nil {
				t.Fatal(err)
			}
			r := runPlant(t, s, 1, two)
			if r.Verdict != analysis.Valid || r.Metrics.Refused[model.Full] == 0 || r.Metrics.Committed() == 0 {
				t.Errorf("%s, %s: %s, %d committed, %d refused: %v", model.Protocols()[i].Name(), control, r.Verdict, r.Metrics.Committed(), r.Metrics.Refused[model.Full], r.Findings)
			}
			r = runPlant(t, s, 1, boundless{two})
			if len(r.Findings) == 0 || r.Findings[0].Fingerprint() != analysis.InvKeyBound+"/keys" {
				t.Errorf("%s, %s: boundless: %s, %v", model.Protocols()[i].Name(), control, r.Verdict, r.Findings)
			}
			for _, f := range r.Findings {
				checkFinding(t, f)
			}
		}
	}
}
