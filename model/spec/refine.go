package spec

import (
	"context"

	"github.com/seed83d86191/txsim/sim/explore"
)

// Refine checks that a specification does nothing that Transaction Commit does not,
// by the states of its resource managers, within the bounds of the options. It is false for those of which nobody
// says so.
func Refine(ctx context.Context, s Spec, o explore.Options[State]) (*explore.Refinement[State], bool) {
	var manager func(State, int) int
	inner, folded := s, false
	if f, ok := s.(Folded); ok {
		inner, folded = f.Spec, true
	}
	switch s := inner.(type) {
	case TwoPhase:
		manager = s.manager
	case PaxosCommit:
		manager = s.manager
	default:
		return nil, false
	}
	abstract := TCommit{s.Managers()}
	to := mapped(s.Managers(), manager)
	if !folded {
		return explore.Refine(ctx, s, abstract, to, nil, o), true
	}
	done := map[State]bool{}
	return explore.Refine(ctx, s, abstract, to, func(s State, reach func(State)) {
		if a := abstract.Canonical(to(s)); !done[a] {
			done[a] = true
			abstract.renamed(a, reach)
		}
	}, o), true
}

// renamed yields the states that differ from a canonical one in names alone, itself
// included, each once.
func (c TCommit) renamed(s State, yield func(State)) {
	var left [failed]int // managers to be named, by what they are
	for i := range c.N {
		left[c.manager(s, i)]++
	}
	var name func(i int, s State)
	name = func(i int, s State) {
		if i == c.N {
			yield(s)
			return
		}
		for is := range left {
			if left[is] > 0 {
				left[is]--
				name(i+1, c.rm(i).set(s, is))
				left[is]++
			}
		}
	}
	name(0, 0)
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
