package scenarios

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/analysis/results"
	"github.com/seed83d86191/txsim/analysis/stats"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/parallel"
	"github.com/seed83d86191/txsim/sim"
)

// Sweep runs a scenario with several values of some parameters. Each combination of values
// is a cell, and all cells run with the same seeds. As draws are keyed, all cells of a seed
// meet the same arrivals, keys, delays and faults, as far as they have them in common.
type Sweep struct {
	Scenario    *Scenario
	Vary        []Vary
	First, Last uint64 // the seeds, both included
	Warmup      analysis.Warmup
	// Jobs is how many runs go on at a time; 0 is one on each processor. What the
	// sweep comes to does not depend on it.
	Jobs int
	// Shard of Shards, from 0, is the part of the runs to make; Shards 0 is all.
	Shard, Shards int
	// Precision, if positive, adds seeds to a cell until the mean of a figure is known with
	// this relative precision, looking at 10, 20, 40 … seeds; Last is then the bound.
	Precision       float64
	PrecisionMetric string // which figure; "" is the throughput
	// Reproduce returns the command that runs a seed of a cell; nil for none.
	Reproduce func(cell []results.Setting, seed uint64) string
	// Progress is called with how many runs are done, and how many there are; nil for none.
	Progress func(done, total int)
	// Clock measures the wall-clock time of a run, which becomes a figure of it; results
	// then differ each time. Nil for none.
	Clock func() time.Time

	cells []sweepCell
}

// Open checks every cell before the first run. The sweep must be closed. If ctx ends first,
// Open returns its error.
func (s *Sweep) Open(ctx context.Context, protocols []model.Protocol) error {
	if s.Scenario.Transactions.File == "-" {
		return errors.New("transactions from standard input: a sweep runs them more than once; expected a file")
	}
	for i, v := range s.Vary {
		if v.Path == "seed" {
			return v.errorf(" seed: each cell is run with the same seeds; expected --seeds")
		}
		if slices.ContainsFunc(s.Vary[:i], func(w Vary) bool { return w.Path == v.Path }) {
			return v.errorf(" %s: given twice", v.Path)
		}
	}
	if err := checkCells(s.Vary); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, cell := range settings(s.Vary) {
		scenario, named, err := s.Scenario.vary(cell)
		if wrong, ok := errors.AsType[*settingError](err); ok {
			err = s.Vary[wrong.index].errorf(": %w", wrong.err)
		}
		if err != nil {
			return errors.Join(err, s.Close())
		}
		label := results.Label(named)
		if seen[label] {
			return errors.Join(fmt.Errorf("--vary: the cell %s twice", label), s.Close())
		}
		seen[label] = true
		job, err := scenario.OpenContext(ctx, protocols, nil)
		if err != nil {
			return errors.Join(s.wrongCell(label, err), s.Close())
		}
		s.cells = append(s.cells, sweepCell{named, job})
	}
	return nil
}

// wrongCell returns the error of a cell that cannot be run, with the place in the plan, if
// there is one, of the varied parameter that it is about.
func (s *Sweep) wrongCell(label string, err error) error {
	for _, v := range s.Vary {
		if v.From != "" && strings.HasPrefix(err.Error(), v.Path+" = ") {
			return v.errorf(": %s: %w", label, err)
		}
	}
	return fmt.Errorf("%s: %w", label, err)
}

// Close closes the files of transactions.
func (s *Sweep) Close() error {
	var errs []error
	for _, c := range s.cells {
		errs = append(errs, c.job.Close())
	}
	s.cells = nil
	return errors.Join(errs...)
}

// Cells returns how many cells there are.
func (s *Sweep) Cells() int { return len(s.cells) }

// Settings returns the settings of a cell.
func (s *Sweep) Settings(cell int) []results.Setting { return s.cells[cell].settings }

