package explore

import (
	"context"
	"slices"
)

// Refinement says whether a system only does what a more abstract system allows.
type Refinement[S any] struct {
	States  uint64 // of the system, all visited
	Reached uint64 // of the abstract system, that they map to
	// Violation is a shortest way to a step that is none of the abstract system: nil
	// if it is refined, or if the search was cut short.
	Violation *Violation[S]
	Exhausted bool // nothing is left to visit
}

// The names of what can be broken.
const (
	RefineInitial = "an initial state maps to none"
	RefineStep    = "a step maps neither to a step nor to none"
)

// Refine visits the states of a system in order, each mapped to one of the abstract
// system: initial states must map to initial states, and steps to steps or to
// nothing, a stutter. Of the options it heeds Depth and Budget, and visits the states that
// Explore does with them. If the fingerprints of states that differ in names alone are the
// same, others tells what the states that one stands for map to, so that Reached counts
// them too; else it is nil.
func Refine[S, A any](ctx context.Context, sys System[S], abstract System[A], to func(S) A, others func(S, func(A)), o Options[S]) *Refinement[S] {
	x := &refining[S, A]{sys: sys, abstract: abstract, to: to, others: others, known: &set{}, reached: &set{}, steps: map[uint64]*set{}}
	r := &x.result
	x.begin()
	depth, end, cut := 0, 0, false
	for i := 0; i < len(x.nodes) && r.Violation == nil && !cut; i++ {
		if i == end { // of a depth
			depth, end = depth+1, len(x.nodes)
			cut = o.Depth > 0 && depth == o.Depth || o.Budget > 0 && uint64(end) >= o.Budget
		}
		if cut = cut || i%chunk == 0 && ctx.Err() != nil; !cut {
			x.expand(i)
		}
	}
	r.States, r.Exhausted = uint64(len(x.nodes)), r.Violation == nil && !cut
	return r
}

// refining is one check of a refinement.
type refining[S, A any] struct {
	sys      System[S]
	abstract System[A]
	to       func(S) A
	others   func(S, func(A))
	nodes    []refined[S] // in the order in which they were found
	known    *set
	reached  *set
	steps    map[uint64]*set // of an abstract state: where they lead
	result   Refinement[S]
}

// refined is a state that was found, and the node from which it was found.
type refined[S any] struct {
	Step[S]
	from int
}

func (x *refining[S, A]) begin() {
	begin := &set{}
	for _, a := range x.abstract.Initial() {
		begin.add(x.abstract.Fingerprint(a))
	}
	for _, s := range x.sys.Initial() {
		x.visit(-1, -1, s)
		if !begin.has(x.abstract.Fingerprint(x.to(s))) && x.result.Violation == nil {
			x.result.Violation = &Violation[S]{Invariant: RefineInitial, Initial: s}
		}
	}
}

func (x *refining[S, A]) visit(action, from int, s S) {
	if !x.known.add(x.sys.Fingerprint(s)) {
		return
	}
	x.nodes = append(x.nodes, refined[S]{Step[S]{action, s}, from})
	reach := func(a A) {
		if x.reached.add(x.abstract.Fingerprint(a)) {
			x.result.Reached++
		}
	}
	reach(x.to(s))
	if x.others != nil {
		x.others(s, reach)
	}
}

// expand checks the steps of a state.
func (x *refining[S, A]) expand(i int) {
	s := x.nodes[i].State
	from := x.abstract.Fingerprint(x.to(s))
	if x.steps[from] == nil {
		x.steps[from] = &set{}
		x.abstract.Next(x.to(s), func(_ int, next A) { x.steps[from].add(x.abstract.Fingerprint(next)) })
	}
	x.sys.Next(s, func(action int, next S) {
		if f := x.abstract.Fingerprint(x.to(next)); f != from && !x.steps[from].has(f) && x.result.Violation == nil {
			x.result.Violation = x.way(i, Step[S]{action, next})
		}
		x.visit(action, i, next)
	})
}

// way returns the steps to a node, and one step more.
func (x *refining[S, A]) way(i int, last Step[S]) *Violation[S] {
	v := &Violation[S]{Invariant: RefineStep, Steps: []Step[S]{last}}
	for ; x.nodes[i].from >= 0; i = x.nodes[i].from {
		v.Steps = append(v.Steps, x.nodes[i].Step)
	}
	slices.Reverse(v.Steps)
	v.Initial = x.nodes[i].State
	return v
}
