package scenarios

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// exploreScenario explores a scenario of the library with changes.
func exploreScenario(t *testing.T, name, budget string, o ExploreOptions, sets ...string) *Exploration {
	t.Helper()
	s := loaded(t, name, append(sets, "schedule=exhaustive:"+budget)...)
	x, err := Explore(t.Context(), s, model.Protocols(), o)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestExploreScarceLog: what a coordinator begins depends on the room that its audit records
// have left, and states that differ in that are not taken for one.
func TestExploreScarceLog(t *testing.T) {
	for _, capacity := range []string{"250", "400"} {
		x := exploreScenario(t, "rivals", "timeout=1,crash=0", ExploreOptions{}, "clients=1", "disk.capacity="+capacity)
		if !x.Exhausted || len(x.Findings) > 0 {
			t.Errorf("capacity %s: exhausted %v, %v", capacity, x.Exhausted, x.Findings)
		}
	}
}

// TestExploreCheckpoints: when a coordinator takes a checkpoint depends on the bytes of its
// audit records, and what a checkpoint holds on when it was taken. A state that leaves out
// either is another than that of the run which takes the way there.
func TestExploreCheckpoints(t *testing.T) {
	for _, c := range []struct {
		name, budget string
		checkpoint   int
	}{{"pair", "timeout=2", 150}, {"rivals", "timeout=0", 120}} {
		x := exploreScenario(t, c.name, c.budget, ExploreOptions{States: 7000, Jobs: 1}, fmt.Sprint("disk.checkpoint=", c.checkpoint))
		if x.Verdict == analysis.Invalid || x.Distinct == 0 || !x.Exact {
			t.Errorf("%+v: %d states, exact %v, %s %v", c, x.Distinct, x.Exact, x.Verdict, x.Findings)
		}
	}
}

// three is the pair's transaction on a third worker too.
const three = `transactions.inline=["t1: w0 write x = 1; w1 write y = 1; w2 write z = 1"]`

// bothWrite are two transactions that do the same on both workers.
const bothWrite = `transactions.inline=["t1: w0 write x = 1; w1 write y = 1", "t2: w0 write x = 2; w1 write y = 2"]`

// oneRivals are two transactions that are in conflict at one of two workers.
const oneRivals = `transactions.inline=["t1: w0 write x = 1; w1 write y = 1", "t2: w0 read x; w0 write x = 2"]`

// TestExploreGolden: two-phase commit in all its small cases, exhausted and valid,
// with the counts of what was visited. The longer ones need TXSIM_LONG, and the one of
// several minutes TXSIM_LONG=all.
func TestExploreGolden(t *testing.T) {
	t.Parallel()
	file := filepath.Join("testdata", "golden", "explore.txt")
	var got strings.Builder
	for _, c := range []struct {
		name, budget string
		long         bool
		sets         []string
		symmetry     bool
		longest      bool
		full         bool
	}{
		{name: "pair", budget: "timeout=0"},
		{name: "pair", budget: "timeout=any"},
		{name: "pair", budget: "crash=1,drop=1,timeout=1"},
		{name: "pair", budget: "crash=1,drop=1,timeout=any", long: true},
		{name: "pair", budget: "crash=2,timeout=1", long: true},
		{name: "pair", budget: "drop=1,duplicate=1,timeout=1"},
		{name: "pair", budget: "crash=1,timeout=0", sets: []string{"protocol=presumed-nothing"}},
		{name: "pair", budget: "crash=1,timeout=0", sets: []string{"protocol=presumed-commit"}},
		{name: "pair", budget: "timeout=1", sets: []string{"execution=interactive"}},
		{name: "pair", budget: "timeout=1", sets: []string{"execution=batched"}},
		{name: "pair", budget: "drop=1,timeout=1", sets: []string{"workers=3", three}},
		{name: "pair", budget: "crash=1,drop=1,timeout=1", sets: []string{"workers=3", three}, long: true},
		{name: "pair", budget: "crash=1,drop=1,timeout=1", sets: []string{"workers=3", three}, long: true, full: true},
		{name: "rivals", budget: "timeout=0", sets: []string{"coordinators=1", "placement=workers"}},
		{name: "pair", budget: "timeout=any", symmetry: true},
		{name: "pair", budget: "crash=1,drop=1,timeout=1", symmetry: true},
		{name: "pair", budget: "drop=1,timeout=1", sets: []string{"workers=3", three}, symmetry: true},
		{name: "pair", budget: "timeout=any", sets: []string{"workers=3", three}, symmetry: true},
		{name: "pair", budget: "crash=1,drop=1,timeout=1", sets: []string{"workers=3", three}, symmetry: true, long: true},
		{name: "pair", budget: "crash=1,drop=1,timeout=any", sets: []string{"workers=3", three}, symmetry: true, longest: true},
		{name: "pair", budget: "timeout=1", sets: []string{bothWrite}, symmetry: true},
		{name: "pair", budget: "timeout=2", sets: []string{bothWrite}, symmetry: true, long: true},
		{name: "pair", budget: "timeout=any", sets: []string{bothWrite}, symmetry: true, longest: true},
		{name: "pair", budget: "crash=1,timeout=0", sets: []string{`transactions.inline=["t1: w0 write x = 1", "t2: w0 read x; w0 write x = 2"]`}},
		{name: "rivals", budget: "timeout=0"},
		{name: "rivals", budget: "timeout=0", sets: []string{"concurrency=wound-wait"}},
		{name: "rivals", budget: "timeout=0", sets: []string{"concurrency=no-wait"}},
		{name: "rivals", budget: "timeout=1", long: true},
		{name: "rivals", budget: "timeout=2", long: true},
		{name: "rivals", budget: "crash=1,timeout=0", long: true},
		{name: "rivals", budget: "timeout=any", sets: []string{oneRivals}, longest: true},
	} {
		title := strings.Join(append([]string{c.name, c.budget}, c.sets...), " ")
		if c.symmetry {
			title += " --symmetry"
		}
		if c.full {
			title += " --full"
		}
		if env := os.Getenv("TXSIM_LONG"); c.long && env == "" || c.longest && env != "all" {
			got.WriteString(goldenLine(t, file, title))
			continue
		}
		x := exploreScenario(t, c.name, c.budget, ExploreOptions{Symmetry: c.symmetry, Full: c.full}, c.sets...)
		if !x.Exhausted || !x.Exact || x.Verdict != analysis.Valid {
			t.Errorf("%s: exhausted %v, exact %v, %s %v", title, x.Exhausted, x.Exact, x.Verdict, x.Findings)
		}
		if x.Livelock == nil && !c.longest || x.Livelock != nil && x.Livelock.States > 0 { // the longest may have too many transitions
			t.Errorf("%s: %+v", title, x.Livelock)
		}
		fmt.Fprintf(&got, "%s: %d states, %d transitions, depth %d, %d histories at the end\n", title, x.Distinct, x.Transitions, x.Result.Depth, x.Histories)
	}
	if *updateGolden {
		if err := os.WriteFile(file, []byte(got.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("got\n%swant\n%s", got.String(), want)
	}
}

// goldenLine is what the file has of a case that is not run.
func goldenLine(t *testing.T, file, title string) string {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, title+":") {
			return line
		}
	}
	return title + ": not run yet\n"
}

// TestExploreRefusesAttempts: what the second reading of a scenario refuses is an error.
func TestExploreRefusesAttempts(t *testing.T) {
	s := loaded(t, "pair")
	if _, err := Explore(t.Context(), s, model.Protocols(), ExploreOptions{Attempts: 70000}); err == nil || !strings.Contains(err.Error(), "retry.attempts") {
		t.Error(err)
	}
}

// TestExploreSymmetry: with workers folded, an exploration comes to the same verdict,
// by a way as short, reaches the same states of Transaction Commit, and says so where
// nothing can be folded.
func TestExploreSymmetry(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		budget string
		sets   []string
	}{
		{"crash=1,timeout=0", nil},
		{"drop=1,timeout=1", []string{"workers=3", three}},
		{"timeout=1", []string{`transactions.inline=["t1: w0 write x = 1; w1 write y = 1", "t2: w0 read x; w1 read y"]`}},
	} {
		full := exploreScenario(t, "pair", c.budget, ExploreOptions{Refine: true}, c.sets...)
		less := exploreScenario(t, "pair", c.budget, ExploreOptions{Refine: true, Symmetry: true}, c.sets...)
		if less.Distinct >= full.Distinct || less.Result.Depth != full.Result.Depth || less.Histories > full.Histories ||
			less.Verdict != analysis.Valid || full.Verdict != analysis.Valid || less.Refined[0].Reached != full.Refined[0].Reached {
			t.Errorf("%s %v: %d states to depth %d, %d histories, %s; not folded %d to %d, %d, %s", c.budget, c.sets, less.Distinct, less.Result.Depth,
				less.Histories, less.Verdict, full.Distinct, full.Result.Depth, full.Histories, full.Verdict)
		}
	}
	// What no way has breaks no symmetry.
	if x := exploreScenario(t, "pair", "drop=1,timeout=1", ExploreOptions{Symmetry: true, Attempts: 2}, "protocol=presumed-commit", "execution=batched"); x.Folded == nil {
		t.Errorf("not folded: %s", x.Unfolded)
	}
	for set, why := range map[string]string{ // any order
		"execution=interactive": "C0 sends something else than execute 1 op of t1 under another name",
		`transactions.inline=["t1: w0 write x = 1; w1 write y = 2"]`: "no two workers play the same part",
	} {
		full := exploreScenario(t, "pair", "timeout=0", ExploreOptions{}, set)
		less := exploreScenario(t, "pair", "timeout=0", ExploreOptions{Symmetry: true}, set)
		if less.Distinct != full.Distinct || less.Unfolded != why || less.Folded != nil || less.Verdict != analysis.Valid {
			t.Errorf("%s: %d states, %q; not folded %d", set, less.Distinct, less.Unfolded, full.Distinct)
		}
	}
}

