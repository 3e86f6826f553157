package scenarios

import (
	"math"
	"slices"
	"time"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/sim"
)

// usageLog follows how long the devices of each host have been busy, as of some of the
// submissions of a run: utilisation is that of a window between two of them, as
// throughput is. Behind the last submission hosts run empty, and it says nothing.
type usageLog struct {
	every uint64 // so many submissions
	last  uint64 // submission; not known if it is 0
	at    []sim.Time
	usage [][]sim.Usage // then, by host
}

// looks is how often a run is looked at; twice that where its length is not known.
const looks = 32

// newUsageLog returns one of a run of so many transactions, below 1 if that is not known.
func newUsageLog(total int) *usageLog {
	last := uint64(max(total, 0))
	return &usageLog{every: max(last/looks, 1), last: last}
}

// due reports whether it is time for a look, at a submission of that number.
func (l *usageLog) due(n uint64) bool { return n%l.every == 0 || n == l.last }

// look notes the usage by then.
func (l *usageLog) look(now sim.Time, usage []sim.Usage) {
	l.at, l.usage = append(l.at, now), append(l.usage, usage)
	if len(l.at) < 2*looks {
		return
	}
	for i := range looks { // keep every other one
		l.at[i], l.usage[i] = l.at[2*i+1], l.usage[2*i+1]
	}
	l.at, l.usage = l.at[:looks], l.usage[:looks]
	l.every *= 2
}

// window is where the looks nearest to a window are: from is -1 for the beginning of the
// run, to is -1 if there is no time between two of them.
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

// since is when a window begins.
func (l *usageLog) since(from int) sim.Time {
	if from < 0 {
		return 0
	}
	return l.at[from]
}

// utilisation is the share of a window in which the cores and the log device of each host
// were busy; of the whole run, which has taken so long and left such usage, where the
// window is that. It is nil, for not known, where no two looks are in the window.
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
			u.Disk -= l.usage[from][i].Disk // below zero if a crash has ended a sync
		}
		n := float64(max(span, 1))
		all[i] = utilisation{float64(u.CPU) / float64(max(cores, 1)) / n, float64(max(u.Disk, 0)) / n}
	}
	return all
}

// utilisation is that of a host, as shares of 1.
type utilisation struct{ cpu, disk float64 }

// utilisation is that of each host, from one time to another.
func (r *Result) utilisation(from, to sim.Time) []utilisation {
	return r.usages.utilisation(from, to, r.Scenario.CPU.Cores, r.Now, r.usage)
}

// Pressure is that of the whole run.
func (r *Result) Pressure() analysis.Pressure {
	p := analysis.Pressure{Committed: r.Metrics.Committed() > 0}
	for i, u := range r.utilisation(0, sim.Never) {
		if u.cpu > p.CPU {
			p.CPU, p.CPUHost = u.cpu, r.hosts[i]
		}
		if u.disk > p.Disk {
			p.Disk, p.Disks = u.disk, r.hosts[i]
		}
	}
	m := r.spans.Means(0, sim.Never).Of(r.Metrics.Mean())
	for s, d := range m.Spent {
		p.Spent[s] = float64(d)
		if m.Commits == 0 {
			p.Spent[s] = math.NaN()
		}
	}
	return p
}
