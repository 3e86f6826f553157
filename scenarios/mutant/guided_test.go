package mutant

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/scenarios"
)

// wide are mutants that a fuzzer finds, but not soon, in a scenario that was not made for
// them: who looks for a bug that is not known has none. Guidance was tuned on the first
// eight, with the seeds 1000 to 1005.
func wide(t *testing.T) (some []Mutant) {
	for _, name := range []string{"empty-checkpoint", "released-early", "unrestored", "deaf-to-wounds", "deadly-wound", "undead-writes",
		"stale-cache", "stale-lock", "blind-reads", "reversed-wait-die", "released-reads", "unrestored-reads", "write-skew", "no-deletion"} {
		m, ok := Find(name)
		m, err := m.With("workers=8", "workload.keys=100")
		if !ok || err != nil {
			t.Fatal(name, err)
		}
		some = append(some, m)
	}
	return some
}

// TestMeasureFuzz: the report is the same for any number of jobs, and finds what is
// easy to find.
func TestMeasureFuzz(t *testing.T) {
	var easy []Mutant
	for _, name := range []string{"early-vote", "used-ids"} {
		m, _ := Find(name)
		easy = append(easy, m)
	}
	var reports []*FuzzReport
	for _, jobs := range []int{1, 3} {
		r, err := MeasureFuzz(t.Context(), easy, Options{Seeds: 100, Hunts: 3, Jobs: jobs})
		if err != nil {
			t.Fatal(err)
		}
		for way := range scenarios.FuzzGuided + 1 {
			if n := r.Found(way); n != 6 {
				t.Errorf("%v: found %d of 6", way, n)
			}
		}
		reports = append(reports, r)
	}
	if a, b := reports[0], reports[1]; !reflect.DeepEqual(a.Hunted, b.Hunted) || a.Runs != b.Runs {
		t.Errorf("%v and %v", a, b)
	}
}

// TestGuided: guided inputs find more than random ones in as many runs, and more than the
// same changes of inputs that reached nothing in particular.
func TestGuided(t *testing.T) {
	if os.Getenv("TXSIM_LONG") == "" {
		t.Skip("takes some minutes: only with TXSIM_LONG in the environment")
	}
	r, err := MeasureFuzz(t.Context(), wide(t), Options{Seeds: 1500, Hunts: 8})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", r.Table())
	for way := range scenarios.FuzzGuided {
		if g := r.Gain(way); r.Rate(scenarios.FuzzGuided) < 1.5*r.Rate(way) || g.Ratio.Estimate < 1 || g.P > 0.01 {
			t.Errorf("guided: %.0f in 100000 runs; %v: %.0f; pair by pair %+v", r.Rate(scenarios.FuzzGuided), way, r.Rate(way), g)
		}
	}
}

// TestGuidedSoon is TestGuided of one mutant, in a few hundred runs.
func TestGuidedSoon(t *testing.T) {
	m, _ := Find("stale-cache")
	m, err := m.With("workers=8", "workload.keys=100")
	if err != nil {
		t.Fatal(err)
	}
	r, err := MeasureFuzz(t.Context(), []Mutant{m}, Options{Seeds: 300, Hunts: 6})
	if err != nil {
		t.Fatal(err)
	}
	if guided, changed := r.Found(scenarios.FuzzGuided), r.Found(scenarios.FuzzBlind); guided < 4 || guided < changed+3 {
		t.Errorf("of 6 hunts guided ones found it in %d, the same changes without guidance in %d", guided, changed)
	}
}

// TestWith: parameters that are set are those of the scenario, and bad ones are refused.
func TestWith(t *testing.T) {
	m, _ := Find("early-vote")
	set, err := m.With("workers=8", "workload.keys=100")
	if s := set.Scenario(); err != nil || s.Workers != 8 || s.Workload.Keys != 100 || m.Scenario().Workers == 8 {
		t.Errorf("%d workers, %d keys, %v", s.Workers, s.Workload.Keys, err)
	}
	for _, bad := range []string{"", "workers", "workers=0", "workerz=1"} {
		if _, err := m.With(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

// TestFuzzGain: pairs are of one mutant and seed, and what was not found is last.
func TestFuzzGain(t *testing.T) {
	r := &FuzzReport{limit: 100, Mutants: make([]Mutant, 2)}
	for way, hunts := range [][]int{{80, 0, 40, 100}, {80, 0, 40, 100}, {40, 100, 20, 50}} {
		r.Hunted[way] = []Hunted{{Seeds: hunts}, {Seeds: hunts}}
	}
	if g := r.Gain(scenarios.FuzzRandom); g.Pairs != 8 || g.Zeros != 0 || g.P != 2.0/256 || g.Ratio.Estimate < 2 {
		t.Errorf("%+v", g)
	}
	if text := r.Table().String(); !strings.Contains(text, "p 0.0078") {
		t.Errorf("%s", text)
	}
	r.Hunted[2][1].Seeds = nil // interrupted: nothing is paired
	if text := r.Table().String(); strings.Contains(text, " p ") {
		t.Errorf("%s", text)
	}
}
