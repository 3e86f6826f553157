package quantity

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// Bytes is a size. Its text is a number with an optional unit: B, KiB, MiB,
// GiB or TiB.
type Bytes int64

var byteUnits = []struct {
	name  string
	shift int
}{{"TiB", 40}, {"GiB", 30}, {"MiB", 20}, {"KiB", 10}, {"B", 0}}

// String prints the size in the largest unit of which it is a multiple.
func (b Bytes) String() string {
	for _, u := range byteUnits {
		if u.shift > 0 && b != 0 && b&(1<<u.shift-1) == 0 {
			return strconv.FormatInt(int64(b)>>u.shift, 10) + u.name
		}
	}
	return strconv.FormatInt(int64(b), 10)
}

// ParseBytes reads a size.
func ParseBytes(text string) (Bytes, error) {
	digits, shift := text, 0
	for _, u := range byteUnits {
		if d, ok := strings.CutSuffix(text, u.name); ok {
			digits, shift = strings.TrimRight(d, " "), u.shift
			break
		}
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n > math.MaxInt64>>shift || n < math.MinInt64>>shift {
		return 0, errors.New("must be a size in bytes, such as 4096 or 64KiB")
	}
	return Bytes(n << shift), nil
}

// Rate is a number of events per second of virtual time. Its text is a number
// with an optional unit: /s, /ms, /us, /m or /h.
type Rate float64

// String prints the rate per second.
func (r Rate) String() string { return strconv.FormatFloat(float64(r), 'f', -1, 64) + "/s" }

var rateUnits = map[string]float64{"s": 1, "ms": 1e3, "us": 1e6, "m": 1.0 / 60, "h": 1.0 / 3600}

// ParseRate reads a rate.
func ParseRate(text string) (Rate, error) {
	number, unit, ok := strings.Cut(text, "/")
	per := 1.0
	if ok {
		per = rateUnits[strings.TrimSpace(unit)]
	}
	f, err := ParseNumber(strings.TrimSpace(number))
	if err != nil || per == 0 || math.IsInf(f*per, 0) {
		return 0, errors.New("must be a rate such as 5000/s")
	}
	return Rate(f * per), nil
}

// ParseNumber reads a finite decimal number; "-0" is 0.
func ParseNumber(text string) (float64, error) {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) || strings.ContainsAny(text, "xX_") {
		return 0, errors.New("must be a number")
	}
	return f + 0, nil
}

// MustDist returns the distribution of a text that is known to be valid.
func MustDist(text string) sim.Dist {
	d, err := sim.ParseDist(text)
	if err != nil {
		panic(err)
	}
	return d
}

// IsConstant reports whether every sample of d is the same.
func IsConstant(d *sim.Dist) bool { return d.Sample(0) == d.Sample(1<<64-1) }

// Constant returns the distribution whose samples are all d.
func Constant(d time.Duration) sim.Dist {
	dist, _ := sim.ParseDist(d.String())
	return dist
}

// Fraction is the inverse of sim.ProbabilityOf.
func Fraction(p sim.Probability) float64 {
	if p == math.MaxUint64 {
		return 1
	}
	return float64(p) / (1 << 32) / (1 << 32)
}
