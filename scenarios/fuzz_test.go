package scenarios_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/mutant"
	"github.com/seed83d86191/txsim/sim"
)

// failed is a scenarios.TB that keeps what it fails with.
type failed struct {
	name string
	text string
}

func (f *failed) Helper()      {}
func (f *failed) Name() string { return f.name }
func (f *failed) Fatalf(format string, args ...any) {
	f.text = fmt.Sprintf(format, args...)
	panic(f)
}

// fails returns what check fails with; "" if it does not.
func fails(name string, check func(t scenarios.TB)) string {
	f := &failed{name: name}
	func() {
		defer func() {
			if p := recover(); p != nil && p != any(f) {
				panic(p)
			}
		}()
		check(f)
	}()
	return f.text
}

// replayed loads the repro that a failure names and runs it; the finding is the one
// it expects, by the trace it expects.
func replayed(t *testing.T, text string, p model.Protocol) *scenarios.Scenario {
	t.Helper()
	_, rest, ok := strings.Cut(text, "or: txsim replay ")
	if !ok {
		t.Fatalf("no line to replay in:\n%s", text)
	}
	name := strings.Fields(rest)[0]
	t.Cleanup(func() { os.Remove(name) })
	s := loaded(t, name)
	j := open(t, s, p)
	r, err := j.Reproduce(t.Context(), scenarios.Options{})
	if err != nil || !r.SameTrace || s.Expect.Finding != "" && r.Expected == nil {
		t.Fatalf("%s does not reproduce %v: %v, %v", name, s.Expect, r, err)
	}
	return s
}

// TestFuzzFindsPlants: inputs as Fuzz reads them show planted bugs, and the repros
// replay; the sound protocol passes the same inputs.
func TestFuzzFindsPlants(t *testing.T) {
	t.Parallel()
	found, schedules := 0, map[string]bool{}
	for first, m := range mutant.All() { // each begins with another input, that is, with another schedule
		for i := range 40 {
			s := m.Scenario()
			s.Seed, s.Protocol = 7, m.Sound.Name()
			b := scenarios.FuzzSeed(s, (first+i)%40)
			if text := fails(t.Name(), func(t scenarios.TB) { scenarios.VerifyBytes(t, s.Using(m.Sound), b) }); text != "" {
				t.Fatalf("%s, input %d: the sound protocol is not cleared: %s", m.Name, i, text)
			}
			text := fails(t.Name(), func(t scenarios.TB) { scenarios.VerifyBytes(t, m.Scenario().Using(m.Protocol), b) })
			if text == "" {
				continue
			}
			found++
			s = replayed(t, text, m.Protocol)
			if s.Chance != "nominal" {
				t.Errorf("%s: a repro of chance %s", m.Name, s.Chance)
			}
			schedules[s.Schedule.String()] = true
			break
		}
	}
	if found < 55 || len(schedules) != 4 {
		t.Errorf("%d mutants were found, by schedules %v", found, schedules)
	}
	t.Logf("%d of %d mutants found", found, len(mutant.All()))
}

// hanging is a protocol whose workers never come to rest, and mad one that panics.
type hanging struct{ model.TwoPhase }

func (hanging) Name() string { return "hanging" }

func (h hanging) Worker(s *model.Site) sim.Node[model.Message] {
	return &restless{h.TwoPhase.Worker(s), s.Env}
}

type restless struct {
	sim.Node[model.Message]
	env *sim.Env[model.Message]
}

func (r *restless) Unwrap() sim.Node[model.Message] { return r.Node }

func (r *restless) Receive(from sim.NodeID, mail sim.Mail, m *model.Message) {
	r.Node.Receive(from, mail, m)
	r.env.SetTimer(0, 1<<62)
}

func (r *restless) Fired(token uint64) {
	if token == 1<<62 {
		r.env.SetTimer(0, token)
		return
	}
	r.Node.Fired(token)
}

type mad struct{ model.TwoPhase }

func (mad) Name() string { return "mad" }

func (mad) Worker(s *model.Site) sim.Node[model.Message] { panic("no worker today") }

