package analysis

import (
	"testing"
	"time"
)

// TestLongestParts: of many parts the longest in doubt are listed, in order, and of equal ones
// the first.
func TestLongestParts(t *testing.T) {
	var l ledger
	for i := range 100 {
		if v := (LedgerPart{For: time.Duration(i * 37 % 50), At: -1, Open: i >= 50}); l.lists(v.For) {
			l.list(v)
		}
	}
	if l.lists(l.longest[maxLongest-1].For) {
		t.Error("a vote of the same length as the last is listed")
	}
	if len(l.longest) != maxLongest {
		t.Fatalf("%d parts", len(l.longest))
	}
	for i, v := range l.longest { // each duration comes twice
		if v.For != time.Duration(49-i/2) || v.Open != (i%2 == 1) {
			t.Errorf("%d: %v, the second %t", i, v.For, v.Open)
		}
	}
}
