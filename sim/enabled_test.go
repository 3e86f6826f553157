package sim

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// TestEnabledNames: what could be next is called what it is, also where it has been at a core
// or is the end of a pause.
func TestEnabledNames(t *testing.T) {
	cfg := Config[note]{CPU: CPU{Message: time.Second}, Schedule: Schedule{Strategy: Exhaustive, Budget: DefaultBudget}}
	w := New(cfg)
	add(w, "a", hooks{start: func(e *Env[note]) {
		e.Send(1, Mail{Kind: 7, Label: 9}, note{n: 5})
		e.SetTimer(ms, 3)
	}})
	b := add(w, "b", hooks{})
	var got []string
	w.Watch(func(Pending[note]) bool {
		for e := range w.Enabled {
			line := fmt.Sprint(e.Op, " ", w.Name(e.Node), " ", e.Token, " ", w.Name(e.From), " ", e.Mail.Kind, " ", e.Served)
			if e.Msg != nil {
				line += fmt.Sprint(" ", e.Msg.n)
			}
			got = append(got, line)
		}
		return true
	})
	for range w.Enabled {
		t.Error("before the run")
	}
	w.Pause(0, b, time.Second)
	w.Run(t.Context())
	for _, want := range []string{
		fmt.Sprint(InputMessage, " b 0 a 7 false 5"), fmt.Sprint(InputMessage, " b 0 a 7 true 5"),
		fmt.Sprint(InputTimer, " a 3  0 false"), fmt.Sprint(InputTimer, " a 3  0 true"), fmt.Sprint(InputResume, " b 0  0 false"),
	} {
		if !slices.Contains(got, want) {
			t.Errorf("no %q in %q", want, slices.Compact(got))
		}
	}
}
