package analysis

import (
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// bounds say within what time something has to be resolved while nothing
// befalls anyone. They follow from the timeouts: whoever waits asks again, or is
// sent again what he waits for, at the latest after eight of them; twice that is
// allowed, and room for what takes time though nothing is wrong: delays, syncs,
// processors, and the locks of those ahead. A node that is dead for good befalls
// those who need it, and nobody else.
type bounds struct {
	doubt  time.Duration // of a worker in doubt, and of a coordinator's log
	phase  time.Duration // of a round of requests
	answer time.Duration // of a client, but for the phases
	round  time.Duration // a message and a sync at their slowest
	each   time.Duration // of every transaction that may be in the queue ahead
}

// limitless is a time that is not judged.
const limitless = time.Hour

// most is the draw that no sample exceeds.
const most = 1<<64 - 1

// longest is the longest delay of a message, between the zones if there are some.
func longest(cfg *model.Config) time.Duration {
	if cfg.Distances == nil {
		return cfg.Network.Delay.Sample(most)
	}
	far := time.Duration(0)
	for _, row := range cfg.Distances {
		for i := range row {
			far = max(far, row[i].Sample(most))
		}
	}
	return far
}

func newBounds(cfg *model.Config) bounds {
	t := &cfg.Timeouts
	sum := func(ds ...time.Duration) time.Duration {
		total := time.Duration(0)
		for _, d := range ds {
			total += min(d, limitless)
		}
		return total
	}
	if cfg.Schedule.Strategy != sim.ByLatency {
		// Each of many events may be late, one behind the other: that all comes to
		// rest is judged, but not when.
		return bounds{round: limitless}
	}
	patience := func(d time.Duration) time.Duration { return 8 * min(d, limitless) }
	return bounds{
		doubt:  2 * sum(t.Prepare, patience(t.Decision)),
		phase:  2 * sum(t.Prepare),
		answer: 2 * sum(patience(t.Prepare), patience(t.Decision), patience(t.Answer)),
		round:  sum(longest(cfg), cfg.Disk.Sync.Sample(most)),
		each:   16 * sum(cfg.CPU.Message, 4*cfg.CPU.Operation),
	}
}

// rounds is how many rounds of messages and syncs may have to follow each other.
const rounds = 32

// What can be late.
const (
	lateDoubt  = model.StateInDoubt
	lateAnswer = "no answer"
	lateLog    = "log not closed"
)

// AwaitCalm has the checker judge how long things take only once the records say that
// there will be no more faults: some of them leave no trace.
func (c *ProtocolChecker) AwaitCalm() { c.rough = true }

// waited takes note of how long a message that is handled now was on its processor,
// most of that in its queue: who is asked more often than he can answer answers late.
func (c *ProtocolChecker) waited(r *sim.Record[model.Message]) {
	c.slowest = max(c.slowest, r.At.Sub(max(r.Arrived, c.faults.last)))
}

// late checks that something which has just been resolved, and was open since
// a time, took no longer than it may. Faults start the clock anew.
func (c *ProtocolChecker) late(t *txnTrace, r *sim.Record[model.Message], what string, since sim.Time, bound time.Duration) {
	took := r.At.Sub(max(since, c.faults.last))
	if took <= bound || c.rough || c.faults.active > 0 {
		return // the common case, at little cost
	}
	bound += rounds*max(c.bounds.round, c.slowest) + time.Duration(c.most)*c.bounds.each
	if took <= bound || bound >= limitless || c.needsDead(t, what) {
		return
	}
	c.foundShape(InvBounded, what, r, "%s: %s for %s, where nothing was wrong; %s is enough", c.name(r.Label), what, took, bound)
}

// needsDead reports whether a transaction needs a node that is down for good. Who is
// in doubt needs the coordinator only, which aborts rather than wait for a vote.
func (c *ProtocolChecker) needsDead(t *txnTrace, what string) bool {
	switch {
	case c.faults.dead == 0:
		return false
	case c.faults.nodes[t.serves].dead:
		return true
	case what == lateDoubt:
		return false
	}
	for i := range t.txn.Parts {
		if c.faults.nodes[c.coordinators+t.txn.Parts[i].Worker].dead {
			return true
		}
	}
	// In one phase it waits for as long as those ahead, who may need a dead node.
	return len(t.txn.Parts) == 1
}

// answered checks how long a client had to wait for an answer.
func (c *ProtocolChecker) answered(t *txnTrace, r *sim.Record[model.Message]) {
	phases := 1
	switch c.execution {
	case model.Batched:
		phases = 2
	case model.Interactive:
		phases = len(t.txn.Ops) + 1
	}
	bound := c.bounds.answer + time.Duration(phases)*(c.bounds.phase+rounds*c.bounds.round)
	if len(t.txn.Parts) == 1 {
		bound += time.Duration(c.most) * c.bounds.round
	}
	c.late(t, r, lateAnswer, t.asked, bound)
}
