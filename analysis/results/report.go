package results

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/analysis/stats"
)

// View selects what a report shows.
type View struct {
	Metrics []string // nil: those of defaultMetrics
	// Columns is a parameter whose values become columns, of the first metric; "" makes a
	// column for each metric.
	Columns string
	Rows    []string // the parameters of the rows; nil for all others
	// Published are figures to print beside those of the report, which then shows only
	// their metrics; nil for none.
	Published *Published
}

// defaultMetrics are those of a report that asks for none.
var defaultMetrics = []string{"throughput", "aborted", "latency.p50", "latency.p99", "attempts", "messages", "forced", bottleneck}

// Report is results laid out by a View.
type Report struct {
	Header
	Cells     []*Cell
	metrics   []Metric
	columns   string
	published *Published
	paths     []string // of the rows
}

// NewReport lays merged results out.
func NewReport(f *File, v View) (*Report, error) {
	r := &Report{Header: f.Header, Cells: f.Cells(), columns: v.Columns, published: v.Published}
	if len(r.Cells) == 0 {
		return nil, errors.New(strings.TrimPrefix(f.Path+": no results yet: expected a line for each run behind the header", ": "))
	}
	varied := paths(r.Cells[0].Settings)
	for _, c := range r.Cells {
		if !SameVaried(c.Settings, r.Cells[0].Settings) {
			return nil, fmt.Errorf("%s: cells %s and %s vary different parameters: expected results of the same --vary", f.Name, Label(r.Cells[0].Settings), Label(c.Settings))
		}
	}
	if err := v.check(varied); err != nil {
		return nil, err
	}
	var err error
	if r.metrics, err = v.metrics(r.Cells); err != nil {
		return nil, err
	}
	if r.paths, err = v.rows(varied); err != nil {
		return nil, err
	}
	slices.SortStableFunc(r.Cells, r.compareRows)
	return r, nil
}

// check refuses rows and columns that are not varied, or are there twice.
func (v *View) check(varied []string) error {
	laid := append(slices.Clone(v.Rows), v.Columns)
	for i, path := range laid {
		switch {
		case path == "": // no such option was given
		case !slices.Contains(varied, path):
			return notVaried(path, varied)
		case slices.Contains(laid[:i], path):
			return fmt.Errorf("%s is to be laid out twice: expected it among the rows or as the columns, once", path)
		}
	}
	return nil
}

// notVaried is the error of a parameter that is none of the varied ones.
func notVaried(path string, varied []string) error {
	if len(varied) == 0 {
		return fmt.Errorf("%s is not varied, and nothing else is: expected results of a sweep with --vary %s=…", path, path)
	}
	return fmt.Errorf("%s is not varied: expected one of %s", path, strings.Join(varied, ", "))
}

// metrics returns the metrics to show: those asked for, those that are published, or the
// default ones.
func (v *View) metrics(cells []*Cell) ([]Metric, error) {
	names := v.Metrics
	if v.Published != nil {
		if v.Columns != "" {
			return nil, errors.New("published figures and columns by a parameter: expected one of them")
		}
		if err := v.Published.fits(cells); err != nil {
			return nil, err
		}
		if len(names) == 0 {
			for _, m := range v.Published.metrics {
				names = append(names, m.Name)
			}
		}
	}
	if len(names) == 0 {
		names = defaultMetrics
	}
	return findMetrics(names)
}

// rows returns the parameters of the rows, and refuses those by which several cells would
// look the same.
func (v *View) rows(varied []string) ([]string, error) {
	paths := v.Rows
	if paths == nil {
		paths = slices.DeleteFunc(slices.Clone(varied), func(p string) bool { return p == v.Columns })
	}
	for _, path := range varied {
		if path != v.Columns && !slices.Contains(paths, path) {
			return nil, fmt.Errorf("rows %s: expected %s too, or several cells would look the same", strings.Join(paths, ","), path)
		}
	}
	return paths, nil
}

// compareRows orders cells by the parameters of the rows, the first one first.
func (r *Report) compareRows(a, b *Cell) int {
	for _, p := range r.paths {
		if order := compareValues(value(a.Settings, p), value(b.Settings, p)); order != 0 {
			return order
		}
	}
	return 0
}

// MetricNames returns the names of Metrics.
func MetricNames() []string {
	names := make([]string, len(Metrics))
	for i, m := range Metrics {
		names[i] = m.Name
	}
	return names
}

// cellTable returns a table with only the columns that identify a cell.
func (r *Report) cellTable() *analysis.Table {
	t := &analysis.Table{}
	for _, p := range r.paths {
		t.Header, t.Right = append(t.Header, p), append(t.Right, r.numeric(p))
	}
	t.Header, t.Right = append(t.Header, "seeds"), append(t.Right, true)
	return t
}

// table prints for each cell the median of each figure over the seeds, and its interval at
// 95 %; beside it the published figure and the error, if there is one to compare with.
func (r *Report) table() *analysis.Table {
	if r.columns != "" {
		return r.pivot()
	}
	t := r.cellTable()
	texts := make([][]string, len(r.metrics))
	for i := range r.metrics {
		m := &r.metrics[i]
		t.Header, t.Right = append(t.Header, m.title()), append(t.Right, m.Name != bottleneck)
		if r.published != nil {
			t.Header, t.Right = append(t.Header, "published", "error"), append(t.Right, true, true)
		}
		texts[i] = figureTexts(m.Name, r.Cells)
	}
	for k, c := range r.Cells {
		row := make([]string, 0, len(t.Header))
		for _, p := range r.paths {
			row = append(row, value(c.Settings, p))
		}
		row = append(row, fmt.Sprint(len(c.Runs)))
		for i := range r.metrics {
			row = append(row, texts[i][k])
			if r.published != nil {
				published, off := r.comparison(c, r.metrics[i].Name)
				row = append(row, published, off)
			}
		}
		t.Add(row...)
	}
	return t
}

