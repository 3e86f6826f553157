package scenarios

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
)

var (
	parameterRuns  = flag.Uint64("parameters", 140, "runs of the test of any parameters")
	parameterFirst = flag.Uint64("parameters-first", 1, "first seed of the test of any parameters")
)

// Values that reach from the usual to the absurd.
var (
	someDelays = []string{"0s", "500us", "uniform(0s, 20ms)", "exp(1ms)", "exp(30ms)", "lognormal(500us, 2)",
		"pareto(100us, 1.1)", "pareto(1ms, 0.5)", "empirical(0s, 1us, 1ms, 1s)"}
	someTimes   = []string{"1ns", "50us", "500us", "1ms", "3ms", "7ms", "20ms", "50ms", "100ms", "200ms", "500ms", "1s", "3s", "40s"}
	someChances = []string{"0", "1%", "30%", "90%", "1"}
	someFaults  = []string{
		"crash workers 5% on prepare for exp(200ms)", "crash coordinators 5% on commit for exp(200ms)",
		"crash workers rate 3/s for 50ms", "crash w0 at 20ms for 1s every 3s", "crash C0 torn after append commit #3 for 1ms",
		"crash w1 after checkpoint #1 for 0s", "crash w0 before apply of t7#1 for 100ms", "crash w1 at 100ms forever",
		"pause C0 at 10ms for 300ms", "pause workers rate 10/s for exp(20ms)", "partition w0 | * at 5ms for 200ms",
		"partition w1 -> C0 at 0s for 1s", "drop 10% *", "drop 100% ack", "drop commit C0→w1 #2", "delay 20% decision by exp(30ms)",
		"duplicate 20% * late by exp(50ms)", "duplicate 100% execute", "slow w0 x1000 at 10ms for 50ms",
		"slow-disk w1 x500 at 1ms for 100ms", "full-disk w0 at 5ms for 100ms", "fail-sync workers 2% for 20ms", "tear w0", "skew w1 by 1s",
	}
)

// someParameters are parameters with values for each. What is refused together is drawn anew.
var someParameters = []struct {
	path   string
	values []string
}{
	{"coordinators", []string{"1", "2", "3", "16"}},
	{"placement", []string{"client", "separate", "workers"}},
	{"hosts", []string{"1", "2"}},
	{"zones", []string{"[us-east, eu-west]"}},
	{"clients", []string{"1", "2", "8", "50"}},
	{"think", someDelays},
	{"workload.kind", []string{"uniform", "zipf", "ycsb", "bank", "hot-key", "smallbank", "tpcc"}},
	{"workload.keys", []string{"2", "3", "20"}},
	{"workload.reads", []string{"0", "0.9"}},
	{"workload.deletes", []string{"0.1"}},
	{"workload.workers", []string{"1", "2"}},
	{"workload.operations", []string{"2", "5", "20"}},
	{"workload.value", []string{"1", "30000"}},
	{"network.delay", someDelays},
	{"network.loss", someChances[:4]},
	{"network.duplicate", someChances},
	{"network.packets", []string{"false"}},
	{"disk.sync", someDelays},
	{"disk.torn", someChances},
	{"disk.capacity", []string{"136", "300", "1000", "20000"}},
	{"disk.checkpoint", []string{"1", "64", "500", "4096"}},
	{"cpu.cores", []string{"1", "2", "64"}},
	{"cpu.message", []string{"5us", "2ms", "100ms"}},
	{"cpu.operation", []string{"2us", "3ms"}},
	{"timeouts.prepare", someTimes},
	{"timeouts.decision", someTimes},
	{"timeouts.idle", someTimes},
	{"timeouts.answer", someTimes},
	{"retry.attempts", []string{"1", "2", "50"}},
	{"retry.backoff", []string{"0s", "1ns", "1s"}},
	{"retry.cap", []string{"0s", "5ms", "20s"}},
	{"resources.staging", []string{"1", "50", "1000"}},
	{"resources.keys", []string{"1", "5"}},
	{"until", []string{"submitted", "2s"}},
	{"schedule", []string{"random", "pct:3", "delay-bounded:2"}},
	{"chance", []string{"nominal"}},
}

// TestAnyParameters: no sound protocol is accused of anything, whatever the parameters are. Swarms
// vary the faults, the rules judge by timeouts and delays as well. For more,
// go test ./scenarios -run AnyParameters -parameters 100000 -timeout 0
func TestAnyParameters(t *testing.T) {
	t.Parallel()
	ran := 0
	for seed := *parameterFirst; seed < *parameterFirst+*parameterRuns; seed++ {
		s := anyParameters(t, seed)
		job, err := s.Open(model.Protocols())
		if err != nil {
			continue
		}
		o := Options{Seed: seed, Swarm: seed%4 == 0}
		if seed%3 == 0 {
			o.Oracles = &analysis.Judges{}
		}
		r, err := job.Run(t.Context(), o)
		job.Close()
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, s.Brief())
		}
		ran++
		if r.Verdict == analysis.Invalid {
			t.Errorf("swarm %v, seed %d: %v\n%s", o.Swarm, seed, r.Findings[0], s.Brief())
		}
	}
	if ran < int(*parameterRuns)/2 {
		t.Errorf("%d of %d were refused", int(*parameterRuns)-ran, *parameterRuns)
	}
}

// anyParameters returns a small scenario in which about a third of the parameters are not at
// their defaults.
func anyParameters(t *testing.T, seed uint64) *Scenario {
	random := rand.New(rand.NewPCG(seed, 0))
	s := Default()
	set := func(path, value string) {
		if err := s.Set(path, value); err != nil {
			t.Fatalf("%s = %s: %v", path, value, err)
		}
	}
	one := func(of []string) string { return of[random.IntN(len(of))] }
	set("workers", one([]string{"2", "3", "6"}))
	set("transactions", one([]string{"5", "40", "100"}))
	set("limits.events", "30000")
	set("protocol", model.Protocols()[random.IntN(len(model.Protocols()))].Name())
	set("concurrency", one([]string{"wait-die", "wound-wait", "no-wait"}))
	set("execution", one(model.ExecutionNames))
	for _, p := range someParameters {
		if random.IntN(3) == 0 {
			set(p.path, one(p.values))
		}
	}
	if n := max(0, random.IntN(6)-2); n > 0 {
		var lines []string
		for range n {
			lines = append(lines, fmt.Sprintf("%q", one(someFaults)))
		}
		set("faults", "["+strings.Join(lines, ", ")+"]")
	}
	return s
}
