package results

import (
	"bytes"
	_ "embed"
	"errors"
	"html/template"
	"maps"
	"math"
	"slices"
	"strconv"

	"github.com/seed83d86191/txsim/sim"
)

//go:embed report.html
var pageText string

var page = template.Must(template.New("report").Parse(pageText))

// chartLine is a line of the chart: the cells that differ in nothing but the
// parameter on the axis.
type chartLine struct {
	Name   string       `json:"name"`
	Rows   []string     `json:"rows"` // the name as the legend has it
	Points []chartPoint `json:"points"`
}

// chartPoint is a cell. It has no figures if the cell is not trusted.
type chartPoint struct {
	X    string   `json:"x"`
	Y    *float64 `json:"y"`
	Low  *float64 `json:"low"`
	High *float64 `json:"high"`
}

// chart is a metric over a parameter.
type chart struct {
	Metric  string      `json:"metric"`
	Title   string      `json:"title"`
	Axis    string      `json:"axis"`
	Numeric bool        `json:"numeric"`
	Log     bool        `json:"log"` // the axis is to the scale of logarithms
	Lines   []chartLine `json:"lines"`
	Labels  []axisLabel `json:"labels"`
	Key     []string    `json:"key"` // rows that say what the labels stand for, if they are numbers of values
	Notes   []string    `json:"-"`   // rows below the legend, where nothing else says them
}

// chart draws a metric over a parameter.
func (r *Report) chart(m *Metric, axis string) chart {
	c := chart{Metric: m.Name, Title: m.title(), Axis: axis, Numeric: r.numeric(axis)}
	for _, cell := range r.Cells {
		rest := slices.DeleteFunc(slices.Clone(cell.Settings), func(s Setting) bool { return s.Path == axis })
		name := Label(rest)
		at := slices.IndexFunc(c.Lines, func(l chartLine) bool { return l.Name == name })
		if at < 0 {
			at = len(c.Lines)
			c.Lines = append(c.Lines, chartLine{Name: name, Rows: wrap(name)})
		}
		s := r.summarize(cell, m)
		c.Lines[at].Points = append(c.Lines[at].Points, chartPoint{value(cell.Settings, axis), s.Median, s.Low, s.High})
	}
	for i := range c.Lines {
		slices.SortStableFunc(c.Lines[i].Points, func(a, b chartPoint) int { return compareValues(a.X, b.X) })
	}
	c.scale()
	c.label()
	return c
}

// scale chooses the scale of the axis.
func (c *chart) scale() {
	low, high := c.span()
	c.Log = c.Numeric && low > 0 && high >= wide*low
}

// wide is the ratio of the largest to the smallest value from which an axis has a
// logarithmic scale: powers of two from 1 to 64 would crowd at the beginning of a linear
// one.
const wide = 32

// span returns the smallest and the largest value on the axis.
func (c *chart) span() (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, l := range c.Lines {
		for _, p := range l.Points {
			x, _ := Number(p.X)
			low, high = min(low, x), max(high, x)
		}
	}
	return low, high
}

// split splits points at those that do not have what is drawn, where it has a gap.
func split(points []chartPoint, has func(p *chartPoint) bool) [][]chartPoint {
	var all [][]chartPoint
	open := false
	for _, p := range points {
		if !has(&p) {
			open = false
			continue
		}
		if !open {
			all, open = append(all, nil), true
		}
		all[len(all)-1] = append(all[len(all)-1], p)
	}
	return all
}

// html returns a page that needs nothing else: tables, charts of every metric over every
// parameter, and what it was made with.
func (r *Report) html() ([]byte, error) {
	var charts []chart
	axes := slices.Clone(r.Cells[0].Settings)
	slices.SortStableFunc(axes, func(a, b Setting) int { // quantities first
		switch {
		case r.numeric(a.Path) == r.numeric(b.Path):
			return 0
		case r.numeric(a.Path):
			return -1
		}
		return 1
	})
	for _, s := range axes {
		for i := range r.metrics {
			if r.metrics[i].Name == bottleneck {
				continue // the axis has no numbers
			}
			charts = append(charts, r.chart(&r.metrics[i], s.Path))
		}
	}
	var first template.HTML
	if len(charts) > 0 {
		first = template.HTML(charts[0].svg())
	}
	t := r.table()
	right := make([]bool, len(t.Header))
	copy(right, t.Right)
	var b bytes.Buffer
	err := page.Execute(&b, map[string]any{
		"Name": r.Name, "Head": t.Header, "Right": right, "Rows": t.Rows, "Notes": r.notes(r.metrics),
		"Command": r.Command, "Scenario": r.Scenario, "Version": r.Version, "Charts": charts, "First": first,
	})
	return b.Bytes(), err
}

