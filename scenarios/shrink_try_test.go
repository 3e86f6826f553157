package scenarios

import (
	"slices"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/fault"
)

// TestShrinkTriesOnce: neither what is as it was nor what failed before is run.
func TestShrinkTriesOnce(t *testing.T) {
	s := named(t, "a", "b")
	job := openJob(t, s)
	txs, err := job.transactions(1)
	if err != nil {
		t.Fatal(err)
	}
	z := &shrinker{ctx: t.Context(), o: ShrinkOptions{Budget: 10}, failed: map[[32]byte]bool{},
		best: &draft{s: s, txs: txs, written: true}, trial: trial{protocols: model.Protocols(), want: "never"}}
	for _, c := range []struct {
		change func(d *draft)
		runs   int // after it
	}{
		{func(*draft) {}, 0},
		{func(d *draft) { d.txs = nil }, 0},
		{func(d *draft) { d.txs = d.txs[:1] }, 1},
		{func(d *draft) { d.txs = d.txs[:1] }, 1},
		{func(d *draft) { d.txs = d.txs[1:] }, 2},
	} {
		if z.try(c.change) || z.runs != c.runs {
			t.Errorf("%d runs, expected %d", z.runs, c.runs)
		}
	}
}

// TestShrinkNamesOnce: of many faults, only those that get another name are tried, for it takes
// as long to tell two drafts apart as to print them.
func TestShrinkNamesOnce(t *testing.T) {
	s := named(t, "a", "b")
	job, err := s.Open(model.Protocols())
	if err != nil {
		t.Fatal(err)
	}
	defer job.Close()
	txs, err := job.transactions(1)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := fault.ParsePlan(slices.Repeat([]string{"skew w0 by 1ms"}, 300))
	if err != nil {
		t.Fatal(err)
	}
	allocs := testing.AllocsPerRun(1, func() {
		z := &shrinker{ctx: t.Context(), o: ShrinkOptions{Budget: 10}, failed: map[[32]byte]bool{}, last: &Result{named: plan},
			best: &draft{s: s, txs: txs, plan: plan.Clone(), written: true}, trial: trial{protocols: model.Protocols(), want: "never"}}
		z.named()
	})
	if allocs > 20_000 {
		t.Errorf("%.0f allocations for 300 faults that keep their names", allocs)
	}
}
