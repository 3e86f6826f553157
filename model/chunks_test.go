package model

import "testing"

// TestChunks: what is taken is nobody else's, and empty again after a Reset, however
// many chunks there were.
func TestChunks(t *testing.T) {
	var c Chunks[int]
	for round := range 3 {
		var all [][]int
		for i := range 100 {
			n := i % 7
			if room := c.Room(n, 5); cap(room) < n || len(room) > 0 {
				t.Fatalf("room for %d of %d", cap(room), n)
			}
			taken := c.Take(n)
			for j := range taken {
				if taken[j] != 0 {
					t.Fatalf("round %d: slice %d is not empty", round, i)
				}
				taken[j] = i
			}
			all = append(all, taken)
		}
		for i, taken := range all {
			for _, v := range taken {
				if v != i {
					t.Fatalf("round %d: slice %d belongs to %d too", round, i, v)
				}
			}
		}
		c.Reset()
	}
	if len(c.kept) != keptChunks {
		t.Errorf("%d chunks kept", len(c.kept))
	}
}
