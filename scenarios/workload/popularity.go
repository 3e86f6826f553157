package workload

import (
	"math/bits"

	"github.com/seed83d86191/txsim/sim"
)

// distributions returns the names that workload.distribution can have.
func distributions() []string {
	return []string{"default", "uniform", "zipf", "scrambled", "latest", "hotspot"}
}

// distributions returns those that make sense for the kind of workload.
func (w *Parameters) distributions() []string {
	switch w.Kind {
	case "bank", "hot-key", "tpcc":
		return []string{"default"}
	case "smallbank": // without latest, as no accounts are opened
		return []string{"default", "uniform", "zipf", "scrambled", "hotspot"}
	}
	return distributions()
}

// popularity draws keys by number: 0 to n-1, and those inserted since. The distributions
// are those of B. Cooper et al., "Benchmarking Cloud Serving Systems with YCSB", SoCC 2010,
// section 4.2, and of YCSB's scrambled zipfian and hotspot generators.
type popularity struct {
	n      int
	ranks  *zipf // nil: keys are equally likely, but for the hot ones
	slots  int64 // scrambled: what items are hashed to, the keys first; 0 for none
	latest bool
	hot    int // keys of the hot set; 0 for none
	heat   sim.Probability
}

// newPopularity returns the workload's popularity of n keys.
func newPopularity(w *Parameters, n int) popularity {
	p := popularity{n: n}
	switch d := w.distribution(); {
	case d == "hotspot":
		p.hot, p.heat = max(1, portion(w.Hot, n)), w.Heat
	case d == "scrambled":
		p.ranks, p.slots = newZipf(scrambledItems, w.Theta), int64(n)+1 // of which YCSB leaves one empty
	case d != "uniform" && w.Theta > 0:
		p.ranks, p.latest = newZipf(int64(n), w.Theta), d == "latest"
	}
	return p
}

// portion returns a share of n, rounded.
func portion(share sim.Probability, n int) int {
	whole, rest := bits.Mul64(uint64(share), uint64(n))
	return int(whole + rest>>63)
}

// distribution returns Distribution, or its default.
func (w *Parameters) distribution() string {
	switch {
	case w.Distribution != "default":
		return w.Distribution
	case w.Kind == "zipf" || w.Kind == "ycsb":
		return "zipf"
	case w.Kind == "smallbank":
		return "hotspot"
	}
	return "uniform"
}

// draw maps a uniform draw to a key. Keys that were inserted are drawn by latest, which
// counts from the newest, over the n newest keys, and by scrambled.
func (p *popularity) draw(u uint64, inserted int) int {
	switch {
	case p.hot > 0:
		return p.side(sim.Hash(u), u)
	case p.slots > 0:
		return p.scrambled(u, inserted)
	case p.latest:
		return p.n + inserted - int(p.ranks.rank(u))
	case p.ranks != nil:
		return int(p.ranks.rank(u)) - 1
	}
	return below(u, p.n)
}

// scrambledItems is how many items YCSB's ScrambledZipfianGenerator draws from, however many
// keys there are: the sum of their weights, which it has as a constant, is that of so many.
const scrambledItems = 10_000_000_000

// mostRedraws bounds how often a key that is still to be inserted is drawn again.
const mostRedraws = 100

// scrambled draws an item by Zipf's law and hashes it to a slot, as YCSB's generator does,
// and draws again where the slot has no key yet. The items follow Zipf's law exactly. YCSB
// draws them by the approximation of J. Gray et al., "Quickly Generating Billion-Record
// Synthetic Databases", SIGMOD 1994, which gives the third to fifth up to a fifth more.
func (p *popularity) scrambled(u uint64, inserted int) int {
	for try := range uint64(mostRedraws) {
		if key := scramble(p.ranks.rank(u)-1) % p.slots; key < int64(p.n+inserted) {
			return int(key)
		}
		u = sim.Hash(u, try)
	}
	return below(u, p.n+inserted)
}

// scramble is YCSB's hash of an item: FNV-1a over eight bytes, without its sign.
func scramble(item int64) int64 {
	h := uint64(0xcbf29ce484222325)
	for i := range 8 {
		h = (h ^ uint64(item)>>(8*i)&0xff) * 0x100000001b3
	}
	return max(int64(h), -int64(h)) // no item has the least one as its hash, of which both are negative
}

// side draws a key from the hot set or from the others, as the first draw decides.
func (p *popularity) side(which, u uint64) int {
	if p.heat.Hits(which) || p.hot == p.n {
		return below(u, p.hot)
	}
	return p.hot + below(u, p.n-p.hot)
}

// pair draws two different keys, both of the hot set or none of it, as in SmallBank.
func (p *popularity) pair(u, v uint64) (a, b int) {
	which := sim.Hash(u, v)
	next := func(u uint64) int {
		if p.hot > 0 {
			return p.side(which, u)
		}
		return p.draw(u, 0)
	}
	a, b = next(u), next(v)
	for tries := 0; a == b && tries < 20; tries++ {
		v = sim.Hash(v)
		b = next(v)
	}
	if a == b {
		b = (a + 1) % p.n // when one key has nearly all of the draws
	}
	return a, b
}

// scatter is a fixed permutation of the keys 0 to n-1 that puts consecutive ones far apart,
// as hashing would.
type scatter struct{ n, stride int64 }

func newScatter(keys int) scatter {
	n := int64(keys)
	stride := n*618/1000 + 1 // by the golden ratio they spread evenly
	for gcd(stride, n) != 1 {
		stride++
	}
	return scatter{n, stride}
}

// place returns where key i lies; an inserted one, at the end.
func (s scatter) place(i int) int {
	if int64(i) >= s.n {
		return i
	}
	high, low := bits.Mul64(uint64(i), uint64(s.stride))
	return int(bits.Rem64(high, low, uint64(s.n)))
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
