package analysis

import (
	"strconv"
	"testing"
)

// TestInternCollisions: of so many items some have the same hash, and each has a number
// of its own.
func TestInternCollisions(t *testing.T) {
	c := NewHistoryChecker(HistoryOptions{})
	const items = 400_000
	for i := range int32(items) {
		if k := c.intern(3, strconv.Itoa(int(i))); k != i {
			t.Fatalf("item %d has number %d", i, k)
		}
	}
}
