package explore

import "slices"

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
	Budget uint64 // distinct states; the depth that reaches it is gone through to its end
	// Jobs is how many goroutines; 0 is one for each processor. If the system panics, so does
	// Explore; with more than one job, with a text that has the stack of the job.
	Jobs int
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
	Broken      bool   // a state breaks an invariant
	// Violation is the way to a state that breaks an invariant. It is nil if none does, or
	// if one is Broken but ctx ended before the way was found.
	Violation *Violation[S]
	// Livelock is nil if a bound or ctx ended the search, if Options.End is nil, or if there
	// were too many transitions to keep.
	Livelock *Livelock

	known *set
}

// Way returns the actions that first led to the state of a fingerprint: none to an initial
// state, to one that was not visited, or if the search has not kept the ways. With several
// jobs it may be another one each time.
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
