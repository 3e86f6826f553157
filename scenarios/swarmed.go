package scenarios

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/fault"
	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/scenarios/workload"
	"github.com/seed83d86191/txsim/sim"
)

// Swarmed returns the scenario that a swarm runs with a seed. The faults that are drawn
// are appended to its own. Each of these is drawn independently of the others:
//
//   - For one seed in three, transactions that are generated are crowded on few keys, 1 to 8
//     on each worker: what goes wrong between transactions shows only where they meet.
//   - For one in three, checkpoints are frequent, each 200 to 3200 bytes of log: what one
//     leaves out shows only if it is taken at a bad moment.
//   - For one in four, transactions have another shape, as far as the kind of workload draws
//     it: 1 to 8 operations on 1 to 4 workers, other shares of reads and deletes, and for
//     some only one worker, whatever others have.
//   - For one in six, coordinators wait for votes and results without end, or nobody has a
//     timeout at all: a deadlock, or a wound that is not sent again, is else resolved by a
//     timeout, and then only slow. Nothing is lost then that would not be sent again, and
//     nobody crashes, so that progress can still be promised; if the scenario's own faults
//     or network may lose something, timeouts stay. Those seeds are crowded, and every other
//     one has another shape.
//   - For one in eight, something is scarce that the scenario does not bound: 16 to 1023 bytes
//     of resources.staging, 1 to 31 resources.keys, or 1 to 16 KiB of disk.capacity. What
//     refusals for want of room leave behind shows only where they are met. Perhaps nothing
//     can commit then, and each transaction is tried as often as it may be; so none is drawn
//     where that is more than 32 times.
//   - For one in eight, clients ask again sooner, after 1/64 to 1/2 of timeouts.answer: what
//     becomes of a question shows only if it comes while its attempt is under way or soon
//     after a crash. It stays never where it is.
//   - For one in eight, placement is another: on a machine that they share with workers,
//     coordinators compete with them, and away from their clients they hear requests late.
//
// Neither workload.keys nor disk.checkpoint becomes larger than it is. Faults end, by
// default, with the last submission even if they have a time: they are drawn for a run of
// about that length, and what strikes after it finds nothing to do. Where there are no more
// transactions than clients, which submit all of them at once, they end when the longest that is
// drawn is over. They end after a quarter of limits.time at the latest: those that strike again
// and again may leave next to no progress, and what does not end has no verdict. The scenario
// must be valid; a file of transactions is taken for 100
// of them, for it has not been read: [Job.Swarmed] knows better.
func (s *Scenario) Swarmed(seed uint64) *Scenario {
	c, _ := s.swarmed(seed, s.expected())
	return c
}

// Swarmed returns the job of what a swarm runs with a seed, as Scenario.Swarmed draws it. It
// reads j's file, and need not be closed.
func (j *Job) Swarmed(seed uint64) *Job {
	s, drawn := j.s.swarmed(seed, submissions{j.Transactions(), j.file != nil && j.file.Scheduled()})
	c := *j
	c.s, c.plan = s, slices.Concat(j.plan, drawn)
	return &c
}

