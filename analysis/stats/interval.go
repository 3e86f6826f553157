package stats

import (
	"math"
	"slices"

	"github.com/seed83d86191/txsim/sim"
)

// level is the coverage of intervals.
const level = 0.95

// MinMedian is the smallest sample whose median has an interval at 95 %: the
// chance that 5 values all lie on one side of it is 2·2^-5 = 6.25 %.
const MinMedian = 6

// Interval is an estimate and its confidence interval at 95 %, with infinite ends if the
// sample is too small.
type Interval struct {
	Estimate, Low, High float64
}

// Half returns the larger distance from the estimate to an end.
func (i Interval) Half() float64 { return max(i.High-i.Estimate, i.Estimate-i.Low) }

// Precise reports whether the interval is within rel of its estimate, on both
// sides. An estimate of 0 has no relative precision: of what is rare, a sample may have none.
func Precise(i Interval, rel float64) bool {
	return i.Estimate != 0 && i.Half() <= rel*math.Abs(i.Estimate)
}

// Looks returns the sizes at which a sequential rule looks at its sample: 10, 20, 40 and so
// on, and at last most.
func Looks(most int) []int {
	var sizes []int
	for n := 10; n < most; n *= 2 {
		sizes = append(sizes, n)
	}
	return append(sizes, most)
}

// Mean is the mean with Student's t interval, for values that are independent and
// not far from normal.
func Mean(xs []float64) Interval {
	n := float64(len(xs))
	mean, variance := moments(xs)
	half := math.Inf(1)
	if n > 1 {
		half = quantileT(1-(1-level)/2, n-1) * math.Sqrt(variance/n)
	}
	return Interval{mean, mean - half, mean + half}
}

// moments returns the mean and the sample variance; NaN for an empty sample.
func moments(xs []float64) (mean, variance float64) {
	for _, x := range xs {
		mean += x
	}
	mean /= float64(len(xs))
	for _, x := range xs {
		variance += float64((x - mean) * (x - mean))
	}
	return mean, variance / float64(len(xs)-1)
}

// Median is the median with the interval between order statistics that covers it
// at 95 % or more, whatever the distribution.
func Median(xs []float64) Interval {
	s := slices.Sorted(slices.Values(xs))
	n := len(s)
	if n == 0 {
		return Interval{math.NaN(), math.Inf(-1), math.Inf(1)}
	}
	i := Interval{(s[(n-1)/2] + s[n/2]) / 2, math.Inf(-1), math.Inf(1)}
	if k := medianRank(n); k > 0 {
		i.Low, i.High = s[k-1], s[n-k]
	}
	return i
}

// medianRank is the largest k for which the k-th value from either end bounds the
// median at 95 %: P(Binomial(n, 1/2) < k) ≤ 2.5 %. It is 0 if there is none.
func medianRank(n int) int {
	logTotal := float64(float64(n) * math.Ln2)
	below, term := 0.0, 0.0 // term is the logarithm of n over k
	for k := 0; k < n; k++ {
		below += sim.Exp(term - logTotal)
		if below > (1-level)/2 {
			return k
		}
		term += sim.Log(float64(n-k)) - sim.Log(float64(k+1))
	}
	return 0
}

// quantileT is the quantile of Student's t distribution with df degrees of
// freedom, by bisection of its distribution function, for p ≥ 1/2.
func quantileT(p, df float64) float64 {
	low, high := 0.0, 2.0
	for cdfT(high, df) < p {
		high *= 2
	}
	for range 200 {
		mid := (low + high) / 2
		if cdfT(mid, df) < p {
			low = mid
		} else {
			high = mid
		}
	}
	return (low + high) / 2
}

// normalTail is the chance that a standard normal value is larger than z, for z ≥ 0: by
// a series, and far out by a continued fraction (Abramowitz and Stegun 26.2.11 and
// 26.2.14).
func normalTail(z float64) float64 {
	density := sim.Exp(-z*z/2) / math.Sqrt(2*math.Pi)
	if z < 3 {
		sum, term := z, z
		for n := 3.0; term > 1e-17*sum; n += 2 {
			term = float64(term * (z * z / n))
			sum += term
		}
		return 0.5 - float64(density*sum)
	}
	fraction := z
	for k := 100.0; k > 0; k-- {
		fraction = z + k/fraction
	}
	return density / fraction
}

// cdfT is the distribution function of Student's t, for t ≥ 0.
func cdfT(t, df float64) float64 {
	return 1 - float64(betaRegular(df/2, 0.5, df/(df+float64(t*t)))/2)
}

// betaRegular is the regularized incomplete beta function I_x(a, b), by its
// continued fraction (Abramowitz and Stegun 26.5.8, evaluated after Lentz).
func betaRegular(a, b, x float64) float64 {
	if x <= 0 || x >= 1 {
		return min(max(x, 0), 1)
	}
	if x > (a+1)/(a+b+2) {
		return 1 - betaRegular(b, a, 1-x)
	}
	logBeta := logGamma(a) + logGamma(b) - logGamma(a+b)
	front := sim.Exp(float64(a*sim.Log(x))+float64(b*sim.Log(1-x))-logBeta) / a
	f, c, d := 1.0, 1.0, 0.0
	for i := range 1000 {
		m := float64(i / 2)
		twice := m + m
		term := 1.0
		switch {
		case i > 0 && i%2 == 0:
			term = m * (b - m) * x / ((a + twice - 1) * (a + twice))
		case i > 0:
			term = -(a + m) * (a + b + m) * x / ((a + twice) * (a + twice + 1))
		}
		d = 1 / nonzero(1+float64(term*d))
		c = nonzero(1 + term/c)
		f *= c * d
		if math.Abs(1-float64(c*d)) < 1e-15 {
			break
		}
	}
	return front * (f - 1)
}

// nonzero returns x, or a tiny number in place of one that is as good as 0.
func nonzero(x float64) float64 {
	const tiny = 1e-300
	if math.Abs(x) < tiny {
		return tiny
	}
	return x
}

// lanczos are the coefficients of Lanczos's approximation with g = 7 and nine
// terms, good to 15 digits (Press et al., "Numerical Recipes", 3rd edition, 6.1,
// give the method).
var lanczos = [...]float64{
	0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
	12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
}

// logGamma is the logarithm of the gamma function, for x ≥ 1/2.
func logGamma(x float64) float64 {
	x--
	sum, t := lanczos[0], x+7.5
	for i, c := range lanczos[1:] {
		sum += c / (x + float64(i+1))
	}
	return float64(0.5*sim.Log(2*math.Pi)) + float64((x+0.5)*sim.Log(t)) - t + sim.Log(sum)
}
