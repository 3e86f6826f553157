package scenarios

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/analysis/results"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// TestUtilisation: how busy devices are under a load does not depend on how long a run
// is, nor on how long its hosts run empty behind the last answer.
func TestUtilisation(t *testing.T) {
	t.Parallel()
	figures := func(n string) map[string]float64 {
		r := runWith(t, Default(), Options{Seed: 1, Spent: true, samples: true}, "transactions="+n, "clients=64",
			"cpu.message=10us", "workload.keys=100000", "timeouts.idle=10s")
		s := r.samples.Steady(analysis.Warmup{Auto: true})
		return r.figures(&s)
	}
	long := figures("8000")
	if long["disk.busiest"] < 0.5 || long["disk.busiest"] > 1 || long["cpu.busiest"] < 0.01 || long["cpu.busiest"] > 1 {
		t.Fatalf("disk %v, cpu %v", long["disk.busiest"], long["cpu.busiest"])
	}
	for _, n := range []string{"500", "2000"} {
		short := figures(n)
		for _, name := range []string{"cpu", "cpu.busiest", "disk", "disk.busiest"} {
			if q := short[name] / long[name]; q < 0.85 || q > 1.15 {
				t.Errorf("%s of %s transactions is %v, of many %v", name, n, short[name], long[name])
			}
		}
	}
}

// busyTime adds up how long log devices synced in a window, by node.
type busyTime struct {
	window analysis.Steady
	from   map[sim.NodeID]sim.Time
	used   map[sim.NodeID]time.Duration
}

func (b *busyTime) Trace(r *sim.Record[model.Message]) {
	switch r.Op {
	case sim.TraceSync:
		b.from[r.Node] = r.At
	case sim.TraceSynced:
		b.used[r.Node] += max(min(r.At, b.window.To).Sub(max(b.from[r.Node], b.window.From)), 0)
	}
}

// TestUtilisationExact: of a run that is not steady, how busy devices are is that up to the
// last answer, as the throughput is; and of an uneven load that of the window.
func TestUtilisationExact(t *testing.T) {
	for name, c := range map[string]struct {
		scenario string
		set      []string
		within   float64
	}{
		"most of the run is its drain": {"thousand", []string{"transactions=300"}, 1e-9},
		"one transaction a client":     {"bank", []string{"transactions=34", "clients=33"}, 1e-9},
		"bursts": {"open-loop", []string{"transactions=300", "arrivals.rate=20/s", "arrivals.burst=2000/s",
			"arrivals.every=1s", "arrivals.for=50ms"}, 1e-3},
	} {
		load := func(tracer sim.Tracer[model.Message]) (*Result, analysis.Steady) {
			s := loaded(t, c.scenario)
			r := runWith(t, s, Options{Seed: 1, Spent: true, samples: true, Tracer: tracer}, c.set...)
			return r, r.samples.Steady(analysis.Warmup{Auto: true})
		}
		_, steady := load(nil)
		b := &busyTime{steady, map[sim.NodeID]sim.Time{}, map[sim.NodeID]time.Duration{}}
		r, _ := load(b)
		most := time.Duration(0)
		for _, d := range b.used { // any order: the largest
			most = max(most, d)
		}
		want, got := float64(most)/1e9/steady.Seconds(), r.figures(&steady)["disk.busiest"]
		if want == 0 || math.Abs(got/want-1) > c.within {
			t.Errorf("%s: the busiest device is busy for %v from %v on, expected %v", name, got, steady.From, want)
		}
		if p := r.pressure(); !steady.Reached && p.Disk != got {
			t.Errorf("%s: %v in the sweep, %v in the run", name, got, p.Disk)
		}
	}
}

// TestLoadWindow: a window need not begin or end at a look, and there may be few of these.
func TestLoadWindow(t *testing.T) {
	l := newUsageLog(0, 1)
	if u := l.utilisation(0, 10, 1); u != nil {
		t.Errorf("of nothing: %v", u)
	}
	for i := range 10 { // busy from 40 to 50, and for half of the time from then on
		used := time.Duration(10 * min(max(i-4, 0), 1))
		l.look(sim.Time(i)*10, []sim.Usage{{CPU: 2 * used, Disk: used + time.Duration(5*max(i-5, 0))}})
	}
	for _, c := range []struct {
		begin, end sim.Time
		disk       float64
	}{{0, 40, 0}, {40, 50, 1}, {42, 45, 1}, {0, 45, 1. / 9}, {38, 46, 6. / 8}, {70, 90, 0.5}, {81, 82, 0.5}, {45, 55, 0.75}} {
		u := l.utilisation(c.begin, c.end, 1)
		if len(u) != 1 || math.Abs(u[0].disk-c.disk) > 1e-9 {
			t.Errorf("%v to %v: %v, expected %v", c.begin, c.end, u, c.disk)
		}
	}
	if u := l.utilisation(40, 50, 4); u[0].cpu != 0.5 {
		t.Errorf("20 ns of four cores' 10 ns: %v", u)
	}
	if u := l.utilisation(50, 50, 1); u != nil {
		t.Errorf("of no time: %v", u)
	}
	if u := l.utilisation(80, 190, 1); math.Abs(u[0].disk-5./110) > 1e-9 {
		t.Errorf("beyond the last look: %v, expected to be idle", u)
	}
	l.look(100, []sim.Usage{{Disk: l.usage[9][0].Disk - 3}})
	if u := l.utilisation(90, 100, 1); u[0].disk != 0 {
		t.Errorf("a sync that a crash cut short: %v", u)
	}
}

