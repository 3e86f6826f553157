package workload

import (
	"math"

	"github.com/seed83d86191/txsim/sim"
)

// zipf draws ranks 1 to n with probabilities in proportion to rank^-theta,
// exactly and in constant time and space, by rejection-inversion: W. Hörmann,
// G. Derflinger, "Rejection-inversion to generate variates from monotone
// discrete distributions", ACM TOMACS 6(3), 1996. It computes with sim's
// functions only, so that every processor draws the same.
type zipf struct {
	theta float64
	n     float64
	low   float64 // integral below rank 1, such that the area of 1 is its weight
	span  float64 // of the integral from low to the end of rank n
	sure  float64 // a rank this close above the inverse is accepted unseen
}

func newZipf(n int64, theta float64) *zipf {
	z := &zipf{theta: theta, n: float64(n)}
	z.low = z.integral(1.5) - 1
	z.span = z.integral(z.n+0.5) - z.low
	z.sure = 2 - z.inverse(z.integral(2.5)-z.weight(2))
	return z
}

// rank returns a rank from a uniform u. Draws after a rejection derive from u,
// so that each rank takes one u.
func (z *zipf) rank(u uint64) int64 {
	for {
		area := z.low + float64(z.span*unit(u))
		x := z.inverse(area)
		k := min(max(math.Floor(x+0.5), 1), z.n)
		if k-x <= z.sure || area >= z.integral(k+0.5)-z.weight(k) {
			return int64(k)
		}
		u = sim.Hash(u)
	}
}

// unit maps a uniform draw into the open interval from 0 to 1.
func unit(u uint64) float64 { return (float64(u>>11) + 0.5) / (1 << 53) }

func (z *zipf) weight(x float64) float64 { return sim.Exp(-float64(z.theta * sim.Log(x))) }

// integral returns (x^(1-theta) - 1) / (1-theta), the integral of the weight
// from 1, which is ln x at theta 1.
func (z *zipf) integral(x float64) float64 {
	log := sim.Log(x)
	return float64(expm1Over(float64((1-z.theta)*log)) * log)
}

// inverse is the inverse of integral.
func (z *zipf) inverse(area float64) float64 {
	t := max(float64(area*(1-z.theta)), -1) // rounding may take it beyond
	return sim.Exp(float64(log1pOver(t) * area))
}

// log1pOver returns ln(1+x)/x, 1 at 0; see log1p in package sim.
func log1pOver(x float64) float64 {
	u := 1 + x
	if u == 1 {
		return 1
	}
	return sim.Log(u) / (u - 1)
}

// expm1Over returns (e^x-1)/x, 1 at 0. The quotient cancels the rounding of
// e^x (Kahan; see N. Higham, "Accuracy and Stability of Numerical Algorithms",
// section 1.14.1).
func expm1Over(x float64) float64 {
	u := sim.Exp(x)
	if log := sim.Log(u); log != 0 && !math.IsInf(log, 0) {
		return (u - 1) / log
	} else if u == 1 {
		return 1
	}
	return (u - 1) / x
}
