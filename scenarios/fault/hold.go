package fault

import (
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Expect tells the cluster by when every line with a time that is known beforehand, and every
// line that aims at one message or record, has struck and ended. With hold, faults go on until
// then, where they would end with the last submission. Lines that end at or after limit are not
// waited for: the run would hit that limit.
func (j *Injection) Expect(c *model.Cluster, limit time.Duration, hold bool) {
	j.holds = hold
	c.ExpectFaults(func() (until sim.Time, armed bool) {
		for i := range j.lines {
			l := &j.lines[i]
			if l.ends < sim.Time(limit) {
				until = max(until, l.ends)
			}
			armed = armed || j.awaits(i)
		}
		return until, armed
	}, hold)
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

// plan records the end of a strike that is planned for a time, or has just come. One that
// lasts for ever ends when faults end, and does not keep them from ending.
func (l *active) plan(at sim.Time, d time.Duration) {
	switch {
	case d != sim.Forever:
		l.ends = max(l.ends, at.Add(d))
	case l.class == "crash" || l.class == "fail-sync":
		l.ends = max(l.ends, at) // it leaves the node dead
	}
}

// planTimed records the end of the k-th strike, from 0, of a line with a time. A line with
// "every" and no "until" counts with its first strike only; one with "until" counts up to
// its last.
func (l *active) planTimed(at sim.Time, k uint64, d time.Duration) {
	if k > 0 && l.until == 0 {
		return
	}
	l.plan(at, d)
	if l.until > 0 {
		l.plan(at.Add((l.until-time.Duration(at))/l.every*l.every), 0)
	}
}
