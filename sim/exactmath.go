package sim

import "math"

// The functions of this file give the same bits on every processor. The
// standard library's do not: some processors have assembly versions of
// math.Exp and math.Log, and a compiler may fuse x*y+z into one instruction
// that rounds once instead of twice. Here every product that is added to
// something is converted to float64 explicitly, which the language defines to
// forbid that: the products they return as well, since a caller they are inlined
// into may add to them. math.Sqrt, Frexp, Floor and the Float64bits family are exact
// everywhere and may be used.

const (
	// ln2Hi has 21 trailing zero bits, so that its product with the exponent
	// of a float64 is exact; ln2Lo is the rest of ln 2.
	ln2Hi = 6.93147180369123816490e-01
	ln2Lo = 1.90821492927058770002e-10

	expMax = 709.782712893384  // above: Exp overflows
	expMin = -745.133219101942 // below: Exp is zero
)

// mulAdd returns a*b+c, rounded after the product and after the sum.
func mulAdd(a, b, c float64) float64 { return float64(a*b) + c }

// Exp returns e**x, with the same bits on every processor. Its relative error
// is below 4e-16 where the result is a normal number.
func Exp(x float64) float64 {
	switch {
	case math.IsNaN(x):
		return x
	case x > expMax:
		return math.Inf(1)
	case x < expMin:
		return 0
	}
	// x = k ln 2 + r with |r| <= (ln 2)/2; then the Taylor series of exp(r),
	// whose first omitted term is below 1e-17.
	k := math.Floor(mulAdd(x, math.Log2E, 0.5))
	hi, lo := x-float64(k*ln2Hi), float64(k*ln2Lo)
	r := hi - lo
	lost := (hi - r) - lo // by the rounding of r
	z := float64(r * r)
	even := mulAdd(z, 1.0/479001600, 1.0/3628800)
	even = mulAdd(z, mulAdd(z, mulAdd(z, mulAdd(z, even, 1.0/40320), 1.0/720), 1.0/24), 1.0/2)
	odd := mulAdd(z, 1.0/6227020800, 1.0/39916800)
	odd = mulAdd(z, mulAdd(z, mulAdd(z, mulAdd(z, odd, 1.0/362880), 1.0/5040), 1.0/120), 1.0/6)
	y := 1 + (r + mulAdd(z, mulAdd(r, odd, even), lost))
	// In two steps, as 2**k itself may be out of range at either end.
	half := int64(k) >> 1
	return float64(y * powerOfTwo(half) * powerOfTwo(int64(k)-half))
}

// powerOfTwo returns 2**k for k within the exponents of normal numbers.
func powerOfTwo(k int64) float64 { return math.Float64frombits(uint64(k+1023) << 52) }

// Log returns the natural logarithm of x, with the same bits on every
// processor: NaN below zero, -Inf at zero. Its relative error is below 4e-16.
func Log(x float64) float64 {
	switch {
	case math.IsNaN(x) || math.IsInf(x, 1):
		return x
	case x < 0:
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	}
	// x = m 2**k with m within a factor sqrt 2 of 1, and
	// ln m = 2 artanh s = 2 (s + s**3/3 + s**5/5 + …), s = (m-1)/(m+1).
	m, exponent := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m *= 2
		exponent--
	}
	k := float64(exponent)
	s := (m - 1) / (m + 1)
	z := float64(s * s)
	series := mulAdd(z, mulAdd(z, 2.0/23, 2.0/21), 2.0/19)
	series = mulAdd(z, mulAdd(z, mulAdd(z, series, 2.0/17), 2.0/15), 2.0/13)
	series = mulAdd(z, mulAdd(z, mulAdd(z, series, 2.0/11), 2.0/9), 2.0/7)
	series = mulAdd(z, mulAdd(z, series, 2.0/5), 2.0/3)
	tail := mulAdd(float64(s*z), series, float64(k*ln2Lo))
	return float64(k*ln2Hi) + (2*s + tail)
}

// log1p returns Log(1+x) without losing the digits of a small x. The
// quotient cancels the rounding of 1+x (Kahan; see Goldberg, "What every
// computer scientist should know about floating-point arithmetic", theorem 4).
func log1p(x float64) float64 {
	u := 1 + x
	if u == 1 {
		return x
	}
	return float64(Log(u) * (x / (u - 1)))
}

// normalUpper returns the z that a standard normal variable exceeds with
// probability p, for 0 < p <= 1/2, to a relative error of about 1e-15.
// Source: M. J. Wichura, "Algorithm AS 241: The percentage points of the
// normal distribution", Applied Statistics 37 (1988), pages 477 to 484, PPND16.
func normalUpper(p float64) float64 {
	if q := 0.5 - p; q <= 0.425 {
		r := 0.180625 - float64(q*q)
		return float64(q * ratio(r, &normalCentre))
	}
	r := math.Sqrt(-Log(p))
	if r <= 5 {
		return ratio(r-1.6, &normalTail)
	}
	return ratio(r-5, &normalFarTail)
}

// rational holds the coefficients, lowest power first, of the numerator and
// the denominator of a rational function.
type rational [2][8]float64

// ratio returns the value of f at x.
func ratio(x float64, f *rational) float64 {
	num, den := f[0][7], f[1][7]
	for i := 6; i >= 0; i-- {
		num, den = mulAdd(num, x, f[0][i]), mulAdd(den, x, f[1][i])
	}
	return num / den
}

// The three ranges of AS 241. Constants: nothing writes them.
var (
	normalCentre = rational{
		{
			3.3871328727963666080e0, 1.3314166789178437745e+2, 1.9715909503065514427e+3, 1.3731693765509461125e+4,
			4.5921953931549871457e+4, 6.7265770927008700853e+4, 3.3430575583588128105e+4, 2.5090809287301226727e+3,
		}, {
			1, 4.2313330701600911252e+1, 6.8718700749205790830e+2, 5.3941960214247511077e+3,
			2.1213794301586595867e+4, 3.9307895800092710610e+4, 2.8729085735721942674e+4, 5.2264952788528545610e+3,
		},
	}
	normalTail = rational{
		{
			1.42343711074968357734e0, 4.63033784615654529590e0, 5.76949722146069140550e0, 3.64784832476320460504e0,
			1.27045825245236838258e0, 2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
		}, {
			1, 2.05319162663775882187e0, 1.67638483018380384940e0, 6.89767334985100004550e-1,
			1.48103976427480074590e-1, 1.51986665636164571966e-2, 5.47593808499534494600e-4, 1.05075007164441684324e-9,
		},
	}
	normalFarTail = rational{
		{
			6.65790464350110377720e0, 5.46378491116411436990e0, 1.78482653991729133580e0, 2.96560571828504891230e-1,
			2.65321895265761230930e-2, 1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
		}, {
			1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2,
			7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
		},
	}
)
