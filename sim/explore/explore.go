package explore

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// System is a transition system. Its methods may be called by several goroutines
// at a time.
type System[S any] interface {
	// Initial returns the states in which it can begin.
	Initial() []S
	// Next calls to with every action of state s, and with the state that it leads to.
	Next(s S, to func(action int, next S))
	// Fingerprint returns the same number for equal states; different states share one
	// hardly ever.
	Fingerprint(s S) uint64
	// Action names an action, for people.
	Action(action int) string
}

// Reducer is a System that knows a persistent set of some of its states: actions of which
// one can come first on any way, without losing an outcome. A search that takes only these
// visits fewer states, yet reaches every end, and everything that stays true once it is
// true, such as a broken invariant of that kind or a livelock. The ways that it finds need
// not be shortest; the way of a Violation is.
type Reducer[S any] interface {
	System[S]
	// Persistent calls to, as Next does, for each action of such a set of s, and returns
	// true, if there is a set whose first action leads to a fresh state; otherwise it calls
	// nothing and returns false. That the first action leads to a fresh, deeper state keeps
	// a search from putting off the others for ever in a cycle.
	Persistent(s S, fresh func(S) bool, to func(action int, next S)) bool
}

// Invariant is what must hold in every state.
type Invariant[S any] struct {
	Name  string
	Holds func(s S) bool
}

// Options bound a search. Zero is no bound.
type Options[S any] struct {
	Depth  int    // of states, the initial ones being at 1
	Budget uint64 // distinct states
	Jobs   int    // goroutines; 0 is one for each processor
	// Progress is told after each depth; nil for none.
	Progress func(depth int, distinct uint64, frontier int)
	// Visit is called with each state and its depth, by several goroutines; nil for none.
	Visit func(depth int, s S)
	// Level is called after each depth; the search ends if it returns false. After an
	// exhausted search it is called once more, for the steps from the deepest states. Nil
	// lets the search go on.
	Level func(r *Result[S]) bool
	// End reports whether a run may end in a state. Then an exhausted search tells from
	// which states no end can be reached, at the cost of 16 bytes more for each
	// transition; nil is for systems of which nobody says so.
	End func(s S) bool
	// Fault reports whether an action is a fault, which a run must not need in order to
	// come to an end; nil: no action is.
	Fault func(action int, from, to S) bool
	// Ways keeps how each state was first reached, for Result.Way: 16 bytes more for
	// each.
	Ways bool
}

// Result is what a search came to. It does not depend on Jobs.
type Result[S any] struct {
	Distinct    uint64 // states
	Transitions uint64 // found, to states known or new
	Depth       int    // of the deepest state, the initial ones being at 1
	Frontier    int    // most states at one depth
	Exhausted   bool   // every state that can be reached has been visited
	Bytes       uint64 // that the known fingerprints take
	Violation   *Violation[S]
	// Livelock is nil if the space was not exhausted, nothing is an end, or there were
	// too many transitions to keep.
	Livelock *Livelock

	known *set
}

// Way returns the actions that first led to the state of a fingerprint, if the
// search has kept the ways. With several jobs it may be another one each time.
func (r *Result[S]) Way(fingerprint uint64) []int {
	var way []int
	for {
		r := r.known.way(fingerprint)
		if r.action < 0 {
			slices.Reverse(way)
			return way
		}
		way, fingerprint = append(way, r.action), r.fingerprint
	}
}

// Violation is a shortest way to a state that breaks an invariant.
type Violation[S any] struct {
	Invariant string
	Initial   S
	Steps     []Step[S]
}

// Step is an action and the state it led to.
type Step[S any] struct {
	Action int
	State  S
}

// Collision is the probability that two of the distinct states have the same
// fingerprint of 64 bits, so that one was taken for the other: at most
// n(n-1)/2^65, if fingerprints are as good as random.
func (r *Result[S]) Collision() float64 {
	n := float64(max(r.Distinct, 1))
	return n * (n - 1) / 2 / (1 << 32) / (1 << 32)
}

// Explore visits the states of a system until all have been visited, a state breaks
// an invariant, a bound is hit or ctx ends.
func Explore[S any](ctx context.Context, sys System[S], invariants []Invariant[S], o Options[S]) *Result[S] {
	if o.Jobs <= 0 {
		o.Jobs = runtime.GOMAXPROCS(0)
	}
	x := &search[S]{sys: sys, invariants: invariants, o: o, known: newSet()}
	x.known.ways = o.Ways
	x.reducer, _ = sys.(Reducer[S])
	x.known.depths = x.reducer != nil
	level := x.begin()
	r := &x.result
	r.known = x.known
	for len(level) > 0 {
		r.Depth++
		r.Frontier = max(r.Frontier, len(level))
		if o.Progress != nil {
			o.Progress(r.Depth, r.Distinct, len(level))
		}
		if o.Visit != nil {
			x.parallel(level, func(_ int, part []S) {
				for _, s := range part {
					o.Visit(r.Depth, s)
				}
			})
		}
		x.note(level)
		if broken := x.broken(level); broken != "" {
			r.Violation = x.shortest(ctx, broken, r.Depth)
			break
		}
		if o.Level != nil && !o.Level(r) {
			break
		}
		if ctx.Err() != nil || o.Depth > 0 && r.Depth == o.Depth || o.Budget > 0 && r.Distinct >= o.Budget {
			// The states of this depth may all be terminal: then nothing is left.
			r.Exhausted = ctx.Err() == nil && !x.goesOn(level)
			x.tooMany = true // Livelock needs all transitions, and those from this depth were not found
			break
		}
		level = x.expand(level)
		r.Distinct += uint64(len(level))
		r.Exhausted = len(level) == 0
	}
	if r.Exhausted && o.Level != nil {
		o.Level(r)
	}
	r.Bytes = x.known.bytes()
	if r.Exhausted {
		r.Livelock = x.livelock()
	}
	return r
}

