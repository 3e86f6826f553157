package sim

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Dist is a distribution of durations. The zero Dist is the constant 0. A
// Dist is immutable and may be shared between goroutines.
//
// Its text forms, durations as in Go ("1.5ms"):
//
//	500us, constant(500us)   always the same
//	uniform(1ms, 2ms)        every nanosecond from low to high, both included
//	exp(1ms)                 exponential, by its mean
//	lognormal(500us, 0.4)    by its median and the sigma of the underlying normal
//	pareto(1ms, 1.5)         P(X > x) = (minimum/x)^alpha
//	empirical(1ms, 2ms, 5ms) the sorted samples as quantiles at equal steps from
//	                         0 to 1, linear in between: each gap between
//	                         neighbours is equally likely
//
// Durations are at most 876000h (100 years). The three with a formula are
// tabulated to a relative 1e-6, in the first and the last percent to 1e-5 (lognormal:
// for sigma up to 1), and the nearest nanosecond; their samples stop at the quantiles
// 2^-41 and 1-2^-41, and at 876000h, close to which they are less precise.
type Dist struct {
	kind  distKind
	low   time.Duration  // the constant, low, mean, median or minimum
	high  time.Duration  // of a uniform distribution
	shape float64        // sigma or alpha
	table *quantileTable // nil if constant or uniform
}

type distKind uint8

const (
	distConstant distKind = iota
	distUniform
	distExp
	distLognormal
	distPareto
	distEmpirical
)

const (
	distMax        = 876000 * time.Hour
	distMaxSamples = 4096
)

// Sample returns the quantile of d at u/2^64: uniform u gives a sample. It is
// monotone in u, allocates nothing and computes in integers only.
func (d Dist) Sample(u uint64) time.Duration { return d.at(u) }

// at is Sample without a copy of the distribution.
func (d *Dist) at(u uint64) time.Duration { return quantileAt(d.table, d.low, d.high, u) }

// Median returns the quantile at 1/2.
func (d Dist) Median() time.Duration { return d.Sample(1 << 63) }

// IsZero reports whether every sample is 0.
func (d Dist) IsZero() bool { return d.Sample(math.MaxUint64) == 0 }

// Equal reports whether d and e have the same text.
func (d Dist) Equal(e Dist) bool {
	if d.kind != e.kind || d.low != e.low || d.high != e.high || d.shape != e.shape {
		return false
	}
	return d.kind != distEmpirical || slices.Equal(d.table.samples, e.table.samples)
}

// tabulate gives a distribution that has a formula its table, which it shares with its equals.
func (d Dist) tabulate() Dist {
	d.table = tables.of(d)
	return d
}

// newTable builds that table.
func (d Dist) newTable() *quantileTable {
	scale := float64(d.low)
	var quantile func(tail float64, upper bool) float64
	switch d.kind {
	case distExp:
		quantile = func(tail float64, upper bool) float64 { return float64(scale * exponential(tail, upper)) }
	case distPareto:
		quantile = func(tail float64, upper bool) float64 {
			return float64(scale * Exp(exponential(tail, upper)/d.shape))
		}
	case distLognormal:
		quantile = func(tail float64, upper bool) float64 {
			z := normalUpper(tail)
			if !upper {
				z = -z
			}
			return float64(scale * Exp(float64(d.shape*z)))
		}
	}
	return newQuantileTable(quantile)
}

// exponential returns the quantile of the exponential distribution of mean 1
// that has a share tail of it below, or above.
func exponential(tail float64, upper bool) float64 {
	if upper {
		return -Log(tail)
	}
	return -log1p(-tail)
}

// String returns the text of d, from which ParseDist makes an equal one.
func (d Dist) String() string {
	low := DurationText(d.low)
	shape := strconv.FormatFloat(d.shape, 'g', -1, 64)
	switch d.kind {
	case distUniform:
		return "uniform(" + low + ", " + DurationText(d.high) + ")"
	case distExp:
		return "exp(" + low + ")"
	case distLognormal:
		return "lognormal(" + low + ", " + shape + ")"
	case distPareto:
		return "pareto(" + low + ", " + shape + ")"
	case distEmpirical:
		texts := make([]string, len(d.table.samples))
		for i, s := range d.table.samples {
			texts[i] = DurationText(s)
		}
		return "empirical(" + strings.Join(texts, ", ") + ")"
	}
	return low
}

// DurationText prints d like time.Duration, but in ASCII ("500us") and
// without the zero units at its end ("1h", not "1h0m0s").
func DurationText(d time.Duration) string {
	s := strings.Replace(d.String(), "µ", "u", 1)
	if strings.HasSuffix(s, "m0s") {
		s = s[:len(s)-len("0s")]
	}
	if strings.HasSuffix(s, "h0m") {
		s = s[:len(s)-len("0m")]
	}
	return s
}

