package spec

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/seed83d86191/txsim/sim/explore"
)

func pow(b, n int) uint64 {
	x := uint64(1)
	for range n {
		x *= uint64(b)
	}
	return x
}

// TestCounts: exactly the states, and the depth, that TLC counts.
func TestCounts(t *testing.T) {
	type count struct {
		spec     Spec
		distinct uint64
		depth    int
	}
	cases := []count{
		{TCommit{3}, 34, 7}, {TwoPhase{3}, 288, 11}, {TwoPhase{6}, 50816, 20}, {BTM{3}, 1245, 15},
		{PaxosCommit{1}, 1461, 15}, {PaxosCommit{2}, 1321761, 28},
	}
	for n := 1; n <= 7; n++ {
		cases = append(cases,
			count{TCommit{n}, pow(3, n) + pow(2, n) - 1, 2*n + 1},
			count{TwoPhase{n}, pow(6, n) + pow(4, n) + pow(2, n), 3*n + 2},
			count{BTM{n}, []uint64{47, 257, 1245, 5717, 25557, 112565, 491301}[n-1], 3*n + 6})
	}
	for _, c := range cases {
		t.Run(fmt.Sprintf("%s of %d", c.spec.Name(), c.spec.Managers()), func(t *testing.T) {
			r := explore.Explore(t.Context(), c.spec, c.spec.Invariants(), explore.Options[State]{})
			if r.Distinct != c.distinct || r.Depth != c.depth || !r.Exhausted || r.Violation != nil {
				t.Errorf("%d states to depth %d, expected %d to %d; exhausted %v, violation %+v", r.Distinct, r.Depth, c.distinct, c.depth, r.Exhausted, r.Violation)
			}
		})
	}
}

// hasty commits before all managers have said that they are prepared.
type hasty struct{ TwoPhase }

func (h hasty) Next(s State, to func(int, State)) {
	h.TwoPhase.Next(s, to)
	if h.tm().of(s) == tmInit {
		to(len(twoPhaseActions)*h.N, h.commit().set(h.tm().set(s, tmCommitted), 1))
	}
}

// TestBroken: a planted bug is found, by a way that is shortest and the same for
// any number of jobs.
func TestBroken(t *testing.T) {
	var first []string
	for _, jobs := range []int{1, 2, 5} {
		h := hasty{TwoPhase{5}}
		r := explore.Explore[State](t.Context(), h, h.Invariants(), explore.Options[State]{Jobs: jobs})
		if r.Violation == nil || r.Violation.Invariant != "TCConsistent" || r.Exhausted {
			t.Fatalf("%+v", r)
		}
		var actions []string
		for _, step := range r.Violation.Steps {
			actions = append(actions, h.Action(step.Action))
		}
		if first == nil {
			first = actions
		}
		// One manager aborts, the transaction manager commits, another hears of it.
		if len(actions) != 3 || !reflect.DeepEqual(actions, first) {
			t.Errorf("%d jobs: %v", jobs, actions)
		}
	}
}

// TestActions: every action that is taken has a name of its own, and leads from one
// state to one state.
func TestActions(t *testing.T) {
	for _, name := range Names() {
		s, err := New(name, 2)
		if err != nil {
			t.Fatal(err)
		}
		names := map[string]int{}
		seen := map[State]bool{}
		for todo := s.Initial(); len(todo) > 0; {
			x := todo[len(todo)-1]
			todo = todo[:len(todo)-1]
			s.Next(x, func(a int, next State) {
				if old, ok := names[s.Action(a)]; ok && old != a {
					t.Fatalf("%s: actions %d and %d are both %s", name, old, a, s.Action(a))
				}
				names[s.Action(a)] = a
				if !seen[next] && len(seen) < 20000 {
					seen[next] = true
					todo = append(todo, next)
				}
			})
		}
		if len(names) < 6 {
			t.Errorf("%s: actions %v", name, names)
		}
	}
}

func TestNew(t *testing.T) {
	for name, n := range map[string]int{"tcommit": 0, "twophase": 16, "paxos-commit": 3, "threephase": 3} { // any order
		if s, err := New(name, n); err == nil {
			t.Errorf("%s of %d: %v", name, n, s)
		}
	}
}
