package scenarios

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/coverage"
	"github.com/seed83d86191/txsim/sim"
)

// FuzzOptions says how FuzzHunt looks for a violation.
type FuzzOptions struct {
	Seed uint64
	Runs int // at most
	Way  FuzzWay
	// Wanted reports whether a finding ends the hunt; nil accepts any.
	Wanted func(analysis.Finding) bool
}

// FuzzWay is how the inputs of a FuzzHunt are chosen.
type FuzzWay uint8

// The ways. Comparing the second with the third shows what guidance gains beyond changing
// inputs.
const (
	FuzzRandom FuzzWay = iota // all inputs are random bytes
	FuzzBlind                 // most inputs are changed copies of earlier ones, chosen blindly
	FuzzGuided                // most are changed copies of those that reached rare transitions of the protocol
)

// FuzzWays are the names of the ways.
var FuzzWays = [...]string{"random bytes", "changed", "guided"}

func (w FuzzWay) String() string { return FuzzWays[w] }

// FuzzHunted is the result of a FuzzHunt.
type FuzzHunted struct {
	Runs        int
	Input       []byte            // the input with which Fuzz shows the finding
	Finding     *analysis.Finding // nil if there is none
	Transitions int               // how many transitions all runs together have reached
}

// FuzzHunt runs inputs as Fuzz reads them until one shows a violation. It is what
// go test -fuzz does, in miniature and the same on every machine, so that ways to
// choose inputs can be compared.
func FuzzHunt(ctx context.Context, s *Scenario, o FuzzOptions) (*FuzzHunted, error) {
	h := &fuzzHunt{s: s, o: o, plan: planFuzz(s), rand: sim.NewRand(o.Seed, "fuzz/hunt")}
	res := &FuzzHunted{}
	for res.Runs < o.Runs && ctx.Err() == nil {
		b := h.next(res.Runs)
		r, seen, err := h.run(ctx, b)
		if err != nil {
			return nil, err
		}
		res.Runs++
		h.keep(b, seen)
		res.Transitions = h.reached
		for i := range r.Findings {
			if f := &r.Findings[i]; o.Wanted == nil || o.Wanted(*f) {
				res.Input, res.Finding = b, f
				return res, nil
			}
		}
	}
	return res, ctx.Err()
}

// fuzzHunt is a hunt while it goes on. It keeps the first mostInputs inputs with what they
// have reached; after that each takes the place of another.
type fuzzHunt struct {
	s       *Scenario
	o       FuzzOptions
	plan    fuzzPlan
	rand    *rand.Rand
	hits    [coverage.Space]int // how many runs reached each transition
	reached int                 // how many transitions any run has reached
	inputs  []huntedInput
}

// huntedInput is an input that has been run.
type huntedInput struct {
	bytes []byte
	pairs []int // the transitions of two attempts that it has reached
}

// keep counts the transitions of a run and keeps its input.
func (h *fuzzHunt) keep(b []byte, seen *coverage.Tracer) {
	in := huntedInput{bytes: b}
	seen.Each(func(i int) {
		if h.hits[i]++; h.hits[i] == 1 {
			h.reached++
		}
		if i >= coverage.Pairs {
			in.pairs = append(in.pairs, i)
		}
	})
	if len(h.inputs) < mostInputs {
		h.inputs = append(h.inputs, in)
		return
	}
	h.inputs[h.rand.IntN(mostInputs)] = in
}

// mostInputs bounds the memory of a hunt.
const mostInputs = 4096

// contests is, by FuzzWay, among how many random inputs the most promising is chosen.
var contests = [...]int{FuzzBlind: 1, FuzzGuided: 8}

// promising returns an input: of some drawn at random the one that has reached the rarest
// transitions. Each transition counts the less the more runs have reached it. Böhme, Pham,
// Roychoudhury, "Coverage-based Greybox Fuzzing as Markov Chain", CCS 2016, has the
// reasons.
func (h *fuzzHunt) promising() []byte {
	var best []byte
	most := -1.0
	for range contests[h.o.Way] {
		in := &h.inputs[h.rand.IntN(len(h.inputs))]
		rare := 0.0
		for _, i := range in.pairs {
			rare += 1 / float64(h.hits[i])
		}
		if rare > most {
			best, most = in.bytes, rare
		}
	}
	return best
}

func (h *fuzzHunt) run(ctx context.Context, b []byte) (*Result, *coverage.Tracer, error) {
	s, source := fuzzed(h.s, b)
	job, err := s.Open(model.Protocols())
	if err != nil {
		return nil, nil, err
	}
	defer job.Close()
	seen := coverage.New(s.Coordinators)
	r, err := job.Run(ctx, Options{Seed: s.Seed, choices: source, Tracer: seen})
	if err != nil {
		return nil, nil, fmt.Errorf("input %x: %w", b, err)
	}
	return r, seen, nil
}

// next returns the next input. It has one of the lengths of the corpus that Fuzz makes.
// Unless all inputs are random, it is most often a changed copy of one so far.
func (h *fuzzHunt) next(run int) []byte {
	if h.o.Way == FuzzRandom || len(h.inputs) < 16 || h.rand.IntN(10) < 2 {
		b := make([]byte, fuzzLength(h.s, run))
		fill(h.rand, b)
		return b
	}
	b := slices.Clone(h.promising())
	switch n := h.rand.IntN(100); {
	case n < 45:
		h.repeat(b)
	case n < 85:
		b = h.exchange(b)
	default:
		for range 1 + h.rand.IntN(2) {
			h.change(b)
		}
	}
	return b
}

// part returns where the k-th part of an input is.
func (h *fuzzHunt) part(b []byte, k int) (from, to int) {
	ends := h.plan.bounds(len(b))
	if k > 0 {
		from = ends[k-1]
	}
	return from, ends[k]
}

// repeat copies one of the transactions over another, so that the two are in conflict, and
// draws new faults or another run.
func (h *fuzzHunt) repeat(b []byte) {
	from, to := h.part(b, 0)
	if size := h.plan.transaction; size > 0 && to-from > size {
		all := b[from+1 : to]
		n := len(all) / size
		this, other := h.rand.IntN(n), h.rand.IntN(n)
		copy(all[this*size:][:size], all[other*size:])
	}
	from, to = h.part(b, 1+h.rand.IntN(2))
	fill(h.rand, b[from:to])
}

// exchange replaces a part by new bytes, or by that of another promising input.
func (h *fuzzHunt) exchange(b []byte) []byte {
	k := [...]int{0, 1, 1, 1, 1, 2, 2, 2, 2, 2}[h.rand.IntN(10)]
	from, to := h.part(b, k)
	if h.rand.IntN(2) == 0 {
		fill(h.rand, b[from:to])
		return b
	}
	other := h.promising()
	first, last := h.part(other, k)
	return slices.Concat(b[:from], other[first:last], b[to:])
}

// change changes some bytes of a part.
func (h *fuzzHunt) change(b []byte) {
	from, to := h.part(b, [...]int{0, 0, 1, 2, 2, 2}[h.rand.IntN(6)])
	if from == to {
		return
	}
	at := from + h.rand.IntN(to-from)
	some := b[at:min(at+1+h.rand.IntN(8), to)]
	switch h.rand.IntN(6) {
	case 0, 1:
		fill(h.rand, some[:1])
	case 2:
		fill(h.rand, some)
	case 3:
		clear(some)
	case 4:
		some[0] += byte(1 + h.rand.IntN(3))
	case 5:
		copy(some, b[from+h.rand.IntN(to-from):to])
	}
}
