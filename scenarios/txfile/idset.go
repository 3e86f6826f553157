package txfile

import "math/bits"

// idSet is a set of 64-bit hashes, 10 to 15 bytes each: what it takes to look
// for duplicate ids among 10⁷ without holding them. Two ids of equal hash look
// like one, so whoever uses it confirms a hit on the ids themselves.
// The zero value is an empty set.
type idSet struct {
	slots []uint64 // open addressing, linear probing; 0 is a free slot
	n     int
}

const idSetMin = 1 << 10

// add puts h into the set and reports whether it was absent.
// 0, the mark of a free slot, is taken for 1: one more collision to confirm.
func (s *idSet) add(h uint64) bool {
	if s.n >= len(s.slots)/5*4 {
		s.grow()
	}
	if h == 0 {
		h = 1
	}
	if !s.put(h) {
		return false
	}
	s.n++
	return true
}

// put probes from the slot that scales h to the table's length, which keeps
// the table in hash order: growing it is one sweep through both tables.
func (s *idSet) put(h uint64) bool {
	at, _ := bits.Mul64(h, uint64(len(s.slots)))
	for i := int(at); ; {
		switch s.slots[i] {
		case 0:
			s.slots[i] = h
			return true
		case h:
			return false
		}
		if i++; i == len(s.slots) {
			i = 0
		}
	}
}

// grow grows the table by half only: memory matters more than time here.
func (s *idSet) grow() {
	old := s.slots
	s.slots = make([]uint64, max(idSetMin, len(old)+len(old)/2))
	for _, h := range old {
		if h != 0 {
			s.put(h)
		}
	}
}

// idHash is FNV-1a with the finalizer of SplitMix64, which spreads the hashes
// of ids that differ only at their end over the whole table.
func idHash(id []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range id {
		h = (h ^ uint64(c)) * 1099511628211
	}
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}
