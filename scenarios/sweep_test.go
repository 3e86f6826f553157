package scenarios

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/analysis/results"
	"github.com/seed83d86191/txsim/model"
)

func TestParseVary(t *testing.T) {
	for text, want := range map[string]string{
		"a=1..64*2":                         "1 2 4 8 16 32 64",
		"a=1..50*3":                         "1 3 9 27",
		"a=0..0.9+0.1":                      "0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9",
		"a=2..4":                            "2 3 4",
		"a=0ms..50ms+25ms":                  "0ms 25ms 50ms",
		"a=0%..10%+5%":                      "0% 5% 10%",
		"a=x,1..2, y":                       "x 1 2 y",
		"a=lognormal(1ms, 0.4),constant(2)": "lognormal(1ms, 0.4) constant(2)",
		`a=[],["crash w1 at 1s, or so"]`:    `[] ["crash w1 at 1s, or so"]`,
		"a=0.1..0.3+0.1":                    "0.1 0.2 0.3",
		"a=1..2*1.5":                        "1 1.5",
		"a=1e-4..1e-1*10":                   "0.0001 0.001 0.01 0.1",
		"a=0.0000000001..0.000000002*10":    "0.0000000001 0.000000001",
		"a=1..1e2*10":                       "1 10 100",
		"a=10ms..1s*10":                     "10000000ns 100000000ns 1000000000ns",
		"a=0..50ms+25ms":                    "0ns 25000000ns 50000000ns",
		"a=512B..16KiB*4":                   "512B 2048B 8192B",
	} {
		v, err := ParseVary(text)
		if err != nil || v.Path != "a" || strings.Join(v.Values, " ") != want {
			t.Errorf("%s: %q, %v, expected %q", text, v.Values, err, want)
		}
	}
	for _, text := range []string{"", "a", "a=", "=1", "a=5..1", "a=1..9+0", "a=0..9*2", "a=1..9*1", "a=1ms..9s+1", "a=1ms..9KiB*2", "a=1..x", "a=1..100000", "a=1e999999999..2", "a=0..1e-9*10"} {
		if v, err := ParseVary(text); err == nil {
			t.Errorf("%q: %v", text, v)
		}
	}
}

