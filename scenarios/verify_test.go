package scenarios

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/fault"
	"github.com/seed83d86191/txsim/sim"
)

// fickle is a protocol whose coordinators say something else in each run.
type fickle struct {
	model.TwoPhase
	runs *uint64
}

func (fickle) Name() string { return "fickle" }

func (f fickle) Coordinator(s *model.Site) sim.Node[model.Message] {
	*f.runs++
	return fickleNode{f.TwoPhase.Coordinator(s), s, *f.runs}
}

type fickleNode struct {
	sim.Node[model.Message]
	site *model.Site
	run  uint64
}

func (n fickleNode) Start() {
	n.site.Env.Note(sim.Mail{Kind: model.KindUser, Arg: n.run}, nil)
	n.Node.Start()
}

// TestRepeat: Check runs its first seed again, and a run that is another one then is an
// error, whatever its verdict.
func TestRepeat(t *testing.T) {
	if err := Small().repeat(); err != nil {
		t.Error(err)
	}
	two := model.Protocols()[0].(model.TwoPhase)
	s := Small().Using(fickle{two, new(uint64)})
	if err := s.repeat(); !errors.Is(err, ErrUnstable) || !strings.Contains(err.Error(), "\nfirst difference: line 1, in a step of C0\n  expected: 0.000000000  C0        user  argument ") {
		t.Errorf("%v, expected %v and the record", err, ErrUnstable)
	}
}

// TestProve: a failure that does not come again by its repro is told as what it is.
func TestProve(t *testing.T) {
	s := Small().Using(fickle{model.Protocols()[0].(model.TwoPhase), new(uint64)})
	s.Limits.Events = 50
	f, _, err := examine(s, nil)
	if !errors.Is(err, ErrUnstable) || !strings.Contains(err.Error(), "in a step of C0\n") || !strings.Contains(err.Error(), "\nit had shown:\nunknown: ") {
		t.Errorf("%+v, %v, expected %v", f, err, ErrUnstable)
	}
	s.Protocol = model.Protocols()[0].Name()
	if f, _, err := examine(s, nil); f == nil || err != nil || !strings.HasPrefix(f.text, "unknown: ") || f.repro.Expect.Finding != "" {
		t.Errorf("%+v, %v", f, err)
	}
}

// TestExpected: a finding is expected by its fingerprint, its invariant or its anomaly, and
// none by nothing.
func TestExpected(t *testing.T) {
	r := &Result{Findings: []analysis.Finding{{Invariant: "a"}, {Invariant: "b", Anomaly: "G0"}, {Invariant: "b", Anomaly: "G1a"}}}
	for want, at := range map[string]int{"": -1, NoFinding: -1, "a": 0, "b": 1, "G1a": 2, r.Findings[2].Fingerprint(): 2} {
		if got := r.expected(want); at < 0 && got != nil || at >= 0 && got != &r.Findings[at] {
			t.Errorf("%q: %v, expected finding %d", want, got, at)
		}
	}
}

