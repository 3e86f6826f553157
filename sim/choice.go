package sim

import (
	"cmp"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// Stream names a sequence of choices by purpose and entity: "net/delay C0→w7",
// "disk/sync w3". One more draw in one stream moves nothing in another.
type Stream string

// A Source may overrule the seeded choices of a world. Choose is asked for the ordinal-th
// choice (from 0) of stream s among 0..n-1, of which 0 is the default: no fault, nominal
// delay, earliest event. With ok false the choice stays the seeded one. A continuous draw
// is offered as 16 quantiles, of which 0 is the nominal one. An answer outside 0..n-1 ends
// the run with a panic.
//
// A world without a Source draws directly from the seed, which is faster.
type Source interface {
	Choose(s Stream, ordinal uint64, n int) (v int, ok bool)
}

// Quantiles is the n of a continuous draw.
const Quantiles = 16

// quantile maps a choice among the Quantiles to the middle of its slice of the
// 64-bit unit interval; choice 0 is the slice just above the median.
func quantile(v int) uint64 {
	return uint64((v+Quantiles/2)%Quantiles)<<60 + 1<<59
}

// Deviation is one choice that differs from what its base source would choose.
type Deviation struct {
	Stream  Stream
	Ordinal uint64
	Value   int
}

// String prints "net/delay C0→w7 #3 = 12", which ParseDeviation reads.
func (d Deviation) String() string {
	return fmt.Sprintf("%s #%d = %d", d.Stream, d.Ordinal, d.Value)
}

// ParseDeviation reads what Deviation.String prints.
func ParseDeviation(s string) (Deviation, error) {
	fail := func() (Deviation, error) {
		return Deviation{}, fmt.Errorf("choice %q: expected STREAM #ORDINAL = VALUE", s)
	}
	// From the end, because a node's name may hold anything.
	eq := strings.LastIndex(s, " = ")
	if eq < 0 {
		return fail()
	}
	left, value := s[:eq], s[eq+len(" = "):]
	at := strings.LastIndex(left, " #")
	if at <= 0 {
		return fail()
	}
	n, err := strconv.ParseUint(left[at+2:], 10, 64)
	if err != nil {
		return fail()
	}
	v, err := strconv.Atoi(value)
	if err != nil || v < 0 {
		return fail()
	}
	return Deviation{Stream(left[:at]), n, v}, nil
}

// Recorded is a Source of sparse deviations over a base, which may be nil for
// the seeded choices. Repros and shrinking are made of it.
type Recorded struct {
	base  Source
	value map[Stream]map[uint64]int
}

// NewRecorded returns the source that follows base except at the deviations.
func NewRecorded(base Source, deviations []Deviation) *Recorded {
	r := &Recorded{base: base, value: map[Stream]map[uint64]int{}}
	for _, d := range deviations {
		if r.value[d.Stream] == nil {
			r.value[d.Stream] = map[uint64]int{}
		}
		r.value[d.Stream][d.Ordinal] = d.Value
	}
	return r
}

// Choose implements Source. A recorded value outside 0..n-1 is taken as the
// nearest one inside.
func (r *Recorded) Choose(s Stream, ordinal uint64, n int) (int, bool) {
	if v, ok := r.value[s][ordinal]; ok {
		return max(0, min(v, n-1)), true
	}
	if r.base != nil {
		return r.base.Choose(s, ordinal, n)
	}
	return 0, false
}

// Deviations returns the recorded deviations, sorted by stream and ordinal.
func (r *Recorded) Deviations() []Deviation {
	var all []Deviation
	for s, m := range r.value {
		for n, v := range m {
			all = append(all, Deviation{s, n, v})
		}
	}
	slices.SortFunc(all, func(a, b Deviation) int {
		return cmp.Or(cmp.Compare(a.Stream, b.Stream), cmp.Compare(a.Ordinal, b.Ordinal))
	})
	return all
}

// Defaults is the Source that takes the default of every choice. What was recorded from
// Bytes is replayed over it.
type Defaults struct{}

// Choose implements Source.
func (Defaults) Choose(Stream, uint64, int) (int, bool) { return 0, true }

// Bytes is a Source that reads its choices off bytes, in the order in which they are asked
// for, with one cursor for all streams: what a fuzzer changes. Once the bytes are
// exhausted, every choice is its default. It serves one run.
type Bytes struct {
	rest  []byte
	keyed []byte // nil: all choices are read off rest
	taken []Deviation
}

// NewBytes returns the source that reads b.
func NewBytes(b []byte) *Bytes { return &Bytes{rest: b} }

// NewKeyedBytes returns a source with two supplies of bytes. The scheduler's choices are
// read off rest, in the order in which they are asked for. Each other choice is read from a
// fixed place in keyed, found by its stream and ordinal, so that an additional choice of
// either sort moves none of these. Without keyed bytes they are their defaults.
func NewKeyedBytes(rest, keyed []byte) *Bytes {
	if keyed == nil {
		keyed = []byte{}
	}
	return &Bytes{rest: rest, keyed: keyed}
}

// Next reads a choice among 0..n-1 that belongs to no stream: one byte for up to
// 256 of them, and so on, modulo n.
func (b *Bytes) Next(n int) int {
	var v uint64
	for shift := 0; n > 1 && uint64(n-1)>>shift > 0; shift += 8 {
		if len(b.rest) == 0 {
			return 0
		}
		v |= uint64(b.rest[0]) << shift
		b.rest = b.rest[1:]
	}
	return int(v % uint64(max(n, 1)))
}

// Choose implements Source.
func (b *Bytes) Choose(s Stream, ordinal uint64, n int) (int, bool) {
	var v int
	if b.keyed == nil || strings.HasPrefix(string(s), schedulePrefix) {
		v = b.Next(n)
	} else if len(b.keyed) > 0 {
		at := int((HashString(0, string(s)) + ordinal) % uint64(len(b.keyed)))
		turned := Bytes{rest: b.keyed[at:]}
		v = turned.Next(n)
	}
	if v != 0 {
		b.taken = append(b.taken, Deviation{s, ordinal, v})
	}
	return v, true
}

// Deviations returns the choices so far that were not their defaults, in the order
// they were asked for. Over Defaults they make the same choices again.
func (b *Bytes) Deviations() []Deviation { return b.taken }

// NewRand returns the sequential random stream of a name: a PCG derived from
// the seed and the name. Use its integer methods only; its exponential and
// normal variates differ between processors.
func NewRand(seed uint64, name Stream) *rand.Rand {
	h := HashString(seed, string(name))
	return rand.New(rand.NewPCG(h, mix(h, 0x9e3779b97f4a7c15)))
}

// mix folds two words into one that depends on every bit of both.
func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^0xa0761d6478bd642f, b^0xe7037ed1a0b428db)
	return hi ^ lo
}

