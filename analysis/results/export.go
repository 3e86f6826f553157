package results

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/seed83d86191/txsim/analysis"
)

// Formats are the forms that Report.Write knows.
var Formats = []string{"table", "markdown", "csv", "json", "benchfmt", "html", "svg"}

// Write writes the report in one of Formats.
func (r *Report) Write(w io.Writer, format string) error {
	var text []byte
	var err error
	switch format {
	case "table":
		text = r.text()
	case "markdown":
		text = r.markdown()
	case "csv":
		text, err = r.csv()
	case "json":
		text, err = r.json()
	case "benchfmt":
		text = r.benchfmt()
	case "html":
		text, err = r.html()
	case "svg":
		text, err = r.svg()
	default:
		return fmt.Errorf("format %s: expected one of %s", format, strings.Join(Formats, ", "))
	}
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

func (r *Report) text() []byte {
	var b bytes.Buffer
	b.WriteString(r.Name + "\n\n" + r.table().String() + "\n")
	for _, n := range r.Notes() {
		b.WriteString(n + "\n")
	}
	b.WriteString("made with: " + r.Command + "\n")
	return b.Bytes()
}

func (r *Report) markdown() []byte {
	t := r.table()
	var b bytes.Buffer
	row := func(cells []string) {
		for _, c := range cells {
			b.WriteString("| " + markdownText.Replace(c) + " ")
		}
		b.WriteString("|\n")
	}
	row(t.Header)
	for i := range t.Header {
		if i < len(t.Right) && t.Right[i] {
			b.WriteString("| ---: ")
		} else {
			b.WriteString("| --- ")
		}
	}
	b.WriteString("|\n")
	for _, cells := range t.Rows {
		row(cells)
	}
	b.WriteString("\n")
	for _, n := range r.Notes() {
		b.WriteString("- " + markdownText.Replace(n) + "\n")
	}
	b.WriteString("- made with: " + markdownCode(r.Command) + "\n")
	return b.Bytes()
}

// markdownText escapes what Markdown would take for a mark.
var markdownText = strings.NewReplacer("\n", " ", "&", "&amp;", "<", "&lt;",
	`\`, `\\`, "|", `\|`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "~", `\~`)

// markdownCode quotes text as code: between more backticks than it has in a row.
func markdownCode(text string) string {
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if fence != "`" {
		text = " " + text + " " // a reader takes a blank off at either end
	}
	return fence + strings.ReplaceAll(text, "\n", " ") + fence
}

// summary is a figure of a cell in numbers.
type summary struct {
	Metric string   `json:"metric"`
	Unit   string   `json:"unit,omitempty"`
	Runs   int      `json:"seeds"`
	Values int      `json:"values"` // runs that have the figure
	Median *float64 `json:"median"` // null: not known
	Low    *float64 `json:"low"`    // null: no interval
	High   *float64 `json:"high"`
	Word   string   `json:"word,omitempty"` // of a metric in words
	// Published and Error, by how much the median is off, are there if there are
	// published figures.
	Published *float64 `json:"published,omitempty"`
	Error     *float64 `json:"relative_error,omitempty"`
}

func (r *Report) summarize(c *Cell, m *Metric) summary {
	s := summary{Metric: m.Name, Unit: m.Unit, Runs: len(c.Runs)}
	if !c.trusted() {
		return s
	}
	s.Values = c.having(m.Name)
	if m.Name == bottleneck {
		p := c.pressure()
		s.Word = p.Bottleneck()
	}
	i := c.median(m.Name)
	s.Median, s.Low, s.High = finite(i.Estimate), finite(i.Low), finite(i.High)
	if r.published != nil {
		s.Published, s.Error = finite(r.published.of(c, m.Name)), finite(r.relativeError(c, m.Name))
	}
	return s
}

// finite returns a number as JSON can hold it, nil for others.
func finite(x float64) *float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return nil
	}
	return &x
}

// plain returns a number with all its digits, for programs; nothing of nil.
func plain(x *float64) string {
	if x == nil {
		return ""
	}
	return strconv.FormatFloat(*x, 'f', -1, 64)
}

