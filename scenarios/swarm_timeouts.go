package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed83d86191/txsim/sim"
)

// swarmTimeouts are the timeouts of the run of a swarm.
type swarmTimeouts struct {
	kind  timeoutKind
	lines []string // lost wounds: that they are not sent again shows only if coordinators wait
}

type timeoutKind uint8

const (
	asGiven       timeoutKind = iota // as the scenario says
	noVoteTimeout                    // coordinators wait for votes and results without end
	noTimeouts                       // nobody has a timeout
)

// lossless are the classes of faults that neither lose a message nor the memory of a node.
var lossless = []string{"pause", "duplicate", "delay", "slow", "slow-disk", "skew"}

// resent are the kinds of messages that are sent again, or asked for, after
// timeouts.decision, whatever a coordinator's timeout is.
var resent = []string{"commit", "abort", "ack", "enquire", "wound"}

// swarmTimeouts draws those of a seed.
func (s *Scenario) swarmTimeouts(seed uint64) swarmTimeouts {
	r := sim.NewRand(seed, "swarm/patience")
	loses := func(line string) bool { return !slices.Contains(lossless, strings.Fields(line)[0]) }
	switch {
	case r.IntN(6) > 0 || s.Network.Loss > 0 || slices.ContainsFunc(s.Faults, loses):
		return swarmTimeouts{}
	case r.IntN(2) == 0 || s.Timeouts.Decision == sim.Forever:
		return swarmTimeouts{kind: noTimeouts}
	}
	return swarmTimeouts{noVoteTimeout, []string{fmt.Sprintf("drop %d%% wound", 10*(1+r.IntN(6)))}}
}

// set puts them in place of the scenario's.
func (w *swarmTimeouts) set(t *Timeouts) {
	switch w.kind {
	case noVoteTimeout:
		t.Prepare = sim.Forever
	case noTimeouts:
		*t = Timeouts{sim.Forever, sim.Forever, sim.Forever, sim.Forever}
	}
}

// allows reports whether a sound protocol still makes progress under a fault.
func (w *swarmTimeouts) allows(line string) bool {
	words := strings.Fields(line)
	return w.kind == asGiven || slices.Contains(lossless, words[0]) ||
		w.kind == noVoteTimeout && words[0] == "drop" && slices.Contains(resent, words[2])
}
