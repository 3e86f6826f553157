package results

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/analysis/stats"
)

// Notes returns what a reader must know to understand the table.
func (r *Report) Notes() []string {
	if r.columns != "" {
		return r.notes(r.metrics[:1])
	}
	return r.notes(r.metrics)
}

// notes returns the notes for a table of these metrics.
func (r *Report) notes(shown []Metric) []string {
	notes := r.distrusted()
	notes = append(notes, "median over seeds ± the farther end of the interval at 95 % (order statistics), or with both ends where they differ by more than a tenth of the median, of valid runs, without warm-up and drain")
	notes = append(notes, r.caveats(shown)...)
	for _, rule := range r.rules() {
		if slices.ContainsFunc(r.Cells, func(c *Cell) bool { return c.under(rule) }) { // a kill may leave a header without lines
			notes = append(notes, r.sequential(rule))
		}
	}
	for _, path := range r.idle() {
		notes = append(notes, path+" made no difference: runs that differ in it alone have the same trace")
	}
	if shows(shown, bottleneck) {
		notes = append(notes, r.bottlenecks()...)
	}
	if r.published != nil {
		notes = append(notes, r.errorNotes()...)
	}
	if text := r.reduction(); text != "" {
		notes = append(notes, text)
	}
	return notes
}

// distrusted names the runs that are not valid, the first few of many.
func (r *Report) distrusted() []string {
	var notes []string
	for _, c := range r.Cells {
		for _, l := range slices.Concat(c.Invalid, c.Unknown) {
			notes = append(notes, fmt.Sprintf("%s, seed %d: %s; reproduce with: %s", Label(c.Settings), l.Seed, strings.ToUpper(l.Verdict), l.Reproduce))
		}
	}
	const most = 10
	if n := len(notes); n > most {
		notes = append(notes[:most], "and "+analysis.Count(n-most, "run")+" more, not valid either")
	}
	return notes
}

// caveats says what the shown figures are less good for than it seems.
func (r *Report) caveats(shown []Metric) []string {
	var notes []string
	few, batches := 0, 0
	medians := slices.ContainsFunc(shown, func(m Metric) bool { return m.Name != "throughput" && m.Name != bottleneck })
	for _, c := range r.trusted() {
		batched := len(c.Runs) == 1 && c.Unsteady == 0 && shows(shown, "throughput")
		if batched {
			batches++
		}
		if len(c.Runs) < stats.MinMedian && (medians || !batched) {
			few++
		}
	}
	if few > 0 {
		notes = append(notes, fmt.Sprintf("%s of fewer than %d seeds: a median has no interval at 95 %%", analysis.Count(few, "cell"), stats.MinMedian))
	}
	if batches > 0 {
		notes = append(notes, fmt.Sprintf("%s of one seed: the throughput is the mean of 20 batches of the run, its interval Student's, too narrow for a short run", analysis.Count(batches, "cell")))
	}
	for _, text := range []string{r.missing(), r.seeds(), unsteadyNote(r.trusted())} {
		if text != "" {
			notes = append(notes, text)
		}
	}
	return append(notes, r.partial(shown)...)
}

// trusted returns the cells whose figures are shown.
func (r *Report) trusted() []*Cell {
	return slices.DeleteFunc(slices.Clone(r.Cells), func(c *Cell) bool { return !c.trusted() })
}

func shows(shown []Metric, name string) bool {
	return slices.ContainsFunc(shown, func(m Metric) bool { return m.Name == name })
}

// unsteadyNote says how many runs reached no steady state, in which cells, and which part
// of such a run its figures are from; "" if all reached one.
func unsteadyNote(cells []*Cell) string {
	unsteady, runs := 0, 0
	for _, c := range cells {
		unsteady += c.Unsteady
		runs += len(c.Runs)
	}
	if unsteady == 0 {
		return ""
	}
	return fmt.Sprintf("not steady: %d of %s%s; their figures are those of the whole run, in an open loop up to the last arrival", unsteady, analysis.Count(runs, "run"), unsteadyCells(cells))
}

