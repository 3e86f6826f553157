package model

import (
	"testing"

	"github.com/seed83d86191/txsim/sim"
)

// TestViewFinished: what a worker is through with is shown as finished and not as open.
func TestViewFinished(t *testing.T) {
	l := newLab(labConfig(), script("w0 write x = 1; w1 write y = 1"),
		strikeAt{node: "C0", point: sim.BeforeSend, kind: KindCommit, peer: "w1", do: late(30 * ms)})
	for _, c := range []struct {
		until          sim.Time
		worker         int
		open, finished int
	}{
		{sim.Time(3 * ms), 0, 1, 0},
		{sim.Time(20 * ms), 0, 0, 1},
		{sim.Time(20 * ms), 1, 1, 0},
	} {
		l.World.RunUntil(t.Context(), c.until)
		if v := l.worker(c.worker).View(); len(v.Open) != c.open || len(v.Finished) != c.finished {
			t.Errorf("w%d at %v: %+v", c.worker, c.until, v)
		}
	}
}

// TestTimerName: a timer that is about no attempt goes by its token.
func TestTimerName(t *testing.T) {
	l := newLab(labConfig(), script("w0 write x = 1; w1 write y = 1")).run(t)
	w := l.worker(0)
	for _, token := range []uint64{flushToken, uint64(len(w.parts))} {
		if got := TimerName(w, token); got != token {
			t.Errorf("%d is named %d", token, got)
		}
	}
}
