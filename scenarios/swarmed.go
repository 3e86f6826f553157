package scenarios

import (
	"github.com/seed83d86191/txsim/scenarios/fault"
	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/sim"
)

// Swarmed returns the scenario that a swarm runs with a seed. The faults that SwarmPlan draws
// are appended to its own. For one seed in three each, and independently,
//
//   - transactions that are generated are crowded on few keys, 1 to 8 on each worker: what
//     goes wrong between transactions shows only where they meet;
//   - checkpoints are frequent, each 200 to 3200 bytes of log: what one leaves out shows
//     only if it is taken at a bad moment.
//
// Neither parameter becomes larger than it is. Faults end, by default, with the last
// submission even if they have a time: they are drawn for a run of about that length, and
// what strikes behind it finds nothing to do. The scenario must be valid.
func (s *Scenario) Swarmed(seed uint64) *Scenario {
	c := s.Clone()
	c.onlySubmitted()
	c.Faults = append(c.Faults, SwarmPlan(s, seed).Lines()...)
	if r := sim.NewRand(seed, "swarm/contention"); r.IntN(3) == 0 && s.Transactions.Count > 0 {
		c.Workload.Keys = min(s.Workload.Keys, 1+r.IntN(8))
		c.totals.records, c.totals.keys = 0, true // they are not divided again
	}
	if r := sim.NewRand(seed, "swarm/checkpoint"); r.IntN(3) == 0 {
		least := 200 << r.IntN(4) // small ones are as likely as large ones
		c.Disk.Checkpoint = min(s.Disk.Checkpoint, quantity.Bytes(least+r.IntN(least+1)))
	}
	return c
}

// onlySubmitted has faults end with the last submission, unless the scenario says when.
func (s *Scenario) onlySubmitted() {
	if s.Until == 0 {
		s.Until = UntilSubmitted
	}
}

// of returns the job that a run with these options is of: with Swarm that of what Swarmed
// returns, unless the schedule is exhaustive and has faults of its own. It reads the file of
// this job, and need not be closed.
func (j *Job) of(o Options) *Job {
	if !o.Swarm || j.s.Schedule.Strategy == sim.Exhaustive {
		return j
	}
	c := *j
	c.s = j.s.Swarmed(o.Seed)
	c.plan, _ = fault.ParsePlan(c.s.Faults) // no error: the scenario is valid
	return &c
}