// distForms are the forms with parameters, by kind, as error messages show them.
var distForms = [...]string{
	distConstant:  "constant(duration)",
	distUniform:   "uniform(low, high)",
	distExp:       "exp(mean)",
	distLognormal: "lognormal(median, sigma)",
	distPareto:    "pareto(minimum, alpha)",
	distEmpirical: "empirical(sample, sample, ...)",
}

// ParseDist reads one of the forms that Dist lists. Building a table takes some
// 0.3 ms, unless one with the same parameters is in use.
func ParseDist(s string) (Dist, error) {
	text := strings.TrimSpace(s)
	d, err := parseDist(text)
	if err != nil {
		return Dist{}, fmt.Errorf("%s: %w", cmp.Or(text, `""`), err)
	}
	return d, nil
}

func parseDist(text string) (Dist, error) {
	name, rest, call := strings.Cut(text, "(")
	if !call {
		if text == "" || !strings.ContainsRune("+-.0123456789", rune(text[0])) {
			return Dist{}, fmt.Errorf("unknown distribution, want %s", distWant())
		}
		low, err := parseDelay("duration", text)
		return Dist{low: low, high: low}, err
	}
	name = strings.TrimSpace(name)
	kind := slices.IndexFunc(distForms[:], func(form string) bool { return strings.HasPrefix(form, name+"(") })
	if kind < 0 {
		return Dist{}, fmt.Errorf("unknown distribution %q, want %s", name, distWant())
	}
	list, closed := strings.CutSuffix(rest, ")")
	if !closed {
		return Dist{}, errors.New("must end with a parenthesis")
	}
	args := strings.Split(list, ",")
	if distKind(kind) == distEmpirical {
		return parseEmpirical(args)
	}
	if want := strings.Count(distForms[kind], ",") + 1; len(args) != want {
		return Dist{}, fmt.Errorf("must be %s", distForms[kind])
	}
	return parseParameters(distKind(kind), args)
}

// distWant lists the accepted forms.
func distWant() string {
	forms := strings.Join(distForms[:], ", ")
	last := strings.LastIndex(forms, ", empirical")
	return "a duration such as 500us, " + forms[:last] + " or" + forms[last+1:]
}

// parseParameters returns the distribution of a kind with one or two
// parameters, whose number has been checked.
func parseParameters(kind distKind, args []string) (d Dist, err error) {
	d.kind = kind
	first := distForms[kind][strings.Index(distForms[kind], "(")+1:]
	first = first[:strings.IndexAny(first, ",)")]
	if d.low, err = parseDelay(first, args[0]); err != nil {
		return Dist{}, err
	}
	if kind >= distExp && d.low == 0 {
		return Dist{}, fmt.Errorf("%s must be positive", first)
	}
	switch kind {
	case distConstant:
		d.high = d.low
		return d, nil
	case distUniform:
		if d.high, err = parseDelay("high", args[1]); err == nil && d.high < d.low {
			err = errors.New("high must not be below low")
		}
		return d, err
	case distLognormal:
		if d.shape, err = parseShape("sigma", args[1]); err == nil && d.shape < 0 {
			err = errors.New("sigma must not be negative")
		}
	case distPareto:
		if d.shape, err = parseShape("alpha", args[1]); err == nil && d.shape <= 0 {
			err = errors.New("alpha must be positive")
		}
	}
	if err != nil {
		return Dist{}, err
	}
	return d.tabulate(), nil
}

// parseEmpirical returns the distribution of the samples, a constant if there
// is only one.
func parseEmpirical(args []string) (Dist, error) {
	if len(args) > distMaxSamples {
		return Dist{}, fmt.Errorf("has %d samples, want at most %d", len(args), distMaxSamples)
	}
	samples := make([]time.Duration, len(args))
	for i, arg := range args {
		sample, err := parseDelay("sample", arg)
		if err != nil {
			return Dist{}, err
		}
		samples[i] = sample
	}
	if len(samples) == 1 {
		return Dist{low: samples[0], high: samples[0]}, nil
	}
	slices.Sort(samples)
	return Dist{kind: distEmpirical, table: &quantileTable{samples: samples}}, nil
}

// parseDelay reads the parameter of that name, a duration from 0 to distMax.
func parseDelay(name, text string) (time.Duration, error) {
	text = strings.TrimSpace(text)
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%s %q must be a duration such as 500us, at most %s", name, text, DurationText(distMax))
	case d < 0:
		return 0, fmt.Errorf("%s must not be negative", name)
	case d > distMax:
		return 0, fmt.Errorf("%s must be at most %s", name, DurationText(distMax))
	}
	return d, nil
}

// parseShape reads the parameter of that name, a finite number.
func parseShape(name, text string) (float64, error) {
	text = strings.TrimSpace(text)
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, fmt.Errorf("%s %q must be a finite number", name, text)
	}
	if x == 0 {
		return 0, nil // a negative zero would print as "-0"
	}
	return x, nil
}
