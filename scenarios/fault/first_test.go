package fault

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestFirst: the first fault of a known time behind the beginning.
func TestFirst(t *testing.T) {
	for lines, want := range map[string]time.Duration{
		"":                                       0,
		"drop 1% vote":                           0,
		"slow w1 x5 at 0s for 1m":                0,
		"crash w1 at 2s for 1s":                  2 * time.Second,
		"crash w1 before sync prepare #1 for 1s": 0,
		"pause w1 at 0s for 1ms every 600ms":     600 * time.Millisecond,
		"crash w1 at 2s for 1s\nhang w1 at 3s for 1s":                                                       2 * time.Second,
		"drop 1% vote\ncrash w1 at 2s for 1s\npause w2 at 1500ms for 1ms every 1s\nslow w3 x5 at 0s for 1m": 1500 * time.Millisecond,
	} {
		p, err := ParsePlan(slices.DeleteFunc(strings.Split(lines, "\n"), func(l string) bool { return l == "" }))
		if err != nil || p.First() != want {
			t.Errorf("%q: %v, %v, expected %v", lines, p.First(), err, want)
		}
	}
}
