package mutant_test

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/scenarios/mutant"
)

// TestAll: every mutant says what it is, and what it expects is checked for.
func TestAll(t *testing.T) {
	published, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, m := range mutant.All() {
		if row := fmt.Sprintf("| `%s` | %s | %s | ", m.Name, m.Sentence, m.Origin); !strings.Contains(string(published), row) {
			t.Errorf("README.md: no row %s…", row)
		}
		if names[m.Name] {
			t.Errorf("%s: there are two", m.Name)
		}
		names[m.Name] = true
		if m.Sentence == "" || m.Origin == "" || len(m.Expect) == 0 {
			t.Errorf("%s: sentence, origin and expectation are needed", m.Name)
		}
		for _, e := range m.Expect {
			if inv, _, _ := strings.Cut(e, "/"); !slices.Contains(analysis.InvariantsAt(""), inv) {
				t.Errorf("%s expects %s: no such invariant", m.Name, e)
			}
		}
		if found, ok := mutant.Find(m.Protocol.Name()); !ok || found.Name != m.Name {
			t.Errorf("%s: not found by its protocol", m.Name)
		}
		if s := m.Scenario(); s.Protocol != mutant.Prefix+m.Name || s.Validate() != nil {
			t.Errorf("%s: protocol %s, %v", m.Name, s.Protocol, s.Validate())
		}
	}
	if len(names) < 35 {
		t.Errorf("%d mutants: expected 35 or more", len(names))
	}
}

func measure(t *testing.T, jobs int, mutants ...mutant.Mutant) *mutant.Report {
	t.Helper()
	r, err := mutant.Measure(context.Background(), mutants, mutant.Options{Seeds: 3, Hunts: 4, Jobs: jobs})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func find(t *testing.T, name string) mutant.Mutant {
	t.Helper()
	m, ok := mutant.Find(name)
	if !ok {
		t.Fatal(name)
	}
	return m
}

// TestMeasure: the number of jobs does not show, a sound protocol survives as a
// mutant, and a mutant is accused as a control.
func TestMeasure(t *testing.T) {
	found, rare := find(t, "early-vote"), find(t, "unrestored")
	one, four := measure(t, 1, found, rare), measure(t, 4, found, rare)
	if a, b := one.Table().String(), four.Table().String(); a != b {
		t.Errorf("with one job\n%swith four\n%s", a, b)
	}
	if s := one.Survivors(); len(s) != 1 || s[0].Name != rare.Name {
		t.Errorf("survivors: %v, expected what 3 seeds do not show", s)
	}
	if h := one.Hunted[0][0]; !reflect.DeepEqual(h.Seeds, []int{1, 1, 1, 1}) || !slices.Contains(h.By, "write-ahead") || h.Found() != 4 {
		t.Errorf("%+v", h)
	}
	if r := measure(t, 2, found); !r.Clean() || r.Runs != 4*len(mutant.Ways()) {
		t.Errorf("survivors %v, accused %v, %d runs", r.Survivors(), r.Accused, r.Runs)
	}

	harmless := found
	harmless.Protocol = found.Sound
	if r := measure(t, 2, harmless); r.Clean() || len(r.Survivors()) != 1 || len(r.Accused) > 0 || r.Hunted[0][0].Found() != 0 {
		t.Errorf("no bug: survivors %v, accused %v", r.Survivors(), r.Accused)
	}
	guilty := found
	guilty.Sound = found.Protocol
	if r := measure(t, 2, guilty); r.Clean() || len(r.Accused) < 8 || r.Accused[0].Finding.Invariant != "write-ahead" {
		t.Errorf("a guilty control: accused %v", r.Accused)
	}
}

// TestInterrupted: what is not done in time is no result.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if r, err := mutant.Measure(ctx, mutant.All(), mutant.Options{Seeds: 1, Hunts: 1, Jobs: 1}); err == nil {
		t.Errorf("%v", r.Table())
	}
}
