package mutant

import (
	"slices"
	"strings"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/sim"
)

// Mutant is a protocol with a bug in it, and the scenario in which it can show.
type Mutant struct {
	Name     string
	Sentence string // what it does wrong
	Origin   string // what kind of system does so, or which rule is broken
	// Expect are invariants, or longer prefixes of fingerprints; a finding with any of them
	// shows the mutant.
	Expect []string
	// Protocol is the mutant's protocol, called "mutant:" and the name.
	Protocol model.Protocol
	// Sound is the correct protocol that it was made of.
	Sound model.Protocol

	base        string             // name of Sound; presumed-abort if empty
	presumption *model.Presumption // replaces Sound's
	set         []string           // parameters of the scenario
	faults      []string
	config      func(*model.Config) // changes the configuration that the nodes see
	coordinator,
	worker func(*node)
}

// Prefix begins the names of the mutants' protocols.
const Prefix = "mutant:"

// All returns the mutants, by group.
func All() []Mutant {
	all := slices.Concat(early, votes, decisions, restarts, locks, reads, logs, causes, rare)
	for i := range all {
		m := &all[i]
		m.Sound = sound(m.base)
		m.Protocol = protocol(m)
	}
	return all
}

// Find returns the mutant of a name, with or without the prefix.
func Find(name string) (Mutant, bool) {
	all := All()
	i := slices.IndexFunc(all, func(m Mutant) bool { return m.Name == strings.TrimPrefix(name, Prefix) })
	if i < 0 {
		return Mutant{}, false
	}
	return all[i], true
}

// Protocols returns the protocols of all mutants.
func Protocols() []model.Protocol {
	var all []model.Protocol
	for _, m := range All() {
		all = append(all, m.Protocol)
	}
	return all
}

// smallScenario is the basis of all mutants' scenarios: few transactions, full of
// conflicts.
var smallScenario = []string{"workers=4", "coordinators=2", "clients=6", "transactions=30",
	"workload.keys=4", "workload.operations=4", "disk.checkpoint=64KiB"}

// Scenario returns the scenario in which the mutant can show. The caller may
// change it.
func (m *Mutant) Scenario() *scenarios.Scenario {
	s := scenarios.Default()
	if err := s.Apply(slices.Concat(smallScenario, m.set)...); err != nil {
		panic("mutant " + m.Name + ": " + err.Error()) // a test makes them all
	}
	s.Name, s.Description = Prefix+m.Name, m.Sentence
	s.Protocol = m.Protocol.Name()
	s.Faults = slices.Clone(m.faults)
	return s
}

// With returns the mutant with parameters of its scenario set, each as path=value.
func (m Mutant) With(sets ...string) (Mutant, error) {
	s := m.Scenario()
	if err := s.Apply(sets...); err != nil {
		return m, err
	}
	m.set = slices.Concat(m.set, sets)
	return m, s.Validate()
}

func sound(name string) model.Protocol {
	all := model.Protocols()
	i := slices.IndexFunc(all, func(p model.Protocol) bool { return p.Name() == name })
	return all[max(i, 0)] // default: presumed abort, the first
}

// planted is two-phase commit with other nodes. It promises of its logs what the sound
// protocol does.
type planted struct {
	model.TwoPhase
	nodes model.TwoPhase
	m     Mutant
}

func protocol(m *Mutant) model.Protocol {
	p := planted{m.Sound.(model.TwoPhase), m.Sound.(model.TwoPhase), *m}
	p.Label = Prefix + m.Name
	if m.presumption != nil {
		p.nodes.Presumption = *m.presumption
	}
	return p
}

// Coordinator implements model.Protocol.
func (p planted) Coordinator(s *model.Site) sim.Node[model.Message] {
	return p.wrap(s, p.nodes.Coordinator, p.m.coordinator)
}

// Worker implements model.Protocol.
func (p planted) Worker(s *model.Site) sim.Node[model.Message] {
	return p.wrap(s, p.nodes.Worker, p.m.worker)
}

func (p planted) wrap(s *model.Site, build func(*model.Site) sim.Node[model.Message], plant func(*node)) sim.Node[model.Message] {
	inner := *s
	if p.m.config != nil {
		config := *s.Config
		p.m.config(&config)
		inner.Config = &config
	}
	if plant == nil {
		return build(&inner)
	}
	n := &node{Site: s}
	plant(n)
	inner.Hooks = &model.Hooks{Outgoing: n.send}
	n.Node = build(&inner)
	return n
}
