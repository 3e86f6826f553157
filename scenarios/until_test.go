package scenarios

import (
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// ends notes when nodes came up again, links healed and faults ended.
type ends struct{ up, healed, calm sim.Time }

// Trace implements sim.Tracer.
func (e *ends) Trace(r *sim.Record[model.Message]) {
	switch r.Op {
	case sim.TraceRestart, sim.TraceResume:
		e.up = r.At
	case sim.TraceHeal:
		e.healed = r.At
	}
	if r.Calm && e.calm == 0 {
		e.calm = r.At
	}
}

const millisecond = sim.Time(time.Millisecond)

// TestPlannedFaultsLast: what a plan says by a time or by one message strikes and lasts as it
// says, though the last transaction was submitted long before.
func TestPlannedFaultsLast(t *testing.T) {
	const two = `transactions.inline=["t1 @0ms: w0 write x = 1; w1 write y = 1", "t2 @40ms: w1 read y; w2 read z"]`
	const one = `transactions.inline=["t1: w0 write x = 1; w1 write y = 1"]` // all is submitted at 0
	for _, c := range []struct {
		name, txs, fault string
		up, healed       sim.Time
	}{
		{"a crash at a time", two, "crash C0 at 2500us for 500ms", 502_500_000, 0},
		{"a crash at one message", two, "crash C0 after receive vote #2 for 500ms", 504 * millisecond, 0},
		{"a pause", two, "pause w0 at 2ms for 500ms", 502 * millisecond, 0},
		{"a partition", two, "partition w0 | C0 at 2ms for 500ms", 0, 502 * millisecond},
		{"one that begins when all is done", two, "crash w0 at 1s for 100ms", 1100 * millisecond, 0},
		{"one forever", two, "pause w0 at 2ms forever", 40 * millisecond, 0},
		{"one that comes again three times", two, "crash w0 at 1s for 100ms every 1s until 3s", 3100 * millisecond, 0},
		{"one that comes again without end, once", two, "pause w0 at 1s for 1ms every 1s", 1001 * millisecond, 0},
		{"one whose last time is before limits.time, not what it says", two, "crash w0 at 1s for 100ms every 4m until 11m", 481100 * millisecond, 0},
		{"a sync that fails for good", one, "fail-sync w1 at 2ms forever", 0, 0},
		{"one by chance, which is not waited for", two, "fail-sync w0 100% for 500ms", 40 * millisecond, 0},
		{"one message, where all was submitted before", one, "crash C0 after receive vote #2 for 500ms", 504 * millisecond, 0},
		{"one message behind the client's answer", one, "crash w0 after receive commit #1 for 500ms", 507 * millisecond, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var e ends
			r := runWith(t, Default(), Options{Seed: 1, Tracer: &e}, "workers=3", "network.delay=1ms", "disk.sync=2ms", c.txs, "faults=["+quoteYAML(c.fault)+"]")
			if e.up != c.up || e.healed != c.healed || r.Struck[0].Times == 0 || r.Verdict != analysis.Valid {
				t.Errorf("up at %v, healed at %v, struck %d times, %v; expected %v and %v", e.up, e.healed, r.Struck[0].Times, r.Verdict, c.up, c.healed)
			}
			if text := r.Table().String(); strings.Contains(text, "faults ended") {
				t.Errorf("nothing was cut short, and yet:\n%s", text)
			}
		})
	}
}

// TestFaultsCutShort: what ends before its time is said to.
func TestFaultsCutShort(t *testing.T) {
	const one = `transactions.inline=["t1: w0 write x = 1; w1 write y = 1"]`
	for _, c := range []struct{ until, limit, fault, want string }{
		{"submitted", "10m", "crash C0 after receive vote #2 for 500ms", "never: crash C0"},
		{"5ms", "10m", "crash C0 after receive vote #2 for 500ms", "once, cut short: crash C0"},
		{"3ms", "10m", "crash C0 after receive vote #2 for 500ms", "never: crash C0"},
		{"4ms", "10m", "crash C0 at 3ms for 500ms", "once, cut short: crash C0"},
		{"4ms", "10m", "crash C0 at 5ms for 500ms", "never: crash C0"},
		{"default", "1s", "crash C0 at 5s for 500ms", "never: crash C0"}, // the run would not end well
		{"default", "1s", "crash C0 at 600ms for 500ms", "never: crash C0"},
		{"default", "10m", "pause w0 at 1s forever", "never: pause w0"}, // it would not be waited for
		{"default", "10m", "slow-disk w0 x2 at 1s forever", "never: slow-disk w0"},
		{"default", "10m", "partition w0 | * at 1s forever", "never: partition w0"},
	} {
		r := runWith(t, Default(), Options{Seed: 1}, "network.delay=1ms", "disk.sync=2ms", one, "until="+c.until, "limits.time="+c.limit, "faults=["+quoteYAML(c.fault)+"]")
		if text := r.Table().String(); !strings.Contains(text, c.want) || !strings.Contains(text, "see txsim help faults") || r.Verdict != analysis.Valid {
			t.Errorf("until %s, %s: not %q, or no note, in\n%s", c.until, c.fault, c.want, text)
		}
	}
}

// TestUnpassedFaults: what aims at a message that never comes keeps the run from no end, with
// faults by chance or without.
func TestUnpassedFaults(t *testing.T) {
	const one = `transactions.inline=["t1: w0 write x = 1; w1 write y = 1"]`
	for _, more := range []string{`"drop 100% commit"`, `"crash workers rate 5/s for 100ms"`, `"pause w0 after send vote #1 forever"`, `"drop 1% vote"`} {
		var e ends
		r := runWith(t, Default(), Options{Seed: 1, Tracer: &e}, one, `faults=["crash C0 after receive vote #9 for 500ms", `+more+`]`)
		if r.Verdict != analysis.Valid || r.Tally.Open > 0 || r.Now > sim.Time(5*time.Minute) || r.Struck[0].Cut {
			t.Errorf("%s: %v at %v, faults ended at %v, cut short: %v", more, r.Verdict, r.Now, e.calm, r.Struck[0].Cut)
		}
	}
	// Nor does it wait for what a node that is dead for good would do.
	var e ends
	runWith(t, Default(), Options{Seed: 1, Tracer: &e}, one, `faults=["crash w0 at 1ms forever", "crash w0 after send vote #9 for 500ms"]`)
	if e.calm == 0 || e.calm > 10*millisecond {
		t.Errorf("faults ended at %v", e.calm)
	}
}
