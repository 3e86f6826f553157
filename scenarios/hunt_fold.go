package scenarios

import (
	"context"
	"fmt"
	"math"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/sim"
)

// fold takes a run, in the order of the seeds, and reports whether the hunt goes on.
func (h *hunt) fold(ctx context.Context, r *huntRun) (more bool, err error) {
	if r.status == sim.Interrupted && ctx.Err() != nil {
		return false, nil
	}
	over, err := h.take(ctx, r)
	if err != nil {
		return false, err
	}
	if h.o.Progress != nil {
		total := -1
		if span := h.o.Last - h.o.First; span < math.MaxInt {
			total = int(span) + 1
		}
		h.o.Progress(int(h.res.Done), total)
	}
	h.res.Complete = over || r.seed == h.o.Last
	return !h.res.Complete, nil
}

// take adds a run, and reports whether it ends the hunt.
func (h *hunt) take(ctx context.Context, r *huntRun) (over bool, err error) {
	if r.err != nil {
		return true, r.err
	}
	if r.seed == h.o.First {
		if again := h.run(ctx, r.seed); again.hash != r.hash && ctx.Err() == nil {
			return true, fmt.Errorf("seed %d: %w: trace hashes %016x and %016x", r.seed, ErrUnstable, r.hash, again.hash)
		}
	}
	h.res.Done++
	switch r.verdict {
	case analysis.Invalid:
		h.res.Violating++
	case analysis.Undecided:
		if h.res.Unknown++; h.res.Unknown == 1 {
			h.res.UnknownSeed = r.seed
		}
	}
	seen := map[string]bool{}
	for _, f := range r.findings {
		print := f.Fingerprint()
		if seen[print] {
			continue
		}
		seen[print] = true
		found := h.by[print]
		if found == nil {
			found = &Found{Fingerprint: print, Seed: r.seed, Finding: f}
			h.by[print] = found
			h.res.Found = append(h.res.Found, found)
		}
		found.Runs++
	}
	if err := h.res.Faults.Add(ctx, h.job, Options{Seed: r.seed, Swarm: h.o.Swarm}, &Result{Plan: r.plan, Struck: r.struck}); err != nil && ctx.Err() == nil {
		return true, err
	}
	return r.verdict == analysis.Invalid && !h.o.KeepGoing, nil
}
