package explore

import (
	"context"
	"math/rand/v2"
	"testing"
)

// TestLivelock: on random graphs, exactly the states from which no end can be reached
// without a fault are counted, and the nearest of them is one.
func TestLivelock(t *testing.T) {
	found := 0
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 7))
		n := 1 + r.IntN(400)
		g := &graph{initial: []int{0}, edges: make([][]int, n)}
		for s := range g.edges {
			for range 1 + r.IntN(2) {
				g.edges[s] = append(g.edges[s], r.IntN(n))
			}
		}
		ends := map[int]bool{r.IntN(n): true, r.IntN(n): true}
		depth := g.depths()
		faults := map[[2]int]bool{} // by action and where from
		for s := range g.edges {
			for action := range g.edges[s] {
				faults[[2]int{action, s}] = r.IntN(8) == 0
			}
		}
		// A state can end if one of its edges leads to one that can, plainly.
		can := make([]bool, n)
		for range n {
			for s := range g.edges {
				can[s] = can[s] || ends[s]
				for action, next := range g.edges[s] {
					can[s] = can[s] || can[next] && !faults[[2]int{action, s}]
				}
			}
		}
		stuck, nearest := uint64(0), 0
		for s, d := range depth {
			if d > 0 && !can[s] {
				if stuck++; nearest == 0 || d < nearest {
					nearest = d
				}
			}
		}
		x := Explore[int](t.Context(), g, nil, Options[int]{Jobs: 1 + int(seed%3), Ways: true, End: func(s int) bool { return ends[s] },
			Fault: func(action, from, _ int) bool { return faults[[2]int{action, from}] }})
		l := x.Livelock
		if l == nil || l.States != stuck || l.Depth != nearest {
			t.Fatalf("seed %d: %+v, expected %d states, the nearest at %d", seed, l, stuck, nearest)
		}
		if stuck == 0 {
			continue
		}
		found++
		at := 0
		for _, a := range x.Way(l.Nearest) {
			at = g.edges[at][a]
		}
		if can[at] || depth[at] != nearest {
			t.Errorf("seed %d: state %d can end, or is at depth %d", seed, at, depth[at])
		}
	}
	if found < 10 {
		t.Errorf("%d graphs with a livelock", found)
	}
}

// TestNoLivelock: who has not seen all says nothing.
func TestNoLivelock(t *testing.T) {
	line := &graph{initial: []int{0}, edges: [][]int{{1}, {2}, {3}, {}}}
	end := func(s int) bool { return s == 3 }
	if r := Explore[int](t.Context(), line, nil, Options[int]{End: end, Depth: 2}); r.Livelock != nil {
		t.Errorf("%+v", r.Livelock)
	}
	if r := Explore[int](t.Context(), line, nil, Options[int]{}); r.Livelock != nil {
		t.Errorf("nothing is an end: %+v", r.Livelock)
	}
	if r := Explore[int](t.Context(), line, nil, Options[int]{End: end}); r.Livelock == nil || r.Livelock.States != 0 {
		t.Errorf("%+v", r.Livelock)
	}
	never := func(int) bool { return false }
	if l := Explore[int](t.Context(), line, nil, Options[int]{End: never}).Livelock; l == nil || *l != (Livelock{States: 4}) {
		t.Errorf("%+v of 4 states, the ways to which are not kept", l)
	}
	star := &graph{initial: []int{0}, edges: make([][]int, 1001)}
	for s := range 1000 {
		star.edges[0] = append(star.edges[0], s+1)
	}
	ctx, cancel := context.WithCancel(t.Context())
	if r := Explore[int](ctx, ending{star, cancel}, nil, Options[int]{Jobs: 1, End: never}); r.Livelock != nil {
		t.Errorf("interrupted at the last depth: %+v", r.Livelock)
	}
}

// TestLivelockAtABound: a bound that is hit where nothing is left changes nothing, as if all had
// been visited it must be known that an end can be reached.
func TestLivelockAtABound(t *testing.T) {
	loop := &graph{initial: []int{0}, edges: [][]int{{1, 2}, {}, {3}, {2}}}
	end := func(s int) bool { return s == 1 }
	all := Explore[int](t.Context(), loop, nil, Options[int]{End: end, Ways: true})
	for _, o := range []Options[int]{{Depth: 3}, {Budget: 4}} {
		o.End, o.Ways = end, true
		r := Explore(t.Context(), loop, nil, o)
		if !r.Exhausted || r.Livelock == nil || *r.Livelock != *all.Livelock || r.Transitions != all.Transitions || r.Livelock.States != 2 {
			t.Errorf("%+v, %+v; without a bound %+v", r, r.Livelock, all.Livelock)
		}
	}
}

// TestTooManySteps: who has not kept all transitions says nothing, though fewer come later.
func TestTooManySteps(t *testing.T) {
	x := search[int]{known: &set{}, o: Options[int]{End: func(int) bool { return true }}}
	x.steps = make([]transition, mostSteps) // memory that nobody touches
	x.keep(make([]transition, 1))
	x.keep(nil)
	if !x.tooMany || x.steps != nil || x.livelock() != nil {
		t.Errorf("%d steps kept", len(x.steps))
	}
}

// TestNearestLivelock: of several that are as near, the same is told whatever the order.
func TestNearestLivelock(t *testing.T) {
	g := &graph{initial: []int{0}, edges: make([][]int, 1000)}
	least := ^uint64(0)
	for s := 1; s < len(g.edges); s++ { // but for the last, which is an end
		g.edges[0] = append(g.edges[0], s)
		if s < len(g.edges)-1 {
			least = min(least, g.Fingerprint(s))
		}
	}
	l := Explore[int](t.Context(), g, nil, Options[int]{Ways: true, End: func(s int) bool { return s == len(g.edges)-1 }}).Livelock
	if l.Nearest != least || l.Depth != 2 {
		t.Errorf("%+v, expected %x", l, least)
	}
}