// TestLoadShares: a share is what was added between two times, whichever looks are kept.
func TestLoadShares(t *testing.T) {
	for _, hosts := range []int{10, 100000} { // many looks, and few
		l, n := newUsageLog(0, hosts), uint64(0)
		used := func() []sim.Usage { // busy for 1 of 10 ns, from the 50000th on for 3
			d := time.Duration(n + 2*max(n, 50000) - 100000)
			return []sim.Usage{{CPU: d, Disk: 2 * d}}
		}
		for ; n < 100000; n++ {
			if l.due() {
				l.look(sim.Time(10*n), used())
			}
		}
		if len(l.at) < l.looks || len(l.at) > 2*l.looks || l.every == 1 {
			t.Errorf("%d looks, every %d", len(l.at), l.every)
		}
		l.end(sim.Time(10*n), used())
		for _, c := range []struct {
			begin, end sim.Time
			cpu        float64
		}{{0, 500000, 0.1}, {600000, 900000, 0.3}, {0, 1000000, 0.2}} {
			u := l.utilisation(c.begin, c.end, 1)[0]
			if math.Abs(u.cpu-c.cpu) > 0.003 || math.Abs(u.disk-2*c.cpu) > 0.006 {
				t.Errorf("from %v to %v: %+v, expected %v", c.begin, c.end, u, c.cpu)
			}
		}
	}
	few := newUsageLog(0, 100000)
	for i := range 2 * few.looks {
		few.look(sim.Time(i+1), []sim.Usage{{}})
	}
	if len(few.at) != few.looks || few.at[few.looks-1] != sim.Time(2*few.looks) {
		t.Errorf("%d looks, the last at %v: expected that of %d to be kept", len(few.at), few.at[few.looks-1], 2*few.looks)
	}
	l := newUsageLog(1, 1) // the submission and the answer
	for range 2 {
		if l.due() {
			l.look(10, []sim.Usage{{CPU: 5}})
		}
	}
	l.end(1000, []sim.Usage{{CPU: 5}}) // has run empty
	if u := l.utilisation(0, 10, 1); len(u) != 1 || u[0].cpu != 0.5 || len(l.at) != 2 {
		t.Errorf("up to the last answer: %+v at %v, expected 0.5", u, l.at)
	}
}

// TestFiguresAddUp: the parts of the latency sum up to the mean; faults are counted as the run has them.
func TestFiguresAddUp(t *testing.T) {
	r := runWith(t, Default(), Options{Seed: 1, Spent: true, samples: true}, "transactions=4000", "network.loss=2%", "network.duplicate=1%",
		`faults=["crash workers 1% on prepare for 10ms", "pause w1 at 20ms for 5ms"]`)
	s := r.samples.Steady(analysis.Warmup{Auto: true})
	f := r.figures(&s)
	sum := 0.0
	for span := range analysis.Spans {
		sum += f[results.SpanMetric(span)]
	}
	if m := r.spans.Means(s.From, s.To); m.Commits != len(s.Latencies) || math.Abs(sum-f["latency.mean"]) > 1e-4 {
		t.Errorf("parts of %d of %d commits sum up to %v ms, the mean is %v", m.Commits, len(s.Latencies), sum, f["latency.mean"])
	}
	lost := uint64(0)
	for _, n := range r.Stats.Lost {
		lost += n
	}
	for name, want := range map[string]uint64{"lost": lost, "duplicates": r.Stats.Duplicates, "crashes": r.Stats.Crashes, "pauses": r.Stats.Pauses,
		"strikes": r.Struck[0].Times + r.Struck[1].Times} {
		if f[name] != float64(want) || want == 0 {
			t.Errorf("%s: %v, expected %d", name, f[name], want)
		}
	}
}

// TestPartsAtBegin: of what is submitted as the window begins neither the mean latency nor its
// parts are.
func TestPartsAtBegin(t *testing.T) {
	r := runWith(t, Default(), Options{Seed: 1, Spent: true, samples: true}, "transactions=200", "arrivals={kind: constant, rate: 1000/s}")
	s := r.samples.Steady(analysis.Warmup{Time: 50 * time.Millisecond})
	if m := r.spans.Means(s.From, s.To); !s.Reached || m.Commits != len(s.Latencies) {
		t.Errorf("parts of %d commits, and a mean of %d; steady %v", m.Commits, len(s.Latencies), s.Reached)
	}
}

