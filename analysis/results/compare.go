package results

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed83d86191/txsim/analysis/stats"
)

// alpha is the share of false discoveries that a comparison allows.
const alpha = 0.05

// Comparison tells by how much the cells of one side differ from those of the other, in
// figures that are paired by seed.
type Comparison struct {
	// A and B are the headers of the two files. If cells of one file are compared with a
	// baseline, B is nil and Baseline is set.
	A, B     *Header
	Baseline *Setting
	a, b     string // the names of the sides
	Pairs    []Compared
	// Sides tells what differs between the files, and with which commands they were made.
	Sides []string
	// AloneA and AloneB are cells that the other side does not have, Distrusted those with a
	// run that is not valid.
	AloneA, AloneB, Distrusted [][]Setting
	uneven                     []string // notes on compared cells of which a side has seeds of its own
	// Unsteady is how many of the compared Runs reached no steady state.
	Unsteady, Runs int
	measured       []*Cell // the cells with these runs
	// Rules are those by which seeds were added, to either side.
	Rules []Rule
}

// Compared is a figure of a cell on both sides.
type Compared struct {
	Cell   []Setting // the settings, as on side b
	Metric Metric
	Seeds  int     // shared seeds, of which Pairs have the figure and a ratio
	A, B   float64 // medians over the pairs; where there is none, over the shared seeds
	stats.Difference
	Q float64 // P adjusted over the whole comparison
}

// significant reports whether the difference passes the test and its interval excludes a
// ratio of 1. A difference can pass the test and have 1 in its interval: the test leaves out
// seeds whose figures are equal, the interval does not.
func (c *Compared) significant() bool {
	return c.Q <= alpha && (c.Ratio.Low > 1 || c.Ratio.High < 1)
}

// Compare compares b with a, cell by cell.
func Compare(a, b *File, metrics []string) (*Comparison, error) {
	r, err := compare(a.Cells(), b.Cells(), metrics, func(cell []Setting) []Setting { return cell })
	if err == nil {
		all := a.Header
		all.addRules(b.rules())
		r.A, r.B, r.Rules, r.Sides = &a.Header, &b.Header, all.rules(), sides(a, b)
		r.a, r.b = a.Path, b.Path
	}
	return r, err
}

// CompareTo compares every other value of a parameter with its baseline.
func CompareTo(f *File, baseline Setting, metrics []string) (*Comparison, error) {
	var base, others []*Cell
	var values []string
	cells := f.Cells()
	if len(cells) > 0 && !slices.Contains(paths(cells[0].Settings), baseline.Path) {
		return nil, fmt.Errorf("baseline %s: %w", baseline, notVaried(baseline.Path, paths(cells[0].Settings)))
	}
	for _, c := range cells {
		v := value(c.Settings, baseline.Path)
		if same(v, baseline.Value) {
			base = append(base, c)
			continue
		}
		values = append(values, v)
		others = append(others, c)
	}
	if len(base) == 0 {
		slices.SortFunc(values, compareValues)
		values = slices.Compact(values)
		for i, v := range values {
			values[i] = Setting{baseline.Path, v}.String()
		}
		return nil, fmt.Errorf("baseline %s: no such cell: expected one of %s", baseline, strings.Join(values, ", "))
	}
	r, err := compare(base, others, metrics, func(cell []Setting) []Setting {
		cell = slices.Clone(cell)
		for i := range cell {
			if cell[i].Path == baseline.Path {
				cell[i].Value = baseline.Value
			}
		}
		return cell
	})
	if err == nil {
		r.A, r.Baseline, r.Rules = &f.Header, &baseline, f.rules()
		r.a, r.b = baseline.String(), "the cell of the row"
	}
	return r, err
}

// compare looks for the partner in a of each cell of b: the cell with the same place.
func compare(a, b []*Cell, names []string, place func([]Setting) []Setting) (*Comparison, error) {
	if len(names) == 0 {
		names = []string{"throughput", "latency.p50", "latency.p99"}
	}
	if slices.Contains(names, bottleneck) {
		return nil, fmt.Errorf("%s is a word and has no ratio: expected metrics that are numbers", bottleneck)
	}
	metrics, err := findMetrics(names)
	if err != nil {
		return nil, err
	}
	left := map[string]*Cell{}
	for _, c := range a {
		left[Label(place(c.Settings))] = c
	}
	met := map[*Cell]bool{}
	r := &Comparison{}
	for _, c := range b {
		p := left[Label(place(c.Settings))]
		switch {
		case p == nil:
			r.AloneB = append(r.AloneB, c.Settings)
			continue
		case !p.trusted() || !c.trusted():
			met[p] = true
			r.Distrusted = append(r.Distrusted, c.Settings)
			continue
		}
		if !met[p] {
			r.ran(p)
		}
		met[p] = true
		r.ran(c)
		r.add(p, c, metrics)
	}
	for _, c := range a {
		if !met[c] {
			r.AloneA = append(r.AloneA, c.Settings)
		}
	}
	if len(r.Pairs) == 0 && len(r.Distrusted) == 0 {
		return nil, fmt.Errorf("no cell is on both sides")
	}
	if len(r.Distrusted) == 0 && !slices.ContainsFunc(r.Pairs, func(d Compared) bool { return d.Seeds > 0 }) {
		return nil, fmt.Errorf("no seed is on both sides of a cell: expected results of the same seeds, to pair them")
	}
	var ps []float64
	for i := range r.Pairs {
		ps = append(ps, r.Pairs[i].P)
	}
	for i, q := range stats.BenjaminiHochberg(ps) {
		r.Pairs[i].Q = q
	}
	return r, nil
}

// add compares the figures of two cells.
func (r *Comparison) add(a, b *Cell, metrics []Metric) {
	seeds := len(shared(a, b))
	if seeds > 0 && (seeds < len(a.Runs) || seeds < len(b.Runs)) {
		r.uneven = append(r.uneven, fmt.Sprintf("%s: sides do not have the same seeds: %d of a and %d of b are not compared, %d are", Label(b.Settings), len(a.Runs)-seeds, len(b.Runs)-seeds, seeds))
	}
	for _, m := range metrics {
		xs, ys := paired(a, b, m.Name)
		d := Compared{Cell: b.Settings, Metric: m, Seeds: seeds, Difference: stats.Paired(xs, ys),
			A: stats.Median(xs).Estimate, B: stats.Median(ys).Estimate}
		// A figure that is 0 in all runs of both sides is not tested, and the other tests
		// are not corrected for it.
		if !slices.ContainsFunc(slices.Concat(xs, ys), func(x float64) bool { return x != 0 }) || d.Pairs == 0 {
			d.P = math.NaN()
		}
		if len(xs) == 0 {
			d.A, d.B = medianShared(a, b, m.Name), medianShared(b, a, m.Name)
		}
		r.Pairs = append(r.Pairs, d)
	}
}

// ran counts the runs of a cell that is compared.
func (r *Comparison) ran(c *Cell) {
	r.measured = append(r.measured, c)
	r.Runs += len(c.Runs)
	r.Unsteady += c.Unsteady
}

// changed returns how many figures differ significantly.
func (r *Comparison) changed() int {
	n := 0
	for i := range r.Pairs {
		if r.Pairs[i].significant() {
			n++
		}
	}
	return n
}
