package scenarios_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
)

// plantSeeds is within how many seeds a planted fault must show.
const plantSeeds = 5

// TestPlants plants the fault that each invariant guards against: a check that
// never fails shows nothing. The sound protocol passes the same runs.
func TestPlants(t *testing.T) {
	sound := map[string]bool{} // runs of the sound protocol, by scenario and seed
	planted := map[string]bool{}
	for _, p := range plants {
		t.Run(p.invariant+"/"+p.fault, func(t *testing.T) {
			for seed := range uint64(plantSeeds) {
				s := p.scenario(t)
				if key := string(s.YAML()) + string(rune(seed)); !sound[key] {
					sound[key] = true
					if r := runPlant(t, s, seed, p.sound()); r.Verdict != analysis.Valid {
						t.Fatalf("seed %d: the sound protocol's verdict is %v: %v", seed, r.Verdict, r.Findings)
					}
				}
				r := runPlant(t, s, seed, p.protocolWithFault())
				for _, f := range r.Findings {
					if f.Invariant == p.invariant {
						checkFinding(t, f)
						planted[p.invariant] = true
						return
					}
				}
			}
			t.Errorf("%d seeds show nothing", plantSeeds)
		})
	}
	for _, inv := range scenarios.Invariants() {
		if !planted[inv] && !plantedElsewhere(inv) {
			t.Errorf("%s: no planted fault shows that the check can fail", inv)
		}
	}
}

// checkFinding looks whether a finding says what a reader needs.
func checkFinding(t *testing.T, f analysis.Finding) {
	t.Helper()
	t.Logf("%s\n%s", f, strings.Join(f.Records, "\n"))
	ids := strings.Fields(f.Txn)
	if len(ids) == 0 || !slices.ContainsFunc(ids, func(id string) bool { return strings.Contains(f.Text, id) }) {
		t.Errorf("transaction %q is not named in: %s", f.Txn, f.Text)
	}
	if len(f.Records) == 0 {
		t.Error("no records show it")
	}
}

func (p *plant) sound() model.TwoPhase {
	for _, q := range model.Protocols() {
		if two := q.(model.TwoPhase); two.Label == p.protocol || p.protocol == "" && two.Label == "presumed-abort" {
			return two
		}
	}
	panic(p.protocol)
}

func (p *plant) protocolWithFault() model.Protocol {
	return planted{p.sound(), p.coordinator, p.worker}
}

// scenario is small and full of conflicts.
func (p *plant) scenario(t *testing.T) *scenarios.Scenario {
	s := scenarios.Default()
	sets := []string{"workers=4", "coordinators=2", "clients=6", "transactions=150", "workload.keys=4", "workload.operations=4", "disk.checkpoint=64KiB"}
	for _, set := range append(sets, p.set...) {
		path, value, _ := strings.Cut(set, "=")
		if err := s.Set(path, value); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func runPlant(t *testing.T, s *scenarios.Scenario, seed uint64, p model.Protocol) *scenarios.Result {
	t.Helper()
	s = s.Clone()
	s.Protocol = p.Name()
	job, err := s.Open([]model.Protocol{p}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer job.Close()
	r, err := job.Run(context.Background(), scenarios.Options{Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	return r
}
