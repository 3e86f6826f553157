package sim

import (
	"testing"
	"time"
)

// TestPendingLimitOfLives: the timers of past lives and what waits to be used again are no
// pending events.
func TestPendingLimitOfLives(t *testing.T) {
	const n = 600
	fired := 0
	set := func(e *Env[note]) {
		for i := range uint64(n) {
			e.SetTimer(time.Minute, i)
		}
	}
	w := New(Config[note]{Limits: Limits{Pending: 1000}})
	add(w, "a", hooks{start: set, recover: func(e *Env[note], _ Recovery) { set(e) }, fired: func(e *Env[note], i uint64) {
		if fired++; fired == n {
			for range n { // in the room that the timers have left
				e.Send(0, Mail{}, note{})
			}
		}
	}})
	for i := range 5 {
		w.Crash(Time(i+1)*Time(time.Second), 0, ms)
	}
	if status := w.Run(t.Context()); status != Quiet || fired != n || w.Stats().Delivered != n {
		t.Errorf("%v, %d timers fired, %d messages came", status, fired, w.Stats().Delivered)
	}
}