// TestVerifyBounds: a hang is found by the bound on events, a panic by itself.
func TestVerifyBounds(t *testing.T) {
	sound := model.Protocols()[0].(model.TwoPhase)
	for _, verify := range []func(t scenarios.TB, s *scenarios.Scenario){scenarios.Verify, func(t scenarios.TB, s *scenarios.Scenario) { scenarios.VerifyBytes(t, s, nil) }} {
		text := fails(t.Name(), func(t scenarios.TB) { verify(t, scenarios.Small().Using(hanging{sound})) })
		if !strings.Contains(text, "unknown: event limit reached") {
			t.Errorf("a hang came out as %q", text)
		}
		replayed(t, text, hanging{sound})
	}
	text := fails(t.Name(), func(t scenarios.TB) { scenarios.VerifyBytes(t, scenarios.Small().Using(mad{sound}), nil) })
	if !strings.Contains(text, "panic: no worker today: scenarios_test.mad.Worker, fuzz_test.go:") {
		t.Errorf("a panic came out as %q", text)
	}
	replayed(t, text, mad{sound})
}

// TestVerifyPastes: the line that replays a repro can be pasted, wherever it is.
func TestVerifyPastes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a b")
	if err := os.Mkdir(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", dir)
	sound := model.Protocols()[0].(model.TwoPhase)
	text := fails(t.Name(), func(t scenarios.TB) { scenarios.Verify(t, scenarios.Small().Using(mad{sound})) })
	if !strings.Contains(text, "or: txsim replay '"+dir) || !strings.Contains(text, ".yaml' # a txsim that has mad") {
		t.Error(text)
	}
	s := scenarios.Small() // any txsim has its protocol
	s.Limits.Events = 50
	if text := fails(t.Name(), func(t scenarios.TB) { scenarios.Verify(t, s) }); !strings.HasSuffix(text, ".yaml'") {
		t.Error(text)
	}
}

// TestFuzzExhaustive: bytes lead through the ways of an exhaustive schedule, with its
// faults. They find a planted bug, whose repro replays, and accuse no sound protocol.
func TestFuzzExhaustive(t *testing.T) {
	m, _ := mutant.Find("timeout-race")
	inputs := func(p model.Protocol) (text string) {
		r := rand.New(rand.NewPCG(1, 2))
		for range 300 {
			b := make([]byte, 400)
			for i := range b {
				x, y := r.Uint32(), r.Uint32()
				b[i] = byte(x & y) // a quarter of the bits
			}
			s := scenarios.Small().Using(p)
			if err := s.Set("schedule", "exhaustive:crash=2,drop=1,duplicate=1,timeout=3"); err != nil {
				t.Fatal(err)
			}
			if text = fails(t.Name(), func(t scenarios.TB) { scenarios.VerifyBytes(t, s, b) }); text != "" {
				return text
			}
		}
		return ""
	}
	if text := inputs(m.Sound); text != "" {
		t.Error(text)
	}
	text := inputs(m.Protocol)
	if text == "" {
		t.Fatal("300 inputs show nothing")
	}
	replayed(t, text, m.Protocol)
}

// TestVerifyLines: what Check prints can be pasted.
func TestVerifyLines(t *testing.T) {
	m, _ := mutant.Find("early-vote")
	for seed := range uint64(20) {
		s := m.Scenario().Using(m.Protocol)
		s.Seed = seed
		text := fails("TestMine/seed=3", func(t scenarios.TB) { scenarios.Verify(t, s) })
		if text == "" {
			continue
		}
		if !strings.HasPrefix(text, "VIOLATION ") || !strings.Contains(text, "\nreproduce with: go test -run='^TestMine$/^seed=3$'\n") {
			t.Errorf("%s", text)
		}
		if s = replayed(t, text, m.Protocol); len(s.Transactions.Inline) == 0 {
			t.Error("the transactions are not written out")
		}
		return
	}
	t.Error("20 seeds show nothing")
}

func TestCheck(t *testing.T) { scenarios.Check(t, scenarios.Small(), 1, 2, 3) }

// TestRapid: drawn scenarios are valid, different, and hold.
func TestRapid(t *testing.T) {
	seen := map[string]bool{}
	rapid.Check(t, func(r *rapid.T) {
		s := scenarios.Rapid(scenarios.Small(), func(label string, n int) int { return rapid.IntRange(0, n-1).Draw(r, label) })
		seen[s.Execution.String()], seen[s.Concurrency], seen[s.Schedule.String()] = true, true, true
		for _, f := range s.Faults {
			seen[strings.Fields(f)[0]] = true
		}
		scenarios.Verify(r, s)
	})
	if testing.Short() {
		return // rapid draws too few then
	}
	for _, word := range []string{"one-shot", "batched", "interactive", "wait-die", "wound-wait", "no-wait", "latency", "random", "pct:3",
		"crash", "drop", "duplicate", "delay", "pause", "partition", "tear"} {
		if !seen[word] {
			t.Errorf("%s was never drawn", word)
		}
	}
}