// Hash returns a hash that is equal for results that belong together: it covers the
// version, the scenario before it is varied, its file of transactions, and the warm-up
// rule. The sweep must be open.
func (s *Sweep) Hash() string {
	h := sha256.New()
	fmt.Fprintf(h, "txsim %s\nwarmup %v %v\n%s", Version, s.Warmup.Auto, s.Warmup.Time, s.Scenario.YAML())
	if t := s.Scenario.totals; t.records > 0 || t.operations > 0 { // cells divide the totals in different ways
		fmt.Fprintf(h, "records %d operations %d\n", t.records, t.operations)
	}
	if f := s.cells[0].job.file; f != nil && s.Scenario.Transactions.File != "" {
		fmt.Fprintf(h, "transactions %d %08x\n", f.Len(), f.Sum())
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Content returns, if files are varied, the checksums of the files by the name of each
// cell: Hash does not cover them.
func (s *Sweep) Content() map[string]string {
	if !slices.ContainsFunc(s.Vary, func(v Vary) bool { return v.Path == "transactions.file" || v.Path == propertiesPath }) {
		return nil
	}
	content := map[string]string{}
	for _, c := range s.cells {
		h := sha256.New()
		h.Write(c.job.s.YAML())
		if f := c.job.file; f != nil {
			fmt.Fprintf(h, "transactions %d %08x\n", f.Len(), f.Sum())
		}
		content[results.Label(c.settings)] = hex.EncodeToString(h.Sum(nil)[:8])
	}
	return content
}

// sweepRun is a seed of a cell.
type sweepRun struct {
	cell int
	seed uint64
}

// Run makes the runs that are not in done, and calls emit with the results in the order of
// cells and seeds, whatever the number of jobs. If ctx ends first, the results emitted so
// far stand, and the error is that of ctx.
func (s *Sweep) Run(ctx context.Context, done []results.Line, emit func(*results.Line) error) error {
	known := map[string]map[uint64]float64{} // the measured figure, by cell and seed
	for i := range done {
		s.note(known, &done[i])
	}
	finished := 0
	batch := func(runs []sweepRun, total int) error {
		missing := runs[:0]
		for _, r := range runs {
			if _, ok := known[results.Label(s.cells[r.cell].settings)][r.seed]; !ok {
				missing = append(missing, r)
			}
		}
		finished += len(runs) - len(missing)
		return s.each(ctx, missing, func(l *results.Line) error {
			if s.Precision > 0 {
				s.note(known, l)
			}
			finished++
			if s.Progress != nil {
				s.Progress(finished, total)
			}
			return emit(l)
		})
	}
	if s.Precision > 0 {
		return s.untilPrecise(known, batch)
	}
	runs := s.runs(func(int) uint64 { return s.Last - s.First + 1 })
	return batch(runs, len(runs))
}

// Total is how many runs all shards make together, or, where seeds are added, at most.
func (s *Sweep) Total() uint64 { return uint64(len(s.cells)) * (s.Last - s.First + 1) }

// untilPrecise makes runs with more and more seeds of the cells whose figure is not known
// precisely enough. batch makes those that are missing, and adds their figures to known.
func (s *Sweep) untilPrecise(known map[string]map[uint64]float64, batch func(runs []sweepRun, total int) error) error {
	precise := make([]bool, len(s.cells))
	for _, n := range stats.Looks(int(min(s.Last-s.First+1, 1<<30))) {
		runs := s.runs(func(cell int) uint64 {
			if precise[cell] {
				return 0
			}
			return uint64(n)
		})
		if err := batch(runs, -1); err != nil {
			return err
		}
		for i := range precise {
			precise[i] = precise[i] || s.precise(known[results.Label(s.cells[i].settings)], uint64(n))
		}
	}
	return nil
}

// note keeps the figure of a run that is done; NaN if it has none, if nothing was
// committed, say.
func (s *Sweep) note(known map[string]map[uint64]float64, l *results.Line) {
	cell := results.Label(l.Cell)
	if known[cell] == nil {
		known[cell] = map[uint64]float64{}
	}
	x, ok := l.Figure(cmp.Or(s.PrecisionMetric, "throughput"))
	if !ok {
		x = math.NaN()
	}
	known[cell][l.Seed] = x
}

// precise reports whether a cell needs no more than its first seeds.
func (s *Sweep) precise(cell map[uint64]float64, seeds uint64) bool {
	var values []float64
	for i := range seeds {
		if x := cell[s.First+i]; !math.IsNaN(x) {
			values = append(values, x)
		}
	}
	return stats.Precise(stats.Mean(values), s.Precision)
}

// runs lists the runs of the shard, cell by cell; seeds says how many seeds a cell has.
func (s *Sweep) runs(seeds func(cell int) uint64) []sweepRun {
	var all []sweepRun
	n := 0
	for cell := range s.cells {
		for i := range seeds(cell) {
			if s.Shards == 0 || n%s.Shards == s.Shard {
				all = append(all, sweepRun{cell, s.First + i})
			}
			n++
		}
	}
	return all
}

// aheadPerJob bounds, for each job, the runs that have begun and are not emitted: a slow run
// keeps the lines of those after it in memory.
const aheadPerJob = 4

// each makes the runs, several at a time, and emits them in order.
func (s *Sweep) each(ctx context.Context, runs []sweepRun, emit func(*results.Line) error) error {
	err := parallel.InOrder(ctx, parallel.Options{Jobs: s.Jobs, AheadPerJob: aheadPerJob}, slices.Values(runs), s.one,
		func(_ sweepRun, line *results.Line) error { return emit(line) })
	return cmp.Or(err, ctx.Err())
}

// one makes one run.
func (s *Sweep) one(ctx context.Context, run sweepRun) (*results.Line, error) {
	cell := s.cells[run.cell]
	var begin time.Time
	if s.Clock != nil {
		begin = s.Clock()
	}
	r, err := cell.job.Run(ctx, Options{Seed: run.seed, Spent: true, samples: true})
	if err != nil {
		return nil, fmt.Errorf("%s, seed %d: %w", results.Label(cell.settings), run.seed, err)
	}
	if r.End.Status == sim.Interrupted {
		return nil, context.Canceled
	}
	reproduce := ""
	if s.Reproduce != nil {
		reproduce = s.Reproduce(cell.settings, run.seed)
	}
	l := r.line(cell.settings, s.Warmup, reproduce)
	if s.Clock != nil && l.Figures != nil {
		l.Figures.Set(results.Wall, s.Clock().Sub(begin).Seconds()*1e3)
	}
	return l, nil
}
