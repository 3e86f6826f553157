package scenarios

import (
	"context"
	"runtime"
	"testing"

	"github.com/seed83d86191/txsim/model"
)

// TestAllocations: a transaction of the full model takes at most four allocations,
// what it takes to make it and to build the cluster included.
func TestAllocations(t *testing.T) {
	const n = 40000
	job := openJob(t, benchScenario(t, "40000"))
	cfg := job.Config(1)
	cfg.History = discard{}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	c := model.NewCluster(cfg)
	end := c.Run(context.Background())
	runtime.ReadMemStats(&after)
	if end.Stuck || end.Err != nil || c.Tally().Open > 0 {
		t.Fatal(end)
	}
	if each := float64(after.Mallocs-before.Mallocs) / n; each > 4 {
		t.Errorf("%.2f allocations a transaction", each)
	} else {
		t.Logf("%.2f allocations a transaction", each)
	}
}

// TestRunAllocations: a run of a hunt finds most of the room that it needs in what
// the runs before have left.
func TestRunAllocations(t *testing.T) {
	job := openJob(t, huntScenario(t))
	seed := uint64(0)
	run := func() {
		seed++
		if r, err := job.Run(context.Background(), Options{Seed: seed}); err != nil || r.Violations > 0 {
			t.Fatal(err, r)
		}
	}
	if n := testing.AllocsPerRun(50, run); n > 450 { // 2,290 where each has its own room
		t.Errorf("%.0f allocations a run", n)
	} else {
		t.Logf("%.0f allocations a run", n)
	}
}

// TestNodeAllocations: nodes that do nothing cost a run next to nothing, also where each of
// them may be struck.
func TestNodeAllocations(t *testing.T) {
	few, _ := eachRun(t, "workers=10")
	many, plain := eachRun(t, "workers=1000")
	if each := (many - few) / 990; each > 3 { // 5.9 where each has room of its own, and an empty log is read
		t.Errorf("%.2f allocations for a worker", each)
	}
	_, struck := eachRun(t, "workers=1000", `faults=["crash workers 0% on prepare for 1ms", "crash workers 0% on commit for 1ms"]`)
	if struck > plain+100e3 { // three times as much where the workers are listed for every kind of passing
		t.Errorf("%.0f bytes where faults may strike any worker, %.0f without", struck, plain)
	}
}

// TestParametersOnce: what follows from parameters alone is not made again for every run.
func TestParametersOnce(t *testing.T) {
	zones := "zones=[us-east, us-west, sa-east, eu-west, eu-central, ap-south, ap-southeast, ap-northeast, ap-sydney]"
	for _, sets := range [][2][]string{
		{{}, {"isolation=serializable"}},
		{{}, {zones}},
	} {
		plain, _ := eachRun(t, sets[0]...)
		if set, _ := eachRun(t, sets[1]...); set > plain+100 {
			t.Errorf("%.0f allocations a run with %v, %.0f without", set, sets[1], plain)
		}
	}
}

// eachRun returns what one of many runs of two transactions allocates.
func eachRun(t *testing.T, sets ...string) (allocations, bytes float64) {
	job, seed := openJob(t, scenarioOf(t, append(sets, "transactions=2")...)), uint64(0)
	run := func() {
		seed++
		if r, err := job.Run(context.Background(), Options{Seed: seed}); err != nil || r.Violations > 0 {
			t.Fatal(err, r)
		}
	}
	const n = 50
	var before, after runtime.MemStats
	run()
	runtime.ReadMemStats(&before)
	for range n {
		run()
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / n, float64(after.TotalAlloc-before.TotalAlloc) / n
}
