package results

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed83d86191/txsim/analysis"
)

// all returns the runs of the cell, whatever their verdict.
func (c *Cell) all() []*Line { return slices.Concat(c.Runs, c.Invalid, c.Unknown) }

// withoutFigures names the cells that a chart has no point of, as a run of theirs is not valid,
// the first few of many.
func (r *Report) withoutFigures() []string {
	var notes []string
	for _, c := range r.Cells {
		if !c.trusted() {
			notes = append(notes, Label(c.Settings)+" has no figures: a run is "+strings.ToUpper(c.verdict()))
		}
	}
	return someOf(notes)
}

// missing says how many runs of the sweep there are no results of, as of a part of a sweep
// or of one that was killed; "" if there are none, or that is not known.
func (r *Report) missing() string {
	n := 0
	for _, c := range r.Cells {
		n += len(c.all())
	}
	if n >= r.Runs {
		return ""
	}
	are := "are"
	if r.Runs-n == 1 {
		are = "is"
	}
	return fmt.Sprintf("%d of %s of the sweep %s missing", r.Runs-n, analysis.Count(r.Runs, "run"), are)
}

// seeds says which cells lack seeds that others have, the first few by name: their medians
// are not over the same arrivals, keys, delays and faults. It is "" if there are none.
func (r *Report) seeds() string {
	all := map[uint64]bool{}
	for _, c := range r.Cells {
		for _, l := range c.all() {
			all[l.Seed] = true
		}
	}
	const most = 6
	var texts []string
	for _, c := range r.Cells {
		if n := len(c.all()); n < len(all) {
			texts = append(texts, fmt.Sprintf("%d of %s", n, Label(c.Settings)))
		}
	}
	if len(texts) == 0 {
		return ""
	}
	if n := len(texts) - most; n > 0 {
		texts = append(texts[:most], "and fewer of "+analysis.Count(n, "cell")+" more")
	}
	return fmt.Sprintf("cells do not have the same seeds: of %d in all %s", len(all), strings.Join(texts, ", "))
}
