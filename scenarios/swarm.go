package scenarios

import (
	"context"
	"slices"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// swarmLines are what a swarm chooses from, by class.
var swarmLines = [][]string{
	{"crash workers 2% on prepare for exp(50ms)", "crash workers 2% on commit for exp(50ms)", "crash workers 10% on prepare for exp(20ms)"},
	{"crash coordinators 2% on prepare for exp(50ms)", "crash coordinators 2% on commit for exp(50ms)"},
	{"pause workers 1% on prepare for exp(50ms)", "pause coordinators 1% on commit for exp(50ms)"},
	{"drop 1% prepare", "drop 2% vote", "drop 2% commit", "drop 10% commit"},
	{"duplicate 2% prepare", "duplicate 2% commit", "duplicate 2% vote"},
	{"delay 2% prepare by exp(50ms)", "delay 2% vote by exp(20ms)", "delay 2% commit by exp(50ms)"},
}

// SwarmPlan draws from the seed which classes of faults are on, and how heavily.
func SwarmPlan(_ *Scenario, seed uint64) Plan {
	r := sim.NewRand(seed, "fault/swarm")
	var lines []string
	for _, class := range swarmLines {
		if r.IntN(2) == 0 {
			continue
		}
		for _, line := range class {
			if r.IntN(2) == 0 {
				lines = append(lines, line)
			}
		}
	}
	p, _ := ParsePlan(lines) // they are right: a test parses all
	return p
}

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
