package scenarios_test

import (
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// bounded is two-phase commit whose workers take other bounds than theirs.
type bounded struct {
	model.TwoPhase
	room model.Resources
}

func (b bounded) Worker(s *model.Site) sim.Node[model.Message] {
	inner, cfg := *s, *s.Config
	cfg.Resources = b.room
	inner.Config = &cfg
	return b.TwoPhase.Worker(&inner)
}

// TestBounded: a worker stores no more keys than it may, whatever crashes and deletions
// there are, and stages no more bytes, and one that does is accused. So is one that says it is full before it is.
func TestBounded(t *testing.T) {
	for i := range model.Protocols() {
		two := model.Protocols()[i].(model.TwoPhase)
		two.Label = "bounded"
		for _, control := range []string{"wait-die", "wound-wait", "no-wait"} {
			for _, c := range []struct {
				room  string
				other model.Resources
				want  string
			}{
				{"resources.keys=4", model.Resources{}, analysis.InvKeyBound + "/keys"},
				{"resources.keys=4", model.Resources{Keys: 3}, analysis.InvAbortCause + "/full"},
				{"resources.staging=20B", model.Resources{}, analysis.InvKeyBound + "/staging"},
				{"resources.staging=20B", model.Resources{Staging: 10}, analysis.InvAbortCause + "/full"},
			} {
				s := loaded(t, "crashes", "workload.keys=8", c.room, "workload.deletes=30%", "transactions=200", "disk.checkpoint=2000B", "concurrency="+control)
				what := model.Protocols()[i].Name() + ", " + control + ", " + c.room
				r := runPlant(t, s, 1, two)
				if r.Verdict != analysis.Valid || r.Metrics.Refused[model.Full] == 0 || r.Metrics.Committed() == 0 {
					t.Errorf("%s: %s, %d committed, %d refused: %v", what, r.Verdict, r.Metrics.Committed(), r.Metrics.Refused[model.Full], r.Findings)
				}
				r = runPlant(t, s, 1, bounded{two, c.other})
				if len(r.Findings) == 0 || r.Findings[0].Fingerprint() != c.want {
					t.Errorf("%s, taken for %+v: %s, %v", what, c.other, r.Verdict, r.Findings)
				}
				for _, f := range r.Findings {
					checkFinding(t, f)
				}
			}
		}
	}
}
