package scenarios

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/sim"
)

// usageLog records how long the devices of each host have been busy, at some of the
// submissions and final answers of a run, the last one included. After that one hosts have
// little left to do, so nothing more is recorded. Between two records devices are taken to
// be evenly busy.
type usageLog struct {
	looks int    // how many records are wanted; up to twice that if the length of the run is not known
	every uint64 // submissions and answers between two records
	seen  uint64 // submissions and answers so far
	last  uint64 // number of the last answer; 0 if not known
	at    []sim.Time
	usage [][]sim.Usage // at these times, by host
}

// A usageLog records about mostUsages usages in all, each that of one host at one time. It
// records all hosts at least leastLooks times, however many there are.
const (
	mostUsages = 1 << 13
	leastLooks = 32
)

// newUsageLog returns the log for a run of so many transactions; a number below 1 says that
// it is not known.
func newUsageLog(transactions, hosts int) *usageLog {
	last, looks := 2*uint64(max(transactions, 0)), max(mostUsages/max(hosts, 1), leastLooks)
	return &usageLog{looks: looks, every: max(last/uint64(looks), 1), last: last}
}

// due counts a submission or a final answer, and reports whether the usage is to be
// recorded.
func (l *usageLog) due() bool {
	l.seen++
	return l.seen%l.every == 0 || l.seen == l.last
}

// look records the usage.
func (l *usageLog) look(now sim.Time, usage []sim.Usage) {
	l.at, l.usage = append(l.at, now), append(l.usage, usage)
	if len(l.at) < 2*l.looks {
		return
	}
	for i := range l.looks { // too many: keep every other one
		l.at[i], l.usage[i] = l.at[2*i+1], l.usage[2*i+1]
	}
	l.at, l.usage = l.at[:l.looks], l.usage[:l.looks]
	l.every *= 2
}

// end records the usage at the end of a run that a bound has ended.
func (l *usageLog) end(now sim.Time, usage []sim.Usage) {
	if l.seen != l.last || l.last == 0 {
		l.look(now, usage)
	}
}

// before returns how long the devices of a host were busy up to a time, in nanoseconds.
func (l *usageLog) before(t sim.Time, host int) utilisation {
	i, _ := slices.BinarySearch(l.at, t)
	i = min(i, len(l.at)-1)
	began, from, to := sim.Time(0), sim.Usage{}, l.usage[i][host]
	if i > 0 {
		began, from = l.at[i-1], l.usage[i-1][host]
	}
	part := 1.0
	if span := l.at[i] - began; span > 0 {
		part = min(float64(t-began)/float64(span), 1)
	}
	between := func(x, y time.Duration) float64 { return float64(x) + float64(part*float64(y-x)) }
	return utilisation{between(from.CPU, to.CPU), between(from.Disk, to.Disk)}
}

// utilisation returns the shares of a window in which the cores and the log device of each
// host were busy. It is nil if the window takes no time or nothing was recorded.
func (l *usageLog) utilisation(begin, end sim.Time, cores int) []utilisation {
	if end <= begin || len(l.usage) == 0 {
		return nil
	}
	all := make([]utilisation, len(l.usage[0]))
	for i := range all {
		x, y, span := l.before(begin, i), l.before(end, i), float64(end-begin)
		// A crash cuts a sync short, which then has taken no time.
		all[i] = utilisation{(y.cpu - x.cpu) / float64(max(cores, 1)) / span, max(y.disk-x.disk, 0) / span}
	}
	return all
}

// utilisation is how busy a host's devices were, as shares of the time.
type utilisation struct{ cpu, disk float64 }

// utilisation returns the utilisation of each host from one time to another.
func (r *Result) utilisation(from, to sim.Time) []utilisation {
	return r.usages.utilisation(from, to, r.Scenario.CPU.Cores)
}

// pressure returns the pressure of the run up to the last answer.
func (r *Result) pressure() analysis.Pressure {
	p := analysis.Pressure{Committed: r.Metrics.Committed() > 0}
	for i, u := range r.utilisation(0, cmp.Or(r.Metrics.Last, r.Now)) {
		if u.cpu > p.CPU {
			p.CPU, p.CPUHost = u.cpu, r.hosts[i]
		}
		p.Disk = max(p.Disk, u.disk)
	}
	p.Think, p.Failing = r.thinking(), math.NaN()
	if r.clients > 0 {
		p.Failing = r.Metrics.Failing() / float64(r.clients)
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

// think returns the mean of the think times that the clients of a closed loop have drawn,
// in nanoseconds; NaN if there are none.
func (r *Result) think() float64 { return r.Tally.Thought / float64(r.Tally.Thinks) }

// thinking returns the share of their time in the whole run that such clients think. Those
// that have no next transaction are left out from then on; NaN if they never think.
func (r *Result) thinking() float64 {
	if r.Tally.Thought == 0 {
		return math.NaN()
	}
	return r.Tally.Paused / (r.Tally.Paused + float64(r.Metrics.UnderWay()*float64(r.Metrics.Last)))
}
