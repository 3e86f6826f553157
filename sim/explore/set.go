package explore

import (
	"math"
	"sync"
)

// set is a set of fingerprints: hash tables with open addressing in which 0 is an empty
// slot, in parts so that jobs seldom wait for each other.
type set struct {
	parts  [setParts]setPart
	ways   bool // keeps how each was reached
	depths bool // and how deep it is
}

const setParts = 64

type setPart struct {
	sync.Mutex
	slots []uint64
	from  []reached // as slots; nil without ways
	depth []uint16  // likewise, up to the greatest that fits; nil without depths
	used  int
}

// reached is how a state was reached: from which one, by which action.
type reached struct {
	fingerprint uint64
	action      int
}

// part returns a fingerprint as it is kept, 0 being taken for 1, and the part that it is in.
func (s *set) part(f uint64) (uint64, *setPart) {
	f = max(f, 1)
	return f, &s.parts[f>>58]
}

// add adds a fingerprint and reports whether it is new.
func (s *set) add(f uint64) bool { return s.addFrom(f, reached{action: -1}, 1) }

// addFrom is add, and keeps how the state was reached.
func (s *set) addFrom(f uint64, from reached, depth int) bool {
	f, p := s.part(f)
	p.Lock()
	defer p.Unlock()
	if len(p.slots) == 0 {
		p.grow(s.ways, s.depths)
	}
	at := p.find(f)
	if p.slots[at] == f {
		return false
	}
	if 4*p.used >= 3*len(p.slots) { // only for a new one: the size depends on what is in the set alone
		p.grow(s.ways, s.depths)
		at = p.find(f)
	}
	p.slots[at] = f
	if s.ways {
		p.from[at] = from
	}
	if s.depths {
		p.depth[at] = uint16(min(depth, math.MaxUint16))
	}
	p.used++
	return true
}

// has reports whether a fingerprint is in the set, which nobody may change meanwhile.
func (s *set) has(f uint64) bool {
	f, p := s.part(f)
	return len(p.slots) > 0 && p.slots[p.find(f)] == f
}

// fresh reports whether no state up to a depth has the fingerprint.
func (s *set) fresh(f uint64, depth int) bool {
	f, p := s.part(f)
	p.Lock()
	defer p.Unlock()
	if len(p.slots) == 0 {
		return true
	}
	at := p.find(f)
	return p.slots[at] != f || int(p.depth[at]) > depth
}

// way returns how the state of a fingerprint was reached; the action is -1 if none has led
// to it, or none that is kept.
func (s *set) way(f uint64) reached {
	if !s.ways || !s.has(f) {
		return reached{action: -1}
	}
	f, p := s.part(f)
	return p.from[p.find(f)]
}

// find returns the slot of a fingerprint, or the empty slot where it would be.
func (p *setPart) find(f uint64) int {
	mask := len(p.slots) - 1
	at := int(f) & mask
	for p.slots[at] != 0 && p.slots[at] != f {
		at = (at + 1) & mask
	}
	return at
}

func (p *setPart) grow(ways, depths bool) {
	slots, from, depth := p.slots, p.from, p.depth
	p.slots = make([]uint64, max(64, 2*len(slots)))
	if ways {
		p.from = make([]reached, len(p.slots))
	}
	if depths {
		p.depth = make([]uint16, len(p.slots))
	}
	for i, f := range slots {
		if f == 0 {
			continue
		}
		at := p.find(f)
		p.slots[at] = f
		if ways {
			p.from[at] = from[i]
		}
		if depths {
			p.depth[at] = depth[i]
		}
	}
}

func (s *set) bytes() uint64 {
	sum := 0
	for i := range s.parts {
		sum += 8*len(s.parts[i].slots) + 16*len(s.parts[i].from) + 2*len(s.parts[i].depth)
	}
	return uint64(sum)
}

// each calls f with every fingerprint, and how it was reached if that is kept.
func (s *set) each(f func(fingerprint uint64, from reached)) {
	for i := range s.parts {
		p := &s.parts[i]
		for at, fingerprint := range p.slots {
			switch {
			case fingerprint == 0:
			case s.ways:
				f(fingerprint, p.from[at])
			default:
				f(fingerprint, reached{action: -1})
			}
		}
	}
}
