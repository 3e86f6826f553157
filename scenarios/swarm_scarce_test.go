package scenarios

import (
	"cmp"
	"flag"
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
)

var swarmScarce = flag.Uint64("swarm-scarce", 432, "seeds of the test of swarms in which something is scarce")

// scarcities names what is bounded in c and not in s.
func scarcities(s, c *Scenario) (names []string) {
	if c.Resources.Staging != s.Resources.Staging {
		names = append(names, "staging")
	}
	if c.Resources.Keys != s.Resources.Keys {
		names = append(names, "keys")
	}
	if c.Disk.Capacity != s.Disk.Capacity {
		names = append(names, "capacity")
	}
	return names
}

// For one seed in eight one thing is scarce in a swarm; nothing that has a bound, and nothing
// where what has no room would be tried for ever.
func TestSwarmScarcity(t *testing.T) {
	const seeds = 1200
	for _, tc := range []struct {
		set  string
		want string
	}{
		{"workers=4", "staging keys capacity"}, {"resources={staging: 1, keys: 2}", "capacity"},
		{"disk.capacity=1MiB", "staging keys"}, {"retry.attempts=33", ""},
	} {
		s := scenarioOf(t, tc.set)
		count, least, most := map[string]int{}, map[string]int{}, map[string]int{}
		for seed := range uint64(seeds) {
			names := scarcities(s, s.Swarmed(seed))
			if len(names) > 1 {
				t.Errorf("%s, seed %d: %v", tc.set, seed, names)
			}
			for _, name := range names {
				count[name]++
			}
			c := s.Swarmed(seed)
			for name, n := range map[string]int{"staging": int(c.Resources.Staging), "keys": c.Resources.Keys, "capacity": int(c.Disk.Capacity)} { // any order: each by itself
				if slices.Contains(names, name) {
					least[name], most[name] = min(cmp.Or(least[name], n), n), max(most[name], n)
				}
			}
		}
		for _, of := range []struct {
			name        string
			least, most int // as Swarmed says
		}{{"staging", 16, 1023}, {"keys", 1, 31}, {"capacity", 1 << 10, 16 << 10}} {
			name := of.name
			if a, b := least[name], most[name]; count[name] > 0 && (a < of.least || a > 2*of.least || b > of.most || b < of.most*3/4) {
				t.Errorf("%s: scarce %s is %d to %d, want %d to %d", tc.set, name, a, b, of.least, of.most)
			}
			if n := count[name]; strings.Contains(tc.want, name) != (n > seeds/48) || n > seeds/12 || n > 0 && n < seeds/48 {
				t.Errorf("%s: %d of %d seeds have scarce %s", tc.set, n, seeds, name)
			}
		}
	}
}

// A sound protocol stays valid where something is scarce, by every control and execution, and
// refuses for it: each seed has another combination. For more,
// go test ./scenarios -run SwarmScarce -swarm-scarce 10000 -timeout 0
func TestSwarmScarce(t *testing.T) {
	for _, set := range []string{"workload.kind=uniform", "workload.kind=bank", "workload.kind=zipf"} {
		t.Run(set, func(t *testing.T) {
			t.Parallel()
			s := scenarioOf(t, "transactions=80", "workers=3", "coordinators=2", "clients=12", "workload.operations=6", "workload.workers=3", set)
			full, committed := map[string]uint64{}, uint64(0)
			var scarce []string
			n := swarms(t, s, *swarmScarce, func(seed uint64) bool {
				scarce = scarcities(s, s.Swarmed(seed))
				return len(scarce) > 0
			}, func(r *Result) {
				full[scarce[0]] += r.Metrics.Refused[model.Full]
				committed += r.Metrics.Committed()
			})
			for _, name := range []string{"staging", "keys", "capacity"} {
				if full[name] == 0 {
					t.Errorf("of %d swarms, none refused for scarce %s", n, name)
				}
			}
			t.Logf("%d swarms: refused %v, committed %d", n, full, committed)
		})
	}
}