// pivot returns a table of the first metric, by rows and columns. Each row names the metric,
// as in a comparison: no heading does.
func (r *Report) pivot() *analysis.Table {
	m := &r.metrics[0]
	t := &analysis.Table{Header: slices.Clone(r.paths)}
	for _, p := range r.paths {
		t.Right = append(t.Right, r.numeric(p))
	}
	var columns []string
	for _, c := range r.Cells {
		if v := value(c.Settings, r.columns); !slices.Contains(columns, v) {
			columns = append(columns, v)
		}
	}
	slices.SortStableFunc(columns, compareValues)
	t.Header, t.Right = append(t.Header, "metric"), append(t.Right, false)
	for _, v := range columns {
		t.Header, t.Right = append(t.Header, r.columns+"="+v), append(t.Right, true)
	}
	texts := figureTexts(m.Name, r.Cells)
	at := map[string]int{}
	for k, c := range r.Cells {
		var key []string
		for _, p := range r.paths {
			key = append(key, value(c.Settings, p))
		}
		name := strings.Join(key, "\x00")
		row, ok := at[name]
		if !ok {
			row = len(t.Rows)
			at[name] = row
			t.Add(append(append(key, m.title()), make([]string, len(columns))...)...)
		}
		head := len(t.Header) - len(columns)
		t.Rows[row][head+slices.Index(columns, value(c.Settings, r.columns))] = texts[k]
	}
	return t
}

// numeric reports whether all values of a parameter are numbers.
func (r *Report) numeric(path string) bool {
	return !slices.ContainsFunc(r.Cells, func(c *Cell) bool {
		_, ok := Number(value(c.Settings, path))
		return !ok
	})
}

// figureTexts prints a figure of all cells with as many places as the largest value needs, and
// more where a smaller one would be rounded to nothing.
func figureTexts(metric string, cells []*Cell) []string {
	intervals := make([]stats.Interval, len(cells))
	largest := 0.0
	for i, c := range cells {
		if intervals[i] = c.median(metric); c.trusted() && !math.IsNaN(intervals[i].Estimate) {
			largest = max(largest, math.Abs(intervals[i].Estimate))
		}
	}
	places := min(decimals(largest, 4), 4)
	texts := make([]string, len(cells))
	for i, c := range cells {
		switch {
		case len(c.Invalid) > 0:
			texts[i] = "INVALID"
		case len(c.Unknown) > 0:
			texts[i] = "unknown"
		case metric == bottleneck:
			p := c.pressure()
			texts[i] = p.Bottleneck()
		default:
			texts[i] = intervalText(intervals[i], places)
		}
	}
	return texts
}

// lopsided bounds the difference between the two sides of an interval, relative to its
// estimate. Up to that, the interval is printed as one ± with the larger side.
const lopsided = 0.1

// unseen is the size of an interval, relative to its estimate, up to which it may be printed
// as 0.
const unseen = 1e-6

// intervalText prints an estimate with its interval, with this many decimal places or more.
func intervalText(iv stats.Interval, places int) string {
	if math.IsNaN(iv.Estimate) {
		return "-"
	}
	places = max(places, decimals(math.Abs(iv.Estimate), 2))
	if math.IsInf(iv.Half(), 1) {
		return fmt.Sprintf("%.*f", places, iv.Estimate)
	}
	switch half := iv.Half(); {
	case iv.Estimate == 0:
		places = max(places, decimals(half, 2))
	case half > unseen*math.Abs(iv.Estimate):
		places = max(places, decimals(half, 1))
	}
	if above, below := iv.High-iv.Estimate, iv.Estimate-iv.Low; math.Abs(above-below) > lopsided*math.Abs(iv.Estimate) {
		return fmt.Sprintf("%.*f (%.*f to %.*f)", places, iv.Estimate, places, iv.Low, places, iv.High)
	}
	return fmt.Sprintf("%.*f ±%.*f", places, iv.Estimate, places, iv.Half())
}

// decimals returns how many decimal places show this many significant digits of x, 15 at
// most; it is 0 for x = 0.
func decimals(x float64, digits int) int {
	reach := 1.0
	for range digits - 1 {
		reach *= 10
	}
	places := 0
	for ; x > 0 && x < reach && places < 15; places++ {
		reach /= 10
	}
	return places
}

// shared returns the valid runs of a cell whose seeds have a valid run in another cell.
func shared(c, other *Cell) []*Line {
	seeds := map[uint64]bool{}
	for _, l := range other.Runs {
		seeds[l.Seed] = true
	}
	return slices.DeleteFunc(slices.Clone(c.Runs), func(l *Line) bool { return !seeds[l.Seed] })
}

// medianShared returns the median of a cell's figure over the seeds that it shares with
// another; NaN if no run has it.
func medianShared(c, other *Cell, metric string) float64 {
	both := Cell{Runs: shared(c, other)}
	return stats.Median(both.values(metric)).Estimate
}

// paired returns a figure of both cells by the seeds they share.
func paired(a, b *Cell, metric string) (xs, ys []float64) {
	other := map[uint64]float64{}
	for _, l := range b.Runs {
		if y, ok := l.Figure(metric); ok {
			other[l.Seed] = y
		}
	}
	for _, l := range a.Runs {
		x, ok := l.Figure(metric)
		if y, both := other[l.Seed]; ok && both {
			xs, ys = append(xs, x), append(ys, y)
		}
	}
	return xs, ys
}
