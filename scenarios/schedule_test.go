package scenarios

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/model/plain"
	"github.com/seed83d86191/txsim/sim"
)

// TestScheduleWindow: events can be late by the longer timeout, and if there is none, still by
// some time: the scheduler has something to choose from.
func TestScheduleWindow(t *testing.T) {
	for _, c := range []struct {
		timeouts string
		window   time.Duration
	}{
		{"{prepare: 50ms, decision: 100ms}", 100 * time.Millisecond}, {"{prepare: 70ms, decision: never}", 70 * time.Millisecond},
		{"{prepare: never, decision: never, idle: never, answer: never}", 500 * time.Millisecond},
	} {
		s := scenarioOf(t, "schedule=random", "limits.stuck=100s", "timeouts="+c.timeouts)
		if got := s.schedule(1).Window; got != c.window {
			t.Errorf("%s: %v, expected %v", c.timeouts, got, c.window)
		}
	}
}

// TestScheduleSteps: contended transactions need no more steps than the points of
// PCT and of delay-bounded schedules are drawn from, and not so few that most points
// would lie behind the end; and by every schedule the sound protocol holds.
func TestScheduleSteps(t *testing.T) {
	for _, schedule := range []string{"random", "pct:3", "delay-bounded:3"} {
		s := Small()
		if err := s.Set("schedule", schedule); err != nil {
			t.Fatal(err)
		}
		j := openJob(t, s)
		for seed := range uint64(30) {
			r, err := j.Run(t.Context(), Options{Seed: seed})
			if err != nil || r.Verdict != analysis.Valid {
				t.Fatalf("%s seed %d: %v, %v", schedule, seed, r.Findings, err)
			}
			if k := s.schedule(j.Transactions()).Steps; r.Steps > k || r.Steps < k/20 {
				t.Errorf("%s seed %d: %d steps of %d", schedule, seed, r.Steps, k)
			}
			if pct := s.Schedule.Strategy == sim.PCT; pct != (r.Chains > 0) {
				t.Errorf("%s seed %d: %d chains", schedule, seed, r.Chains)
			}
		}
		j.Close()
	}
}

// TestScheduleOfFile: a file's transactions are known before a run, so that they are
// scheduled as the same ones in a list are; else no hunt over a file has a repro of its own.
func TestScheduleOfFile(t *testing.T) {
	lines := "t1: w0 write x = 1; w1 write y = 1\n\n# of two\nt2: w0 write x = 2; w1 write y = 2\n"
	name := filepath.Join(t.TempDir(), "two.txt")
	if err := os.WriteFile(name, []byte(lines), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, schedule := range []string{"pct:3", "delay-bounded:3"} {
		var steps []int
		for _, from := range []string{"transactions={file: " + name + "}", "transactions={inline: [\"" + strings.ReplaceAll(lines, "\n", `", "`) + "\"]}"} {
			j, err := scenarioOf(t, "schedule="+schedule, from).Open(model.Protocols())
			if err != nil {
				t.Fatal(err)
			}
			defer j.Close()
			steps = append(steps, j.Config(1).Schedule.Steps)
		}
		if steps[0] != 2*stepsPerTransaction || steps[1] != steps[0] {
			t.Errorf("%s: %v steps of two transactions in a file and in a list", schedule, steps)
		}
	}
}

// TestStarved: a schedule that lets each event of a processor be late, while a client
// asks again and again, is no livelock.
func TestStarved(t *testing.T) {
	j := openJob(t, loaded(t, "orders", "workers=1", "coordinators=1", "concurrency=wound-wait", "clients=2", "transactions=1", "schedule=pct:3",
		"zones=[us-east, eu-west]", "network.duplicate=1", "network.delay=uniform(0s, 30ms)", "cpu.operation=1ms",
		"timeouts.answer=5ms", "retry.attempts=100", "resources.keys=1"))
	for seed := range uint64(70) {
		if r, err := j.Run(t.Context(), Options{Seed: seed}); err != nil || r.Verdict != analysis.Valid {
			t.Errorf("seed %d: %v, %v", seed, r.Findings, err)
		}
	}
}

// TestSlowAndUnordered: a node that was slow for a while works off what has come meanwhile,
// though each event is one of many that may be next, and the protocol asks again at a
// constant pace.
func TestSlowAndUnordered(t *testing.T) {
	s := loaded(t, "bank", "transactions=40", "schedule=random", `faults=["slow C0 x300 at 2ms for 5ms"]`)
	j := openJob(t, s.Using(plain.Protocol{}))
	for seed := range uint64(12) {
		if r, err := j.Run(t.Context(), Options{Seed: seed}); err != nil || r.Verdict != analysis.Valid {
			t.Errorf("seed %d: %v, %v, %v", seed, r.Verdict, r.Findings, err)
		}
	}
}
