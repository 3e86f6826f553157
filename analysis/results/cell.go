package results

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/analysis/stats"
)

// Label names a cell; "all" has no parameter that varies.
func Label(cell []Setting) string {
	if len(cell) == 0 {
		return "all"
	}
	parts := make([]string, len(cell))
	for i, s := range cell {
		parts[i] = s.String()
	}
	return strings.Join(parts, " ")
}

// paths returns the parameters that vary in a cell.
func paths(cell []Setting) []string {
	var all []string
	for _, s := range cell {
		all = append(all, s.Path)
	}
	return all
}

// compareCells orders cells by their values: numbers and durations by size.
func compareCells(a, b []Setting) int {
	return slices.CompareFunc(a, b, func(x, y Setting) int {
		return cmp.Or(cmp.Compare(x.Path, y.Path), compareValues(x.Value, y.Value))
	})
}

// compareValues orders values: first those that are numbers, by size, then the others, in
// which the numbers count by size too: exp(5ms) comes before exp(20ms).
func compareValues(a, b string) int {
	pieces := func(value string) []string {
		if _, ok := Number(value); ok {
			return []string{value}
		}
		return piece.FindAllString(strings.Trim(value, `"`), -1)
	}
	return cmp.Or(slices.CompareFunc(pieces(a), pieces(b), comparePieces), cmp.Compare(a, b))
}

// piece matches a number with its unit, or what is between two of them.
var piece = regexp.MustCompile(`\d[\d.]*[a-zA-Zµ%/]*|\D+`)

func comparePieces(a, b string) int {
	x, okX := Number(a)
	y, okY := Number(b)
	switch {
	case okX && okY:
		return cmp.Compare(x, y)
	case okX:
		return -1
	case okY:
		return 1
	}
	return cmp.Compare(a, b)
}

// units of values, beside those of durations.
var units = []struct {
	name string
	size float64
}{{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}, {"%", 0.01}, {"/s", 1}}

// Number returns a value as a number: a number, a share, a rate per second, a number of
// bytes, or a duration in seconds.
func Number(value string) (float64, bool) {
	if d, err := time.ParseDuration(value); err == nil {
		return d.Seconds(), true
	}
	size := 1.0
	for _, u := range units {
		if text, ok := strings.CutSuffix(value, u.name); ok {
			value, size = text, u.size
			break
		}
	}
	x, err := strconv.ParseFloat(value, 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, false
	}
	return x * size, true
}

// Cell is the results of a cell's runs, over its seeds.
type Cell struct {
	Settings []Setting
	Runs     []*Line // valid ones, in the order of the seeds
	Invalid  []*Line
	Unknown  []*Line
	Unsteady int // runs that reached no steady state
}

// Cells gathers the lines of a merged file by cell.
func (f *File) Cells() []*Cell {
	var cells []*Cell
	for i := range f.Lines {
		line := &f.Lines[i]
		if n := len(cells); n == 0 || !slices.Equal(cells[n-1].Settings, line.Cell) {
			cells = append(cells, &Cell{Settings: line.Cell})
		}
		c := cells[len(cells)-1]
		switch line.Verdict {
		case analysis.Valid.String():
			c.Runs = append(c.Runs, line)
			if !line.Steady {
				c.Unsteady++
			}
		case analysis.Invalid.String():
			c.Invalid = append(c.Invalid, line)
		default:
			c.Unknown = append(c.Unknown, line)
		}
	}
	return cells
}

// values returns the values of a figure in the runs that have it.
func (c *Cell) values(metric string) []float64 {
	var values []float64
	for _, r := range c.Runs {
		if x, ok := r.Figure(metric); ok {
			values = append(values, x)
		}
	}
	return values
}

// having returns how many runs have a figure. The bottleneck counts for runs that committed
// something, or whose cores are the bottleneck.
func (c *Cell) having(metric string) int {
	if metric == bottleneck {
		p := c.pressure()
		if metric = SpanMetric(analysis.SpanSync); p.Bottleneck() == "cpu" {
			metric = "cpu.busiest"
		}
	}
	return len(c.values(metric))
}

// trusted reports whether the cell's figures are shown: it has runs, and all of them are
// valid.
func (c *Cell) trusted() bool { return len(c.Invalid)+len(c.Unknown) == 0 && len(c.Runs) > 0 }

// median returns the median of a figure over the seeds, with its interval at 95 %. For a
// single run, the throughput is the mean of its batches.
func (c *Cell) median(metric string) stats.Interval {
	if len(c.Runs) == 1 && metric == "throughput" && len(c.Runs[0].Batches) > 1 && c.Unsteady == 0 {
		return stats.Mean(c.Runs[0].Batches)
	}
	return stats.Median(c.values(metric))
}

// pressure returns the Pressure of the cell, by the medians of its runs.
func (c *Cell) pressure() analysis.Pressure {
	median := func(metric string) float64 { return stats.Median(c.values(metric)).Estimate }
	p := analysis.Pressure{CPU: median("cpu.busiest"), Disk: median("disk.busiest"), Think: median("thinking"), Failing: median("failing"), Committed: len(c.values("latency.p50")) > 0}
	for s := range p.Spent {
		p.Spent[s] = median(SpanMetric(analysis.Span(s)))
	}
	return p
}

// latencies returns the histogram of the latencies of all runs.
func (c *Cell) latencies() *hdrhistogram.Histogram {
	return unpack(func(yield func(Packed) bool) {
		for _, r := range c.Runs {
			if !yield(r.Latencies) {
				return
			}
		}
	})
}

// value returns the value of a setting by its path.
func value(cell []Setting, path string) string {
	for _, s := range cell {
		if s.Path == path {
			return s.Value
		}
	}
	return ""
}
