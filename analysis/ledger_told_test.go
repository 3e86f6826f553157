package analysis

import (
	"testing"
	"time"
)

// TestLongestVotes: of many votes the longest in doubt are listed, in order, and of equal ones
// the first.
func TestLongestVotes(t *testing.T) {
	var l ledger
	for i := range 100 {
		if v := (LedgerVote{For: time.Duration(i * 37 % 50), At: -1, Open: i >= 50}); l.lists(v.For) {
			l.list(v)
		}
	}
	if l.lists(l.votes[maxVotes-1].For) {
		t.Error("a vote of the same length as the last is listed")
	}
	if len(l.votes) != maxVotes {
		t.Fatalf("%d votes", len(l.votes))
	}
	for i, v := range l.votes { // each duration comes twice
		if v.For != time.Duration(49-i/2) || v.Open != (i%2 == 1) {
			t.Errorf("%d: %v, the second %t", i, v.For, v.Open)
		}
	}
}
