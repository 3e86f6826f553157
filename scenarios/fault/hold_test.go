package fault

import (
	"context"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// TestExpect: faults that are held go on until the lines with a time have struck and ended, but
// for those that end at the limit or behind; a line that faults ended too early for is cut,
// unless it aimed at what never came.
func TestExpect(t *testing.T) {
	const second = sim.Time(time.Second)
	for _, c := range []struct {
		line  string
		limit time.Duration // 0: not held
		from  sim.Time      // faults end then or later
		until sim.Time      // and before
		times uint64
		cut   bool
	}{
		{"pause w0 at 1s for 2s", 0, 0, second, 0, true},
		{"pause w0 at 1s for 2s", 4 * time.Second, 3 * second, 3*second + 1, 1, false},
		{"pause w0 at 1s for 2s", 3*time.Second + 1, 3 * second, 3*second + 1, 1, false},
		{"pause w0 at 1s for 2s", 3 * time.Second, 0, second, 0, true},
		{"pause w0 at 10ms for 9s", 0, 0, 9 * second, 1, true},
		{"pause w0 at 10ms for 2s", 9 * time.Second, 2 * second, 3 * second, 1, false},
		{"crash w0 before send vote #9999 for 1s", 0, 0, second, 0, true},
		{"crash w0 before send vote #9999 for 1s", 9 * time.Second, 0, 30 * second, 0, false},
		{"pause w0 before send vote #1 for 1ms", 0, 0, 100 * sim.Time(time.Millisecond), 1, false},
		{"pause w0 before send vote #1 for 1ms", 9 * time.Second, 0, 100 * sim.Time(time.Millisecond), 1, false},
		{"fail-sync w0 at 1us for 2s", 9 * time.Second, 2 * second, 3 * second, 1, false},
		{"fail-sync w0 at 53ms for 2s", 9 * time.Second, second * 2054 / 1000, 3 * second, 1, false}, // until it is up again
		{"crash w0 at 1s forever", 9 * time.Second, second, second + 1, 1, false},
	} {
		r := newFaultRun(t, 40, c.line).make()
		if c.limit > 0 {
			r.inject.Expect(r.cluster, c.limit, true)
		}
		if end := r.cluster.Run(context.Background()); end.Status != sim.Quiet || end.Err != nil {
			t.Fatalf("%s: %+v", c.line, end)
		}
		if at := r.cluster.World.Calmed(); at < c.from || at >= c.until {
			t.Errorf("%s, limit %v: faults end at %v, expected from %v and before %v", c.line, c.limit, at, c.from, c.until)
		}
		if got := r.inject.Counts()[0]; got.Times != c.times || got.Cut != c.cut {
			t.Errorf("%s, limit %v: %+v, expected %d, cut %v", c.line, c.limit, got, c.times, c.cut)
		}
	}
}
