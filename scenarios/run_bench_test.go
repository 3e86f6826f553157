package scenarios

import (
	"context"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim/baseline"
)

// benchScenario is the load of the kernel's 2PC benchmark with the full model:
// 64 clients, 3 of 1,000 workers, exponential delays of 1 ms.
func benchScenario(t testing.TB, n string, sets ...string) *Scenario {
	return scenarioOf(t, append([]string{"workers=1000", "clients=64", "network.delay=exp(1ms)", "transactions=" + n,
		"workload.kind=uniform", "workload.keys=100", "workload.operations=3", "workload.workers=3"}, sets...)...)
}

type discard struct{}

func (discard) Record(*model.Event) {}

// BenchmarkFullModel reports the cost of a transaction: "bare" in a hand-written
// loop that models nothing but the messages; "model" with logs, locks and
// history on; "checked" with every invariant checked too. All three find the room
// of the iteration before, as the runs of a hunt or a sweep do.
func BenchmarkFullModel(b *testing.B) {
	var bare float64
	report := func(b *testing.B, transactions int) {
		ns := float64(b.Elapsed().Nanoseconds()) / float64(b.N) / float64(transactions)
		b.ReportMetric(ns, "ns/txn")
		if bare == 0 {
			bare = ns
		}
		b.ReportMetric(ns/bare, "x-bare")
	}
	b.Run("bare", func(b *testing.B) {
		loop := baseline.New(1)
		for b.Loop() {
			loop.Run(baseline.Deliveries * 10000)
		}
		report(b, 10000)
	})
	const n = 100000
	s := benchScenario(b, "100000")
	job := openJob(b, s)
	b.Run("model", func(b *testing.B) {
		b.ReportAllocs()
		memory := &model.Memory{}
		for b.Loop() {
			cfg := job.Config(1)
			cfg.History, cfg.Memory = discard{}, memory
			c := model.NewCluster(cfg)
			if end := c.Run(context.Background()); end.Stuck || end.Err != nil {
				b.Fatal(end)
			}
			c.Release(true)
		}
		report(b, n)
	})
	b.Run("checked", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r, err := job.Run(context.Background(), Options{Seed: 1})
			if err != nil || r.Violations > 0 {
				b.Fatal(err, r)
			}
		}
		report(b, n)
	})
}
