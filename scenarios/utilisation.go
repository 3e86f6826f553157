package scenarios

import (
	"math"
	"slices"
	"time"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/sim"
)

// usageLog records how long the devices of each host have been busy, at some of the
// submissions of a run. Utilisation is then computed for a window between two of these,
// like throughput. Behind the last submission hosts run empty, so that nothing is recorded
// there.
type usageLog struct {
	every uint64 // submissions between two records
	last  uint64 // number of the last submission; 0 if not known
	at    []sim.Time
	usage [][]sim.Usage // at these times, by host
}

// looks is how often the usage is recorded; up to twice that if the length of the run is
// not known.
const looks = 32

// newUsageLog returns the log for a run of so many transactions, below 1 if that is not
// known.
func newUsageLog(total int) *usageLog {
	last := uint64(max(total, 0))
	return &usageLog{every: max(last/looks, 1), last: last}
}

// due reports whether the usage is to be recorded at the n-th submission.
func (l *usageLog) due(n uint64) bool { return n%l.every == 0 || n == l.last }

// look records the usage.
func (l *usageLog) look(now sim.Time, usage []sim.Usage) {
	l.at, l.usage = append(l.at, now), append(l.usage, usage)
	if len(l.at) < 2*looks {
		return
	}
	for i := range looks { // too many: keep every other one
		l.at[i], l.usage[i] = l.at[2*i+1], l.usage[2*i+1]
	}
	l.at, l.usage = l.at[:looks], l.usage[:looks]
	l.every *= 2
}

// window returns the records nearest to the ends of a window. from is -1 for the beginning
// of the run; to is -1 if no time lies between the two.
func (l *usageLog) window(begin, end sim.Time) (from, to int) {
	from, _ = slices.BinarySearch(l.at, begin)
	if begin <= 0 {
		from = -1
	}
	to = len(l.at) - 1
	for to > from && l.at[to] > end {
		to--
	}
	if to <= from || l.at[to] <= l.since(from) {
		return -1, -1
	}
	return from, to
}

// since returns when a window begins.
func (l *usageLog) since(from int) sim.Time {
	if from < 0 {
		return 0
	}
	return l.at[from]
}

// utilisation returns the shares of a window in which the cores and the log device of each
// host were busy. If the window is the whole run, it is computed from took and used. It is
// nil if no two records are in the window.
func (l *usageLog) utilisation(begin, end sim.Time, cores int, took sim.Time, whole []sim.Usage) []utilisation {
	from, to := l.window(begin, end)
	last, span := whole, time.Duration(took)
	switch {
	case to >= 0:
		last, span = l.usage[to], l.at[to].Sub(l.since(from))
	case begin > 0 || len(l.at) > 0 && l.at[len(l.at)-1] > end:
		return nil
	}
	all := make([]utilisation, len(last))
	for i, u := range last {
		if from >= 0 {
			u.CPU -= l.usage[from][i].CPU
			u.Disk -= l.usage[from][i].Disk // may be below zero after a crash has cut a sync short
		}
		n := float64(max(span, 1))
		all[i] = utilisation{float64(u.CPU) / float64(max(cores, 1)) / n, float64(max(u.Disk, 0)) / n}
	}
	return all
}

// utilisation is how busy a host's devices were, as shares of 1.
type utilisation struct{ cpu, disk float64 }

// utilisation returns the utilisation of each host from one time to another.
func (r *Result) utilisation(from, to sim.Time) []utilisation {
	return r.usages.utilisation(from, to, r.Scenario.CPU.Cores, r.Now, r.usage)
}

// pressure returns the pressure of the whole run.
func (r *Result) pressure() analysis.Pressure {
	p := analysis.Pressure{Committed: r.Metrics.Committed() > 0}
	for i, u := range r.utilisation(0, sim.Never) {
		if u.cpu > p.CPU {
			p.CPU, p.CPUHost = u.cpu, r.hosts[i]
		}
		if u.disk > p.Disk {
			p.Disk, p.Disks = u.disk, r.hosts[i]
		}
	}
	if think, latency := r.think(), r.Metrics.Mean(); think > 0 {
		p.Think = float64(think) / float64(think+latency)
	}
	m := r.spans.Means(0, sim.Never)
	for s, d := range m.Spent {
		p.Spent[s] = float64(d)
		if m.Commits == 0 {
			p.Spent[s] = math.NaN()
		}
	}
	return p
}

// think returns the mean time that clients think; 0 if there are none.
func (r *Result) think() time.Duration {
	d := r.Scenario.Think
	if r.Scenario.Clients == 0 || d.IsZero() {
		return 0
	}
	const strata = 1 << 10
	sum := 0.0
	for i := range uint64(strata) {
		sum += float64(d.Sample(i<<54 | 1<<53))
	}
	return time.Duration(sum / strata)
}