// TestFigures: rates are of the steady part, costs are per commit of the whole run, times are
// in milliseconds, and a run that is not valid has none of them.
func TestFigures(t *testing.T) {
	r := runWith(t, Default(), Options{Seed: 1, Spent: true, samples: true}, "transactions=3000", "network.loss=2%", "workload.keys=50", "concurrency=wait-die", "retry.attempts=1")
	w := analysis.Warmup{Auto: true, Clients: r.clients}
	s := r.samples.Steady(w)
	f, c := r.figures(&s), float64(r.Metrics.Committed())
	aborted := 0
	want := map[string]float64{
		"throughput": float64(s.Committed) / s.Seconds(), "offered": float64(s.Offered) / s.Seconds(),
		"attempts": float64(r.Metrics.Attempts) / c, "messages": float64(r.Stats.Messages) / c, "packets": float64(r.Stats.Packets) / c,
		"bytes": float64(r.Stats.Bytes) / c, "forced": float64(r.Tally.Forced) / c, "syncs": float64(r.Stats.Syncs) / c,
		"doubt": r.InDoubt.Mean().Seconds() * 1e3, "locks": r.spans.LockWaits(r.Now) / c / 1e6,
	}
	for reason, n := range s.Aborted {
		if aborted += n; n > 0 {
			want[results.AbortedMetric(model.Reason(reason))] = float64(n) / s.Seconds()
		}
	}
	want["aborted"] = float64(aborted) / s.Seconds()
	for name, x := range want { // any order: each by itself
		if x == 0 || math.Abs(f[name]-x) > 1e-9*x {
			t.Errorf("%s: %v, expected %v", name, f[name], x)
		}
	}
	l := r.line(nil, w, "txsim run")
	if !slices.Equal(l.Batches, s.Batches[:]) || l.Figures == nil || l.Latencies == "" || l.Reproduce != "" {
		t.Errorf("%+v", l)
	}
	r.Verdict = analysis.Undecided
	if l := r.line(nil, w, "txsim run"); l.Figures != nil || l.Batches != nil || l.Latencies != "" || l.Reproduce != "txsim run" {
		t.Errorf("unknown: %+v", l)
	}
}

// TestSoundIsNotStuck: long waits that must be are no fault of the protocol, and the end
// of a run in which everything is resolved is rest.
func TestSoundIsNotStuck(t *testing.T) {
	never := "timeouts={prepare: never, decision: never, idle: never, answer: never}"
	many := "t1:"
	for i := range 150 { // more than a generated one has
		many += fmt.Sprintf(" w0 write k%d = 1;", i)
	}
	many = strings.TrimSuffix(many, ";")
	for _, sets := range [][]string{
		{"transactions=1", "workload.operations=50", "workload.workers=1", "cpu.operation=1s", never},
		{fmt.Sprintf("transactions.inline=[%q]", many), "cpu.operation=1s", never},
		{`transactions.inline=["t1: w0 write k = 123456789"]`, "resources.staging=1", "retry={attempts: 16, backoff: 1ms, cap: 0s}"},
		{"transactions=5", "clients=2", "think=30s"},
		// Submitted just before Run looks, after a pause as long as limits.stuck:
		{"transactions=2", "until=1ms", "arrivals={kind: constant, rate: 0.05/s}"},
		{"transactions=60", "until=1ms", "clients=1", "think=21s", "network.delay=100ms", "limits.time=10h"},
	} {
		if r := runWith(t, Default(), Options{Seed: 1}, sets...); r.Verdict != analysis.Valid || r.End.Stuck {
			t.Errorf("%s: %v, stuck %v, %v", sets, r.Verdict, r.End.Stuck, r.Findings)
		}
	}
}

