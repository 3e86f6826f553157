package sim

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func mustParseDist(t testing.TB, text string) Dist {
	t.Helper()
	d, err := ParseDist(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// goldenDists pins the bits of every sampler: the FNV-1a hash of 10^6 samples
// (eight bytes each, little-endian, u from PCG(1, 2)). The hashes must be the
// same on every processor; a change of one changes every run and every repro.
var goldenDists = []struct {
	text string
	hash uint64
}{
	{"500us", 0x894a1e475dc0df25},
	{"uniform(1ms, 2ms)", 0x8a832ee6020e46c3},
	{"exp(1ms)", 0xd40973b4552b6ddd},
	{"exp(876000h)", 0xa8f9ec2563e93b2b},
	{"lognormal(500us, 0.4)", 0xa14e9df6458eced9},
	{"lognormal(1ns, 3)", 0x67a62b4ac5595053},
	{"pareto(1ms, 1.5)", 0x920904dd145c5509},
	{"pareto(1us, 0.1)", 0x7aafed77a84f5b18},
	{"empirical(100us, 120us, 400us)", 0x8d8dd3bc76321890},
}

func TestDistGolden(t *testing.T) {
	for _, g := range goldenDists {
		d, rng := mustParseDist(t, g.text), rand.NewPCG(1, 2)
		hash := uint64(14695981039346656037)
		for range 1_000_000 {
			for s, i := uint64(d.Sample(rng.Uint64())), 0; i < 8; i++ {
				hash = (hash ^ s&0xff) * 1099511628211
				s >>= 8
			}
		}
		if hash != g.hash {
			t.Errorf("%s: hash of samples is %#016x, want %#016x", g.text, hash, g.hash)
		}
	}
}

// TestDistExactMathGolden pins the bits of the functions that tables and
// workloads are computed with.
func TestDistExactMathGolden(t *testing.T) {
	const want = 0x5db7e989bffc43f6
	rng, hash := rand.New(rand.NewPCG(1, 2)), fnv.New64a()
	for range 100_000 {
		x, y := rng.Float64(), float64(100*rng.Float64())-50
		for _, f := range []float64{Exp(y), Log(x), Exp(float64(y * Log(x))), log1p(-x), normalUpper(x / 2)} {
			var b [8]byte
			for i, bits := 0, math.Float64bits(f); i < 8; i++ {
				b[i] = byte(bits >> (8 * i))
			}
			hash.Write(b[:])
		}
	}
	if got := hash.Sum64(); got != want {
		t.Errorf("hash of results is %#016x, want %#016x", got, uint64(want))
	}
}

func TestDistExactMathAccuracy(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	worst := map[string]float64{}
	check := func(name string, got, want, tolerance float64) {
		err := math.Abs(got/want - 1)
		worst[name] = max(worst[name], err)
		if !(err <= tolerance) {
			t.Fatalf("%s = %g, want %g", name, got, want)
		}
	}
	for range 200_000 {
		x := 1400*rng.Float64() - 700
		check("Exp", Exp(x), math.Exp(x), 5e-16)
		y := math.Exp(x)
		check("Log", Log(y), math.Log(y), 5e-16)
		near := 1 + 0.5*(rng.Float64()-0.5)
		check("Log near 1", Log(near), math.Log(near), 5e-16)
		base, power := 1e6*rng.Float64(), 40*rng.Float64()-20
		check("power", Exp(float64(power*Log(base))), math.Pow(base, power), 1e-12)
		check("log1p", log1p(-near/2), math.Log1p(-near/2), 1e-15)
		p := math.Exp(-28.5*rng.Float64()) / 2
		check("normalUpper", math.Erfc(normalUpper(p)/math.Sqrt2)/2, p, 1e-13)
	}
	t.Log(worst)
}

func TestDistExactMathSpecialCases(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"Exp(0)", Exp(0), 1},
		{"Exp(+Inf)", Exp(inf), inf},
		{"Exp(-Inf)", Exp(-inf), 0},
		{"Exp(NaN)", Exp(nan), nan},
		{"Exp(710)", Exp(710), inf},
		{"Exp(709.78)", Exp(709.78), 1.7928227943945155e+308},
		{"Exp(-746)", Exp(-746), 0},
		{"Exp(-745.13)", Exp(-745.13), math.SmallestNonzeroFloat64},
		{"Log(1)", Log(1), 0},
		{"Log(0)", Log(0), -inf},
		{"Log(-1)", Log(-1), nan},
		{"Log(+Inf)", Log(inf), inf},
		{"Log(NaN)", Log(nan), nan},
		{"Log(smallest)", Log(math.SmallestNonzeroFloat64), -744.4400719213812},
		{"Log(2)", Log(2), math.Ln2},
		{"log1p(0)", log1p(0), 0},
		{"normalUpper(1/2)", normalUpper(0.5), 0},
	} {
		if math.Float64bits(c.got) != math.Float64bits(c.want) && !(math.IsNaN(c.got) && math.IsNaN(c.want)) {
			t.Errorf("%s = %g, want %g", c.name, c.got, c.want)
		}
	}
}

