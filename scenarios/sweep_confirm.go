package scenarios

import (
	"context"
	"fmt"
	"math"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/analysis/results"
)

// Confirm runs one of the results that are there already again, the cheapest of those of
// this sweep's cells, and refuses them all if it comes to something else now. Hash does not
// cover the code: neither that of another build of the same version, nor that of a protocol
// of one's own, of which it has the name. The sweep must be open.
func (s *Sweep) Confirm(ctx context.Context, done []results.Line) error {
	run, old := s.cheapest(done)
	if old == nil {
		return nil
	}
	now, err := s.one(ctx, run)
	if err != nil {
		return err
	}
	if text := old.Unlike(now); text != "" {
		return fmt.Errorf("%s: %s, seed %d: %s now: made by another build of txsim or of the protocol: expected another file",
			old.From, results.Label(old.Cell), old.Seed, text)
	}
	return nil
}

// cheapest returns the run of this sweep's cells that has the fewest events, and its result;
// nil if there is none. What is not valid has no figures: it is the last choice, what hit a
// bound behind what is invalid.
func (s *Sweep) cheapest(done []results.Line) (run sweepRun, line *results.Line) {
	cells := map[string]int{}
	for i, c := range s.cells {
		cells[results.Label(c.settings)] = i
	}
	least := math.Inf(1)
	for i := range done {
		l := &done[i]
		cell, ok := cells[results.Label(l.Cell)]
		if !ok {
			continue
		}
		events, ok := l.Figure("events")
		switch {
		case !ok && l.Verdict == analysis.Invalid.String():
			events = math.MaxFloat64 / 2
		case !ok:
			events = math.MaxFloat64
		}
		if events < least {
			least, run, line = events, sweepRun{cell, l.Seed}, l
		}
	}
	return run, line
}
