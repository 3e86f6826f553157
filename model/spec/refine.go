package spec

import (
	"context"

	"github.com/seed83d86191/txsim/sim/explore"
)

// Refine checks that a specification does nothing that Transaction Commit does not,
// by the states of its resource managers. It is false for those of which nobody
// says so.
func Refine(ctx context.Context, s Spec) (*explore.Refinement[State], bool) {
	var manager func(State, int) int
	switch s := s.(type) {
	case TwoPhase:
		manager = s.manager
	case PaxosCommit:
		manager = s.manager
	default:
		return nil, false
	}
	return explore.Refine(ctx, s, TCommit{s.Managers()}, mapped(s.Managers(), manager)), true
}

// mapped maps a state to that of Transaction Commit with the same managers.
func mapped(n int, manager func(State, int) int) func(State) State {
	abstract := TCommit{n}
	return func(s State) State {
		var a State
		for i := range n {
			a = abstract.rm(i).set(a, manager(s, i))
		}
		return a
	}
}
