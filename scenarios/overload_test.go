package scenarios

import (
	"fmt"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/sim"
)

// A worker that is told again what to do faster than it can do it is ever slower, and no
// protocol is to blame: the run is not stuck, but ends at a limit.
func TestOverloadIsNotStuck(t *testing.T) {
	s := scenarioOf(t, "workers=3", "coordinators=2", "clients=16", "transactions=120", "protocol=presumed-nothing",
		"workload={kind: zipf, theta: 0.5, keys: 40, operations: 8, workers: 1, reads: 0.9, deletes: 0, value: 0}",
		"cpu={cores: 1, message: 5us, operation: 1ms}", "network.delay=1us", "disk.sync=10us", "timeouts.prepare=5ms")
	job := openJob(t, s)
	r, err := job.Run(t.Context(), Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if r.Verdict != analysis.Undecided || r.End.Stuck || r.End.Status != sim.TimeLimit {
		t.Errorf("verdict %v, %+v, %v", r.Verdict, r.End, r.Findings)
	}
}

// A request of a client is sent once, and may be on its way for longer than anything that
// nodes wait for: no protocol is to blame for that either.
func TestLongFlightIsNotStuck(t *testing.T) {
	for _, clients := range []string{"clients=1", "clients=4"} { // others are to come meanwhile, or all that are left wait
		for seed := range uint64(40) {
			r := runWith(t, Default(), Options{Seed: seed}, clients, "transactions=60", "placement=separate",
				"network.delay=pareto(300us, 0.7)", "limits.stuck=5s")
			if r.End.Stuck || len(r.Findings) > 0 {
				t.Errorf("%s, seed %d: %v, %+v, %v", clients, seed, r.Verdict, r.End, r.Findings)
			}
		}
	}
}

// Nor if each message takes a little longer than limits.stuck, as often as messages follow each
// other in a commit.
func TestSlowFlightsAreNotStuck(t *testing.T) {
	for _, execution := range []string{"one-shot", "batched", "interactive"} {
		for delay := 900; delay <= 1500; delay += 25 {
			r := runWith(t, Default(), Options{Seed: 1}, "execution="+execution, "clients=1", "transactions=1", "placement=separate", "until=1ms",
				fmt.Sprintf("network.delay=%dms", delay), "limits.stuck=1s", "timeouts={prepare: never, decision: never, idle: never, answer: never}")
			if r.Verdict != analysis.Valid {
				t.Errorf("%s, %d ms: %v, %v", execution, delay, r.Verdict, r.Findings)
			}
		}
	}
}

// Faults that have no end go on however rarely transactions come: nothing has stopped while
// none is open.
func TestFaultsOutlastPauses(t *testing.T) {
	r := runWith(t, Default(), Options{Seed: 1}, "transactions=20", "arrivals={kind: constant, rate: 0.05/s}", "network.loss=20%")
	if lost := r.Stats.Lost[sim.LostByChance]; r.Verdict != analysis.Valid || lost < 40 {
		t.Errorf("%v, %d messages lost", r.Verdict, lost)
	}
}

// TestRest: what is slow, or rare, or has not yet struck is waited for, and what never comes is
// not. All is then submitted and answered, and sooner than in the time that it takes to step there.
func TestRest(t *testing.T) {
	for name, c := range map[string]struct {
		seed      uint64
		sets      []string
		submitted uint64
		longest   time.Duration // of all latencies, at least
	}{
		"a sync of a heavy tail": {5, []string{"transactions=60", "clients=1", "disk.sync=pareto(1ms, 0.8)"}, 60, 0},
		"an operation takes longer than limits.stuck": {1, []string{"transactions=1", "workload.operations=1", "workload.workers=1", "clients=1",
			"cpu.operation=10s", "limits.stuck=1s", "timeouts={prepare: never, decision: never, idle: never, answer: never}"}, 1, 10 * time.Second},
		"rare arrivals once faults have ended": {1,
			[]string{"transactions=50", "arrivals.rate=0.01/s", "limits.time=10h", "until=1s"}, 50, 0},
		"long thinking once faults have ended": {1, []string{"transactions=50", "think=60s", "limits.time=10h", "until=1s"}, 50, 0},
		"a coordinator hangs while others think": {1,
			[]string{"transactions=100", "coordinators=4", "clients=4", "think=60s", "limits.time=10h", "faults=[hang C0 at 50ms forever]"}, 100, 5 * time.Minute},
		"one that hangs stops all, and another pauses again and again": {1,
			[]string{"transactions=200", "coordinators=2", "faults=[hang C0 at 50ms forever, pause w3 at 1s for 1ms every 10s]"}, 200, 20 * time.Second},
		"a message is late by years": {1,
			[]string{"transactions=20", "clients=2", "limits.time=100000h", "limits.stuck=1ms", "faults=[delay 50% vote by 10000h]", "until=1s"}, 20, 0},
	} { // any order: each by itself
		s := loaded(t, "bank")
		r := runWith(t, s, Options{Seed: c.seed}, c.sets...)
		if r.Verdict != analysis.Valid || r.Metrics.Submitted != c.submitted || r.Tally.Open > 0 || r.Metrics.Max() < c.longest {
			t.Errorf("%s: %v, %d submitted, %d open, at most %v; %v", name, r.Verdict, r.Metrics.Submitted, r.Tally.Open, r.Metrics.Max(), r.Findings)
		}
	}
}
