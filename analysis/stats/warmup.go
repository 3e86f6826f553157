package stats

import "math"

// mserBatch is the batch of MSER-5.
const mserBatch = 5

// MSER5 says how many of the first values are warm-up: those whose removal makes
// the standard error of the mean of the rest least, in batches of five (White,
// Cobb and Spratt, "A comparison of five steady-state truncation heuristics for
// simulation", WSC 2000). It is not ok if that takes more than half of them: the
// run has reached no steady state. Fewer than 30 values are left as they are.
func MSER5(xs []float64) (cut int, ok bool) {
	n := len(xs) / mserBatch
	means := make([]float64, n)
	for i := range means {
		means[i], _ = moments(xs[i*mserBatch : (i+1)*mserBatch])
	}
	// From the end, the mean and the sum of squares of what remains (Welford).
	mean, squares, best, least := 0.0, 0.0, 0, math.Inf(1)
	for d := n - 1; d >= 0; d-- {
		left := float64(n - d)
		delta := means[d] - mean
		mean += delta / left
		squares += float64(delta * (means[d] - mean)) // not fused: one cut on every processor
		// The last few batches may agree by chance.
		if n-d < mserBatch && d > 0 {
			continue
		}
		if mser := squares / (left * left); mser <= least {
			best, least = d, mser
		}
	}
	return best * mserBatch, 2*best <= n
}
