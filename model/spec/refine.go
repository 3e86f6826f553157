package spec

import (
	"context"

	"github.com/seed83d86191/txsim/sim/explore"
)

// Refines reports whether a specification is meant to refine Transaction Commit.
func Refines(s Spec) bool {
	if f, ok := s.(Folded); ok {
		s = f.Spec
	}
	switch s.(type) {
	case TwoPhase, PaxosCommit:
		return true
	}
	return false
}

// Refine checks, within the bounds of the options, that a specification which Refines only
// takes steps of Transaction Commit, judged by the states of its resource managers.
func Refine(ctx context.Context, s Spec, o explore.Options[State]) *explore.Refinement[State] {
	abstract, to := TCommit{s.Managers()}, mapped(s)
	if _, folded := s.(Folded); !folded {
		return explore.Refine(ctx, s, abstract, to, nil, o)
	}
	done := map[State]bool{}
	return explore.Refine(ctx, s, abstract, to, func(s State, reach func(State)) {
		if a := abstract.canonical(to(s)); !done[a] {
			done[a] = true
			abstract.renamed(a, reach)
		}
	}, o)
}

// renamed yields the states that differ from a canonical one only in names, itself
// included, each once.
func (c TCommit) renamed(s State, yield func(State)) {
	var left [failed]int // managers still to be named, by their state
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
func mapped(sp Spec) func(State) State {
	abstract := TCommit{sp.Managers()}
	return func(s State) State {
		var a State
		for i := range abstract.N {
			a = abstract.rm(i).set(a, sp.manager(s, i))
		}
		return a
	}
}