// swarmed returns the scenario and, of its faults, those that were drawn.
func (s *Scenario) swarmed(seed uint64, given submissions) (*Scenario, fault.Plan) {
	c, drawn := s.Clone(), swarmPlan(s, seed, given)
	c.Faults = append(c.Faults, drawn.Lines()...)
	if s.Until == 0 && s.Arrivals.Kind == "none" && !given.timed && given.n <= s.Clients {
		c.Until = rounded(s.swarmSpan(given) + s.swarmLong())
	}
	c.onlySubmitted()
	c.Limits.Faults = min(s.Limits.Faults, s.Limits.Time/4)
	generated := s.Transactions.Count > 0
	timeouts := s.swarmTimeouts(seed)
	timeouts.set(&c.Timeouts)
	if r := sim.NewRand(seed, "swarm/contention"); (r.IntN(3) == 0 || timeouts.kind != asGiven) && generated {
		c.Workload.Keys = min(s.Workload.Keys, 1+r.IntN(8))
		c.totals.records = 0 // they are not divided again
	}
	if r := sim.NewRand(seed, "swarm/checkpoint"); r.IntN(3) == 0 {
		least := 200 << r.IntN(4) // small ones are as likely as large ones
		c.Disk.Checkpoint = min(s.Disk.Checkpoint, quantity.Bytes(least+r.IntN(least+1)))
	}
	if r := sim.NewRand(seed, "swarm/scarcity"); r.IntN(8) == 0 && s.Retry.Attempts <= 32 {
		c.makeScarce(r)
	}
	if r := sim.NewRand(seed, "swarm/answer"); r.IntN(8) == 0 && c.Timeouts.Answer != sim.Forever {
		c.Timeouts.Answer = shortened(c.Timeouts.Answer, r)
	}
	if r := sim.NewRand(seed, "swarm/placement"); r.IntN(8) == 0 {
		all := len(model.PlacementNames)
		c.Placement = model.Placement((int(s.Placement) + 1 + r.IntN(all-1)) % all)
	}
	odds := 4
	if timeouts.kind != asGiven {
		odds = 2
	}
	if r := sim.NewRand(seed, "swarm/shape"); r.IntN(odds) == 0 && generated {
		reshape(&c.Workload, r)
		c.totals.operations = 0
	}
	return c, drawn
}

// shortened draws 1/64 to 1/2 of a duration; small ones are as likely as large ones.
func shortened(d time.Duration, r *rand.Rand) time.Duration {
	least := max(d>>(2+r.IntN(5)), 1)
	return rounded(least + time.Duration(r.Int64N(int64(least))))
}

// makeScarce draws a bound of one thing, if it has none.
func (s *Scenario) makeScarce(r *rand.Rand) {
	size := func(least, doublings int) int { // small ones are as likely as large ones
		least <<= r.IntN(doublings)
		return least + r.IntN(least)
	}
	switch kind := r.IntN(3); {
	case kind == 0 && s.Resources.Staging == 0:
		s.Resources.Staging = quantity.Bytes(size(16, 6))
	case kind == 1 && s.Resources.Keys == 0:
		s.Resources.Keys = size(1, 5)
	case kind == 2 && s.Disk.Capacity == 0:
		s.Disk.Capacity = quantity.Bytes(size(1<<10, 4))
	}
}

// onlySubmitted has faults end with the last submission, unless the scenario says when.
func (s *Scenario) onlySubmitted() {
	if s.Until == 0 {
		s.Until = UntilSubmitted
	}
}

// reshape draws another shape of transactions, if the kind of workload has no shape of its
// own.
func reshape(w *workload.Parameters, r *rand.Rand) {
	if !w.Deals() {
		return
	}
	workers := 1 + r.IntN(4)
	w.Operations = 1 + r.IntN(8)
	single := sim.ProbabilityOf(float64(r.IntN(3)) / 4)
	if w.Workers != workload.Any {
		w.Workers, w.Single = min(workers, w.Operations), single
	}
	left := 1 - quantity.Fraction(w.Updates) - quantity.Fraction(w.Inserts) - quantity.Fraction(w.Scans)
	reads := max(left, 0) * float64(r.IntN(10)) / 10
	w.Reads, w.Deletes = sim.ProbabilityOf(reads), 0
	if w.Kind != "bank" && r.IntN(2) == 0 {
		w.Deletes = sim.ProbabilityOf((max(left, 0) - reads) * float64(r.IntN(6)) / 10)
	}
}

// of returns the job to run: with o.Swarm what Swarmed returns for o.Seed, otherwise j. An
// exhaustive schedule has faults of its own, and no swarm variant.
func (j *Job) of(o Options) *Job {
	if !o.Swarm || j.s.Schedule.Strategy == sim.Exhaustive {
		return j
	}
	return j.Swarmed(o.Seed)
}
