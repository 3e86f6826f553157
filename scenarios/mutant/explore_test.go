package mutant

import (
	"os"
	"slices"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
)

// exploreIn explores one of the cases.
func exploreIn(t *testing.T, m Mutant, name string) (Explored, error) {
	all := smallCases
	defer func() { smallCases = all }()
	at := slices.IndexFunc(all, func(c small) bool { return name == "" || c.name == name })
	smallCases = all[at : at+1]
	return Explore(t.Context(), m, 5000)
}

// TestExploreFinds: what is wrong in one transaction is found by visiting the ways of a
// small case, with as few steps as there can be. The counts are the memory of it.
func TestExploreFinds(t *testing.T) {
	for _, c := range []struct {
		mutant string
		steps  int
		by     string
		in     string // the case; "" is the first
	}{
		{"early-vote", 2, "write-ahead", ""},       // the request, a prepare
		{"early-collecting", 1, "write-ahead", ""}, // the request
		{"early-answer", 4, "write-ahead", ""},     // the request, a prepare, a sync, a vote
		{"early-commit", 7, "write-ahead", ""},     // and the same of the other worker
		{"early-ack", 9, "write-ahead", ""},        // and the coordinator's sync, a commit
		{"abort-alone", 9, "one-decision", ""},     // likewise
		{"impatient", 4, "one-decision", ""},       // the fourth is a timeout
		{"timeout-as-yes", 2, "one-decision", ""},
		{"one-phase-for-two", 4, "one-decision", ""},
		{"late-registration", 9, "progress", ""},
		{"rolled-back", 5, "one-decision", "a crash"},
		{"no-as-yes", 8, "one-decision", "two writers"},
		{"renamed", 9, "unique-ids", ""},
		{"deaf-worker", 0, "progress/livelock", "one transaction"}, // no end can be reached, unless a timer fires early
		{"orphan-prepare", 4, "progress/livelock", ""},             // the request, a timeout, an abort, a prepare
		{"lost-operations", 9, "idempotence", "a crash amid operations"},
		{"retry-unknown", 7, "atomicity/dirty-write", "a second attempt, a crash"},
		{"used-ids", 5, "unique-ids", "one worker, a crash"},
		{"stale-cache", 13, "strict-serializability/real-time", "one worker, in turn"},
		{"no-deletion", 14, "strict-serializability/real-time", "a deletion, in turn"},
		{"released-early", 13, "strict-serializability/real-time", "read in turn"},
		{"unrestored", 14, "strict-serializability/real-time", "read in turn, a crash"},
		{"deadly-wound", 20, "no-impossible-message", "the older one alone"},
		{"younger-prepare", 13, "age-order", "the older one alone, a second attempt"},
		{"lost-tombstone", 8, "log-grammar", "the older one alone, a duplicate"},
		{"deaf-coordinator", 12, "log-grammar", ""}, // the request, both workers' prepare, sync and vote, the decision's sync, a commit, its sync and ack
		{"presumed-done", 16, "one-decision", ""},
		{"newest-mark", 6, "no-impossible-message", "one worker, a crash"},
		{"twice-acked", 14, "log-grammar", ""}, // and a commit that is sent again, and its ack
		{"stale-lock", 31, "strict-serializability/real-time", "overwritten in turn"},
		{"out-of-order", 21, "strict-serializability/real-time", "overwritten in turn, a crash"},
		{"released-reads", 7, "no-impossible-message", "a reader"},
		{"unrestored-reads", 7, "log-grammar", "a reader overtaken, a crash"},
		{"empty-checkpoint", 10, "strict-serializability/lost-update", "one worker, a crash"},
	} {
		m, ok := Find(c.mutant)
		if !ok {
			t.Fatal(c.mutant)
		}
		x, err := exploreIn(t, m, c.in)
		if err != nil {
			t.Fatal(err)
		}
		if len(x.Way) != c.steps || x.By != c.by {
			t.Errorf("%s: %d steps show %q, expected %d, %q:\n%q", c.mutant, len(x.Way), x.By, c.steps, c.by, x.Way)
		}
	}
}

