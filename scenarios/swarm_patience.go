package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed83d86191/txsim/sim"
)

// patience is how long the nodes of a swarm wait for each other.
type patience struct {
	kind  patienceKind
	lines []string // lost wounds: that they are not sent again shows only if coordinators wait
}

type patienceKind uint8

const (
	hurried patienceKind = iota // as the scenario says
	patient                     // coordinators wait for votes and results without end
	endless                     // nobody has a timeout
)

// lossless are the classes of faults that neither lose a message nor the memory of a node.
var lossless = []string{"pause", "duplicate", "delay", "slow", "slow-disk", "skew"}

// resent are the kinds of messages that are sent again, or asked for, after
// timeouts.decision, whatever a coordinator's timeout is.
var resent = []string{"commit", "abort", "ack", "enquire", "wound"}

// patience draws the patience of a seed.
func (s *Scenario) patience(seed uint64) patience {
	r := sim.NewRand(seed, "swarm/patience")
	loses := func(line string) bool { return !slices.Contains(lossless, strings.Fields(line)[0]) }
	switch {
	case r.IntN(6) > 0 || s.Network.Loss > 0 || slices.ContainsFunc(s.Faults, loses):
		return patience{}
	case r.IntN(2) == 0 || s.Timeouts.Decision == sim.Forever:
		return patience{kind: endless}
	}
	return patience{patient, []string{fmt.Sprintf("drop %d%% wound", 10*(1+r.IntN(6)))}}
}

// set sets the timeouts to it.
func (p *patience) set(t *Timeouts) {
	switch p.kind {
	case patient:
		t.Prepare = sim.Forever
	case endless:
		*t = Timeouts{sim.Forever, sim.Forever, sim.Forever, sim.Forever}
	}
}

// allows reports whether a sound protocol still makes progress under a fault.
func (p *patience) allows(line string) bool {
	words := strings.Fields(line)
	return p.kind == hurried || slices.Contains(lossless, words[0]) ||
		p.kind == patient && words[0] == "drop" && slices.Contains(resent, words[2])
}
