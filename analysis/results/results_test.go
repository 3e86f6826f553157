package results

import (
	"bytes"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/seed83d86191/txsim/analysis"
)

// sample is a file of two protocols and three numbers of clients.
func sample(seeds int, factor float64) *File {
	r := rand.New(rand.NewPCG(1, 2))
	f := &File{Header: Header{Version: "1", Hash: "h", Name: "sample", Command: "txsim sweep sample"}}
	for _, p := range []string{"b", "a"} {
		for _, c := range []string{"10", "2", "1"} {
			for seed := 1; seed <= seeds; seed++ {
				x := 1000 * (1 + 0.01*r.NormFloat64())
				if p == "b" {
					x *= factor
				}
				f.Lines = append(f.Lines, Line{Cell: []Setting{{"protocol", p}, {"clients", c}}, Seed: uint64(seed), Verdict: "valid",
					Hash: p + c, Steady: true, Figures: FiguresOf(map[string]float64{"throughput": x, "latency.p50": 2, "latency.p99": 5})})
			}
		}
	}
	return f
}

// TestFile: what is written is read again, without what a kill has cut off.
func TestFile(t *testing.T) {
	f := sample(2, 1)
	var b bytes.Buffer
	h := analysis.NewLatencyHistogram()
	for _, ns := range []int64{1, 5000, 5000, 123456789} {
		if err := h.RecordValue(ns); err != nil {
			t.Fatal(err)
		}
	}
	f.Lines[3].Latencies = Pack(h)
	if err := analysis.WriteJSON(&b, f.Header, ""); err != nil {
		t.Fatal(err)
	}
	for i := range f.Lines {
		if err := analysis.WriteJSON(&b, &f.Lines[i], ""); err != nil {
			t.Fatal(err)
		}
	}
	whole := b.Len()
	b.WriteString(`{"cell":["prot`)
	got, err := Read("f", &b)
	if err != nil {
		t.Fatal(err)
	}
	if got.Whole != int64(whole) {
		t.Errorf("whole up to %d, expected %d", got.Whole, whole)
	}
	if diff := cmp.Diff(f.Lines, got.Lines, cmpopts.IgnoreFields(Line{}, "From", "Rules")); diff != "" {
		t.Error(diff)
	}
	if from := got.Lines[3].From.String(); from != "f:5" {
		t.Errorf("the fourth line is from %s", from)
	}
	again := unpack(slices.Values([]Packed{got.Lines[3].Latencies}))
	if !again.Equals(h) {
		t.Errorf("the histogram is another: %v, %v", again.Export(), h.Export())
	}
	if twice := unpack(slices.Values([]Packed{got.Lines[3].Latencies, got.Lines[3].Latencies})); twice.TotalCount() != 2*h.TotalCount() {
		t.Errorf("%d latencies of two runs of %d each", twice.TotalCount(), h.TotalCount())
	}
	for _, text := range []string{"{\"a\":1}\n", "text", "{\"txsim_sweep\":\"1\",\"hash\":\"h\"}\n{\n", "{\"txsim_sweep\":\"1\",\"hash\":\"h\",\"cells\":[]}\n",
		"{\"txsim_sweep\":\"1\"}\n", "{\"txsim_sweep\":\"\",\"hash\":\"h\"}\n", "{\"txsim_sweep\":\"1\",\"hash\":\"h\",\"runs\":\"x\"}\n"} {
		if _, err := Read("f", strings.NewReader(text)); err == nil || !strings.HasPrefix(err.Error(), "f:") {
			t.Errorf("%q: error %v", text, err)
		}
	}
	if !got.Torn {
		t.Error("the line that was cut off is not told of")
	}
	head := `{"txsim_sweep":"1","hash":"h"}` + "\n"
	for text, torn := range map[string]bool{`{"txsim_sweep":"1`: true, "{": true, "": false, head: false, head + "{": true} { // any order
		if f, err := Read("f", strings.NewReader(text)); err != nil || f.Torn != torn || (f.Whole > 0) != strings.HasPrefix(text, head) {
			t.Errorf("%q: %+v, %v", text, f, err)
		}
	}
}

