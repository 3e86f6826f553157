package scenarios

import (
	"context"
	"runtime/metrics"
	"testing"
)

// runScale runs a scenario once with every invariant checked and returns the
// most memory that the process held, in bytes, looked at every 256
// transactions.
func runScale(b *testing.B, s *Scenario) (*Result, uint64) {
	b.Helper()
	job := openJob(b, s)
	held := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	peak := uint64(0)
	r, err := job.Run(context.Background(), Options{Seed: 1, Progress: func(int, int) {
		metrics.Read(held)
		peak = max(peak, held[0].Value.Uint64()-held[1].Value.Uint64())
	}})
	if err != nil || r.Verdict.String() != "valid" {
		b.Fatalf("%v, %v", err, r)
	}
	return r, peak
}

// BenchmarkMemory reports the peak memory of a run over 1,000 workers and 10⁶
// keys: at most 1 GiB for a million transactions, 2 GiB for ten million. Each
// is one run; give it -timeout 30m, and a sub-benchmark at a time.
func BenchmarkMemory(b *testing.B) {
	for _, n := range []string{"1000000", "10000000"} {
		b.Run(n, func(b *testing.B) {
			if testing.Short() {
				b.Skip("takes minutes")
			}
			s := benchScenario(b, n, "workload.keys=1000", "limits.time=2h")
			var peak uint64
			for b.Loop() {
				_, peak = runScale(b, s)
			}
			b.ReportMetric(float64(peak)/(1<<20), "MiB-peak")
		})
	}
}

// BenchmarkClients reports the cost of an event over 10,000 workers and 10⁶
// keys with 64 clients, the reference, and with 100,000 in flight at once.
func BenchmarkClients(b *testing.B) {
	var few float64
	for _, clients := range []string{"64", "100000"} {
		b.Run(clients, func(b *testing.B) {
			if testing.Short() {
				b.Skip("takes minutes")
			}
			s := benchScenario(b, "300000", "workers=10000", "coordinators=16", "clients="+clients)
			var r *Result
			for b.Loop() {
				r, _ = runScale(b, s)
			}
			ns := float64(b.Elapsed()) / float64(b.N) / float64(r.Stats.Events)
			if few == 0 {
				few = ns
			}
			b.ReportMetric(ns, "ns/event")
			b.ReportMetric(ns/few, "x-64")
		})
	}
}
