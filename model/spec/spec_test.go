package spec

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
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

// does says what a manager is after the actions that change it.
var does = map[string]string{"Prepare": "prepared", "RMPrepare": "prepared", "DecideCommit": "committed", "RMRcvCommitMsg": "committed",
	"DecideAbort": "aborted", "RMChooseToAbort": "aborted", "RMRcvAbortMsg": "aborted", "Fail": "failed"}

// TestActions: every action that is taken has a name of its own, leads from one state to one
// state, and changes the manager that it names, to what it says, and no other.
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
				was, is := managersOf(s, x), managersOf(s, next)
				for rm := range is {
					verb, named := strings.CutSuffix(s.Action(a), fmt.Sprintf("(r%d)", rm+1))
					if want, changes := does[verb]; named && changes && is[rm] != want || was[rm] != is[rm] && !(named && changes) {
						t.Fatalf("%s: %s leads from %s to %s", name, s.Action(a), was, is)
					}
				}
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

// managersOf returns the states of the managers in words.
func managersOf(s Spec, x State) []string {
	text, _, _ := strings.Cut(s.Text(x), ",")
	return strings.Fields(text)
}

// TestTCommitSteps: of all states that managers can be in, those follow that the rules of
// Transaction Commit name. What is refined is judged by them, and the states that can be
// reached do not tell them all.
func TestTCommitSteps(t *testing.T) {
	for n := 1; n <= 4; n++ {
		c := TCommit{n}
		for all := range 1 << (2 * n) {
			s := State(all)
			of := map[int]int{} // how many managers are so
			for rm := range n {
				of[c.manager(s, rm)]++
			}
			want, got := map[State]bool{}, map[State]bool{}
			for rm := range n {
				is := c.manager(s, rm)
				if is == working {
					want[c.rm(rm).set(s, prepared)] = true
				}
				if is == prepared && of[prepared]+of[committed] == n {
					want[c.rm(rm).set(s, committed)] = true
				}
				if is <= prepared && of[committed] == 0 {
					want[c.rm(rm).set(s, aborted)] = true
				}
			}
			c.Next(s, func(_ int, next State) { got[next] = true })
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %d states follow, expected %d", c.Text(s), len(got), len(want))
			}
		}
	}
}

// TestTCommitState: what a manager has done last counts.
func TestTCommitState(t *testing.T) {
	c := TCommit{4}
	if got := c.Text(c.State(0b0110, 0b0100, 0b1000)); got != "working prepared committed aborted" {
		t.Error(got)
	}
	if got := c.Text(c.State(0b1111, 0b0011, 0b1100)); got != "committed committed aborted aborted" {
		t.Error(got)
	}
}

func TestNew(t *testing.T) {
	for _, name := range Names() {
		for _, n := range []int{1, Most(name)} {
			if s, err := New(name, n); err != nil || s.Managers() != n {
				t.Errorf("%s of %d: %v", name, n, err)
			}
		}
		if s, err := New(name, Most(name)+1); err == nil {
			t.Errorf("%s of %d: %v", name, Most(name)+1, s)
		}
	}
	if Most("threephase") != 0 {
		t.Error("a specification that nobody knows has managers")
	}
	for name, n := range map[string]int{"tcommit": 0, "twophase": 16, "paxos-commit": 3, "threephase": 3} { // any order
		if s, err := New(name, n); err == nil {
			t.Errorf("%s of %d: %v", name, n, s)
		}
	}
}

// TestLevels: there are as many states at each depth as a plain search of the published modules
// finds, written apart from this package with records and sets as they have them.
func TestLevels(t *testing.T) {
	for _, c := range []struct {
		name     string
		managers int
		sizes    []int
	}{
		{"tcommit", 3, []int{1, 6, 12, 8, 3, 3, 1}},
		{"twophase", 3, []int{1, 7, 21, 38, 50, 54, 49, 36, 21, 9, 2}},
		{"2pc-with-btm", 3, []int{1, 9, 36, 83, 128, 152, 162, 165, 160, 134, 95, 63, 37, 16, 4}},
		{"paxos-commit", 1, []int{1, 3, 11, 21, 42, 67, 104, 166, 237, 304, 276, 161, 56, 11, 1}},
	} {
		s, err := New(c.name, c.managers)
		if err != nil {
			t.Fatal(err)
		}
		var sizes []int
		explore.Explore(t.Context(), s, nil, explore.Options[State]{Progress: func(_ int, _ uint64, size int) { sizes = append(sizes, size) }})
		if !slices.Equal(sizes, c.sizes) {
			t.Errorf("%s: %v", c.name, sizes)
		}
	}
}