// TestExplicit: what chance struck takes the place of the lines of chance, and is not there
// twice if the plan says the same.
func TestExplicit(t *testing.T) {
	plan := func(lines ...string) fault.Plan {
		p, err := fault.ParsePlan(lines)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	const crash, drop = "crash w0 at 10ms for 30ms", "drop vote w1→C0 #2"
	r := &Result{Plan: plan(crash, "drop 1% *"), Fired: plan(drop, crash)}
	if got := explicit(r); !slices.Equal(got, []string{crash, drop}) {
		t.Errorf("%q", got)
	}
}

// noisy is a protocol whose coordinators say or log something else in each run that no node
// looks at.
type noisy struct {
	model.TwoPhase
	runs *uint64
	logs bool
}

func (noisy) Name() string { return "noisy" }

func (p noisy) Coordinator(s *model.Site) sim.Node[model.Message] {
	*p.runs++
	n := noise(*p.runs)
	if p.logs {
		return noisyNode{p.TwoPhase.Coordinator(s), s, n}
	}
	inner := *s
	inner.Hooks = &model.Hooks{Outgoing: func(_ sim.NodeID, mail *sim.Mail, m *model.Message) bool {
		if mail.Kind == model.KindPrepare {
			m.Payload = n
		}
		return true
	}}
	return p.TwoPhase.Coordinator(&inner)
}

type noise byte

func (n noise) AppendState(b []byte) []byte { return append(b, byte(n)) }
func (n noise) String() string              { return "noise" }

type noisyNode struct {
	sim.Node[model.Message]
	site *model.Site
	noise
}

func (n noisyNode) Start() {
	n.site.Append(model.KindUser, 0, []byte{byte(n.noise)})
	n.Node.Start()
}

// TestRepeatNoise: two runs are not the same whose messages or records say something else,
// even if nothing comes of it.
func TestRepeatNoise(t *testing.T) {
	for _, logs := range []bool{false, true} {
		s := Small().Using(noisy{model.Protocols()[0].(model.TwoPhase), new(uint64), logs})
		if err := s.repeat(); !errors.Is(err, ErrUnstable) {
			t.Errorf("logs=%v: %v, expected %v", logs, err, ErrUnstable)
		}
	}
}

// counted counts the coordinators that it makes.
type counted struct {
	model.TwoPhase
	made *int
}

func (counted) Name() string { return "counted" }

func (c counted) Coordinator(s *model.Site) sim.Node[model.Message] {
	*c.made++
	return c.TwoPhase.Coordinator(s)
}

// TestCheckRuns: Check runs its first seed twice more, and the others once.
func TestCheckRuns(t *testing.T) {
	made := 0
	s := Small().Using(counted{model.Protocols()[0].(model.TwoPhase), &made})
	s.Coordinators, s.Faults = 1, nil
	if Check(t, s, 5, 6); made != 4 {
		t.Errorf("%d runs of two seeds", made)
	}
	defer func(seeds string) { *seedsFlag = seeds }(*seedsFlag)
	*seedsFlag, made = "7-9", 0
	if Check(t, s, 5, 6); made != 5 {
		t.Errorf("%d runs of the three seeds of the flag", made)
	}
}

// TestFlaggedSeeds: -txsim.seed and -txsim.seeds are one or several seeds, not both.
func TestFlaggedSeeds(t *testing.T) {
	defer func(seed, seeds string) { *seedFlag, *seedsFlag = seed, seeds }(*seedFlag, *seedsFlag)
	for _, c := range []struct {
		seed, seeds string
		first, last uint64
		given, bad  bool
	}{
		{},
		{seed: "7", first: 7, last: 7, given: true},
		{seeds: "1-1000", first: 1, last: 1000, given: true},
		{seeds: "4", first: 4, last: 4, given: true},
		{seed: "x", bad: true},
		{seeds: "5-4", bad: true},
		{seed: "1", seeds: "1-3", bad: true},
	} {
		*seedFlag, *seedsFlag = c.seed, c.seeds
		first, last, given, err := flaggedSeeds()
		if (err != nil) != c.bad || first != c.first || last != c.last || given != c.given {
			t.Errorf("-txsim.seed=%s -txsim.seeds=%s: %d-%d, given %v, %v", c.seed, c.seeds, first, last, given, err)
		}
	}
}

// logged is a test's log.
type logged struct{ lines []any }

func (l *logged) Log(args ...any) { l.lines = append(l.lines, args...) }

// TestNothingCommitted: runs that are valid and commit nothing are told from others, one by its
// verdict, and several that a test has made by its log.
func TestNothingCommitted(t *testing.T) {
	for _, none := range []bool{true, false} {
		s, want, verdict := Small(), 0, "valid"
		if none {
			s.Timeouts.Prepare, s.Retry.Attempts = time.Microsecond, 1
			want, verdict = 1, "valid; nothing was committed: no commit was tested"
		}
		done, log := &tested{}, &logged{}
		done.report(log) // of no run there is nothing to say
		for seed := range uint64(2) {
			done.check(t, s, seed, false)
		}
		if done.report(log); len(log.lines) != want || done.runs != 2 {
			t.Errorf("%v: %+v, logged %q", none, done, log.lines)
		}
		if got := runWith(t, s, Options{Seed: 1}).verdict(); got != verdict {
			t.Errorf("verdict: %s", got)
		}
	}
}
