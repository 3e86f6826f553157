package fault

import (
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
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
		{"pause w3 before send vote of t2#1 for 20ms\npause w3 before send vote #1 for 20ms", []uint64{1, 0}, "pause resume"},
		{"fail-sync w3 100% for 400ms\nfail-sync w3 #1 for 20ms", []uint64{1, 0}, "sync-failed crash restart"},
		// A sync that is to fail or to lie may never come, or not before a crash.
		{"fail-sync w3 at 10ms for 20ms\nfail-sync w3 at 290ms for 1ms", []uint64{1, 0}, "sync-failed crash restart"},
		{"lose-sync w3 at 290ms\nlose-sync w3 rate 1000/s", []uint64{0, 26}, ""},
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

// Of the lines that strike one message, those count that changed what becomes of it: the first
// that drops it and then no other, and none if it is never sent.
func TestMootMessageStrikes(t *testing.T) {
	const cut = "partition w3 -> C0 at 1us for 100ms\n"
	for _, c := range []struct {
		lines string
		want  []uint64 // how often each line struck
	}{
		{"drop vote w3→C0 #2\nduplicate vote w3→C0 #2\ndelay vote w3→C0 #2 by 5ms", []uint64{1, 0, 0}},
		{"delay vote w3→C0 #2 by 5ms\nduplicate vote w3→C0 #2\ndrop vote w3→C0 #2", []uint64{0, 0, 1}},
		{"drop vote w3→C0 #2\ndrop vote w3→C0 #2", []uint64{1, 0}},
		{"drop vote w3→C0 of t3#1\ndrop vote w3→C0 #1", []uint64{1, 0}},
		{"duplicate vote w3→C0 #2\ndelay vote w3→C0 #2 by 5ms\ndelay vote w3→C0 #2 by 5ms", []uint64{1, 1, 1}},
		{"duplicate vote w3→C0 #2 late by 5ms\nduplicate vote w3→C0 #2\nduplicate vote w3→C0 #2 late by 9ms", []uint64{1, 0, 1}},
		{"pause w3 before send vote #2 for 5ms\ndelay vote w3→C0 #2 by 5ms", []uint64{1, 1}},
		{"crash w3 before send vote #1 for 5ms\ndrop vote w3→C0 #1\ndrop vote w3→C1 #1\ndelay vote w3→C0 #1 by 5ms\ndelay vote w3→C1 #1 by 5ms", []uint64{1, 1, 0, 0, 0}},
		{"drop vote w3→C0 #1\ndrop vote w3→C1 #1\ncrash w3 before send vote #1 for 5ms", []uint64{1, 0, 1}},
		{cut + "delay vote w3→C0 #1 by 5ms\nduplicate vote w3→C0 #1", []uint64{1, 0, 0}},
		{cut + "delay vote w3→C0 #1 by 5ms\ndrop vote w3→C0 #1", []uint64{1, 0, 1}},
	} {
		r := newFaultRun(t, 40, strings.Split(c.lines, "\n")...).run(t)
		for i, got := range r.inject.Counts() {
			if got.Times != c.want[i] {
				t.Errorf("%s\nstruck %d times: %s", c.lines, got.Times, got.Line)
			}
		}
	}
}

// What lines drop and duplicate by chance are as many messages as the network says; all of them
// are recorded, and none twice.
func TestMootMessageChance(t *testing.T) {
	for _, lines := range [][]string{
		{"drop 20% vote", "drop 20% *", "duplicate 20% *", "delay 20% vote by 1ms"},
		{"delay 20% vote by 1ms", "duplicate 20% *", "drop 20% *", "drop 20% vote"},
		{"duplicate 30% *", "drop 20% *", "crash workers 20% on prepare for 5ms", "partition w1 | * at 1ms for 50ms"},
	} {
		r := newFaultRun(t, 40, lines...)
		r.cfg.Network.Loss = sim.ProbabilityOf(0.1)
		r.run(t)
		times, total := map[string]uint64{}, uint64(0)
		for _, line := range r.inject.Counts() {
			times[line.Class] += line.Times
			if line.Class != "partition" {
				total += line.Times
			}
		}
		s := r.cluster.World.Stats()
		if times["drop"] != s.Lost[sim.LostByFault] || times["duplicate"] != s.Duplicates || times["drop"] == 0 || times["duplicate"] == 0 {
			t.Errorf("%q: struck %v, but %d dropped and %d duplicated", lines, times, s.Lost[sim.LostByFault], s.Duplicates)
		}
		if fired := r.inject.FiredTotal(); fired != total || uint64(len(r.inject.Fired())) != min(total, MaxFired) {
			t.Errorf("%q: %d recorded, %d struck", lines, fired, total)
		}
	}
}

// A delay of what the network loses by chance counts only if a second copy comes late.
func TestMootDelayOfLost(t *testing.T) {
	for _, lines := range [][]string{{"delay 100% vote by 1ms"}, {"delay 100% vote by 1ms", "duplicate 100% vote"}} {
		r := newFaultRun(t, 40, lines...)
		r.cfg.Network.Loss = sim.ProbabilityOf(0.2)
		r.run(t)
		votes := func(op sim.TraceOp) uint64 {
			return uint64(r.count(len(r.records), func(rec *sim.Record[model.Message]) bool {
				return rec.Op == op && rec.Kind == model.KindVote && rec.At < r.cluster.World.Calmed()
			}))
		}
		want := votes(sim.TraceSend)
		if len(lines) == 1 {
			want -= votes(sim.TraceLost)
		}
		if got := r.inject.Counts()[0].Times; got != want || votes(sim.TraceLost) == 0 {
			t.Errorf("%q: struck %d times, and %d votes came late", lines, got, want)
		}
	}
}
