package scenarios

import (
	"slices"
	"strconv"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/fault"
)

// TestOutcomeOf: what a client is not told is blocked only if a node is dead for good, and a
// finding that a run shows twice is found by one cell.
func TestOutcomeOf(t *testing.T) {
	for line, want := range map[string]bool{"crash C0 at 1ms forever": true, "crash C0 at 1ms for 2ms": false} {
		plan, err := fault.ParsePlan([]string{line})
		if err != nil {
			t.Fatal(err)
		}
		r := &Result{Metrics: &analysis.Metrics{}, Findings: []analysis.Finding{{Invariant: "a"}, {Invariant: "b"}, {Invariant: "a"}}}
		if o := outcomeOf(r, plan); o.blocked || len(o.found) != 2 {
			t.Errorf("%s: %+v", line, o)
		}
		r.Metrics.Outcomes[model.Unknown] = 1
		if o := outcomeOf(r, plan); o.blocked != want {
			t.Errorf("%s, and an unknown outcome: blocked %v", line, o.blocked)
		}
	}
}

// TestDistinct keeps the first of the cells that are the same run.
func TestDistinct(t *testing.T) {
	var cells []matrixCell
	for i, c := range [][2]int{{0, 1}, {0, 2}, {0, 1}, {1, 1}, {1, 1}} {
		cells = append(cells, matrixCell{base: c[0], stage: strconv.Itoa(i), outcome: matrixOutcome{hash: uint64(c[1])}})
	}
	var kept []string
	for _, c := range distinct(cells) {
		kept = append(kept, c.stage)
	}
	if !slices.Equal(kept, []string{"0", "1", "3"}) {
		t.Errorf("kept %v", kept)
	}
}
