package scenarios

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// FuzzOptions says how FuzzHunt looks for a violation.
type FuzzOptions struct {
	Seed uint64
	Runs int // at most
	// Guided changes inputs that reached transitions between abstract states of the
	// protocol which none before had reached; otherwise all inputs are random.
	Guided bool
	// Wanted says whether a finding ends the hunt; nil is any.
	Wanted func(analysis.Finding) bool
}

// FuzzHunted is what FuzzHunt came to.
type FuzzHunted struct {
	Runs        int
	Input       []byte            // that Fuzz takes for the finding
	Finding     *analysis.Finding // nil if there is none
	Transitions int               // that all runs together have reached
	Kept        int               // inputs that reached new ones
}

// FuzzHunt runs inputs as Fuzz reads them until one shows a violation. It is what
// go test -fuzz does, in miniature and the same on every machine, so that ways to
// choose inputs can be compared.
func FuzzHunt(ctx context.Context, s *Scenario, o FuzzOptions) (*FuzzHunted, error) {
	h := &fuzzHunt{s: s, o: o, rand: sim.NewRand(o.Seed, "fuzz/hunt")}
	res := &FuzzHunted{}
	for res.Runs < o.Runs && ctx.Err() == nil {
		b := h.next(res.Runs)
		r, seen, err := h.run(ctx, b)
		if err != nil {
			return nil, err
		}
		res.Runs++
		h.keep(b, seen)
		for i := range r.Findings {
			if f := &r.Findings[i]; o.Wanted == nil || o.Wanted(*f) {
				res.Input, res.Finding = b, f
				h.sum(res)
				return res, nil
			}
		}
	}
	h.sum(res)
	return res, ctx.Err()
}

type fuzzHunt struct {
	s      *Scenario
	o      FuzzOptions
	rand   *rand.Rand
	corpus []keptInput
	hits   [abstractSpace]int // runs that reached a transition
}

// keptInput is an input that was the first to reach some transitions.
type keptInput struct {
	bytes  []byte
	firsts []int
}

// keep counts the transitions of a run, and keeps its input if one is new.
func (h *fuzzHunt) keep(b []byte, seen *abstraction) {
	var firsts []int
	seen.each(func(i int) {
		if h.hits[i]++; h.hits[i] == 1 {
			firsts = append(firsts, i)
		}
	})
	if firsts != nil {
		h.corpus = append(h.corpus, keptInput{b, firsts})
	}
}

func (h *fuzzHunt) sum(res *FuzzHunted) {
	res.Kept = len(h.corpus)
	for _, n := range h.hits {
		if n > 0 {
			res.Transitions++
		}
	}
}

// promising is the kept input of some that has the transition which the fewest runs
// have reached: Böhme, Pham, Roychoudhury, "Coverage-based Greybox Fuzzing as Markov
// Chain", CCS 2016, has the reasons.
func (h *fuzzHunt) promising() []byte {
	var best []byte
	fewest := math.MaxInt
	for range 8 {
		k := &h.corpus[h.rand.IntN(len(h.corpus))]
		for _, i := range k.firsts {
			if h.hits[i] < fewest {
				best, fewest = k.bytes, h.hits[i]
			}
		}
	}
	return best
}

func (h *fuzzHunt) run(ctx context.Context, b []byte) (*Result, *abstraction, error) {
	s, source := fuzzed(h.s, b)
	job, err := s.Open(model.Protocols(), nil)
	if err != nil {
		return nil, nil, err
	}
	defer job.Close()
	seen := newAbstraction(s.Coordinators)
	r, err := job.Run(ctx, Options{Seed: s.Seed, choices: source, Tracer: seen})
	if err != nil {
		return nil, nil, fmt.Errorf("input %x: %w", b, err)
	}
	return r, seen, nil
}

// next is the next input: one of the lengths of the corpus that Fuzz makes and, if
// guided, one that was kept, changed, three times of four once these have been run.
func (h *fuzzHunt) next(run int) []byte {
	fresh := func() []byte {
		b := make([]byte, fuzzSeeds[run%len(fuzzSeeds)])
		h.fill(b)
		return b
	}
	if !h.o.Guided || len(h.corpus) == 0 || run < len(fuzzSeeds)/2 || h.rand.IntN(4) == 0 {
		return fresh()
	}
	b := slices.Clone(h.promising())
	for range 1 << h.rand.IntN(4) {
		b = h.change(b)
	}
	return b
}

func (h *fuzzHunt) fill(b []byte) {
	for i := range b {
		b[i] = byte(h.rand.Uint32())
	}
}

// mostBytes bounds the inputs.
const mostBytes = 4096

// change changes an input in one place.
func (h *fuzzHunt) change(b []byte) []byte {
	if len(b) == 0 {
		return []byte{byte(h.rand.Uint32())}
	}
	at := h.rand.IntN(len(b))
	n := min(1+h.rand.IntN(8), len(b)-at)
	switch h.rand.IntN(8) {
	case 0, 1:
		b[at] = byte(h.rand.Uint32())
	case 2:
		b[at] += byte(1 + h.rand.IntN(4))
	case 3:
		h.fill(b[at : at+n])
	case 4:
		clear(b[at : at+n])
	case 5:
		b = slices.Delete(b, at, at+n)
	case 6:
		more := make([]byte, n)
		h.fill(more)
		b = slices.Insert(b, at, more...)
	case 7: // the end of another
		other := h.corpus[h.rand.IntN(len(h.corpus))].bytes
		b = append(b[:at], other[min(at, len(other)):]...)
	}
	return b[:min(len(b), mostBytes)]
}
