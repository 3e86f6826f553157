package explore

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
)

// wide is a system of which each state leads to many others, and which ends the search
// after some steps.
type wide struct {
	steps atomic.Int64
	most  int
	stop  func()
}

func (*wide) Initial() []int           { return []int{0} }
func (*wide) Fingerprint(s int) uint64 { return (&graph{}).Fingerprint(s) }
func (*wide) Action(int) string        { return "" }
func (w *wide) Next(s int, to func(int, int)) {
	if int(w.steps.Add(1)) == w.most {
		w.stop()
	}
	for i := range 100 {
		to(i, s*100+i+1)
	}
}

// TestInterrupted: a search whose context ends within a depth does not go on to the end of
// that depth, and has not seen all.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	sys := &wide{most: 102 + 300, stop: cancel} // among the 10,000 of the third depth
	r := Explore[int](ctx, sys, nil, Options[int]{Jobs: 1})
	if r.Exhausted || int(sys.steps.Load()) > sys.most+chunk+1 {
		t.Errorf("%d steps, of which the context ended after %d: %+v", sys.steps.Load(), sys.most, r)
	}
	ctx, cancel = context.WithCancel(t.Context())
	seen := 0
	r = Explore[int](ctx, &wide{}, nil, Options[int]{Jobs: 1, Visit: func(depth, _ int) {
		if seen++; depth == 3 {
			cancel()
		}
	}})
	if r.Exhausted || seen > 101+chunk {
		t.Errorf("%d states visited, of which the context ended at the 102nd", seen)
	}
}

// TestInterruptedAtTheEnd: the context ends while the states of the last depth, none of
// which leads anywhere, are gone through: they were not all looked at.
func TestInterruptedAtTheEnd(t *testing.T) {
	g := &graph{initial: []int{0}, edges: make([][]int, 1001)}
	for s := range 1000 {
		g.edges[0] = append(g.edges[0], s+1)
	}
	for _, depth := range []int{0, 2} { // with a bound, it is only looked whether anything is left
		ctx, cancel := context.WithCancel(t.Context())
		r := Explore[int](ctx, ending{g, cancel}, nil, Options[int]{Jobs: 1, Depth: depth})
		if r.Exhausted || r.Distinct != 1001 {
			t.Errorf("at most %d deep: %+v", depth, r)
		}
	}
}

// ending is a graph that ends the search when it is asked where its state 1 leads.
type ending struct {
	*graph
	stop func()
}

func (e ending) Next(s int, to func(int, int)) {
	if s == 1 {
		e.stop()
	}
	e.graph.Next(s, to)
}

// TestInterruptedViolation: that a state breaks an invariant is told, though the context
// ends before the way to it is found.
func TestInterruptedViolation(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	broken := Invariant[int]{Holds: func(s int) bool {
		if s == 5 {
			cancel()
		}
		return s != 5
	}}
	if r := Explore(ctx, &wide{}, []Invariant[int]{broken}, Options[int]{Jobs: 1}); !r.Broken || r.Violation != nil || r.Exhausted {
		t.Errorf("%+v", r)
	}
	if r := Explore(t.Context(), &wide{}, []Invariant[int]{broken}, Options[int]{Jobs: 1}); !r.Broken || r.Violation == nil {
		t.Errorf("%+v", r)
	}
}

// TestNoWay: there is no way to what was not visited, nor if none was kept.
func TestNoWay(t *testing.T) {
	g := &graph{initial: []int{0}, edges: [][]int{{1}, {2}, {}}}
	for _, ways := range []bool{false, true} {
		r := Explore[int](t.Context(), g, nil, Options[int]{Ways: ways})
		for _, f := range []uint64{0, 77, g.Fingerprint(0)} {
			if way := r.Way(f); len(way) != 0 {
				t.Errorf("%v: %d: %v", ways, f, way)
			}
		}
		if way := r.Way(g.Fingerprint(2)); (len(way) == 2) != ways {
			t.Errorf("%v: %v", ways, way)
		}
	}
}

// TestNothing: of no initial states, all have been visited.
func TestNothing(t *testing.T) {
	if r := Explore[int](t.Context(), &graph{}, nil, Options[int]{End: func(int) bool { return true }}); !r.Exhausted || r.Distinct != 0 || r.Depth != 0 || r.Livelock == nil {
		t.Errorf("%+v", r)
	}
}

// TestPanic: the caller of a search can recover from a panic of the system, for any number
// of jobs.
func TestPanic(t *testing.T) {
	for _, jobs := range []int{1, 3} {
		var panicked any
		func() {
			defer func() { panicked = recover() }()
			// Among the 10,000 states of the third depth, which several jobs share.
			Explore[int](t.Context(), &wide{most: 102 + 300, stop: func() { panic("a node") }}, nil, Options[int]{Jobs: jobs})
		}()
		if panicked == nil || !strings.Contains(fmt.Sprint(panicked), "a node") {
			t.Errorf("%d jobs: panicked with %v", jobs, panicked)
		}
	}
}
