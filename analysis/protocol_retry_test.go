package analysis

import (
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// TestRetry has a client try again as it may, and as it may not. The pad takes a millisecond
// for each step.
func TestRetry(t *testing.T) {
	attempt := func(n uint32) model.Attempt { return model.Attempt{Txn: 1, Try: n} }
	told := func(p causePad, n uint32, o model.Outcome, final bool) {
		p.note(padClient, model.KindOutcome, attempt(n), model.Message{Outcome: o, Final: final})
	}
	asks := func(p causePad, n uint32, after time.Duration) {
		p.wait(after - time.Millisecond)
		p.request(attempt(n), 2)
	}
	again := func(p causePad, n uint32, after time.Duration) {
		told(p, n-1, model.Aborted, false)
		asks(p, n, after)
	}
	anyTime := func(c *model.Config) { c.Schedule.Strategy = sim.Exhaustive }
	const backoff = 10 * time.Millisecond
	for _, tc := range []struct {
		name  string
		set   func(c *model.Config)
		steps func(p causePad)
		want  string
	}{
		{"all attempts", nil, func(p causePad) {
			again(p, 2, backoff/2)
			again(p, 3, backoff)
			again(p, 4, backoff) // its cap is 20 ms
			told(p, 4, model.Aborted, true)
		}, ""},
		{"one more", nil, func(p causePad) {
			for n := range uint32(4) {
				again(p, n+2, 3*backoff)
			}
		}, "more attempts"},
		{"one less", nil, func(p causePad) {
			again(p, 2, backoff)
			again(p, 3, backoff)
			told(p, 3, model.Aborted, true)
		}, "fewer attempts"},
		{"committed at once", nil, func(p causePad) { told(p, 1, model.Committed, true) }, ""},
		{"unknown at once", nil, func(p causePad) { told(p, 1, model.Unknown, true) }, ""},
		{"too soon", nil, func(p causePad) { again(p, 2, backoff/2-1) }, "no backoff"},
		{"no longer than the first time", nil, func(p causePad) { again(p, 2, backoff); again(p, 3, backoff-1) }, "no backoff"},
		{"too soon where time does not count", anyTime, func(p causePad) { again(p, 2, time.Millisecond) }, ""},
		{"after no answer", nil, func(p causePad) { asks(p, 2, backoff) }, "no abort"},
		{"after an unknown outcome", nil, func(p causePad) { told(p, 1, model.Unknown, false); asks(p, 2, backoff) }, "no abort"},
		{"after the abort of the one before", nil, func(p causePad) { again(p, 2, backoff); asks(p, 3, backoff) }, "no abort"},
		{"past one", nil, func(p causePad) { told(p, 1, model.Aborted, false); asks(p, 3, backoff) }, "no abort"},
		{"the same", nil, func(p causePad) { asks(p, 1, backoff) }, "no abort"},
	} {
		found := judged(func(cfg *model.Config) {
			cfg.Retry = model.Retry{Attempts: 4, Backoff: backoff, Cap: 2 * backoff}
			if tc.set != nil {
				tc.set(cfg)
			}
		}, tc.steps)
		if got := shapes(found, InvStableAge); got != tc.want {
			t.Errorf("%s: got %q, want %q: %v", tc.name, got, tc.want, found)
		}
	}
}
