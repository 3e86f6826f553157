package stats

import (
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"
	"time"
)

func near(a, b, tolerance float64) bool { return math.Abs(a-b) <= tolerance }

// Published quantiles of Student's t at 97.5 %, to three places.
func TestQuantileT(t *testing.T) {
	for df, want := range map[float64]float64{1: 12.706, 2: 4.303, 5: 2.571, 9: 2.262, 19: 2.093, 30: 2.042, 120: 1.980} {
		if got := quantileT(0.975, df); !near(got, want, 0.0005) {
			t.Errorf("%v degrees of freedom: %.4f, expected %.3f", df, got, want)
		}
	}
	// The closed forms of one and two degrees of freedom.
	if got, want := quantileT(0.975, 1), math.Tan(math.Pi*0.475); !near(got, want, 1e-9) {
		t.Errorf("one degree of freedom: %v, expected %v", got, want)
	}
	if got, want := quantileT(0.975, 2), 0.95*math.Sqrt(2/(4*0.975*0.025))/1; !near(got, want, 1e-9) {
		t.Errorf("two degrees of freedom: %v, expected %v", got, want)
	}
}

// The ranks of the interval of a median, from the tables of the binomial
// distribution.
func TestMedianRank(t *testing.T) {
	for n, want := range map[int]int{1: 0, 5: 0, 6: 1, 8: 1, 9: 2, 12: 3, 20: 6, 30: 10, 100: 40} {
		if got := medianRank(n); got != want {
			t.Errorf("of %d: rank %d, expected %d", n, got, want)
		}
	}
	if i := Median([]float64{5, 1, 4, 2, 3}); i.Estimate != 3 || !math.IsInf(i.Half(), 1) {
		t.Errorf("of five: %v", i)
	}
	if i := Median(nil); !math.IsNaN(i.Estimate) || !math.IsInf(i.Low, -1) || !math.IsInf(i.High, 1) {
		t.Errorf("of nothing: %v", i)
	}
	if i := Mean([]float64{3}); i.Estimate != 3 || !math.IsInf(i.Low, -1) || !math.IsInf(i.High, 1) {
		t.Errorf("mean of one: %v", i)
	}
	if i := Median([]float64{6, 5, 1, 4, 2, 3}); i != (Interval{3.5, 1, 6}) {
		t.Errorf("of six: %v", i)
	}
}

// TestCoverage: intervals cover what they are of as often as they say.
func TestCoverage(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const runs = 4000
	var mean, median int
	for range runs {
		normal, skewed := make([]float64, 10), make([]float64, 15)
		for i := range normal {
			normal[i] = 3 + 2*r.NormFloat64()
		}
		for i := range skewed {
			skewed[i] = r.ExpFloat64()
		}
		if i := Mean(normal); i.Low <= 3 && 3 <= i.High {
			mean++
		}
		if i := Median(skewed); i.Low <= math.Ln2 && math.Ln2 <= i.High {
			median++
		}
	}
	if share := float64(mean) / runs; !near(share, 0.95, 0.012) {
		t.Errorf("the mean is covered in %.3f", share)
	}
	if share := float64(median) / runs; share < 0.945 {
		t.Errorf("the median is covered in %.3f", share)
	}
}

// TestSignedRank: the same p as counting over all signs, with ties and zeros.
func TestSignedRank(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		ds := make([]float64, 1+r.IntN(10))
		for i := range ds {
			ds[i] = float64(r.IntN(9) - 4)
		}
		if got, want := SignedRank(ds), allSigns(ds); !near(got, want, 1e-12) {
			t.Fatalf("%v: p %v, over all signs %v", ds, got, want)
		}
	}
	if p := SignedRank([]float64{1, 2, 3, 4, 5}); p != 0.0625 {
		t.Errorf("five of one sign: p %v", p)
	}
	if p := SignedRank([]float64{1, 2, 3, 4, 5, 6}); p != 0.03125 {
		t.Errorf("six of one sign: p %v", p)
	}
	many := make([]float64, 400)
	for i := range many {
		many[i] = r.NormFloat64()
	}
	if p := SignedRank(many); !(p > 0 && p <= 1) {
		t.Errorf("of 400: p %v", p)
	}
}

