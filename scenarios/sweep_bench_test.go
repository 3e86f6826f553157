package scenarios

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/analysis/results"
	"github.com/seed83d86191/txsim/model"
)

// sweepOf makes a sweep over one cell of the scenario.
func sweepOf(t testing.TB, s *Scenario, seeds uint64, jobs int) *Sweep {
	t.Helper()
	sweep := &Sweep{Scenario: s, First: 1, Last: seeds, Jobs: jobs}
	if err := sweep.Open(t.Context(), model.Protocols()); err != nil {
		t.Fatal(err)
	}
	return sweep
}

// runSweep makes its runs, which must be valid, and leaves their results.
func runSweep(t testing.TB, s *Sweep, each func()) {
	t.Helper()
	err := s.Run(context.Background(), nil, func(l *results.Line) error {
		if l.Verdict != "valid" {
			return fmt.Errorf("seed %d: %s", l.Seed, l.Verdict)
		}
		each()
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// BenchmarkSweepJobs reports how much more two jobs do than one that is held to one
// processor: at least 1.85 times. It takes turns, as machines are noisy.
func BenchmarkSweepJobs(b *testing.B) {
	if runtime.NumCPU() < 2 {
		b.Skip("takes two processors")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as the command line has it,
	ballast := make([]byte, 40<<20)                   // and this too
	defer runtime.KeepAlive(ballast)
	s := scenarioOf(b, "transactions=1000")
	const seeds = 200
	measure := func(jobs int) time.Duration {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(jobs))
		sweep := sweepOf(b, s, seeds, jobs)
		defer sweep.Close()
		begin := time.Now()
		runSweep(b, sweep, func() {})
		return time.Since(begin)
	}
	var one, two time.Duration
	for b.Loop() {
		one += measure(1)
		two += measure(2)
	}
	b.ReportMetric(one.Seconds()/two.Seconds(), "x-jobs")
	b.ReportMetric(one.Seconds()*1e3/float64(b.N*seeds), "ms/run")
}

// BenchmarkSweepCell is a run of 100,000 transactions as a sweep makes it, every
// check and figure included, on one core: at most 0.7 s.
func BenchmarkSweepCell(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	sweep := sweepOf(b, benchScenario(b, "100000"), 1, 1)
	defer sweep.Close()
	for b.Loop() {
		runSweep(b, sweep, func() {})
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/cell")
}

// TestSweepMemory: what is in use after many runs is what is in use after few.
func TestSweepMemory(t *testing.T) {
	s := Default()
	s.Transactions.Count = 100
	sweep := sweepOf(t, s, 300, 2)
	defer sweep.Close()
	var inUse []uint64 // after each hundred runs
	runs := 0
	runSweep(t, sweep, func() {
		if runs++; runs%100 == 0 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			inUse = append(inUse, m.HeapAlloc)
		}
	})
	if grown := int64(inUse[2]) - int64(inUse[0]); grown > 2<<20 {
		t.Errorf("in use after 100, 200 and 300 runs: %d bytes", inUse)
	}
}
