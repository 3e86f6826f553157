package workload_test

import (
	"context"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/workload"
	"github.com/seed83d86191/txsim/sim"
)

// counts returns how many of the first n arrivals come in each step of time.
func counts(t *testing.T, n int, step time.Duration, arrivals string) []float64 {
	t.Helper()
	var count []float64
	last := sim.Time(0)
	for _, tx := range generate(t, 5, n, "arrivals="+arrivals) {
		if tx.At < last {
			t.Fatalf("%s: time goes back from %v to %v", arrivals, last, tx.At)
		}
		last = tx.At
		for int(tx.At/sim.Time(step)) >= len(count) {
			count = append(count, 0)
		}
		count[tx.At/sim.Time(step)]++
	}
	return count
}

// TestArrivalsCourse holds arrivals, second by second, against the integral of
// the rate: random ones by a chi-squared test, constant ones to within one.
func TestArrivalsCourse(t *testing.T) {
	for _, c := range []struct {
		name, course string
		want         []float64 // by second
	}{
		{"ramp up", "rate: 100/s, to: 1100/s, over: 10s", []float64{150, 250, 350, 450, 550, 650, 750, 850, 950, 1050, 1100, 1100}},
		{"ramp down", "rate: 900/s, to: 100/s, over: 4s", []float64{800, 600, 400, 200, 100, 100}},
		{"bursts", "rate: 200/s, burst: 2000/s, every: 3s, for: 500ms", []float64{200, 200, 200, 1100, 200, 200, 1100, 200, 200, 1100, 200}},
		{"both", "rate: 100/s, to: 900/s, over: 4s, burst: 3000/s, every: 2s, for: 1s", []float64{200, 400, 3000, 800, 3000, 900, 3000, 900}},
	} {
		total := 0.0
		for _, n := range c.want {
			total += n
		}
		got := counts(t, int(total)*2, time.Second, "{kind: constant, "+c.course+"}")[:len(c.want)]
		for i := range got {
			if got[i] < c.want[i]-1 || got[i] > c.want[i]+1 {
				t.Errorf("constant, %s: %v in second %d, want %v", c.name, got[i], i, c.want[i])
			}
		}
		workload.Fits(t, "poisson, "+c.name, counts(t, int(total)*2, time.Second, "{kind: poisson, "+c.course+"}")[:len(c.want)], c.want)
	}
}

// TestArrivalsFar: bursts that are much denser than arrivals take no time to
// pass over, and a course ends where no run gets to.
func TestArrivalsFar(t *testing.T) {
	t.Parallel()
	txs := generate(t, 1, 100, "arrivals={kind: constant, rate: 0.000001/s, burst: 0.000003/s, every: 1ms, for: 500us}")
	if at := txs[99].At; at < sim.Time(49999999*time.Second) || at > sim.Time(50000001*time.Second) {
		t.Errorf("the 100th of 0.000002/s comes at %v", at)
	}
	txs = generate(t, 1, 10000, "arrivals={kind: poisson, rate: 0.000002/s, to: 0.000001/s, over: 1s}")
	if at := txs[9999].At; at != workload.Latest {
		t.Errorf("the 10000th of 0.000001/s comes at %v", at)
	}
}

// TestArrivalsGolden pins the arrivals of a course: floats stay exact.
func TestArrivalsGolden(t *testing.T) {
	h := uint64(0)
	for _, tx := range generate(t, 1, 100000, "arrivals={kind: poisson, rate: 100/s, to: 5000/s, over: 10s, burst: 9000/s, every: 3s, for: 700ms}") {
		h = sim.Hash(h, uint64(tx.At))
	}
	if want := uint64(0x441929e657a8bca1); h != want {
		t.Errorf("hash %#x, want %#x", h, want)
	}
}

func TestArrivalsRefusals(t *testing.T) {
	for set, want := range map[string]string{
		"{to: 5/s}":                                             "arrivals.over = 0s: must be positive, as arrivals.to is given",
		"{rate: 5/s, over: 5s}":                                 "arrivals.to = 0/s: must be given, as arrivals.over is",
		"{to: -1/s, over: 5s}":                                  "arrivals.to = -1/s: must be 0/s, or 0.000001/s to 1000000000/s",
		"{rate: 5/s, every: 5s}":                                "arrivals.burst = 0/s: must be given, as arrivals.every or arrivals.for is",
		"{burst: 5/s, for: 500us}":                              "arrivals.every = 0s: must be 1ms or more, as arrivals.burst is given\narrivals.for = 500us: must be positive and less than arrivals.every",
		"{burst: 5/s, every: 1s}":                               "arrivals.for = 0s: must be positive and less than arrivals.every",
		"{rate: 5/s, every: -1ns}":                              "arrivals.every = -1ns: must not be negative",
		"{kind: burst, rate: 50/s}":                             "arrivals.kind = burst: must be none, poisson or constant",
		"{burst: 5/s, every: 1ms, for: 1us, to: 2/s, over: 1h}": "arrivals.over = 1h: must be at most a million times arrivals.every",
	} {
		s := scenarios.Default()
		if err := s.Set("arrivals", set); err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(); err == nil || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", set, err, want)
		}
	}
}

// TestOpenLoopLatency: in an open loop, latency counts from the intended arrival
// to the answer, the wait for a saturated processor and all attempts included.
func TestOpenLoopLatency(t *testing.T) {
	s := scenarioOf(t, "arrivals={kind: constant, rate: 2000/s}", "transactions=400", "cpu.message=1ms", "workers=3", "workload.keys=20")
	job, err := s.Open(model.Protocols())
	if err != nil {
		t.Fatal(err)
	}
	r, err := job.Run(context.Background(), scenarios.Options{Seed: 2, Record: true})
	if err != nil {
		t.Fatal(err)
	}
	answers, retried, longest := 0, 0, time.Duration(0)
	for _, e := range r.History.Events {
		if e.Kind != model.Answered {
			continue
		}
		intended := sim.Time(e.Txn.Index) * sim.Time(500*time.Microsecond)
		if want := e.At.Sub(intended); e.Latency != want {
			t.Fatalf("t%d: latency %v, want %v", e.Txn.Index, e.Latency, want)
		}
		answers++
		if e.Attempt.Try > 1 {
			retried++
		}
		longest = max(longest, e.Latency)
	}
	if answers < 400 || retried == 0 || longest < time.Second {
		t.Errorf("%d answers, %d of them to a later attempt, the slowest after %v: nothing was saturated", answers, retried, longest)
	}
}
