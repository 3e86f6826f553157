package scenarios

import "testing"

// TestFlaggedSeeds: -txsim.seed and -txsim.seeds are one or several seeds, not both.
func TestFlaggedSeeds(t *testing.T) {
	defer func(seed, seeds string) { *seedFlag, *seedsFlag = seed, seeds }(*seedFlag, *seedsFlag)
	for _, c := range []struct {
		seed, seeds string
		first, last uint64
		given, bad  bool
	}{
		{},
		{seed: "7", first: 7, last: 7, given: true},
		{seeds: "1-1000", first: 1, last: 1000, given: true},
		{seeds: "4", first: 4, last: 4, given: true},
		{seed: "x", bad: true},
		{seeds: "5-4", bad: true},
		{seed: "1", seeds: "1-3", bad: true},
	} {
		*seedFlag, *seedsFlag = c.seed, c.seeds
		first, last, given, err := flaggedSeeds()
		if (err != nil) != c.bad || first != c.first || last != c.last || given != c.given {
			t.Errorf("-txsim.seed=%s -txsim.seeds=%s: %d-%d, given %v, %v", c.seed, c.seeds, first, last, given, err)
		}
	}
}