// TestDistAccuracy compares quantiles with the closed forms, at scales where
// a nanosecond is nothing.
func TestDistAccuracy(t *testing.T) {
	exponential := func(p, q float64) float64 {
		if p < 0.5 {
			return -math.Log1p(-p)
		}
		return -math.Log(q)
	}
	normal := func(p, q float64) float64 {
		if p < 0.5 {
			return -math.Sqrt2 * math.Erfcinv(2*p)
		}
		return math.Sqrt2 * math.Erfcinv(2*q)
	}
	for _, c := range []struct {
		text       string
		quantile   func(p, q float64) float64 // at p = 1-q, in seconds
		body, tail float64                    // relative tolerance within 1e-2 and 1e-12 of the ends
	}{
		{"uniform(1000s, 2000s)", func(p, _ float64) float64 { return 1000 + 1000*p }, 1e-9, 1e-9},
		{"exp(1000s)", func(p, q float64) float64 { return 1000 * exponential(p, q) }, 1e-7, 1e-6},
		{"lognormal(1000s, 0)", func(float64, float64) float64 { return 1000 }, 1e-12, 1e-12},
		{"lognormal(1000s, 0.4)", func(p, q float64) float64 { return 1000 * math.Exp(0.4*normal(p, q)) }, 1e-7, 5e-6},
		{"lognormal(1000s, 1)", func(p, q float64) float64 { return 1000 * math.Exp(normal(p, q)) }, 1e-7, 1e-5},
		{"pareto(1s, 1.5)", func(p, q float64) float64 { return math.Exp(exponential(p, q) / 1.5) }, 1e-7, 1e-5},
		{"pareto(1000s, 3)", func(p, q float64) float64 { return 1000 * math.Exp(exponential(p, q)/3) }, 1e-7, 1e-5},
	} {
		d, rng := mustParseDist(t, c.text), rand.New(rand.NewPCG(5, 6))
		var body, tail float64
		for range 200_000 {
			u := rng.Uint64() >> (rng.Uint64() % 40)
			u = max(u, 2*endmost)
			if rng.Uint64()&1 == 0 {
				u = ^u
			}
			p, q := math.Ldexp(float64(u), -64), math.Ldexp(float64(^u), -64)
			want := c.quantile(p, q)
			err := max(0, math.Abs(d.Sample(u).Seconds()-want)-1e-9) / want
			if min(p, q) >= 0.01 {
				body = max(body, err)
			} else {
				tail = max(tail, err)
			}
		}
		t.Logf("%s: relative error %.2g in the body, %.2g in the tails", c.text, body, tail)
		if body > c.body || tail > c.tail {
			t.Errorf("%s: relative error %g in the body, %g in the tails; want at most %g and %g", c.text, body, tail, c.body, c.tail)
		}
	}
}

func TestDistMoments(t *testing.T) {
	ms := float64(time.Millisecond)
	for _, c := range []struct {
		text                    string
		mean, median, deviation float64 // mean and deviation 0: not checked
	}{
		{"0s", 0, 0, 0},
		{"500us", ms / 2, ms / 2, 0},
		{"uniform(1ms, 2ms)", 1.5 * ms, 1.5 * ms, ms / math.Sqrt(12)},
		{"exp(1ms)", ms, math.Ln2 * ms, ms},
		{"exp(876000h)", float64(distMax) * (1 - 1/math.E), math.Ln2 * float64(distMax), 0},
		{"lognormal(500us, 0.4)", ms / 2 * math.Exp(0.08), ms / 2, ms / 2 * math.Exp(0.08) * math.Sqrt(math.Exp(0.16)-1)},
		{"pareto(1ms, 3)", 1.5 * ms, math.Cbrt(2) * ms, math.Sqrt(0.75) * ms},
		{"pareto(1ms, 1)", 0, 2 * ms, 0},
		{"empirical(400us, 100us, 120us)", 0.185 * ms, 0.12 * ms, 0},
	} {
		d, rng := mustParseDist(t, c.text), rand.NewPCG(7, 8)
		if math.Abs(float64(d.Median())-c.median) > 1+1e-6*c.median {
			t.Errorf("%s: median %v, want %gns", d, d.Median(), c.median)
		}
		const n = 1_000_000
		var sum, squares float64
		for range n {
			x := float64(d.Sample(rng.Uint64()))
			sum += x
			squares += x * x
		}
		mean := sum / n
		deviation := math.Sqrt(max(0, squares/n-mean*mean))
		if c.mean != 0 && math.Abs(mean/c.mean-1) > 0.005 || c.deviation != 0 && math.Abs(deviation/c.deviation-1) > 0.05 {
			t.Errorf("%s: samples have mean %g and deviation %g, want %g and %g", d, mean, deviation, c.mean, c.deviation)
		}
	}
}

