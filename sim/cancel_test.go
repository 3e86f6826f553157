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

type delayer struct{}

func (delayer) At(b *Boundary) *Strike {
	if b.Point == BeforeSend {
		return &Strike{Delay: Forever}
	}
	return nil
}

// TestDelayForever: a message may be delayed for ever, and then comes never.
func TestDelayForever(t *testing.T) {
	w := New(Config[note]{})
	add(w, "a", hooks{start: func(e *Env[note]) { e.Send(1, Mail{Kind: 1}, note{}) }})
	add(w, "b", hooks{receive: func(*Env[note], NodeID, Mail, *note) { t.Error("it came") }})
	w.Inject(delayer{})
	if s := w.Run(context.Background()); s != TimeLimit {
		t.Error(s)
	}
}

// TestTimeBelowZero: a clock may be behind.
func TestTimeBelowZero(t *testing.T) {
	if got := (-Time(1500 * ms)).String(); got != "-1.500000000" {
		t.Error(got)
	}
}
