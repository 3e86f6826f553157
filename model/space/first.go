package space

import (
	"slices"

	"github.com/seed83d86191/txsim/sim"
)

// first is the first use of a reaction of a node.
type first struct {
	First
	l   *local // before it
	in  input
	r   *reaction
	cut bool // it is the first that can be cut short
}

// use notes an action that a state has brought a reaction for, if it is the first; and
// those that cut it short, if it is the first with a crash left.
func (s *Space) use(x *State, n sim.NodeID, r *reaction, a action) {
	note := func(a action, e edge, cut bool) {
		f := first{First{s.Fingerprint(*x), a.pack(), s.Faults(x)}, x.nodes[n], x.input(a), r, cut}
		if a.what == crash || a.cut > 0 {
			f.Faults++
		}
		s.mu.Lock()
		s.firsts = append(s.firsts, f)
		s.saw(e)
		s.mu.Unlock()
	}
	l := x.nodes[n]
	if !r.used.Load() && r.used.CompareAndSwap(false, true) {
		note(a, edge{l, r.to, a.what == crash}, false)
	}
	if len(r.cuts) > 0 && x.left[crashes] > 0 && !r.usedCuts.Load() && r.usedCuts.CompareAndSwap(false, true) {
		for _, c := range r.cuts {
			a.cut = c.at
			note(a, edge{l, c.to, true}, true)
		}
	}
}

// A First is a state and an action by which a reaction of a node was first asked for, and
// how many faults it takes.
type First struct {
	State  uint64 // its fingerprint
	Action int
	Faults int
}

// Firsts yields that of each reaction of a node; if workers are folded, of one of those
// that differ in names.
func (s *Space) Firsts(yield func(First) bool) {
	for _, f := range s.firsts {
		if !yield(f.First) {
			return
		}
	}
}

// markTaken marks the reactions that have been asked for from such a place on, and their
// images, as taken or not.
func (s *Space) markTaken(from int, yes bool) {
	for _, f := range s.firsts[from:] {
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
func (s *Space) eachImage(f first, yield func(r *reaction, hash uint64)) {
	if s.fold == nil || s.fold.broken.Load() {
		yield(f.r, sim.Hash(f.l.hash, f.in.hash(), uint64(unpack(f.Action).cut)))
		return
	}
	for p, l := range f.l.images.of {
		in := f.in.image(p)
		yield(s.react(l, in), sim.Hash(l.hash, in.hash(), uint64(unpack(f.Action).cut)))
	}
}

// oneOfEach leaves one of those first uses of a depth that are the same but for names.
func (s *Space) oneOfEach() {
	seen := map[uint64]bool{}
	s.firsts = append(s.firsts[:s.settled], slices.DeleteFunc(s.firsts[s.settled:], func(f first) bool {
		least := ^uint64(0)
		s.eachImage(f, func(_ *reaction, hash uint64) { least = min(least, hash) })
		known := seen[least]
		seen[least] = true
		return known
	})...)
}
