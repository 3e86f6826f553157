package scenarios

import (
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
)

// TestPlanErrors: what is wrong with a plan is told with its place, and what is expected.
func TestPlanErrors(t *testing.T) {
	for text, want := range map[string]string{
		"scenario: pair\nseeds: [1, 2]":                       "p.yaml:2:8: seeds: expected first-last such as 1-20\n",
		"scenario: [pair]":                                    "p.yaml:1:11: scenario: expected a name or a file\n",
		"scenario: pair\nset: [[a]]":                          "p.yaml:2:7: set: expected a list such as [clients=16]\n",
		"scenario: pair\nset: clients=3":                      "p.yaml:2:6: string was used where sequence is expected\n",
		"scenario: pair\nwarmup: {a: 1}":                      "p.yaml:2:9: warmup: expected auto or a time such as 500ms\n",
		"scenario: pair\nvari: 1":                             "p.yaml:2:1: unknown field \"vari\": expected scenario, set, vary, seeds or warmup\n",
		"scenario: pair\nseeds: 1\nseeds: 2":                  "p.yaml:3:1: mapping key \"seeds\" already defined at [2:1]\n",
		"scenario: pair\n---\nscenario: bank":                 "p.yaml:2:1: a second document: expected one\n",
		"seeds: 1":                                            "p.yaml: scenario: expected a name or a file",
		"scenario: pair\nvary:\n  think: 1s\n  clients: []":   "p.yaml:4: vary: clients: expected one value or more",
		"scenario: pair\nvary:\n  think: 1s\n  clients: 5..1": "p.yaml:4: vary: clients: range 5..1: it ends below its beginning",
	} {
		if _, err := ParseSweepPlan("p.yaml", []byte(text)); err == nil || !strings.HasPrefix(err.Error()+"\n", want) {
			t.Errorf("%s: %v, expected %s", text, err, want)
		}
	}
}

// TestPlanPlaces: what shows to be wrong when the sweep is opened is told with its place
// in the plan, and without one as that of a flag.
func TestPlanPlaces(t *testing.T) {
	p, err := ParseSweepPlan("p.yaml", []byte("\ufeffscenario: pair\nset:\n- a=1\n- b=2\nvary:\n  think: 1s\n  clients: [1, x]\n  seed: 1\nseeds: 1-2\nwarmup: auto\n"))
	if err != nil {
		t.Fatal(err)
	}
	for got, want := range map[Given]Given{
		p.Set[0]: {"a=1", "p.yaml:3: set"}, p.Set[1]: {"b=2", "p.yaml:4: set"}, p.Seeds: {"1-2", "p.yaml:9: seeds"}, p.Warmup: {"auto", "p.yaml:10: warmup"},
	} {
		if got != want {
			t.Errorf("%v, expected %v", got, want)
		}
	}
	coordinators := Vary{Path: "coordinators", Values: []string{"1", "0"}, From: "p.yaml:9: vary"}
	clients := Vary{Path: "clients", Values: []string{"x"}}
	for want, vary := range map[string][]Vary{
		"p.yaml:7: vary: clients = x: must be an integer":                               p.Vary[:2],
		"p.yaml:8: vary seed: each cell":                                                p.Vary[2:],
		"p.yaml:6: vary think: given twice":                                             {{Path: "think", Values: []string{"2s"}}, p.Vary[0]},
		"--vary: clients = x: must be an integer":                                       {p.Vary[0], clients},
		"p.yaml:9: vary: coordinators=0 think=1s: coordinators = 0: must be 1 to 10000": {p.Vary[0], coordinators},
	} {
		s := &Sweep{Scenario: Default(), Vary: vary, First: 1, Last: 1}
		if err := s.Open(t.Context(), model.Protocols()); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, expected %s", err, want)
		}
	}
}
