package fault

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestChanceBoundaries: a chance of a step falls on every boundary that the step passes,
// and on no other. Presumed nothing logs and acknowledges everything.
func TestChanceBoundaries(t *testing.T) {
	t.Parallel()
	worker := func(kind, reply string) []string {
		return []string{"before receive " + kind, "before append " + kind, "after append " + kind,
			"before sync " + kind, "after sync " + kind, "before send " + reply, "after send " + reply}
	}
	decision := func(kind string) []string {
		return []string{"before append " + kind, "after append " + kind, "before sync " + kind, "after sync " + kind,
			"before send " + kind, "after send " + kind}
	}
	for who, want := range map[string][]string{
		"workers 40% on prepare":      append(worker("prepare", "vote"), worker("commit-one", "done")...),
		"workers 40% on commit":       worker("commit", "ack"),
		"workers 40% on abort":        worker("abort", "ack"),
		"coordinators 40% on prepare": {"before send prepare", "after send prepare", "before receive vote", "before send commit-one", "after send commit-one", "before receive done"},
		"coordinators 40% on commit":  decision("commit"),
		"coordinators 40% on abort":   decision("abort"),
	} {
		points := map[string]bool{}
		for seed := range uint64(2) {
			r := newFaultRun(t, 1000, "pause "+who+" for 1us", "drop 5% vote")
			r.cfg.Seed = seed
			for _, line := range r.run(t).inject.Fired().Lines() {
				if f := strings.Fields(line); f[0] == "pause" {
					points[strings.Join(f[2:5], " ")] = true
				}
			}
		}
		if got := slices.Sorted(maps.Keys(points)); !slices.Equal(got, slices.Sorted(slices.Values(want))) {
			t.Errorf("%s: struck %q, want %q", who, got, want)
		}
	}
}
