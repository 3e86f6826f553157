package scenarios

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
)

var swarmPatient = flag.Uint64("swarm-noVoteTimeout", 160, "seeds of the test of noVoteTimeout swarms")

// For one seed in six a swarm has coordinators that wait for votes without end, and then no
// plan could keep them waiting for ever; never where the scenario itself might.
func TestSwarmPatience(t *testing.T) {
	s := scenarioOf(t, "transactions=1000")
	const seeds = 600
	count := map[timeoutKind]int{}
	kept, wounds := map[string]bool{}, 0
	for seed := range uint64(seeds) {
		p := s.swarmTimeouts(seed)
		count[p.kind]++
		c := s.Swarmed(seed)
		if p.kind == asGiven {
			if c.Timeouts.Answer = s.Timeouts.Answer; c.Timeouts != s.Timeouts {
				t.Errorf("seed %d: timeouts %v", seed, c.Timeouts)
			}
			continue
		}
		if c.Workload.Keys > 8 {
			t.Errorf("seed %d: %d keys", seed, c.Workload.Keys)
		}
		wounds += len(p.lines)
		for _, line := range c.Faults {
			if !p.allows(line) {
				t.Errorf("seed %d: %s", seed, line)
			}
			words := strings.Fields(line)
			kept[words[0]] = true
			if words[0] == "drop" {
				kept["drop "+words[2]] = true
			}
		}
	}
	if n := count[noTimeouts]; n < seeds/20 || n > seeds/8 || count[noVoteTimeout] < seeds/20 || count[noVoteTimeout] > seeds/8 || wounds != count[noVoteTimeout] {
		t.Errorf("%v, %d with lost wounds", count, wounds)
	}
	for _, want := range slices.Concat(lossless, []string{"drop wound", "drop commit", "drop ack"}) {
		if !kept[want] {
			t.Errorf("no noVoteTimeout seed has %s", want)
		}
	}
	for _, set := range []string{"network.loss=1%", `faults=["crash w0 at 1s for 1s"]`, `faults=["drop 1% vote"]`} {
		lossy := scenarioOf(t, set)
		for seed := range uint64(100) {
			if p := lossy.swarmTimeouts(seed); p.kind != asGiven {
				t.Errorf("%s: seed %d is noVoteTimeout", set, seed)
			}
		}
	}
	mute := scenarioOf(t, "timeouts.decision=never")
	for seed := range uint64(200) {
		if mute.swarmTimeouts(seed).kind == noVoteTimeout {
			t.Errorf("seed %d: what is lost would not be sent again", seed)
		}
	}
}

// A sound protocol makes progress in noVoteTimeout swarms, by every control and execution: each
// seed has another combination.
func TestSwarmPatient(t *testing.T) {
	for _, kind := range []string{"bank", "uniform"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := scenarioOf(t, "transactions=80", "workers=4", "coordinators=2", "clients=12", "workload.operations=6", "workload.workers=3", "workload.kind="+kind)
			swarms(t, s, *swarmPatient, func(seed uint64) bool { return s.swarmTimeouts(seed).kind != asGiven }, func(*Result) {})
		})
	}
}

// swarms runs a scenario under the swarms of some seeds, each that matters by another
// combination of protocol, control and execution, and requires them to be
// valid. It returns how many there were.
func swarms(t *testing.T, s *Scenario, seeds uint64, matters func(seed uint64) bool, see func(*Result)) (n uint64) {
	t.Helper()
	protocols, controls := model.Protocols(), model.Concurrencies()
	for seed := range seeds {
		if !matters(seed) {
			continue
		}
		s.Protocol, s.Concurrency = protocols[n%3].Name(), controls[n/3%3].Name()
		execution := model.ExecutionNames[n/9%3]
		if err := s.Set("execution", execution); err != nil {
			t.Fatal(err)
		}
		n++
		job := openJob(t, s, protocols...)
		r, err := job.Run(t.Context(), Options{Seed: seed, Swarm: true})
		if err != nil {
			t.Fatal(err)
		}
		if r.Verdict != analysis.Valid {
			t.Errorf("seed %d, %s, %s, %s: %s %s\n\t%s", seed, s.Protocol, s.Concurrency, execution, r.verdict(), fmt.Sprint(r.Findings), strings.Join(r.Plan.Lines(), "\n\t"))
		}
		see(r)
	}
	return n
}
