package explore

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// graph is a transition system given by its edges; its states are numbers.
type graph struct {
	initial []int
	edges   [][]int
}

func (g *graph) Initial() []int { return g.initial }
func (g *graph) Next(s int, to func(int, int)) {
	for a, next := range g.edges[s] {
		to(a, next)
	}
}
func (g *graph) Fingerprint(s int) uint64 { return uint64(s+1) * 0x9e3779b97f4a7c15 }
func (g *graph) Action(a int) string      { return fmt.Sprint("edge ", a) }

// depths is the plain search: the depth of each state, 0 if it is out of reach.
func (g *graph) depths() []int {
	depth := make([]int, len(g.edges))
	var queue []int
	for _, s := range g.initial {
		if depth[s] == 0 {
			depth[s] = 1
			queue = append(queue, s)
		}
	}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		for _, next := range g.edges[s] {
			if depth[next] == 0 {
				depth[next] = depth[s] + 1
				queue = append(queue, next)
			}
		}
	}
	return depth
}

// TestAgainstPlainSearch: on random graphs, an exploration counts what a plain
// search counts, with any number of jobs, and finds a nearest bad state.
func TestAgainstPlainSearch(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 1))
		n := 1 + r.IntN(3000)
		g := &graph{initial: []int{r.IntN(n), r.IntN(n)}, edges: make([][]int, n)}
		for s := range g.edges {
			for range r.IntN(4) {
				g.edges[s] = append(g.edges[s], r.IntN(n))
			}
		}
		bad := r.IntN(n)
		depth := g.depths()
		distinct, transitions := uint64(0), uint64(0)
		for s, d := range depth {
			if d > 0 {
				distinct++
				transitions += uint64(len(g.edges[s]))
			}
		}
		jobs := 1 + int(seed%4)
		x := Explore[int](t.Context(), g, nil, Options[int]{Jobs: jobs})
		if x.Distinct != distinct || x.Transitions != transitions || x.Depth != slices.Max(depth) || !x.Exhausted || x.Violation != nil {
			t.Errorf("seed %d: %+v, expected %d states and %d transitions to depth %d", seed, x, distinct, transitions, slices.Max(depth))
		}
		v := Explore(t.Context(), g, []Invariant[int]{{"good", func(s int) bool { return s != bad }}}, Options[int]{Jobs: jobs}).Violation
		if (v != nil) != (depth[bad] > 0) {
			t.Errorf("seed %d: %+v, the bad state being at depth %d", seed, v, depth[bad])
		}
		if v == nil {
			continue
		}
		at := v.Initial
		for _, step := range v.Steps {
			if g.edges[at][step.Action] != step.State {
				t.Fatalf("seed %d: no edge %d from %d to %d", seed, step.Action, at, step.State)
			}
			at = step.State
		}
		if at != bad || len(v.Steps) != depth[bad]-1 || !slices.Contains(g.initial, v.Initial) {
			t.Errorf("seed %d: %d steps to %d, expected %d to %d", seed, len(v.Steps), at, depth[bad]-1, bad)
		}
	}
}

