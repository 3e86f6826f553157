package scenarios

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"slices"
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

// BenchmarkSweepTurn has the parts that BenchmarkSweepJobs compares.
func BenchmarkSweepTurn(b *testing.B) {
	for _, turn := range []struct {
		name  string
		seeds uint64
		jobs  int
	}{{"one", 100, 1}, {"two", 100, 2}, {"half", 50, 1}} {
		b.Run(turn.name, func(b *testing.B) {
			defer debug.SetGCPercent(debug.SetGCPercent(400)) // as the command line has it,
			ballast := make([]byte, 40<<20)                   // and this too
			defer runtime.KeepAlive(ballast)
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(turn.jobs))
			sweep := sweepOf(b, scenarioOf(b, "transactions=1000"), turn.seeds, turn.jobs)
			defer sweep.Close()
			for b.Loop() {
				runSweep(b, sweep, func() {})
			}
		})
	}
}

// turn is the seconds that parts of BenchmarkSweepTurn take, each in a process of
// its own, all at once.
func turn(b *testing.B, parts ...string) float64 {
	begin := time.Now()
	children := make([]*exec.Cmd, len(parts))
	for i, part := range parts {
		children[i] = exec.Command(os.Args[0],
			"-test.run=^$", "-test.bench=^BenchmarkSweepTurn$/^"+part+"$", "-test.benchtime=1x")
		if err := children[i].Start(); err != nil {
			b.Fatal(err)
		}
	}
	for _, child := range children {
		if err := child.Wait(); err != nil {
			b.Fatal(err)
		}
	}
	return time.Since(begin).Seconds()
}

// BenchmarkSweepJobs reports how much more two jobs do than one that is held to one
// processor: at least 1.85 times. Beside it, how much more two processes do, which
// share nothing but the machine. As machines are noisy, it takes turns, and of their
// ratios the median.
func BenchmarkSweepJobs(b *testing.B) {
	if runtime.NumCPU() < 2 {
		b.Skip("takes two processors")
	}
	turns := 7
	if testing.Short() {
		turns = 1
	}
	var jobs, processes []float64
	for b.Loop() {
		for range turns {
			one := turn(b, "one")
			jobs = append(jobs, one/turn(b, "two"))
			processes = append(processes, one/turn(b, "half", "half"))
		}
	}
	slices.Sort(jobs)
	slices.Sort(processes)
	b.ReportMetric(jobs[len(jobs)/2], "x-jobs")
	b.ReportMetric(processes[len(processes)/2], "x-processes")
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
