package txfile

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestIDSet holds the set against a map, over hashes that crowd both ends of
// the table, so that probing wraps around.
func TestIDSet(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var set idSet
	oracle := map[uint64]bool{}
	for range 50_000 {
		h := r.Uint64()
		switch r.IntN(3) {
		case 0:
			h = 1 + r.Uint64N(500)
		case 1:
			h = math.MaxUint64 - r.Uint64N(500)
		}
		if fresh := set.add(h); fresh == oracle[h] {
			t.Fatalf("add(%#x) = %v", h, fresh)
		}
		oracle[h] = true
	}
	if set.n != len(oracle) {
		t.Errorf("%d hashes, want %d", set.n, len(oracle))
	}
}

// TestIDSetZero: the mark of a free slot is a hash as well, equal to that of 1.
func TestIDSetZero(t *testing.T) {
	var set idSet
	if !set.add(0) || set.add(0) || set.add(1) {
		t.Error("0 and 1 are not one hash")
	}
}
