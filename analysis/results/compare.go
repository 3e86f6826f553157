package results

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/analysis/stats"
)

// alpha is the share of false discoveries that a comparison allows.
const alpha = 0.05

// Comparison says by how much the cells of one side differ from those of the
// other, by figures that are paired by seed.
type Comparison struct {
	Pairs []Compared
	// Sides says what is not the same of the files that were compared, and with what
	// they were made.
	Sides []string
	// Alone are cells that the other side does not have, Distrusted those with a
	// run that is not valid.
	Alone, Distrusted []string
	// Unsteady is how many of the Runs that were compared reached no steady state.
	Unsteady, Runs int
	// Partial says of cells which figures have fewer pairs than there are shared seeds.
	Partial []string
	// Sequential are the rules by which seeds were added, to either side.
	Sequential []Rule
}

// Compared is a figure of a cell on both sides.
type Compared struct {
	Cell    string
	Measure Measure
	A, B    float64 // medians over the shared seeds
	stats.Difference
	Q float64 // P adjusted over the whole comparison
}

// Significant reports whether it is among the discoveries and its interval excludes a
// ratio of 1. The latter may fail alone: the test leaves out seeds that do not differ,
// of which the interval, if they are many, has the ratio.
func (c *Compared) Significant() bool {
	return c.Q <= alpha && (c.Ratio.Low > 1 || c.Ratio.High < 1)
}

// Compare compares b with a, cell by cell.
func Compare(a, b *File, measures []string) (*Comparison, error) {
	r, err := compare(a.Cells(), b.Cells(), measures, func(cell []Setting) []Setting { return cell })
	if err == nil {
		all := a.Header
		all.addRules(b.rules())
		r.Sequential, r.Sides = all.rules(), sides(a, b)
	}
	return r, err
}

// CompareTo compares every other value of a parameter with its baseline.
func CompareTo(f *File, baseline Setting, measures []string) (*Comparison, error) {
	var base, others []*Cell
	var values []string
	cells := f.Cells()
	if len(cells) > 0 && !slices.ContainsFunc(cells[0].Settings, func(s Setting) bool { return s.Path == baseline.Path }) {
		var paths []string
		for _, s := range cells[0].Settings {
			paths = append(paths, s.Path)
		}
		return nil, fmt.Errorf("baseline %s: %s is not varied: expected one of %s", baseline, baseline.Path, strings.Join(paths, ", "))
	}
	for _, c := range cells {
		v := value(c.Settings, baseline.Path)
		if same(v, baseline.Value) {
			base = append(base, c)
			continue
		}
		values = append(values, baseline.Path+"="+v)
		others = append(others, c)
	}
	if len(base) == 0 {
		slices.Sort(values)
		return nil, fmt.Errorf("baseline %s: no such cell: expected one of %s", baseline, strings.Join(slices.Compact(values), ", "))
	}
	r, err := compare(base, others, measures, func(cell []Setting) []Setting {
		cell = slices.Clone(cell)
		for i := range cell {
			if cell[i].Path == baseline.Path {
				cell[i].Value = baseline.Value
			}
		}
		return cell
	})
	if err == nil {
		r.Sequential = f.rules()
	}
	return r, err
}

// compare looks for the partner of each cell of b in a: that of the same place.
func compare(a, b []*Cell, measures []string, place func([]Setting) []Setting) (*Comparison, error) {
	if len(measures) == 0 {
		measures = []string{"throughput", "latency.p50", "latency.p99"}
	}
	if slices.Contains(measures, bottleneck) {
		return nil, fmt.Errorf("%s is a word and has no ratio: expected metrics that are numbers", bottleneck)
	}
	left := map[string]*Cell{}
	for _, c := range a {
		left[Label(place(c.Settings))] = c
	}
	met := map[*Cell]bool{}
	r := &Comparison{}
	var ps []float64
	for _, c := range b {
		p := left[Label(place(c.Settings))]
		switch {
		case p == nil:
			r.Alone = append(r.Alone, Label(c.Settings))
			continue
		case !p.Trusted() || !c.Trusted():
			met[p] = true
			r.Distrusted = append(r.Distrusted, Label(c.Settings))
			continue
		}
		if !met[p] {
			r.ran(p)
		}
		met[p] = true
		r.ran(c)
		var parts []part
		for _, name := range measures {
			m, ok := FindMeasure(name)
			if !ok {
				return nil, unknownMeasure(name)
			}
			xs, ys := paired(p, c, name)
			d := Compared{Cell: Label(c.Settings), Measure: m, Difference: stats.Paired(xs, ys),
				A: stats.Median(xs).Estimate, B: stats.Median(ys).Estimate}
			if d.Pairs == 0 {
				d.P = math.NaN()
			}
			r.Pairs, ps = append(r.Pairs, d), append(ps, d.P)
			parts = addPart(parts, name, len(xs), shared(p, c))
		}
		r.Partial = addPartial(r.Partial, c.Settings, parts, "pairs")
	}
	for _, c := range a {
		if !met[c] {
			r.Alone = append(r.Alone, Label(c.Settings))
		}
	}
	if len(r.Pairs) == 0 && len(r.Distrusted) == 0 {
		return nil, fmt.Errorf("no cell is on both sides")
	}
	for i, q := range stats.BenjaminiHochberg(ps) {
		r.Pairs[i].Q = q
	}
	return r, nil
}

