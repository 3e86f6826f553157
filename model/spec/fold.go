package spec

import "slices"

// Folded is a specification whose states are one if they differ only in the names of
// managers and acceptors. Nothing depends on these names: what follows such a state is the
// same but for names, and so are the invariants. A search continues from the first such
// state that it meets.
type Folded struct{ Spec }

// Fingerprint implements explore.System.
func (f Folded) Fingerprint(s State) uint64 { return f.Spec.Fingerprint(f.canonical(s)) }

// parts are the fields of a state that belong to one of several similar participants, to be
// compared as a number; a field of no bits is none.
type parts [3]field

func (p parts) of(s State) (v uint64) {
	for _, f := range p {
		v = v<<f.bits | uint64(f.of(s))
	}
	return v
}

func (p parts) set(s State, v uint64) State {
	for i := len(p) - 1; i >= 0; i-- {
		f := p[i]
		s = f.set(s, int(v&(1<<f.bits-1)))
		v >>= f.bits
	}
	return s
}

// sorted returns the state in which the parts of n similar participants are in order.
func sorted(n int, s State, of func(i int) parts) State {
	var values [16]uint64
	for i := range n {
		values[i] = of(i).of(s)
	}
	slices.Sort(values[:n])
	for i := range n {
		s = of(i).set(s, values[i])
	}
	return s
}

// canonical implements Spec.
func (c TCommit) canonical(s State) State {
	return sorted(c.N, s, func(i int) parts { return parts{c.rm(i)} })
}

// canonical implements Spec.
func (p TwoPhase) canonical(s State) State {
	return sorted(p.N, s, func(i int) parts { return parts{p.rm(i), p.heard(i), p.sent(i)} })
}

// canonical implements Spec.
func (b BTM) canonical(s State) State {
	return sorted(b.N, s, func(i int) parts { return parts{b.rm(i), b.done(i)} })
}

// canonical implements Spec: it returns the lesser of the two orders of managers, each with
// its acceptors in order.
func (p PaxosCommit) canonical(s State) State {
	least := p.ordered(s)
	if p.N == paxosManagers {
		const mask = 1<<perManager - 1
		swapped := s&^(mask<<perManager|mask) | s>>perManager&mask | s&mask<<perManager
		least = min(least, p.ordered(swapped))
	}
	return least
}

// ordered returns the state with the acceptors in order.
func (p PaxosCommit) ordered(s State) State {
	return sorted(acceptors, s, func(acc int) parts {
		if p.N == 1 {
			return parts{p.acceptor(0, acc)}
		}
		return parts{p.acceptor(0, acc), p.acceptor(1, acc)}
	})
}

// acceptor returns all fields of an acceptor in a manager's instance.
func (p PaxosCommit) acceptor(i, acc int) field { return p.at(i, uint(7+6*acc), 6) }
