package fault

import (
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Steps, checkpoints and recoveries can be aimed at, and a crash says what
// becomes of its tail.
func TestStepsAndTails(t *testing.T) {
	const first = "crash w3 after sync commit #3 for 30ms" // so that there is a recovery
	for _, c := range []struct {
		lines string // the last one is what the test is about
		want  string // from the record of w3's log or life before its crash on
	}{
		{"crash w3 clean after append prepare #2 for 30ms", "synced crash restart"},
		{"crash w3 torn after append prepare #2 for 30ms", "append crash restart torn"},
		{"crash w3 lost after append prepare #2 for 30ms", "append crash restart"},
		{"crash w3 after lock #2 for 30ms", "sync crash"},
		{"crash w3 before apply #2 for 30ms", "append crash"},
		{"crash w3 after apply #2 for 30ms", "append crash"},
		{"crash w3 before checkpoint #1 for 30ms", "append crash"},
		{"crash w3 clean after checkpoint #1 for 30ms", "synced crash restart append"},
		{"crash w3 before truncate #1 for 30ms", "synced crash"},
		{"crash w3 after truncate #1 for 30ms", "truncated crash"},
		{first + "\ncrash w3 before recover #1 for 30ms", "restart crash restart"},
		{first + "\ncrash w3 before redo #2 for 30ms", "restart crash restart"},
		{first + "\ncrash w3 after recover #1 for 30ms", "restart crash restart"},
	} {
		lines := strings.Split(c.lines, "\n")
		r := newFaultRun(t, 40, lines...)
		r.cfg.Checkpoint = 512
		r.run(t)
		var ops []string
		last := 0
		for _, rec := range r.records {
			switch rec.Op {
			case sim.TraceAppend, sim.TraceSync, sim.TraceSynced, sim.TraceTruncated, sim.TraceTorn, sim.TraceRestart, sim.TraceCrash:
				if r.format.Node(rec.Node) != "w3" {
					continue
				}
				if ops = append(ops, rec.Op.String()); rec.Op == sim.TraceCrash {
					last = len(ops) - 1
				}
			}
		}
		got := strings.Join(ops[max(last-1, 0):], " ")
		if r.inject.Counts()[len(lines)-1].Times != 1 || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %v\n got %.60s\nwant %s", c.lines, r.inject.Counts(), got, c.want)
		}
	}
}

// The steps of an attempt are its own.
func TestOfStep(t *testing.T) {
	r := newFaultRun(t, 40, "crash w3 after lock of t17#1 for 30ms").run(t)
	at := r.around(t, sim.TraceCrash, "w3")
	before := r.records[at-1]
	if before.Op != sim.TraceDeliver || before.Kind != model.KindPrepare || model.AttemptOf(before.Label) != (model.Attempt{Txn: 17, Try: 1}) {
		t.Errorf("behind %s", r.trace[at-1])
	}
}
