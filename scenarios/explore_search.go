package scenarios

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/model/space"
	"github.com/seed83d86191/txsim/sim/explore"
)

// exploreRun is one exploration while it goes on: searches until one has left out nothing
// that matters, each depth of which is judged before the next is looked at.
type exploreRun struct {
	*Exploration
	space    *space.Space
	protocol model.Protocol
	initial  space.State
	o        ExploreOptions

	mu     sync.Mutex      // guards the next three
	ends   []goal          // the states at the ends of ways: what nodes hold on to there is not in their histories
	told   map[uint64]bool // the histories there
	next   map[uint64]goal // by new history of this depth: the least state with it
	all    map[uint64]bool // histories that the judges were given
	looked int             // how many of space.FirstUses have been judged
	bad    *checked        // the first run found invalid
	err    error
}

// goal is a state to which a way leads, and possibly a step from it.
type goal struct {
	depth       int
	faults      int // on the way there
	fingerprint uint64
	step        int // -1 for none
}

func (f goal) compare(g goal) int {
	return cmp.Or(cmp.Compare(f.depth, g.depth), cmp.Compare(f.faults, g.faults), cmp.Compare(f.fingerprint, g.fingerprint), cmp.Compare(f.step, g.step))
}

// run searches, and completes the result.
func (e *exploreRun) run(ctx context.Context) error {
	if e.Reduced = !e.o.Full && e.space.Exact(); e.Reduced {
		e.space.Reduce()
		if e.Persistent = !e.o.anyOrder && !e.o.Refine && e.o.Depth == 0; e.Persistent {
			e.space.ReduceOrders()
		}
	}
	for !e.search(ctx) {
		e.space.Again(e.looked)
		clear(e.next)
		clear(e.told)
		e.ends = e.ends[:0]
	}
	if e.Folded != nil {
		if e.Unfolded = e.space.WhyNotFolded(); e.Unfolded != "" {
			return nil // to be repeated without folding
		}
	}
	if e.Violation != nil && e.Persistent {
		return nil // to be repeated for a shortest way, which the judges see
	}
	if e.Violation != nil && e.bad == nil && e.err == nil {
		e.broken(ctx)
	}
	if e.bad == nil && e.err == nil {
		slices.SortFunc(e.ends, goal.compare) // jobs add them in any order
		e.bad, e.err = e.check(ctx, e.ends, false)
	}
	if e.bad == nil && e.err == nil && e.Livelock != nil && e.Livelock.States > 0 {
		e.err = e.livelock(ctx)
	}
	return e.conclude(ctx)
}

// conclude completes the result: its counts, its verdict, and the check of refinement.
func (e *exploreRun) conclude(ctx context.Context) error {
	e.Histories, e.Exact = len(e.told), e.space.Exact()
	switch {
	case e.Folded != nil:
		e.Reactions = 0
	case e.Violation != nil:
		e.Reactions = e.space.Reactions()
	}
	switch {
	case e.err != nil:
		if ctx.Err() != nil {
			e.Unrefined = e.o.Refine
			return nil
		}
		return e.err
	case e.bad != nil:
		e.Verdict = analysis.Invalid
		e.Findings, e.Way, e.Repro = e.bad.Findings, e.bad.text, e.bad.repro
		if e.Repro != nil {
			e.Repro.Expect = Expect{Hash: hashText(e.bad.Hash)}
			if e.bad.Verdict == analysis.Invalid { // otherwise its run does not show what is wrong
				e.Repro.Expect.Finding = e.Findings[0].Fingerprint()
			}
		}
	case e.Exhausted && e.Exact:
		e.Verdict = analysis.Valid
	}
	if e.o.Refine && e.bad == nil {
		return e.refine(ctx)
	}
	return nil
}

// broken runs the way to a state that breaks an invariant, for the checkers to find a
// violation; if they find none at the end of the way, it runs on from there.
func (e *exploreRun) broken(ctx context.Context) {
	n, last := len(e.Violation.Steps), e.initial
	if n > 0 {
		last = e.Violation.Steps[n-1].State
	}
	end := goal{n + 1, 0, e.space.Fingerprint(last), -1}
	e.bad, e.err = e.check(ctx, e.newGoals(), true)
	if e.bad == nil && e.err == nil && n > 0 {
		e.bad, e.err = e.check(ctx, []goal{end}, false)
	}
	if e.bad == nil && e.err == nil && e.space.Exact() {
		e.contradicted(ctx, end)
	}
}

// contradicted takes the word of the state: the checkers find nothing on the way to it, as
// what its nodes have stated rests on no promise that they can see.
func (e *exploreRun) contradicted(ctx context.Context, end goal) {
	c, err := e.take(ctx, end, true)
	if err != nil {
		e.err = err
		return
	}
	c.Findings = []analysis.Finding{{Invariant: e.Violation.Invariant, Text: "in the state that this way leads to, nodes have stated both outcomes of an attempt. " +
		"The checkers of a run find nothing: they count a promise only if it is a YES vote, or, where nobody votes, a durable prepare record"}}
	e.bad = c
}

// search visits the states. It returns false if the search must be repeated because
// messages were left out that matter. Before that it goes on for a while, to learn more for
// the next search.
func (e *exploreRun) search(ctx context.Context) bool {
	good, limit := true, uint64(0)
	e.Result = explore.Explore(ctx, e.space, e.space.Invariants(), explore.Options[space.State]{
		Depth: e.o.Depth, Budget: e.o.States, Jobs: e.o.Jobs, Progress: e.o.Progress, Ways: true, Visit: e.visit,
		End:   func(x space.State) bool { return e.space.Terminal(&x) },
		Fault: space.Fault,
		Level: func(r *explore.Result[space.State]) bool {
			e.Result = r
			e.Reactions = e.space.Reactions() // counted now: what runs after a bound is hit does not have a fixed order
			if settled := e.space.Settle(); e.space.WhyNotFolded() != "" {
				return false
			} else if !settled && good {
				good, limit = false, 2*r.Distinct
			}
			if !good {
				return r.Distinct < limit
			}
			e.bad, e.err = e.check(ctx, e.newGoals(), true)
			return e.bad == nil && e.err == nil
		},
	})
	if e.Violation != nil { // Level was not called for this depth
		good = e.space.Settle() && good
	}
	return good || e.space.WhyNotFolded() != "" || ctx.Err() != nil
}

// livelock runs the way to a state from which no end can be reached, and goes on from there
// without faults. That may show another violation, and it must not come to rest.
func (e *exploreRun) livelock(ctx context.Context) error {
	l := e.Livelock
	c, err := e.take(ctx, goal{l.Depth, 0, l.Nearest, -1}, false)
	switch {
	case err != nil && (e.space.Exact() || ctx.Err() != nil):
		return err
	case err != nil:
		return nil // inexact states: the way does not exist
	case c.Verdict == analysis.Invalid:
		e.bad = c
	case c.Verdict == analysis.Valid && e.space.Exact():
		return fmt.Errorf("%w: a run has come to rest from where no end was found", ErrUnstable)
	case c.Verdict == analysis.Undecided:
		e.bad, c.repro = c, nil
		c.Findings = []analysis.Finding{{Invariant: analysis.InvProgress, Anomaly: "livelock",
			Text: analysis.Count(l.States, "state") + " from which no end can be reached without another fault"}}
	}
	return nil
}