// TestMerge: any order and any overlap give the same.
func TestMerge(t *testing.T) {
	f := sample(3, 1)
	want, err := Merge(f)
	if err != nil {
		t.Fatal(err)
	}
	if got := Label(want.Lines[0].Cell) + ", " + Label(want.Lines[3].Cell); got != "protocol=a clients=1, protocol=a clients=2" {
		t.Errorf("ordered as %s", got)
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 20 {
		parts := [3]*File{}
		for i := range parts {
			parts[i] = &File{Header: f.Header}
		}
		for _, l := range f.Lines {
			i := r.IntN(3)
			parts[i].Lines = append(parts[i].Lines, l)
			if r.IntN(4) == 0 {
				parts[(i+1)%3].Lines = append(parts[(i+1)%3].Lines, l)
			}
		}
		got, err := Merge(parts[2], parts[0], parts[1])
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
	}
	a, b := sample(1, 1), sample(1, 1)
	a.Command, b.Command = "txsim a", "txsim b"
	a.Lines, b.Lines = a.Lines[:3], b.Lines[3:]
	ab, err := Merge(a, b)
	ba, err2 := Merge(b, a)
	if diff := cmp.Diff(ab, ba); err != nil || err2 != nil || diff != "" {
		t.Errorf("of two commands: %v, %v\n%s", err, err2, diff)
	}
	other := sample(3, 1)
	other.Hash = "i"
	if _, err := Merge(f, other); err == nil || !strings.Contains(err.Error(), "different sweeps") {
		t.Errorf("of another scenario: %v", err)
	}
	other.Hash, other.Lines[0].Hash = "h", "1"
	if _, err := Merge(f, other); err == nil || !strings.Contains(err.Error(), "two results") {
		t.Errorf("with another trace: %v", err)
	}
}

// TestMergeEmpty: a file without even a header, as a kill may leave one, adds nothing,
// and results that do not belong together say which files they are from.
func TestMergeEmpty(t *testing.T) {
	f := sample(2, 1)
	want, err := Merge(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, files := range [][]*File{{f, {Path: "empty"}}, {{Path: "empty"}, f}} {
		got, err := Merge(files...)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	}
	if f, err := Merge(&File{}, &File{}); err != nil || len(f.Lines) > 0 {
		t.Errorf("of nothing but empty files: %v, %v", f, err)
	}
	a, b := *f, *f
	a.Path, b.Path, b.Hash = "a.jsonl", "b.jsonl", "i"
	if _, err := Merge(&a, &b); err == nil || !strings.Contains(err.Error(), "a.jsonl has sample by txsim 1 (hash h), b.jsonl has sample by txsim 1 (hash i)") {
		t.Errorf("of different sweeps: %v", err)
	}
}

// TestOlder: latencies that an older version has counted are not read as if they were
// this one's.
func TestOlder(t *testing.T) {
	_, err := Read("old.jsonl", strings.NewReader(`{"txsim_sweep":"0.1.0","hash":"h"}`+"\n"+`{"cell":[],"seed":1,"verdict":"valid","hash":"x","steady":true,"latencies":"781 3"}`+"\n"))
	if err == nil || !strings.HasPrefix(err.Error(), "old.jsonl:2: not a result: its latencies are counted as by an older version") {
		t.Error(err)
	}
}

// TestMergeContents: two results of a run that differ in anything are refused in any
// order of the files, and both are named. Another command may reproduce the run in other
// words, of which the same are always kept.
func TestMergeContents(t *testing.T) {
	read := func(name, line string) *File {
		f, err := Read(name, strings.NewReader(`{"txsim_sweep":"1","hash":"h"}`+"\n"+line+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	line := `{"cell":["clients=4"],"seed":7,"verdict":"invalid","reproduce":"txsim run a","hash":"x","steady":true,"figures":{"throughput":5}}`
	for _, change := range [][2]string{{"invalid", "valid"}, {":5", ":6"}, {"true", "false"}, {`"x"`, `"y"`}, {`:5`, `:5,"aborted":1`}} {
		a, b := read("a.jsonl", line), read("b.jsonl", strings.Replace(line, change[0], change[1], 1))
		for _, files := range [][]*File{{a, b}, {b, a}} {
			if _, err := Merge(files...); err == nil || !strings.HasPrefix(err.Error(), "clients=4, seed 7: two results that differ: ") ||
				!strings.Contains(err.Error(), "a.jsonl:2") || !strings.Contains(err.Error(), "b.jsonl:2") {
				t.Errorf("%s and %s: %v", change[0], change[1], err)
			}
		}
	}
	slow, quick := read("a.jsonl", strings.Replace(line, ":5", `:5,"wall":9`, 1)), read("b.jsonl", strings.Replace(line, ":5", `:5,"wall":8`, 1))
	for _, files := range [][]*File{{slow, quick}, {quick, slow}, {read("c.jsonl", line), quick}} {
		if f, err := Merge(files...); err != nil || len(f.Lines) != 1 || f.Lines[0].wall() != 8 {
			t.Errorf("of another cost: %+v, %v", f, err)
		}
	}
	a, b := read("a.jsonl", line), read("b.jsonl", strings.Replace(line, "run a", "run b", 1))
	for _, files := range [][]*File{{a, b}, {b, a}} {
		if f, err := Merge(files...); err != nil || len(f.Lines) != 1 || f.Lines[0].Reproduce != "txsim run a" {
			t.Errorf("reproduced in other words: %+v, %v", f, err)
		}
	}
}

// TestDistrust: no figure of a cell with a violation is in any form of a report,
// nor compared.
func TestDistrust(t *testing.T) {
	f := sample(7, 2)
	for i := range f.Lines {
		if l := &f.Lines[i]; l.Seed == 3 && l.Cell[0].Value == "b" {
			l.Verdict, l.Figures, l.Reproduce = "invalid", nil, "txsim run it"
		} else if l.Cell[0].Value == "b" {
			l.Figures = FiguresOf(map[string]float64{"throughput": 777777})
		}
	}
	f, _ = Merge(f)
	r, err := NewReport(f, View{Metrics: []string{"throughput"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range Formats {
		var b bytes.Buffer
		if err := r.Write(&b, format); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(b.String(), "77777") {
			t.Errorf("%s shows a figure of a cell with a violation:\n%s", format, &b)
		}
	}
	if notes := strings.Join(r.Notes(), "\n"); !strings.Contains(notes, "seed 3: INVALID; reproduce with: txsim run it") {
		t.Errorf("notes: %s", notes)
	}
	for _, baseline := range []string{"a", "b"} {
		c, err := CompareTo(f, Setting{"protocol", baseline}, []string{"throughput"})
		if err != nil || len(c.Pairs) != 0 || len(c.Distrusted) != 3 {
			t.Fatalf("compared with %s: %+v, %v", baseline, c, err)
		}
		if notes := strings.Join(c.notes(), "\n"); strings.Count(notes, "\nnot compared, as a run is not valid: protocol=") != 3 {
			t.Errorf("compared with %s: notes\n%s", baseline, notes)
		}
	}
}

// TestCompare: a planted difference is found, and none where there is none.
func TestCompare(t *testing.T) {
	for factor, want := range map[float64]int{1: 0, 1.1: 3} {
		f, err := Merge(sample(10, factor))
		if err != nil {
			t.Fatal(err)
		}
		c, err := CompareTo(f, Setting{"protocol", "a"}, []string{"throughput"})
		if err != nil {
			t.Fatal(err)
		}
		if c.changed() != want || len(c.Pairs) != 3 {
			t.Errorf("factor %v: %d of %d changed, expected %d\n%s", factor, c.changed(), len(c.Pairs), want, c.table())
		}
		for _, d := range c.Pairs {
			if d.Q < d.P {
				t.Errorf("factor %v: p %v is adjusted down to %v", factor, d.P, d.Q)
			}
		}
		if factor == 1 && !slices.ContainsFunc(c.Pairs, func(d Compared) bool { return d.Q > d.P }) {
			t.Error("no p is adjusted for their number")
		}
		if d := c.Pairs[0]; math.Abs(d.Ratio.Estimate-factor) > 0.02 {
			t.Errorf("factor %v: ratio %v", factor, d.Ratio)
		}
	}
	many, _ := Merge(sample(501, 1))
	if c, err := Compare(many, many, nil); err != nil || !strings.Contains(c.notes()[0], "exact up to 500 pairs and by the normal approximation beyond") {
		t.Errorf("of 501 pairs: %v, %v", c.notes(), err)
	}
	few, _ := Merge(sample(5, 3))
	c, err := Compare(few, few, nil)
	if err != nil || c.changed() != 0 || !strings.Contains(strings.Join(c.notes(), "\n"), "p < 0.05 is impossible") {
		t.Errorf("of five pairs: %+v, %v", c, err)
	}
}

// TestBaselineSpelled: a baseline is found in other words for its value: another notation
// of the number, or without the quotes that a file has around it.
func TestBaselineSpelled(t *testing.T) {
	for value, spellings := range map[string][]string{ // any order
		"0": {"0", "0.0", "0%"}, "0.5": {"50%", ".5"}, "1s": {"1000ms"}, "1KiB": {"1024"},
		`"mutant:early-vote"`: {"mutant:early-vote", `"mutant:early-vote"`}, `"2"`: {"2", `"2"`},
	} {
		for _, spelled := range spellings {
			f := sample(6, 1)
			for i := range f.Lines {
				if s := &f.Lines[i].Cell[0]; s.Value == "a" {
					s.Value = value
				}
			}
			c, err := CompareTo(f, Setting{"protocol", spelled}, []string{"throughput"})
			if err != nil || len(c.Pairs) != 3 || len(c.AloneA)+len(c.AloneB) > 0 {
				t.Errorf("%s for %s: %+v, %v", spelled, value, c, err)
			}
		}
	}
	if _, err := CompareTo(sample(6, 1), Setting{"clients", "3"}, nil); err == nil || !strings.HasSuffix(err.Error(), "no such cell: expected one of clients=1, clients=2, clients=10") {
		t.Errorf("of a value that is not there: %v", err)
	}
}

// TestCompareNone: a figure that no run has is none, and no number.
func TestCompareNone(t *testing.T) {
	c, err := CompareTo(sample(6, 1), Setting{"protocol", "a"}, []string{"locks"})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range c.table().Rows {
		if strings.Contains(strings.Join(row, " "), "NaN") || row[2] != "none" || row[7] != "none" {
			t.Errorf("%q", row)
		}
	}
}

// TestCompareZeros: from none to some is a change, though it has no ratio.
func TestCompareZeros(t *testing.T) {
	f, err := Merge(sample(10, 1))
	if err != nil {
		t.Fatal(err)
	}
	for i := range f.Lines {
		l := &f.Lines[i]
		l.Figures.Set("aborted", float64(l.Seed))
		l.Figures.Set("crashes", 0)
		if value(l.Cell, "protocol") == "a" {
			l.Figures.Set("aborted", 0)
		}
	}
	c, err := CompareTo(f, Setting{"protocol", "a"}, []string{"aborted", "crashes"})
	if err != nil || c.changed() != 3 {
		t.Fatalf("%v\n%s", err, c.table())
	}
	for _, d := range c.Pairs {
		if want := d.Metric.Name == "aborted"; d.significant() != want || d.Pairs != 10 {
			t.Errorf("%+v", d)
		}
	}
	notes := strings.Join(c.notes(), "\n")
	if !strings.Contains(c.table().String(), "+∞ to +∞") || !strings.Contains(notes, "30 pairs with a figure of 0 on one side: ranked as larger") {
		t.Errorf("%s\n%s", c.table(), notes)
	}
}

// TestCompareSame: where most seeds do not differ, the test, which leaves these out, may
// refute that nothing has changed, and the interval, which does not, have it at one end.
// That is no difference to show.
func TestCompareSame(t *testing.T) {
	for changed, want := range map[int]bool{12: false, 30: true} {
		a, b := &File{}, &File{}
		for seed := range 40 {
			x := 1.0
			if seed < changed {
				x += 0.01 * float64(seed+1)
			}
			l := Line{Seed: uint64(seed), Verdict: "valid", Figures: FiguresOf(map[string]float64{"attempts": 1})}
			a.Lines = append(a.Lines, l)
			l.Figures = FiguresOf(map[string]float64{"attempts": x})
			b.Lines = append(b.Lines, l)
		}
		for _, files := range [][2]*File{{a, b}, {b, a}} {
			c, err := Compare(files[0], files[1], []string{"attempts"})
			if err != nil {
				t.Fatal(err)
			}
			d, row := c.Pairs[0], c.table().Rows[0]
			if d.Q > 0.001 || d.significant() != want || (row[4] == "~") == want || (c.changed() > 0) != want {
				t.Errorf("%d of 40 seeds differ: %+v, row %q", changed, d, row)
			}
		}
	}
}

// TestUntrustedCells: of a cell with a run that is not valid, its verdict stands in place of
// each figure, and how large its figures are does not say how many places the others have;
// nor are there latencies of it, or of a cell that has none.
func TestUntrustedCells(t *testing.T) {
	h := analysis.NewLatencyHistogram()
	if err := h.RecordValue(5e6); err != nil {
		t.Fatal(err)
	}
	for verdict, mark := range map[string]string{"invalid": "INVALID", "unknown": "unknown"} { // any order: each by itself
		f := oneCell(map[string][]float64{"1": {1.25}, "2": {55555, 55555}, "3": {2.5}})
		for i := range f.Lines {
			l := &f.Lines[i]
			if l.Cell[0].Value != "3" {
				l.Latencies = Pack(h)
			}
			if l.Cell[0].Value == "2" && l.Seed == 1 {
				l.Verdict = verdict
			}
		}
		if got, want := column(t, f), []string{"1.250", mark, "2.500"}; !slices.Equal(got, want) {
			t.Errorf("%q, expected %q", got, want)
		}
		if text := lay(t, f, View{}, "csv"); strings.Count(text, "2,"+verdict+",1,throughput,committed/s,,,,0\n") != 1 {
			t.Errorf("csv\n%s", text)
		}
		text := lay(t, f, View{}, "json")
		if strings.Count(text, `"latency":{`) != 1 || !strings.Contains(text, `"latency":{"count":1,"ms":{`) {
			t.Errorf("json\n%s", text)
		}
	}
}

// TestQuantileDigits: merged latencies have the digits of a histogram, not those of the end
// of a bucket, but for the largest, which is known exactly. None is above it.
func TestQuantileDigits(t *testing.T) {
	for _, largest := range []int64{9_876_543, 93_801_253} { // below the end of its bucket, and above its three digits
		h := analysis.NewLatencyHistogram()
		for _, ns := range []int64{4_563_080, 4_563_080, largest} {
			if err := h.RecordValue(ns); err != nil {
				t.Fatal(err)
			}
		}
		most := float64(largest) / 1e6
		c := &Cell{Runs: []*Line{{Figures: FiguresOf(map[string]float64{"latency.max": most})}}}
		if ms := c.quantiles(h); ms["p50"] != 4.59 || ms["p99"] > most || ms["max"] != most {
			t.Errorf("%v", ms)
		}
	}
	h, quick := analysis.NewLatencyHistogram(), &Cell{Runs: []*Line{{Figures: FiguresOf(map[string]float64{"latency.max": 0.4})}}}
	if err := h.RecordValue(400_000); err != nil {
		t.Fatal(err)
	}
	if ms := quick.quantiles(h); ms["p50"] > 0.4 || ms["max"] != 0.4 {
		t.Errorf("below a millisecond: %v", ms)
	}
}