// FuzzSchedule is Fuzz on the built-in protocol.
func FuzzSchedule(f *testing.F) { scenarios.Fuzz(f, scenarios.Small()) }

// FuzzVariants is Fuzz on all built-in protocols, concurrency controls and ways of
// execution: the first byte says which.
func FuzzVariants(f *testing.F) {
	scenarios.QuickMinimizing()
	for i := range 27 {
		f.Add(append([]byte{byte(i)}, scenarios.FuzzSeed(scenarios.Small(), i)...))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s := scenarios.Small()
		if len(b) > 0 {
			protocols, controls := model.Protocols(), model.Concurrencies()
			s.Protocol, s.Concurrency = protocols[b[0]%3].Name(), controls[b[0]/3%3].Name()
			s.Execution = model.Execution(b[0] / 9 % 3)
			b = b[1:]
		}
		scenarios.VerifyBytes(t, s, b)
	})
}

// TestFuzzInput: what decides one transaction or one fault decides no other, and what
// decides the run neither.
func TestFuzzInput(t *testing.T) {
	s := scenarios.Small()
	b := scenarios.FuzzSeed(s, 3)
	whole, transactions, head := scenarios.DrawnOf(s, b)
	if len(whole.Transactions.Inline) < 3 || len(whole.Faults) == 0 {
		t.Fatalf("%q and %q: the test does not get where it wants to", whole.Transactions.Inline, whole.Faults)
	}
	changed := map[string]int{}
	for i := range b {
		c := bytes.Clone(b)
		c[i] += 17
		other, _, _ := scenarios.DrawnOf(s, c)
		txns, faults := differing(whole.Transactions.Inline, other.Transactions.Inline), differing(whole.Faults, other.Faults)
		schedule := other.Schedule != whole.Schedule
		switch {
		case i == 0:
			changed["count"] += txns
		case i < transactions && (txns > 1 || faults > 0 || schedule):
			t.Errorf("byte %d of a transaction changes %d of them and %d faults", i, txns, faults)
		case i >= transactions && i < head && (txns > 0 || faults > 1 && len(other.Faults) == len(whole.Faults)):
			t.Errorf("byte %d of a fault changes %d transactions and %d faults", i, txns, faults)
		case i >= head && (txns > 0 || faults > 0 || schedule):
			t.Errorf("byte %d of the run changes %d transactions and %d faults", i, txns, faults)
		}
		changed["transactions"] += txns
		changed["faults"] += faults
	}
	if changed["count"] == 0 || changed["transactions"] < 20 || changed["faults"] < 5 {
		t.Errorf("changed %v", changed)
	}
	if nothing, _, _ := scenarios.DrawnOf(s, nil); len(nothing.Transactions.Inline) != 1 || len(nothing.Faults) != 0 || nothing.Schedule.Strategy != sim.ByLatency {
		t.Errorf("no bytes are %q, %q, %s", nothing.Transactions.Inline, nothing.Faults, nothing.Schedule)
	}
}

// differing is in how many places two lists differ.
func differing(a, b []string) int {
	n := max(len(a), len(b)) - min(len(a), len(b))
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}

// TestFuzzHunt: guided hunts reach transitions, the same again with the same seed, and
// what is found comes again from its input.
func TestFuzzHunt(t *testing.T) {
	m, _ := mutant.Find("lost-commit")
	s := m.Scenario().Using(m.Protocol)
	var hunts []*scenarios.FuzzHunted
	for range 2 {
		h, err := scenarios.FuzzHunt(t.Context(), s, scenarios.FuzzOptions{Seed: 3, Runs: 500, Way: scenarios.FuzzGuided, Wanted: m.Expects})
		if err != nil || h.Finding == nil || h.Transitions < 50 {
			t.Fatalf("%+v, %v", h, err)
		}
		hunts = append(hunts, h)
	}
	if a, b := hunts[0], hunts[1]; a.Runs != b.Runs || !bytes.Equal(a.Input, b.Input) || a.Transitions != b.Transitions {
		t.Errorf("%+v and %+v", a, b)
	}
	if text := fails(t.Name(), func(t scenarios.TB) { scenarios.VerifyBytes(t, s, hunts[0].Input) }); !strings.HasPrefix(text, "VIOLATION ") {
		t.Errorf("the input came to %q", text)
	} else {
		replayed(t, text, m.Protocol)
	}
}