// TestExploreClearsTheSound: in none of the small cases is a sound protocol accused,
// as far as its states are visited.
func TestExploreClearsTheSound(t *testing.T) {
	states := uint64(10)
	if os.Getenv("TXSIM_LONG") != "" {
		states = 5_000
	}
	for _, p := range model.Protocols() {
		x, err := Explore(t.Context(), Mutant{Name: p.Name(), Protocol: p}, states)
		if err != nil || x.Case != "" || x.States < 29*30 {
			t.Errorf("%s, %s: %v %q %q, %d states", p.Name(), x.Case, err, x.By, x.Way, x.States)
		}
	}
}

// TestExploreReproduces: the repro of a shortest way shows the finding again, as any
// other does, without the exploration. A way has its crashes whatever limits.faults is, as
// its times only count steps.
func TestExploreReproduces(t *testing.T) {
	for _, c := range []struct{ mutant, budget, set string }{
		{"early-ack", "timeout=any", ""}, {"rolled-back", "crash=1,timeout=1", "limits.faults=1ns"},
	} {
		m, _ := Find(c.mutant)
		s, err := (&small{txns: onePair, budget: c.budget, set: c.set}).scenario(&m)
		if err != nil {
			t.Fatal(err)
		}
		x, err := scenarios.Explore(t.Context(), s, []model.Protocol{m.Protocol}, scenarios.ExploreOptions{})
		if err != nil || x.Repro == nil {
			t.Fatal(err, x)
		}
		again, err := scenarios.Parse("r.yaml", scenarios.ReproFile(x.Repro, "r.yaml", "", ""))
		if err != nil {
			t.Fatal(err)
		}
		job, err := again.Open([]model.Protocol{m.Protocol})
		if err != nil {
			t.Fatal(err)
		}
		r, err := job.Reproduce(t.Context(), scenarios.Options{})
		job.Close()
		if err != nil || r.Expected == nil || !r.SameTrace {
			t.Errorf("%s: %v: %+v", c.mutant, err, r)
		}
	}
}

// TestExploreReduced: what the reductions leave out hides no mutant. With and without,
// the small cases show the same ones, by ways that are not longer: where timers wait for
// what will be ignored, they can be shorter. Without TXSIM_LONG, of every third mutant.
func TestExploreReduced(t *testing.T) {
	t.Parallel()
	states, every, reduced, found := uint64(100), 3, 0, 0
	if os.Getenv("TXSIM_LONG") != "" {
		states, every = 30_000, 1
	}
	for k, m := range All() {
		if k%every != 0 {
			continue
		}
		for i := range smallCases {
			s, err := smallCases[i].scenario(&m)
			if err != nil {
				t.Fatal(err)
			}
			explore := func(full bool) *scenarios.Exploration {
				x, err := scenarios.Explore(t.Context(), s, []model.Protocol{m.Protocol}, scenarios.ExploreOptions{States: states, Attempts: smallCases[i].attempts, Jobs: 1, Full: full})
				if err != nil {
					t.Fatal(err)
				}
				return x
			}
			less := explore(false)
			if !less.Reduced {
				break // nor in any other case
			}
			reduced++
			full := explore(true)
			if full.Verdict == analysis.Undecided || less.Verdict == analysis.Undecided {
				continue
			}
			if full.Verdict == analysis.Invalid {
				found++
			}
			if less.Verdict != full.Verdict || len(less.Way) > len(full.Way) || len(less.Findings) > 0 && less.Findings[0].Fingerprint() != full.Findings[0].Fingerprint() {
				t.Errorf("%s, %s: %s %v %q; of all states %s %v %q", m.Name, smallCases[i].name, less.Verdict, less.Findings, less.Way, full.Verdict, full.Findings, full.Way)
			}
		}
	}
	if reduced < 250/every || found < 30/every {
		t.Errorf("%d cases could be reduced, and %d of them were found", reduced, found)
	}
}
