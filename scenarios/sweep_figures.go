package scenarios

import (
	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/analysis/results"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// line is what a sweep keeps of a run: figures only if it is valid.
func (r *Result) line(cell []results.Setting, w analysis.Warmup, reproduce string) *results.Line {
	l := &results.Line{Cell: cell, Seed: r.Seed, Verdict: r.Verdict.String(), Violations: r.Violations, Hash: hashText(r.Hash)}
	if r.Verdict != analysis.Valid {
		l.Reproduce = reproduce
		return l
	}
	s := r.samples.Steady(w)
	l.Steady = s.Reached
	l.Figures = r.figures(&s)
	if s.Seconds() > 0 {
		l.Batches = s.Batches[:]
	}
	l.Latencies = results.Pack(s.Histogram())
	return l
}

// figures are those that results.Measures describes.
func (r *Result) figures(s *analysis.Steady) map[string]float64 {
	f := map[string]float64{"crashes": float64(r.Stats.Crashes), "events": float64(r.Stats.Events)}
	if seconds := s.Seconds(); seconds > 0 {
		f["throughput"] = float64(s.Committed) / seconds
		f["offered"] = float64(s.Offered) / seconds
		aborted := 0
		for reason, n := range s.Aborted {
			if n > 0 {
				aborted += n
				f[results.AbortedFigure(model.Reason(reason))] = float64(n) / seconds
			}
		}
		f["aborted"] = float64(aborted) / seconds
	}
	if len(s.Latencies) > 0 {
		f["latency.mean"] = float64(s.Mean()) / 1e6
		for _, q := range results.Quantiles {
			f["latency."+q.Name] = float64(s.Quantile(q.Share)) / 1e6
		}
	}
	if c := float64(r.Metrics.Committed()); c > 0 {
		f["attempts"] = float64(r.Metrics.Attempts) / c
		f["messages"] = float64(r.Stats.Messages) / c
		f["packets"] = float64(r.Stats.Packets) / c
		f["bytes"] = float64(r.Stats.Bytes) / c
		f["forced"] = float64(r.Tally.Forced) / c
		f["syncs"] = float64(r.Stats.Syncs) / c
	}
	if r.InDoubt.Parts > 0 {
		f["doubt"] = float64(r.InDoubt.Mean()) / 1e6
	}
	if m := r.spans.Means(s.From, s.To); m.Commits > 0 {
		for span, d := range m.Spent {
			f[results.SpanFigure(analysis.Span(span))] = float64(d) / 1e6
		}
		f["locks"] = float64(m.Locks) / 1e6
	}
	if now := float64(r.Now); now > 0 {
		for _, u := range r.usage {
			cpu, disk := r.utilisation(&u)
			f["cpu"] += cpu / float64(len(r.usage))
			f["disk"] += disk / float64(len(r.usage))
		}
		p := r.Pressure(0, 0)
		f["cpu.busiest"], f["disk.busiest"] = p.CPU, p.Disk
	}
	return f
}

// utilisation is the share of the run in which a host's cores, and its log
// device, are busy.
func (r *Result) utilisation(u *model.HostUsage) (cpu, disk float64) {
	now := float64(max(r.Now, 1))
	return float64(u.CPU) / float64(max(r.Scenario.CPU.Cores, 1)) / now, float64(u.Disk) / now
}

// Pressure is that of the run, with what was spent on the commits answered from
// one time to another.
func (r *Result) Pressure(from, to sim.Time) analysis.Pressure {
	var p analysis.Pressure
	for i := range r.usage {
		u := &r.usage[i]
		cpu, disk := r.utilisation(u)
		if cpu > p.CPU {
			p.CPU, p.CPUHost = cpu, u.Name
		}
		if disk > p.Disk {
			p.Disk, p.Disks = disk, u.Name
		}
	}
	if r.spans != nil {
		for s, d := range r.spans.Means(from, to).Spent {
			p.Spent[s] = float64(d)
		}
	}
	return p
}
