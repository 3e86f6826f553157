package scenarios

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/fault"
	"github.com/seed83d86191/txsim/scenarios/parallel"
	"github.com/seed83d86191/txsim/sim"
)

// matrixCell is one run of a matrix.
type matrixCell struct {
	base    int
	stage   string
	faults  fault.Plan    // one crash or two
	places  []MatrixPlace // what each of them strikes
	outcome matrixOutcome
}

// matrixOutcome is what is kept of a cell's run.
type matrixOutcome struct {
	over    bool // the run was not interrupted
	verdict analysis.Verdict
	hash    uint64
	blocked bool               // something stays open, because a node is dead for good
	found   []analysis.Finding // the first of each fingerprint
}

func outcomeOf(r *Result, faults fault.Plan) matrixOutcome {
	o := matrixOutcome{over: r.End.Status != sim.Interrupted, verdict: r.Verdict, hash: r.Hash}
	// A coordinator that is up again can answer unknown as well: nobody waits then.
	unknown := r.Metrics.Outcomes[model.Unknown] > 0 && slices.ContainsFunc(faults, func(f fault.Fault) bool { return f.Forever() })
	o.blocked = len(r.Excused) > 0 || r.Metrics.Outcomes[model.Blocked] > 0 || unknown
	o.found = kinds(r.Findings)
	return o
}

// never reports whether the cell's last crash is for good.
func (c *matrixCell) never() bool { return c.last().Forever() }

func (c *matrixCell) last() *fault.Fault { return &c.faults[len(c.faults)-1] }

// ways calls each with the crashes to try at a passing: each tail combined with each time
// down, which are those of the options and for ever. If nothing is unsynced, all tails are the
// same.
func (m *matrix) ways(p passing, each func(fault.Fault)) {
	tails := []sim.Tail{sim.TailLost, sim.TailTorn, sim.TailKept}
	if !p.unsynced {
		tails = tails[:1]
	}
	for _, tail := range tails {
		for _, d := range append(slices.Clip(m.o.Down), sim.Forever) {
			if f, ok := m.crash(p, tail, d); ok {
				each(f)
			}
		}
	}
}

// cells makes the cells of the first crash.
func (m *matrix) cells(stage string) []matrixCell {
	base := 0
	if stage == stageCheckpoint {
		base = 1
	}
	var cells []matrixCell
	for _, p := range m.bases[base].passed {
		if stage == stageLife && model.AttemptOf(p.Label).Txn != m.focus || stage == stageCheckpoint && !p.checkpoint() {
			continue
		}
		m.ways(p, func(f fault.Fault) {
			cells = append(cells, matrixCell{base: base, stage: stage, faults: fault.Plan{f}, places: []MatrixPlace{m.place(p)}})
		})
	}
	return m.thin(cells)
}

// thin takes evenly spread cells if there are too many.
func (m *matrix) thin(cells []matrixCell) []matrixCell {
	n := m.o.Cells
	if n == 0 || len(cells) <= n {
		return cells
	}
	some := make([]matrixCell, n)
	for i := range some {
		some[i] = cells[i*len(cells)/n]
	}
	return some
}

// recoveries makes the cells of a second crash within the recovery from the
// first one.
func (m *matrix) recoveries(ctx context.Context, first []matrixCell) ([]matrixCell, error) {
	first = slices.DeleteFunc(slices.Clone(first), func(c matrixCell) bool { return c.never() })
	first = m.thin(first)
	passed := make([][]passing, len(first))
	err := parallel.Each(ctx, m.o.Jobs, len(first), func(i int) (err error) {
		passed[i], err = m.behind(ctx, &first[i])
		return err
	}, nil)
	var cells []matrixCell
	for i := range first {
		for _, p := range inRecovery(passed[i]) {
			m.ways(p, func(f fault.Fault) { cells = append(cells, m.second(&first[i], stageRecovery, p, f)) })
		}
	}
	return m.thin(cells), err
}

// pairs draws cells of two crashes, the second at any boundary after the first. Each pair
// has draws of its own.
func (m *matrix) pairs(ctx context.Context, first []matrixCell) ([]matrixCell, error) {
	if len(first) == 0 {
		return nil, nil
	}
	cells := make([]matrixCell, m.o.Pairs)
	err := parallel.Each(ctx, m.o.Jobs, len(cells), func(i int) error {
		r := sim.NewRand(m.o.Seed, sim.Stream("matrix/pair "+strconv.Itoa(i)))
		c := &first[r.IntN(len(first))]
		passed, err := m.behind(ctx, c)
		if err != nil || len(passed) == 0 {
			return err
		}
		p := passed[r.IntN(len(passed))]
		var ways []fault.Fault
		if m.ways(p, func(f fault.Fault) { ways = append(ways, f) }); len(ways) > 0 {
			cells[i] = m.second(c, stagePairs, p, ways[r.IntN(len(ways))])
		}
		return nil
	}, nil)
	// A run that ends with its first crash has no pair.
	return slices.DeleteFunc(cells, func(c matrixCell) bool { return c.stage == "" }), err
}

// second adds a crash at p to a cell.
func (m *matrix) second(c *matrixCell, stage string, p passing, f fault.Fault) matrixCell {
	return matrixCell{base: c.base, stage: stage, faults: append(slices.Clone(c.faults), f), places: append(slices.Clone(c.places), m.place(p))}
}

// distinct drops cells that are the same run as an earlier one.
func distinct(cells []matrixCell) []matrixCell {
	seen := map[[2]uint64]bool{}
	return slices.DeleteFunc(slices.Clone(cells), func(c matrixCell) bool {
		key := [2]uint64{uint64(c.base), c.outcome.hash}
		again := seen[key]
		seen[key] = true
		return again
	})
}

// behind lists the boundaries that are passed after the cell's crash.
func (m *matrix) behind(ctx context.Context, c *matrixCell) ([]passing, error) {
	p := &passings{}
	_, err := m.runCell(ctx, c, Options{Unchecked: true, attach: p.around})
	return p.list, err
}

// run runs cells and keeps them.
func (m *matrix) run(ctx context.Context, cells []matrixCell) error {
	at := len(m.done)
	m.done = append(m.done, cells...)
	return parallel.Each(ctx, m.o.Jobs, len(cells), func(i int) error {
		c := &m.done[at+i]
		r, err := m.runCell(ctx, c, Options{})
		if err != nil {
			return err
		}
		c.outcome = outcomeOf(r, c.faults)
		for _, s := range r.Struck {
			if c.outcome.over && s.Times != 1 {
				return fmt.Errorf("%s: struck %d times: the protocol passes other boundaries in another run of the same", s.Line, s.Times)
			}
		}
		return nil
	}, m.progress)
}

func (m *matrix) runCell(ctx context.Context, c *matrixCell, o Options) (*Result, error) {
	j := *m.bases[c.base].job
	j.plan = c.faults
	o.Seed = m.o.Seed
	return j.Run(ctx, o)
}

func (m *matrix) progress(int) {
	m.runs++
	if m.o.Progress != nil && m.runs%64 == 0 {
		m.o.Progress(m.runs, len(m.done))
	}
}
