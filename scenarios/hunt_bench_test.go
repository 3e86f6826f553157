package scenarios

import (
	"context"
	"testing"

	"github.com/seed83d86191/txsim/model"
)

// huntScenario is a run as a hunt makes many of them: small, with faults of
// most kinds.
func huntScenario(t testing.TB) *Scenario {
	return scenarioOf(t, "workers=5", "coordinators=2", "transactions=100", "workload.keys=100",
		`faults=["crash workers 2% on prepare for exp(50ms)", "crash coordinators 1% on commit for exp(50ms)", "drop 1% commit", "duplicate 1% vote"]`)
}

func BenchmarkHunt(b *testing.B) {
	const n = 100000
	var plain float64
	b.Run("model", func(b *testing.B) {
		job := openJob(b, benchScenario(b, "100000"))
		for b.Loop() {
			cfg := job.Config(1)
			cfg.History = discard{}
			if end := model.NewCluster(cfg).Run(context.Background()); end.Stuck || end.Err != nil {
				b.Fatal(end)
			}
		}
		plain = float64(b.Elapsed().Nanoseconds()) / float64(b.N) / n
		b.ReportMetric(plain, "ns/txn")
	})
	b.Run("run", func(b *testing.B) {
		job := openJob(b, huntScenario(b))
		b.ReportAllocs()
		seed := uint64(0)
		for b.Loop() {
			seed++
			r, err := job.Run(context.Background(), Options{Seed: seed})
			if err != nil || r.Violations > 0 {
				b.Fatal(err, r)
			}
		}
		per := float64(b.Elapsed().Nanoseconds()) / float64(b.N) / 100
		b.ReportMetric(per, "ns/txn")
		b.ReportMetric(per/plain, "x-model")
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "runs/s")
	})
}
