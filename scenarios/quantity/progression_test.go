package quantity

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// TestMaxValues: a range has 10,000 values at most, and is refused before it is gone
// through: the products of the last would take days.
func TestMaxValues(t *testing.T) {
	for text, want := range map[string]int{
		"1..10000": 10000, "0.5..10000.4": 10000, "-9999..0": 10000, "0..9.999+0.001": 10000, "0ms..9999ms+1ms": 10000,
		"1..2*1.00007": 9903, "1..2.0137033734*1.00007": 10000, // 1.00007 to the 10,000 is 2.01370337343602…
		"1..1*1.000001": 1, "1..1e99*1e99": 2, "7..7": 1,
	} {
		if values, err := List(text); err != nil || len(values) != want {
			t.Errorf("%s: %d values, %v, expected %d", text, len(values), err, want)
		}
	}
	for _, text := range []string{"1..10001", "0..10+0.001", "0ms..10000ms+1ms", "1..2.0137033735*1.00007", "1..2*1.000001",
		"1..1e99*1.0000000000000001", "1e-99..1e99+1e-99"} {
		if values, err := List(text); err == nil || !strings.Contains(err.Error(), "range "+text+": more than 10000 values") {
			t.Errorf("%s: %d values, %v", text, len(values), err)
		}
	}
}

// TestProgression: the same values as by rational numbers in lowest terms.
func TestProgression(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	rational := func(least, most int64) *big.Rat {
		scale := []int64{1, 10, 1000, 1000000, 1 << 40}[r.IntN(5)]
		return big.NewRat(least*scale+r.Int64N((most-least)*scale), scale)
	}
	seen := 0
	for range 300 {
		times := r.IntN(2) == 0
		low, high, step := rational(-3, 3), rational(3, 9), rational(0, 2)
		if step.Sign() == 0 {
			continue
		}
		if times {
			low.Abs(low).Mul(low, big.NewRat(1, 1<<r.IntN(40))).Add(low, big.NewRat(1, 1e12))
			step.Add(step, big.NewRat(1, 1))
		}
		var want []string
		for x := low; x.Cmp(high) <= 0 && len(want) <= 300; {
			want = append(want, inLowestTerms(x))
			if times {
				x = new(big.Rat).Mul(x, step)
			} else {
				x = new(big.Rat).Add(x, step)
			}
		}
		if len(want) > 300 {
			continue
		}
		if got := progression(low, high, step, times); !slices.Equal(got, want) {
			t.Fatalf("%v to %v by %v, times %v:\n%q\n%q", low, high, step, times, got, want)
		}
		seen++
	}
	if seen < 100 {
		t.Errorf("%d ranges are not too long to compare", seen)
	}
}

// inLowestTerms prints a number with at most nine places behind leading zeros.
func inLowestTerms(x *big.Rat) string {
	if x.IsInt() {
		return x.RatString()
	}
	places, ten := 9, big.NewRat(10, 1)
	for y := new(big.Rat).Mul(x, ten); y.Num().CmpAbs(y.Denom()) < 0; y.Mul(y, ten) {
		places++
	}
	return strings.TrimRight(x.FloatString(places), "0")
}
