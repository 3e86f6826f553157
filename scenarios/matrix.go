package scenarios

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/fault"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/txfile"
	"github.com/seed83d86191/txsim/sim"
)

// MatrixOptions says which cells of the crash-point matrix are run.
type MatrixOptions struct {
	Seed uint64 // of the runs, and of the sample of pairs
	// Transaction is the id of the transaction whose boundaries are struck; "" is the first
	// that commits in a run without faults, or, if none commits, the first that is
	// answered.
	Transaction string
	// First limits the run to the scenario's first transactions; 0 is all.
	First int
	// Down are how long a crashed node is down, besides for ever; nil is one time shorter
	// and one longer than all default timeouts.
	Down []time.Duration
	// Cells bounds the cells of each stage; if there are more, evenly spread ones are
	// taken. 0 is no bound.
	Cells int
	Pairs int // how many pairs of crashes to draw
	// Jobs is how many runs go on at a time; 0 is one on each processor. What the
	// matrix comes to does not depend on it.
	Jobs int
	// Progress is called now and then with how many cells are done, and how many are known
	// so far; nil for none.
	Progress func(done, total int)
}

// The stages of a matrix.
const (
	stageReference  = "reference"  // nothing is struck
	stageLife       = "life"       // at each boundary of the transaction
	stageCheckpoint = "checkpoint" // at each boundary of a checkpoint
	stageRecovery   = "recovery"   // at each boundary of the recovery from one of those
	stagePairs      = "pairs"      // one of those, and any boundary after it
)

var stages = []string{stageReference, stageLife, stageCheckpoint, stageRecovery, stagePairs}

// Matrix runs the job once to list the boundaries that one transaction passes, and then
// once for each cell: a crash of the node that passes the boundary, at that moment. The
// crash is an explicit line of the fault language, so that a command line reproduces the
// cell. The scenario's own faults are left out. If ctx ends first, the result holds the
// cells that were finished.
//
// A cell survives if its run is valid. What stays open because a node is dead
// for good is accounted for, and is no failure.
func Matrix(ctx context.Context, job *Job, o MatrixOptions) (*MatrixResult, error) {
	m := &matrix{job: job, o: o}
	if m.o.Down == nil {
		m.o.Down = []time.Duration{2 * time.Millisecond, 300 * time.Millisecond}
	}
	if err := m.prepare(ctx); err != nil {
		return nil, err
	}
	if m.focus == 0 && ctx.Err() == nil { // nodes panic before any transaction is answered
		return m.result(ctx)
	}
	once := len(m.done) // after the references
	if err := m.run(ctx, append(m.cells(stageLife), m.cells(stageCheckpoint)...)); err != nil {
		return nil, err
	}
	first := distinct(m.done[once:])
	for _, stage := range []func(context.Context, []matrixCell) ([]matrixCell, error){m.recoveries, m.pairs} {
		cells, err := stage(ctx, first)
		if err == nil {
			err = m.run(ctx, cells)
		}
		if err != nil {
			return nil, err
		}
	}
	return m.result(ctx)
}

// matrix is a matrix while it is made.
type matrix struct {
	job   *Job
	o     MatrixOptions
	bases [2]matrixBase // the scenario, and the same with many checkpoints
	focus uint64        // index of the transaction
	names map[uint64]string

	done []matrixCell // with their outcome
	runs int          // cells that are done, for Progress
}

// matrixBase is a scenario without faults, to which the cells add theirs.
type matrixBase struct {
	sets   []string // how its scenario differs from the job's, as path=value
	job    *Job
	passed []passing // without a fault
}

// matrixUntil is when faults end, unless the scenario says: late enough for a second crash
// after the longest recovery.
const matrixUntil = "10s"

// matrixCheckpoint is a log length so small that every node soon takes checkpoints.
const matrixCheckpoint = 32

