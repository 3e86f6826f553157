package scenarios_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/mutant"
	"github.com/seed83d86191/txsim/sim"
)

// plantSeeds is within how many seeds a planted bug must show, controlSeeds how
// many the sound protocol runs at least.
const (
	plantSeeds   = 50
	controlSeeds = 10
)

// inSwarms are the planted bugs that show only without timeouts, which swarms take away.
var inSwarms = map[string]bool{"single-wound": true, "deaf-while-voting": true}

const swarmSeeds = 100 // for these

// TestPlants is the quick form of "txsim mutants": every planted bug shows
// within plantSeeds, and the sound protocol passes the same runs. A check that
// never fails shows nothing: every invariant has a mutant that breaks it.
func TestPlants(t *testing.T) {
	t.Parallel()
	broken := map[string]bool{} // invariants
	for _, m := range mutant.All() {
		t.Run(m.Name, func(t *testing.T) {
			shown, seeds := false, uint64(plantSeeds)
			if inSwarms[m.Name] {
				seeds = swarmSeeds
			}
			for seed := range seeds {
				if shown && seed >= controlSeeds {
					return
				}
				s := m.Scenario()
				if inSwarms[m.Name] {
					s = s.Swarmed(seed)
				}
				if r := runPlant(t, s, seed, m.Sound); r.Verdict != analysis.Valid {
					t.Fatalf("seed %d: the sound protocol is not cleared: %v %v", seed, r.Verdict, r.Findings)
				}
				if shown {
					continue
				}
				r := runPlant(t, s, seed, m.Protocol)
				if shown = m.Shown(r) != nil; !shown {
					continue
				}
				if r.Verdict != analysis.Invalid || r.Violations < len(r.Findings) {
					t.Errorf("seed %d: %v, %d violations, %d findings", seed, r.Verdict, r.Violations, len(r.Findings))
				}
				for _, f := range r.Findings {
					checkFinding(t, f)
					if m.Expects(f) {
						broken[f.Invariant] = true
					}
				}
			}
			if !shown {
				t.Errorf("%d seeds show nothing", seeds)
			}
		})
	}
	for _, inv := range analysis.InvariantsAt("") {
		if !broken[inv] && inv != analysis.InvKeyBound { // which TestBounded shows
			t.Errorf("%s: no planted bug shows that the check can fail", inv)
		}
	}
}

// checkFinding looks whether a finding says what a reader needs.
func checkFinding(t *testing.T, f analysis.Finding) {
	t.Helper()
	ids := f.IDs() // none if it is about a node and its log
	if len(ids) == 0 && f.Invariant != analysis.InvImpossible || len(ids) > 0 && !slices.ContainsFunc(ids, func(id string) bool { return strings.Contains(f.Text, id) }) {
		t.Errorf("transaction %q is not named in: %s", f.Txn, f.Text)
	}
	if len(f.Records) == 0 {
		t.Errorf("no records show: %s", f)
	}
}

func runPlant(t *testing.T, s *scenarios.Scenario, seed uint64, p model.Protocol) *scenarios.Result {
	t.Helper()
	s = s.Clone()
	s.Protocol = p.Name()
	job := open(t, s, p)
	r, err := job.Run(context.Background(), scenarios.Options{Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestExploreFewestFaults: a way has no fault that the violation at its end does not need.
func TestExploreFewestFaults(t *testing.T) {
	m, _ := mutant.Find("early-vote")
	s := loaded(t, "pair")
	s.Schedule.Budget = sim.Budget{Crash: 1, Timeout: sim.Unbounded}
	x, err := scenarios.Explore(t.Context(), s.Using(m.Protocol), nil, scenarios.ExploreOptions{})
	if err != nil || x.Verdict != analysis.Invalid {
		t.Fatal(err)
	}
	if way := strings.Join(x.Way, "\n"); strings.Contains(way, "crash") || strings.Contains(way, "again") || len(x.Way) != 2 {
		t.Errorf("%s by the way:\n%s", x.Findings[0], way)
	}
}

// TestExploreNotRefined: a step that Transaction Commit has not makes an exploration invalid,
// even if what comes of it is too far away for a run to show.
func TestExploreNotRefined(t *testing.T) {
	m, _ := mutant.Find("one-phase-for-two")
	s := loaded(t, "pair")
	s.Schedule.Budget = sim.Budget{}
	x, err := scenarios.Explore(t.Context(), s.Using(m.Protocol), nil, scenarios.ExploreOptions{Refine: true, Depth: 4})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{`C0 gets "request" of t1 from client`, `w0 gets "commit-one" of t1 from C0`, "w0 has its log synced"}
	if x.Verdict != analysis.Invalid || len(x.Findings) > 0 || !slices.Equal(x.Way, want) {
		t.Errorf("%s, %v, by the way %q", x.Verdict, x.Findings, x.Way)
	}
}

// TestExploreSaysWhere: a way names the place within a step at which a node crashes as a fault
// line does, and of several messages the one.
func TestExploreSaysWhere(t *testing.T) {
	for name, want := range map[string]string{ // any order: each alone
		"reaper":         `C0 gets "request" of t1 from client and crashes after send prepare to w0`,
		"orphan-prepare": "w0 has its log synced and crashes after sync prepare",
	} {
		m, _ := mutant.Find(name)
		s := loaded(t, "pair")
		s.Schedule.Budget = sim.Budget{Crash: 1}
		x, err := scenarios.Explore(t.Context(), s.Using(m.Protocol), nil, scenarios.ExploreOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(x.Way, want) {
			t.Errorf("%s: by the way %q", name, x.Way)
		}
	}
}
