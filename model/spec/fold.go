package spec

import "slices"

// Folded is a specification of which states that differ only in who is who are one.
// Nothing that it does depends on the names of managers or of acceptors: what follows
// such a state is the same but for the names, and so are its invariants. A search goes
// on from the first of them that it meets, which is as near as any.
type Folded struct{ Spec }

// Fingerprint implements explore.System.
func (f Folded) Fingerprint(s State) uint64 { return f.Spec.Fingerprint(f.Canonical(s)) }

// parts of a state that belong to one of several that are alike, as a number; fields
// of no bits are none.
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

// sorted is the state in which the parts of n that are alike stand in order.
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

// Canonical implements Spec.
func (c TCommit) Canonical(s State) State {
	return sorted(c.N, s, func(i int) parts { return parts{c.rm(i)} })
}

// Canonical implements Spec.
func (p TwoPhase) Canonical(s State) State {
	return sorted(p.N, s, func(i int) parts { return parts{p.rm(i), p.heard(i), p.sent(i)} })
}

// Canonical implements Spec.
func (b BTM) Canonical(s State) State {
	return sorted(b.N, s, func(i int) parts { return parts{b.rm(i), b.done(i)} })
}

// Canonical implements Spec: the lesser of both orders of managers, each with its
// acceptors in order.
func (p PaxosCommit) Canonical(s State) State {
	least := p.ordered(s)
	if p.N == paxosManagers {
		const mask = 1<<perManager - 1
		swapped := s&^(mask<<perManager|mask) | s>>perManager&mask | s&mask<<perManager
		least = min(least, p.ordered(swapped))
	}
	return least
}

// ordered is the state in which the acceptors stand in order.
func (p PaxosCommit) ordered(s State) State {
	return sorted(acceptors, s, func(acc int) parts {
		if p.N == 1 {
			return parts{p.acceptor(0, acc)}
		}
		return parts{p.acceptor(0, acc), p.acceptor(1, acc)}
	})
}

// acceptor is all of an acceptor in a manager's instance.
func (p PaxosCommit) acceptor(i, acc int) field { return p.at(i, uint(7+6*acc), 6) }
