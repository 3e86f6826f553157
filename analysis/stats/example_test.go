package stats_test

import (
	"fmt"

	"github.com/seed83d86191/txsim/analysis/stats"
)

// Throughputs of two protocols with the same eight seeds: seeds differ by more than the
// protocols do, but pair by pair there is no doubt.
func ExamplePaired() {
	a := []float64{650, 590, 720, 480, 610, 690, 530, 640}
	b := []float64{605, 560, 660, 450, 575, 640, 500, 600}
	fmt.Printf("medians %.0f and %.0f\n", stats.Median(a).Estimate, stats.Median(b).Estimate)
	d := stats.Paired(a, b)
	fmt.Printf("%d pairs: %.3f times, from %.3f to %.3f, p = %.4f\n", d.Pairs, d.Ratio.Estimate, d.Ratio.Low, d.Ratio.High, d.P)
	// Output:
	// medians 625 and 588
	// 8 pairs: 0.937 times, from 0.927 to 0.943, p = 0.0078
}
