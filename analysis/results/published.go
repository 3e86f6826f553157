package results

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/seed83d86191/txsim/analysis"
)

// Published are figures to compare a report with: from a paper, or measured on a real
// system.
type Published struct {
	Name    string
	metrics []Metric
	rows    []publishedRow
}

// publishedRow has the figures of the cells with these settings.
type publishedRow struct {
	settings []Setting
	figures  []float64 // by metric; NaN if there is none
	line     int       // of the table
}

// ReadPublished reads a table of comma-separated values. Its header names
// parameters and then metrics; # begins a comment. Figures are in the unit of the metric,
// or name theirs. The name is for errors.
func ReadPublished(name string, in io.Reader) (*Published, error) {
	p := &Published{Name: name}
	text := bufio.NewReader(in)
	if mark, _ := text.Peek(len(byteOrderMark)); string(mark) == byteOrderMark {
		_, _ = text.Discard(len(byteOrderMark)) // the mark has been seen
	}
	r := csv.NewReader(text)
	r.Comment, r.TrimLeadingSpace = '#', true
	parameters, err := p.readHead(r)
	if err != nil {
		return nil, err
	}
	for {
		cells, err := r.Read()
		if err == io.EOF {
			return p, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		row := publishedRow{}
		row.line, _ = r.FieldPos(0)
		for i, text := range cells {
			text = strings.TrimSpace(text)
			if i < len(parameters) {
				row.settings = append(row.settings, Setting{parameters[i], text})
				continue
			}
			m := &p.metrics[i-len(parameters)]
			x, ok := m.read(text)
			if text == "" {
				x, ok = math.NaN(), true
			}
			if !ok {
				line, _ := r.FieldPos(i)
				return nil, fmt.Errorf("%s:%d: %s = %s: expected %s", name, line, m.Name, text, m.wanted())
			}
			if x < 0 {
				line, _ := r.FieldPos(i)
				return nil, fmt.Errorf("%s:%d: %s = %s: expected 0 or more", name, line, m.Name, text)
			}
			row.figures = append(row.figures, x)
		}
		for _, other := range p.rows {
			if slices.EqualFunc(other.settings, row.settings, func(a, b Setting) bool { return same(a.Value, b.Value) }) {
				return nil, fmt.Errorf("%s:%d: a second row of %s: expected one, and line %d is it", name, row.line, Label(row.settings), other.line)
			}
		}
		p.rows = append(p.rows, row)
	}
}

// byteOrderMark is what some programs put before a text in UTF-8.
const byteOrderMark = "\ufeff"

// readHead reads the header: first parameters, which it returns, then metrics.
func (p *Published) readHead(r *csv.Reader) (parameters []string, err error) {
	head, err := r.Read()
	if err != nil {
		return nil, fmt.Errorf("%s: %w: expected a header of parameters and metrics, such as workers,latency.mean", p.Name, err)
	}
	for i := range head {
		head[i] = strings.TrimSpace(head[i])
		m, ok := FindMetric(head[i])
		switch {
		case slices.Contains(head[:i], head[i]):
			line, _ := r.FieldPos(i)
			return nil, fmt.Errorf("%s:%d: %s is there twice: expected a column for each parameter and metric", p.Name, line, head[i])
		case ok && m.Name != bottleneck:
			p.metrics = append(p.metrics, m)
		case len(p.metrics) > 0:
			return nil, fmt.Errorf("%s: unknown metric %s: expected parameters, and then some of %s", p.Name, head[i], strings.Join(MetricNames(), ", "))
		default:
			parameters = append(parameters, head[i])
		}
	}
	if len(p.metrics) == 0 {
		return nil, fmt.Errorf("%s: no metric in the header: expected some of %s behind the parameters", p.Name, strings.Join(MetricNames(), ", "))
	}
	return parameters, nil
}

// isOf reports whether the row has the figures of a cell.
func (row *publishedRow) isOf(c *Cell) bool {
	return !slices.ContainsFunc(row.settings, func(s Setting) bool { return !same(value(c.Settings, s.Path), s.Value) })
}

// of returns the published figure of a cell, NaN if there is none.
func (p *Published) of(c *Cell, metric string) float64 {
	at := slices.IndexFunc(p.metrics, func(m Metric) bool { return m.Name == metric })
	for _, row := range p.rows {
		if at >= 0 && row.isOf(c) {
			return row.figures[at]
		}
	}
	return math.NaN()
}

// same compares values: numbers and durations by size, and text without its quotes.
func same(a, b string) bool {
	a, b = unquoted(a), unquoted(b)
	x, okX := Number(a)
	y, okY := Number(b)
	return a == b || okX && okY && x == y
}

// unquoted returns a value without the quotes that a scenario needs around some texts.
func unquoted(value string) string {
	if text, err := strconv.Unquote(value); err == nil {
		return text
	}
	return value
}

// fits requires that the figures can belong to the report's cells.
func (p *Published) fits(cells []*Cell) error {
	found := false
	for _, row := range p.rows {
		for _, s := range row.settings {
			if !slices.Contains(paths(cells[0].Settings), s.Path) {
				return fmt.Errorf("%s: %s is not varied by the sweep: expected --vary %s=…", p.Name, s.Path, s.Path)
			}
		}
		found = found || slices.ContainsFunc(cells, row.isOf)
	}
	if !found {
		return errors.New(p.Name + ": has no figures of the cells of the sweep")
	}
	return nil
}

// relativeError returns by how much a cell's median is off, as a share of the published
// figure; NaN if that is unknown, or the published figure is 0.
func (r *Report) relativeError(c *Cell, metric string) float64 {
	published := r.published.of(c, metric)
	if !c.trusted() || published == 0 {
		return math.NaN()
	}
	return c.median(metric).Estimate/published - 1
}

// comparison returns the published figure of a cell and by how much the simulated one is
// off, or "-" for what is not known.
func (r *Report) comparison(c *Cell, metric string) (published, off string) {
	published, off = "-", "-"
	if x := r.published.of(c, metric); !math.IsNaN(x) {
		published = fmt.Sprintf("%.5g", x)
	}
	if x := r.relativeError(c, metric); !math.IsNaN(x) {
		off = fmt.Sprintf("%+.0f %%", 100*x)
	}
	return published, off
}

// Errors returns the mean and the largest absolute relative error of a metric, and the
// number of cells with one; all 0 if there is none.
func (r *Report) Errors(metric string) (mean, largest float64, cells int) {
	for _, c := range r.Cells {
		if x := math.Abs(r.relativeError(c, metric)); !math.IsNaN(x) {
			mean, largest, cells = mean+x, max(largest, x), cells+1
		}
	}
	return mean / float64(max(cells, 1)), largest, cells
}

// errorNotes sums up how well the figures fit.
func (r *Report) errorNotes() []string {
	notes := []string{"published: " + r.published.Name}
	for i := range r.metrics {
		zeros := 0
		for _, c := range r.trusted() {
			if r.published.of(c, r.metrics[i].Name) == 0 {
				zeros++
			}
		}
		if zeros > 0 {
			notes = append(notes, fmt.Sprintf("%s of %s is published as 0, which has no relative error", r.metrics[i].Name, analysis.Count(zeros, "cell")))
		}
		if mean, largest, n := r.Errors(r.metrics[i].Name); n > 0 {
			notes = append(notes, fmt.Sprintf("%s is off by %.0f %% on average and by %.0f %% at most, over %s", r.metrics[i].Name, 100*mean, 100*largest, analysis.Count(n, "cell")))
		}
	}
	return notes
}