// ran counts the runs of a cell that is compared.
func (r *Comparison) ran(c *Cell) {
	r.Runs += len(c.Runs)
	r.Unsteady += c.Unsteady
}

// Changed is how many figures differ significantly.
func (r *Comparison) Changed() int {
	n := 0
	for i := range r.Pairs {
		if r.Pairs[i].Significant() {
			n++
		}
	}
	return n
}

// Table has a row for each cell and measure; ~ is a difference inside the noise.
func (r *Comparison) Table() *analysis.Table {
	t := &analysis.Table{Header: []string{"cell", "metric", "a", "b", "change", "interval at 95 %", "p", "q", "pairs"},
		Right: []bool{false, false, true, true, true, true, true, true, true}}
	percent := func(ratio float64) string {
		if math.IsInf(ratio, 1) {
			return "+∞"
		}
		return fmt.Sprintf("%+.1f %%", 100*(ratio-1))
	}
	number := func(format string, x float64) string {
		if math.IsNaN(x) {
			return "none"
		}
		return fmt.Sprintf(format, x)
	}
	for i := range r.Pairs {
		d := &r.Pairs[i]
		change, interval := "~", "none"
		if d.Significant() {
			change = percent(d.Ratio.Estimate)
		}
		if d.Pairs >= stats.MinPairs {
			interval = percent(d.Ratio.Low) + " to " + percent(d.Ratio.High)
		}
		t.Add(d.Cell, d.Measure.title(), number("%.4g", d.A), number("%.4g", d.B), change, interval,
			number("%.4f", d.P), number("%.4f", d.Q), fmt.Sprint(d.Pairs))
	}
	return t
}

// Notes are what a reader must know of the table.
func (r *Comparison) Notes() []string {
	test := "exact signed-rank test"
	if slices.ContainsFunc(r.Pairs, func(d Compared) bool { return d.Pairs > stats.MaxExact }) {
		test = fmt.Sprintf("signed-rank test, exact up to %d pairs and by the normal approximation beyond,", stats.MaxExact)
	}
	notes := []string{fmt.Sprintf("%d of %d differ: %s of the logarithms of the ratios by seed, false discovery rate %g (Benjamini-Hochberg), and an interval without 0 %%; ~ is within the noise", r.Changed(), len(r.Pairs), test, alpha)}
	notes = append(notes, r.Sides...)
	few, left, zeros := 0, 0, 0
	for i := range r.Pairs {
		if r.Pairs[i].Pairs < stats.MinPairs {
			few++
		}
		left += r.Pairs[i].Left
		zeros += r.Pairs[i].Zeros
	}
	if few > 0 {
		notes = append(notes, fmt.Sprintf("%d with fewer than %d pairs: p < 0.05 is impossible there; run more seeds", few, stats.MinPairs))
	}
	if zeros > 0 {
		notes = append(notes, fmt.Sprintf("%d pairs with a figure of 0 on one side: ranked as larger differences than all others", zeros))
	}
	if left > 0 {
		notes = append(notes, fmt.Sprintf("%d pairs left out: a figure that is negative or no number has no ratio", left))
	}
	if r.Unsteady > 0 {
		notes = append(notes, unsteadyNote(r.Unsteady, r.Runs))
	}
	notes = append(notes, someOf(r.Partial)...)
	for _, rule := range r.Sequential {
		notes = append(notes, sequentialNote(rule, ""))
	}
	for _, c := range r.Distrusted {
		notes = append(notes, "not compared, as a run is not valid: "+c)
	}
	for _, c := range r.Alone {
		notes = append(notes, "only on one side: "+c)
	}
	return notes
}