// Hash mixes words into one; the same on every machine.
func Hash(words ...uint64) uint64 {
	h := uint64(len(words))
	for _, w := range words {
		h = mix(h, w)
	}
	return mix(h, 0x8ebc6af09c88c6e3)
}

// HashString mixes a string into a word; the same on every machine.
func HashString(h uint64, s string) uint64 {
	h = mix(h, uint64(len(s)))
	for ; len(s) >= 8; s = s[8:] {
		h = mix(h, uint64(s[0])|uint64(s[1])<<8|uint64(s[2])<<16|uint64(s[3])<<24|
			uint64(s[4])<<32|uint64(s[5])<<40|uint64(s[6])<<48|uint64(s[7])<<56)
	}
	var tail uint64
	for i := 0; i < len(s); i++ {
		tail |= uint64(s[i]) << (8 * i)
	}
	return mix(mix(h, tail), 0x589965cc75374cc3)
}

// Probability is a chance in units of 2^-64; the zero Probability is never.
// It is compared with a uniform 64-bit draw, so no float decides.
type Probability uint64

// ParseProbability reads "2%", "0.5 %" or a fraction "0.02".
func ParseProbability(s string) (Probability, error) {
	text, percent := strings.CutSuffix(strings.TrimSpace(s), "%")
	f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if percent {
		f /= 100
	}
	if err != nil || !(f >= 0 && f <= 1) {
		return 0, fmt.Errorf("%q: expected a probability, 0%% to 100%% or 0 to 1", s)
	}
	return ProbabilityOf(f), nil
}

// ProbabilityOf converts a fraction, clamped to 0..1.
func ProbabilityOf(f float64) Probability {
	switch {
	case !(f > 0):
		return 0
	case f >= 1:
		return 1<<64 - 1
	}
	return Probability(f * (1 << 32) * (1 << 32))
}

// Hits reports whether the uniform draw u falls under the probability.
// A certain probability always hits.
func (p Probability) Hits(u uint64) bool { return u < uint64(p) || p == 1<<64-1 }