// TestExploreRefines: the real coordinator and workers do nothing that Transaction
// Commit does not, and reach all of its states: 12 for two managers, 34 for three.
func TestExploreRefines(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		budget  string
		sets    []string
		reached uint64
	}{
		{"timeout=any", nil, 12},
		{"crash=1,timeout=1", nil, 12},
		{"timeout=1", []string{"workers=3", three}, 34},
	} {
		x := exploreScenario(t, "pair", c.budget, ExploreOptions{Refine: true}, c.sets...)
		if len(x.Refined) != 1 || x.Refined[0].Violation != nil || x.Refined[0].Reached != c.reached {
			t.Errorf("%s %v: %+v", c.budget, c.sets, x.Refined)
		}
	}
}

// TestExploreJobs: what an exploration comes to does not depend on the number of
// jobs, nor on whether it is reduced.
func TestExploreJobs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		budget   string
		sets     []string
		symmetry bool
	}{{"crash=1,timeout=0", nil, false}, {"duplicate=1,timeout=1", []string{bothWrite}, true}} {
		one := exploreScenario(t, "pair", c.budget, ExploreOptions{Jobs: 1, Symmetry: c.symmetry}, c.sets...)
		two := exploreScenario(t, "pair", c.budget, ExploreOptions{Jobs: 3, Symmetry: c.symmetry}, c.sets...)
		if one.Distinct != two.Distinct || one.Transitions != two.Transitions || one.Reactions != two.Reactions || one.Reactions == 0 != c.symmetry || one.Histories != two.Histories {
			t.Errorf("%s: %d %d %d %d, with three jobs %d %d %d %d", c.budget, one.Distinct, one.Transitions, one.Reactions, one.Histories,
				two.Distinct, two.Transitions, two.Reactions, two.Histories)
		}
	}
	for _, c := range []struct { // bounded at a depth that is met in any order; the second is searched again after that
		budget string
		o      ExploreOptions
		sets   []string
	}{
		{"crash=1,drop=1", ExploreOptions{States: 3000}, nil},
		{"crash=1,drop=1,timeout=0", ExploreOptions{Depth: 11, Attempts: 2}, []string{
			"workers=1", "clients=2", "protocol=presumed-commit", "execution=interactive", "disk.checkpoint=64",
			`transactions={inline: ["t1: w0 write x = 5", "t2: w0 read x; w0 write y = 7; w0 delete x"]}`}},
	} {
		bounded := func(jobs int) uint64 {
			c.o.Jobs = jobs
			return exploreScenario(t, "pair", c.budget, c.o, c.sets...).Reactions
		}
		if one, two := bounded(1), bounded(3); one != two || one == 0 {
			t.Errorf("%s: %d reactions up to a bound, with three jobs %d", c.budget, one, two)
		}
	}
	one := exploreScenario(t, "pair", "crash=1,timeout=0", ExploreOptions{})
	full := exploreScenario(t, "pair", "crash=1,timeout=0", ExploreOptions{Full: true})
	if full.Distinct < one.Distinct || full.Histories != one.Histories || full.Verdict != analysis.Valid {
		t.Errorf("%d states and %d histories, reduced %d and %d", full.Distinct, full.Histories, one.Distinct, one.Histories)
	}
}

