package scenarios_test

import (
	"bufio"
	"bytes"
	"io"
	"regexp"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
)

// saved is the log of a small run as -o keeps it.
func saved(t testing.TB, set ...string) []byte {
	t.Helper()
	s := scenarios.Small()
	for i := 0; i < len(set); i += 2 {
		if err := s.Set(set[i], set[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	s.Limits.Events = 20000
	h := &scenarios.Header{Command: "txsim run small", Scenario: s, All: s.Seed%2 == 0, Format: scenarios.Format(s.Seed / 2 % 2)}
	var b bytes.Buffer
	if err := h.Write(&b); err != nil {
		t.Fatal(err)
	}
	b.Write(logOf(t, h))
	return b.Bytes()
}

// logOf is what follows a header.
func logOf(t testing.TB, h *scenarios.Header) []byte {
	t.Helper()
	j := open(t, h.Scenario)
	var b bytes.Buffer
	l := scenarios.NewLog(&b, h.Format, h.All, false)
	r, err := j.Run(t.Context(), scenarios.Options{Seed: h.Scenario.Seed, Log: l, Unchecked: h.Unchecked})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Finish(l.Writer(), r); err != nil {
		t.Fatal(err)
	}
	if err := l.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// modest reports whether a fuzzed scenario may be run: it is small, and all of it is
// in the scenario.
func modest(s *scenarios.Scenario) bool {
	w := &s.Workload
	return s.Workers <= 10 && s.Coordinators <= 4 && s.Clients <= 20 && s.Limits.Events <= 20000 &&
		s.Transactions.File == "" && s.Transactions.Count <= 50 && len(s.Transactions.Inline) <= 50 &&
		w.Keys <= 100 && w.Operations <= 10 && w.Workers <= 10 && w.Scan <= 100 && w.Value <= 100 && w.Inserted <= 100 && w.Warehouses <= 4 && len(s.Faults) <= 20
}

var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

// FuzzTrace: a saved log, whatever it holds, is read and replayed without a panic,
// and is the same as the run of its header if, and only if, it holds what that run
// prints.
func FuzzTrace(f *testing.F) {
	scenarios.QuickMinimizing()
	f.Add(saved(f, "seed", "0"))
	f.Add(saved(f, "seed", "1", "faults", `["crash w1 after send vote #1 for 20ms"]`))
	f.Add(saved(f, "seed", "2", "schedule", "random"))
	f.Add(saved(f, "seed", "3", "transactions", "2", "workload.operations", "1", "workload.workers", "1"))
	f.Fuzz(func(t *testing.T, b []byte) {
		in := bufio.NewReader(bytes.NewReader(b))
		h, err := scenarios.ReadHeader("log", in)
		if err != nil || !modest(h.Scenario) {
			return
		}
		rest, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		j, err := h.Scenario.Open(model.Protocols())
		if err != nil {
			return // another protocol, say
		}
		defer j.Close()
		r, err := j.Replay(t.Context(), h, bytes.NewReader(rest), scenarios.Options{})
		if err != nil {
			return // of the input
		}
		want := bytes.TrimSuffix(logOf(t, h), []byte("\n"))
		got := bytes.TrimSuffix(escapes.ReplaceAll(rest, nil), []byte("\n"))
		more, same := bytes.CutPrefix(got, want)
		same = same && (len(more) == 0 || bytes.HasPrefix(more, []byte("\nverified: ")) || bytes.HasPrefix(more, []byte("\n{\"verified\":true")))
		if told := r.Difference == nil && !r.Cut; told != same {
			t.Fatalf("told %v (%v, cut %v) of a log that is the same: %v", told, r.Difference, r.Cut, same)
		}
	})
}