// search is one exploration.
type search[S any] struct {
	sys        System[S]
	reducer    Reducer[S]
	invariants []Invariant[S]
	o          Options[S]
	known      *set
	result     Result[S]
	steps      []transition // all transitions found, without faults, unless there are …
	tooMany    bool
	ending     *set // states from which an end can be reached
}

// begin returns the first level: the initial states.
func (x *search[S]) begin() []S {
	var level []S
	for _, s := range x.sys.Initial() {
		if x.known.add(x.sys.Fingerprint(s)) {
			level = append(level, s)
		}
	}
	x.result.Distinct = uint64(len(level))
	return level
}

// chunk is how many states a job takes at a time.
const chunk = 256

// parallel calls do with all chunks of a level, in several goroutines.
func (x *search[S]) parallel(level []S, do func(job int, part []S)) {
	var next atomic.Int64
	var group sync.WaitGroup
	for job := range min(x.o.Jobs, (len(level)+chunk-1)/chunk) {
		group.Go(func() {
			for {
				from := int(next.Add(chunk)) - chunk
				if from >= len(level) {
					return
				}
				do(job, level[from:min(from+chunk, len(level))])
			}
		})
	}
	group.Wait()
}

// expand returns the next level: the new states that a level leads to.
func (x *search[S]) expand(level []S) []S {
	found := make([][]S, x.o.Jobs)
	transitions := make([]uint64, x.o.Jobs)
	kept := make([][]transition, x.o.Jobs)
	keep := x.o.End != nil && !x.tooMany
	fresh := func(s S) bool { return x.known.fresh(x.sys.Fingerprint(s), x.result.Depth) }
	x.parallel(level, func(job int, part []S) {
		mine, n, steps := found[job], uint64(0), kept[job]
		var at S
		var from uint64
		to := func(action int, next S) {
			n++
			f := x.sys.Fingerprint(next)
			if keep && (x.o.Fault == nil || !x.o.Fault(action, at, next)) {
				steps = append(steps, transition{from, f})
			}
			if x.known.addFrom(f, reached{from, action}, x.result.Depth+1) {
				mine = append(mine, next)
			}
		}
		for _, at = range part {
			if o := &x.o; o.Ways || keep {
				from = x.sys.Fingerprint(at)
			}
			if x.reducer == nil || !x.reducer.Persistent(at, fresh, to) {
				x.sys.Next(at, to)
			}
		}
		found[job], kept[job] = mine, steps
		transitions[job] += n
	})
	for _, steps := range kept {
		x.keep(steps)
	}
	for _, n := range transitions {
		x.result.Transitions += n
	}
	return slices.Concat(found...)
}

// goesOn reports whether a state of the level leads to one that is not known.
func (x *search[S]) goesOn(level []S) bool {
	on := false
	for _, s := range level {
		x.sys.Next(s, func(_ int, next S) { on = on || !x.known.has(x.sys.Fingerprint(next)) })
		if on {
			return true
		}
	}
	return false
}

// broken returns the first invariant, in their order, that a state of the level breaks.
func (x *search[S]) broken(level []S) string {
	if len(x.invariants) == 0 {
		return ""
	}
	first := make([]int, x.o.Jobs)
	for job := range first {
		first[job] = len(x.invariants)
	}
	x.parallel(level, func(job int, part []S) {
		for _, s := range part {
			for i := range first[job] {
				if !x.invariants[i].Holds(s) {
					first[job] = i
					break
				}
			}
		}
	})
	if i := slices.Min(first); i < len(x.invariants) {
		return x.invariants[i].Name
	}
	return ""
}

// shortest searches again, without reductions and in a fixed order, for the first state up
// to a depth that breaks an invariant; of several, one with the fewest faults on the way.
// The result is the same for any number of jobs.
func (x *search[S]) shortest(ctx context.Context, invariant string, depth int) *Violation[S] {
	at := slices.IndexFunc(x.invariants, func(v Invariant[S]) bool { return v.Name == invariant })
	type node struct {
		Step[S]
		from, faults int
	}
	var nodes []node
	known := newSet()
	for _, s := range x.sys.Initial() {
		if known.add(x.sys.Fingerprint(s)) {
			nodes = append(nodes, node{Step[S]{-1, s}, -1, 0})
		}
	}
	for begin, d := 0, 1; begin < len(nodes) && ctx.Err() == nil; d++ {
		end, broken := len(nodes), -1
		for i := begin; i < end; i++ {
			if !x.invariants[at].Holds(nodes[i].State) && (broken < 0 || nodes[i].faults < nodes[broken].faults) {
				broken = i
			}
		}
		if broken >= 0 {
			v := &Violation[S]{Invariant: invariant}
			for ; nodes[broken].from >= 0; broken = nodes[broken].from {
				v.Steps = append(v.Steps, nodes[broken].Step)
			}
			slices.Reverse(v.Steps)
			v.Initial = nodes[broken].State
			return v
		}
		for i := begin; i < end && d < depth && ctx.Err() == nil; i++ {
			from := nodes[i]
			x.sys.Next(from.State, func(action int, next S) {
				if known.add(x.sys.Fingerprint(next)) {
					n := node{Step[S]{action, next}, i, from.faults}
					if x.o.Fault != nil && x.o.Fault(action, from.State, next) {
						n.faults++
					}
					nodes = append(nodes, n)
				}
			})
		}
		begin = end
	}
	return nil
}
