package scenarios_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/model/plain"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/sim"
)

func plainly() *scenarios.Scenario { return scenarios.Small().Using(plain.Protocol{}) }

// FuzzPlain is Fuzz on a protocol that is made from scratch.
func FuzzPlain(f *testing.F) { scenarios.Fuzz(f, plainly()) }

func TestPlainRapid(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		scenarios.Verify(r, scenarios.Rapid(plainly(), func(label string, n int) int { return rapid.IntRange(0, n-1).Draw(r, label) }))
	})
}

// TestPlain: the protocol made from scratch survives what the built-in ones do, in all
// orders of events, and it is put to the test: nodes crash in doubt, and transactions
// commit all the same.
func TestPlain(t *testing.T) {
	for _, schedule := range []string{"latency", "random", "pct:3", "delay-bounded:3"} {
		s := plainly()
		if err := s.Set("schedule", schedule); err != nil {
			t.Fatal(err)
		}
		j := open(t, s)
		committed, inDoubt, restarts := uint64(0), uint64(0), uint64(0)
		for seed := range uint64(100) {
			r, err := j.Run(t.Context(), scenarios.Options{Seed: seed, Swarm: true})
			if err != nil {
				t.Fatal(err)
			}
			if r.Verdict != analysis.Valid {
				t.Errorf("%s, seed %d: %s %v", schedule, seed, r.Verdict, r.Findings)
			}
			committed += r.Metrics.Committed()
			inDoubt += r.InDoubt.Parts
			restarts += r.Stats.Restarts
		}
		if committed < 300 || inDoubt < 600 || restarts < 200 {
			t.Errorf("%s: %d of 1200 transactions committed, %d votes, %d restarts", schedule, committed, inDoubt, restarts)
		}
	}
}

// ruleless is the same protocol, and does not say what its messages rest on.
type ruleless struct{ plain.Protocol }

func (r ruleless) Promises() model.Promises {
	p := r.Protocol.Promises()
	p.WriteAhead = nil
	return p
}

// TestPlainRuleless: what is judged of votes and decisions does not hang on the rules of
// what must be logged before.
func TestPlainRuleless(t *testing.T) {
	for seed := range uint64(20) {
		var results [2]*scenarios.Result
		for i, p := range []model.Protocol{plain.Protocol{}, ruleless{}} {
			j := open(t, scenarios.Small().Using(p))
			r, err := j.Run(t.Context(), scenarios.Options{Seed: seed, Swarm: true})
			if err != nil {
				t.Fatal(err)
			}
			results[i] = r
		}
		with, without := results[0], results[1]
		if with.InDoubt != without.InDoubt || with.InDoubt.Parts == 0 || without.Verdict != with.Verdict {
			t.Errorf("seed %d: %+v and %+v, %s and %s %v", seed, with.InDoubt, without.InDoubt, with.Verdict, without.Verdict, without.Findings)
		}
	}
}

// appends counts the records that nodes append.
type appends struct{ n uint64 }

func (a *appends) Trace(r *sim.Record[model.Message]) {
	if r.Op == sim.TraceAppend {
		a.n++
	}
}

// TestPlainTally: what a protocol from scratch says of its records is what was appended,
// though crashes come in front of them and behind.
func TestPlainTally(t *testing.T) {
	for _, at := range []string{"before", "after"} {
		s := plainly()
		var faults []string
		for _, f := range []string{"w0 %s append prepare #2", "w1 %s append commit #3", "C0 %s append commit #1"} {
			faults = append(faults, `"crash `+fmt.Sprintf(f, at)+` for 20ms"`)
		}
		if err := s.Apply("faults=["+strings.Join(faults, ", ")+"]", "until=1s"); err != nil {
			t.Fatal(err)
		}
		j := open(t, s)
		seen := &appends{}
		r, err := j.Run(t.Context(), scenarios.Options{Seed: 1, Tracer: seen})
		if err != nil || r.Stats.Crashes != 3 || r.Tally.Records != seen.n || seen.n == 0 {
			t.Errorf("%s: %v, %d crashes, %d records, %d appended", at, err, r.Stats.Crashes, r.Tally.Records, seen.n)
		}
	}
}

