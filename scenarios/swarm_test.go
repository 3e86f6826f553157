package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/scenarios/fault"
)

// Whatever the scenario, its swarms are valid plans for it, with every class on
// in some and off in others, and none is empty.
func TestSwarmPlan(t *testing.T) {
	for _, sets := range [][]string{
		nil, {"workers=1", "transactions=1", "clients=1"}, {"coordinators=3", "until=10ms"},
		{"timeouts={prepare: never, decision: never, answer: never, idle: never}", "network.delay=0s", "disk.sync=0s"},
		{"arrivals={kind: poisson, rate: 1e9/s}", "workers=100"}, {"arrivals={kind: poisson, rate: 1e-6/s}", "transactions=100000"},
		{"transactions.file=library:orders.txt", "clients=0", "limits.time=1ns"}, {"clients=2147483647", "timeouts.prepare=1ns"},
	} {
		s := scenarioOf(t, sets...)
		if err := s.Validate(); err != nil {
			t.Fatal(err)
		}
		on := map[string]int{}
		const seeds = 200
		for seed := range uint64(seeds) {
			plan := swarmPlan(s, seed, s.expected())
			if len(plan) == 0 {
				t.Fatalf("%v: seed %d: no fault", sets, seed)
			}
			if err := plan.Validate(s.Workers, s.Coordinators); err != nil {
				t.Fatalf("%v: seed %d: %v", sets, seed, err)
			}
			if again := swarmPlan(s, seed, s.expected()); !slices.Equal(plan.Lines(), again.Lines()) {
				t.Fatalf("%v: seed %d: %v, and then %v", sets, seed, plan.Lines(), again.Lines())
			}
			for _, class := range plan.Classes() {
				on[class]++
			}
		}
		for class, n := range on {
			if len(fault.Outside([]fault.Strikes{{Class: class, Times: uint64(n)}})) > 0 {
				t.Errorf("%v: %s is outside the model", sets, class)
			}
		}
		for _, verb := range []string{"crash", "pause", "partition", "drop", "duplicate", "delay", "slow", "slow-disk", "full-disk", "fail-sync", "tear", "skew"} {
			if on[verb] < seeds/10 || on[verb] > seeds*9/10 {
				t.Errorf("%v: %s is on in %d of %d", sets, verb, on[verb], seeds)
			}
		}
	}
}

// Some swarms strike a kind of message, others another, and some those that only a protocol
// of one's own knows; messages are now and then later than any node waits; and
// nodes crash at any time.
func TestSwarmReaches(t *testing.T) {
	s := scenarioOf(t, "transactions=1000")
	missing := map[string]bool{"crash workers rate": true, "crash coordinators rate": true, "late": true}
	for _, verb := range []string{"drop", "duplicate", "delay"} {
		for _, kind := range []string{"*", "execute", "executed", "prepare", "vote", "commit", "abort", "ack", "commit-one", "done", "enquire", "wound"} {
			missing[verb+" "+kind] = true
		}
	}
	for _, at := range []string{"receive execute", "send executed", "sync commit-one", "receive done", "send enquire",
		"before receive", "after send", "before append", "after sync", "before lock", "after apply",
		"recover #2", "checkpoint #1", "truncate #1", "redo #1"} {
		missing[at] = true
	}
	for seed := range uint64(300) {
		for _, line := range swarmPlan(s, seed, s.expected()).Lines() {
			words := strings.Fields(line)
			delete(missing, words[0]+" "+words[min(len(words), 3)-1])      // drop 1% vote
			delete(missing, strings.Join(words[:min(len(words), 3)], " ")) // crash workers rate 1/s
			if words[0] == "crash" && len(words) > 4 {
				delete(missing, words[3]+" "+words[4]) // crash w1 after send vote
			}
			if _, most, ok := strings.Cut(line, "by uniform(0s, "); ok && words[0] == "delay" {
				if d, err := time.ParseDuration(strings.TrimSuffix(most, ")")); err != nil {
					t.Error(line, err)
				} else if d > 10*s.Timeouts.Prepare {
					delete(missing, "late")
				}
			}
		}
	}
	if len(missing) > 0 {
		t.Errorf("nothing of %v", slices.Sorted(maps.Keys(missing)))
	}
}

