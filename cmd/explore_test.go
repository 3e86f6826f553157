package cmd

import (
	"context"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model/spec"
	"github.com/seed83d86191/txsim/sim/explore"
)

// endingContext ends when it has been asked so many times.
type endingContext struct {
	context.Context
	left int
}

func (c *endingContext) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// TestRefineCutShort: a check of refinement that is cut short leaves the verdict unknown,
// though all was explored, and says why; so does one that has not begun.
func TestRefineCutShort(t *testing.T) {
	s, err := spec.New("twophase", 3)
	if err != nil {
		t.Fatal(err)
	}
	o := explore.Options[spec.State]{}
	r := explore.Explore(t.Context(), s, s.Invariants(), o)
	for left, want := range map[int]string{
		0:     "not checked: interrupted",
		1:     "TCommit, of which it reaches 1 states, as far as it was checked: interrupted",
		10000: "TCommit, of which it reaches 34 states",
	} {
		x := explored(s, r)
		if err := x.refine(&endingContext{t.Context(), left}, s, o); err != nil {
			t.Fatal(err)
		}
		whole := left == 10000
		if text := value(x.table(""), "refines"); text != want || (x.Verdict == analysis.Valid.String()) != whole {
			t.Errorf("after %d looks: verdict %s, refines %q, expected %q", left, x.Verdict, text, want)
		}
	}
}

// value is what a table has behind a head.
func value(t *analysis.Table, head string) string {
	for _, row := range t.Rows {
		if row[0] == head {
			return row[1]
		}
	}
	return ""
}
