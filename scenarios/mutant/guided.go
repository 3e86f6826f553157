package mutant

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/analysis/stats"
	"github.com/seed83d86191/txsim/scenarios"
)

// FuzzReport compares inputs of random bytes with inputs that are guided by the
// states of the protocol that they reach: see scenarios.FuzzHunt.
type FuzzReport struct {
	Mutants []Mutant
	Hunted  [2][]Hunted // at random and guided, by mutant; Seeds are runs
	Runs    [2]int      // of all hunts
	limit   int
}

// fuzzNames are the two ways.
var fuzzNames = [2]string{"random bytes", "guided"}

// MeasureFuzz hunts for each mutant o.Hunts times in both ways, each time with at
// most o.Seeds runs. The report is the same for any number of jobs. The error is as
// that of Measure.
func MeasureFuzz(ctx context.Context, mutants []Mutant, o Options) (*FuzzReport, error) {
	r := &FuzzReport{Mutants: mutants, limit: o.Seeds}
	n := len(mutants) * o.Hunts * 2
	runs, errs := make([]fuzzRun, n), make([]error, n)
	o.each(ctx, n, func(i int) {
		runs[i], errs[i] = fuzzHunt(ctx, &mutants[i/2/o.Hunts], scenarios.FuzzOptions{Seed: uint64(i / 2 % o.Hunts), Runs: o.Seeds, Guided: i%2 == 1})
	})
	for way := range r.Hunted {
		r.Hunted[way] = make([]Hunted, len(mutants))
	}
	for i, run := range runs {
		if errs[i] != nil && !errors.Is(errs[i], ctx.Err()) {
			return nil, errs[i]
		}
		if !run.over {
			continue
		}
		h := &r.Hunted[i%2][i/2/o.Hunts]
		h.Seeds = append(h.Seeds, run.found)
		r.Runs[i%2] += run.runs
	}
	return r, ctx.Err()
}

type fuzzRun struct {
	over  bool
	runs  int
	found int // after so many; 0 if not
}

func fuzzHunt(ctx context.Context, m *Mutant, o scenarios.FuzzOptions) (fuzzRun, error) {
	o.Wanted = m.Expects
	h, err := scenarios.FuzzHunt(ctx, m.Scenario().Using(m.Protocol), o)
	if err != nil {
		return fuzzRun{}, err
	}
	if h.Finding == nil {
		return fuzzRun{over: true, runs: h.Runs}, nil
	}
	return fuzzRun{true, h.Runs, h.Runs}, nil
}

// Found is how many hunts of a way, 0 or 1, found their mutant.
func (r *FuzzReport) Found(way int) (n int) {
	for i := range r.Hunted[way] {
		n += r.Hunted[way][i].Found()
	}
	return n
}

// Rate is how many mutants a way found in 100 000 runs.
func (r *FuzzReport) Rate(way int) float64 {
	return float64(r.Found(way)) * 1e5 / float64(max(r.Runs[way], 1))
}

// Gain compares the ways hunt by hunt: the two that hunt for one mutant with one seed
// are a pair, and a figure is one over the runs that it took, 0 if it found nothing.
func (r *FuzzReport) Gain() stats.Difference {
	var rates [2][]float64
	for way := range r.Hunted {
		for i := range r.Hunted[way] {
			for _, n := range r.Hunted[way][i].Seeds {
				rate := 0.0
				if n > 0 {
					rate = 1 / float64(n)
				}
				rates[way] = append(rates[way], rate)
			}
		}
	}
	return stats.Paired(rates[0], rates[1])
}

// Table has a row for each mutant, those for all, and one for what Gain says.
func (r *FuzzReport) Table() *analysis.Table {
	t := &analysis.Table{Header: []string{"mutant"}, Right: []bool{false}}
	for _, name := range fuzzNames {
		t.Header = append(t.Header, name, name+" median")
		t.Right = append(t.Right, true, true)
	}
	var hunts [2]int
	for i, m := range r.Mutants {
		row := []string{m.Name}
		for way := range r.Hunted {
			h := &r.Hunted[way][i]
			row = append(row, fmt.Sprintf("%d/%d", h.Found(), len(h.Seeds)), h.text(50, r.limit))
			hunts[way] += len(h.Seeds)
		}
		t.Add(row...)
	}
	all, rate := []string{"(all)"}, []string{"(in 100000 runs)"}
	for way := range r.Hunted {
		all = append(all, fmt.Sprintf("%d/%d", r.Found(way), hunts[way]), "")
		rate = append(rate, strconv.FormatFloat(r.Rate(way), 'f', 0, 64), "")
	}
	t.Add(all...)
	t.Add(rate...)
	if g := r.Gain(); hunts[0] == hunts[1] && g.Pairs >= stats.MinPairs {
		t.Add("(guided to random)", "", "", fmt.Sprintf("×%.2f", g.Ratio.Estimate),
			fmt.Sprintf("%.2f to %.2f, p %.4f", g.Ratio.Low, g.Ratio.High, g.P))
	}
	return t
}
