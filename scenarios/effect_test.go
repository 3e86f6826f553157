package scenarios

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/scenarios/fault"
)

// A fault is effective if anything else but itself is different without it.
func TestEffective(t *testing.T) {
	s := scenarioOf(t, "workers=5", `transactions.inline=["t1: w0 write x = 1; w1 write y = 1", "t2: w0 read x; w1 read y"]`, "clients=1")
	for line, want := range map[string]bool{
		"crash w1 after append prepare #1 for 5ms": true,
		"crash w4 at 1ms for 2ms":                  false, // takes no part
		"crash w1 at 1h for 2ms":                   false,
		"pause w1 at 100us for 5ms":                true,
		"pause w4 at 100us for 5ms":                false,
		"partition w3 | w4 at 0s for 1h":           false,
		"partition w1 -> C0 at 0s for 1s":          true,
		"partition w0 | w1 at 0s for 1h":           false, // workers do not talk
		"drop vote w1→C0 #1":                       true,
		"drop 0% vote":                             false,
		"duplicate vote w1→C0 #1":                  true,
		"delay vote w1→C0 #1 by 1ns":               true,
		"delay vote w1→C0 #1 by 0s":                false,
		"slow w1 x2 at 0s for 1s":                  true,
		"slow w4 x1000 at 0s for 1s":               false,
		"slow-disk w1 x2 at 0s for 1s":             true,
		"slow-disk w1 x1 at 0s for 1s":             false,
		"full-disk w1 at 0s for 1ms":               true,
		"full-disk w4 at 0s for 1ms":               false,
		"fail-sync w1 #1 for 1ms":                  true,
		"lose-sync w1 #1":                          true, // what storage lacks is found at the end
		"corrupt w1 #1":                            true,
		"tear w1":                                  false,
	} {
		s.Faults = []string{line, "skew w3 by 1ms"}
		job := openJob(t, s)
		plan, _ := fault.ParsePlan(s.Faults)
		got, err := job.effects(t.Context(), Options{Seed: 1}, []string{plan[0].Class(), "skew"})
		if err != nil || got[0] != want {
			t.Errorf("%s: effective %v, %v", line, got, err)
		} else if got[1] {
			t.Errorf("the skew of a worker was effective beside %s", line)
		}
	}
	// Together with a crash, what tears and what lies has an effect of its own.
	for _, line := range []string{"tear w1", "lose-sync w1 prepare #1", "corrupt w1 prepare #1"} {
		s.Faults = []string{line, "crash w1 after append prepare #1 for 5ms"}
		if line != "tear w1" {
			s.Faults[1] = "crash w1 after sync prepare #1 for 5ms"
		}
		job := openJob(t, s)
		if got, err := job.effects(t.Context(), Options{Seed: 1}, strings.Fields(line)[:1]); err != nil || !got[0] {
			t.Errorf("%v: effective %v, %v", s.Faults, got, err)
		}
	}
}

// Accounts tell a class that was never effective from one that was, which is
// measured rarely from then on.
func TestAccounting(t *testing.T) {
	s := scenarioOf(t, "workers=3", "transactions=3", "clients=1", "workload.operations=2",
		`faults=["partition w1 | w2 at 0s for 1h", "delay 100% vote by 1ms", "crash w0 at 1h for 1s"]`)
	job := openJob(t, s)
	var a Accounting
	const runs = 130
	for seed := range uint64(runs) {
		o := Options{Seed: seed}
		r, err := job.Run(t.Context(), o)
		if err == nil {
			err = a.add(t.Context(), job, o, r.Plan, r.Struck)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []FaultAccount{
		{"crash", runs, 0, 0, 0, 0}, {"partition", runs, runs, runs, measureAll + 6, 0}, {"delay", runs, runs, 0, 3, 3},
	} {
		got := a.Accounts()[i]
		if want.Class == "delay" {
			want.Strikes = max(got.Strikes, 3*runs)
		}
		if got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	if got := a.Idle(); !slices.Equal(got, []string{"crash", "partition"}) {
		t.Errorf("idle: %v", got)
	}
	text := a.Table().String()
	for _, want := range []string{"never struck", "NEVER", "3 (100.0 %)"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// Over a few swarms every class of theirs is effective, but for skew: none of the
// protocols here reads a clock for more than to note the time.
func TestSwarmEffective(t *testing.T) {
	t.Parallel()
	s := scenarioOf(t, "workers=4", "transactions=80", "workload.workers=3", "workload.keys=20")
	job := openJob(t, s)
	var a Accounting
	for seed := range uint64(40) {
		o := Options{Seed: seed, Swarm: true}
		r, err := job.Run(t.Context(), o)
		if err == nil {
			err = a.add(t.Context(), job, o, r.Plan, r.Struck)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if idle := a.Idle(); !slices.Equal(idle, []string{"skew"}) || len(a.Accounts()) < 12 {
		t.Errorf("never effective: %v, of\n%s", idle, a.Table())
	}
}
