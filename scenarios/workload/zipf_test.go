package workload

import (
	"fmt"
	"math"
	"testing"

	"github.com/seed83d86191/txsim/sim"
)

// TestZipfShape holds a million ranks against Zipf's law.
func TestZipfShape(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		n     int
		theta float64
	}{{1, 0.9}, {2, 0.5}, {3, 3}, {10, 0}, {100, 0.5}, {1000, 0.9}, {1000, 0.99}, {1000, 1}, {1000, 1.0000001}, {5000, 1.5}, {50, 10}, {1000000, 0.99}} {
		const draws = 400000
		r := sim.NewRand(7, "test/zipf")
		z := newZipf(int64(c.n), c.theta)
		// Ranks share a bin where one alone would be met too seldom.
		weights, sum := make([]float64, c.n), 0.0
		for k := 1; k <= c.n; k++ {
			weights[k-1] = math.Pow(float64(k), -c.theta)
			sum += weights[k-1]
		}
		bin, expected := make([]int32, c.n+1), []float64{0}
		for k := 1; k <= c.n; k++ {
			bin[k] = int32(len(expected) - 1)
			expected[bin[k]] += weights[k-1] / sum * draws
			if expected[bin[k]] >= 50 && k < c.n {
				expected = append(expected, 0)
			}
		}
		if last := len(expected) - 1; last > 0 && expected[last] < 10 {
			expected[last-1] += expected[last]
			expected = expected[:last]
		}
		got := make([]float64, len(expected))
		for range draws {
			k := int(z.rank(r.Uint64()))
			if k < 1 || k > c.n {
				t.Fatalf("n %d, theta %g: rank %d", c.n, c.theta, k)
			}
			got[min(int(bin[k]), len(got)-1)]++
		}
		fits(t, fmt.Sprintf("n %d, theta %g", c.n, c.theta), got, expected)
	}
}

// TestZipfEnds draws the extremes, where rounding could lead astray.
func TestZipfEnds(t *testing.T) {
	for _, theta := range []float64{0.1, 0.99, 1, 2.5, 10} {
		for _, n := range []int64{1, 2, 1000, MaxKeys, scrambledItems} {
			z := newZipf(n, theta)
			for _, u := range []uint64{0, 1, 1 << 11, 1<<63 - 1, 1 << 63, math.MaxUint64 - 1, math.MaxUint64} {
				if k := z.rank(u); k < 1 || k > n {
					t.Errorf("n %d, theta %g, draw %d: rank %d", n, theta, u, k)
				}
			}
		}
	}
}

// TestZipfGolden pins ranks: they are the same on every processor.
func TestZipfGolden(t *testing.T) {
	h := uint64(0)
	for _, theta := range []float64{0.5, 0.99, 1, 1.3} {
		z := newZipf(1000000, theta)
		r := sim.NewRand(1, "test/zipf")
		for range 100000 {
			h = sim.Hash(h, uint64(z.rank(r.Uint64())))
		}
	}
	if want := uint64(0x982aa65b6279e2e8); h != want {
		t.Errorf("hash %#x, want %#x", h, want)
	}
}

func BenchmarkZipf(b *testing.B) {
	z := newZipf(1000000, 0.99)
	r := sim.NewRand(1, "test/zipf")
	for b.Loop() {
		z.rank(r.Uint64())
	}
}

// fits holds counts against what was expected by a chi-squared test, far out in
// the tail: a sound sampler fails with probability 1e-6.
func fits(t *testing.T, what string, got, expected []float64) {
	t.Helper()
	chi := 0.0
	for i, e := range expected {
		chi += (got[i] - e) * (got[i] - e) / e
	}
	// Wilson and Hilferty's approximation of the quantile at 1-1e-6.
	df := float64(max(len(expected)-1, 1))
	limit := df * math.Pow(1-2/(9*df)+4.753*math.Sqrt(2/(9*df)), 3)
	if chi > limit {
		t.Errorf("%s: chi-squared %.1f over %d bins, limit %.1f", what, chi, len(expected), limit)
	}
}
