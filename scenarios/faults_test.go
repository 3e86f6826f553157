package scenarios

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/fault"
)

// Losing a synced record, and a record spoilt before the tail, are outside the
// model: both are seen, and the verdict says that it is to be expected.
func TestFaultOutside(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  string // in the first finding
	}{
		// A YES vote rests on the record; the node comes up without it.
		{[]string{"lose-sync w3 prepare #2", "crash w3 after send vote #2 for 5ms"}, ""},
		{[]string{"lose-sync w3 prepare #2", "crash w3 at 100ms for 5ms"}, "damaged before its end"},
		{[]string{"corrupt w3 prepare #2", "crash w3 at 100ms for 5ms"}, "damaged before its end"},
		{[]string{"corrupt w3 commit #2", "crash w3 after sync commit #2 for 5ms"}, ""},
		{[]string{"lose-sync workers 1%"}, ""},
	} {
		s := scenarioOf(t, "transactions=200", "workers=5", "workload.workers=3", "workload.keys=20")
		s.Faults = c.lines
		r := runWith(t, s, Options{Seed: 1})
		verb := strings.Fields(c.lines[0])[0]
		if r.Verdict != analysis.Invalid || len(r.Findings) == 0 || !slices.Equal(r.Outside, []string{verb}) {
			t.Errorf("%v: %v, %d findings, outside %v", c.lines, r.Verdict, len(r.Findings), r.Outside)
			continue
		}
		if !strings.Contains(fmt.Sprint(r.Findings), c.want) {
			t.Errorf("%v: %v", c.lines, r.Findings)
		}
		if text := r.Table().String(); !strings.Contains(text, ", expected under "+verb) {
			t.Error(text)
		}
	}
	// Nobody noticed, or it did not come to that: no excuse is needed.
	s := scenarioOf(t, "transactions=100")
	s.Faults = []string{"corrupt w3 prepare #1000"}
	if r := runWith(t, s, Options{Seed: 1}); r.Verdict != analysis.Valid || len(r.Outside) > 0 {
		t.Errorf("%v, outside %v", r.Verdict, r.Outside)
	}
}

// BenchmarkFaults reports what a plan costs a run that it hardly changes: "none"
// is the reference; lines of probability 0 draw at each of their steps.
func BenchmarkFaults(b *testing.B) {
	const n = 100000
	s := benchScenario(b, "100000")
	job := openJob(b, s)
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
			plan, err := fault.ParsePlan(c.lines)
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
