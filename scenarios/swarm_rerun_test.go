package scenarios

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// For one seed in six of other executions than one-shot, a swarm has lines that let a worker run
// twice what it is asked for. They stand behind those of one-shot execution, which has none.
func TestSwarmReruns(t *testing.T) {
	const seeds = 600
	plain, batched := scenarioOf(t, "transactions=1000"), scenarioOf(t, "transactions=1000", "execution=batched")
	count := 0
	for seed := range uint64(seeds) {
		lines, more := swarmPlan(plain, seed, plain.expected()).Lines(), swarmPlan(batched, seed, batched.expected()).Lines()
		if len(more) < len(lines) || !slices.Equal(lines, more[:len(lines)]) {
			t.Fatalf("seed %d: %q, and in batched execution %q", seed, lines, more)
		}
		if more = more[len(lines):]; len(more) == 0 {
			continue
		}
		count++
		for i, want := range []string{"duplicate ", "delay ", "crash w"} {
			if !strings.HasPrefix(more[i], want) || batched.swarmTimeouts(seed).kind != asGiven {
				t.Errorf("seed %d: %q", seed, more)
			}
		}
	}
	if count < seeds/10 || count > seeds/5 {
		t.Errorf("%d of %d", count, seeds)
	}
}

// For one seed in six, whatever the execution, workers crash briefly just behind votes while
// prepares are late; not where nobody has a timeout.
func TestSwarmPromises(t *testing.T) {
	const seeds = 600
	s := scenarioOf(t, "transactions=1000")
	count := 0
	for seed := range uint64(seeds) {
		lines := swarmPlan(s, seed, s.expected()).Lines()
		at := slices.IndexFunc(lines, func(line string) bool { return strings.Contains(line, " after send vote #") })
		if at < 1 || len(lines) < at+4 || !strings.HasPrefix(lines[at-1], "delay ") || !strings.Contains(lines[at-1], "% prepare by uniform(0s, ") {
			continue
		}
		count++
		for _, line := range lines[at:] {
			length, _ := between(t, line, " for ", " every")
			if !strings.HasPrefix(line, "crash w") || !strings.Contains(line, " after send vote #") || length > 10*time.Millisecond || s.swarmTimeouts(seed).kind != asGiven {
				t.Errorf("seed %d: %q", seed, lines[at-1:])
			}
		}
	}
	if count < seeds/10 || count > seeds/5 {
		t.Errorf("%d of %d", count, seeds)
	}
}

// unaware is two-phase commit whose coordinator does not say from which life of a worker it has
// its results.
type unaware struct{ model.TwoPhase }

func (u unaware) Coordinator(s *model.Site) sim.Node[model.Message] {
	own := *s
	own.Hooks = &model.Hooks{Outgoing: func(_ sim.NodeID, _ *sim.Mail, m *model.Message) bool {
		m.Life = 0
		return true
	}}
	return u.TwoPhase.Coordinator(&own)
}

// What a worker has run twice, in two lives, is met by a swarm soon.
func TestSwarmFindsReruns(t *testing.T) {
	base := model.Protocols()[0].(model.TwoPhase)
	base.Label = "unaware"
	s := scenarioOf(t, "workload.kind=bank", "transactions=100", "execution=batched").Using(unaware{base})
	j := openJob(t, s)
	for seed := range uint64(60) {
		r, err := j.Run(context.Background(), Options{Seed: seed, Swarm: true})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range r.Findings {
			if f.Shape == "other life" {
				return
			}
		}
	}
	t.Error("60 swarms have not found it")
}
