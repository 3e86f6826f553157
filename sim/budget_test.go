package sim

import (
	"context"
	"testing"
)

// TestBudgetBoundsLinks: whatever links do otherwise, by an exhaustive schedule no more
// messages are lost or come twice than the budget has.
func TestBudgetBoundsLinks(t *testing.T) {
	most := map[int]int{}
	for seed := range uint64(300) {
		links := []Link{{Duplicate: ProbabilityOf(1)}, {Loss: ProbabilityOf(1)}}
		for budget := range 3 {
			cfg := Config[note]{Seed: seed, Schedule: Schedule{Strategy: Exhaustive, Budget: Budget{Duplicate: budget}}}
			cfg.Network = Network{Links: links, Class: func(_, to NodeID) int { return int(to) - 1 }}
			w := New(cfg)
			var got [3]int
			add(w, "a", hooks{start: func(e *Env[note]) {
				e.Send(1, Mail{Kind: 1}, note{})
				e.Send(2, Mail{Kind: 1}, note{})
			}})
			for _, name := range []string{"b", "c"} {
				add(w, name, hooks{receive: func(e *Env[note], _ NodeID, _ Mail, _ *note) { got[e.ID()]++ }})
			}
			if status := w.Run(context.Background()); status != Quiet {
				t.Fatal(status)
			}
			if twice := got[1] + got[2] - 2; got[1] < 1 || got[2] < 1 || twice > budget {
				t.Fatalf("seed %d, %v: they came %d and %d times", seed, cfg.Schedule, got[1], got[2])
			} else {
				most[budget] = max(most[budget], twice)
			}
		}
		if links[0].Duplicate == 0 {
			t.Fatal("the links of the caller have been changed")
		}
	}
	if most[1] == 0 || most[2] == 0 {
		t.Error("no message came twice: the test tests little")
	}
}
