package scenarios

import (
	"testing"

	"github.com/seed83d86191/txsim/model"
)

// TestShrinkTriesOnce: neither what is as it was nor what failed before is run.
func TestShrinkTriesOnce(t *testing.T) {
	s := named(t, "a", "b")
	job := openJob(t, s)
	txs, err := job.transactions(1)
	if err != nil {
		t.Fatal(err)
	}
	z := &shrinker{ctx: t.Context(), o: ShrinkOptions{Budget: 10}, failed: map[string]bool{},
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
