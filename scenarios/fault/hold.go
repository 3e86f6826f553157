package fault

import (
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Hold has the faults of the cluster go on, where they would end with the last submission,
// until what the plan says to the point is over: lines that strike once at a time or last at
// a time, and lines that aim at one passing. A line whose end is not before limit is not
// waited for, for it would have the run hit that limit.
func (j *Injection) Hold(c *model.Cluster, limit time.Duration) {
	j.holds = true
	c.HoldFaults(func() (until sim.Time, armed bool) {
		for i := range j.lines {
			l := &j.lines[i]
			if l.ends < sim.Time(limit) {
				until = max(until, l.ends)
			}
			armed = armed || j.awaits(i)
		}
		return until, armed
	})
}

// awaits reports whether a line without chance has still to strike, or one that fails a sync
// to take effect: when that ends, the node is down for as long as the line says.
func (j *Injection) awaits(i int) bool {
	l := &j.lines[i]
	if l.trig != aimed && (l.trig != timed || l.class != "fail-sync" || l.ends == 0) {
		return false
	}
	n := j.nodes(i)[0]
	switch {
	case j.w.Dead(n):
		return false
	case l.trig == aimed && !l.done:
		return true
	}
	return l.class == "fail-sync" && l.ends > 0 && (j.w.Node(n) == nil || !j.w.Affects(n, sim.Strike{FailSync: true}))
}

// plan takes note of when a strike that is planned for a time, or has just come, ends. What
// lasts for ever lasts until faults end, and does not hold them up.
func (l *active) plan(at sim.Time, d time.Duration) {
	switch {
	case d != sim.Forever:
		l.ends = max(l.ends, at.Add(d))
	case l.class == "crash" || l.class == "fail-sync":
		l.ends = max(l.ends, at) // it leaves the node dead
	}
}

// planTimed does that for the k-th strike of a line with a time. Of one that goes on until
// faults end only the first is planned.
func (l *active) planTimed(at sim.Time, k uint64, d time.Duration) {
	if k > 0 && l.until == 0 {
		return
	}
	l.plan(at, d)
	if l.until > 0 {
		l.plan(at.Add((l.until-time.Duration(at))/l.every*l.every), 0)
	}
}