// TestPlainBound: it keeps to the bound on stored keys.
func TestPlainBound(t *testing.T) {
	s := plainly()
	s.Resources.Keys = 1
	j := open(t, s)
	refused := uint64(0)
	for seed := range uint64(60) {
		r, err := j.Run(t.Context(), scenarios.Options{Seed: seed, Swarm: true})
		if err != nil {
			t.Fatal(err)
		}
		if r.Verdict != analysis.Valid {
			t.Errorf("seed %d: %s %v", seed, r.Verdict, r.Findings)
		}
		refused += r.Metrics.Refused[model.Full]
	}
	if refused < 100 {
		t.Errorf("%d attempts were refused as full", refused)
	}
}

// TestPlainExplored: the protocol tells its states, so that an exploration comes to an end,
// though it sends again and again what is lost, and takes checkpoints.
func TestPlainExplored(t *testing.T) {
	s := loaded(t, "pair")
	s.Schedule.Budget = sim.Budget{Crash: 1, Drop: 1, Timeout: 1}
	for _, size := range []quantity.Bytes{32 << 10, 1} {
		s.Disk.Checkpoint = size
		x, err := scenarios.Explore(t.Context(), s.Using(plain.Protocol{}), nil, scenarios.ExploreOptions{States: 50_000})
		if err != nil || x.Verdict != analysis.Valid {
			t.Errorf("%d: %v, %v: %v states at depth %d", size, err, x.Verdict, x.Distinct, x.Result.Depth)
		}
		t.Log(x.Distinct)
	}
}

// checkpointed is the protocol made from scratch, with a bug: a worker that restarts, and has nothing in
// its log but a checkpoint, replaces that by one from which something is missing.
type checkpointed struct {
	plain.Protocol
	forget func(*model.Checkpoint) // nil: no bug
}

func (p checkpointed) Worker(s *model.Site) sim.Node[model.Message] {
	return &leaky{p.Protocol.Worker(s), s, p.forget}
}

type leaky struct {
	sim.Node[model.Message]
	*model.Site
	forget func(*model.Checkpoint)
}

func (f *leaky) Recover(log sim.Recovery) {
	f.Node.Recover(log)
	for range log.Records() {
		return
	}
	if c, _ := f.ReadCheckpoint(log); f.forget != nil && f.Env.Alive() {
		f.forget(&c)
		f.Checkpoint(&c)
	}
}

func (f *leaky) Unwrap() sim.Node[model.Message] { return f.Node }

// TestPlainCheckpoints: a protocol made from scratch may take checkpoints, and what they leave out
// is missed: a version, a promise, or that something is over.
func TestPlainCheckpoints(t *testing.T) {
	for _, tc := range []struct {
		forget func(*model.Checkpoint)
		found  []string
	}{
		{nil, nil},
		{func(c *model.Checkpoint) { c.Items = c.Items[min(1, len(c.Items)):] }, []string{analysis.InvDurability, analysis.InvStrictSerializability}},
		{func(c *model.Checkpoint) { c.Promised = nil }, []string{analysis.InvLogGrammar, analysis.InvImpossible}},
		{func(c *model.Checkpoint) { c.Own = nil }, []string{analysis.InvImpossible}},
	} {
		s := scenarios.Small().Using(checkpointed{forget: tc.forget})
		s.Disk.Checkpoint = 1
		j := open(t, s)
		found, truncated, restarts := map[string]int{}, &truncations{}, uint64(0)
		for seed := range uint64(150) {
			r, err := j.Run(t.Context(), scenarios.Options{Seed: seed, Swarm: true, Tracer: truncated})
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range r.Findings {
				found[f.Invariant]++
			}
			restarts += r.Stats.Restarts
		}
		if tc.found == nil && len(found) > 0 || truncated.n < 1000 || restarts < 1000 {
			t.Errorf("%v, %d checkpoints, %d restarts", found, truncated.n, restarts)
		}
		for _, inv := range tc.found {
			if found[inv] == 0 {
				t.Errorf("no %s, but %v", inv, found)
			}
		}
	}
}

// truncations counts the checkpoints that take effect.
type truncations struct{ n uint64 }

func (c *truncations) Trace(r *sim.Record[model.Message]) {
	if r.Op == sim.TraceTruncated {
		c.n++
	}
}
