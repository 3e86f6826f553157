package scenarios

import (
	"context"
	"math"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// countedContext is a context that ends when it has been asked a number of times whether it has.
type countedContext struct {
	context.Context
	asked, most int
}

func (c *countedContext) Err() error {
	if c.asked++; c.asked > c.most {
		return context.Canceled
	}
	return nil
}

// TestExploreRefineInterrupted: what was visited to its end is not valid if the check of
// refinement is interrupted.
func TestExploreRefineInterrupted(t *testing.T) {
	s := loaded(t, "pair")
	s.Schedule.Budget = sim.Budget{Timeout: 0}
	explore := func(most int) (*Exploration, int) {
		ctx := &countedContext{Context: t.Context(), most: most}
		x, err := Explore(ctx, s, model.Protocols(), ExploreOptions{Refine: true, Jobs: 1})
		if err != nil {
			t.Fatal(err)
		}
		return x, ctx.asked
	}
	x, asked := explore(math.MaxInt)
	if x.Unrefined || x.Verdict != analysis.Valid {
		t.Fatalf("unrefined %v, %v", x.Unrefined, x.Verdict)
	}
	cut := 0
	for most := range asked {
		x, _ := explore(most)
		if !x.Unrefined || x.Verdict != analysis.Undecided {
			t.Errorf("interrupted after %d of %d: unrefined %v, %v", most, asked, x.Unrefined, x.Verdict)
		}
		cut += oneIf(x.Exhausted)
	}
	if cut < 2 {
		t.Errorf("%d of %d interrupted behind the search", cut, asked)
	}
}
