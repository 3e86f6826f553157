package scenarios

import (
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// TestRestPhase: each of these runs comes to rest, and would be accused, never end, or lack a
// strike if one of the conditions of rest were left out.
func TestRestPhase(t *testing.T) {
	const two = "workload={kind: zipf, theta: 0, keys: 3, operations: 2, workers: 2, reads: 0.3, deletes: 0, value: 0}"
	for name, c := range map[string]struct {
		submitted uint64
		struck    []uint64 // how often each line of the plan strikes; nil is not looked at
		sets      []string
	}{
		"the time to rest begins with the end of thinking": {1, nil, []string{"transactions=1", "clients=1", "workers=2", "think=900ms", "until=100ms", two, "workload.reads=0",
			"limits.stuck=1s", "timeouts={decision: 1500ms, idle: never}", `faults=["drop commit C0→w0 #1"]`}},
		"and anew with what was waited for": {20, nil, []string{"transactions=20", "clients=1", "workers=3", "limits.stuck=100ms",
			`faults=["crash C0 after append end #5 for 30s"]`}},
		"and with what was skipped to": {1, nil, []string{"transactions=1", "clients=1", "workers=1", "execution=batched", "workload.operations=3",
			"limits.stuck=1ms", "until=5s", `faults=["pause C0 at 0s for 30s"]`}},
		"what waits for the dead is not at rest": {1, []uint64{1, 1}, []string{"transactions=1", "clients=1", "workers=2", two,
			`faults=["crash C0 before append commit #1 forever", "crash w0 after send enquire #5 for 1ms"]`}},
		"a client that never asks waits for the dead": {1, nil, []string{"transactions=1", "clients=1", "workers=1", "until=submitted", "timeouts.answer=never",
			`faults=["crash C0 at 0s forever"]`}},
		"a sync that fails lasts until the node is up": {8, nil, []string{"transactions=8", "workers=3", "protocol=presumed-nothing", two, "workload.operations=3", "workload.workers=3", "workload.keys=20",
			"limits.stuck=1ms", "arrivals={kind: constant, rate: 1000/s}", "disk.sync=100ms", `faults=["fail-sync w2 #2 for 10s", "delay 10% * by 10ms"]`}},
		"a fault that strikes again and again does not hold itself": {8, nil, []string{"transactions=8", "clients=8", "workers=3", "protocol=presumed-commit",
			"limits={stuck: 1s, events: 20000}", `faults=["crash C0 at 100ms for 1ms every 50ms", "hang C0 before receive abort #2 forever"]`}},
		"faults end soon after the last that was held has struck": {1, []uint64{1}, []string{"transactions=1", "clients=8", "workers=2", "coordinators=2", "protocol=presumed-nothing", two,
			"limits.stuck=100ms", "disk.sync=100ms", `faults=["pause w1 after append abort #2 for 1ms"]`}},
	} { // any order: each by itself
		r := runWith(t, Default(), Options{Seed: 1}, append([]string{"placement=separate"}, c.sets...)...)
		if r.Verdict != analysis.Valid || r.Metrics.Submitted != c.submitted || r.Tally.Open > 0 {
			t.Errorf("%s: %v, %d submitted, %d open; %v", name, r.Verdict, r.Metrics.Submitted, r.Tally.Open, r.Findings)
		}
		for i, want := range c.struck {
			if r.Struck[i].Times != want {
				t.Errorf("%s: %s struck %d times, want %d", name, r.Struck[i].Line, r.Struck[i].Times, want)
			}
		}
	}
}

// TestRestAmidFaults: faults that strike again and again end though, whenever the run is looked
// at, a node happens to be down because of them; each time 20 s after the last.
func TestRestAmidFaults(t *testing.T) {
	for _, until := range []string{"default", "submitted"} {
		for _, line := range []string{"crash w1 at 1s for 20ms every 1s", "crash workers rate 9/s for 1s", "pause workers rate 9/s for 1s"} {
			r := runWith(t, Default(), Options{Seed: 1}, "transactions=20", "clients=4", "workers=3", "until="+until,
				"timeouts={prepare: never, decision: never, idle: never, answer: never}", "limits.stuck=20s", `faults=["drop 100% prepare C0→w0", "`+line+`"]`)
			if r.Verdict != analysis.Invalid || r.Calmed == 0 || r.Now > sim.Time(4*time.Minute) {
				t.Errorf("%s, until %s: %v at %v, faults end at %v", line, until, r.Verdict, r.Now, r.Calmed)
			}
		}
	}
}

// TestFaultsEndAtTheLatest: coordinators that crash faster than attempts commit let no run end,
// whatever until says, unless limits.faults bounds them. The bound ends no run later, nor
// faults that end before.
func TestFaultsEndAtTheLatest(t *testing.T) {
	for _, c := range []struct {
		rate, until, faults string
		want                analysis.Verdict
		calmed              bool // at limits.faults
	}{
		{"300", "submitted", "never", analysis.Undecided, false},
		{"300", "submitted", "2s", analysis.Valid, true},
		{"300", "default", "2s", analysis.Valid, true},
		{"300", "15s", "2s", analysis.Valid, true},
		{"1", "submitted", "15s", analysis.Valid, false},
		{"1", "1s", "15s", analysis.Valid, false},
	} {
		r := runWith(t, Default(), Options{Seed: 1}, "transactions=200", "clients=4", "workers=2", "workload.workers=2", "retry.attempts=1000", "limits.time=20s",
			"until="+c.until, "limits.faults="+c.faults, `faults=["crash coordinators rate `+c.rate+`/s for 1ms"]`)
		if r.Verdict != c.want || (r.Calmed == sim.Time(r.Scenario.Limits.Faults)) != c.calmed || c.want == analysis.Valid && r.Now > sim.Time(10*time.Second) {
			t.Errorf("%+v: %v, faults ended at %v, all at %v; %v", c, r.Verdict, r.Calmed, r.Now, r.Findings)
		}
	}
}

// TestFaultsEndWhy: the summary says that it was limits.faults that ended them, also where that
// comes late, as any event does in such a schedule.
func TestFaultsEndWhy(t *testing.T) {
	for _, schedule := range []string{"latency", "random", "pct:3"} {
		for _, until := range []string{"default", "10s"} {
			r := runWith(t, Default(), Options{Seed: 1}, "transactions=60", "schedule="+schedule, "until="+until, "limits.faults=20ms",
				`faults=["crash w0 at 10ms for 500ms"]`)
			if text := r.Table().String(); !strings.Contains(text, "faults ended as limits.faults says, at ") {
				t.Errorf("%s, until %s:\n%s", schedule, until, text)
			}
		}
	}
}

// TestDoubtsEnd: only where the dead are waited for does a doubt count up to the last answer;
// that of a run that is stuck without them has no end.
func TestDoubtsEnd(t *testing.T) {
	for _, c := range []struct {
		stuck bool
		dead  int
		want  sim.Time
	}{{false, 0, 9}, {false, 1, 9}, {true, 0, 9}, {true, 1, 5}} {
		r := &Result{End: model.End{Stuck: c.stuck}, Excused: make([]model.Residue, c.dead), Metrics: &analysis.Metrics{Last: 5}, Now: 9}
		if got := r.doubtsEnd(); got != c.want {
			t.Errorf("stuck %v, %d excused: up to %d, want %d", c.stuck, c.dead, got, c.want)
		}
	}
}

// TestDoubtOfTheDead: how long the run waits for what waits for the dead is no time in doubt.
func TestDoubtOfTheDead(t *testing.T) {
	var want analysis.InDoubt
	for _, stuck := range []string{"5s", "50s"} {
		r := runWith(t, Default(), Options{Seed: 1}, "transactions=20", "clients=2", "coordinators=2", "workers=2", "workload.workers=2", "limits.stuck="+stuck,
			`faults=["crash C0 before append commit #3 forever", "crash C1 before append commit #9 forever"]`)
		if want == (analysis.InDoubt{}) {
			want = r.InDoubt
		}
		if r.InDoubt != want || want.Open < 3 || want.Max == 0 || want.Max > 2*time.Second {
			t.Errorf("stuck after %s: %+v, want %+v", stuck, r.InDoubt, want)
		}
		if text := r.Table().String(); !strings.Contains(text, "still in doubt at the end, counted up to the last answer") {
			t.Error(text)
		}
		if lines := r.time(); len(lines) != 2 || !strings.HasPrefix(lines[1], "last answer at "+r.Metrics.Last.String()+" s;") {
			t.Errorf("%q", lines)
		}
	}
}