// prepare makes the bases and runs them without faults.
func (m *matrix) prepare(ctx context.Context) error {
	sets, err := m.limit()
	if err != nil {
		return err
	}
	if m.job.s.Until == 0 {
		sets = append(sets, "until="+matrixUntil)
	}
	for i := range m.bases {
		b := &m.bases[i]
		b.sets = slices.Clone(sets)
		if i > 0 {
			b.sets = append(b.sets, "disk.checkpoint="+strconv.Itoa(matrixCheckpoint))
		}
		if b.job, err = m.job.with(append(b.sets, "faults=[]")); err != nil {
			return err
		}
		p, watch := &passings{all: true}, &matrixWatch{names: map[uint64]string{}}
		r, err := b.job.Run(ctx, Options{Seed: m.o.Seed, Tracer: watch, attach: p.around})
		if err != nil {
			return err
		}
		b.passed = p.list
		m.done = append(m.done, matrixCell{base: i, stage: stageReference, outcome: outcomeOf(r, nil)})
		if i == 0 {
			m.names = watch.names
			if m.focus, err = watch.find(m.o.Transaction); err != nil && ctx.Err() == nil && r.End.Status != sim.Panicked {
				return err
			}
		}
	}
	return nil
}

// limit returns the parameters that limit the run to the scenario's first transactions.
func (m *matrix) limit() ([]string, error) {
	n, j := m.o.First, m.job
	if n == 0 || n > j.Transactions() {
		n = j.Transactions()
	}
	switch {
	case n == j.Transactions() && j.s.Transactions.File != "-":
		return nil, nil
	case j.file == nil:
		return []string{"transactions=" + strconv.Itoa(n)}, nil
	}
	var lines []string
	file := j.file.Fork()
	for range n {
		t, err := file.Next()
		if err != nil && err != io.EOF {
			return nil, err
		}
		lines = append(lines, string(txfile.AppendText(nil, t)))
	}
	return []string{"transactions.inline=" + flowList(lines)}, nil
}

// with returns a job whose scenario differs in some parameters. It shares the job's file,
// if it reads that too.
func (j *Job) with(sets []string) (*Job, error) {
	s := j.s.Clone()
	if err := s.Apply(sets...); err != nil {
		return nil, err
	}
	if s.Transactions.File == j.s.Transactions.File && s.Transactions.Inline == nil && j.file != nil {
		c := *j
		var err error
		c.s = s
		c.plan, err = fault.ParsePlan(s.Faults)
		return &c, errors.Join(err, s.Validate())
	}
	return s.Open([]model.Protocol{j.protocol})
}

// matrixWatch learns from a run without faults the ids of its transactions and which one
// commits first.
type matrixWatch struct {
	names    map[uint64]string
	first    uint64 // index of the first transaction that commits; 0 for none
	answered uint64 // index of the first that is answered; 0 for none
}

// Trace implements sim.Tracer.
func (w *matrixWatch) Trace(r *sim.Record[model.Message]) {
	if r.Op != sim.TraceNote || r.Kind != model.KindOutcome || r.Message == nil || r.Message.Txn == nil {
		return // of the clients' notes, that is none
	}
	t := r.Message.Txn
	if w.names[t.Index] = t.ID; t.ID == "" {
		w.names[t.Index] = "t" + strconv.FormatUint(t.Index, 10)
	}
	if w.answered == 0 {
		w.answered = t.Index
	}
	if w.first == 0 && r.Message.Outcome == model.Committed {
		w.first = t.Index
	}
}

// find returns the index of the transaction with an id. For "" it is the first that
// committed, or, if none did, the first that was answered.
func (w *matrixWatch) find(id string) (uint64, error) {
	switch {
	case id == "" && w.answered == 0:
		return 0, errors.New("no transaction is answered: there is none to strike")
	case id == "":
		return cmp.Or(w.first, w.answered), nil
	}
	var known []string
	for i := uint64(1); len(known) < len(w.names); i++ {
		name, ok := w.names[i]
		if name == id {
			return i, nil
		}
		if ok {
			known = append(known, name)
		}
	}
	if n := len(known); n > 12 {
		hint := ""
		if near := input.Nearest(id, known); near != "" {
			hint = "; did you mean " + near + "?"
		}
		return 0, fmt.Errorf("transaction %s: must be one of the %d that are run, %s to %s%s", input.Shown(id), n, known[0], known[n-1], hint)
	}
	return 0, fmt.Errorf("transaction %s: %s", input.Shown(id), input.MustBeOneOf(id, known))
}