// The frame of a chart, in units of the picture.
const (
	chartWidth, chartHeight = 720.0, 400.0
	chartLeft, chartBottom  = 70.0, 350.0
	chartRight, chartTop    = 700.0, 20.0
	rowHeight               = 20.0
)

// palette is of eight colours that are told apart by the colour-blind (Okabe and
// Ito, 2008), black being the text's colour.
var palette = []string{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#f0e442", "#999999"}

// dashes tell lines of the same colour apart.
var dashes = []string{"none", "7 4", "2 3", "9 3 2 3", "14 4", "5 2 1 2 1 2"}

// svg draws the chart with its intervals: for a paper, or a page without script.
func (c *chart) svg() string {
	var b bytes.Buffer
	xs := c.places()
	top := 0.0
	for _, l := range c.Lines {
		for _, p := range l.Points {
			if p.Y != nil {
				top = max(top, *p.Y)
			}
			if p.High != nil {
				top = max(top, *p.High)
			}
		}
	}
	step := niceStep(top)
	top = max(math.Ceil(top/step), 1) * step
	y := func(v float64) string { return fixed(chartBottom - v/top*(chartBottom-chartTop)) }
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ` + fixed(chartWidth) + " " + fixed(chartHeight+rowHeight*float64(c.rows(len(c.Lines))+len(c.Notes))) + `" font-family="sans-serif" font-size="12" role="img">`)
	b.WriteString(`<title>` + template.HTMLEscapeString(c.Title+" over "+c.Axis) + `</title>`)
	for v := 0.0; v <= top*1.0001; v += step {
		b.WriteString(`<path d="M` + fixed(chartLeft) + " " + y(v) + `H` + fixed(chartRight) + `" stroke="currentColor" stroke-opacity=".2"/>`)
		b.WriteString(`<text x="` + fixed(chartLeft-8) + `" y="` + y(v) + `" text-anchor="end" dominant-baseline="middle" fill="currentColor">` + strconv.FormatFloat(v, 'g', 6, 64) + `</text>`)
	}
	for _, l := range c.Labels {
		b.WriteString(`<text x="` + fixed(xs[l.X]) + `" y="` + fixed(chartBottom+18) + `" text-anchor="middle" fill="currentColor">` + template.HTMLEscapeString(l.Text) + `</text>`)
	}
	textRows(&b, chartLeft, chartHeight, c.Key)
	b.WriteString(`<text x="` + fixed((chartLeft+chartRight)/2) + `" y="` + fixed(chartBottom+38) + `" text-anchor="middle" fill="currentColor">` + template.HTMLEscapeString(c.axisTitle()) + `</text>`)
	b.WriteString(`<text x="` + fixed(chartLeft) + `" y="12" fill="currentColor">` + template.HTMLEscapeString(c.Title) + `</text>`)
	for i, l := range c.Lines {
		c.line(&b, i, l, xs, y)
	}
	textRows(&b, chartLeft, chartHeight+4+rowHeight*float64(c.rows(len(c.Lines))), c.Notes)
	b.WriteString(`</svg>`)
	return b.String()
}

// line draws one line and its name.
func (c *chart) line(b *bytes.Buffer, i int, l chartLine, xs map[string]float64, y func(float64) string) {
	colour := palette[i%len(palette)]
	b.WriteString(`<g data-line="` + strconv.Itoa(i) + `">`)
	for _, run := range split(l.Points, func(p *chartPoint) bool { return p.Y != nil }) {
		c.run(b, i, l.Name, run, xs, y)
	}
	b.WriteString(`</g>`)
	at := chartHeight + rowHeight*float64(c.rows(i))
	b.WriteString(`<g data-key="` + strconv.Itoa(i) + `"><path d="M` + fixed(chartLeft) + " " + fixed(at) + `h24" stroke="` + colour + `" stroke-width="4" stroke-dasharray="` + dash(i) + `"/>`)
	textRows(b, chartLeft+28, at+4, l.Rows)
	b.WriteString(`</g>`)
}

// run draws a part of a line without gaps: the bands of its intervals, the line and its
// points.
func (c *chart) run(b *bytes.Buffer, i int, name string, points []chartPoint, xs map[string]float64, y func(float64) string) {
	colour := palette[i%len(palette)]
	for _, banded := range split(points, func(p *chartPoint) bool { return p.Low != nil && p.High != nil }) {
		band(b, colour, banded, xs, y)
	}
	var line string
	var dots bytes.Buffer
	for _, p := range points {
		x := fixed(xs[p.X])
		line += x + "," + y(*p.Y) + " "
		text := name + ", " + c.Axis + "=" + p.X + ": " + strconv.FormatFloat(*p.Y, 'g', 5, 64)
		dots.WriteString(`<circle cx="` + x + `" cy="` + y(*p.Y) + `" r="4" fill="` + colour + `"><title>` + template.HTMLEscapeString(text) + `</title></circle>`)
	}
	b.WriteString(`<polyline points="` + line + `" fill="none" stroke="` + colour + `" stroke-width="2" stroke-dasharray="` + dash(i) + `"/>`)
	b.Write(dots.Bytes())
}

// band draws the intervals of points that stand beside each other.
func band(b *bytes.Buffer, colour string, points []chartPoint, xs map[string]float64, y func(float64) string) {
	var upper, lower string
	for _, p := range points {
		x := fixed(xs[p.X])
		upper += x + "," + y(*p.High) + " "
		lower = x + "," + y(max(*p.Low, 0)) + " " + lower
	}
	if len(points) == 1 { // has no width to fill
		b.WriteString(`<path d="M` + upper + "L" + lower + `" stroke="` + colour + `" stroke-width="2"/>`)
		return
	}
	b.WriteString(`<polygon points="` + upper + lower + `" fill="` + colour + `" fill-opacity=".2"/>`)
}

// places returns where each value of the axis stands: to scale if all are numbers.
func (c *chart) places() map[string]float64 {
	xs := map[string]float64{}
	for _, l := range c.Lines {
		for _, p := range l.Points {
			xs[p.X] = 0
		}
	}
	all := slices.SortedFunc(maps.Keys(xs), compareValues)
	low, high := c.span()
	for i, x := range all {
		share := (float64(i) + 0.5) / float64(len(all))
		if v, _ := Number(x); c.Numeric && high > low {
			share = (v - low) / (high - low)
			if c.Log {
				share = sim.Log(v/low) / sim.Log(high/low)
			}
			share = 0.02 + 0.96*share
		}
		xs[x] = chartLeft + share*(chartRight-chartLeft)
	}
	return xs
}

// niceStep returns 1, 2 or 5 times a power of ten, such that at most ten steps reach top.
func niceStep(top float64) float64 {
	if top <= 0 {
		return 1
	}
	step := 1.0
	for step > top/10 {
		step /= 10
	}
	for {
		for _, by := range []float64{1, 2, 5} {
			if step*by*10 >= top {
				return step * by
			}
		}
		step *= 10
	}
}

func dash(line int) string { return dashes[line/len(palette)%len(dashes)] }

func fixed(x float64) string { return strconv.FormatFloat(x, 'f', 1, 64) }

// Check returns an error if the report cannot be written in a format.
func (r *Report) Check(format string) error {
	switch {
	case format != "svg":
		return nil
	case len(r.Cells[0].Settings) == 0:
		return errors.New("nothing is varied: expected --vary, for a chart over it")
	case r.metrics[0].Name == bottleneck:
		return errors.New(bottleneck + " has no numbers: expected another metric first, for a chart of it")
	}
	return nil
}

// svg draws the first metric over the columns' parameter, or over the last of the
// rows.
func (r *Report) svg() ([]byte, error) {
	if err := r.Check("svg"); err != nil {
		return nil, err
	}
	axis := r.columns
	if axis == "" {
		axis = r.paths[len(r.paths)-1]
	}
	c := r.chart(&r.metrics[0], axis)
	for _, text := range append(r.withoutFigures(), r.caveats(r.metrics[:1])...) {
		c.Notes = append(c.Notes, wrap(text)...)
	}
	return []byte(c.svg() + "\n"), nil
}
