package scenarios

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/analysis/results"
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

// TestLoadWindow: a window lies between two looks, however many these are.
func TestLoadWindow(t *testing.T) {
	l := newUsageLog(0)
	if from, to := l.window(0, 10); to >= 0 {
		t.Errorf("of nothing: %d to %d", from, to)
	}
	for i := range 10 {
		l.at = append(l.at, sim.Time(i)*10)
	}
	for _, c := range []struct {
		begin, end sim.Time
		from, to   int
	}{{0, 100, -1, 9}, {0, 45, -1, 4}, {11, 45, 2, 4}, {20, 90, 2, 9}, {0, 5, -1, -1}, {41, 45, -1, -1}, {95, 99, -1, -1}} {
		if from, to := l.window(c.begin, c.end); from != c.from || to != c.to {
			t.Errorf("%v to %v: looks %d to %d, expected %d to %d", c.begin, c.end, from, to, c.from, c.to)
		}
	}
}

// TestLoadShares: a share is what was added between two looks, whichever are kept.
func TestLoadShares(t *testing.T) {
	l, n := newUsageLog(0), uint64(0)
	for ; n < 1000; n++ { // busy for 1 of 10 ns, from the 500th on for 3
		used := time.Duration(n)
		if n > 500 {
			used += 2 * time.Duration(n-500)
		}
		if l.due(n) {
			l.look(sim.Time(10*n), []sim.Usage{{CPU: used, Disk: 2 * used}})
		}
	}
	if len(l.at) < looks || len(l.at) > 2*looks || l.every == 1 {
		t.Errorf("%d looks, every %d", len(l.at), l.every)
	}
	for _, c := range []struct {
		begin, end sim.Time
		cpu        float64
	}{{0, 5000, 0.1}, {6000, 9000, 0.3}} {
		u := l.utilisation(c.begin, c.end, 1, 0, nil)[0]
		if math.Abs(u.cpu-c.cpu) > 0.01 || math.Abs(u.disk-2*c.cpu) > 0.02 {
			t.Errorf("from %v to %v: %+v, expected %v", c.begin, c.end, u, c.cpu)
		}
	}
	for _, c := range [][2]sim.Time{{5001, 5002}, {9991, 9999}, {0, 1}} {
		if u := l.utilisation(c[0], c[1], 1, 10000, []sim.Usage{{CPU: 5000}}); u != nil {
			t.Errorf("from %v to %v, without two looks: %+v", c[0], c[1], u)
		}
	}
	l = newUsageLog(1)
	for n := range 2 { // looks
		if u := l.utilisation(0, sim.Never, 1, 10000, []sim.Usage{{CPU: 5000}}); len(u) != 1 || u[0].cpu != 0.5 {
			t.Errorf("of the whole run, after %d looks: %+v, expected 0.5", n, u)
		}
		l.look(0, []sim.Usage{{}})
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
		sum += f[results.SpanFigure(span)]
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
	} {
		if r := runWith(t, Default(), Options{Seed: 1}, sets...); r.Verdict != analysis.Valid || r.End.Stuck {
			t.Errorf("%s: %v, stuck %v, %v", sets, r.Verdict, r.End.Stuck, r.Findings)
		}
	}
}
