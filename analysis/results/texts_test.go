package results

import (
	"html"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// oneCell is a file of a parameter x, whose cells have these throughputs by seed.
func oneCell(cells map[string][]float64) *File {
	f := &File{Header: Header{Version: "1", Hash: "h", Name: "sample"}}
	for x, values := range cells { // any order: Merge sorts them
		for i, v := range values {
			f.Lines = append(f.Lines, Line{Cell: []Setting{{"x", x}}, Seed: uint64(i), Verdict: "valid", Steady: true, Hash: x,
				Figures: FiguresOf(map[string]float64{"throughput": v})})
		}
	}
	return f
}

// column is the last one of the table of a file of oneCell.
func column(t *testing.T, f *File) []string {
	t.Helper()
	f, err := Merge(f)
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewReport(f, View{Metrics: []string{"throughput"}})
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, row := range r.table().Rows {
		texts = append(texts, row[len(row)-1])
	}
	return texts
}

// TestDecimals: a small figure is not rounded away beside a large one, which alone says
// how many places those have that need no more.
func TestDecimals(t *testing.T) {
	same := func(x float64) []float64 { return []float64{x, x, x, x, x, x} }
	for _, c := range []struct {
		cells map[string][]float64
		want  string
	}{
		{map[string][]float64{"1": same(10000), "2": same(0.16), "3": same(0), "4": same(123), "5": same(5.25)}, "10000 ±0, 0.16 ±0.00, 0 ±0, 123 ±0, 5.2 ±0.0"},
		{map[string][]float64{"1": same(9700), "2": {278.1, 278.2, 278.3, 278.3, 278.4, 278.5}}, "9700 ±0, 278.3 ±0.2"},
		{map[string][]float64{"1": {10000}, "2": {0.0016}, "3": {0}}, "10000, 0.0016, 0"},
		{map[string][]float64{"1": same(42), "2": same(1.5)}, "42.00 ±0.00, 1.50 ±0.00"},
		{map[string][]float64{"1": {42}, "2": {math.NaN()}}, "42.00, -"},
		{map[string][]float64{"1": same(0.00001234)}, "0.000012 ±0.000000"},
		{map[string][]float64{"1": same(1e-300), "2": {-2, -2, -2, -2, -2, -2}}, "0.000000000000000 ±0.000000000000000, -2.000 ±0.000"},
	} {
		if got := strings.Join(column(t, oneCell(c.cells)), ", "); got != c.want {
			t.Errorf("%s, expected %s", got, c.want)
		}
	}
	if got := column(t, oneCell(map[string][]float64{"1": same(4000), "2": {-0.004, 0, 0, 0, 0, 0.004}})); !slices.Equal(got, []string{"4000 ±0", "0.0000 ±0.0040"}) {
		t.Errorf("an interval around 0: %q", got)
	}
}

// TestLopsided: an interval whose ends are not about as far from the median is shown by its
// ends, as ± would have the nearer one where it is not.
func TestLopsided(t *testing.T) {
	f := oneCell(map[string][]float64{
		"1": {65.7, 100, 154.3, 154.3, 1000, 2220}, "2": {65.7, 100, 154.3, 154.3, 160, 240}, "3": {140, 150, 154, 154, 155, 157}, "4": {0, 0, 0, 0, 0, 0.25}, "5": {1}, "6": {1, 150, 154, 154, 155, 157},
	})
	want := []string{"154.3 (65.7 to 2220.0)", "154.3 ±88.6", "154.0 ±14.0", "0.00 (0.00 to 0.25)", "1.0", "154.0 (1.0 to 157.0)"}
	if got := column(t, f); !slices.Equal(got, want) {
		t.Errorf("%q, expected %q", got, want)
	}
	if text := lay(t, f, View{}, "markdown"); !strings.Contains(text, " or with both ends where they differ by more than a tenth of the median, ") {
		t.Errorf("notes\n%s", text)
	}
}

// TestBenchNames: every cell has a benchmark of its own, of which the tools for benchmarks
// read the settings as they are: they end a name at a space, take -8 at its end for
// GOMAXPROCS, and divide the rest at slashes.
func TestBenchNames(t *testing.T) {
	procs := regexp.MustCompile(`-\d+$`)
	seen := map[string]bool{}
	for _, values := range [][2]string{
		{"q/a.txt", "1"}, {"q_a.txt", "1"}, {"q a.txt", "1"}, {"q%2Fa.txt", "1"}, {"q%252Fa.txt", "1"}, {"q\u00a0a.txt", "1"}, {"q\na.txt", "1"},
		{"50%", "1"}, {"a", "o-2"}, {"a", "o-3"}, {"a", "o"}, {"a", "o%2D2"}, {"a", "-5"}, {"a", "5"}, {"a", "1e-5"}, {"o-2", "1"}, {"ü=1", "1-"},
	} {
		f := &File{Header: Header{Name: "a b"}, Lines: []Line{{Cell: []Setting{{"transactions.file", values[0]}, {"x", values[1]}}, Verdict: "valid",
			Figures: FiguresOf(map[string]float64{"throughput": 1})}}}
		name, rest, _ := strings.Cut(lay(t, f, View{Metrics: []string{"throughput"}}, "benchfmt"), " ")
		parts := strings.Split(procs.ReplaceAllString(name, ""), "/")
		if rest != "1 1 throughput-committed/s\n" || seen[name] || len(parts) != 3 {
			t.Errorf("%q: %q, then %q", values, name, rest)
			continue
		}
		seen[name] = true
		for i, path := range []string{"transactions.file", "x"} {
			text, ok := strings.CutPrefix(parts[i+1], path+"=")
			if value, err := url.PathUnescape(text); err != nil || !ok || value != values[i] {
				t.Errorf("%q: %q is in the benchmark %q, %v", values[i], value, name, err)
			}
		}
	}
}

// TestMarkdown: values and commands are shown as they are, whatever marks are in them.
func TestMarkdown(t *testing.T) {
	cells := map[string][]float64{}
	values := []string{`a "q" \|.txt`, "a|b<b>.txt", "a`b`.txt", "*a*_b_[c](d)~~e~~", "a\nb", `\`, "&lt;"}
	for _, v := range values {
		cells[v] = []float64{1}
	}
	f := oneCell(cells)
	for i := range f.Lines {
		f.Lines[i].Steady = false
	}
	f.Command = "txsim sweep 'a`b``c|<b>\\'"
	text := lay(t, f, View{Metrics: []string{"throughput"}}, "markdown")
	if !strings.HasPrefix(text, "| x | seeds | throughput (committed/s) |\n| --- | ---: | ---: |\n| ") {
		t.Errorf("head\n%s", text)
	}
	var got []string
	for _, line := range strings.Split(text, "\n")[2:] {
		if strings.HasPrefix(line, "|") {
			parts := regexp.MustCompile(`(?:[^\\|]|\\.)+`).FindAllString(line, -1)
			if len(parts) != 3 || strings.Contains(line, "<") {
				t.Errorf("%d columns, expected 3: %s", len(parts), line)
				continue
			}
			bare := regexp.MustCompile(`\\(.)`).ReplaceAllString(strings.TrimSpace(parts[0]), "$1")
			got = append(got, html.UnescapeString(bare))
		}
	}
	slices.Sort(got)
	values[4] = "a b"
	slices.Sort(values)
	if !slices.Equal(got, values) {
		t.Errorf("values %q, expected %q", got, values)
	}
	if want := "\n- made with: ``` txsim sweep 'a`b``c|<b>\\' ```\n"; !strings.Contains(text, want) {
		t.Errorf("no %q in\n%s", want, text)
	}
	for _, mark := range []string{"a`b`", "*a*", "_b_", "<b>.txt", "\nb"} {
		if notes := text[strings.Index(text, "\n- "):strings.Index(text, "\n- made")]; strings.Contains(notes, mark) {
			t.Errorf("%q is not escaped in the notes\n%s", mark, notes)
		}
	}
}

// TestRowsOrdered: rows are ordered by their columns, from left to right.
func TestRowsOrdered(t *testing.T) {
	f, err := Merge(sample(2, 1))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		view View
		want string
	}{
		{View{}, "a 1, a 2, a 10, b 1, b 2, b 10"}, {View{Rows: []string{"clients", "protocol"}}, "1 a, 1 b, 2 a, 2 b, 10 a, 10 b"},
		{View{Columns: "protocol"}, "1, 2, 10"}, {View{Columns: "clients"}, "a, b"},
	} {
		r, err := NewReport(f, c.view)
		if err != nil {
			t.Fatal(err)
		}
		var rows []string
		for _, row := range r.table().Rows {
			rows = append(rows, strings.Join(row[:len(r.paths)], " "))
		}
		if got := strings.Join(rows, ", "); got != c.want {
			t.Errorf("%+v: %s, expected %s", c.view, got, c.want)
		}
	}
	r, err := NewReport(sample(2, 1), View{Columns: "clients"})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(r.table().Header, " "), "protocol metric clients=1 clients=2 clients=10"; got != want { // the file has them in another order
		t.Errorf("columns %s, expected %s", got, want)
	}
	for _, row := range r.table().Rows {
		if slices.Contains(row, "") {
			t.Errorf("a hole in %q", row)
		}
	}
	f.Lines = slices.DeleteFunc(f.Lines, func(l Line) bool { return l.Cell[0].Value == "a" && l.Cell[1].Value == "1" })
	text := lay(t, f, View{Rows: []string{"clients"}, Columns: "protocol", Metrics: []string{"latency.p50"}}, "table")
	if !regexp.MustCompile(`(?s)\n +1 .*\n +2 .*\n +10 `).MatchString(text) {
		t.Errorf("without a cell\n%s", text)
	}
}

// TestColumnsNameMetric: a table by rows and columns says in every format what its figures are.
func TestColumnsNameMetric(t *testing.T) {
	for format, want := range map[string]string{"table": " latency.p50 (ms) ", "markdown": "| latency.p50 (ms) |", "html": ">latency.p50 (ms)</td>"} { // any order: each by itself
		text := lay(t, sample(2, 1), View{Rows: []string{"clients"}, Columns: "protocol", Metrics: []string{"latency.p50"}}, format)
		if table, _, _ := strings.Cut(text, "median over seeds"); !strings.Contains(table, want) {
			t.Errorf("%s has no %q:\n%s", format, want, table)
		}
	}
}

// TestBenchInvalid: a cell without benchmarks is named, in a line that benchstat passes over.
func TestBenchInvalid(t *testing.T) {
	f := oneCell(map[string][]float64{"1": {1}, "2": {1}})
	f.Lines[0].Verdict, f.Lines[0].Figures = "invalid", nil
	want := "# " + Label(f.Lines[0].Cell) + " has no figures: a run is INVALID\nBenchmark_sample/x="
	if text := lay(t, f, View{}, "benchfmt"); !strings.HasPrefix(text, want) || strings.Count(text, "\n") != 2 {
		t.Errorf("%s", text)
	}
}

// TestNothingVaried: of results without parameters no list of them is begun.
func TestNothingVaried(t *testing.T) {
	f := oneCell(map[string][]float64{"1": {1}})
	f.Lines[0].Cell = []Setting{}
	const want = "y is not varied, and nothing else is: expected results of a sweep with --vary y=…"
	if _, err := NewReport(f, View{Columns: "y"}); err == nil || err.Error() != want {
		t.Errorf("columns: %v", err)
	}
	if _, err := CompareTo(f, Setting{"y", "1"}, nil); err == nil || err.Error() != "baseline y=1: "+want {
		t.Errorf("baseline: %v", err)
	}
}