// TestDistMonotone visits both sides of every segment boundary, where an error
// of the tables would show, and random pairs.
func TestDistMonotone(t *testing.T) {
	us := []uint64{0, math.MaxUint64}
	for octave := range 64 {
		for i := uint64(0); i < 128; i++ {
			v := (1<<63 | i<<56) >> octave
			us = append(us, v-1, v, v+1, ^v)
		}
	}
	rng := rand.New(rand.NewPCG(9, 10))
	for range 100_000 {
		u := rng.Uint64() >> (rng.Uint64() % 64)
		us = append(us, u, u+1, ^u, ^u-1)
	}
	slices.Sort(us)
	for _, text := range append(randomDists(rng, 200), "lognormal(876000h, 1e308)", "pareto(1ns, 5e-324)", "pareto(876000h, 1e308)", "exp(1ns)") {
		d, last := mustParseDist(t, text), time.Duration(0)
		for _, u := range us {
			s := d.Sample(u)
			if s < last || s > distMax {
				t.Fatalf("%s: Sample(%#x) = %d after %d", text, u, s, last)
			}
			last = s
		}
	}
}

// randomDists returns n texts that ParseDist accepts, parameters of all sizes.
func randomDists(rng *rand.Rand, n int) []string {
	delay := func() time.Duration { return 1 + time.Duration(rng.Uint64()>>1>>(rng.Uint64()%63))%distMax }
	shape := func() float64 { return math.Exp(20*rng.Float64() - 10) }
	texts := make([]string, n)
	for i := range texts {
		a, b := delay(), delay()
		switch i % 6 {
		case 0:
			texts[i] = fmt.Sprint(a)
		case 1:
			texts[i] = fmt.Sprintf("uniform(%v,%v)", min(a, b), max(a, b))
		case 2:
			texts[i] = fmt.Sprintf("exp( %v )", a)
		case 3:
			texts[i] = fmt.Sprintf("lognormal(%v, %v)", a, shape())
		case 4:
			texts[i] = fmt.Sprintf("pareto (%v, %v)", a, shape())
		case 5:
			texts[i] = fmt.Sprintf("empirical(%v, %v, %v)", a, b, delay())
		}
	}
	return texts
}

func TestDistRoundTrip(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for _, text := range randomDists(rng, 600) {
		d := mustParseDist(t, text)
		e := mustParseDist(t, d.String())
		if !d.Equal(e) || !e.Equal(d) || d.String() != e.String() || d.Equal(Dist{}) {
			t.Errorf("%s: prints as %s, which reads as %s", text, d, e)
		}
		if u := rng.Uint64(); d.Sample(u) != e.Sample(u) {
			t.Errorf("%s: Sample(%#x) changed from %v to %v", text, u, d.Sample(u), e.Sample(u))
		}
	}
}

func TestDistString(t *testing.T) {
	for text, want := range map[string]string{
		"0":                             "0s",
		"  500µs ":                      "500us",
		"constant( 0.5ms )":             "500us",
		"empirical(7ns)":                "7ns",
		"1h0m0s":                        "1h",
		"60s":                           "1m",
		"10m":                           "10m",
		"1h30m":                         "1h30m",
		"1h0m1s":                        "1h0m1s",
		"10h10m10.5s":                   "10h10m10.5s",
		"uniform(1ms,2ms)":              "uniform(1ms, 2ms)",
		"exp(1500us)":                   "exp(1.5ms)",
		"lognormal(500us, .4)":          "lognormal(500us, 0.4)",
		"lognormal(500us, -0)":          "lognormal(500us, 0)",
		"pareto(1ms,15e-1)":             "pareto(1ms, 1.5)",
		"empirical(400us,100us, 120us)": "empirical(100us, 120us, 400us)",
	} {
		if got := mustParseDist(t, text).String(); got != want {
			t.Errorf("%s prints as %s, want %s", text, got, want)
		}
	}
}

