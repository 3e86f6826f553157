package results

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/analysis/stats"
)

// Write writes the comparison as a table with notes, or as json.
func (r *Comparison) Write(w io.Writer, format string) error {
	var text []byte
	var err error
	switch format {
	case "table":
		text = r.text()
	case "json":
		text, err = r.json()
	default:
		return fmt.Errorf("format %s: expected table or json", format)
	}
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

func (r *Comparison) text() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "a is %s, b is %s\n\n", r.a, r.b)
	b.WriteString(r.table().String() + "\n")
	for _, n := range r.notes() {
		b.WriteString(n + "\n")
	}
	return b.Bytes()
}

// rounding bounds by how much a ratio that would be 1 may be off.
const rounding = 1e-12

// table has a row for each cell and metric; ~ is a difference inside the noise.
func (r *Comparison) table() *analysis.Table {
	t := &analysis.Table{Header: []string{"cell", "metric", "a", "b", "change", "interval at 95 %", "p", "q", "pairs"},
		Right: []bool{false, false, true, true, true, true, true, true, true}}
	percent := func(ratio float64) string {
		if math.IsInf(ratio, 1) {
			return "+∞"
		}
		// Neither what is left of a figure nor a change is rounded away.
		places := max(1, decimals(100*ratio, 1))
		if change := math.Abs(ratio - 1); change > rounding {
			places = max(places, decimals(100*change, 1))
		}
		return fmt.Sprintf("%+.*f %%", places, 100*(ratio-1))
	}
	number := func(x float64) string {
		switch {
		case math.IsNaN(x):
			return "none"
		case math.Abs(x) >= 1000:
			return fmt.Sprintf("%.0f", x)
		}
		return fmt.Sprintf("%.4g", x)
	}
	chance := func(p float64) string {
		switch {
		case math.IsNaN(p):
			return "none"
		case p < 0.0001:
			return "<0.0001"
		}
		return fmt.Sprintf("%.4f", p)
	}
	for i := range r.Pairs {
		d := &r.Pairs[i]
		change, interval := "~", "none"
		if d.significant() {
			change = percent(d.Ratio.Estimate)
		}
		if d.Pairs >= stats.MinPairs {
			interval = percent(d.Ratio.Low) + " to " + percent(d.Ratio.High)
		}
		t.Add(Label(d.Cell), d.Metric.title(), number(d.A), number(d.B), change, interval, chance(d.P), chance(d.Q), fmt.Sprint(d.Pairs))
	}
	return t
}

// notes returns what a reader must know to understand the table.
func (r *Comparison) notes() []string {
	test := "exact signed-rank test"
	if slices.ContainsFunc(r.Pairs, func(d Compared) bool { return d.Pairs > stats.MaxExact }) {
		test = fmt.Sprintf("signed-rank test, exact up to %d pairs and by the normal approximation beyond,", stats.MaxExact)
	}
	notes := []string{fmt.Sprintf("%d of %d differ: %s of the logarithms of the ratios by seed, false discovery rate %g (Benjamini-Hochberg), and an interval without 0 %%; ~ is within the noise", r.changed(), len(r.Pairs), test, alpha)}
	notes = append(notes, r.Sides...)
	few, apart, left, zeros := 0, 0, 0, 0
	for i := range r.Pairs {
		switch {
		case r.Pairs[i].Seeds == 0:
			apart++
		case 0 < r.Pairs[i].Pairs && r.Pairs[i].Pairs < stats.MinPairs: // of none, the table says none
			few++
		}
		left += r.Pairs[i].Left
		zeros += r.Pairs[i].Zeros
	}
	if apart > 0 {
		notes = append(notes, fmt.Sprintf("%d of cells whose sides have no seed in common: there is nothing to pair; run the same seeds on both", apart))
	}
	if few > 0 {
		notes = append(notes, fmt.Sprintf("%d with fewer than %d pairs: p < 0.05 is impossible there; run more seeds", few, stats.MinPairs))
	}
	if zeros > 0 {
		notes = append(notes, fmt.Sprintf("%s with a figure of 0 on one side: ranked as larger differences than all others", analysis.Count(zeros, "pair")))
	}
	if left > 0 {
		notes = append(notes, fmt.Sprintf("%s left out: a figure that is negative or no number has no ratio", analysis.Count(left, "pair")))
	}
	if text := unsteadyNote(r.measured); text != "" {
		notes = append(notes, text)
	}
	notes = append(notes, someOf(r.uneven)...)
	notes = append(notes, r.partial()...)
	notes = append(notes, r.unpaired()...)
	for _, rule := range r.Rules {
		notes = append(notes, sequentialNote(rule, rule.unmet(r.measured, len(r.Rules) > 1)))
	}
	for _, c := range r.Distrusted {
		notes = append(notes, "not compared, as a run is not valid: "+Label(c))
	}
	for _, c := range r.AloneA {
		notes = append(notes, "only on side a: "+Label(c))
	}
	for _, c := range r.AloneB {
		notes = append(notes, "only on side b: "+Label(c))
	}
	return notes
}

