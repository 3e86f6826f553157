package scenarios_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/mutant"
)

// smallOf hunts for a mutant, with a swarm of faults, and shrinks the repro of
// the first finding that is expected of it.
func smallOf(t testing.TB, m *mutant.Mutant) (fingerprint string, s *scenarios.Shrunk) {
	t.Helper()
	h, err := open(t, m.Scenario()).Hunt(context.Background(), scenarios.HuntOptions{First: 1, Last: 100, Swarm: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Found) == 0 {
		t.Logf("%s: nothing found in %d runs", m.Name, h.Done) // the table of mutants says so
		return "", nil
	}
	expected := func(f *scenarios.Found) bool {
		return slices.ContainsFunc(m.Expect, func(e string) bool { return strings.HasPrefix(f.Fingerprint, e) })
	}
	f := h.Found[max(0, slices.IndexFunc(h.Found, expected))]
	s, err = scenarios.Shrink(context.Background(), f.Repro, protocols(), scenarios.ShrinkOptions{})
	if err != nil {
		t.Fatalf("%s: %v\n%s", m.Name, err, f.Repro.Brief())
	}
	return f.Fingerprint, s
}

func median(n []int) int {
	slices.Sort(n)
	return n[len(n)/2]
}

// shrinkOften are the mutants whose repros every test run shrinks: some of each
// kind, and none that takes long.
var shrinkOften = []string{"abort-alone", "early-vote", "dirty-reads", "stale-cache", "released-reads", "deaf-worker", "blind-reads"}

// TestShrinkSizes: over the mutants, what remains is small. All of them are
// shrunk with TXSIM_LONG in the environment.
func TestShrinkSizes(t *testing.T) {
	long := os.Getenv("TXSIM_LONG") != ""
	var txs, workers, faults []int
	for _, m := range mutant.All() {
		if !long && !slices.Contains(shrinkOften, m.Name) {
			continue
		}
		print, s := smallOf(t, &m)
		if s == nil {
			continue
		}
		if s.Finding.Fingerprint() != print || s.Repro.Expect.Finding != print {
			t.Errorf("%s: %s became %s", m.Name, print, s.Finding.Fingerprint())
		}
		n := s.After
		txs, workers, faults = append(txs, n.Transactions), append(workers, n.Workers), append(faults, n.Faults)
		t.Logf("%s: %s: %s\n%s", m.Name, print, s, s.Repro.Brief())
	}
	if len(txs) < len(shrinkOften) {
		t.Fatalf("%d repros shrunk: too few to say how small they become", len(txs))
	}
	if median(txs) > 3 || median(workers) > 3 || median(faults) > 2 {
		t.Errorf("median: %d transactions, %d workers, %d faults: expected at most 3, 3 and 2", median(txs), median(workers), median(faults))
	}
	t.Logf("median: %d transactions, %d workers, %d faults", median(txs), median(workers), median(faults))
}

// TestShrinkTwice: the same repro always shrinks to the same one, that cannot be
// shrunk any more; and it stays within its budget.
func TestShrinkTwice(t *testing.T) {
	m, _ := mutant.Find("dirty-reads")
	h, err := open(t, m.Scenario()).Hunt(context.Background(), scenarios.HuntOptions{First: 1, Last: 50})
	if err != nil {
		t.Fatal(err)
	}
	shrink := func(s *scenarios.Scenario, budget int) *scenarios.Shrunk {
		r, err := scenarios.Shrink(context.Background(), s, protocols(), scenarios.ShrinkOptions{Budget: budget})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	repro := h.Found[0].Repro
	first, second := shrink(repro, 0), shrink(repro, 0)
	if !first.Repro.Equal(second.Repro) {
		t.Errorf("two of one:\n%s\n%s", first.Repro.Brief(), second.Repro.Brief())
	}
	if again := shrink(first.Repro, 0); again.After != first.After {
		t.Errorf("%v was not the end: %v", first.After, again.After)
	}
	if short := shrink(repro, 10); short.Runs != 10 || !short.Exhausted {
		t.Errorf("budget 10: %d runs, exhausted %v", short.Runs, short.Exhausted)
	}
}

// impatient is a context that ends after it has been looked at a number of times.
type impatient struct {
	context.Context
	looks int
}

func (c *impatient) Err() error {
	if c.looks--; c.looks < 0 {
		return context.Canceled
	}
	return nil
}

// TestShrinkInterrupted: a run that was cut short, though it shows the finding, has another trace
// than the repro, which must not expect that.
func TestShrinkInterrupted(t *testing.T) {
	repro := faulty(t, "mutant:early-vote", "transactions=150").Scenario().Clone()
	r, err := open(t, repro).Run(t.Context(), scenarios.Options{Seed: repro.Seed})
	if err != nil || len(r.Findings) == 0 || r.Stats.Events < 1<<13 {
		t.Fatalf("%+v, %v", r, err)
	}
	repro.Expect.Finding = r.Findings[0].Fingerprint()
	looks, begun := 0, false
	for ; !begun && looks < 100; looks++ {
		s, err := scenarios.Shrink(&impatient{t.Context(), looks}, repro, protocols(), scenarios.ShrinkOptions{})
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%d looks: %v", looks, err)
			}
			continue
		}
		begun = true
		r, err := open(t, s.Repro).Reproduce(t.Context(), scenarios.Options{})
		if err != nil || r.Expected == nil || !r.SameTrace || !s.Interrupted {
			t.Errorf("%d looks: %v, %v, the same trace: %v", looks, err, r.Expected, r.SameTrace)
		}
	}
	if !begun || looks < 3 {
		t.Errorf("begun %v after %d looks", begun, looks)
	}
}

// TestRepros replays what lies in testdata/repros. A repro of a mutant must show
// what it expects; once a bug of the protocols themselves is fixed, its repro
// expects finding: none, and must be clean from then on.
func TestRepros(t *testing.T) {
	files, err := filepath.Glob("testdata/repros/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no repros: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s, err := scenarios.Parse(file, text)
			if err != nil {
				t.Fatal(err)
			}
			r, err := open(t, s).Reproduce(context.Background(), scenarios.Options{})
			if err != nil {
				t.Fatal(err)
			}
			switch want := s.Expect.Finding; {
			case want == "":
				t.Error("expect.finding is missing: a fingerprint, or none")
			case want == scenarios.NoFinding:
				if r.Verdict != analysis.Valid {
					t.Errorf("it fails: %v; txsim replay scenarios/%s", r.Findings, file)
				}
			case r.Expected == nil:
				t.Errorf("no longer fails with %s, but %v: if a bug is fixed, let it expect %s", want, r.Findings, scenarios.NoFinding)
			}
		})
	}
}
