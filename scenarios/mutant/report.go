package mutant

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed83d86191/txsim/analysis"
)

// quantile returns the number of runs within which this many percent of the hunts found the
// mutant; 0 if fewer did, or there was no hunt.
func (h *Hunted) quantile(percent int) int {
	if len(h.Seeds) == 0 {
		return 0
	}
	sorted := slices.Clone(h.Seeds)
	slices.SortFunc(sorted, func(a, b int) int { return cmp.Compare(uint(a-1), uint(b-1)) }) // 0 comes last
	return sorted[max(1, (len(sorted)*percent+99)/100)-1]
}

// Found returns how many hunts found the mutant.
func (h *Hunted) Found() int {
	n := 0
	for _, s := range h.Seeds {
		if s > 0 {
			n++
		}
	}
	return n
}

// Survivors returns the mutants that no way of hunting finds in 95 % of its hunts.
func (r *Report) Survivors() []Mutant {
	var all []Mutant
	for i, m := range r.Mutants {
		if !slices.ContainsFunc(r.Hunted[i], func(h Hunted) bool { return h.quantile(95) > 0 }) {
			all = append(all, m)
		}
	}
	return all
}

// Clean reports whether every mutant was found, and the sound protocols were
// cleared in every run.
func (r *Report) Clean() bool {
	return len(r.Survivors()) == 0 && len(r.Accused) == 0 && r.Undecided == 0
}

// Table has a row for each mutant, and the control. Ways of ordering events have
// one column each, the median; exhaustive exploration has the steps that show the
// mutant, or of how many states none did.
func (r *Report) Table() *analysis.Table {
	t := &analysis.Table{Header: []string{"mutant"}, Right: []bool{false}}
	for _, w := range r.Ways {
		if w.Schedule != "" {
			t.Header, t.Right = append(t.Header, w.Name), append(t.Right, true)
			continue
		}
		t.Header = append(t.Header, w.Name, w.Name+" median", w.Name+" p95")
		t.Right = append(t.Right, true, true, true)
	}
	if r.Explored != nil {
		t.Header, t.Right = append(t.Header, "exhaustive"), append(t.Right, true)
	}
	t.Header = append(t.Header, "found by")
	for i, m := range r.Mutants {
		row := []string{m.Name}
		var by []string
		for w, h := range r.Hunted[i] {
			if r.Ways[w].Schedule != "" {
				row = append(row, h.text(50, r.seeds))
			} else {
				row = append(row, fmt.Sprintf("%d/%d", h.Found(), len(h.Seeds)), h.text(50, r.seeds), h.text(95, r.seeds))
			}
			by = append(by, h.By...)
		}
		if r.Explored != nil {
			row = append(row, r.Explored[i].Steps())
		}
		t.Add(append(row, strings.Join(byFrequency(by), " "))...)
	}
	row := []string{"(control)"}
	for i, w := range r.Ways {
		row = append(row, strconv.Itoa(r.accusedIn(i)))
		if w.Schedule == "" {
			row = append(row, "", "")
		}
	}
	if r.Explored != nil {
		row = append(row, "")
	}
	control := fmt.Sprintf("the sound protocols, in the same %d runs", r.Runs)
	if r.Undecided > 0 {
		control += fmt.Sprintf(", %d of them cut off by a bound", r.Undecided)
	}
	t.Add(append(row, control)...)
	return t
}

func (r *Report) accusedIn(way int) int {
	n := 0
	for _, a := range r.Accused {
		if a.Way == r.Ways[way].Name {
			n++
		}
	}
	return n
}

// text prints a quantile of hunts with at most this many seeds; "" if there was no hunt.
func (h *Hunted) text(percent, most int) string {
	switch q := h.quantile(percent); {
	case len(h.Seeds) == 0:
		return ""
	case q == 0:
		return ">" + strconv.Itoa(most)
	default:
		return strconv.Itoa(q)
	}
}
