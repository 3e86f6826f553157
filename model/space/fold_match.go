package space

import (
	"fmt"
	"slices"

	"github.com/seed83d86191/txsim/sim"
)

// images are what a state of a node or a message becomes under each renaming, with their
// hashes.
type images[T any] struct {
	of     []T
	hashes []uint64
}

// match runs a reaction under each renaming, and records the images of what it leads to. It
// returns what is not the same, "" if nothing. It must be called before anybody else sees
// the reaction.
func (s *Space) match(l *local, in input, r *reaction) (why string) {
	f := s.fold
	if f == nil || f.broken.Load() {
		return ""
	}
	under := make([]*reaction, len(f.renamings))
	under[0] = r
	for p := 1; p < len(under); p++ {
		other, i := l.images.of[p], in.image(p)
		known := false
		if under[p], known = other.next.get(i); !known {
			if in.op != sim.InputMessage && in.op != sim.InputCrash && !slices.Contains(other.pending, i) {
				return fmt.Sprintf("%s waits for something else than its namesake", s.format.Node(l.node))
			}
			under[p] = s.run(other, i)
		}
	}
	if why := f.agree(s, l.node, under); why != "" {
		return why
	}
	for p := 1; p < len(under); p++ {
		s.publish(l.images.of[p], in.image(p), under[p])
	}
	return ""
}

// image returns the image of an input under the p-th renaming.
func (in input) image(p int) input {
	if in.m != nil {
		in.m = in.m.images.of[p]
	}
	return in
}

// fail records why nothing may be folded.
func (f *folding) fail(why string) {
	if f.broken.CompareAndSwap(false, true) {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.why = why
	}
}

// agree records the images of what reactions lead to, one reaction for each renaming, if
// they agree. Otherwise it returns in what they do not.
func (f *folding) agree(s *Space, n sim.NodeID, under []*reaction) (why string) {
	r, name := under[0], s.format.Node(n)
	for _, o := range under[1:] {
		if o.fatal != r.fatal || o.outline != r.outline || len(o.cuts) != len(r.cuts) || len(o.order) != len(r.order) {
			return name + " does something else under another name"
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	to := make([]*local, len(under))
	at := func(find func(*reaction) *local) bool {
		for p, o := range under {
			to[p] = find(o)
		}
		return f.lookAlike(to) && recordImages(f, to, func(l *local) *images[*local] { return &l.images }, func(l *local) uint64 { return l.hash })
	}
	if !at(func(o *reaction) *local { return o.to }) {
		return name + " comes to something else under another name"
	}
	for i := range r.cuts {
		if !at(func(o *reaction) *local { return o.cuts[i].to }) {
			return name + " crashes in another way under another name"
		}
	}
	sent := make([]*message, len(under))
	for i, m := range r.order {
		for p, o := range under {
			if sent[p] = o.counterpart(r, i, f.renamings[p]); sent[p] == nil {
				return fmt.Sprintf("%s sends something else than %s of %s under another name", name, s.format.Message(m.mail.Kind, &m.msg), s.format.Attempt(m.msg.Attempt))
			}
		}
		if !recordImages(f, sent, func(m *message) *images[*message] { return &m.images }, func(m *message) uint64 { return m.hash }) {
			return name + " sends what has two meanings under another name"
		}
	}
	return ""
}

// counterpart returns the image of the ith message of another reaction: the one that stands as
// far down among those to the node that the receiver is renamed to.
func (r *reaction) counterpart(other *reaction, i int, names renaming) *message {
	m, before := other.order[i], 0
	for _, x := range other.order[:i] {
		if x.to == m.to {
			before++
		}
	}
	for _, x := range r.order {
		if x.to != names[m.to] {
			continue
		}
		if before == 0 {
			if x.mail.Kind != m.mail.Kind || x.mail.Label != m.mail.Label || x.inSession != m.inSession || x.from != names[m.from] {
				return nil
			}
			return x
		}
		before--
	}
	return nil
}

// lookAlike reports whether the states of a node under all renamings are the same, as far as
// can be seen from outside.
func (f *folding) lookAlike(to []*local) bool {
	l := to[0]
	for p, o := range to {
		if o.down != l.down || o.crashes != l.crashes || o.claims != l.claims || o.exact != l.exact || o.node != f.renamings[p][l.node] ||
			l.shapes[p] != o.shapes[0] || !slices.Equal(l.pending, o.pending) {
			return false
		}
	}
	return true
}

// recordImages records what each of something's images becomes under each renaming. It is
// false if that contradicts what is known.
func recordImages[T comparable](f *folding, all []T, at func(T) *images[T], hash func(T) uint64) bool {
	for q, x := range all {
		old := at(x)
		if old.of == nil {
			for p := range all {
				y := all[f.times[p][q]]
				old.of, old.hashes = append(old.of, y), append(old.hashes, hash(y))
			}
			continue
		}
		for p := range all {
			if old.of[p] != all[f.times[p][q]] {
				return false
			}
		}
	}
	return true
}

// matchStart records the images of nodes at their start.
func (s *Space) matchStart(first []*local) {
	for n, l := range first {
		under := make([]*reaction, len(s.fold.renamings))
		for p, r := range s.fold.renamings {
			o := first[r[n]]
			under[p] = &reaction{to: o, sent: o.atStart}
		}
		if why := s.fold.agree(s, l.node, under); why != "" {
			s.fold.fail(why)
			return
		}
	}
}

// foldable reports whether a state may be folded.
func (s *Space) foldable(x *State) bool {
	return s.fold != nil && x.left[crashBudget] == 0 && !s.fold.broken.Load()
}

// folded returns the least fingerprint of a state under all renamings, and the renaming
// that gives it.
func (s *Space) folded(x *State) (print uint64, renaming int) {
	least := ^uint64(0)
	for p := range s.fold.renamings {
		var nodes, flight, ordered uint64 // sums, because the order of nodes and messages depends on names
		for _, l := range x.nodes[:s.count] {
			nodes += l.images.hashes[p]
		}
		for _, m := range x.flight {
			flight += m.images.hashes[p]
		}
		place := uint64(0)
		for i, m := range x.ordered {
			if place++; x.headsSession(i) {
				place = 1
			}
			ordered += sim.Hash(m.images.hashes[p], place)
		}
		if h := sim.Hash(nodes, flight, ordered); h < least {
			least, renaming = h, p
		}
	}
	return sim.Hash(least, x.budgets()), renaming
}

// foldedHistory returns the least hash of what the analysis is told, under all renamings.
func (s *Space) foldedHistory(x *State) uint64 {
	least := ^uint64(0)
	for p, r := range s.fold.renamings {
		h := uint64(0)
		for n, l := range x.nodes[:s.count] {
			h += sim.Hash(l.shapes[p], uint64(r[n]))
		}
		least = min(least, h)
	}
	return least
}

// Renamed yields the states that a folded state stands for, itself included.
func (s *Space) Renamed(x *State, yield func(*State)) {
	if !s.foldable(x) {
		yield(x)
		return
	}
	for p, r := range s.fold.renamings {
		y := State{left: x.left}
		for n, l := range x.nodes[:s.count] {
			y.nodes[r[n]] = l.images.of[p]
		}
		var all sent
		for _, m := range x.flight {
			all.free = append(all.free, m.images.of[p])
		}
		slices.SortFunc(all.free, (*message).before)
		for _, m := range x.ordered {
			all.ordered = append(all.ordered, m.images.of[p])
		}
		y.send(all)
		yield(&y)
	}
}