// TestSignedRankExact: up to MaxExact pairs the p is that of all signs, and above it is
// not: ranks without ties, of which the fifth is positive.
func TestSignedRankExact(t *testing.T) {
	for _, n := range []int{20, MaxExact, MaxExact + 1} {
		ds, positive := make([]float64, n), 0
		for i := range ds {
			if ds[i] = -float64(i + 1); i%5 == 0 || i > n*3/5 {
				ds[i], positive = float64(i+1), positive+i+1
			}
		}
		total := n * (n + 1) / 2
		ways := make([]float64, total+1) // shares of sign patterns by the sum of positive ranks
		ways[0] = 1
		for r := 1; r <= n; r++ {
			for sum := total; sum >= 0; sum-- {
				if ways[sum] /= 2; sum >= r {
					ways[sum] += ways[sum-r] / 2
				}
			}
		}
		want := 0.0
		for sum := range min(positive, total-positive) + 1 {
			want += 2 * ways[sum]
		}
		if got := SignedRank(ds); near(got, want, 1e-9*want) != (n <= MaxExact) || !near(got, want, 1e-3) {
			t.Errorf("%d pairs: p %v, of all signs %v", n, got, want)
		}
	}
}

// TestSignedRankMany: of many differences, some of them ties, p is that of the textbook's
// approximation, and it comes soon.
func TestSignedRankMany(t *testing.T) {
	const n = 6000
	ds := make([]float64, n)
	positive := 0.0
	for i := range ds {
		rank := float64(i) + 1
		if i%3 == 0 && i < n/2 { // the first half are ties of three
			rank++
		} else if i%3 == 2 && i < n/2 {
			rank--
		}
		if ds[i] = -rank; i%41 < 20 {
			ds[i], positive = rank, positive+rank
		}
	}
	const ties = n / 6 * (27 - 3)
	mean, variance := float64(n)*(n+1)/4, float64(n)*(n+1)*(2*n+1)/24-ties/48.0
	want := math.Erfc((mean - positive - 0.5) / math.Sqrt(2*variance))
	begin := time.Now()
	if got := SignedRank(ds); !near(got, want, 1e-12) || want > 0.5 || want < 0.001 {
		t.Errorf("p %v, expected %v", got, want)
	}
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
	for _, z := range []float64{0, 1e-9, 0.1, 1, 1.959964, 2.999, 3, 5, 10, 30} {
		if got, want := normalTail(z), math.Erfc(z/math.Sqrt2)/2; !near(got, want, 1e-12*want) && z >= 3 || !near(got, want, 1e-15) {
			t.Errorf("beyond %v: %v, expected %v", z, got, want)
		}
	}
}

// TestSignsAgree: where the exact distribution is left for the approximation, they hardly
// differ, with and without ties, and the interval still agrees with the test.
func TestSignsAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 14))
	smooth, tied := make([]float64, MaxExact), make([]float64, MaxExact)
	for i := range smooth {
		smooth[i], tied[i] = r.NormFloat64(), float64(1+r.IntN(9))
	}
	for _, ds := range [][]float64{smooth, tied} {
		ranks := doubledRanks(ds)
		exact, normal := exactSigns(ranks), normalSigns(ranks, 2)
		for sum := range MaxExact*(MaxExact+1)/2 + 1 {
			tolerance := 5e-4
			if near(2*exact(sum), 1-level, 0.005) {
				tolerance = 1.5e-4
			}
			if !near(2*exact(sum), 2*normal(sum), tolerance) {
				t.Fatalf("up to %d: p %v, approximately %v", sum, 2*exact(sum), 2*normal(sum))
			}
		}
	}
	refuted := 0
	for range 20 {
		ds := make([]float64, MaxExact+1)
		for i := range ds {
			ds[i] = 0.1 + r.NormFloat64()
		}
		i, p := hodgesLehmann(ds), SignedRank(ds)
		if excluded := i.Low > 0 || i.High < 0; excluded != (p <= 1-level) {
			t.Fatalf("p %v, interval %v", p, i)
		}
		if p <= 1-level {
			refuted++
		}
	}
	if refuted < 2 || refuted > 18 {
		t.Errorf("%d of 20 refuted", refuted)
	}
}