// TestExploreOneMachine: there is no machine to share, so that a run can take every way that
// an exploration finds for a coordinator on the host of a worker: the one does not wait until
// the other's log is synced.
func TestExploreOneMachine(t *testing.T) {
	x := exploreScenario(t, "pair", "timeout=0", ExploreOptions{Full: true}, "clients=2", "placement=workers", "protocol=presumed-commit",
		`transactions.inline=["t1: w0 write x = 1; w1 write y = 1", "t2: w0 write x = 2"]`)
	if !x.Exhausted || x.Verdict != analysis.Valid {
		t.Errorf("exhausted %v, %s %v", x.Exhausted, x.Verdict, x.Findings)
	}
}

// renamed is a protocol of one's own, as far as anyone can tell.
type renamed struct{ model.TwoPhase }

func (renamed) Name() string { return "renamed" }

// TestExploreRoles: a node without transactions is left out where it has nothing to do, but
// not of a protocol that may have something for it, as far as there is room.
func TestExploreRoles(t *testing.T) {
	for _, c := range []struct {
		p                           model.Protocol
		workers                     string
		wantCoordinators, wantNodes int
		leftOut                     int
	}{{model.Protocols()[0], "3", 1, 3, 0}, {renamed{}, "3", 2, 5, 0}, {renamed{}, "6", 2, 4, 4}} {
		s := loaded(t, "pair")
		if err := s.Using(c.p).Apply("coordinators=2", "workers="+c.workers, "schedule=exhaustive:timeout=0"); err != nil {
			t.Fatal(err)
		}
		x, err := Explore(t.Context(), s, nil, ExploreOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got := x.Scenario; !x.Exhausted || x.Verdict != analysis.Valid || got.Coordinators != c.wantCoordinators || got.Coordinators+got.Workers != c.wantNodes || x.LeftOut != c.leftOut {
			t.Errorf("%s: %s with %d coordinators and %d workers", c.p.Name(), x.Verdict, got.Coordinators, got.Workers)
		}
	}
}

// TestExploreBounds: a bound leaves the verdict unknown.
func TestExploreBounds(t *testing.T) {
	for _, o := range []ExploreOptions{{Depth: 5, Refine: true}, {States: 30, Refine: true}} {
		if x := exploreScenario(t, "pair", "timeout=0", o); x.Exhausted || !x.Unrefined || x.Verdict != analysis.Undecided || x.Refined[0].States != x.Distinct {
			t.Errorf("%+v: exhausted %v, %s, %d states; refined %+v", o, x.Exhausted, x.Verdict, x.Distinct, x.Refined[0])
		}
	}
}

// TestExploreRefuses what is too large, and what is no way of a schedule.
func TestExploreRefuses(t *testing.T) {
	for _, c := range []struct{ set, want string }{
		{"transactions=100", "100 transactions: at most 6 can be explored"},
		{`faults=["crash w0 at 1ms"]`, "must be none with the schedule exhaustive"},
	} {
		s, _ := Load("pair")
		path, value, _ := strings.Cut(c.set, "=")
		if err := s.Set(path, value); err != nil {
			t.Fatal(err)
		}
		if path == "transactions" {
			s.Transactions.Inline = nil
		}
		if _, err := Explore(t.Context(), s, model.Protocols(), ExploreOptions{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.set, err)
		}
	}
}

// TestNoSwarmOfWays: a swarm changes nothing of an exhaustive schedule, which has faults of
// its own and could not be explored with others.
func TestNoSwarmOfWays(t *testing.T) {
	s := Small()
	if err := s.Set("schedule", "exhaustive:crash=1"); err != nil {
		t.Fatal(err)
	}
	job := openJob(t, s)
	if job.of(Options{Seed: 1, Swarm: true}) != job {
		t.Error("drew a swarm")
	}
}

// TestWaysBySeed: a run takes one way of an exhaustive schedule; the same seed takes
// the same, and other seeds take others, with faults up to the budget.
func TestWaysBySeed(t *testing.T) {
	s := loaded(t, "rivals", "schedule=exhaustive:crash=1,drop=1,duplicate=1,timeout=2")
	job := openJob(t, s)
	hashes := map[uint64]bool{}
	crashed := 0
	for seed := range uint64(50) {
		a, err := job.Run(t.Context(), Options{Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		b, _ := job.Run(t.Context(), Options{Seed: seed})
		if a.Hash != b.Hash || a.Verdict != analysis.Valid {
			t.Errorf("seed %d: hashes %x and %x, %s %v", seed, a.Hash, b.Hash, a.Verdict, a.Findings)
		}
		if a.Stats.Crashes > 1 || a.Stats.Duplicates > 1 || a.Stats.Lost[sim.LostByFault] > 1 {
			t.Errorf("seed %d: more faults than the budget has: %+v", seed, a.Stats)
		}
		crashed += int(a.Stats.Crashes)
		hashes[a.Hash] = true
	}
	if len(hashes) < 45 || crashed == 0 {
		t.Errorf("%d ways and %d crashes in 50 seeds", len(hashes), crashed)
	}
}