func TestDistZero(t *testing.T) {
	var zero Dist
	if !zero.IsZero() || zero.String() != "0s" || zero.Sample(math.MaxUint64) != 0 || !zero.Equal(mustParseDist(t, "0s")) {
		t.Errorf("the zero Dist is %s, want the constant 0", zero)
	}
	for text, want := range map[string]bool{"uniform(0s, 0s)": true, "empirical(0s, 0s)": true, "uniform(0s, 1ns)": false, "exp(1ns)": false, "1ns": false} {
		if got := mustParseDist(t, text).IsZero(); got != want {
			t.Errorf("%s: IsZero is %t", text, got)
		}
	}
}

// TestDistEnds says which ends are reached: those of a uniform distribution
// and of the samples are; the tables stop at 2^-41.
func TestDistEnds(t *testing.T) {
	for _, c := range []struct{ text, low, high string }{
		{"uniform(1ms, 2ms)", "1ms", "2ms"},
		{"uniform(0s, 876000h)", "0s", "876000h"},
		{"empirical(5ms, 1ms, 1ms)", "1ms", "5ms"},
		{"exp(1s)", "0s", "28.419034403s"},
		{"lognormal(1s, 1)", "789.941us", "21m5.916993188s"},
		{"pareto(1ms, 1.5)", "1ms", "46h58m23.740776264s"},
		{"pareto(1ms, 0.1)", "1ms", "876000h"},
	} {
		d := mustParseDist(t, c.text)
		if low, high := DurationText(d.Sample(0)), DurationText(d.Sample(math.MaxUint64)); low != c.low || high != c.high {
			t.Errorf("%s: from %s to %s, want from %s to %s", c.text, low, high, c.low, c.high)
		}
	}
}

func TestDistErrors(t *testing.T) {
	forms := "want a duration such as 500us, constant(duration), uniform(low, high), exp(mean), " +
		"lognormal(median, sigma), pareto(minimum, alpha) or empirical(sample, sample, ...)"
	notDuration := " must be a duration such as 500us, at most 876000h"
	for text, want := range map[string]string{
		"":                              `"": unknown distribution, ` + forms,
		"never":                         `never: unknown distribution, ` + forms,
		"gauss(1ms)":                    `gauss(1ms): unknown distribution "gauss", ` + forms,
		"(1ms)":                         `(1ms): unknown distribution "", ` + forms,
		"5":                             `5: duration "5"` + notDuration,
		"-1ms":                          `-1ms: duration must not be negative`,
		"876001h":                       `876001h: duration must be at most 876000h`,
		"99999999h":                     `99999999h: duration "99999999h"` + notDuration,
		"exp(1ms":                       `exp(1ms: must end with a parenthesis`,
		"exp(1ms) ms":                   `exp(1ms) ms: must end with a parenthesis`,
		"exp((1ms))":                    `exp((1ms)): mean "(1ms)"` + notDuration,
		"exp()":                         `exp(): mean ""` + notDuration,
		"exp(1ms, 2ms)":                 `exp(1ms, 2ms): must be exp(mean)`,
		"exp(0s)":                       `exp(0s): mean must be positive`,
		"exp(-1s)":                      `exp(-1s): mean must not be negative`,
		"uniform(2ms, 1ms)":             `uniform(2ms, 1ms): high must not be below low`,
		"uniform(1ms)":                  `uniform(1ms): must be uniform(low, high)`,
		"uniform(1ms, x)":               `uniform(1ms, x): high "x"` + notDuration,
		"lognormal(0s, 0.4)":            `lognormal(0s, 0.4): median must be positive`,
		"lognormal(1s, -0.4)":           `lognormal(1s, -0.4): sigma must not be negative`,
		"lognormal(1s, NaN)":            `lognormal(1s, NaN): sigma "NaN" must be a finite number`,
		"lognormal(1s, 1e999)":          `lognormal(1s, 1e999): sigma "1e999" must be a finite number`,
		"pareto(0s, 1)":                 `pareto(0s, 1): minimum must be positive`,
		"pareto(1s, 0)":                 `pareto(1s, 0): alpha must be positive`,
		"pareto(1s, +Inf)":              `pareto(1s, +Inf): alpha "+Inf" must be a finite number`,
		"empirical()":                   `empirical(): sample ""` + notDuration,
		"empirical(1s, )":               `empirical(1s, ): sample ""` + notDuration,
		"empirical(1s, -1s)":            `empirical(1s, -1s): sample must not be negative`,
		"constant(1s, 2s)":              `constant(1s, 2s): must be constant(duration)`,
		strings.Repeat("\t", 3) + "x\n": `x: unknown distribution, ` + forms,
	} {
		d, err := ParseDist(text)
		if err == nil || err.Error() != want || !d.Equal(Dist{}) {
			t.Errorf("ParseDist(%q) = %v, %v\nwant error %s", text, d, err, want)
		}
	}
	many := "empirical(1s" + strings.Repeat(", 1s", distMaxSamples) + ")"
	if _, err := ParseDist(many); err == nil || !strings.HasSuffix(err.Error(), "has 4097 samples, want at most 4096") {
		t.Errorf("4097 samples: %v", err)
	}
}

