package spec

import (
	"fmt"
	"strings"

	"github.com/seed83d86191/txsim/sim/explore"
)

// State is a packed state.
type State uint64

// Spec is a specification for a number of resource managers: one of this package.
type Spec interface {
	explore.System[State]
	// Name returns the name of the module in the TLA+ examples.
	Name() string
	Managers() int
	// Invariants returns the invariants of the module.
	Invariants() []explore.Invariant[State]
	// Text prints a state.
	Text(s State) string
	// manager returns the state of a resource manager.
	manager(s State, i int) int
	// canonical returns the same state for states that differ only in names.
	canonical(s State) State
}

// The states of a resource manager.
const (
	working = iota
	prepared
	committed
	aborted
	failed
)

var managerText = []string{"working", "prepared", "committed", "aborted", "failed"}

// field is a range of bits of a state.
type field struct{ shift, bits uint }

func (f field) of(s State) int { return int(s >> f.shift & (1<<f.bits - 1)) }

func (f field) set(s State, v int) State {
	return s&^((1<<f.bits-1)<<f.shift) | State(v)<<f.shift
}

// fingerprint spreads a state over 64 bits, one to one.
func fingerprint(s State) uint64 {
	x := uint64(s) + 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// consistent has the invariant of all modules, TCConsistent: no two managers have decided
// differently.
func consistent(sp Spec) []explore.Invariant[State] {
	return []explore.Invariant[State]{{Name: "TCConsistent", Holds: func(s State) bool {
		var is [failed + 1]bool
		for i := range sp.Managers() {
			is[sp.manager(s, i)] = true
		}
		return !is[committed] || !is[aborted]
	}}}
}

// act names an action of a manager.
func act(name string, rm int) string { return fmt.Sprintf("%s(r%d)", name, rm+1) }

// managersText prints the states of managers.
func managersText(sp Spec, s State) string {
	texts := make([]string, sp.Managers())
	for i := range texts {
		texts[i] = managerText[sp.manager(s, i)]
	}
	return strings.Join(texts, " ")
}

// known are the specifications, by their names in commands, with the largest numbers of
// managers.
var known = []struct {
	name string
	most int
	make func(n int) Spec
}{
	{"tcommit", 16, func(n int) Spec { return TCommit{n} }},
	{"twophase", 12, func(n int) Spec { return TwoPhase{n} }},
	{"2pc-with-btm", 12, func(n int) Spec { return BTM{n} }},
	{"paxos-commit", paxosManagers, func(n int) Spec { return PaxosCommit{n} }},
}

// Names returns the names that New knows.
func Names() []string {
	var names []string
	for _, k := range known {
		names = append(names, k.name)
	}
	return names
}

// Most returns the largest number of managers of a specification, 0 if there is none of
// that name.
func Most(name string) int {
	for _, k := range known {
		if k.name == name {
			return k.most
		}
	}
	return 0
}

// New returns a specification for so many resource managers.
func New(name string, managers int) (Spec, error) {
	for _, k := range known {
		if k.name != name {
			continue
		}
		if managers < 1 || managers > k.most {
			return nil, fmt.Errorf("%d managers: must be 1 to %d for %s", managers, k.most, name)
		}
		return k.make(managers), nil
	}
	return nil, fmt.Errorf("unknown specification %s: expected one of %s", name, strings.Join(Names(), ", "))
}
