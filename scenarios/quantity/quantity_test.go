package quantity_test

import (
	"math"
	"testing"

	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/sim"
)

// TestBytes: what is printed has the largest unit of which it is a multiple, and reads back
// as it was.
func TestBytes(t *testing.T) {
	for text, want := range map[string]quantity.Bytes{
		"0": 0, "1": 1, "1000": 1000, "1025": 1025, "1KiB": 1 << 10, "-3KiB": -3 << 10, "1023KiB": 1023 << 10, "1MiB": 1 << 20, "2GiB": 2 << 30, "5TiB": 5 << 40,
		"8388607TiB": 8388607 << 40, "-8388608TiB": math.MinInt64,
	} {
		if got, err := quantity.ParseBytes(text); err != nil || got != want || want.String() != text {
			t.Errorf("%s is read as %d, %v, and printed as %v", text, int64(got), err, want)
		}
	}
	for _, text := range []string{"", "KiB", "1.5KiB", "1kb", "8388608TiB", "-8388609TiB", "1 KiB KiB", "0x10"} {
		if got, err := quantity.ParseBytes(text); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// TestParseRate: what is no finite number of events is no rate.
func TestParseRate(t *testing.T) {
	for _, text := range []string{"", "/s", "x/s", "5/", "5/s/s", "1e308/us", "NaN/s", "inf", "0x10/s", "1_000/s"} {
		if got, err := quantity.ParseRate(text); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
	if got, err := quantity.ParseRate("36000 / h"); got != 10 || err != nil {
		t.Error(got, err)
	}
}

func TestParseNumber(t *testing.T) {
	for _, text := range []string{"", "x", "Inf", "-inf", "1e999", "NaN", "0x10", "0X1p-2", "0x_1p4"} {
		if got, err := quantity.ParseNumber(text); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
	if got, err := quantity.ParseNumber("-0"); got != 0 || math.Signbit(got) || err != nil {
		t.Error(got, err)
	}
}

// TestFraction: a probability prints as the fraction it was made of.
func TestFraction(t *testing.T) {
	for _, x := range []float64{0, 0.25, 0.5, 1} {
		if got := quantity.Fraction(sim.ProbabilityOf(x)); got != x {
			t.Errorf("%v: %v", x, got)
		}
	}
}

func TestIsConstant(t *testing.T) {
	for text, want := range map[string]bool{"5ms": true, "0s": true, "uniform(1ms, 2ms)": false, "exp(1ms)": false} {
		if d := quantity.MustDist(text); quantity.IsConstant(&d) != want {
			t.Errorf("%s: %v", text, !want)
		}
	}
}
