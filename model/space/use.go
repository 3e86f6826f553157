package space

import (
	"slices"

	"github.com/seed83d86191/txsim/sim"
)

// uses are the first uses of reactions: what the judges have to look at. The reactions in
// those before settled are taken.
type uses struct {
	all     []reactionUse
	settled int // how many there were when the last depth was settled
}

// reactionUse is the first use of a reaction of a node.
type reactionUse struct {
	FirstUse
	l   *local // before it
	in  input
	r   *reaction
	cut bool // it is the first use with a crash left, which can cut it short
}

// use records the action of a state that used a reaction for the first time, and those that
// cut the reaction short, the first time that a crash is left for it.
func (s *Space) use(x *State, n sim.NodeID, r *reaction, a action) {
	note := func(a action, e edge, cut bool) {
		f := reactionUse{FirstUse{s.Fingerprint(*x), a.pack(), s.Faults(x)}, x.nodes[n], x.input(a), r, cut}
		if a.what == crash || a.cut > 0 {
			f.Faults++
		}
		s.mu.Lock()
		s.uses.all = append(s.uses.all, f)
		s.saw(e)
		s.mu.Unlock()
	}
	l := x.nodes[n]
	if !r.used.Load() && r.used.CompareAndSwap(false, true) {
		note(a, edge{l, r.to, a.what == crash}, false)
	}
	if len(r.cuts) > 0 && x.left[crashBudget] > 0 && !r.usedCuts.Load() && r.usedCuts.CompareAndSwap(false, true) {
		for _, c := range r.cuts {
			a.cut = c.at
			note(a, edge{l, c.to, true}, true)
		}
	}
}

// A FirstUse is a state and an action by which a reaction of a node was first used, and how
// many faults the way to it takes.
type FirstUse struct {
	State  uint64 // its fingerprint
	Action int
	Faults int
}

// FirstUses yields the first use of each reaction of a node. If workers are folded, it yields
// one of those that differ only in names.
func (s *Space) FirstUses(yield func(FirstUse) bool) {
	for _, f := range s.uses.all {
		if !yield(f.FirstUse) {
			return
		}
	}
}

// markTaken marks the reactions of firsts from an index on, and their images, as taken or
// not.
func (s *Space) markTaken(from int, yes bool) {
	for _, f := range s.uses.all[from:] {
		s.eachImage(f, func(r *reaction, _ uint64) {
			r.taken.Store(yes)
			if f.cut {
				r.usedCuts.Store(yes)
			} else {
				r.used.Store(yes)
			}
		})
	}
}

// eachImage yields a first use under each name, and a hash of it.
func (s *Space) eachImage(f reactionUse, yield func(r *reaction, hash uint64)) {
	if s.fold == nil || s.fold.broken.Load() {
		yield(f.r, sim.Hash(f.l.hash, f.in.hash(), uint64(unpack(f.Action).cut)))
		return
	}
	for p, l := range f.l.images.of {
		in := f.in.image(p)
		yield(s.react(l, in), sim.Hash(l.hash, in.hash(), uint64(unpack(f.Action).cut)))
	}
}

// oneOfEach keeps one of those first uses of a depth that are the same but for names.
func (s *Space) oneOfEach() {
	seen := map[uint64]bool{}
	s.uses.all = append(s.uses.all[:s.uses.settled], slices.DeleteFunc(s.uses.all[s.uses.settled:], func(f reactionUse) bool {
		least := ^uint64(0)
		s.eachImage(f, func(_ *reaction, hash uint64) { least = min(least, hash) })
		known := seen[least]
		seen[least] = true
		return known
	})...)
}
