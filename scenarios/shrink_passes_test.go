package scenarios_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/mutant"
)

// shrunk is what a repro shrinks to.
func shrunk(t *testing.T, text string) *scenarios.Shrunk {
	t.Helper()
	repro, err := scenarios.Parse("repro.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenarios.Shrink(context.Background(), repro, protocols(), scenarios.ShrinkOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestShrinkEarlier: what happens late in a run, at times that belong together, happens at
// its beginning.
func TestShrinkEarlier(t *testing.T) {
	s := shrunk(t, `
workers: 2
protocol: "mutant:forgotten-decision"
transactions: {inline: ["t1 @1h: w0 write a = 1; w1 write b = 2"]}
network: {delay: 1ms}
disk: {sync: 1ms}
limits: {time: 2h}
until: 1h10s
faults: ["crash w0 at 3600.0025s for 20ms"]
expect: {finding: one-decision}
`)
	if brief := string(s.Repro.Brief()); strings.Contains(brief, "@") || !strings.Contains(brief, "crash w0 at 3ms for 20ms") || s.Repro.Until.Hours() >= 1 {
		t.Errorf("not at the beginning:\n%s", brief)
	}
}

// TestShrinkAfresh: of what nothing makes smaller, the transactions that the finding names
// may show it alone, at other times and with other chances.
func TestShrinkAfresh(t *testing.T) {
	s := shrunk(t, string(reproOf(t, "released-reads", 3, "strict-serializability/G2-item/rw-rw",
		"transactions=60", "coordinators=2", "concurrency=wound-wait").Brief()))
	if s.After.Transactions > 3 || s.After.Faults > 2 {
		t.Errorf("%s\n%s", s, s.Repro.Brief())
	}
}

// reproOf is the repro of what a planted bug does in a swarm's run.
func reproOf(t *testing.T, name string, seed uint64, finding string, sets ...string) *scenarios.Scenario {
	t.Helper()
	m, _ := mutant.Find(name)
	s := m.Scenario()
	for _, set := range sets {
		path, value, _ := strings.Cut(set, "=")
		if err := s.Set(path, value); err != nil {
			t.Fatal(err)
		}
	}
	repro, err := open(t, s).Repro(context.Background(), scenarios.Options{Seed: seed, Swarm: true}, finding)
	if err != nil {
		t.Fatal(err)
	}
	return repro
}

// TestShrinkAgain: a shrunk repro, shrunk again, stays what it is, also where only what went late
// made the finding's transactions enough, or left few delays that matter.
func TestShrinkAgain(t *testing.T) {
	for _, c := range []struct {
		mutant, transactions, finding string
		seed                          uint64
	}{
		{"forgotten-decision", "17", "atomicity/lost-write", 1},
		{"younger-prepare", "28", "age-order/waits", 30},
	} {
		once := shrunk(t, string(reproOf(t, c.mutant, c.seed, c.finding, "transactions="+c.transactions).Brief()))
		again := shrunk(t, string(once.Repro.Brief()))
		if a, b := string(once.Repro.Brief()), string(again.Repro.Brief()); a != b {
			t.Errorf("%s: shrunk once:\n%s\nand again:\n%s", c.mutant, a, b)
		}
	}
}

// TestShrinkSeed: a seed of its own is left out where nothing is drawn any more.
func TestShrinkSeed(t *testing.T) {
	s := shrunk(t, `
protocol: "mutant:answered-abort"
workers: 1
transactions: {inline: ["t3: w0 write a = 1"]}
network: {delay: 1ms}
disk: {sync: 1ms, torn: 0}
seed: 6
expect: {finding: atomicity/dirty-write}
`)
	if s.Repro.Seed != scenarios.Default().Seed {
		t.Errorf("with a seed:\n%s", s.Repro.Brief())
	}
}

// TestShrinkOnce: of a fault that strikes again and again the time is left that matters.
func TestShrinkOnce(t *testing.T) {
	s := shrunk(t, `
workers: 2
protocol: "mutant:forgotten-decision"
transactions: {inline: ["t1: w0 write a = 1; w1 write b = 2"]}
network: {delay: 1ms}
disk: {sync: 1ms}
until: 1s
faults: ["crash w0 at 3ms for 20ms every 50ms until 900ms"]
expect: {finding: one-decision}
`)
	if brief := string(s.Repro.Brief()); strings.Contains(brief, "every") || s.After.Faults != 1 {
		t.Errorf("%s", brief)
	}
}

// TestShrinkCounted: a fault that counts syncs keeps no transaction that is only counted.
func TestShrinkCounted(t *testing.T) {
	s := shrunk(t, `
workers: 2
clients: 1
protocol: "mutant:rolled-back"
transactions:
  inline:
    - "t1: w0 write a = 1; w1 write b = 1"
    - "t2: w0 write a = 2; w1 write b = 2"
    - "t3: w0 write a = 3; w1 write b = 3"
    - "t4: w0 write a = 4; w1 write b = 4"
network: {delay: 1ms}
disk: {sync: 1ms, torn: 0}
until: 1s
faults: ["fail-sync w1 #8 for 20ms"]
expect: {finding: one-decision}
`)
	if s.After.Transactions != 1 || s.After.Faults != 1 {
		t.Errorf("%s\n%s", s, s.Repro.Brief())
	}
}

// TestShrinkSooner: a fault that strikes a late attempt strikes the first one, and what made
// the earlier ones abort is left out.
func TestShrinkSooner(t *testing.T) {
	s := shrunk(t, `
workers: 2
protocol: "mutant:impatient"
execution: one-shot
concurrency: no-wait
clients: 2
transactions:
  inline:
    - "t1: w0 write a = 1; w1 write b = 1"
    - "t2: w1 write b = 2; w0 write c = 2"
network: {delay: 1ms}
disk: {sync: 1ms}
faults: ["drop commit C0→w1 of t2#2"]
expect: {finding: no-impossible-message}
`)
	if s.After.Transactions != 1 || !slices.Equal(s.Repro.Faults, []string{"drop commit C0→w0 of t1#1"}) {
		t.Errorf("%+v:\n%s", s.After, s.Repro.Brief())
	}
}