// partial notes for each cell the figures that have fewer pairs than there are shared
// seeds.
func (r *Comparison) partial() []string {
	var notes []string
	var parts []part
	for i := range r.Pairs {
		d := &r.Pairs[i]
		parts = addPart(parts, d.Metric.Name, d.Pairs+d.Left, d.Seeds)
		if i+1 == len(r.Pairs) || !slices.Equal(r.Pairs[i+1].Cell, d.Cell) {
			notes, parts = addPartial(notes, d.Cell, parts, "pairs"), nil
		}
	}
	return someOf(notes)
}

// unpaired notes for each cell the figures that one side has, but no shared seed has on
// both sides.
func (r *Comparison) unpaired() []string {
	var notes, onlyA, onlyB, apart []string
	add := func(metrics *[]string, cell []Setting, text string) {
		if len(*metrics) > 0 {
			notes = append(notes, Label(cell)+": "+strings.Join(*metrics, ", ")+" "+text)
			*metrics = nil
		}
	}
	for i := range r.Pairs {
		d := &r.Pairs[i]
		hasA, hasB := !math.IsNaN(d.A), !math.IsNaN(d.B)
		switch name := d.Metric.Name; {
		case d.Pairs+d.Left > 0: // there are pairs
		case hasA && hasB:
			apart = append(apart, name)
		case hasA:
			onlyA = append(onlyA, name)
		case hasB:
			onlyB = append(onlyB, name)
		}
		if i+1 == len(r.Pairs) || !slices.Equal(r.Pairs[i+1].Cell, d.Cell) {
			add(&onlyA, d.Cell, "of a alone, as b has none")
			add(&onlyB, d.Cell, "of b alone, as a has none")
			add(&apart, d.Cell, "of no seed on both sides")
		}
	}
	return someOf(notes)
}

// compared is a Compared in numbers; null is a number that does not exist or is infinite.
type compared struct {
	Cell    []Setting `json:"cell"`
	Metric  string    `json:"metric"`
	Unit    string    `json:"unit,omitempty"`
	Seeds   int       `json:"seeds"` // that both sides have
	Pairs   int       `json:"pairs"`
	Zeros   int       `json:"zeros"`    // pairs with a figure of 0 on one side
	Left    int       `json:"left_out"` // pairs that have no ratio
	A       *float64  `json:"median_a"`
	B       *float64  `json:"median_b"`
	Ratio   *float64  `json:"ratio"` // of b to a
	Low     *float64  `json:"low"`   // of the ratio
	High    *float64  `json:"high"`
	P       *float64  `json:"p"`
	Q       *float64  `json:"q"`
	Differs bool      `json:"differs"`
}

// json has an object for each cell and metric, in the order of the table.
func (r *Comparison) json() ([]byte, error) {
	report := struct {
		A        *Header     `json:"a"`
		B        *Header     `json:"b,omitempty"`
		Baseline *Setting    `json:"baseline,omitempty"`
		Notes    []string    `json:"notes"`
		Pairs    []compared  `json:"comparisons"`
		Invalid  [][]Setting `json:"not_valid"` // cells that are not compared for it
		Alone    [][]Setting `json:"one_side"`  // cells that have no partner
		Runs     int         `json:"runs"`
		Unsteady int         `json:"not_steady"`
	}{A: r.A, B: r.B, Baseline: r.Baseline, Notes: r.notes(), Runs: r.Runs, Unsteady: r.Unsteady,
		Pairs: []compared{}, Invalid: append([][]Setting{}, r.Distrusted...), Alone: append(append([][]Setting{}, r.AloneB...), r.AloneA...)} // none is []
	for i := range r.Pairs {
		d := &r.Pairs[i]
		c := compared{Cell: d.Cell, Metric: d.Metric.Name, Unit: d.Metric.Unit, Seeds: d.Seeds, Pairs: d.Pairs, Zeros: d.Zeros, Left: d.Left,
			A: finite(d.A), B: finite(d.B), Ratio: finite(d.Ratio.Estimate), P: finite(d.P), Q: finite(d.Q), Differs: d.significant()}
		if d.Pairs >= stats.MinPairs {
			c.Low, c.High = finite(d.Ratio.Low), finite(d.Ratio.High)
		}
		report.Pairs = append(report.Pairs, c)
	}
	return marshal(report)
}