// TestThinking: a think time is what is drawn, however long its tail, and clients think for
// the part of their time that transactions leave, be these committed or not.
func TestThinking(t *testing.T) {
	for name, c := range map[string]struct {
		set         []string
		think, part float64
		limit       string
	}{
		// One transaction in five is aborted, after 2 s: a turn takes 505 ms, of which 100 are thinking.
		"aborts take longest": {[]string{"transactions=2000", "think=100ms", "timeouts.prepare=2s", "timeouts.answer=10s",
			"retry.attempts=1", "workload.reads=0", `faults=["crash w3 at 0s for 1h"]`}, 100, 0.2, "aborts"},
		"a heavy tail": {[]string{"transactions=20000", "clients=20", "think=lognormal(10ms, 2.2)", "limits.time=100h"}, 112.5, 0.97, "clients"},
		// Behind its answer each would think, but of nothing that it could submit.
		"one for each":          {[]string{"transactions=16", "think=50ms"}, 50, 0, "log sync"},
		"clients without work":  {[]string{"transactions=20", "clients=100", "think=50ms"}, 50, 0, "log sync"},
		"most of it is a drain": {[]string{"transactions=30", "clients=20", "think=1us"}, 0.001, 0, "log sync"},
	} {
		s := loaded(t, "bank")
		r := runWith(t, s, Options{Seed: 1, Spent: true, samples: true}, c.set...)
		steady := r.samples.Steady(analysis.Warmup{Auto: true})
		f := r.figures(&steady)
		if clients := float64(r.clients); steady.Reached && math.Abs(f["thinking"]*clients+steady.UnderWay-clients) > 1e-9 {
			t.Errorf("%s: %v of %v think while %v have a transaction under way", name, f["thinking"], clients, steady.UnderWay)
		}
		if p := r.pressure(); math.Abs(f["think"]/c.think-1) > 0.05 || math.Abs(f["thinking"]-c.part) > 0.02 || math.Abs(p.Think-c.part) > 0.02 {
			t.Errorf("%s: %v ms, %v of the time, of the whole run %v; expected %v and %v", name, f["think"], f["thinking"], p.Think, c.think, c.part)
		} else if p.Bottleneck() != c.limit || math.Abs(p.Failing-f["failing"]) > 0.02 || c.limit == "aborts" && p.Failing < 0.75 {
			t.Errorf("%s: %s, expected %s; failing %v, of the whole run %v", name, p.Bottleneck(), c.limit, f["failing"], p.Failing)
		}
	}
	if r := runWith(t, Default(), Options{Seed: 1, Spent: true}, "transactions=9"); !math.IsNaN(r.pressure().Think) {
		t.Errorf("who never think do so for %v of the time", r.pressure().Think)
	}
	cut := runWith(t, Default(), Options{Seed: 1, Spent: true}, "network.delay=5ms", "cpu.message=100us", "limits.time=8ms")
	if p := cut.pressure(); cut.Metrics.Last > 0 || p.CPU == 0 {
		t.Errorf("a run that is cut off before its first answer has busy cores for %v of it, its last answer is at %v", p.CPU, cut.Metrics.Last)
	}
	open := runWith(t, Default(), Options{Seed: 1, Spent: true}, "transactions=300", "arrivals={kind: poisson, rate: 1000/s}", "clients=0", "workload.keys=3", "retry.attempts=1")
	if p := open.pressure(); open.Metrics.Failing() == 0 || !math.IsNaN(p.Failing) || p.Bottleneck() == "aborts" {
		t.Errorf("an open loop has no clients, and these fail for %v of their time: %s", p.Failing, p.Bottleneck())
	}
}

// TestUnsteadyClients: the figures of a sweep are not called steady if its clients have few
// answers each, or think for another time than is drawn on average.
func TestUnsteadyClients(t *testing.T) {
	for _, c := range []struct {
		set    []string
		steady bool
	}{
		{[]string{"transactions=450", "clients=100", "think=50ms"}, false},
		{[]string{"transactions=1000", "clients=20", "think=lognormal(10ms, 2.5)"}, false},
		{[]string{"transactions=1000", "clients=20", "think=10ms"}, true},
	} {
		r := runWith(t, Default(), Options{Seed: 1, Spent: true, samples: true}, c.set...)
		w := analysis.Warmup{Time: 60 * time.Millisecond}
		if l := r.line(nil, w, ""); l.Steady != c.steady || !c.steady && !r.samples.Steady(w).Reached {
			t.Errorf("%s: steady %v", c.set, l.Steady)
		}
	}
}

// TestBusyDevice: a log device that is never idle limits nothing, shared or not: with eight
// times the clients it carries nearly eight times as much at the same latency.
func TestBusyDevice(t *testing.T) {
	for _, hosts := range []string{"0", "2"} {
		var throughput, latency []float64
		for _, clients := range []string{"32", "256"} {
			r := runWith(t, Default(), Options{Seed: 1, Spent: true}, "workload.keys=100000", "transactions=6000", "hosts="+hosts, "clients="+clients)
			p := r.pressure()
			if p.Disk < 0.9 || p.Bottleneck() != "log sync" {
				t.Errorf("%s hosts, %s clients: %s, with a device busy for %v", hosts, clients, p.Bottleneck(), p.Disk)
			}
			throughput, latency = append(throughput, r.Metrics.Throughput()), append(latency, float64(r.Metrics.Mean()))
		}
		if throughput[1]/throughput[0] < 7 || latency[1]/latency[0] > 1.15 {
			t.Errorf("%s hosts: %v a second at %v ns", hosts, throughput, latency)
		}
	}
}