// unsteadyCells lists, in parentheses, how many runs of each cell reached no steady state:
// the first few cells by name. Cells of one name, as the two sides of a comparison have,
// are counted together. It is "" for results whose only cell has no name.
func unsteadyCells(cells []*Cell) string {
	var names []string
	byName := map[string]int{}
	for _, c := range cells {
		if c.Unsteady == 0 {
			continue
		}
		name := Label(c.Settings)
		if byName[name] == 0 {
			names = append(names, name)
		}
		byName[name] += c.Unsteady
	}
	if names[0] == Label(nil) {
		return ""
	}
	const most = 6
	named := names
	if len(names) > most {
		named = names[:most-1]
	}
	var parts []string
	for _, name := range named {
		parts = append(parts, fmt.Sprintf("%d of %s", byName[name], name))
	}
	if n := len(names) - len(named); n > 0 {
		parts = append(parts, "and some of "+analysis.Count(n, "cell")+" more")
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// partial notes for each cell the figures that some of its runs do not have.
func (r *Report) partial(shown []Metric) []string {
	var notes []string
	for _, c := range r.trusted() {
		var parts []part
		for _, m := range shown {
			parts = addPart(parts, m.Name, c.having(m.Name), len(c.Runs))
		}
		notes = addPartial(notes, c.Settings, parts, "runs")
	}
	return someOf(notes)
}

// part is the figures that the same number of a cell's runs, or pairs of runs, have.
type part struct {
	size, all int
	metrics   []string
}

// addPart adds a figure, unless all runs have it or none.
func addPart(parts []part, metric string, size, all int) []part {
	if size == 0 || size == all {
		return parts
	}
	i := slices.IndexFunc(parts, func(p part) bool { return p.size == size })
	if i < 0 {
		return append(parts, part{size, all, []string{metric}})
	}
	parts[i].metrics = append(parts[i].metrics, metric)
	return parts
}

// addPartial adds the note about the parts of a cell, if there are any.
func addPartial(notes []string, cell []Setting, parts []part, what string) []string {
	if len(parts) == 0 {
		return notes
	}
	var texts []string
	for _, p := range parts {
		texts = append(texts, fmt.Sprintf("%s of %d of %d %s", strings.Join(p.metrics, ", "), p.size, p.all, what))
	}
	return append(notes, Label(cell)+": "+strings.Join(texts, ", ")+", as the others have none")
}

// someOf returns the first notes, and counts the others, if there are many.
func someOf(notes []string) []string {
	if n := len(notes) - mostSentences; n > 0 {
		return append(notes[:mostSentences], "and so in "+analysis.Count(n, "cell")+" more")
	}
	return notes
}

// idle returns the parameters that changed no run, as those of another kind of workload do.
// Runs with the same trace but different verdicts count as changed.
func (r *Report) idle() []string {
	type place struct {
		cell string // without the parameter
		seed uint64
	}
	type outcome struct{ verdict, hash string }
	var idle []string
	for i, s := range r.Cells[0].Settings {
		outcomes := map[place]outcome{}
		compared, same := false, true
		for _, c := range r.Cells {
			at := place{cell: Label(slices.Delete(slices.Clone(c.Settings), i, i+1))}
			for _, l := range c.all() {
				at.seed = l.Seed
				now := outcome{l.Verdict, l.Hash}
				if before, ok := outcomes[at]; ok {
					compared, same = true, same && before == now
				}
				outcomes[at] = now
			}
		}
		if compared && same {
			idle = append(idle, s.Path)
		}
	}
	return idle
}

// sequential notes the rule by which seeds were added, to which cells if not to all, and how
// many of these do not meet it.
func (r *Report) sequential(rule Rule) string {
	var under []string
	for _, c := range r.Cells {
		if c.under(rule) {
			under = append(under, Label(c.Settings))
		}
	}
	return sequentialNote(rule, rule.unmet(r.Cells, len(r.Also) > 0)+among(under, len(r.Cells)))
}

// unmet says how many of the cells under a rule do not meet it: because they hit the bound,
// because too few of their runs have the figure, or because another rule gave them their
// seeds; "" if all meet it.
func (r Rule) unmet(cells []*Cell, others bool) string {
	share, _ := Number(r.Precision)
	short := 0
	for _, c := range cells {
		if c.under(r) && !stats.Precise(stats.Mean(c.values(r.metric())), share) {
			short++
		}
	}
	switch {
	case short > 0 && others:
		return " or, as of " + analysis.Count(short, "cell") + ", there were no more or another rule held"
	case short > 0:
		return " or there were no more, as of " + analysis.Count(short, "cell")
	}
	return ""
}

// under reports whether a run of the cell was made under a rule. A file that is not merged
// has one rule, for all of its runs.
func (c *Cell) under(rule Rule) bool {
	return slices.ContainsFunc(c.all(), func(l *Line) bool { return l.Rules == nil || slices.Contains(l.Rules, rule) })
}

// among says which cells are meant, the first few by name, unless all are.
func among(names []string, all int) string {
	if len(names) == all {
		return ""
	}
	const most = 6
	text := ", in " + analysis.Count(len(names), "cell") + " of " + fmt.Sprint(all) + ": " + strings.Join(names[:min(most, len(names))], ", ")
	if len(names) > most {
		text += " and more"
	}
	return text
}

// sequentialNote notes a rule and what it does to intervals; text qualifies the rule.
func sequentialNote(rule Rule, text string) string {
	return "sequential: seeds were added until " + rule.String() + " (Student's t)" + text + "; intervals after such a rule are somewhat too narrow"
}

// reduction notes how much of the variance common random numbers save in differences
// between the first cell and the others.
func (r *Report) reduction() string {
	if !r.Cells[0].trusted() {
		return ""
	}
	var saved []float64
	for _, c := range r.trusted()[1:] {
		a, b := paired(r.Cells[0], c, "throughput")
		if v := stats.VarianceReduction(a, b); len(a) >= stats.MinPairs && !math.IsNaN(v) {
			saved = append(saved, v)
		}
	}
	if len(saved) == 0 {
		return ""
	}
	if stats.Median(saved).Estimate < 0.005 {
		return "pairing by seed takes nothing off the variance of a difference in throughput to the first cell"
	}
	return fmt.Sprintf("pairing by seed takes %.0f %% off the variance of a difference in throughput to the first cell (median over cells)", 100*stats.Median(saved).Estimate)
}

// mostSentences bounds how many cells get a note of their own.
const mostSentences = 12

// bottlenecks names the bottleneck of each cell in a sentence, unless there are many cells.
func (r *Report) bottlenecks() []string {
	if len(r.Cells) > mostSentences {
		return nil
	}
	var notes []string
	for _, c := range r.trusted() {
		p := c.pressure()
		notes = append(notes, "bottleneck of "+Label(c.Settings)+": "+p.Sentence())
	}
	return notes
}
