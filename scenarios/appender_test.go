package scenarios_test

import (
	"errors"
	"regexp"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/sim"
)

// forgetful is a protocol whose workers say that they are always in the same state, but
// for what their logs hold and for their timers.
type forgetful struct{ model.TwoPhase }

func (forgetful) Name() string { return "forgetful" }

func (f forgetful) Worker(s *model.Site) sim.Node[model.Message] {
	return forgetfulWorker{f.TwoPhase.Worker(s)}
}

type forgetfulWorker struct{ sim.Node[model.Message] }

func (w forgetfulWorker) Unwrap() sim.Node[model.Message] { return w.Node }

func (forgetfulWorker) AppendState(b []byte) []byte { return b }

// TestExploreForgetful: an exploration that takes states for one that are not comes to
// ways that no run can take. It says so in words, and what may be the cause.
func TestExploreForgetful(t *testing.T) {
	s := loaded(t, "rivals", "execution=interactive")
	s.Protocol = "forgetful"
	s.Schedule.Budget = sim.Budget{Drop: 1, Timeout: 1}
	_, err := scenarios.Explore(t.Context(), s, []model.Protocol{forgetful{model.Protocols()[0].(model.TwoPhase)}}, scenarios.ExploreOptions{})
	step := regexp.MustCompile(`: step \d+, \w+ (gets "[a-z ]+" of t[12] from \w+|times out), is not enabled\. .*AppendState`)
	if !errors.Is(err, scenarios.ErrUnstable) || !step.MatchString(err.Error()) {
		t.Errorf("%v", err)
	}
}
