package scenarios

import (
	"context"
	"errors"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/analysis/results"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/workload"
)

func TestParseVary(t *testing.T) {
	v, err := ParseVary(" a.b = x,1..2, y")
	if err != nil || v.Path != "a.b" || strings.Join(v.Values, " ") != "x 1 2 y" {
		t.Errorf("%q, %v", v, err)
	}
	for _, text := range []string{"", "a", "a=", "=1", "a=5..1"} {
		if v, err := ParseVary(text); err == nil {
			t.Errorf("%q: %v", text, v)
		}
	}
}

// TestTooManyCells: a sweep of more cells than fit is refused before they are built,
// even of so many that their number is no int.
func TestTooManyCells(t *testing.T) {
	for want, counts := range map[string][]int{
		"100000000 cells, ":              {10000, 10000},
		"1000100 cells, ":                {10001, 100},
		"10000000000000000000000 cells,": {10000, 10000, 10000, 10000, 1000, 1000},
	} {
		var of []Vary
		for i, n := range counts {
			of = append(of, Vary{Path: Paths()[i], Values: make([]string, n)})
		}
		w := &Sweep{Scenario: Default(), Vary: of, First: 1, Last: 1}
		if err := w.Open(t.Context(), model.Protocols()); err == nil || !strings.HasPrefix(err.Error(), "--vary: "+want) || !strings.HasSuffix(err.Error(), "expected at most 1000000") {
			t.Errorf("%v, expected %s", err, want)
		}
	}
}

// TestMostCells: the bound itself is not refused.
func TestMostCells(t *testing.T) {
	for n, ok := range map[int]bool{1_000_000: true, 1_000_001: false} {
		if err := checkCells([]Vary{{Path: "clients", Values: make([]string, n)}}); (err == nil) != ok {
			t.Errorf("%d cells: %v", n, err)
		}
	}
	if err := checkCells(nil); err != nil {
		t.Error(err)
	}
}

