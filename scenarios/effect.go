package scenarios

import (
	"context"
	"slices"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Effective reports whether a run goes another way without the lines of a class:
// whether its trace, but for the faults' own records, is another one.
func (j *Job) Effective(ctx context.Context, o Options, class string) (bool, error) {
	plan := j.plan
	if o.Swarm {
		plan = append(plan[:len(plan):len(plan)], SwarmPlan(j.s, o.Seed)...)
	}
	rest := slices.DeleteFunc(slices.Clone(plan), func(f Fault) bool { return f.Class() == class })
	var sums [2]traceSum
	for i, p := range []Plan{plan, rest} {
		k := *j
		k.plan = p
		if _, err := k.Run(ctx, Options{Seed: o.Seed, Unchecked: true, Tracer: &sums[i]}); err != nil {
			return false, err
		}
	}
	return sums[0] != sums[1], nil
}

// traceSum is a hash of the records that are not a fault's own.
type traceSum struct{ h uint64 }

// Trace implements sim.Tracer.
func (t *traceSum) Trace(r *sim.Record[model.Message]) {
	switch r.Op {
	case sim.TraceLost, sim.TraceCrash, sim.TraceDead, sim.TracePause, sim.TraceResume, sim.TraceCut, sim.TraceHeal, sim.TraceTorn:
		return
	}
	t.h = sim.Hash(t.h, uint64(r.At), uint64(r.Op), uint64(r.Node), uint64(r.Peer), uint64(r.Label), r.Arg)
}
