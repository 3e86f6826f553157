package workload

import (
	"math"
	"testing"

	"github.com/seed83d86191/txsim/sim"
)

// zipfLaw is what n ranks are expected to be met in a number of draws.
func zipfLaw(n int, theta, draws float64) []float64 {
	law, sum := make([]float64, n), 0.0
	for i := range law {
		law[i] = math.Pow(float64(i+1), -theta)
		sum += law[i]
	}
	for i := range law {
		law[i] *= draws / sum
	}
	return law
}

// TestPopularityShape holds each distribution against its theory.
func TestPopularityShape(t *testing.T) {
	const n, draws, inserted = 200, 400000.0, 70
	flat := func(from, to int, each float64) func(i int) float64 {
		return func(i int) float64 {
			if from <= i && i < to {
				return each
			}
			return 0
		}
	}
	law := zipfLaw(n, 0.9, draws)
	hot, cold := flat(0, 40, draws*0.8/40), flat(40, n, draws*0.2/160)
	for _, c := range []struct {
		name string
		w    Parameters
		want func(i int) float64
	}{
		{"uniform", Parameters{Distribution: "uniform"}, flat(0, n, draws/n)},
		{"zipf", Parameters{Distribution: "zipf", Theta: 0.9}, func(i int) float64 {
			if i < n {
				return law[i]
			}
			return 0
		}},
		{"theta 0", Parameters{Distribution: "zipf"}, flat(0, n, draws/n)},
		{"latest", Parameters{Distribution: "latest", Theta: 0.9}, func(i int) float64 {
			if age := n + inserted - 1 - i; age < n {
				return law[age]
			}
			return 0
		}},
		{"hotspot", Parameters{Distribution: "hotspot", Hot: sim.ProbabilityOf(0.2), Heat: sim.ProbabilityOf(0.8)},
			func(i int) float64 { return hot(i) + cold(i) }},
		{"all is hot", Parameters{Distribution: "hotspot", Hot: sim.ProbabilityOf(1), Heat: sim.ProbabilityOf(0.1)}, flat(0, n, draws/n)},
	} {
		p := newPopularity(&c.w, n)
		r := sim.NewRand(3, "test/popularity")
		var count [n + inserted]float64
		for range int(draws) {
			count[p.draw(r.Uint64(), inserted)]++
		}
		var got, want []float64
		for i, k := range count {
			if e := c.want(i); e > 0 {
				got, want = append(got, k), append(want, e)
			} else if k > 0 {
				t.Errorf("%s: key %d drawn %v times, want none", c.name, i, k)
			}
		}
		fits(t, c.name, got, want)
	}
}

// TestPopularityGolden pins keys: they are the same on every processor.
func TestPopularityGolden(t *testing.T) {
	h := uint64(0)
	for _, d := range []string{"uniform", "zipf", "latest", "hotspot"} {
		p := newPopularity(&Parameters{Distribution: d, Theta: 0.99, Hot: sim.ProbabilityOf(0.2), Heat: sim.ProbabilityOf(0.8)}, 1000000)
		r := sim.NewRand(1, "test/popularity")
		for i := range 250000 {
			h = sim.Hash(h, uint64(p.draw(r.Uint64(), i)))
		}
	}
	if want := uint64(0x85b98a8f15ac5c84); h != want {
		t.Errorf("hash %#x, want %#x", h, want)
	}
}

// TestPopularityPair: the two differ, and both are hot or neither is.
func TestPopularityPair(t *testing.T) {
	r := sim.NewRand(1, "test/popularity")
	for _, c := range []struct {
		n, hot int
		heat   float64
	}{{2, 1, 1}, {2, 1, 0.5}, {100, 10, 0.9}, {100, 1, 1}, {3, 3, 0}, {50, 0, 0}} {
		p := popularity{n: c.n, hot: c.hot, heat: sim.ProbabilityOf(c.heat)}
		for range 1000 {
			a, b := p.pair(r.Uint64(), r.Uint64())
			if a == b || min(a, b) < 0 || max(a, b) >= c.n {
				t.Fatalf("%+v: %d and %d", c, a, b)
			}
			if c.hot > 1 && (a < c.hot) != (b < c.hot) {
				t.Fatalf("%+v: %d and %d are not on one side", c, a, b)
			}
		}
	}
}

// TestScrambledRoom: there are slots for twice the inserts that are expected, of a worker or
// of all; where they stay empty, keys are drawn at random, inserted ones too.
func TestScrambledRoom(t *testing.T) {
	for _, global := range []bool{false, true} {
		w := Parameters{Kind: "ycsb", Distribution: "scrambled", Theta: 0.99, Keys: 1000, Operations: 4, Inserts: sim.ProbabilityOf(0.5), Global: global}
		g := New(&w, Size{Workers: 10, Transactions: 2000}, nil, 1).(*generator)
		want := int64(1000 + 1 + 2*4000/10)
		if global {
			want = 10*1000 + 1 + 2*4000
		}
		if got := g.popular.slots; got != want && got != want-1 { // a share is rounded
			t.Errorf("global %v: %d slots, expected %d", global, got, want)
		}
		g.Release()
	}
	p, old := popularity{n: 1000, ranks: newZipf(scrambledItems, 0.99), slots: 1 << 62}, 0
	r := sim.NewRand(1, "test/popularity")
	for range 1000 {
		if p.draw(r.Uint64(), 1000) < 1000 {
			old++
		}
	}
	if old < 400 || old > 600 {
		t.Errorf("%d of 1000 keys are from before the inserts, expected half", old)
	}
}

// TestScatter: each key has a place, and neighbours do not stay together.
func TestScatter(t *testing.T) {
	for _, n := range []int{1, 2, 3, 10, 1000, 6180, 65536} {
		s := newScatter(n)
		seen := make([]bool, n)
		near := 0
		for i := range n {
			at := s.place(i)
			if seen[at] {
				t.Fatalf("n %d: place %d twice", n, at)
			}
			seen[at] = true
			if i > 0 && max(at, s.place(i-1))-min(at, s.place(i-1)) < n/4 {
				near++
			}
		}
		if near > 0 && n >= 10 {
			t.Errorf("n %d: %d keys are near the one before", n, near)
		}
		if s.place(n+5) != n+5 {
			t.Errorf("n %d: an inserted key moves", n)
		}
	}
}

// TestNURand holds the function against its distribution as clause 2.1.6 of TPC-C has it,
// counted out for a small A.
func TestNURand(t *testing.T) {
	const a, n, c, draws = 15, 50, 9, 100000
	expected, got := make([]float64, n), make([]float64, n)
	for x := range a + 1 {
		for y := 1; y <= n; y++ {
			expected[((x|y)+c)%n] += draws / float64(n*(a+1))
		}
	}
	r := sim.NewRand(2, "test/nurand")
	for range draws {
		got[nuRand(r.Uint64(), a, n, c)]++
	}
	fits(t, "NURand", got, expected)
}
