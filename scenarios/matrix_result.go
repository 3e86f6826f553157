package scenarios

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/fault"
	"github.com/seed83d86191/txsim/sim"
)

// MatrixResult is the result of a matrix.
type MatrixResult struct {
	Scenario    *Scenario       `json:"-"`
	Seed        uint64          `json:"seed"`
	Transaction string          `json:"transaction"` // the one in focus
	Cells       int             `json:"cells"`       // that were to be run, the references included
	Done        int             `json:"done"`        // fewer if it was interrupted
	Survived    int             `json:"survived"`
	Unknown     int             `json:"unknown"`   // hit a bound
	Blocked     int             `json:"blocked"`   // survived, with something open that waits for a node dead for good
	Different   int             `json:"different"` // runs, by their trace: cells where nothing was unsynced are alike
	Rows        []MatrixRow     `json:"rows"`
	Failures    []MatrixFailure `json:"-"`
	// Unreached are the classes of boundaries that no cell strikes.
	Unreached []MatrixPlace `json:"-"`
}

// MatrixRow sums up the cells of a class of boundaries.
type MatrixRow struct {
	Stage    string `json:"stage"`
	Role     string `json:"role,omitempty"`     // coordinator or worker; of a pair, both crashes'
	Boundary string `json:"boundary,omitempty"` // what the crashes are just before and after
	// Cells whose node restarts, by what becomes of its unsynced tail (lost, torn, or
	// written cleanly), and cells whose node never does.
	Lost    MatrixCount `json:"lost"`
	Torn    MatrixCount `json:"torn"`
	Clean   MatrixCount `json:"clean"`
	Never   MatrixCount `json:"never"`
	Blocked int         `json:"blocked"`
}

// MatrixCount counts cells.
type MatrixCount struct {
	Survived int `json:"survived"`
	Cells    int `json:"cells"`
}

// MatrixPlace is a class of boundaries.
type MatrixPlace struct{ Role, Boundary string }

// MatrixFailure is a kind of finding, and the first cell that shows it.
type MatrixFailure struct {
	Fingerprint string
	Finding     analysis.Finding
	Cells       int      // that show it
	Faults      []string // of the first one
	// Sets are the parameters, path=value, that turn the scenario into that of the first
	// cell.
	Sets []string
}

const (
	roleCoordinator = "coordinator"
	roleWorker      = "worker"
)

