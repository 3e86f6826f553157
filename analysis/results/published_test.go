package results

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func publishedOf(t *testing.T, text string) *Published {
	t.Helper()
	p, err := ReadPublished("paper.csv", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestPublished: cells find their figures whatever the values' notation, and one
// that has none shows none, nor an error in shares of 0.
func TestPublished(t *testing.T) {
	f := &File{}
	for _, delay := range []string{"1ms", "2ms", "3ms"} {
		f.Lines = append(f.Lines, Line{Cell: []Setting{{"network.delay", delay}}, Verdict: "valid", Figures: FiguresOf(map[string]float64{"throughput": 90, "latency.mean": 20})})
	}
	p := publishedOf(t, "# a comment\nnetwork.delay, throughput, latency.mean\n1000us, 100, 16\n2ms, 60, 0\n")
	r, err := NewReport(f, View{Published: p})
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"1ms", "1", "90.00", "100", "-10 %", "20.00", "16", "+25 %"},
		{"2ms", "1", "90.00", "60", "+50 %", "20.00", "0", "-"},
		{"3ms", "1", "90.00", "-", "-", "20.00", "-", "-"},
	}
	if diff := cmp.Diff(want, r.table().Rows); diff != "" {
		t.Error(diff)
	}
	if got, want := strings.Join(r.table().Header, ", "), "network.delay, seeds, throughput (committed/s), published, error, latency.mean (ms), published, error"; got != want {
		t.Errorf("head %s, expected %s", got, want)
	}
	csv := lay(t, f, View{Published: p}, "csv")
	for _, want := range []string{",values,published,relative_error\n1ms,", "\n2ms,valid,1,throughput,committed/s,90,,,1,60,0.5\n", "\n2ms,valid,1,latency.mean,ms,20,,,1,0,\n", "\n3ms,valid,1,throughput,committed/s,90,,,1,,\n"} {
		if !strings.Contains(csv, want) {
			t.Errorf("no %q in\n%s", want, csv)
		}
	}
	if text := lay(t, f, View{Published: p}, "json"); !strings.Contains(text, `"published":60,"relative_error":0.5}`) {
		t.Errorf("json\n%s", text)
	}
	if notes := strings.Join(r.Notes(), "\n"); !strings.Contains(notes, "\nlatency.mean of 1 cell is published as 0, which has no relative error\n") || strings.Contains(notes, "throughput of") {
		t.Errorf("notes\n%s", notes)
	}
	if mean, largest, n := r.Errors("throughput"); mean < 0.29 || mean > 0.31 || largest != 0.5 || n != 2 {
		t.Errorf("off by %v on average, %v at most, over %d", mean, largest, n)
	}
	if mean, largest, n := r.Errors("latency.mean"); mean != 0.25 || largest != 0.25 || n != 1 {
		t.Errorf("off by %v on average, %v at most, over %d", mean, largest, n)
	}
}

// TestPublishedOff: errors are shares of the published figure, in the table and in the notes;
// a cell with a run that is not valid has none, nor a metric that is not published. A row of
// no cell, or of a word where cells have numbers, is passed over.
func TestPublishedOff(t *testing.T) {
	f := oneCell(map[string][]float64{"0": {10}, "1": {40}, "2": {77, 77}})
	f.Lines[slices.IndexFunc(f.Lines, func(l Line) bool { return l.Cell[0].Value == "2" && l.Seed == 1 })].Verdict = "invalid"
	p := publishedOf(t, "x,throughput\nword,5\n1,8\n2,7\n7,7\n")
	r, err := NewReport(f, View{Metrics: []string{"throughput", "latency.p50"}, Published: p})
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"0", "1", "10.00", "-", "-", "-", "-", "-"},
		{"1", "1", "40.00", "8", "+400 %", "-", "-", "-"},
		{"2", "1", "INVALID", "7", "-", "INVALID", "-", "-"},
	}
	if diff := cmp.Diff(want, r.table().Rows); diff != "" {
		t.Error(diff)
	}
	if notes := strings.Join(r.Notes(), "\n"); !strings.Contains(notes, "\nthroughput is off by 400 % on average and by 400 % at most, over 1 cell") || strings.Contains(notes, "latency.p50 is off") {
		t.Errorf("notes\n%s", notes)
	}
}

// TestPublishedQuoted: a name that a scenario has to quote needs no quotes in the table.
func TestPublishedQuoted(t *testing.T) {
	f := &File{Lines: []Line{{Cell: []Setting{{"protocol", `"mutant:early-vote"`}}, Verdict: "valid", Figures: FiguresOf(map[string]float64{"throughput": 90})}}}
	r, err := NewReport(f, View{Published: publishedOf(t, "protocol,throughput\nmutant:early-vote,100\n")})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, n := r.Errors("throughput"); n != 1 {
		t.Errorf("%s", r.table())
	}
}