// TestBounds: who stops at a bound has not exhausted the space, unless nothing was
// left of it.
func TestBounds(t *testing.T) {
	line := &graph{initial: []int{0}, edges: [][]int{{1}, {2, 0}, {3, 1}, {}}}
	for _, c := range []struct {
		o         Options[int]
		distinct  uint64
		depth     int
		exhausted bool
	}{
		{Options[int]{}, 4, 4, true},
		{Options[int]{Depth: 3}, 3, 3, false},
		{Options[int]{Depth: 4}, 4, 4, true},
		{Options[int]{Budget: 1}, 1, 1, false},
		{Options[int]{Budget: 2}, 2, 2, false},
		{Options[int]{Budget: 4}, 4, 4, true},
	} {
		r := Explore[int](t.Context(), line, nil, c.o)
		if r.Distinct != c.distinct || r.Depth != c.depth || r.Exhausted != c.exhausted {
			t.Errorf("%+v: %+v", c.o, r)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r := Explore[int](ctx, line, nil, Options[int]{}); r.Exhausted || r.Depth != 1 {
		t.Errorf("interrupted: %+v", r)
	}
}

func TestCollision(t *testing.T) {
	if p := (&Result[int]{}).Collision(); p != 0 || math.Signbit(p) {
		t.Errorf("%v for no state", p)
	}
	r := Result[int]{Distinct: 1 << 32}
	if p := r.Collision(); p < 0.49 || p > 0.51 {
		t.Errorf("%v for 2^32 states, expected 1/2", p)
	}
}

// turning is a system of a counter that turns for ever and of one that goes up once: the
// steps of the two commute.
type turning struct{ heedless bool }

func (turning) Initial() []int           { return []int{0} }
func (turning) Fingerprint(s int) uint64 { return (&graph{}).Fingerprint(s) }
func (turning) Action(a int) string      { return []string{"turn", "up"}[a] }

// Next of a state: 0 to 2, and 3 more once the other one is up.
func (t turning) Next(s int, to func(int, int)) {
	t.turn(s, to)
	if s < 3 {
		to(1, s+3)
	}
}

func (turning) turn(s int, to func(int, int)) { to(0, s/3*3+(s+1)%3) }

// Persistent is that the one turns.
func (t turning) Persistent(s int, fresh func(int) bool, to func(int, int)) bool {
	good := t.heedless
	t.turn(s, func(_, next int) { good = good || fresh(next) })
	if good {
		t.turn(s, to)
	}
	return good
}

// TestPersistentSets: fewer transitions are taken, but none is put off for ever, and the
// way to a violation is a shortest one that the system has.
func TestPersistentSets(t *testing.T) {
	up := []Invariant[int]{{"never up", func(s int) bool { return s < 3 }}}
	for _, jobs := range []int{1, 2} {
		o := Options[int]{Jobs: jobs}
		if r := Explore(t.Context(), System[int](turning{}), nil, o); !r.Exhausted || r.Distinct != 6 || r.Transitions != 7 {
			t.Errorf("%+v, expected 6 states and 7 of 9 transitions", r)
		}
		if r := Explore(t.Context(), System[int](turning{}), up, o); r.Violation == nil || len(r.Violation.Steps) != 1 {
			t.Errorf("%+v, expected a violation after 1 step", r.Violation)
		}
		if r := Explore(t.Context(), System[int](turning{heedless: true}), up, o); r.Violation != nil || r.Distinct != 3 {
			t.Errorf("%+v, expected a system that puts off what matters to miss it", r)
		}
	}
}

// eager is a graph whose persistent sets are the first edge of each state.
type eager struct{ *graph }

func (e eager) Persistent(s int, fresh func(int) bool, to func(int, int)) bool {
	if len(e.edges[s]) == 0 || !fresh(e.edges[s][0]) {
		return false
	}
	to(0, e.edges[s][0])
	return true
}

// TestFresh: a state of the next depth is fresh, whoever comes to it first; one of this
// depth is not, whether that is the first or a later one.
func TestFresh(t *testing.T) {
	g := eager{&graph{initial: []int{0, 1, 2}, edges: [][]int{{3, 4}, {3, 4}, {0, 4}, {0, 4}, {}}}}
	if r := Explore(t.Context(), System[int](g), nil, Options[int]{}); r.Transitions != 6 || r.Distinct != 5 {
		t.Errorf("%+v, expected 5 states, and of 8 transitions not the second ones of the first two", r)
	}
	g.initial, g.edges = []int{5}, append(g.edges, []int{5, 0, 1, 2})
	if r := Explore(t.Context(), System[int](g), nil, Options[int]{}); r.Transitions != 10 || r.Distinct != 6 {
		t.Errorf("%+v, expected one state and 4 transitions more", r)
	}
}

// TestLevel: each depth is told of, and then the steps from the last one; a search that is
// not exhausted ends without, and ends if it is told to.
func TestLevel(t *testing.T) {
	g := &graph{initial: []int{0}, edges: [][]int{{1}, {2}, {0}}}
	for depth, want := range []int{0: 4, 2: 2, 3: 4} {
		if depth == 1 {
			continue
		}
		told := 0
		r := Explore(t.Context(), System[int](g), nil, Options[int]{Depth: depth, Level: func(*Result[int]) bool { told++; return true }})
		if told != want || r.Exhausted != (want == 4) {
			t.Errorf("to depth %d: told %d times, expected %d; exhausted %v", depth, told, want, r.Exhausted)
		}
	}
	r := Explore(t.Context(), System[int](g), nil, Options[int]{Level: func(r *Result[int]) bool { return r.Depth < 2 }})
	if r.Depth != 2 || r.Exhausted {
		t.Errorf("%+v", r)
	}
}

// TestFigures: how many states the widest depth has, what Progress is told of each, and what
// the fingerprints take: the slots of a part, each with what is kept of it.
func TestFigures(t *testing.T) {
	g := &graph{initial: []int{0}, edges: [][]int{{1, 2, 3}, {4}, {4}, {4}, {}}}
	told := ""
	r := Explore(t.Context(), System[int](g), nil, Options[int]{Progress: func(depth int, distinct uint64, frontier int) {
		told += fmt.Sprintln(depth, distinct, frontier)
	}})
	if r.Frontier != 3 || told != "1 1 1\n2 4 3\n3 5 1\n" {
		t.Errorf("%+v, told\n%s", r, told)
	}
	one := &graph{initial: []int{0}, edges: [][]int{{0}}}
	for _, c := range []struct {
		sys   System[int]
		ways  bool
		bytes uint64
	}{{one, false, 64 * 8}, {one, true, 64 * 24}, {eager{one}, false, 64 * 10}} {
		if r := Explore(t.Context(), c.sys, nil, Options[int]{Ways: c.ways}); r.Bytes != c.bytes {
			t.Errorf("%T, ways %v: %d bytes, expected %d", c.sys, c.ways, r.Bytes, c.bytes)
		}
	}
}

// TestFewestFaults: of the shortest ways to a violation, it is the first of those with the
// fewest faults.
func TestFewestFaults(t *testing.T) {
	g := &graph{initial: []int{0}, edges: [][]int{{1, 2, 3}, {4}, {5}, {6, 7}, {}, {}, {}, {}}}
	broken := []Invariant[int]{{Name: "below 4", Holds: func(s int) bool { return s < 4 }}}
	r := Explore(t.Context(), g, broken, Options[int]{Fault: func(_, from, to int) bool { return to == 1 || from == 2 }})
	if v := r.Violation; v == nil || len(v.Steps) != 2 || v.Steps[0].State != 3 || v.Steps[1].State != 6 {
		t.Errorf("%+v", v)
	}
}

// TestFirstInvariant: of several that one depth breaks it is the first, whichever state
// comes first, or if one state breaks all.
func TestFirstInvariant(t *testing.T) {
	g := &graph{initial: []int{0}, edges: [][]int{{3, 1, 2}, {}, {}, {}}}
	for _, bad := range []int{2, 3} {
		invariants := []Invariant[int]{{"first", func(s int) bool { return s != bad }}, {"odd", func(s int) bool { return s%2 == 0 }}}
		if v := Explore(t.Context(), g, invariants, Options[int]{}).Violation; v == nil || v.Invariant != "first" {
			t.Errorf("%+v", v)
		}
	}
}

// TestInitialViolation: the way to an initial state has no steps, and nothing was exhausted.
func TestInitialViolation(t *testing.T) {
	g := &graph{initial: []int{0}, edges: [][]int{{}}}
	r := Explore(t.Context(), g, []Invariant[int]{{"never", func(int) bool { return false }}}, Options[int]{})
	if r.Exhausted || r.Violation == nil || len(r.Violation.Steps) != 0 {
		t.Errorf("%+v, %+v", r, r.Violation)
	}
}

// TestInvariantNames: what an invariant is called does not matter, not even if it is called
// nothing or as another one.
func TestInvariantNames(t *testing.T) {
	g := &graph{initial: []int{0}, edges: [][]int{{1}, {2}, {}}}
	holds, breaks := func(int) bool { return true }, func(s int) bool { return s < 2 }
	for _, invariants := range [][]Invariant[int]{{{"", breaks}}, {{"same", holds}, {"same", breaks}}} {
		if v := Explore(t.Context(), g, invariants, Options[int]{}).Violation; v == nil || v.Invariant != invariants[0].Name || len(v.Steps) != 2 {
			t.Errorf("%q: %+v", invariants[0].Name, v)
		}
	}
}