// Second copies are late of every kind, now and then later than any node waits;
// outages last now and then until all ask as seldom as they ever will; nodes that crash at a
// boundary are often up again while others still wait for them, and now and then crash twice.
func TestSwarmReachesRestarts(t *testing.T) {
	s := scenarioOf(t, "transactions=1000", "timeouts.prepare=50ms", "timeouts.decision=100ms")
	missing := map[string]bool{"late": true, "long": true, "twice": true}
	for _, kind := range []string{"*", "execute", "executed", "prepare", "vote", "commit", "abort", "ack", "commit-one", "done", "enquire", "wound"} {
		missing[kind] = true
	}
	soon, crashes := 0, 0
	for seed := range uint64(300) {
		at := map[string]bool{}
		for _, line := range swarmPlan(s, seed, s.expected()).Lines() {
			words := strings.Fields(line)
			if most, ok := between(t, line, " late by uniform(0s, ", ")"); ok {
				delete(missing, words[2])
				if most > 10*s.Timeouts.Prepare {
					delete(missing, "late")
				}
			}
			length, ok := between(t, line, " for ", " every")
			if ok && length > 16*s.Timeouts.Decision {
				delete(missing, "long")
			}
			if ok && words[0] == "crash" && (words[2] == "before" || words[2] == "after") {
				if !strings.Contains(line, "after send vote") { // see promises
					crashes++
					soon += oneIf(length < 10*time.Millisecond)
				}
				if once := words[1] + words[5]; at[once] {
					delete(missing, "twice")
				} else {
					at[once] = true
				}
			}
		}
	}
	if len(missing) > 0 {
		t.Errorf("nothing of %v", slices.Sorted(maps.Keys(missing)))
	}
	if soon < crashes/3 || soon > crashes*3/4 {
		t.Errorf("%d of %d nodes that crash at boundaries are up again soon", soon, crashes)
	}
}

// between returns the duration that stands between two texts of a line, if there is one.
func between(t *testing.T, line, before, behind string) (time.Duration, bool) {
	_, text, ok := strings.Cut(line, before)
	text, _, _ = strings.Cut(text, behind)
	if !ok || strings.HasPrefix(text, "uniform") {
		return 0, false
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Error(line, err)
	}
	return d, true
}

// Nobody's only worker or only coordinator crashes for good: nothing would go on.
func TestSwarmForGood(t *testing.T) {
	for _, c := range []struct {
		sets []string
		want string // the first letters of the nodes that do
	}{{nil, "w"}, {[]string{"coordinators=2"}, "Cw"}, {[]string{"workers=1"}, ""}, {[]string{"workers=1", "coordinators=2"}, "C"}} {
		s := scenarioOf(t, c.sets...)
		dead := map[byte]bool{}
		for seed := range uint64(1000) {
			for _, line := range swarmPlan(s, seed, s.expected()).Lines() {
				if strings.HasSuffix(line, " forever") {
					dead[strings.Fields(line)[1][0]] = true
				}
			}
		}
		if got := string(slices.Sorted(maps.Keys(dead))); got != c.want {
			t.Errorf("%v: %q crash for good, want %q", c.sets, got, c.want)
		}
	}
}

// No seed draws a line that does not parse, which SwarmPlan would panic about.
func TestSwarmParses(t *testing.T) {
	s := scenarioOf(t)
	for seed := range uint64(5000) {
		swarmPlan(s, seed, s.expected())
	}
}

// A swarm is the same whether it is asked for or written down.
func TestSwarmed(t *testing.T) {
	s := scenarioOf(t, "transactions=100", `faults=["drop 1% vote"]`)
	for seed := range uint64(5) {
		var hashes []uint64
		for _, swarm := range []bool{true, false} {
			from := s
			if !swarm {
				from = s.Swarmed(seed)
			}
			job := openJob(t, from)
			r, err := job.Run(t.Context(), Options{Seed: seed, Swarm: swarm})
			if err != nil {
				t.Fatal(err)
			}
			if got := r.Plan.Lines(); got[0] != "drop 1% vote" || !slices.Equal(got[1:], swarmPlan(s, seed, s.expected()).Lines()) {
				t.Errorf("seed %d: ran with %v", seed, got)
			}
			hashes = append(hashes, r.Hash)
		}
		if hashes[0] != hashes[1] {
			t.Errorf("seed %d: two traces", seed)
		}
	}
	if len(s.Faults) != 1 {
		t.Error("the scenario has changed")
	}
}

// The faults of a run that takes longer than any limit are as long as those of one that
// reaches it.
func TestSwarmOfAges(t *testing.T) {
	spans := map[int]time.Duration{}
	for _, n := range []int{9000, 10000, 1_000_000} {
		d := &swarmDraw{s: scenarioOf(t, "arrivals={rate: 0.000001/s}", fmt.Sprint("transactions=", n))}
		d.estimate(d.s.expected(), 4)
		spans[n] = d.span
	}
	if want := Default().Limits.Time / 4; spans[9000] != want || spans[10000] != want || spans[1_000_000] != want {
		t.Errorf("spans %v, expected %v", spans, want)
	}
}
