package scenarios

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// After a change that is meant to change traces:
//
//	go test ./scenarios -run Golden -update
var updateGolden = flag.Bool("update", false, "rewrite testdata/golden")

// kept is everything that a run lets out.
type kept struct {
	result *Result
	log    string
}

// keep runs a scenario, smaller in a short test, and keeps its log.
func keep(t *testing.T, job *Job, seed uint64, format Format) kept {
	t.Helper()
	var b bytes.Buffer
	log := NewLog(&b, format, true, false)
	r, err := job.Run(context.Background(), Options{Seed: seed, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	h := Header{Command: "test", Scenario: job.Scenario(), Format: format}
	if err := h.Finish(log.Writer(), r); err != nil {
		t.Fatal(err)
	}
	if err := log.Flush(); err != nil {
		t.Fatal(err)
	}
	return kept{r, b.String()}
}

// loaded returns a scenario of the library with some parameters set.
func loaded(t testing.TB, name string, sets ...string) *Scenario {
	t.Helper()
	s, err := Load(name)
	if err == nil {
		err = s.Apply(sets...)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// openJob opens a scenario until the end of the test, with these protocols, or else with
// those that come with txsim.
func openJob(t testing.TB, s *Scenario, protocols ...model.Protocol) *Job {
	t.Helper()
	if protocols == nil {
		protocols = model.Protocols()
	}
	job, err := s.Open(protocols)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { job.Close() })
	return job
}

// openLibrary opens a scenario of the library with at most that many generated
// transactions.
func openLibrary(t *testing.T, name string, most int) *Job {
	t.Helper()
	s := loaded(t, name)
	if s.Transactions.Count > most {
		s.Transactions.Count = most
	}
	return openJob(t, s)
}

// Two runs of the same inputs are the same to the last byte of everything they
// let out; another seed gives another run, 0 included.
func TestRunTwice(t *testing.T) {
	for _, e := range Library() {
		t.Run(e.Name, func(t *testing.T) {
			t.Parallel()
			most := 300
			if e.Name == "spanner" {
				most = 30 // of 200 operations each
			}
			job := openLibrary(t, e.Name, most)
			hashes := map[uint64]uint64{}
			for seed := range uint64(3) {
				format := Format(seed % 2)
				a, b := keep(t, job, seed, format), keep(t, job, seed, format)
				if a.log != b.log || a.result.Hash != b.result.Hash || a.result.Records != b.result.Records {
					t.Errorf("seed %d: two runs differ: %s", seed, firstDifferentLine(a.log, b.log))
				}
				if other, ok := hashes[a.result.Hash]; ok {
					t.Errorf("seeds %d and %d give the same trace", other, seed)
				}
				hashes[a.result.Hash] = seed
				if a.result.Verdict != analysis.Valid {
					t.Errorf("seed %d: verdict %s: %v", seed, a.result.Verdict, a.result.Findings)
				}
			}
		})
	}
}

// What watches a run changes nothing in it.
func TestWatchedTheSame(t *testing.T) {
	job := openLibrary(t, "crashes", 300)
	want := keep(t, job, 5, Text).result
	for name, o := range map[string]Options{
		"no log":    {Seed: 5},
		"unchecked": {Seed: 5, Unchecked: true},
		"progress":  {Seed: 5, Progress: func(int, int) {}},
	} {
		got, err := job.Run(context.Background(), o)
		if err != nil || got.Hash != want.Hash || got.Records != want.Records {
			t.Errorf("%s: trace hash %016x of %d records, error %v; expected %016x of %d", name, got.Hash, got.Records, err, want.Hash, want.Records)
		}
	}
}

// Runs of one job in parallel share nothing that changes: each is what it is
// alone. The race detector watches it in .ci/run.
func TestRunsInParallel(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"orders", "crashes", "thousand"} {
		job := openLibrary(t, name, 150)
		var serial [6]kept
		for seed := range serial {
			serial[seed] = keep(t, job, uint64(seed), Text)
		}
		var parallel [len(serial)]kept
		var wait sync.WaitGroup
		for seed := range parallel {
			wait.Go(func() { parallel[seed] = keep(t, job, uint64(seed), Text) })
		}
		wait.Wait()
		for seed := range serial {
			if serial[seed].log != parallel[seed].log {
				t.Errorf("%s, seed %d: the parallel run differs: %s", name, seed, firstDifferentLine(serial[seed].log, parallel[seed].log))
			}
		}
	}
}

// A run that is interrupted holds what there is, and judges nothing.
func TestInterrupted(t *testing.T) {
	job := openLibrary(t, "bank", 2000)
	ctx, cancel := context.WithCancel(context.Background())
	var b bytes.Buffer
	log := NewLog(&b, Text, false, false)
	r, err := job.Run(ctx, Options{Seed: 1, Log: log, Progress: func(int, int) { cancel() }})
	if err != nil {
		t.Fatal(err)
	}
	if r.End.Status != sim.Interrupted || r.Verdict != analysis.Undecided {
		t.Errorf("status %v, verdict %v; expected interrupted, unknown", r.End.Status, r.Verdict)
	}
	if n := r.Metrics.Committed(); n == 0 || n == 2000 {
		t.Errorf("%d of 2000 transactions committed; expected some", n)
	}
	if err := log.Flush(); err != nil || b.Len() == 0 {
		t.Errorf("the log has %d bytes, error %v", b.Len(), err)
	}
	// One that is interrupted before it starts.
	if r, err = job.Run(ctx, Options{Seed: 1}); err != nil || r.End.Status != sim.Interrupted || r.Verdict != analysis.Undecided {
		t.Errorf("status %v, verdict %v, error %v; expected interrupted, unknown", r.End.Status, r.Verdict, err)
	}
}

// The trace of each scenario of the library, as a table of hashes: a change in
// it is a change of the simulation, and has to be meant. It holds on every
// processor.
func TestGoldenHashes(t *testing.T) {
	t.Parallel()
	if testing.Short() && !*updateGolden {
		t.Skip("runs the whole library")
	}
	hashes := make([]string, len(Library()))
	t.Run("library", func(t *testing.T) {
		for i, e := range Library() {
			t.Run(e.Name, func(t *testing.T) {
				t.Parallel()
				r, err := openLibrary(t, e.Name, 1<<30).Run(context.Background(), Options{Seed: 1})
				if err != nil {
					t.Fatal(err)
				}
				countsAttempts(t, r)
				hashes[i] = fmt.Sprintf("%-12s %016x %8d records  %s\n", e.Name, r.Hash, r.Records, r.Verdict)
			})
		}
	})
	golden(t, "testdata/golden/hashes.txt", "# Trace hash of each scenario of the library with seed 1.\n"+strings.Join(hashes, ""))
}

// What swarms make of some scenarios, as a table of hashes: a failure is told by its seed, so
// that what is drawn from it is no other with the next change, or on another processor.
func TestGoldenSwarms(t *testing.T) {
	text := "# Hash of what swarms make of scenarios, by the seeds 0 to 199.\n"
	for _, name := range []string{"bank", "crashes", "open-loop", "scan", "smallbank", "tpcc", "ycsb-e"} {
		s := loaded(t, name)
		h := fnv.New64a()
		for seed := range uint64(200) {
			h.Write(s.Swarmed(seed).YAML())
		}
		text += fmt.Sprintf("%-12s %016x\n", name, h.Sum64())
	}
	golden(t, "testdata/golden/swarms.txt", text)
}

// countsAttempts requires that each attempt is one request and has one end.
func countsAttempts(t *testing.T, r *Result) {
	t.Helper()
	m := r.Metrics
	ends := uint64(r.Tally.Open) + m.Outcomes[model.Committed] + m.Outcomes[model.Unknown] + m.Outcomes[model.Blocked]
	for _, n := range m.Refused {
		ends += n
	}
	if sent := r.Stats.Sent[model.KindRequest]; m.Attempts != sent || m.Attempts != ends {
		t.Errorf("%d attempts, %d requests, %d ends", m.Attempts, sent, ends)
	}
}

// The beginning and the summary of a business day, as a transcript to read: a
// one-phase commit (w7 alone), two-phase commits, a conflict and its abort.
func TestGoldenTranscript(t *testing.T) {
	job := openLibrary(t, "orders", 0)
	var b bytes.Buffer
	h := Header{Command: "txsim run orders --seed 1", Scenario: job.Scenario()}
	log := NewLog(&b, Text, false, false)
	if err := h.Write(log.Writer()); err != nil {
		t.Fatal(err)
	}
	r, err := job.Run(context.Background(), Options{Seed: 1, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	if err := log.Flush(); err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(b.String(), "\n")
	b.Reset()
	if err := h.Finish(&b, r); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/golden/orders.txt", strings.Join(lines[:min(len(lines), 120)], "")+"…\n"+b.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *updateGolden {
		if err := os.WriteFile(name, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs; if that is meant: go test ./scenarios -run Golden -update\n%s", name, firstDifferentLine(string(want), got))
	}
}

func firstDifferentLine(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("line %d\n  %s\n  %s", i+1, x[i], y[i])
		}
	}
	return fmt.Sprintf("%d and %d lines", len(x), len(y))
}
