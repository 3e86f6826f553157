package explore

import (
	"math"
	"testing"
)

// TestSet: a set knows what has been added, how and where, however much it has grown.
func TestSet(t *testing.T) {
	const n = 1000 // in one part
	s := &set{ways: true, depths: true}
	if s.addFrom(2, reached{9, 2}, 2); s.has(0) {
		t.Error("has 0")
	}
	for f := range uint64(n) {
		if f != 1 && f != 2 && !s.addFrom(f, reached{f + 7, int(f)}, int(f)) {
			t.Errorf("%d is not new", f)
		}
	}
	for f := range uint64(n) {
		if is := max(f, 1); f > 1 && (s.way(f) != reached{f + 7, int(f)} || s.fresh(f, int(f)) || !s.fresh(f, int(f)-1)) || s.add(f) || !s.has(f) || !s.has(is) {
			t.Errorf("%d: %+v", f, s.way(f))
		}
	}
	if s.has(n) || !s.fresh(n, math.MaxInt) || !s.fresh(math.MaxUint64, 1) {
		t.Error("has what was not added")
	}
	s.addFrom(n, reached{}, math.MaxUint16+6) // the depths that are kept end before
	if !s.fresh(n, 10) || s.fresh(n, math.MaxUint16+6) {
		t.Error("of a great depth")
	}
	count, slots := 0, len(s.parts[0].slots)
	s.each(func(f uint64, from reached) {
		if count++; f == 2 && from.action != 2 {
			t.Errorf("%d: %+v", f, from)
		}
	})
	if count != n || s.bytes() != uint64(26*slots) {
		t.Errorf("%d of %d, %d bytes for %d slots", count, n, s.bytes(), slots)
	}
}

// TestSetGrows: what is added just as a part grows is found where it belongs.
func TestSetGrows(t *testing.T) {
	s := &set{}
	for i := range uint64(10_000) {
		f := (i + 1) * 0x9e3779b97f4a7c15
		if !s.add(f) || s.add(f) || !s.has(f) {
			t.Fatalf("%d fingerprints: %x", i+1, f)
		}
	}
}

// TestSetBytes: the size of a set depends on what is in it, not on the order in which that
// was added, or how often.
func TestSetBytes(t *testing.T) {
	for n := range uint64(200) {
		once, often := &set{}, &set{}
		for f := range n {
			once.add(f + 1)
			often.add(n - f)
		}
		for f := range n {
			often.add(f + 1)
		}
		if once.bytes() != often.bytes() {
			t.Errorf("%d fingerprints: %d bytes, and %d if added twice", n, once.bytes(), often.bytes())
		}
	}
}
