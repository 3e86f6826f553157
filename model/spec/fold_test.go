package spec

import (
	"testing"

	"github.com/seed83d86191/txsim/sim/explore"
)

// classes counts the states of a specification that differ in more than names, by
// visiting all of them.
func classes(t *testing.T, s Spec) (n uint64, all *explore.Result[State]) {
	t.Helper()
	canonical := map[State]bool{}
	all = explore.Explore(t.Context(), s, s.Invariants(), explore.Options[State]{Jobs: 1, Visit: func(_ int, x State) { canonical[s.canonical(x)] = true }})
	return uint64(len(canonical)), all
}

// TestFoldedCounts: a folded search visits one state of each class that the full one
// meets, to the same depth.
func TestFoldedCounts(t *testing.T) {
	for _, s := range []Spec{TCommit{1}, TCommit{5}, TwoPhase{2}, TwoPhase{5}, BTM{1}, BTM{4}, PaxosCommit{1}} {
		want, all := classes(t, s)
		f := Folded{s}
		less := explore.Explore[State](t.Context(), f, f.Invariants(), explore.Options[State]{})
		t.Logf("%s of %d: %d states, folded %d", s.Name(), s.Managers(), all.Distinct, less.Distinct)
		if less.Distinct != want || less.Depth != all.Depth || !less.Exhausted || less.Violation != nil {
			t.Errorf("%s of %d folded: %d states to depth %d, %+v; expected %d to %d", s.Name(), s.Managers(), less.Distinct, less.Depth, less.Violation, want, all.Depth)
		}
	}
	// What the closed forms count in words of N letters, it counts in sets of N.
	for n := 1; n <= 7; n++ {
		for _, c := range []struct {
			s    Spec
			want int
		}{{TCommit{n}, sets(n, 3) + sets(n, 2) - 1}, {TwoPhase{n}, sets(n, 6) + sets(n, 4) + sets(n, 2)}} {
			if r := explore.Explore[State](t.Context(), Folded{c.s}, nil, explore.Options[State]{}); r.Distinct != uint64(c.want) {
				t.Errorf("%s of %d folded: %d states, expected %d", c.s.Name(), n, r.Distinct, c.want)
			}
		}
	}
	r := explore.Explore[State](t.Context(), Folded{PaxosCommit{2}}, PaxosCommit{2}.Invariants(), explore.Options[State]{})
	if r.Distinct != 119_992 || r.Depth != 28 { // as many classes as a visit of all states has counted
		t.Errorf("PaxosCommit of 2 folded: %d states to depth %d", r.Distinct, r.Depth)
	}
}

// sets is how many sets of n there are, each of one of so many kinds.
func sets(n, kinds int) int {
	if kinds == 1 || n == 0 {
		return 1
	}
	return sets(n-1, kinds) + sets(n, kinds-1)
}

// TestCanonical: a step from one state is, but for names, a step from any that it
// stands for.
func TestCanonical(t *testing.T) {
	for _, s := range []Spec{TCommit{3}, TwoPhase{3}, BTM{3}, PaxosCommit{1}} {
		follow := func(x State) map[State]bool {
			next := map[State]bool{}
			s.Next(x, func(_ int, y State) { next[s.canonical(y)] = true })
			return next
		}
		explore.Explore(t.Context(), s, nil, explore.Options[State]{Jobs: 1, Visit: func(_ int, x State) {
			c := s.canonical(x)
			if s.canonical(c) != c {
				t.Fatalf("%s: %x, and again %x", s.Name(), c, s.canonical(c))
			}
			a, b := follow(x), follow(c)
			if len(a) != len(b) {
				t.Fatalf("%s: %s leads to %d states, %s to %d", s.Name(), s.Text(x), len(a), s.Text(c), len(b))
			}
			for y := range a { // any order
				if !b[y] {
					t.Fatalf("%s: %s does not lead to %s", s.Name(), s.Text(c), s.Text(y))
				}
			}
		}})
	}
}

// TestFoldedBroken: a planted bug is found in as few steps as in the full search.
func TestFoldedBroken(t *testing.T) {
	h := Folded{hasty{TwoPhase{5}}}
	r := explore.Explore[State](t.Context(), h, h.Invariants(), explore.Options[State]{})
	if r.Violation == nil || len(r.Violation.Steps) != 3 {
		t.Errorf("%+v", r)
	}
}
