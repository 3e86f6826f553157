package quantity_test

import (
	"testing"

	"github.com/seed83d86191/txsim/scenarios/quantity"
)

func TestParseSeeds(t *testing.T) {
	const most = 1<<64 - 1
	for text, want := range map[string][2]uint64{"7": {7, 7}, "0": {}, "1-20": {1, 20}, "3-3": {3, 3}, "0-18446744073709551615": {0, most}} {
		if first, last, err := quantity.ParseSeeds(text); err != nil || first != want[0] || last != want[1] {
			t.Errorf("%s: %d to %d, %v", text, first, last, err)
		}
	}
	for _, text := range []string{"", "-", "5-3", "0-x", "0-18446744073709551616", "1-", "-1", "1-2-3", "a", "1 - 2", "+1", "18446744073709551616"} {
		if first, last, err := quantity.ParseSeeds(text); err == nil {
			t.Errorf("%q: %d to %d", text, first, last)
		}
	}
}