// TestSweepOrder: the lines come in one order from any number of jobs, and what is
// done is not made again.
func TestSweepOrder(t *testing.T) {
	s := Default()
	s.Transactions.Count = 30
	sweep := func(jobs int, done []results.Line) (lines []results.Line) {
		w := &Sweep{Scenario: s, Vary: []Vary{{Path: "clients", Values: []string{"1", "4"}}}, First: 3, Last: 7, Jobs: jobs, Warmup: analysis.Warmup{Auto: true}}
		if err := w.Open(t.Context(), model.Protocols()); err != nil {
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
	disk, _ := want[0].Figure("disk")
	busiest, _ := want[0].Figure("disk.busiest")
	if cpu, ok := want[0].Figure("cpu"); disk <= 0 || disk >= 1 || busiest < disk || cpu != 0 || !ok {
		t.Errorf("log devices busy for %v, the busiest %v, processors that cost nothing %v", disk, busiest, cpu)
	}
	if diff := cmp.Diff(want, sweep(5, nil)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(slices.Concat(want[1:4], want[6:]), sweep(2, slices.Concat(want[:1], want[4:6]))); diff != "" {
		t.Error(diff)
	}
}

// TestSweepAborted: what was aborted is the sum over its reasons.
func TestSweepAborted(t *testing.T) {
	s := scenarioOf(t, "transactions=200", "workload.keys=2", "retry.attempts=2", "network.loss=3%")
	w := &Sweep{Scenario: s, First: 1, Last: 1}
	if err := w.Open(t.Context(), model.Protocols()); err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	if err := w.Run(t.Context(), nil, func(l *results.Line) error {
		all, _ := l.Figure("aborted")
		sum, reasons := 0.0, 0
		for r := range model.ReasonUser {
			x, _ := l.Figure(results.AbortedMetric(r))
			sum += x
			reasons += oneIf(x > 0)
		}
		if reasons < 2 || math.Abs(all-sum) > 1e-9*sum {
			t.Errorf("%v aborted, for %d reasons %v", all, reasons, sum)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

// TestSweepContent: what is in the files that are varied is part of what the results are of.
func TestSweepContent(t *testing.T) {
	dir := t.TempDir()
	for path, texts := range map[string][2]string{
		"transactions.file": {"t1: w0 read a\n", "t1: w0 read b\n"}, propertiesPath: {"recordcount=10\n", "recordcount=20\n"}, "clients": {"", ""},
	} { // any order: each by itself
		value := "1"
		content := func(text string) map[string]string {
			if text != "" {
				value = writeFile(t, dir, path, text)
			}
			w := &Sweep{Scenario: Default(), Vary: []Vary{{Path: path, Values: []string{value}}}, First: 1, Last: 1}
			if err := w.Open(t.Context(), model.Protocols()); err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			return w.Content()
		}
		one, other := content(texts[0]), content(texts[1])
		if (one == nil) != (path == "clients") || len(one) != len(other) || one != nil && maps.Equal(one, other) {
			t.Errorf("%s: %v and %v", path, one, other)
		}
	}
}

// TestSweepStops: the first error of emit ends a sweep, and so does its context.
func TestSweepStops(t *testing.T) {
	w := &Sweep{Scenario: Default(), First: 1, Last: 1000, Jobs: 4}
	if err := w.Open(t.Context(), model.Protocols()); err != nil {
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
	s.Transactions.Count, s.Arrivals, s.Clients = 200, workload.Arrivals{Kind: "poisson", Rate: 500}, 0
	w := &Sweep{Scenario: s, Vary: []Vary{{Path: "protocol", Values: []string{"presumed-abort", "presumed-commit"}}}, First: 1, Last: 8}
	if err := w.Open(t.Context(), model.Protocols()); err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	figures := map[string][]float64{}
	if err := w.Run(context.Background(), nil, func(l *results.Line) error {
		key := l.Cell[0].Value
		offered, _ := l.Figure("offered")
		figures[key] = append(figures[key], offered)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(figures["presumed-abort"], figures["presumed-commit"]); diff != "" {
		t.Errorf("another load: %s", diff)
	}
}

// TestCommonNodes: where there are more coordinators or workers than the transactions
// need, nothing is another.
func TestCommonNodes(t *testing.T) {
	latencies := func(path, value string) (all []time.Duration) {
		s := scenarioOf(t, "workers=3", path+"="+value)
		s.Transactions = Transactions{Inline: []string{"t1: w0 write x = 1; w1 write y = 1; w2 read z"}}
		for seed := range uint64(20) {
			job := openJob(t, s)
			r, err := job.Run(context.Background(), Options{Seed: seed})
			job.Close()
			if err != nil || r.Violations > 0 {
				t.Fatal(err, r)
			}
			all = append(all, r.Metrics.Max())
		}
		return all
	}
	for _, path := range []string{"workers", "coordinators"} {
		if diff := cmp.Diff(latencies(path, "3"), latencies(path, "12")); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
	}
}

// TestPlanValues: lists, groups and text with commas in a plan are values as they are.
func TestPlanValues(t *testing.T) {
	p, err := ParseSweepPlan("p", []byte("scenario: bank\nvary:\n"+
		"  zones: [[us-east, eu-west], [us-east]]\n"+
		"  workload: [{kind: bank, keys: 9}, {kind: ycsb}]\n"+
		"  description: [\"a, b\", c]\n"+
		"  name: [\"it's\", \"that's\", \"a [b\", '\"q', plain]\n"+
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
		"workload":      {"{kind: bank, keys: 9}", "{kind: ycsb}"},
		"description":   {`"a, b"`, "c"},
		"name":          {`"it's"`, `"that's"`, `"a [b"`, `"\"q"`, "plain"},
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
		if err := w.Open(t.Context(), model.Protocols()); err != nil {
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
			if err := w.Open(t.Context(), model.Protocols()); err != nil {
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

// TestCellName: a cell has one name, however its values are spelt, in a plan or not; and
// the name is a value that makes the same cell.
func TestCellName(t *testing.T) {
	name := writeFile(t, t.TempDir(), "w 1.properties", "recordcount=100\n")
	for _, c := range []struct{ path, plan, flag, name string }{
		{"workload", "[{kind: bank, keys: 10}]", "{ 'keys': 010, kind: bank }", "{kind: bank, keys: 10}"},
		{"network", `[{loss: "5%", delay: "lognormal(1ms, 0.30)"}]`, `{delay: "lognormal(1ms,0.3)", loss: 0.05}`, `{delay: "lognormal(1ms, 0.3)", loss: 0.05}`},
		{"faults", `[["crash w1 at 1s for 2s"]]`, "['crash w1 at 1s for 2s']", `["crash w1 at 1s for 2s"]`},
		{"transactions", "[{file: t.txt}]", `{"file": 't.txt'}`, "{file: t.txt}"},
		{"transactions", "[05]", "5", "5"},
		{"transactions", `[{inline: ["t1: w0 read k"]}]`, "{inline: ['t1: w0 read k']}", `{inline: ["t1: w0 read k"]}`},
		{"transactions.inline", `[["t1: w0 read k"]]`, "['t1: w0 read k']", `["t1: w0 read k"]`},
		{"workload", "[{operations: 2, properties: '" + name + "'}]", `{properties: "` + name + `", operations: 2}`, `{properties: "` + name + `", operations: 2}`},
	} {
		plan, err := ParseSweepPlan("p", []byte("scenario: bank\nvary: {"+c.path+": "+c.plan+"}\n"))
		if err != nil {
			t.Fatal(err)
		}
		for _, value := range []string{plan.Vary[0].Values[0], c.flag, c.name} {
			s, named, err := Default().vary([]results.Setting{{Path: c.path, Value: value}})
			if err != nil || named[0].Value != c.name {
				t.Errorf("%s=%s: %v, %v, expected %s", c.path, value, named, err, c.name)
				continue
			}
			if again, _, err := Default().vary(named); err != nil || !again.Equal(s) {
				t.Errorf("%s: another scenario than %s, %v", named[0], value, err)
			}
		}
	}
}

// TestSweepWall: what a run costs is a figure where there is a clock to measure it.
func TestSweepWall(t *testing.T) {
	s := Default()
	s.Transactions.Count = 10
	sweep := sweepOf(t, s, 2, 1)
	defer sweep.Close()
	now := time.Time{}
	sweep.Clock = func() time.Time { now = now.Add(5 * time.Millisecond); return now }
	wall := func() (ms []float64) {
		if err := sweep.Run(t.Context(), nil, func(l *results.Line) error {
			if d, ok := l.Figure(results.Wall); ok {
				ms = append(ms, d)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return ms
	}
	if got := wall(); !slices.Equal(got, []float64{5, 5}) {
		t.Errorf("%v ms, expected 5 each", got)
	}
	sweep.Clock = nil
	if got := wall(); got != nil {
		t.Errorf("without a clock: %v ms", got)
	}
}

// TestSweepOutage: a planned outage is in the figures.
func TestSweepOutage(t *testing.T) {
	s := scenarioOf(t, "workers=4", "coordinators=2", "clients=4", "transactions=2000", "workload.workers=2", `faults=["pause w1 at 500ms for 500ms"]`)
	sweep := sweepOf(t, s, 2, 1)
	defer sweep.Close()
	sweep.Warmup.Auto = true
	if err := sweep.Run(t.Context(), nil, func(l *results.Line) error {
		if most, _ := l.Figure("latency.max"); !l.Steady || most < 400 {
			t.Errorf("seed %d: steady %v, the longest latency is %v ms", l.Seed, l.Steady, most)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
