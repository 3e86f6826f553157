package model

import (
	"testing"
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// TestBackoff: before each new attempt a client waits twice as long as before,
// within half to one and a half of it, and never longer than the cap allows;
// after the last attempt it gives up.
func TestBackoff(t *testing.T) {
	cfg := labConfig()
	cfg.Resources.Staging = 1 // every attempt is refused
	cfg.Retry = Retry{Attempts: 8, Backoff: 4 * ms, Cap: 16 * ms}
	l := newLab(cfg, script("w0 write a = 12345; w1 write b = 12345"))
	var told sim.Time
	var gaps []time.Duration
	l.seen = func(r *sim.Record[Message]) {
		switch {
		case r.Op == sim.TraceNote && r.Kind == KindOutcome:
			told = r.At
		case r.Op == sim.TraceNote && r.Kind == KindStart && told > 0:
			gaps = append(gaps, r.At.Sub(told))
		}
	}
	if e := l.run(t).answer(1); e.Outcome != Aborted || e.Reason != Full || e.Attempt.Try != 8 {
		t.Errorf("%v %v after %d attempts, want aborted (full) after 8", e.Outcome, e.Reason, e.Attempt.Try)
	}
	if len(gaps) != 7 {
		t.Fatalf("%d waits, want 7", len(gaps))
	}
	for i, gap := range gaps {
		want := []time.Duration{4 * ms, 8 * ms, 16 * ms, 16 * ms, 16 * ms, 16 * ms, 16 * ms}[i]
		if gap < want/2 || gap > want*3/2 {
			t.Errorf("wait %d took %v, want %v to %v", i+1, gap, want/2, want*3/2)
		}
	}
}
