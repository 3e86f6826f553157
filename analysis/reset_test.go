package analysis

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

// TestHistoryReset: a checker that has judged other histories, wrong ones among them,
// says of one what a new checker says, word for word.
func TestHistoryReset(t *testing.T) {
	t.Parallel()
	used := NewHistoryChecker(HistoryOptions{Window: 3})
	found := 0
	for seed := range 600 {
		p := histChaos{txns: 5 + seed%60, keys: 2 + seed%19, spread: 4, stray: 0.02, damage: 0.1}
		h := p.generate(rand.New(rand.NewPCG(uint64(seed), 200)))
		opts := HistoryOptions{Window: 3 + seed%7}
		want := h.check(opts, false)
		used.Reset(opts)
		for i := range h.events {
			used.Record(&h.events[i])
		}
		got := used.Finish(slices.Values(h.stores))
		if !reflect.DeepEqual(got, want.log.kept) || used.Total() != want.Total() || used.Levels() != want.Levels() {
			t.Fatalf("seed %d: a used checker finds\n%v\na new one\n%v", seed, got, want.log.kept)
		}
		found += used.Total()
	}
	if found < 200 {
		t.Errorf("%d findings in all: little that could be left behind", found)
	}
}
