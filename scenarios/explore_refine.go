package scenarios

import (
	"context"
	"fmt"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model/space"
	"github.com/seed83d86191/txsim/model/spec"
	"github.com/seed83d86191/txsim/sim/explore"
)

// refine checks the exploration against Transaction Commit, transaction by transaction. A
// transaction of a single worker is committed in one phase, which is two steps there.
func (e *exploreRun) refine(ctx context.Context) error {
	for txn := range e.space.Transactions() {
		if ctx.Err() != nil {
			e.Unrefined, e.Verdict = true, analysis.Undecided
			return nil
		}
		n := e.space.Parts(txn)
		if n < 2 {
			return fmt.Errorf("refine: transaction %d has one worker: expected at least two", txn+1)
		}
		abstract := spec.TCommit{N: n}
		r := explore.Refine(ctx, e.space, abstract, func(x space.State) spec.State {
			return abstract.State(e.space.Managers(&x, txn))
		}, func(x space.State, reach func(spec.State)) {
			e.space.Renamed(&x, func(y *space.State) { reach(abstract.State(e.space.Managers(y, txn))) })
		}, explore.Options[space.State]{Depth: e.o.Depth, Budget: e.o.States})
		e.Refined = append(e.Refined, r)
		if r.Violation != nil {
			e.Verdict = analysis.Invalid
			e.Way = e.space.Words(r.Violation)
			return nil
		}
		if !r.Exhausted {
			e.Unrefined, e.Verdict = true, analysis.Undecided
		}
	}
	return nil
}
