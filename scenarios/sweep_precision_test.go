package scenarios

import (
	"testing"

	"github.com/seed83d86191/txsim/analysis/results"
)

// TestPreciseReason: a run in which nothing was aborted for a reason has 0 of it, and
// counts as any other where the mean of that is to be known; of none that has it, nothing is.
func TestPreciseReason(t *testing.T) {
	const measure = "aborted.timeout"
	for _, c := range []struct{ having, more int }{{0, 20}, {6, 20}, {10, 0}} {
		var done []results.Line
		for i := range 10 {
			l := results.Line{Seed: uint64(i + 1), Verdict: "valid", Figures: results.FiguresOf(map[string]float64{"aborted": 0})}
			if i < c.having {
				l.Figures.Set("aborted", 5)
				l.Figures.Set(measure, 5)
			}
			done = append(done, l)
		}
		s := Default()
		s.Transactions.Count = 5
		sweep := sweepOf(t, s, 30, 1)
		sweep.Precision, sweep.PrecisionMetric = 0.2, measure
		made := 0
		if err := sweep.Run(t.Context(), done, func(*results.Line) error { made++; return nil }); err != nil {
			t.Fatal(err)
		}
		if made != c.more {
			t.Errorf("%d of 10 runs have the reason: %d more runs, expected %d", c.having, made, c.more)
		}
		if err := sweep.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
