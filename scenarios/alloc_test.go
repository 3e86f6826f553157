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
