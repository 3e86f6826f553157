package spec

import (
	"testing"

	"github.com/seed83d86191/txsim/sim/explore"
)

// TestRefinement: two-phase commit and Paxos Commit do nothing that Transaction
// Commit does not, and reach all of its states.
func TestRefinement(t *testing.T) {
	for _, s := range []Spec{TwoPhase{1}, TwoPhase{2}, TwoPhase{3}, TwoPhase{4}, PaxosCommit{1}, PaxosCommit{2}} {
		if testing.Short() && s.Managers() == 2 && s.Name() == "PaxosCommit" {
			continue
		}
		r := Refine(t.Context(), s, explore.Options[State]{})
		less := Refine(t.Context(), Folded{s}, explore.Options[State]{})
		if less.Reached != r.Reached || less.States > r.States || s.Managers() > 1 && less.States == r.States || less.Violation != nil {
			t.Errorf("%s of %d folded: %d states, %d abstract ones reached, %+v; not folded %d, %d", s.Name(), s.Managers(), less.States, less.Reached, less.Violation, r.States, r.Reached)
		}
		if want := pow(3, s.Managers()) + pow(2, s.Managers()) - 1; !Refines(s) || !Refines(Folded{s}) || r.Violation != nil || !r.Exhausted || r.Reached != want {
			t.Errorf("%s of %d: %d states, %d of %d abstract ones reached, %+v", s.Name(), s.Managers(), r.States, r.Reached, want, r.Violation)
		}
	}
}

// TestRefinementBounds: a refinement visits the states that an exploration with the same
// bounds does, and is exhausted if nothing was cut.
func TestRefinementBounds(t *testing.T) {
	s := TwoPhase{3}
	for _, o := range []explore.Options[State]{{}, {Depth: 1}, {Depth: 4}, {Depth: 12}, {Budget: 1}, {Budget: 40}, {Budget: 1000}} {
		x := explore.Explore(t.Context(), s, nil, o)
		if r := Refine(t.Context(), s, o); r.States != x.Distinct || r.Exhausted != x.Exhausted {
			t.Errorf("depth %d, budget %d: %d states, exhausted %v; explored %d, %v", o.Depth, o.Budget, r.States, r.Exhausted, x.Distinct, x.Exhausted)
		}
	}
}

// TestRefinementBroken: a planted bug is a step that Transaction Commit has not,
// found by a shortest way.
func TestRefinementBroken(t *testing.T) {
	h := hasty{TwoPhase{3}}
	r := explore.Refine(t.Context(), h, TCommit{3}, mapped(h), nil, explore.Options[State]{})
	if r.Violation == nil || r.Violation.Invariant != explore.RefineStep {
		t.Fatalf("%+v", r)
	}
	var way []string
	for _, step := range r.Violation.Steps {
		way = append(way, h.Action(step.Action))
	}
	// A manager that is still working hears of a commit.
	if len(way) != 2 || way[0] != "TMCommit" || way[1] != "RMRcvCommitMsg(r1)" {
		t.Error(way)
	}
}

// TestNotRefined: nobody has said what the others are to refine.
func TestNotRefined(t *testing.T) {
	for _, s := range []Spec{TCommit{2}, BTM{2}} {
		if Refines(s) || Refines(Folded{s}) {
			t.Error(s.Name())
		}
	}
}
