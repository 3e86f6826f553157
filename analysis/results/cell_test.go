package results

import (
	"testing"

	"github.com/seed83d86191/txsim/analysis/stats"
)

// TestMedianOfOne: the throughput of a single run is the mean of its batches, with its
// interval; not of a run whose warm-up has not ended, nor of one batch, nor any other figure.
func TestMedianOfOne(t *testing.T) {
	figures := FiguresOf(map[string]float64{"throughput": 5, "aborted": 7})
	for _, c := range []struct {
		batches  []float64
		unsteady int
		metric   string
		want     stats.Interval
	}{
		{[]float64{1, 2, 6}, 0, "throughput", stats.Mean([]float64{1, 2, 6})},
		{[]float64{1, 3}, 0, "throughput", stats.Mean([]float64{1, 3})},
		{[]float64{1}, 0, "throughput", stats.Median([]float64{5})},
		{[]float64{1, 2, 6}, 1, "throughput", stats.Median([]float64{5})},
		{[]float64{1, 2, 6}, 0, "aborted", stats.Median([]float64{7})},
	} {
		cell := &Cell{Runs: []*Line{{Batches: c.batches, Figures: figures}}, Unsteady: c.unsteady}
		if got := cell.median(c.metric); got != c.want {
			t.Errorf("%s of batches %v, %d unsteady: %v, want %v", c.metric, c.batches, c.unsteady, got, c.want)
		}
	}
	line := Line{Batches: []float64{1, 3}, Figures: figures}
	if got := (&Cell{Runs: []*Line{&line, &line}}).median("throughput"); got != stats.Median([]float64{5, 5}) {
		t.Errorf("of two runs: %v", got)
	}
}

// TestTrustedNone: a cell without runs has nothing to trust.
func TestTrustedNone(t *testing.T) {
	if (&Cell{}).trusted() {
		t.Error("trusted")
	}
}

// TestHavingCPU: of runs whose cores are the bottleneck, those count that tell how busy they
// were, whether they committed anything or not.
func TestHavingCPU(t *testing.T) {
	var runs []*Line
	for _, figures := range []map[string]float64{{"cpu.busiest": 0.99}, {"cpu.busiest": 0.99}, {"throughput": 0}} {
		runs = append(runs, &Line{Figures: FiguresOf(figures)})
	}
	if c := (&Cell{Runs: runs}); c.having(bottleneck) != 2 {
		p := c.pressure()
		t.Errorf("%d have %s", c.having(bottleneck), p.Bottleneck())
	}
}
