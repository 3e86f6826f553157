package sim

import (
	"context"
	"testing"
)

// TestCancelledAtNode: an event of a timer that is cancelled while it waits for a core is
// used again by the next timer.
func TestCancelledAtNode(t *testing.T) {
	w := New(Config[note]{CPU: CPU{Message: ms}})
	rounds := 0
	var timer Timer
	add(w, "a", hooks{
		start: func(e *Env[note]) { e.SetTimer(0, 1) },
		fired: func(e *Env[note], token uint64) {
			if token != 1 || rounds == 1000 {
				return
			}
			rounds++
			e.Send(e.ID(), Mail{Kind: 1}, note{}) // keeps the core busy
			timer = e.SetTimer(ms/2, 2)           // comes while it does
			e.SetTimer(10*ms, 1)
		},
		receive: func(e *Env[note], _ NodeID, _ Mail, _ *note) { e.Cancel(timer) },
	})
	if s := w.Run(context.Background()); s != Quiet || rounds != 1000 {
		t.Fatal(s, rounds)
	}
	if w.slots > 50 {
		t.Errorf("%d events, of which at most 4 were pending", w.slots)
	}
}