// TestDistSegment checks that a segment starts at one end and reaches the
// other, however bent it is.
func TestDistSegment(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	for range 1000 {
		ends := []uint64{rng.Uint64N(1 << 40), rng.Uint64N(1 << 40), rng.Uint64N(1 << 40)}
		slices.Sort(ends)
		s := newSegment(ends[0], ends[1], ends[2])
		sum := s.slope + uint64(max(s.curve, -s.curve))
		if sum != ends[2]-ends[0] {
			t.Fatalf("%v: slope %d and curve %d do not add up", ends, s.slope, s.curve)
		}
		if s.curve < 0 && s.base != ends[2] || s.curve >= 0 && s.base != ends[0] {
			t.Fatalf("%v: base %d at the wrong end", ends, s.base)
		}
	}
}

func TestDistAllocations(t *testing.T) {
	for _, g := range goldenDists {
		d, u := mustParseDist(t, g.text), uint64(0)
		if n := testing.AllocsPerRun(100, func() { u += uint64(d.Sample(u*0x9e3779b97f4a7c15)) + 1 }); n != 0 {
			t.Errorf("%s: %v allocations a sample", g.text, n)
		}
	}
}

func ExampleDist() {
	d, err := ParseDist("lognormal(500us, 0.4)")
	fmt.Println(d, err)
	fmt.Println(d.Median(), d.Sample(1<<62), d.Sample(3<<62)) // the quartiles
	_, err = ParseDist("lognormal(0s, 0.4)")
	fmt.Println(err)
	// Output:
	// lognormal(500us, 0.4) <nil>
	// 500µs 381.768µs 654.849µs
	// lognormal(0s, 0.4): median must be positive
}

// BenchmarkSample includes the draw of u, as does the reference,
// rand.ExpFloat64; "pcg" is that draw alone.
func BenchmarkSample(b *testing.B) {
	for _, g := range goldenDists {
		b.Run(g.text, func(b *testing.B) {
			d, rng, sum := mustParseDist(b, g.text), rand.NewPCG(1, 2), time.Duration(0)
			for b.Loop() {
				sum += d.Sample(rng.Uint64())
			}
		})
	}
	b.Run("pcg", func(b *testing.B) {
		rng, sum := rand.NewPCG(1, 2), uint64(0)
		for b.Loop() {
			sum += rng.Uint64()
		}
	})
	b.Run("ExpFloat64", func(b *testing.B) {
		rng, sum := rand.New(rand.NewPCG(1, 2)), 0.0
		for b.Loop() {
			sum += rng.ExpFloat64()
		}
	})
}

func BenchmarkParseDist(b *testing.B) {
	for _, text := range []string{"uniform(1ms, 2ms)", "exp(1ms)", "lognormal(500us, 0.4)", "pareto(1ms, 1.5)"} {
		b.Run(text, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ParseDist(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestTablesInUse: distributions of the same parameters share a table, as thousands of them
// are in a matrix of zones or a fault plan, and nothing is kept of what nobody uses.
func TestTablesInUse(t *testing.T) {
	const text, other = "lognormal(123456us, 0.4)", "lognormal(123456us, 0.5)"
	d := mustParseDist(t, text)
	if mustParseDist(t, text) != d || mustParseDist(t, other) == d {
		t.Error("a table is built again, or one is shared that is another's")
	}
	known := func() bool {
		tables.mu.Lock()
		defer tables.mu.Unlock()
		_, is := tables.by[Dist{kind: d.kind, low: d.low, shape: d.shape}]
		return is
	}
	if !known() {
		t.Error("a table in use is not known")
	}
	d.table = nil
	for range 1000 { // cleanups run some time after a collection
		if runtime.GC(); !known() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Error("a table that nobody uses is kept")
}
