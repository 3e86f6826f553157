package explore

import "sync"

// set is of fingerprints, in parts so that jobs seldom wait for each other: open
// addressing, 0 being an empty slot.
type set struct {
	parts [setParts]setPart
}

const setParts = 64

type setPart struct {
	sync.Mutex
	slots []uint64
	used  int
}

func newSet() *set { return &set{} }

// add adds a fingerprint and reports whether it is new. 0 is taken for 1.
func (s *set) add(f uint64) bool {
	f = max(f, 1)
	p := &s.parts[f>>58]
	p.Lock()
	defer p.Unlock()
	if 4*p.used >= 3*len(p.slots) {
		p.grow()
	}
	at := p.find(f)
	if p.slots[at] == f {
		return false
	}
	p.slots[at] = f
	p.used++
	return true
}

// has reports whether a fingerprint is in the set, which nobody may change.
func (s *set) has(f uint64) bool {
	f = max(f, 1)
	p := &s.parts[f>>58]
	return len(p.slots) > 0 && p.slots[p.find(f)] == f
}

// find is the slot of a fingerprint, or the empty one where it would be.
func (p *setPart) find(f uint64) int {
	mask := len(p.slots) - 1
	at := int(f) & mask
	for p.slots[at] != 0 && p.slots[at] != f {
		at = (at + 1) & mask
	}
	return at
}

func (p *setPart) grow() {
	old := p.slots
	p.slots = make([]uint64, max(64, 2*len(old)))
	for _, f := range old {
		if f != 0 {
			p.slots[p.find(f)] = f
		}
	}
}

func (s *set) bytes() uint64 {
	sum := 0
	for i := range s.parts {
		sum += 8 * len(s.parts[i].slots)
	}
	return uint64(sum)
}
