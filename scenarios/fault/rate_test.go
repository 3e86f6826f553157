package fault

import "testing"

// TestRareRate: a rate strikes however rare it is, but for gaps of more than a century.
func TestRareRate(t *testing.T) {
	for rate, never := range map[string]bool{"1": false, "0.000001": false, "0.000000001": false, "0.0000000001": true, "0": true} {
		if f, err := Parse("crash w1 rate " + rate + "/s for 1s"); err != nil || f.gap.IsZero() != never {
			t.Errorf("%s/s: never strikes: %v, %v", rate, !never, err)
		}
	}
}
