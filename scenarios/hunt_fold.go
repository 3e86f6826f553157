package scenarios

import (
	"context"
	"fmt"
	"math"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/sim"
)

// fold takes the results in the order of the seeds, whatever the order in which
// they come, and ends the hunt where it is over.
func (h *hunt) fold(ctx context.Context, results <-chan huntRun, cancel func()) error {
	span := h.o.Last - h.o.First
	total := -1
	if span < math.MaxInt {
		total = int(span) + 1
	}
	early := map[uint64]huntRun{}
	want := uint64(0)
	for r := range results {
		early[r.offset] = r
		for {
			r, ok := early[want]
			if !ok {
				break
			}
			delete(early, want)
			if !r.begun || r.status == sim.Interrupted && ctx.Err() != nil {
				return nil
			}
			over, err := h.take(ctx, &r)
			if err != nil {
				return err
			}
			if h.o.Progress != nil {
				h.o.Progress(int(h.res.Done), total)
			}
			if over || want == span {
				h.res.Complete = true
				cancel()
				return nil
			}
			want++
		}
	}
	return nil
}

// take adds a run, and reports whether it ends the hunt.
func (h *hunt) take(ctx context.Context, r *huntRun) (over bool, err error) {
	if r.err != nil {
		return true, r.err
	}
	seed := h.o.First + r.offset
	if r.offset == 0 {
		if again := h.run(ctx, 0); again.hash != r.hash && ctx.Err() == nil {
			return true, fmt.Errorf("seed %d: %w: trace hashes %016x and %016x", seed, ErrUnstable, r.hash, again.hash)
		}
	}
	h.res.Done++
	switch r.verdict {
	case analysis.Invalid:
		h.res.Violating++
	case analysis.Undecided:
		if h.res.Unknown++; h.res.Unknown == 1 {
			h.res.UnknownSeed = seed
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
			found = &Found{Fingerprint: print, Seed: seed, Finding: f}
			h.by[print] = found
			h.res.Found = append(h.res.Found, found)
		}
		found.Runs++
	}
	if err := h.res.Faults.Add(ctx, h.job, Options{Seed: seed, Swarm: h.o.Swarm}, &Result{Plan: r.plan, Struck: r.struck}); err != nil && ctx.Err() == nil {
		return true, err
	}
	return r.verdict == analysis.Invalid && !h.o.KeepGoing, nil
}
