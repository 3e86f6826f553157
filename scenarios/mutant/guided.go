package mutant

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/analysis/stats"
	"github.com/seed83d86191/txsim/scenarios"
)

// fuzzWays is how many ways to choose inputs there are.
const fuzzWays = len(scenarios.FuzzWays)

// FuzzReport compares the ways of choosing a fuzzer's inputs: see scenarios.FuzzHunt.
type FuzzReport struct {
	Mutants []Mutant
	Hunted  [fuzzWays][]Hunted // by mutant; Seeds holds numbers of runs
	Runs    [fuzzWays]int      // of all hunts
	limit   int
}

// MeasureFuzz hunts for each mutant o.Hunts times in all ways, each time with at
// most o.Seeds runs. The report is the same for any number of jobs. The error is as
// that of Measure.
func MeasureFuzz(ctx context.Context, mutants []Mutant, o Options) (*FuzzReport, error) {
	r := &FuzzReport{Mutants: mutants, limit: o.Seeds}
	n := len(mutants) * o.Hunts * fuzzWays
	hunted, errs := make([]*scenarios.FuzzHunted, n), make([]error, n)
	o.each(ctx, n, func(i int) {
		way, hunt := scenarios.FuzzWay(i%fuzzWays), i/fuzzWays
		m := &mutants[hunt/o.Hunts]
		hunted[i], errs[i] = scenarios.FuzzHunt(ctx, m.Scenario().Using(m.Protocol),
			scenarios.FuzzOptions{Seed: uint64(hunt % o.Hunts), Runs: o.Seeds, Way: way, Wanted: m.Expects})
	})
	for way := range r.Hunted {
		r.Hunted[way] = make([]Hunted, len(mutants))
	}
	for i, hunt := range hunted {
		switch {
		case errs[i] != nil && !errors.Is(errs[i], ctx.Err()):
			return nil, errs[i]
		case errs[i] != nil || hunt == nil:
			continue // interrupted
		}
		found, way := 0, i%fuzzWays
		if hunt.Finding != nil {
			found = hunt.Runs
		}
		h := &r.Hunted[way][i/fuzzWays/o.Hunts]
		h.Seeds = append(h.Seeds, found)
		r.Runs[way] += hunt.Runs
	}
	return r, ctx.Err()
}

// Found returns how many hunts of a way found their mutant.
func (r *FuzzReport) Found(way scenarios.FuzzWay) (n int) {
	for i := range r.Hunted[way] {
		n += r.Hunted[way][i].Found()
	}
	return n
}

// Rate returns how many mutants a way found in 100 000 runs.
func (r *FuzzReport) Rate(way scenarios.FuzzWay) float64 {
	return float64(r.Found(way)) * 1e5 / float64(max(r.Runs[way], 1))
}

// Gain compares guided inputs with those of another way. The two hunts for one mutant with
// one seed are a pair. The figure of a hunt is 1 over the number of runs that it took; one
// that found nothing counts as one run more than its limit. Pairs with equal figures are left
// out: the first inputs are random in all ways, so what they find says nothing about a way.
func (r *FuzzReport) Gain(over scenarios.FuzzWay) stats.Difference {
	var these, guided []float64
	all := r.rates(scenarios.FuzzGuided)
	for i, rate := range r.rates(over) {
		if rate != all[i] {
			these, guided = append(these, rate), append(guided, all[i])
		}
	}
	return stats.Paired(these, guided)
}

// rates returns the figure of each hunt of a way.
func (r *FuzzReport) rates(way scenarios.FuzzWay) (all []float64) {
	for i := range r.Hunted[way] {
		for _, n := range r.Hunted[way][i].Seeds {
			if n == 0 {
				n = r.limit + 1
			}
			all = append(all, 1/float64(n))
		}
	}
	return all
}

// Table has a row for each mutant, rows for the totals, and rows for Gain.
func (r *FuzzReport) Table() *analysis.Table {
	t := &analysis.Table{Header: []string{"mutant"}, Right: []bool{false}}
	for _, name := range scenarios.FuzzWays {
		t.Header = append(t.Header, name, name+" median")
		t.Right = append(t.Right, true, true)
	}
	var hunts [fuzzWays]int
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
		way := scenarios.FuzzWay(way)
		all = append(all, fmt.Sprintf("%d/%d", r.Found(way), hunts[way]), "")
		rate = append(rate, strconv.FormatFloat(r.Rate(way), 'f', 0, 64), "")
	}
	t.Add(all...)
	t.Add(rate...)
	gain, range95 := []string{"(guided to these)"}, []string{"(95 %)"}
	for way := range scenarios.FuzzGuided {
		estimate, p, interval := "", "", ""
		if hunts[way] == hunts[scenarios.FuzzGuided] { // otherwise it was interrupted
			estimate, p, interval = gainText(r.Gain(way))
		}
		gain, range95 = append(gain, estimate, p), append(range95, interval, "")
	}
	if strings.Join(gain[1:], "") != "" {
		t.Add(append(gain, "", "")...)
		t.Add(append(range95, "", "")...)
	}
	return t
}

// gainText prints a gain, if there are enough pairs.
func gainText(g stats.Difference) (estimate, p, interval string) {
	if g.Pairs < stats.MinPairs {
		return "", "", ""
	}
	p = fmt.Sprintf("p %.4f", g.P)
	if g.P < 0.0001 {
		p = "p < 0.0001"
	}
	return fmt.Sprintf("×%.2f", g.Ratio.Estimate), p, fmt.Sprintf("%.2f to %.2f", g.Ratio.Low, g.Ratio.High)
}
