package scenarios_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/sim"
)

// faultLines are what may go wrong within what the protocols promise to stand.
var faultLines = []string{
	"crash workers 3% on prepare for exp(100ms)",
	"crash workers 3% on commit for exp(100ms)",
	"crash workers 3% on abort for exp(100ms)",
	"crash coordinators 3% on prepare for exp(100ms)",
	"crash coordinators 3% on commit for exp(100ms)",
	"crash coordinators 3% on abort for exp(100ms)",
	"crash workers rate 1/s for exp(50ms)",
	"crash coordinators rate 1/s for exp(50ms)",
	"pause workers 2% on prepare for exp(150ms)",
	"pause coordinators 2% on commit for exp(150ms)",
	"drop 2% decision", "drop 2% vote", "drop 2% prepare", "drop 3% ack", "drop 10% enquire",
	"duplicate 5% prepare", "duplicate 5% commit", "duplicate 5% vote", "duplicate 5% abort",
	"delay 3% prepare by exp(200ms)", "delay 3% commit by exp(300ms)", "delay 3% abort by exp(300ms)",
	"delay 3% vote by exp(100ms)", "delay 10% enquire by exp(200ms)",
	"partition w0 w1 | * at 20ms for 300ms",
	"partition C0 -> w2 at 30ms for 200ms",
	"slow-disk w1 x50 at 10ms for 200ms",
	"tear w0", "tear C1",
	"crash w3 at 40ms forever",
	"crash C1 at 50ms forever",
}

// settings are turned on now and then, beside the faults.
var settings = []string{
	"network.loss=3%", "network.duplicate=3%", "network.packets=false", "disk.checkpoint=2KiB", "disk.capacity=16KiB", "disk.torn=100%",
	"resources.keys=8", "resources.staging=64", "workload.deletes=20%", "workload.reads=80%", "workload.workers=1", "workload.workers=4",
	"timeouts.decision=10ms", "timeouts.prepare=5ms", "timeouts.idle=5ms", "timeouts.answer=5ms", "retry.attempts=1", "cpu.message=50us",
}

// TestNoFalseAccusation runs the sound protocols through random faults: what
// the checkers then find would be a bug of theirs or of the protocols.
// TXSIM_LONG=n in the environment makes it n times as long.
func TestNoFalseAccusation(t *testing.T) {
	t.Parallel()
	rounds := uint64(1)
	if _, err := fmt.Sscan(os.Getenv("TXSIM_LONG"), &rounds); err != nil {
		rounds = 1
	}
	var struck, doubts, unknown, excused, limited uint64
	combination := uint64(0)
	for _, p := range model.Protocols() {
		for _, cc := range model.Concurrencies() {
			for ex := model.OneShot; ex <= model.Interactive; ex++ {
				combination++
				combination := combination
				t.Run(fmt.Sprintf("%s/%s/%s", p.Name(), cc.Name(), ex), func(t *testing.T) {
					for seed := range 7 * rounds {
						s := chaos(t, rand.New(rand.NewPCG(seed, combination)), cc, ex)
						r := runPlant(t, s, seed, p)
						for _, f := range r.Findings {
							t.Errorf("%s\n%s", f, strings.Join(f.Records, "\n"))
						}
						if r.End.Status == sim.EventLimit {
							limited++ // decisions are sent again and again to a node that is dead for good
							continue
						}
						if r.Verdict != analysis.Valid {
							s.Seed, s.Protocol = seed, p.Name()
							t.Fatalf("%v, %v, %v; seed %d of\n%s", r.Verdict, r.End, r.Metrics.Outcomes, seed, s.YAML())
						}
						for _, l := range r.Struck {
							struck += l.Times
						}
						doubts += r.InDoubt.Parts
						unknown += r.Metrics.Outcomes[model.Unknown] + r.Metrics.Outcomes[model.Blocked]
						excused += uint64(len(r.Excused))
					}
				})
			}
		}
	}
	t.Logf("%d faults, %d parts in doubt, %d transactions without a definite outcome, %d things left for dead nodes", struck, doubts, unknown, excused)
	t.Logf("%d runs hit the limit of events", limited)
	if struck == 0 || doubts == 0 || unknown == 0 || excused == 0 {
		t.Error("the runs show little")
	}
}

// chaos draws a small scenario with some faults.
func chaos(t *testing.T, r *rand.Rand, cc model.Concurrency, ex model.Execution) *scenarios.Scenario {
	t.Helper()
	s := scenarios.Default()
	sets := []string{"workers=5", "coordinators=2", "clients=8", "transactions=120", "workload.keys=6", "workload.kind=ycsb",
		"workload.operations=5", "workload.workers=3", "limits.events=1000000",
		"concurrency=" + cc.Name(), "execution=" + ex.String()}
	for range r.IntN(4) {
		sets = append(sets, settings[r.IntN(len(settings))])
	}
	if err := s.Apply(sets...); err != nil {
		t.Fatal(err)
	}
	for range r.IntN(6) {
		s.Faults = append(s.Faults, faultLines[r.IntN(len(faultLines))])
	}
	return s
}

// TestDeadForGood runs into nodes that never come back: what waits for them, or
// behind what waits for them, is excused, and all else goes on to the end.
func TestDeadForGood(t *testing.T) {
	t.Parallel()
	for name, sets := range map[string]string{
		"the only worker of a transaction": "workload.workers=1 faults=[crash w0 at 10ms forever]",
		"a coordinator":                    "faults=[crash C1 at 10ms forever]",
		"locks behind one in doubt":        "timeouts.prepare=never workload.keys=2 faults=[crash C1 at 20ms forever]",
		"and behind a wound":               "concurrency=wound-wait workload.keys=2 faults=[crash C1 at 20ms forever]",
		"no timeouts at all": "timeouts.prepare=never timeouts.decision=never timeouts.answer=never timeouts.idle=never " +
			"faults=[crash C1 at 20ms forever]",
		"no timeouts, and a worker": "timeouts.prepare=never timeouts.decision=never timeouts.answer=never timeouts.idle=never " +
			"faults=[crash w1 at 20ms forever]",
	} {
		t.Run(name, func(t *testing.T) {
			for _, p := range model.Protocols() {
				for seed := range uint64(5) {
					s := scenarios.Default()
					head, faults, _ := strings.Cut(sets, "faults=")
					if err := s.Apply(append(strings.Fields(head), "workers=4", "coordinators=2", "clients=6", "transactions=100",
						"workload.operations=4", "faults="+faults)...); err != nil {
						t.Fatal(err)
					}
					r := runPlant(t, s, seed, p)
					if r.Verdict != analysis.Valid {
						t.Fatalf("%s, seed %d: %v, %v, %v", p.Name(), seed, r.Verdict, r.End, r.Findings)
					}
				}
			}
		})
	}
}

// TestAllStepFaults arms every fault of a step at once.
func TestAllStepFaults(t *testing.T) {
	s := chaos(t, rand.New(rand.NewPCG(1, 1)), model.Concurrencies()[0], model.OneShot)
	s.Faults = faultLines[:6]
	if r := runPlant(t, s, 1, model.Protocols()[0]); r.Verdict != analysis.Valid {
		t.Errorf("%v, %v", r.Verdict, r.Findings)
	}
}
