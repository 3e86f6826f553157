package scenarios

import (
	"context"
	"slices"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model/space"
	"github.com/seed83d86191/txsim/scenarios/parallel"
)

// visit keeps a state for each history that is new or at the end of a way.
func (e *exploring) visit(depth int, x space.State) {
	h := e.space.History(&x)
	f := place{depth, e.space.Faults(&x), e.space.Fingerprint(x), -1}
	least := func(of map[uint64]place) {
		if g, known := of[h]; !known || f.compare(g) < 0 {
			of[h] = f
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.all[h] {
		least(e.next)
	}
	if e.space.Terminal(&x) {
		least(e.ends)
	}
}

// level returns what has to be checked after a depth: the ways to new histories, and those
// by which reactions of nodes were first asked for.
func (e *exploring) level() []place {
	var all []place
	for h, f := range e.next { // any order: they are sorted
		e.all[h] = true
		all = append(all, f)
	}
	clear(e.next)
	n := 0
	for f := range e.space.FirstUses {
		if n++; n > e.used {
			all = append(all, place{e.Result.Depth, f.Faults, f.State, f.Action})
		}
	}
	e.used = n
	slices.SortFunc(all, place.compare)
	return all
}

// lasts returns the places where ways end.
func (e *exploring) lasts() []place {
	var all []place
	for _, f := range e.ends { // any order: they are sorted
		all = append(all, f)
	}
	slices.SortFunc(all, place.compare)
	return all
}

// check runs the ways to some places, and returns the first that shows a violation. With
// cut set, a run ends where its way does.
func (e *exploring) check(ctx context.Context, list []place, cut bool) (*checked, error) {
	type taken struct {
		*checked
		err error
	}
	var bad *checked
	var failed error
	parallel.InOrder(ctx, parallel.Options{Jobs: e.o.Jobs}, slices.Values(list), func(ctx context.Context, f place) taken {
		c, err := e.take(ctx, f, cut)
		return taken{c, err}
	}, func(_ place, t taken) bool {
		switch {
		case t.err != nil && !e.space.Exact():
			return true // inexact states: the way does not exist
		case t.err != nil:
			failed = t.err
			return false
		}
		e.Checked++
		if t.Verdict == analysis.Invalid {
			bad = t.checked
		}
		return bad == nil
	})
	if len(list) > 0 && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return bad, failed
}
