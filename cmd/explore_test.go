package cmd

import (
	"context"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model/space"
	"github.com/seed83d86191/txsim/model/spec"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/sim/explore"
)

// endingContext ends when it has been asked so many times.
type endingContext struct {
	context.Context
	left int
}

func (c *endingContext) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// TestRefineCutShort: a check of refinement that is cut short leaves the verdict unknown,
// though all was explored, and says why; so does one that has not begun.
func TestRefineCutShort(t *testing.T) {
	s, err := spec.New("twophase", 3)
	if err != nil {
		t.Fatal(err)
	}
	o := explore.Options[spec.State]{}
	r := explore.Explore(t.Context(), s, s.Invariants(), o)
	for left, want := range map[int]string{
		0:     "not checked: interrupted",
		1:     "TCommit, of which it reaches 1 state, as far as it was checked: interrupted",
		10000: "TCommit, of which it reaches 34 states",
	} {
		x := explored(s, r, "")
		x.refine(&endingContext{t.Context(), left}, s, o)
		whole := left == 10000
		if text := value(x.table(), "refines"); text != want || (x.Verdict == analysis.Valid.String()) != whole {
			t.Errorf("after %d looks: verdict %s, refines %q, expected %q", left, x.Verdict, text, want)
		}
	}
}

// wishful is a specification of which somebody hopes what does not hold.
type wishful struct {
	spec.Spec
	never string // in the text of a state
}

func (w wishful) Invariants() []explore.Invariant[spec.State] {
	return append(w.Spec.Invariants(), explore.Invariant[spec.State]{Name: "Wish", Holds: func(s spec.State) bool {
		return !strings.Contains(w.Text(s), w.never)
	}})
}

// TestSpecViolated: a broken invariant comes with the states of a shortest way to it, each
// behind the action that leads there. The ways say what the specifications are about.
func TestSpecViolated(t *testing.T) {
	for _, c := range []struct{ spec, never, way string }{
		// Each may abort on its own, as long as nobody has committed.
		{"tcommit", "aborted aborted", `
initially: working working
DecideAbort(r1): aborted working
DecideAbort(r2): aborted aborted`},
		// One commits when it hears of it, and that is when the transaction manager has heard
		// from all that they have prepared.
		{"twophase", "committed prepared", `
initially: working working, manager init
RMPrepare(r1): prepared working, manager init
TMRcvPrepared(r1): prepared working, manager init
RMPrepare(r2): prepared prepared, manager init
TMRcvPrepared(r2): prepared prepared, manager init
TMCommit: prepared prepared, manager committed
RMRcvCommitMsg(r1): committed prepared, manager committed`},
		// The transaction manager may fail behind its decision, for which there is a backup.
		{"2pc-with-btm", "manager hidden", `
initially: working working, manager init
DecideAbort(r1): aborted working, manager init
TS abort: aborted working, manager init
TA: aborted working, manager abort
F2: aborted working, manager hidden`},
		// Of each manager's vote two of the three acceptors have to know.
		{"paxos-commit", "committed", `
initially: working working
RMPrepare(r1): prepared working
Phase2b(a1) for r1 in ballot 0: prepared working
Phase2b(a2) for r1 in ballot 0: prepared working
RMPrepare(r2): prepared prepared
Phase2b(a1) for r2 in ballot 0: prepared prepared
Phase2b(a2) for r2 in ballot 0: prepared prepared
Decide commit: prepared prepared
RMRcvCommitMsg(r1): committed prepared`},
		// What does not hold from the beginning has a way too.
		{"tcommit", "working", `
initially: working working`},
	} {
		s, err := spec.New(c.spec, 2)
		if err != nil {
			t.Fatal(err)
		}
		s = wishful{s, c.never}
		x := explored(s, explore.Explore(t.Context(), s, s.Invariants(), explore.Options[spec.State]{}), "")
		table := x.table()
		if way := "\n" + strings.Join(x.Way, "\n"); way != c.way || x.Verdict != "invalid" || x.Violated != "Wish" {
			t.Errorf("%s, never %s: %s, %s broken by%s", c.spec, c.never, x.Verdict, x.Violated, way)
		}
		if first := value(table, "Wish broken by"); first != x.Way[0] || value(table, "exhausted") != "no: ended at the first violation" {
			t.Errorf("%s, never %s:\n%s", c.spec, c.never, table)
		}
	}
}

// TestLivelocksNotLookedFor: an exploration with too many transitions says that it did not look
// for livelocks, as its verdict does not.
func TestLivelocksNotLookedFor(t *testing.T) {
	x := &scenarios.Exploration{Scenario: scenarios.Default(), Verdict: analysis.Valid, Result: &explore.Result[space.State]{Exhausted: true}}
	if got := value(explorationTable(x, ""), "livelock"); !strings.HasPrefix(got, "not looked for: ") {
		t.Error(got)
	}
	x.Livelock = &explore.Livelock{}
	if got := value(explorationTable(x, ""), "livelock"); !strings.HasPrefix(got, "none: ") {
		t.Error(got)
	}
}

// value is what a table has behind a head.
func value(t *analysis.Table, head string) string {
	for _, row := range t.Rows {
		if row[0] == head {
			return row[1]
		}
	}
	return ""
}

// TestUnexhausted: an exploration without a verdict says why, even if it has visited all.
func TestUnexhausted(t *testing.T) {
	for want, x := range map[string]scenarios.Exploration{
		"": {Verdict: analysis.Valid, Exact: true},
		"the time of --for is over before all runs were judged": {Verdict: analysis.Undecided, Exact: true},
	} { // in any order: each stands for itself
		x.Result = &explore.Result[space.State]{Exhausted: true}
		if got := unexhausted(&x, errTime.Error()); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