// allSigns counts the signs whose sum lies as far out.
func allSigns(ds []float64) float64 {
	var left []float64
	for _, d := range ds {
		if d != 0 {
			left = append(left, d)
		}
	}
	if len(left) == 0 {
		return 1
	}
	ranks := doubledRanks(left)
	total, seen := 0, 0
	for i, r := range ranks {
		total += r
		if left[i] > 0 {
			seen += r
		}
	}
	out := 0
	for signs := range 1 << len(left) {
		sum := 0
		for b := uint(signs); b != 0; b &= b - 1 {
			sum += ranks[bits.TrailingZeros(b)]
		}
		if min(sum, total-sum) <= min(seen, total-seen) {
			out++
		}
	}
	return float64(out) / float64(int(1)<<len(left))
}

// TestMSER5: a transient is cut, and little of what has none.
func TestMSER5(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	late := 0
	for range 200 {
		xs, flat := make([]float64, 1000), make([]float64, 1000)
		for i := range xs {
			flat[i] = r.NormFloat64()
			xs[i] = flat[i] + 30*math.Exp(-float64(i)/40)
		}
		if cut, ok := MSER5(xs); !ok || cut < 80 || cut > 500 {
			t.Errorf("of a transient of 40: cut %d, %v", cut, ok)
		}
		if _, ok := MSER5(flat); !ok {
			late++
		}
	}
	if late > 40 {
		t.Errorf("stationary series cut past half: %d of 200", late)
	}
	ramp := make([]float64, 200)
	for i := range ramp {
		ramp[i] = float64(i)
	}
	if cut, ok := MSER5(ramp); ok {
		t.Errorf("of a ramp: steady from %d", cut)
	}
	if cut, ok := MSER5(make([]float64, 100)); cut != 0 || !ok {
		t.Errorf("of a constant: %d, %v", cut, ok)
	}
	still := make([]float64, 100) // all alike from the 21st on
	for i := range 20 {
		still[i] = float64(i % 7)
	}
	if cut, ok := MSER5(still); cut != 20 || !ok {
		t.Errorf("of a constant behind a transient: %d, %v", cut, ok)
	}
	for n, want := range map[int]int{0: 0, 4: 0, 19: 0, 29: 0, 30: 5, 35: 5} { // any order: each by itself
		few := make([]float64, n)
		copy(few, []float64{100, 100, 100, 100, 100})
		if cut, ok := MSER5(few); cut != want || !ok {
			t.Errorf("of %d values: %d, %v", n, cut, ok)
		}
	}
}

// The example of the paper: fifteen p-values, of which four are significant at
// 0.05.
func TestBenjaminiHochberg(t *testing.T) {
	ps := []float64{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000}
	n := 0
	for _, q := range BenjaminiHochberg(append(ps, math.NaN())) {
		if q <= 0.05 {
			n++
		}
	}
	if n != 4 {
		t.Errorf("%d significant, expected 4", n)
	}
	if qs := BenjaminiHochberg([]float64{0.04, 0.01, 0.03}); !near(qs[0], 0.04, 1e-12) || !near(qs[1], 0.03, 1e-12) || !near(qs[2], 0.04, 1e-12) {
		t.Errorf("adjusted: %v", qs)
	}
}

func TestVarianceReduction(t *testing.T) {
	a := []float64{1, 5, 2, 9}
	if v := VarianceReduction(a, []float64{2, 6, 3, 10}); v != 1 {
		t.Errorf("of a shift: %v", v)
	}
	if v := VarianceReduction([]float64{2, 2}, []float64{3, 3}); v != 0 {
		t.Errorf("where nothing varies: %v", v)
	}
	if v := VarianceReduction([]float64{1, -1, 1, -1}, []float64{1, 1, -1, -1}); !near(v, 0, 1e-12) {
		t.Errorf("without correlation: %v", v)
	}
}

func TestLooks(t *testing.T) {
	for most, want := range map[int][]int{5: {5}, 10: {10}, 50: {10, 20, 40, 50}} {
		got := Looks(most)
		if len(got) != len(want) || got[len(got)-1] != want[len(want)-1] {
			t.Errorf("up to %d: %v", most, got)
		}
	}
	if Precise(Interval{0, 0, 0}, 0.02) {
		t.Error("ten runs without an event say nothing of how rare it is")
	}
	if Precise(Interval{100, 97, 101}, 0.02) || !Precise(Interval{100, 98, 101}, 0.02) {
		t.Error("precision of 2 %")
	}
}
