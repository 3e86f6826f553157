package scenarios_test

import (
	"context"
	"os"
	"slices"
	"testing"

	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/mutant"
)

// shrunk hunts for the first finding of a planted fault and shrinks its repro.
func shrunk(t testing.TB, job *scenarios.Job, budget int) (*scenarios.Found, *scenarios.Shrunk) {
	t.Helper()
	h, err := job.Hunt(context.Background(), scenarios.HuntOptions{First: 1, Last: 50, Swarm: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Found) == 0 {
		return nil, nil
	}
	s, err := scenarios.Shrink(context.Background(), h.Found[0].Repro, protocols(), scenarios.ShrinkOptions{Budget: budget})
	if err != nil {
		t.Fatalf("%v\n%s", err, h.Found[0].Repro.Brief())
	}
	return h.Found[0], s
}

func median(n []int) int {
	slices.Sort(n)
	return n[len(n)/2]
}

// TestShrinkSizes: over the planted bugs, what remains is small. TXSIM_LONG in the
// environment has it look at all of them.
func TestShrinkSizes(t *testing.T) {
	var txs, workers, faults []int
	all := protocols()
	for i, m := range mutant.All() {
		name := m.Name
		if i%6 != 0 && os.Getenv("TXSIM_LONG") == "" {
			continue
		}
		job, err := m.Scenario().Open(all, nil)
		if err != nil {
			t.Fatal(err)
		}
		h, err := job.Hunt(context.Background(), scenarios.HuntOptions{First: 1, Last: 50, Swarm: true})
		if err != nil {
			t.Fatal(err)
		}
		if len(h.Found) == 0 {
			t.Errorf("%s: nothing found", name)
			continue
		}
		r, err := scenarios.Shrink(context.Background(), h.Found[0].Repro, all, scenarios.ShrinkOptions{})
		if err != nil {
			t.Fatal(err)
		}
		n := r.After
		txs, workers, faults = append(txs, n.Transactions), append(workers, n.Workers), append(faults, n.Faults)
		t.Logf("%s %s: %d runs: %+v\n%s", name, h.Found[0].Fingerprint, r.Runs, n, r.Repro.Brief())
	}
	t.Logf("median: %d transactions, %d workers, %d faults", median(txs), median(workers), median(faults))
	if median(txs) > 3 || median(workers) > 3 || median(faults) > 2 {
		t.Errorf("median: %d transactions, %d workers, %d faults: expected at most 3, 3 and 2", median(txs), median(workers), median(faults))
	}
}