// csv has a row for each cell and metric, in plain numbers.
func (r *Report) csv() ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	rows := [][]string{append(paths(r.Cells[0].Settings), "verdict", "seeds", "metric", "unit", "median", "low", "high", "values")}
	if r.published != nil {
		rows[0] = append(rows[0], "published", "relative_error")
	}
	for _, c := range r.Cells {
		for i := range r.metrics {
			var row []string
			for _, s := range c.Settings {
				row = append(row, s.Value)
			}
			s := r.summarize(c, &r.metrics[i])
			row = append(row, c.verdict(), fmt.Sprint(s.Runs), s.Metric, s.Unit, s.Word+plain(s.Median), plain(s.Low), plain(s.High), fmt.Sprint(s.Values))
			if r.published != nil {
				row = append(row, plain(s.Published), plain(s.Error))
			}
			rows = append(rows, row)
		}
	}
	err := w.WriteAll(rows)
	return b.Bytes(), err
}

// verdict returns the worst verdict of the cell's runs.
func (c *Cell) verdict() string {
	switch {
	case len(c.Invalid) > 0:
		return "invalid"
	case len(c.Unknown) > 0:
		return "unknown"
	}
	return "valid"
}

// json has an object for each cell, with the latencies of all its runs together.
func (r *Report) json() ([]byte, error) {
	type latency struct {
		Count  int64              `json:"count"`
		Merged map[string]float64 `json:"ms"` // to two digits
	}
	type cell struct {
		Cell    []Setting `json:"cell"`
		Verdict string    `json:"verdict"`
		Not     int       `json:"not_steady"`
		Figures []summary `json:"figures"`
		Latency *latency  `json:"latency,omitempty"`
	}
	report := struct {
		Header
		Notes []string `json:"notes"`
		Cells []cell   `json:"cells"`
	}{Header: r.Header, Notes: r.notes(r.metrics)}
	for _, c := range r.Cells {
		o := cell{Cell: c.Settings, Verdict: c.verdict(), Not: c.Unsteady}
		for i := range r.metrics {
			o.Figures = append(o.Figures, r.summarize(c, &r.metrics[i]))
		}
		if h := c.latencies(); c.trusted() && h.TotalCount() > 0 {
			o.Latency = &latency{h.TotalCount(), c.quantiles(h)}
		}
		report.Cells = append(report.Cells, o)
	}
	return marshal(report)
}

// quantiles returns the quantiles of the latencies of all runs, to no more digits than a
// histogram knows, but for the largest, which runs know exactly; none is above that.
func (c *Cell) quantiles(h *hdrhistogram.Histogram) map[string]float64 {
	most := slices.Max(append(c.values("latency.max"), 0))
	ms := map[string]float64{}
	for _, q := range Quantiles {
		digits := fmt.Sprintf("%.2e", float64(analysis.AtRank(h, q.Share))/1e6) // the end of a bucket, a hundredth wide
		x, _ := strconv.ParseFloat(digits, 64)
		ms[q.Name] = min(x, most)
	}
	ms["max"] = most
	return ms
}

// benchfmt prints the format of Go benchmarks, a line for each run, for benchstat, which
// passes over lines that begin with #.
func (r *Report) benchfmt() []byte {
	var b bytes.Buffer
	for _, text := range r.withoutFigures() {
		b.WriteString("# " + text + "\n")
	}
	for _, c := range r.trusted() {
		name := benchName(r.Name, c.Settings)
		for _, run := range c.Runs {
			figures := ""
			for _, m := range r.metrics {
				if x, ok := run.Figure(m.Name); ok {
					unit := strings.ReplaceAll(strings.Trim(m.Name+"-"+m.Unit, "-"), " ", "-")
					figures += fmt.Sprintf(" %.6g %s", x, unit)
				}
			}
			if figures != "" { // a line without figures is no benchmark
				b.WriteString(name + " 1" + figures + "\n")
			}
		}
	}
	return b.Bytes()
}

// procs matches the end of a name that benchmarks have for GOMAXPROCS.
var procs = regexp.MustCompile(`-([0-9]+)$`)

// benchName returns the name of a cell's benchmark. Characters that would end the name or a
// part of it are escaped as in a URL, so that cells of different settings have different
// names.
func benchName(scenario string, cell []Setting) string {
	name := "Benchmark_" + benchWord(scenario)
	for _, s := range cell {
		name += "/" + benchWord(s.Path) + "=" + benchWord(s.Value)
	}
	return procs.ReplaceAllString(name, "%2D$1")
}

func benchWord(s string) string {
	var b strings.Builder
	for _, r := range s {
		if !unicode.IsSpace(r) && r != '/' && r != '%' {
			b.WriteRune(r)
			continue
		}
		for _, octet := range []byte(string(r)) {
			fmt.Fprintf(&b, "%%%02X", octet)
		}
	}
	return b.String()
}
