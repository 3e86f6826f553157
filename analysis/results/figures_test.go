package results

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
)

func lay(t *testing.T, f *File, v View, format string) string {
	t.Helper()
	merged, err := Merge(f)
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewReport(merged, v)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := r.Write(&b, format); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestNothingAborted: a run in which nothing was aborted for a reason counts as 0,
// and is not left out of the median.
func TestNothingAborted(t *testing.T) {
	f := sample(8, 1)
	for i := range f.Lines {
		l := &f.Lines[i]
		if l.Figures.Set("aborted", 0); l.Seed == 1 {
			l.Figures.Set("aborted", 9)
			l.Figures.Set("aborted.conflict", 9)
		}
	}
	if text := lay(t, f, View{Metrics: []string{"aborted.conflict"}}, "csv"); !strings.Contains(text, "a,1,valid,8,aborted.conflict,aborted/s,0,0,9,8\n") {
		t.Errorf("median\n%s", text)
	}
	if _, err := NewReport(f, View{Metrics: []string{"aborted.whim"}}); err == nil || !strings.Contains(err.Error(), "aborted.coordinator-crashed") {
		t.Errorf("a reason that does not exist: %v", err)
	}
}

// TestAllDigits: CSV is for programs, and rounds nothing.
func TestAllDigits(t *testing.T) {
	f := sample(1, 1)
	f.Lines[0].Figures.Set("events", 12345678)
	f.Lines[0].Figures.Set("latency.mean", 0.123456789)
	text := lay(t, f, View{Metrics: []string{"events", "latency.mean"}}, "csv")
	for _, want := range []string{"events,,12345678,", "latency.mean,ms,0.123456789,"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// TestBottleneckForPrograms: the metric in words is in CSV and JSON, is no benchmark,
// and no picture; a picture of figures that are all 0 has its points.
func TestBottleneckForPrograms(t *testing.T) {
	f := sample(2, 1)
	for i := range f.Lines {
		f.Lines[i].Figures.Set("aborted", 0)
		f.Lines[i].Figures.Set("latency.sync", 1)
	}
	words := View{Metrics: []string{bottleneck}}
	if text := lay(t, f, words, "csv"); !strings.Contains(text, "a,1,valid,2,bottleneck,,log sync,,,2\n") {
		t.Errorf("csv\n%s", text)
	}
	if text := lay(t, f, words, "json"); !strings.Contains(text, `"word":"log sync"`) {
		t.Errorf("json\n%s", text)
	}
	if text := lay(t, f, words, "benchfmt"); text != "" {
		t.Errorf("benchmarks without a figure:\n%s", text)
	}
	r, _ := NewReport(f, words)
	if err := r.Write(&bytes.Buffer{}, "svg"); err == nil {
		t.Error("a picture of words")
	}
	if text := lay(t, f, View{Metrics: []string{"aborted"}}, "svg"); strings.Contains(text, "NaN") || !strings.Contains(text, "<circle") {
		t.Errorf("a picture of zeros:\n%s", text)
	}
}

// TestSizes: sizes are ordered by what they mean, numbers before words, and in words too.
func TestSizes(t *testing.T) {
	for _, pair := range [][2]string{{"512", "1KiB"}, {"2KiB", "16KiB"}, {"512KiB", "1MiB"}, {"1GiB", "1TiB"}, {"5%", "0.1"}, {"900/s", "1000/s"}, {"2ms", "1s"}, {"9", "10x"}, {"a", "nan"}, {"1e-06", "5"}, {"-5ms", "3ms"},
		{"900ms", "exp(5ms)"}, {"exp(5ms)", "exp(20ms)"}, {"exp(900us)", "exp(5ms)"}, {`"uniform(1ms, 3ms)"`, `"uniform(1ms, 20ms)"`},
		{"exp(5ms)", `"uniform(1ms, 3ms)"`}, {"pct:3", "pct:10"}, {"w2", "w10"}, {"exp(1000us)", "exp(1ms)"}} {
		if compareValues(pair[0], pair[1]) >= 0 || compareValues(pair[1], pair[0]) <= 0 {
			t.Errorf("%s is not before %s", pair[0], pair[1])
		}
	}
}

// TestTogether: results that several commands made say so, in any order, and whether
// seeds were added by a rule; a file knows it of itself.
func TestTogether(t *testing.T) {
	a, b := sample(3, 1), sample(3, 1)
	b.Command, b.Precision = "txsim sweep more", "2%"
	for _, files := range [][]*File{{a, b}, {b, a}, {a, b, a}} {
		f, err := Merge(files...)
		if err != nil || f.Command != "txsim sweep more && txsim sweep sample" && f.Command != "txsim sweep sample && txsim sweep more" || f.Precision != "2%" {
			t.Errorf("%+v, %v", f.Header, err)
		}
	}
	var text bytes.Buffer
	for _, v := range []any{&a.Header, &a.Lines[0], &b.Header, &b.Lines[1]} {
		if err := analysis.WriteJSON(&text, v, ""); err != nil {
			t.Fatal(err)
		}
	}
	f, err := Read("f", bytes.NewReader(text.Bytes()))
	if err != nil || len(f.Lines) != 2 || f.Command != "txsim sweep sample && txsim sweep more" || !f.Covers(&b.Header) || a.Covers(&b.Header) {
		t.Errorf("%+v, %v", f, err)
	}
	other := strings.Replace(text.String(), `"hash":"h","name":"sample","command":"txsim sweep more"`, `"hash":"i","name":"sample","command":"txsim sweep more"`, 1)
	if _, err := Read("f", strings.NewReader(other)); err == nil || !strings.HasPrefix(err.Error(), "f:3: ") {
		t.Errorf("a header of something else: %v", err)
	}
}

// TestTogetherQuoted: what stands in quotes is no end of a command.
func TestTogetherQuoted(t *testing.T) {
	for _, c := range []string{
		`txsim sweep a --vary 'transactions.file=b && c.txt,d.txt'`, `txsim sweep 'it'\''s && a'`, `txsim sweep a $'b\n\' && c'`, `txsim sweep a '\' --set 'b && c'`, `txsim sweep 'a $' '&& b && c'`,
	} {
		a, b, again := sample(1, 1), sample(1, 1), sample(1, 1)
		a.Command, again.Command = c, "txsim sweep one && "+c+" && txsim sweep two"
		for _, files := range [][]*File{{a, b, a}, {b, a, b}} {
			f, err := Merge(files...)
			if err != nil || f.Command != c+" && txsim sweep sample" && f.Command != "txsim sweep sample && "+c {
				t.Errorf("%s, %v", f.Command, err)
			}
		}
		if got := commands(again.Command); !slices.Equal(got, []string{"txsim sweep one", c, "txsim sweep two"}) || !again.Covers(&a.Header) {
			t.Errorf("%q", got)
		}
	}
}

// TestHeaderCutOff: a kill may leave any beginning of the header behind it.
func TestHeaderCutOff(t *testing.T) {
	for n := range len(headBegin) + 5 {
		text := (headBegin + `"0.1.`)[:n]
		if f, err := Read("f", strings.NewReader(text)); err != nil || f.Whole != 0 {
			t.Errorf("%q: %v, %v", text, f, err)
		}
	}
}

// TestSequential: a report says of how many cells the throughput is not known as well
// as was asked for, and counts no cell without figures among those of few seeds.
func TestSequential(t *testing.T) {
	f := sample(8, 1)
	f.Precision = "0.01%"
	f.Lines[0].Verdict, f.Lines[0].Figures = "invalid", nil
	text := lay(t, f, View{}, "table")
	if !strings.Contains(text, "known to 0.01% (Student's t) or there were no more, as of 6 cells;") || strings.Contains(text, "fewer than") {
		t.Errorf("notes\n%s", text)
	}
	f.Precision = "50%"
	if text := lay(t, f, View{}, "table"); strings.Contains(text, "no more") {
		t.Errorf("notes\n%s", text)
	}
}

// TestPartial: a figure that only some of a cell's runs have is not passed for one of all
// of them, in no form of the results.
func TestPartial(t *testing.T) {
	f := sample(8, 1)
	for i := range f.Lines {
		l := &f.Lines[i]
		l.Figures.Set("latency.sync", 1)
		if l.Seed > 2 && l.Cell[0].Value == "b" && l.Cell[1].Value != "1" {
			l.Figures.Set("latency.p50", math.NaN())
			l.Figures.Set("latency.sync", math.NaN())
		}
		if l.Cell[0].Value == "b" && l.Cell[1].Value == "10" && l.Seed > 5 {
			l.Figures.Set("latency.p99", math.NaN())
		}
	}
	v := View{Metrics: []string{"throughput", "latency.p50", "latency.p99", bottleneck}}
	got := lay(t, f, v, "table")
	for _, want := range []string{
		" log sync\n", "\nprotocol=b clients=2: latency.p50, bottleneck of 2 of 8 runs, as the others have none\n",
		"\nprotocol=b clients=10: latency.p50, bottleneck of 2 of 8 runs, latency.p99 of 5 of 8 runs, as the others have none\n",
	} {
		if strings.Count(got, "as the others have none") != 2 || !strings.Contains(got, want) {
			t.Errorf("not%s%s", want, got)
		}
	}
	if text := lay(t, f, View{Columns: "protocol"}, "table"); strings.Contains(text, "have none") {
		t.Errorf("of a figure that is not shown\n%s", text)
	}
	if text := lay(t, f, View{Metrics: []string{"locks"}}, "table"); strings.Contains(text, "have none") {
		t.Errorf("of a figure that no run has\n%s", text)
	}
	text := lay(t, f, v, "csv")
	for _, want := range []string{
		"protocol,clients,verdict,seeds,metric,unit,median,low,high,values\n", "\nb,10,valid,8,latency.p50,ms,2,,,2\n",
		"\nb,10,valid,8,latency.p99,ms,5,,,5\n", "\nb,10,valid,8,bottleneck,,log sync,,,2\n", "\nb,1,valid,8,latency.p50,ms,2,2,2,8\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if text := lay(t, f, v, "json"); !strings.Contains(text, `{"metric":"latency.p99","unit":"ms","seeds":8,"values":5,"median":5,`) {
		t.Errorf("json\n%s", text)
	}
	f, _ = Merge(f)
	c, err := CompareTo(f, Setting{"protocol", "a"}, v.Metrics[:3])
	if err != nil {
		t.Fatal(err)
	}
	notes := strings.Join(c.notes(), "\n")
	want := "\nprotocol=b clients=2: latency.p50 of 2 of 8 pairs, as the others have none\n" +
		"protocol=b clients=10: latency.p50 of 2 of 8 pairs, latency.p99 of 5 of 8 pairs, as the others have none"
	if !strings.Contains(notes, want) {
		t.Errorf("notes\n%s", notes)
	}
}

// TestRules: every rule by which seeds were added is named, however the results were put
// together, and of a comparison too.
func TestRules(t *testing.T) {
	text := func(heads ...string) string {
		var b strings.Builder
		for _, h := range heads {
			b.WriteString(`{"txsim_sweep":"1","hash":"h","command":"txsim sweep ` + h[:1] + `"` + h[1:] + "}\n" +
				`{"cell":["clients=1"],"seed":1,"verdict":"valid","hash":"x","figures":{"throughput":1}}` + "\n")
		}
		return b.String()
	}
	read := func(text string) *File {
		f, err := Read("f", strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	const none, rough, fine, latency = `a`, `b,"sequential":"20%"`, `c,"sequential":"3%"`, `d,"sequential":"3%","sequential_metric":"latency.p99"`
	rules := []string{"the mean throughput was known to 20%", "the mean throughput was known to 3%", "the mean latency.p99 was known to 3%"}
	one, all := read(text(none, rough, fine, latency, rough)), []*File{read(text(none)), read(text(rough)), read(text(fine)), read(text(latency))}
	merged, err := Merge(all...)
	if err != nil {
		t.Fatal(err)
	}
	reversed, err := Merge(all[3], all[2], all[1], all[0])
	if err != nil {
		t.Fatal(err)
	}
	compared, err := Compare(merged, one, []string{"throughput"})
	if err != nil {
		t.Fatal(err)
	}
	texts := []string{lay(t, one, View{}, "table"), lay(t, merged, View{}, "table"), lay(t, reversed, View{}, "table"), strings.Join(compared.notes(), "\n")}
	for _, got := range texts {
		for _, rule := range rules {
			if strings.Count(got, rule) != 1 {
				t.Errorf("%s:\n%s", rule, got)
			}
		}
	}
	if !one.Covers(&all[2].Header) || all[1].Covers(&all[2].Header) {
		t.Error("a header with another rule adds nothing, or one with the same does")
	}
}

// TestManyLines: lines of the same colour are told apart by their dashes.
func TestManyLines(t *testing.T) {
	seen := map[string]bool{}
	for i := range len(palette) * len(dashes) {
		look := palette[i%len(palette)] + dash(i)
		if seen[look] {
			t.Errorf("line %d looks like another", i)
		}
		seen[look] = true
	}
}

// TestLaidOutOnce: a parameter that is to be in two places of a table is refused.
func TestLaidOutOnce(t *testing.T) {
	for _, v := range []View{
		{Rows: []string{"protocol", "clients"}, Columns: "clients"},
		{Rows: []string{"protocol", "clients", "clients"}},
	} {
		if _, err := NewReport(sample(2, 1), v); err == nil || err.Error() != "clients is to be laid out twice: expected it among the rows or as the columns, once" {
			t.Errorf("%+v: %v", v, err)
		}
	}
}
