package analysis

import (
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// bare promises nothing.
type bare struct{ model.Protocol }

func (bare) Promises() model.Promises { return model.Promises{} }

// TestInvariantsNotChecked: what is not checked depends on what the protocol and its control
// promise, and on what is bounded.
func TestInvariantsNotChecked(t *testing.T) {
	two, noWait, woundWait := model.Protocols()[1], model.Concurrencies()[2], model.Concurrencies()[1]
	for _, c := range []struct {
		cfg  model.Config
		want string
	}{
		{model.Config{Protocol: two, Concurrency: woundWait, Resources: model.Resources{Keys: 1}}, ""},
		{model.Config{Protocol: two, Concurrency: woundWait, Resources: model.Resources{Staging: 1}}, ""},
		{model.Config{Protocol: two, Concurrency: noWait}, "age-order (no-wait promises none), key-bound (no bound)"},
		{model.Config{Protocol: two, Concurrency: woundWait, Schedule: sim.Schedule{Strategy: sim.Exhaustive}}, "bounded-resolution (the schedule says when), key-bound (no bound)"},
		{model.Config{Protocol: bare{two}, Concurrency: noWait, Resources: model.Resources{Staging: 1}},
			"write-ahead (the protocol has no rules), log-grammar (the protocol has none), age-order (no-wait promises none), key-bound (no bound)"},
	} {
		var got []string
		for _, n := range InvariantsNotChecked(&c.cfg) {
			got = append(got, n.Name+" ("+n.Why+")")
		}
		if got := strings.Join(got, ", "); got != c.want {
			t.Errorf("%s under %s: %q, want %q", c.cfg.Protocol.Name(), c.cfg.Concurrency.Name(), got, c.want)
		}
	}
}
