package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestWalsh holds the order of the means of pairs against a list of them all.
func TestWalsh(t *testing.T) {
	r := rand.New(rand.NewPCG(15, 16))
	some := []float64{math.Inf(-1), math.Inf(1), 0, -1, 1, 1e-300, -3e300}
	for range 500 {
		xs := make([]float64, 1+r.IntN(12))
		for i := range xs {
			if xs[i] = r.NormFloat64(); r.IntN(3) == 0 {
				xs[i] = some[r.IntN(len(some))]
			}
		}
		slices.Sort(xs)
		var means []float64
		for i, x := range xs {
			for _, y := range xs[:i+1] {
				m := (x + y) / 2
				if math.IsInf(x, 1) && math.IsInf(y, -1) {
					m = 0
				}
				means = append(means, m)
			}
		}
		slices.Sort(means)
		for k, want := range means {
			if got := walsh(xs, k+1); got != want {
				t.Fatalf("%v: mean %d is %v, want %v", xs, k+1, got, want)
			}
		}
	}
}

// TestManyPairs: the interval takes no room for all pairs of pairs.
func TestManyPairs(t *testing.T) {
	xs := make([]float64, 20000)
	for i := range xs {
		xs[i] = float64(i)
	}
	i := hodgesLehmann(xs)
	if i.Estimate != 9999.5 || i.Low >= i.Estimate || i.High <= i.Estimate || !near(i.Estimate-i.Low, i.High-i.Estimate, 1) {
		t.Errorf("of 0 to 19999: %+v", i)
	}
	if n := testing.AllocsPerRun(1, func() { walsh(xs, len(xs)) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// TestPaired: of equal samples nothing is claimed, a real difference is found, and
// its interval covers it.
func TestPaired(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	false5, covered, found := 0, 0, 0
	const runs = 1000
	for range runs {
		a, same, more := make([]float64, 12), make([]float64, 12), make([]float64, 12)
		for i := range a {
			base := math.Exp(r.NormFloat64())
			a[i] = base * math.Exp(0.1*r.NormFloat64())
			same[i] = base * math.Exp(0.1*r.NormFloat64())
			more[i] = 1.3 * base * math.Exp(0.1*r.NormFloat64())
		}
		if Paired(a, same).P < 0.05 {
			false5++
		}
		d := Paired(a, more)
		if d.P < 0.05 {
			found++
		}
		if d.Ratio.Low <= 1.3 && 1.3 <= d.Ratio.High {
			covered++
		}
	}
	if false5 > runs*7/100 || found < runs*95/100 || covered < runs*93/100 {
		t.Errorf("of %d: %d false, %d found, %d covered", runs, false5, found, covered)
	}
}

// TestPairedLeft: a pair with a figure that is negative or no number, on either side, is left
// out and counted.
func TestPairedLeft(t *testing.T) {
	for _, x := range []float64{-1, math.NaN()} {
		for _, d := range []Difference{Paired([]float64{1, 2}, []float64{x, 3}), Paired([]float64{x, 3}, []float64{1, 2})} {
			if d.Left != 1 || d.Pairs != 1 {
				t.Errorf("%v: %+v", x, d)
			}
		}
	}
}

// TestPairedTurned: which sample is the first does not matter, also where ratios are ties
// whose quotients are rounded.
func TestPairedTurned(t *testing.T) {
	a, b := []float64{4, 4, 4, 4, 4, 4, 4, 5}, []float64{5, 5, 5, 5, 5, 5, 5, 4}
	if d := Paired(a, b); d.P != 2*9.0/256 {
		t.Errorf("seven up, one down: p %v, want %v", d.P, 2*9.0/256)
	}
	r := rand.New(rand.NewPCG(13, 14))
	for range 300 {
		for i := range a {
			a[i], b[i] = float64(1+r.IntN(60)), float64(1+r.IntN(60))
		}
		if there, back := Paired(a, b), Paired(b, a); there.P != back.P {
			t.Fatalf("%v and %v: p %v, and the other way round %v", a, b, there.P, back.P)
		}
	}
}

// TestPairedAgrees: without zeros and ties, the interval excludes 0 just if the test
// refutes it.
func TestPairedAgrees(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 12))
	refuted := 0
	for range 1000 {
		ds := make([]float64, 4+r.IntN(12))
		for i := range ds {
			ds[i] = 0.5 + r.NormFloat64()
		}
		i, p := hodgesLehmann(ds), SignedRank(ds)
		if excluded := i.Low > 0 || i.High < 0; excluded != (p <= 1-level) {
			t.Fatalf("%v: p %v, interval %v", ds, p, i)
		}
		if p <= 1-level {
			refuted++
		}
	}
	if refuted < 200 || refuted > 800 {
		t.Errorf("%d of 1000 refuted", refuted)
	}
}

// TestPairedZeros: a figure of 0 on one side is a difference larger than any other, in
// its direction; on both sides it is none. The test is that of very small figures, and
// what it does not refute is as they have it in the limit.
func TestPairedZeros(t *testing.T) {
	if d := Paired([]float64{1, math.NaN(), -1, 2}, []float64{2, 1, 1, 4}); d.Pairs != 2 || d.Left != 2 || d.Zeros != 0 || !near(d.Ratio.Estimate, 2, 1e-12) {
		t.Errorf("what has no ratio: %+v", d)
	}
	if d := Paired(make([]float64, 8), make([]float64, 8)); d.P != 1 || d.Pairs != 8 || d.Zeros != 0 || d.Ratio.Estimate != 1 {
		t.Errorf("nothing but zeros: %+v", d)
	}
	some := []float64{1, 2, 3, 4, 5, 6, 7, 8}
	if d := Paired(make([]float64, 8), some); d.P != 2.0/256 || d.Zeros != 8 || !math.IsInf(d.Ratio.Estimate, 1) || !math.IsInf(d.Ratio.Low, 1) {
		t.Errorf("from zero: %+v", d)
	}
	if d := Paired(some, make([]float64, 8)); d.P != 2.0/256 || d.Ratio.Estimate != 0 || d.Ratio.High != 0 {
		t.Errorf("to zero: %+v", d)
	}
	r := rand.New(rand.NewPCG(9, 10))
	seen := 0
	for range 300 {
		a, b := make([]float64, 10), make([]float64, 10)
		tinyA, tinyB := make([]float64, 10), make([]float64, 10) // with what stands for 0
		for i := range a {
			a[i], b[i] = float64(r.IntN(4)), float64(r.IntN(4))
			switch tinyA[i], tinyB[i] = a[i], b[i]; {
			case a[i] == 0 && b[i] == 0:
				tinyA[i], tinyB[i] = 1, 1
			case a[i] == 0:
				tinyA[i], tinyB[i] = 1e-200, 1
			case b[i] == 0:
				tinyA[i], tinyB[i] = 1, 1e-200
			}
		}
		d, e := Paired(a, b), Paired(tinyA, tinyB)
		if d.P != e.P {
			t.Fatalf("%v and %v: p = %v, and %v with tiny figures", a, b, d.P, e.P)
		}
		for _, x := range [][2]float64{{d.Ratio.Estimate, e.Ratio.Estimate}, {d.Ratio.Low, e.Ratio.Low}, {d.Ratio.High, e.Ratio.High}} {
			switch {
			case math.IsInf(x[0], 1) && x[1] < 1e50, x[0] == 0 && x[1] > 1e-50, !math.IsInf(x[0], 1) && x[0] != 0 && !near(x[0], x[1], 1e-9*x[0]):
				t.Fatalf("%v and %v: %+v, and %+v with tiny figures", a, b, d.Ratio, e.Ratio)
			}
		}
		if d.Zeros > 0 {
			seen++
		}
	}
	if seen < 200 {
		t.Errorf("%d samples had zeros", seen)
	}
}

// TestIntervalEnds: of values that lie evenly around 0, so does the interval.
func TestIntervalEnds(t *testing.T) {
	i := hodgesLehmann([]float64{-1, 1, -2.3, 2.3, -5, 5, -11.7, 11.7})
	if i.Low != -i.High || i.Low >= 0 || math.IsInf(i.Low, 0) || i.Estimate != 0 {
		t.Errorf("%+v", i)
	}
}
