package fault

import (
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// befell lists what faults have done to a node.
func (r *faultRun) befell(node string) (ops []string) {
	for _, rec := range r.records {
		switch rec.Op {
		case sim.TraceCrash, sim.TraceRestart, sim.TraceDead, sim.TracePause, sim.TraceResume, sim.TraceSyncFailed, sim.TraceTorn:
			if r.format.Node(rec.Node) == node {
				ops = append(ops, rec.Op.String())
			}
		}
	}
	return ops
}

// A line counts what it did, not what it could not do any more.
func TestMootStrikes(t *testing.T) {
	for _, c := range []struct {
		lines string
		want  []uint64 // how often each line struck
		ops   string   // what befell w3
	}{
		{"pause w3 at 10ms for 20ms\nhang w3 at 15ms forever", []uint64{1, 1}, "pause resume"},
		{"pause w3 at 10ms for 20ms\npause w3 at 15ms for 10ms", []uint64{1, 0}, "pause resume"},
		{"crash w3 at 10ms for 20ms\npause w3 at 15ms for 400ms", []uint64{1, 0}, "crash restart"},
		{"crash w3 at 10ms for 20ms\ncrash w3 at 15ms for 1ms", []uint64{1, 1}, "crash restart"},
		{"crash w3 at 1us forever\ncrash w3 at 15ms for 1ms\npause w3 at 16ms for 1ms\nfail-sync w3 rate 5000/s for 1ms", []uint64{1, 0, 0, 0}, "crash dead"},
		{"crash w3 at 10ms forever\nslow w3 x3 at 15ms for 1ms\nslow-disk w3 x3 at 9ms for 1ms", []uint64{1, 0, 1}, "crash dead"},
		{"crash w3 at 10ms forever\nslow workers x3 at 15ms for 1ms", []uint64{1, 4}, "crash dead"},
		// At one boundary.
		{"crash w3 before send vote #2 for 20ms\npause w3 before send vote #2 for 20ms\ncrash w3 before send vote #2 for 30ms", []uint64{1, 0, 0}, "crash restart"},
		{"pause w3 before send vote #2 for 20ms\ncrash w3 before send vote #2 for 20ms", []uint64{0, 1}, "crash restart"},
		{"pause w3 before send vote #2 for 20ms\nhang w3 before send vote #2 for 30ms\npause w3 before send vote #2 for 25ms", []uint64{1, 1, 0}, "pause resume"},
		{"pause w3 before send vote #2 for 20ms\npause w3 after send vote #2 for 10ms\npause w3 after send vote #2 for 30ms", []uint64{1, 0, 1}, "pause resume"},
		{"fail-sync w3 prepare #2 for 20ms\ncrash w3 before sync prepare #2 for 30ms", []uint64{0, 1}, "crash restart"},
		{"crash w3 before sync prepare #2 for 30ms\nlose-sync w3 prepare #2", []uint64{1, 0}, "crash restart"},
		{"fail-sync w3 prepare #2 for 20ms\nfail-sync w3 prepare #2 for 30ms", []uint64{1, 0}, "sync-failed crash restart"},
		{"crash w3 after sync prepare #2 for 20ms\ncorrupt w3 prepare #2", []uint64{1, 1}, "crash restart crash dead"},
		{"corrupt w3 prepare #2\ncrash w3 after sync prepare #2 for 20ms", []uint64{1, 1}, "crash restart crash dead"},
		{"corrupt w3 prepare #2\ncorrupt w3 prepare #2", []uint64{1, 0}, ""},
		{"pause w3 before send vote #2 for 20ms\nhang w3 before send vote #2 for 20ms", []uint64{1, 0}, "pause resume"},
		// A sync that is to fail or to lie may never come, or not before a crash.
		{"fail-sync w3 at 10ms for 20ms\nfail-sync w3 at 290ms for 1ms", []uint64{1, 0}, "sync-failed crash restart"},
		{"lose-sync w3 at 290ms\nlose-sync w3 rate 1000/s", []uint64{0, 29}, ""},
		{"fail-sync w3 at 200ms for 5ms every 20ms\nlose-sync w3 at 200ms\ncrash w3 at 290ms for 1ms", []uint64{0, 0, 1}, "crash restart"},
		{"crash w3 at 10ms for 20ms\nfail-sync w3 at 15ms for 5ms", []uint64{1, 1}, "crash restart sync-failed crash restart"},
		// The next crash, whatever made it and whatever comes while the node is down.
		{"tear w3\nfail-sync w3 #1 for 50ms", []uint64{1, 1}, "sync-failed crash restart torn"},
		{"tear w3\nfail-sync w3 #1 for 50ms\ncrash w3 at 20ms for 50ms", []uint64{1, 1, 1}, "sync-failed crash restart torn"},
		{"tear w3\ntear w3\ncrash w3 clean after append prepare #2 for 20ms", []uint64{1, 1, 1}, "crash restart torn"},
		{"tear w3\ntear w2\ncrash w3 after append prepare #2 for 20ms", []uint64{1, 0, 1}, "crash restart torn"},
		{"tear w3\ncrash w3 before receive prepare #1 for 20ms\ncrash w3 after append prepare #2 for 20ms", []uint64{0, 1, 1}, "crash restart crash restart"},
	} {
		r := newFaultRun(t, 40, strings.Split(c.lines, "\n")...)
		r.cfg.FaultsEnd = 300 * time.Millisecond
		r.run(t)
		for i, got := range r.inject.Counts() {
			if got.Times != c.want[i] {
				t.Errorf("%s\nstruck %d times: %s", c.lines, got.Times, got.Line)
			}
		}
		if got := strings.Join(r.befell("w3"), " "); got != c.ops {
			t.Errorf("%s\ngot %s, want %s", c.lines, got, c.ops)
		}
	}
}
