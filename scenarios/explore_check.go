package scenarios

import (
	"context"
	"slices"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model/space"
	"github.com/seed83d86191/txsim/scenarios/parallel"
)

// visit keeps the least state for each history that is new, and all states at the ends of ways.
func (e *exploreRun) visit(depth int, x space.State) {
	h := e.space.History(&x)
	f := goal{depth, e.space.Faults(&x), e.space.Fingerprint(x), -1}
	e.mu.Lock()
	defer e.mu.Unlock()
	if g, known := e.next[h]; !e.all[h] && (!known || f.compare(g) < 0) {
		e.next[h] = f
	}
	if e.space.Terminal(&x) {
		e.ends, e.told[h] = append(e.ends, f), true
	}
}

// newGoals returns what has to be judged after a depth: the ways to new histories, and those
// by which reactions of nodes were first used.
func (e *exploreRun) newGoals() []goal {
	var all []goal
	for h, f := range e.next { // any order: they are sorted
		e.all[h] = true
		all = append(all, f)
	}
	clear(e.next)
	n := 0
	for f := range e.space.FirstUses {
		if n++; n > e.looked {
			all = append(all, goal{e.Result.Depth, f.Faults, f.State, f.Action})
		}
	}
	e.looked = n
	slices.SortFunc(all, goal.compare)
	return all
}

// check runs the ways to some goals, and returns the first that shows a violation. With
// cut set, a run ends where its way does.
func (e *exploreRun) check(ctx context.Context, list []goal, cut bool) (*checked, error) {
	var bad *checked
	err := parallel.InOrder(ctx, parallel.Options{Jobs: e.o.Jobs}, slices.Values(list), func(ctx context.Context, f goal) (*checked, error) {
		c, err := e.take(ctx, f, cut)
		if err != nil && !e.space.Exact() {
			return nil, nil // inexact states: the way does not exist
		}
		return c, err
	}, func(_ goal, c *checked) error {
		if c == nil {
			return nil
		}
		e.Checked++
		if c.Verdict == analysis.Invalid {
			bad = c
			return parallel.ErrStop
		}
		return nil
	})
	if len(list) > 0 && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return bad, err
}
