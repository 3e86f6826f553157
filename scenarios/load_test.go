package scenarios

import (
	"testing"

	"github.com/seed83d86191/txsim/analysis"
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
	l := newLoads(0)
	if from, to := l.window(0, 10); to >= 0 {
		t.Errorf("of nothing: %d to %d", from, to)
	}
	for i := range 10 {
		l.at = append(l.at, sim.Time(i)*10)
	}
	for _, c := range []struct {
		begin, end sim.Time
		from, to   int
	}{{0, 100, -1, 9}, {0, 45, -1, 4}, {11, 45, 2, 4}, {20, 90, 2, 9}, {0, 5, -1, -1}, {41, 45, -1, -1}, {95, 99, -1, 9}} {
		if from, to := l.window(c.begin, c.end); from != c.from || to != c.to {
			t.Errorf("%v to %v: looks %d to %d, expected %d to %d", c.begin, c.end, from, to, c.from, c.to)
		}
	}
}