// TestPublishedUnits: a figure with a unit is converted to that of its metric, and refused
// where it is of another quantity.
func TestPublishedUnits(t *testing.T) {
	for _, c := range []struct {
		metric, text string
		want         float64
	}{
		{"latency.mean", "10ms", 10}, {"latency.mean", "250us", 0.25}, {"latency.p99", "1m1.5s", 61500}, {"doubt", "10", 10}, {"locks", "0", 0},
		{"throughput", "1000/s", 1000}, {"aborted.conflict", "2.5/s", 2.5}, {"cpu", "80%", 0.8}, {"cpu", "0.8", 0.8},
		{"bytes", "4KiB", 4096}, {"bytes", "12B", 12}, {"messages", "1e1", 10}, {"crashes", "3", 3},
	} {
		p := publishedOf(t, "workers,"+c.metric+"\n1,"+c.text+"\n")
		if got := p.rows[0].figures[0]; got != c.want {
			t.Errorf("%s = %s: %v, expected %v", c.metric, c.text, got, c.want)
		}
	}
	for text, want := range map[string]string{ // any order
		"latency.mean\n1,5%":    "paper.csv:2: latency.mean = 5%: expected a number, of milliseconds, or a time such as 10ms",
		"latency.mean\n1,10/s":  "paper.csv:2: latency.mean = 10/s: expected a number, of milliseconds",
		"throughput\n1,10ms":    "paper.csv:2: throughput = 10ms: expected a number, of committed/s, or a rate such as 100/s",
		"cpu\n1,10ms":           "paper.csv:2: cpu = 10ms: expected a number, of which 1 is all, or a share such as 80%",
		"messages\n1,4\n2,4KiB": "paper.csv:3: messages = 4KiB: expected a number, per commit",
		"bytes\n1,4s":           "paper.csv:2: bytes = 4s: expected a number, of bytes per commit, or a size such as 4KiB",
		"crashes\n1,10%":        "paper.csv:2: crashes = 10%: expected a number",
		"throughput\n1,-5":      "paper.csv:2: throughput = -5: expected 0 or more",
		"latency.mean\n1,inf":   "paper.csv:2: latency.mean = inf: expected a number",
	} {
		if _, err := ReadPublished("paper.csv", strings.NewReader("workers,"+text+"\n")); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, expected %s", text, err, want)
		}
	}
}

// TestPublishedSpaces: what spreadsheets put before a table and around its values is none of
// it.
func TestPublishedSpaces(t *testing.T) {
	f := &File{Lines: []Line{{Cell: []Setting{{"workers", "3"}}, Verdict: "valid", Figures: FiguresOf(map[string]float64{"throughput": 90, "latency.mean": 5})}}}
	for _, text := range []string{
		"\ufeffworkers,throughput,latency.mean\n3,100,10ms\n", "workers , throughput , latency.mean \n3 , 100 , 10ms \n", "workers,throughput,latency.mean\r\n3\t,100\t,10ms\t\r\n",
		"\ufeff# a comment\nworkers,throughput,latency.mean\n\"3\",\"100 \",10ms\n",
	} {
		r, err := NewReport(f, View{Published: publishedOf(t, text)})
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if a, b := r.published.of(r.Cells[0], "throughput"), r.published.of(r.Cells[0], "latency.mean"); a != 100 || b != 10 {
			t.Errorf("%q: %v and %v", text, a, b)
		}
	}
	p := publishedOf(t, "workers,throughput,latency.mean\n3, ,10ms\n")
	if r, err := NewReport(f, View{Published: p}); err != nil || !math.IsNaN(r.published.of(r.Cells[0], "throughput")) {
		t.Errorf("a blank is no figure: %v", err)
	}
}

func TestPublishedRefused(t *testing.T) {
	for text, want := range map[string]string{ // any order
		"":                             "expected a header",
		"workers,speed\n1,2\n":         "no metric in the header",
		"workers,throughput,colour\n":  "unknown metric colour",
		"workers,throughput\n1,fast\n": "paper.csv:2: throughput = fast: expected a number",
		"workers,throughput\n1\n":      "wrong number of fields",
		"# a\nworkers,latency.mean,throughput,latency.mean\n1,2,3,4\n": "paper.csv:2: latency.mean is there twice: expected a column for each parameter and metric",
		"workers,workers,throughput\n1,1,2\n":                          "paper.csv:1: workers is there twice",
		"delay,throughput\n1ms,2\n2ms,3\n\n1000us,4\n":                 "paper.csv:5: a second row of delay=1000us: expected one, and line 2 is it",
		"throughput\n2\n3\n":                                           "paper.csv:3: a second row of all: expected one, and line 2 is it",
		"workers,throughput,bottleneck\n1,2,cpu\n":                     "unknown metric bottleneck",
	} {
		if _, err := ReadPublished("paper.csv", strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, expected %s", text, err, want)
		}
	}
	f := &File{Lines: []Line{{Cell: []Setting{{"workers", "3"}}, Verdict: "valid"}}}
	for text, want := range map[string]string{ // any order
		"clients,throughput\n1,2\n": "clients is not varied by the sweep",
		"workers,throughput\n1,2\n": "has no figures of the cells",
	} {
		if _, err := NewReport(f, View{Published: publishedOf(t, text)}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, expected %s", text, err, want)
		}
	}
}
