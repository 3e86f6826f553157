package scenarios

import (
	"context"
	"testing"

	"github.com/seed83d86191/txsim/model"
)

// BenchmarkFaults reports what a plan costs a run that it hardly changes: "none"
// is the reference; lines of probability 0 draw at each of their steps.
func BenchmarkFaults(b *testing.B) {
	const n = 100000
	s := benchScenario(b, "100000")
	job, err := s.Open(model.Protocols(), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer job.Close()
	for _, c := range []struct {
		name  string
		lines []string
	}{
		{"none", nil},
		{"exact", []string{"crash w3 after send vote #1000000 for 1s"}},
		{"step", []string{"crash workers 0% on prepare for exp(200ms)"}},
		{"link", []string{"drop 0% commit"}},
		{"many", []string{"crash workers 0% on prepare for 1s", "crash workers 0% on commit for 1s",
			"crash coordinators 0% on commit for 1s", "drop 0% commit", "duplicate 0% vote"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			plan, err := ParsePlan(c.lines)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				cfg := job.Config(1)
				cfg.History = discard{}
				cluster := model.NewCluster(cfg)
				plan.Install(cluster, 1, nil)
				if end := cluster.Run(context.Background()); end.Stuck || end.Err != nil {
					b.Fatal(end)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/txn")
		})
	}
}
