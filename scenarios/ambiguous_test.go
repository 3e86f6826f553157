package scenarios_test

import (
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
)

// impostor has the name of a built-in protocol and does nothing like it.
type impostor struct{ model.Protocol }

// TestAmbiguousProtocols: no protocol is run in the place of another of its name.
func TestAmbiguousProtocols(t *testing.T) {
	builtIn := model.Protocols()
	other := impostor{builtIn[0]}
	const want = "protocol = presumed-abort: a scenarios_test.impostor and a model.TwoPhase have this name"
	for name, open := range map[string]func() (*scenarios.Job, error){
		"Using":        func() (*scenarios.Job, error) { return scenarios.Small().Using(other).Open(nil) },
		"Using, given": func() (*scenarios.Job, error) { return scenarios.Small().Using(other).Open(builtIn) },
		"alone":        func() (*scenarios.Job, error) { return scenarios.Small().Open([]model.Protocol{other}) },
	} {
		if _, err := open(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	const reserved = "protocol = mutant:early-vote: a model.TwoPhase has this name: must not begin with mutant:"
	if _, err := scenarios.Small().Using(model.TwoPhase{Label: "mutant:early-vote"}).Open(nil); err == nil || !strings.HasPrefix(err.Error(), reserved) {
		t.Errorf("in the place of a planted bug: %v", err)
	}
	if _, err := scenarios.Small().Open([]model.Protocol{nil}); err == nil || !strings.HasPrefix(err.Error(), `protocol = "": `) {
		t.Errorf("without a protocol: %v", err)
	}
	for _, protocols := range [][]model.Protocol{nil, builtIn, append(builtIn, builtIn...)} { // one and the same
		j, err := scenarios.Small().Using(builtIn[0]).Open(protocols)
		if err != nil {
			t.Error(err)
			continue
		}
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}
}
