package analysis

import (
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// bounds are the times within which things must be resolved while there are no faults. They
// follow from the timeouts: whoever waits asks again, or is sent again what it waits for,
// after eight timeouts at the latest. Twice that is allowed, plus time for what takes long
// though nothing is wrong: delays, syncs, processors, and the locks of those ahead. A node
// that is dead for good counts as a fault only for those who need it.
type bounds struct {
	doubt  time.Duration // of a worker in doubt, and of a coordinator's log
	phase  time.Duration // of a round of requests
	answer time.Duration // of a client, without the phases
	round  time.Duration // the slowest message and the slowest sync
	each   time.Duration // added for every transaction that may be ahead in a queue
}

// limitless is a time that is not judged.
const limitless = time.Hour

// most is the draw of the largest sample.
const most = 1<<64 - 1

// longest returns the longest delay of a message, including those between zones.
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
		// Each of many events may be late by the schedule, one after the other: how long
		// that takes is not judged.
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

// rounds bounds the rounds of messages and syncs that may have to follow each other.
const rounds = 32

// The names of what can be late.
const (
	lateDoubt  = model.StateInDoubt
	lateAnswer = "no answer"
	lateLog    = "log not closed"
)

// AwaitCalm lets the checker judge how long things take only after the end of faults: some
// of them leave no trace.
func (c *ProtocolChecker) AwaitCalm() { c.rough = true }

// waited takes note of how long a message that is handled now waited for its processor: a
// node that is asked more often than it can answer answers late.
func (c *ProtocolChecker) waited(r *sim.Record[model.Message]) {
	c.slowest = max(c.slowest, r.At.Sub(max(r.Arrived, c.faults.last)))
}

// checkTime checks that something which has just been resolved, and was open since a time,
// took no longer than it may. The time counts from the last fault, and not while messages may
// wait behind one that a fault made late.
func (c *ProtocolChecker) checkTime(t *txnTrace, r *sim.Record[model.Message], what string, since sim.Time, bound time.Duration) {
	took := r.At.Sub(max(since, c.faults.last, min(c.faults.held, r.At)))
	if took <= bound || c.rough || c.faults.active > 0 {
		return // the common case, at little cost
	}
	bound += rounds*max(c.bounds.round, c.slowest) + time.Duration(c.most)*c.bounds.each
	if took <= bound || bound >= limitless || c.needsDead(t, what) {
		return
	}
	c.foundShape(InvBounded, what, r, "%s: %s for %s, where nothing was wrong; %s is enough", c.name(r.Label), what, took, bound)
}

// needsDead reports whether a transaction may need a node that is dead for good. A worker in
// doubt needs only the coordinator, which aborts rather than wait for a vote for ever. Protocols
// that are not accountable may give every node a role in every transaction.
func (c *ProtocolChecker) needsDead(t *txnTrace, what string) bool {
	switch {
	case c.faults.dead == 0:
		return false
	case c.faults.nodes[t.serves].dead || !c.causes.accountable:
		return true
	case what == lateDoubt:
		return false
	}
	for i := range t.txn.Parts {
		if c.faults.nodes[c.worker(&t.txn.Parts[i])].dead {
			return true
		}
	}
	// In one phase it waits as long as those ahead of it, which may need a dead node.
	return len(t.txn.Parts) == 1
}

// acks takes note of an ack.
func (c *ProtocolChecker) acks(t *txnTrace, r *sim.Record[model.Message]) {
	if d, _ := c.debtOf(t, r.Label, r.Node, r.Message.Part); d != nil {
		d.acked = true
	}
}

// reaches takes note of a decision that reaches its worker, which until then may have given the
// attempt up, and owes no ack of that.
func (c *ProtocolChecker) reaches(t *txnTrace, r *sim.Record[model.Message]) {
	if t == nil || r.Message == nil {
		return
	}
	if d, _ := c.debtOf(t, r.Label, r.Node, r.Message.Part); d != nil && d.heard < 0 {
		d.heard = r.At
	}
}

// tells checks, when a coordinator tells a worker its decision, that it has not kept it back for
// about a timeout; and when it tells it again, that the worker has not kept back its ack. A run
// may hide either for long: the next repetition, or enquiry, makes up for it.
func (c *ProtocolChecker) tells(t *txnTrace, r *sim.Record[model.Message]) {
	if !c.causes.accountable || !c.coordinates(r.Node) {
		return
	}
	d, asked := c.debtOf(t, r.Label, r.Peer, r.Message.Part)
	if d == nil {
		return
	}
	again := d.decided
	d.decided = true
	if again && !c.calls[r.Node].answers(r) {
		c.checkMissed(t, r, asked)
	}
	switch {
	case !c.causes.prompt:
	case !again:
		if d := t.stated(r.Label); d != nil && c.keptBack(r, d.at, asked) {
			c.foundShape(InvBounded, "decision kept back", r, "%s tells %s the decision on %s %s after it was made, where nothing was wrong",
				c.format.Node(r.Node), c.format.Node(r.Peer), c.name(r.Label), r.At.Sub(d.at))
		}
	case d.acked || d.heard < 0:
	default:
		last := c.lastRecord(t, r.Peer, r.Label)
		if a := t.act(r.Peer, r.Label); a != nil && (last == nil || c.nodes[r.Peer].isDurable(last)) && c.keptBack(r, max(a.at, d.heard), asked) {
			c.foundShape(InvBounded, "ack kept back", r, "%s repeats the decision on %s to %s, which carried it out %s ago and has not acknowledged it, where nothing was wrong",
				c.format.Node(r.Node), c.name(r.Label), c.format.Node(r.Peer), r.At.Sub(a.at))
		}
	}
}

// keptBack reports whether something that had to be said at once, at a time, was not for long,
// by the measure of silent. asked is when the client asked for the attempt.
func (c *ProtocolChecker) keptBack(r *sim.Record[model.Message], since, asked sim.Time) bool {
	return r.At.Sub(since) > max(c.causes.decision/2, 16*c.causes.share*c.slowest) && c.quietSince(asked)
}

// stated returns the first statement of a decision on an attempt, nil if there is none.
func (t *txnTrace) stated(label sim.Label) *tracedDecision {
	for i := range t.decisions {
		if t.decisions[i].label == label {
			return &t.decisions[i]
		}
	}
	return nil
}

// checkAnswerTime checks how long a client waited for its answer.
func (c *ProtocolChecker) checkAnswerTime(t *txnTrace, r *sim.Record[model.Message]) {
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
	c.checkTime(t, r, lateAnswer, t.asked, bound)
}
