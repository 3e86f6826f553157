package scenarios_test

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/mutant"
	"github.com/seed83d86191/txsim/sim"
)

// huntedPlants are the planted bugs that tests hunt for.
var huntedPlants = []string{"mutant:abort-alone", "mutant:early-answer", "mutant:dirty-reads", "mutant:stale-cache", "mutant:released-reads",
	"mutant:early-vote", "mutant:two-tongues", "mutant:deaf-coordinator"}

// protocols are all, and the planted bugs.
func protocols() []model.Protocol { return append(model.Protocols(), mutant.Protocols()...) }

// faulty opens a small scenario with faults of many kinds.
func faulty(t testing.TB, protocol string, set ...string) *scenarios.Job {
	t.Helper()
	s := scenarios.Default()
	s.Name, s.Protocol = "faulty", protocol
	sets := []string{"workers=4", "coordinators=2", "transactions=60", "workload.keys=4", "network.loss=1%",
		`faults=["crash workers 3% on prepare for exp(50ms)", "pause w1 at 5ms for exp(20ms)", "delay 5% vote by exp(10ms)"]`}
	if err := s.Apply(append(sets, set...)...); err != nil {
		t.Fatal(err)
	}
	return open(t, s)
}

// loaded returns a scenario of the library, or of a file, with some parameters set.
func loaded(t testing.TB, name string, sets ...string) *scenarios.Scenario {
	t.Helper()
	s, err := scenarios.Load(name)
	if err == nil {
		err = s.Apply(sets...)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// open opens a scenario until the end of the test, with these protocols, or else with all.
func open(t testing.TB, s *scenarios.Scenario, of ...model.Protocol) *scenarios.Job {
	t.Helper()
	if of == nil {
		of = protocols()
	}
	job, err := s.Open(of)
	if err != nil {
		t.Fatalf("%v\n%s", err, s.Brief())
	}
	t.Cleanup(func() { job.Close() })
	return job
}

// hunted is all that a hunt tells.
func hunted(t *testing.T, h *scenarios.Hunted) string {
	t.Helper()
	var b bytes.Buffer
	if err := errors.Join(h.Write(&b, scenarios.HuntNames{}), h.WriteJSON(&b, scenarios.HuntNames{})); err != nil {
		t.Fatal(err)
	}
	for _, f := range h.Found {
		b.Write(scenarios.ReproFile(f.Repro, scenarios.ReproName("x", f.Fingerprint), f.Finding.String(), ""))
	}
	return b.String()
}

// TestHuntJobs: what a hunt comes to is the same for any number of jobs, and a
// hunt that stops has the finding of the lowest seed.
func TestHuntJobs(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{"presumed-abort", "mutant:stale-cache"} {
		for _, keepGoing := range []bool{false, true} {
			want := ""
			for _, jobs := range []int{1, 4} {
				o := scenarios.HuntOptions{First: 3, Last: 10, Jobs: jobs, Swarm: true, KeepGoing: keepGoing}
				h, err := faulty(t, protocol, "transactions=30").Hunt(context.Background(), o)
				if err != nil {
					t.Fatal(err)
				}
				switch got := hunted(t, h); {
				case want == "":
					want = got
				case got != want:
					t.Fatalf("%s: %d jobs: %s", protocol, jobs, cmp.Diff(want, got))
				}
				if (protocol == "presumed-abort") != (len(h.Found) == 0) {
					t.Errorf("%s: found\n%s", protocol, want)
				}
			}
		}
	}
}

// TestHuntEnds: a hunt that is interrupted, or has enough, tells what was done
// before.
func TestHuntEnds(t *testing.T) {
	for _, interrupt := range []bool{true, false} {
		ctx, cancel := context.WithCancel(context.Background())
		enough := make(chan struct{})
		h, err := faulty(t, "presumed-abort").Hunt(ctx, scenarios.HuntOptions{
			First: 1, Last: 1 << 62, Jobs: 2, Enough: enough, Progress: func(done, _ int) {
				switch {
				case done != 5:
				case interrupt:
					cancel()
				default:
					close(enough)
				}
			}})
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		if h.Done < 5 || h.Done > 100 || h.Complete {
			t.Errorf("interrupted %v: %d runs done, complete %v", interrupt, h.Done, h.Complete)
		}
	}
}

// TestHuntUnknown: the seed that a hunt names is that of the first run that hit a bound.
func TestHuntUnknown(t *testing.T) {
	h, err := faulty(t, "presumed-abort", "limits.events=50").Hunt(t.Context(), scenarios.HuntOptions{First: 3, Last: 5})
	if err != nil {
		t.Fatal(err)
	}
	if h.Unknown != 3 || h.UnknownSeed != 3 {
		t.Errorf("%d runs are unknown, the first with seed %d; expected 3, with seed 3", h.Unknown, h.UnknownSeed)
	}
}

// TestHuntCommitsNothing: a hunt in which nothing commits finds nothing, and says what that is
// worth.
func TestHuntCommitsNothing(t *testing.T) {
	for _, tc := range []struct {
		set  string
		none bool
	}{{"timeouts.prepare=1ns", true}, {"timeouts.prepare=50ms", false}} {
		h, err := faulty(t, "presumed-abort", tc.set).Hunt(t.Context(), scenarios.HuntOptions{First: 1, Last: 2})
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := h.Write(&b, scenarios.HuntNames{}); err != nil {
			t.Fatal(err)
		}
		if said := strings.Contains(b.String(), "nothing was committed"); h.Violating > 0 || said != tc.none || (h.Committed == 0) != tc.none {
			t.Errorf("%s: %d committed\n%s", tc.set, h.Committed, &b)
		}
		for _, other := range []scenarios.Hunted{{Done: 0}, {Done: 2, Violating: 1}} { // it goes without saying
			h.Done, h.Violating = other.Done, other.Violating
			b.Reset()
			if err := h.Write(&b, scenarios.HuntNames{}); err != nil || strings.Contains(b.String(), "nothing was committed") {
				t.Errorf("%d done, %d violating: %v\n%s", h.Done, h.Violating, err, &b)
			}
		}
	}
}

// TestHuntEndsWithRepros: what was found before an interruption comes with its repro.
func TestHuntEndsWithRepros(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	h, err := faulty(t, huntedPlants[0]).Hunt(ctx, scenarios.HuntOptions{First: 1, Last: 1 << 62, Swarm: true, KeepGoing: true,
		Progress: func(done, _ int) {
			if done == 50 {
				cancel()
			}
		}})
	if err != nil {
		t.Fatal(err)
	}
	if len(h.Found) == 0 || h.Found[0].Repro == nil || h.Complete {
		t.Errorf("%+v", h)
	}
}

// counting tells of each run that it is in.
type counting struct {
	model.Protocol
	begun func()
}

func (counting) Name() string { return "counting" }

func (p counting) Coordinator(s *model.Site) sim.Node[model.Message] {
	if s.Env.ID() == 0 && s.Env.Incarnation() == 1 {
		p.begun()
	}
	return p.Protocol.Coordinator(s)
}

// TestHuntNotTheSame: a run that was cut short is no other run. What was found is told, without
// its repro if the hunt is interrupted while it makes that.
func TestHuntNotTheSame(t *testing.T) {
	for _, c := range []struct {
		found bool // interrupted after the hunt has its finding
		run   int  // and this run after that
	}{{false, 2}, {true, 1}, {true, 2}} {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		found, runs := false, 0
		s := faulty(t, "presumed-abort", "coordinators=1").Scenario().Using(counting{mutant.Protocols()[0], func() {
			if runs++; found == c.found && runs == c.run {
				cancel()
			}
		}})
		h, err := open(t, s).Hunt(ctx, scenarios.HuntOptions{First: 1, Last: 1, Progress: func(int, int) { found, runs = true, 0 }})
		if err != nil {
			t.Errorf("%+v: %v", c, err)
		} else if len(h.Found) == 0 || (h.Found[0].Repro == nil) != c.found || h.Done != 1 {
			t.Errorf("%+v: %+v", c, h)
		}
	}
}

// TestReproName: the repros of files in any script, and of names that differ in signs alone
// or far behind, do not overwrite each other, and mostly have no hash.
func TestReproName(t *testing.T) {
	for name, want := range map[string]string{
		"é.txt": "é.txt-x.yaml", "注文.txt": "注文.txt-x.yaml", "e\u0301.txt": "e\u0301.txt-x.yaml", "\u2028.txt": "-.txt-x-76789b29.yaml",
		"mutant:early-vote": "mutant-early-vote-x.yaml", "a b/c\\d:e\xff": "a-b-c-d-e--x-297950f9.yaml", "": "repro-x.yaml",
		strings.Repeat("日", 64): strings.Repeat("日", 64) + "-x.yaml", // 199 bytes
	} {
		if got := scenarios.ReproName(name, "x"); got != want {
			t.Errorf("%q: %q, expected %q", name, got, want)
		}
	}
	long := strings.Repeat("日", 80)
	names := map[string]bool{}
	for _, scenario := range []string{"a b", "a(b", "a-b", long, long + "a"} {
		for _, fingerprint := range []string{"x/y", "x[y", "x y"} {
			name := scenarios.ReproName(scenario, fingerprint)
			if names[name] || len(name) > 200 {
				t.Errorf("%q, %q: %q is the name of another, or too long", scenario, fingerprint, name)
			}
			names[name] = true
		}
	}
}

// TestReproInterrupted: a candidate whose run was cut short is not taken, though it shows the
// finding: its trace is not that of the repro.
func TestReproInterrupted(t *testing.T) {
	job := faulty(t, "mutant:early-vote", "transactions=150")
	o := scenarios.Options{Seed: job.Scenario().Seed}
	r, err := job.Run(t.Context(), o)
	if err != nil || len(r.Findings) == 0 || r.Stats.Events < 1<<13 {
		t.Fatalf("%+v, %v", r, err)
	}
	want := r.Findings[0].Fingerprint()
	patient := &impatient{t.Context(), 1 << 30}
	if _, err := job.Repro(patient, o, want); err != nil {
		t.Fatal(err)
	}
	all, made := 1<<30-patient.looks, 0
	for looks := all / 2; looks < all; looks += 5 { // before that, only the first two runs are
		s, err := job.Repro(&impatient{t.Context(), looks}, o, want)
		if err != nil || s == nil {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%d looks: %v", looks, err)
			}
			continue
		}
		made++
		again, err := open(t, s).Reproduce(t.Context(), scenarios.Options{})
		if err != nil || again.Expected == nil || !again.SameTrace {
			t.Errorf("%d looks: %v, %v, the same trace: %v", looks, err, again.Expected, again.SameTrace)
		}
	}
	if made == 0 {
		t.Errorf("no candidate was cut short within %d looks", all)
	}
}

// TestRepro: the repro of each kind of finding shows that kind again, with the
// same trace, from its file, and needs no chance to strike.
func TestRepro(t *testing.T) {
	t.Parallel()
	for _, protocol := range huntedPlants {
		h, err := faulty(t, protocol).Hunt(context.Background(), scenarios.HuntOptions{First: 1, Last: 50, Swarm: true})
		if err != nil {
			t.Fatal(err)
		}
		if len(h.Found) == 0 {
			t.Errorf("%s: nothing found in %d runs", protocol, h.Done)
		}
		for _, f := range h.Found {
			text := scenarios.ReproFile(f.Repro, "repro.yaml", f.Finding.String(), "")
			s, err := scenarios.Parse(filepath.Join(t.TempDir(), "repro.yaml"), text)
			if err != nil {
				t.Fatalf("%v\n%s", err, text)
			}
			if !s.Equal(f.Repro) {
				t.Errorf("what is read is not what was written:\n%s", cmp.Diff(string(f.Repro.YAML()), string(s.YAML())))
			}
			r, err := open(t, s).Reproduce(context.Background(), scenarios.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if r.Expected == nil || !r.SameTrace || r.Verdict != analysis.Invalid {
				t.Errorf("%s: expected %s, found %v, same trace %v", protocol, f.Fingerprint, r.Findings, r.SameTrace)
			}
			if s.Transactions.Inline == nil || len(r.Fired) > 0 {
				t.Errorf("%s: not explicit: %d transactions, %d strikes by chance", protocol, s.Transactions.Count, len(r.Fired))
			}
		}
	}
}