// result sums up the cells, and proves that the line of each failure reproduces it.
func (m *matrix) result(ctx context.Context) (*MatrixResult, error) {
	r := &MatrixResult{Scenario: m.job.s, Seed: m.o.Seed, Transaction: m.names[m.focus], Cells: len(m.done), Rows: []MatrixRow{}}
	hashes, struck := map[uint64]bool{}, map[MatrixPlace]bool{}
	rows := map[MatrixRow]int{}
	for i := range m.done {
		c := &m.done[i]
		if !c.outcome.over {
			continue
		}
		r.count(c)
		hashes[c.outcome.hash] = true
		for _, p := range c.places {
			struck[p] = true
		}
		head := c.row()
		at, ok := rows[head]
		if !ok {
			at = len(r.Rows)
			rows[head] = at
			r.Rows = append(r.Rows, head)
		}
		r.Rows[at].add(c)
		m.failed(r, c)
	}
	r.Different = len(hashes)
	slices.SortStableFunc(r.Rows, func(a, b MatrixRow) int {
		return cmp.Or(cmp.Compare(slices.Index(stages, a.Stage), slices.Index(stages, b.Stage)), cmp.Compare(a.Role, b.Role))
	})
	for _, p := range matrixPlaces() {
		if !struck[p] {
			r.Unreached = append(r.Unreached, p)
		}
	}
	for i := range r.Failures {
		if err := m.prove(ctx, &r.Failures[i]); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *MatrixResult) count(c *matrixCell) {
	r.Done++
	switch c.outcome.verdict {
	case analysis.Valid:
		r.Survived++
		if c.outcome.blocked {
			r.Blocked++
		}
	case analysis.Undecided:
		r.Unknown++
	}
}

// row returns an empty row of the cell's class.
func (c *matrixCell) row() MatrixRow {
	head := MatrixRow{Stage: c.stage}
	switch {
	case c.stage == stagePairs:
		head.Role, head.Boundary = c.places[0].Role+", "+c.places[1].Role, "any two"
	case len(c.places) > 0:
		last := c.places[len(c.places)-1]
		head.Role, head.Boundary = last.Role, last.Boundary
	}
	return head
}

func (row *MatrixRow) add(c *matrixCell) {
	var n *MatrixCount
	switch {
	case c.stage == stageReference:
		n = &row.Clean
	case c.never():
		n = &row.Never
	default:
		n = [...]*MatrixCount{sim.TailLost: &row.Lost, sim.TailTorn: &row.Torn, sim.TailKept: &row.Clean}[c.last().Tail()]
	}
	n.Cells++
	if c.outcome.verdict == analysis.Valid {
		n.Survived++
		if c.outcome.blocked {
			row.Blocked++
		}
	}
}

// failed adds what a cell found to the failures.
func (m *matrix) failed(r *MatrixResult, c *matrixCell) {
	for _, f := range c.outcome.found {
		print := f.Fingerprint()
		at := slices.IndexFunc(r.Failures, func(x MatrixFailure) bool { return x.Fingerprint == print })
		if at < 0 {
			at = len(r.Failures)
			faults := c.faults.Lines()
			sets := append(slices.Clone(m.bases[c.base].sets), "faults="+flowList(faults))
			r.Failures = append(r.Failures, MatrixFailure{Fingerprint: print, Finding: f, Faults: faults, Sets: sets})
		}
		r.Failures[at].Cells++
	}
}

// prove runs the scenario of a failure from its parameters alone.
func (m *matrix) prove(ctx context.Context, f *MatrixFailure) error {
	j, err := m.job.with(f.Sets)
	if err != nil {
		return err
	}
	r, err := j.Run(ctx, Options{Seed: m.o.Seed})
	if err != nil || r.End.Status == sim.Interrupted {
		return err
	}
	for i := range r.Findings {
		if r.Findings[i].String() == f.Finding.String() {
			return nil
		}
	}
	return j.unstable(ctx, Options{Seed: m.o.Seed}, fmt.Sprintf("with %s, another run shows no %s", flowList(f.Faults), f.Finding))
}

// matrixPlaces returns the classes of boundaries that exist, for all built-in protocols and
// executions.
func matrixPlaces() []MatrixPlace {
	var all []MatrixPlace
	add := func(role, action string, kinds ...sim.Kind) {
		for _, k := range kinds {
			all = append(all, MatrixPlace{role, strings.TrimSpace(action + " " + fault.KindName(k))})
		}
	}
	both := func(role string, kinds ...sim.Kind) {
		add(role, "append", kinds...)
		add(role, "sync", kinds...)
		add(role, "checkpoint", model.KindNone)
		add(role, "truncate", model.KindNone)
		add(role, "recover", model.KindNone)
		add(role, "", model.KindRedo)
	}
	add(roleCoordinator, "receive", model.KindRequest, model.KindAsk, model.KindExecuted, model.KindVote, model.KindAck,
		model.KindDone, model.KindEnquire, model.KindWound)
	add(roleCoordinator, "send", model.KindExecute, model.KindPrepare, model.KindCommitOne, model.KindCommit, model.KindAbort, model.KindAnswer)
	both(roleCoordinator, model.KindStart, model.KindCollecting, model.KindPrepare, model.KindCommit, model.KindAbort,
		model.KindEnd, model.KindSuspect, model.KindRecover)
	add(roleWorker, "receive", model.KindExecute, model.KindPrepare, model.KindCommitOne, model.KindCommit, model.KindAbort)
	add(roleWorker, "send", model.KindExecuted, model.KindVote, model.KindDone, model.KindAck, model.KindEnquire, model.KindWound)
	add(roleWorker, "", model.KindLock, model.KindApply)
	both(roleWorker, model.KindPrepare, model.KindCommitOne, model.KindCommit, model.KindAbort)
	return all
}
