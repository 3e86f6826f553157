package quantity

import (
	"math/big"
	"strings"
)

// maxValues bounds the values of one range.
const maxValues = 10000

// fraction is a rational number that is not reduced to lowest terms. The powers of a step
// have very many digits, and reducing each, as big.Rat does, takes minutes for ten
// thousand. The denominator is positive.
type fraction struct{ num, den *big.Int }

// atMost reports whether f is not above x.
func (f fraction) atMost(x *big.Rat) bool {
	return new(big.Int).Mul(f.num, x.Denom()).Cmp(new(big.Int).Mul(x.Num(), f.den)) <= 0
}

// exceeds reports whether a range has more than maxValues values.
func exceeds(low, high, step *big.Rat, times bool) bool {
	n := big.NewInt(maxValues)
	if !times {
		beyond := new(big.Rat).Mul(new(big.Rat).SetInt(n), step)
		return beyond.Add(low, beyond).Cmp(high) <= 0
	}
	num, den := new(big.Int).Exp(step.Num(), n, nil), new(big.Int).Exp(step.Denom(), n, nil)
	return fraction{num.Mul(num, low.Num()), den.Mul(den, low.Denom())}.atMost(high)
}

// progression prints low and what follows it up to high, by adding a step or by
// multiplying with it.
func progression(low, high, step *big.Rat, times bool) []string {
	// Copies of the terms, over one common denominator if steps are added.
	x := fraction{new(big.Int).Mul(low.Num(), step.Denom()), new(big.Int).Mul(low.Denom(), step.Denom())}
	add := new(big.Int).Mul(step.Num(), low.Denom())
	var values []string
	for x.atMost(high) {
		values = append(values, x.plain())
		if times {
			x.num.Mul(x.num, step.Num())
			x.den.Mul(x.den, step.Denom())
		} else {
			x.num.Add(x.num, add)
		}
	}
	return values
}

// plain prints a number with at most nine places behind leading zeros, rounded half away
// from zero.
func (f fraction) plain() string {
	whole, rest := new(big.Int).QuoRem(f.num, f.den, new(big.Int))
	if rest.Sign() == 0 {
		return whole.String()
	}
	places, ten := 9, big.NewInt(10)
	for y := new(big.Int).Mul(f.num, ten); y.CmpAbs(f.den) < 0; y.Mul(y, ten) {
		places++
	}
	scale := new(big.Int).Exp(ten, big.NewInt(int64(places)), nil)
	n := new(big.Int).Abs(f.num)
	n.Mul(n.Lsh(n, 1), scale).Add(n, f.den).Quo(n, new(big.Int).Lsh(f.den, 1))
	if f.num.Sign() < 0 {
		n.Neg(n)
	}
	return strings.TrimRight(new(big.Rat).SetFrac(n, scale).FloatString(places), "0")
}
