package scenarios

import (
	"slices"
	"time"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/analysis/results"
	"github.com/seed83d86191/txsim/model"
)

// line returns what a sweep keeps of a run; figures only if the run is valid.
func (r *Result) line(cell []results.Setting, w analysis.Warmup, reproduce string) *results.Line {
	l := &results.Line{Cell: cell, Seed: r.Seed, Verdict: r.Verdict.String(), Violations: r.Violations, Hash: hashText(r.Hash)}
	if r.Verdict != analysis.Valid {
		l.Reproduce = reproduce
		return l
	}
	w.Fault, w.Clients = r.Plan.First(), r.clients
	if think := r.think(); think > 0 {
		w.Think = time.Duration(think)
	}
	s := r.samples.Steady(w)
	l.Steady = s.Reached
	l.Figures = results.FiguresOf(r.figures(&s))
	if s.Seconds() > 0 {
		l.Batches = slices.Clone(s.Batches[:]) // a part of it would keep the whole of s
	}
	l.Latencies = results.Pack(s.Histogram())
	return l
}

// figures returns the figures of a run that results.Metrics describes.
func (r *Result) figures(s *analysis.Steady) map[string]float64 {
	f := map[string]float64{
		"crashes": float64(r.Stats.Crashes), "pauses": float64(r.Stats.Pauses), "duplicates": float64(r.Stats.Duplicates),
		"lost": 0, "strikes": 0, "events": float64(r.Stats.Events),
	}
	for _, n := range r.Stats.Lost {
		f["lost"] += float64(n)
	}
	for _, s := range r.Struck {
		f["strikes"] += float64(s.Times)
	}
	if seconds := s.Seconds(); seconds > 0 {
		f["throughput"] = float64(s.Committed) / seconds
		f["offered"] = float64(s.Offered) / seconds
		aborted := 0
		for reason, n := range s.Aborted {
			if n > 0 {
				aborted += n
				f[results.AbortedMetric(model.Reason(reason))] = float64(n) / seconds
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
	r.addClients(f, s)
	if c := float64(r.Metrics.Committed()); c > 0 {
		f["attempts"] = float64(r.Metrics.Attempts) / c
		f["messages"] = float64(r.Stats.Messages) / c
		f["packets"] = float64(r.Stats.Packets) / c
		f["bytes"] = float64(r.Stats.Bytes) / c
		f["forced"] = float64(r.Tally.Forced) / c
		f["syncs"] = float64(r.Stats.Syncs) / c
		f["locks"] = r.spans.LockWaits(r.doubtsEnd()) / 1e6 / c
	}
	if r.InDoubt.Parts > 0 {
		f["doubt"] = float64(r.InDoubt.Mean()) / 1e6
	}
	if m := r.spans.Means(s.From, s.To); m.Commits > 0 {
		for span, d := range m.Spent {
			f[results.SpanMetric(analysis.Span(span))] = float64(d) / 1e6
		}
	}
	if hosts := r.utilisation(s.From, s.To); hosts != nil {
		for _, u := range hosts {
			f["cpu"] += u.cpu / float64(len(hosts))
			f["disk"] += u.disk / float64(len(hosts))
			f["cpu.busiest"], f["disk.busiest"] = max(f["cpu.busiest"], u.cpu), max(f["disk.busiest"], u.disk)
		}
	}
	return f
}

// addClients adds what the clients of a closed loop do.
func (r *Result) addClients(f map[string]float64, s *analysis.Steady) {
	if think := r.think(); think > 0 {
		f["think"], f["thinking"] = think/1e6, r.thinking()
		if s.Reached { // then no client is without a next transaction
			f["thinking"] = max(1-s.UnderWay/float64(r.clients), 0)
		}
	}
	if r.clients > 0 {
		f["failing"] = s.Failing / float64(r.clients)
	}
}