// TestSweepOrder: the lines come in one order from any number of jobs, and what is
// done is not made again.
func TestSweepOrder(t *testing.T) {
	s := Default()
	s.Transactions.Count = 30
	sweep := func(jobs int, done []results.Line) (lines []results.Line) {
		w := &Sweep{Scenario: s, Vary: []Vary{{"clients", []string{"1", "4"}}}, First: 3, Last: 7, Jobs: jobs, Warmup: analysis.Warmup{Auto: true}}
		if err := w.Open(model.Protocols()); err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		if err := w.Run(context.Background(), done, func(l *results.Line) error { lines = append(lines, *l); return nil }); err != nil {
			t.Fatal(err)
		}
		return lines
	}
	want := sweep(1, nil)
	if len(want) != 10 || want[0].Seed != 3 || want[9].Seed != 7 || results.Label(want[9].Cell) != "clients=4" {
		t.Fatalf("%d lines: %+v", len(want), want)
	}
	if f := want[0].Figures; f["disk"] <= 0 || f["disk"] >= 1 || f["disk.busiest"] < f["disk"] || f["cpu"] != 0 {
		t.Errorf("log devices busy for %v, the busiest %v, processors that cost nothing %v", f["disk"], f["disk.busiest"], f["cpu"])
	}
	if diff := cmp.Diff(want, sweep(5, nil)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(slices.Concat(want[1:4], want[6:]), sweep(2, slices.Concat(want[:1], want[4:6]))); diff != "" {
		t.Error(diff)
	}
}

// TestSweepStops: the first error of emit ends a sweep, and so does its context.
func TestSweepStops(t *testing.T) {
	w := &Sweep{Scenario: Default(), First: 1, Last: 1000, Jobs: 4}
	if err := w.Open(model.Protocols()); err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	full, n := errors.New("full"), 0
	err := w.Run(context.Background(), nil, func(*results.Line) error {
		if n++; n == 3 {
			return full
		}
		return nil
	})
	if err != full || n != 3 {
		t.Errorf("after %d lines: %v", n, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	err = w.Run(ctx, nil, func(*results.Line) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestCommonRandomNumbers: a cell that differs in what its transactions do not meet
// has the very same figures, and one that differs in the protocol has the same load.
func TestCommonRandomNumbers(t *testing.T) {
	s := Default()
	s.Transactions.Count, s.Arrivals, s.Clients = 200, Arrivals{Kind: "poisson", Rate: 500}, 0
	w := &Sweep{Scenario: s, Vary: []Vary{{"protocol", []string{"presumed-abort", "presumed-commit"}}}, First: 1, Last: 8}
	if err := w.Open(model.Protocols()); err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	figures := map[string][]float64{}
	if err := w.Run(context.Background(), nil, func(l *results.Line) error {
		key := l.Cell[0].Value
		figures[key] = append(figures[key], l.Figures["offered"])
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(figures["presumed-abort"], figures["presumed-commit"]); diff != "" {
		t.Errorf("another load: %s", diff)
	}
}

// TestPlanValues: lists, groups and text with commas in a plan are values as they are.
func TestPlanValues(t *testing.T) {
	p, err := ParseSweepPlan("p", []byte("scenario: bank\nvary:\n"+
		"  zones: [[us-east, eu-west], [us-east]]\n"+
		"  workload: [{kind: bank, keys: 9}, {kind: ycsb}]\n"+
		"  description: [\"a, b\", c]\n"+
		"  clients: [1, 2..8*2]\n"+
		"  network.delay: [\"lognormal(1ms, 0.4)\", 1ms]\n"))
	if err != nil {
		t.Fatal(err)
	}
	s := Default()
	got := map[string][]string{}
	for _, v := range p.Vary {
		for _, value := range v.Values {
			_, named, err := s.vary([]results.Setting{{Path: v.Path, Value: value}})
			if err != nil {
				t.Fatal(err)
			}
			got[v.Path] = append(got[v.Path], named[0].Value)
		}
	}
	want := map[string][]string{
		"zones":         {"[us-east, eu-west]", "[us-east]"},
		"workload":      {`{"keys": 9, "kind": "bank"}`, `{"kind": "ycsb"}`},
		"description":   {`"a, b"`, "c"},
		"clients":       {"1", "2", "4", "8"},
		"network.delay": {`"lognormal(1ms, 0.4)"`, "1ms"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestSweepHash: results of other transactions are told by their hash, though the
// file has the same name.
func TestSweepHash(t *testing.T) {
	s := Default()
	s.Transactions = Transactions{File: filepath.Join(t.TempDir(), "orders.txt")}
	hash := func(text string) string {
		if err := os.WriteFile(s.Transactions.File, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		w := &Sweep{Scenario: s, First: 1, Last: 1}
		if err := w.Open(model.Protocols()); err != nil {
			t.Fatal(err)
		}
		defer w.Close()
		return w.Hash()
	}
	a, b := hash("a: w0 read x\n"), hash("a: w1 read x\n")
	if a == b || a != hash("a: w0 read x\n") {
		t.Errorf("hashes %s and %s", a, b)
	}
}

// TestFirstAndLastSeed: 0 is a seed like any other, and so is the largest.
func TestFirstAndLastSeed(t *testing.T) {
	s := Default()
	s.Transactions.Count = 5
	for _, seeds := range [][2]uint64{{0, 2}, {math.MaxUint64 - 2, math.MaxUint64}} {
		for _, precision := range []float64{0, 0.9} {
			w := &Sweep{Scenario: s, First: seeds[0], Last: seeds[1], Precision: precision}
			if err := w.Open(model.Protocols()); err != nil {
				t.Fatal(err)
			}
			var got []uint64
			err := w.Run(context.Background(), nil, func(l *results.Line) error { got = append(got, l.Seed); return nil })
			if want := []uint64{seeds[0], seeds[0] + 1, seeds[1]}; err != nil || !slices.Equal(got, want) {
				t.Errorf("precision %v: seeds %v, %v, expected %v", precision, got, err, want)
			}
			w.Close()
		}
	}
}
