package analysis

import (
	"slices"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// NotChecked is an invariant that a run is not checked for, and why.
type NotChecked struct{ Name, Why string }

// InvariantsNotChecked returns the invariants of a ProtocolChecker and of Stock of which a run
// of this configuration is checked for nothing, in the order of Invariants: what they hold a
// run to, its protocol or its control has to promise, or its resources to bound.
func InvariantsNotChecked(cfg *model.Config) (out []NotChecked) {
	p := cfg.Protocol.Promises()
	_, byAge := cfg.Control().(model.ByAge)
	ruled := slices.ContainsFunc(p.WriteAhead, func(f model.Force) bool { return !f.OneShot || cfg.Execution == model.OneShot })
	strategy := cfg.Schedule.Strategy
	for _, inv := range [...]struct {
		NotChecked
		checked bool
	}{
		{NotChecked{InvWriteAhead, "the protocol has no rules"}, ruled || p.Accountable},
		{NotChecked{InvLogGrammar, "the protocol has none"}, p.Grammar != nil || p.Accountable},
		{NotChecked{InvAgeOrder, cfg.Control().Name() + " promises none"}, byAge},
		{NotChecked{InvBounded, "the schedule says when"}, strategy == sim.ByLatency || p.Accountable && strategy != sim.Exhaustive},
		{NotChecked{InvKeyBound, "no bound"}, cfg.Resources.Keys > 0 || cfg.Resources.Staging > 0 && p.Accountable},
	} {
		if !inv.checked {
			out = append(out, inv.NotChecked)
		}
	}
	return out
}
