package scenarios

import (
	"math"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// ScheduleHelp says what schedules there are.
const ScheduleHelp = `  latency          the earliest event is next, as time has it
  random           a random walk: of the events that are enabled, any, each as likely
                   as the others
  pct:D            probabilistic concurrency testing of depth D: chains of events have
                   random priorities, the highest goes first, and at D-1 random steps
                   the chain that would go next falls below all that have not
                   fallen. A bug that shows once D events come in a certain order
                   is found by one run of k steps in c chains with a chance of at
                   least 1/(c k^(D-1)); k is taken to be 150 for each transaction,
                   and what shows only later in a run is outside of the promise
  delay-bounded:D  the earliest event is next, but at D random steps (of the same k) it
                   falls behind all that are enabled
  exhaustive       any event at any time, timers too; exhaustive:BUDGET also has faults,
                   as in exhaustive:crash=1,drop=1,duplicate=1,timeout=any: so many
                   crashes, messages lost and messages that come twice, and timers that
                   fire though something else could come first (any, unless it says
                   otherwise). One run takes one way, and gives it up as unknown after
                   5000 events; txsim explore, and txsim hunt with this schedule, visit
                   all. There is no time, loss, CPU or fault plan

For the others, enabled is what would come next if something else were late: the events
due within the longer of timeouts.prepare and timeouts.decision from the earliest one,
of the 1024 that come first. An event can be late by that much, so that a message loses
its race against a timeout, and is never early. The timers and syncs of one node keep
their order, and once a core is done nothing else comes first. How long things take is
then not judged, only that all comes to rest.`

// wayEvents bounds the events of a run with an exhaustive schedule. If any timer may fire
// at any time, clients and coordinators that ask again can send messages faster than they
// arrive, and a random way may never end.
const wayEvents = 5000

// stepsPerTransaction is an estimate of the scheduler's steps for one transaction; the
// contended transactions of TestScheduleSteps need fewer.
const stepsPerTransaction = 150

// schedule returns Schedule, completed from the rest of the scenario and the number of its
// transactions.
func (s *Scenario) schedule(transactions int) sim.Schedule {
	c := s.Schedule
	if c.Strategy == sim.ByLatency || c.Strategy == sim.Exhaustive {
		return c
	}
	for _, d := range []time.Duration{s.Timeouts.Prepare, s.Timeouts.Decision} {
		if d != sim.Forever {
			c.Window = max(c.Window, d)
		}
	}
	if c.Window == 0 {
		c.Window = s.StuckAfter() / 200
	}
	c.Steps = int(min(uint64(transactions)*stepsPerTransaction, s.Limits.Events, math.MaxInt32-1))
	return c
}

// Using sets the protocol that the scenario runs with, one of the caller's own that need
// not be passed to Open, and returns the scenario. Open refuses a protocol with the name of
// another one, such as a built-in or a mutant, since a repro would be replayed with that.
func (s *Scenario) Using(p model.Protocol) *Scenario {
	s.Protocol = p.Name()
	s.using = append(s.using, p)
	return s
}
