package model

import (
	"context"
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// End says how a run ended.
type End struct {
	Status sim.Status
	// Stuck: something was still open though faults had ended and nothing had been resolved
	// for Config.Stuck, or longer if nodes are slow. If a coordinator is dead for good, that may
	// be unavoidable.
	Stuck bool
	Err   error // of the source of transactions
}

// Run runs until everything is at rest, nothing moves any more, or a limit is hit. Once
// nothing moves, clients that wait for a node that is dead for good are told that the
// outcome is unknown; those of a closed loop then go on.
func (c *Cluster) Run(ctx context.Context) End {
	q := quiet{step: c.cfg.Stuck/8 + 1, resolved: c.tally.Resolved}
	for {
		q.horizon = q.horizon.Add(q.step)
		if c.cfg.Stuck <= 0 {
			q.horizon = sim.Never
		}
		status := c.runUntil(ctx, q.horizon)
		switch {
		case status == sim.Quiet && c.held:
			c.endFaults(false)
		case status == sim.Quiet && c.giveUp() > 0:
		case status != sim.Paused:
			return End{Status: status, Err: c.clients.err}
		case c.held && c.resolved(): // though a fault strikes again and again
			c.endFaults(true)
		case c.tally.Resolved != q.resolved:
			q.resolved, q.since, q.waits, q.returns = c.tally.Resolved, q.horizon, 0, 0
		case q.horizon.Sub(c.progress(&q)) > c.rest():
			if c.over(&q) {
				open, excused := c.Residue()
				unresolved := c.tally.Open+len(open)+len(excused) > 0 // otherwise only late messages or timers are left
				c.giveUp()
				return End{Status: sim.Quiet, Stuck: unresolved, Err: c.clients.err}
			}
		case c.held:
			c.endFaults(true)
		}
	}
}

// runUntil is World.RunUntil. On the way, faults end if they have to by then.
func (c *Cluster) runUntil(ctx context.Context, t sim.Time) sim.Status {
	if by := sim.Time(c.cfg.FaultsBy); by > 0 && by <= t && !c.World.Calm() && !c.exhaustive() {
		if status := c.World.RunUntil(ctx, by); status != sim.Paused {
			return status
		}
		c.held = false
		c.World.EndFaultsAt(by)
	}
	return c.World.RunUntil(ctx, t)
}

// quiet is for how long nothing has been resolved. Run looks at it once in a period, an
// eighth of Config.Stuck.
type quiet struct {
	step     time.Duration // the length of a period
	horizon  sim.Time      // the end of the present one
	resolved uint64        // Tally.Resolved at the last progress
	since    sim.Time      // the last progress, or from when on over waits anew
	waits    int           // how often over has waited since then for what was to end soon
	awaited  sim.Time      // when the last node that is down comes back, as over has last found
	returns  int           // how often it has found another time
}

// mostWaits bounds quiet.waits and quiet.returns: what is under way, or strikes nodes, may be
// a mere repetition, which comes again and again. Otherwise at most so many messages follow
// each other until something is resolved: request, execute, executed, prepare, vote and
// decision.
const mostWaits = 6

// progress returns from when on something could have been resolved: nothing was open
// before, faults were on, or a client had yet to find that it has nothing left to submit.
func (c *Cluster) progress(q *quiet) sim.Time {
	return max(q.since, c.tally.Opened, c.tally.Dry, c.World.Calmed())
}

// over deals with it that nothing has been resolved for as long as rest says. It reports
// whether nothing is left that could change that.
func (c *Cluster) over(q *quiet) bool {
	q.since = q.horizon
	last := c.World.LastEnd() // some messages are sent only once, as those of clients
	switch {
	case last.Sub(q.horizon) > q.step || last > q.horizon && q.waits < mostWaits:
		c.skip(q, last)
		q.since = last
		q.waits++
	case c.held:
		c.endFaults(false)
	case c.tally.Drained && c.World.Calm():
		return true
	case c.giveUp() > 0:
	case c.tally.Open == 0 || c.recovers(q):
		c.skip(q, c.World.Next())
	case c.World.Calm():
		return true
	case c.moreToCome():
		c.skip(q, c.World.Next())
	default:
		c.World.EndFaultsAt(c.World.Now()) // faults without an end have stopped everything
	}
	return false
}

// recovers reports whether a fault is going to begin or to end that may let the run go on.
// Of faults that strike again and again, which may find nothing to stop any more, only some
// strikes count.
func (c *Cluster) recovers(q *quiet) bool {
	if c.ends == nil {
		return c.World.Recovers()
	}
	if until, _ := c.ends(); until > c.World.Now() {
		return true
	}
	last := c.World.ReturnsAt()
	if last != q.awaited {
		q.awaited = last
		q.returns++
	}
	return last > 0 && q.returns <= mostWaits
}

// moreToCome reports whether a client thinks, or arrivals are to come: then not everything
// has stopped.
func (c *Cluster) moreToCome() bool {
	return !c.tally.Drained && (c.cfg.Clients == 0 || c.tally.Open < c.cfg.Clients)
}

// skip skips the time before an event, which may be years away, by multiples of that after
// which over would be asked again: it would find nothing changed.
func (c *Cluster) skip(q *quiet, to sim.Time) {
	if idle := to.Sub(q.horizon) - 1; idle > 0 {
		again := (c.cfg.Stuck/q.step + 1) * q.step
		q.horizon = q.horizon.Add(idle / again * again)
		q.since = q.horizon
	}
}

// rest returns the time without progress after which a run counts as stuck. It is
// Config.Stuck, or slowWaits times the slowest wait so far if that is longer: the waits of
// an overloaded node grow while it still makes progress.
func (c *Cluster) rest() time.Duration {
	slowest := c.World.Slowest()
	if slowest > sim.Forever/slowWaits {
		return sim.Forever
	}
	return max(c.cfg.Stuck, slowWaits*slowest)
}

// slowWaits bounds the waits for processors and syncs that may have to follow each other.
const slowWaits = 32
