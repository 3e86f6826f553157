package mutant

import (
	"context"
	"fmt"
	"strings"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
)

// small is a case in which a mutant may show when all of its ways are visited.
type small struct {
	name   string
	txns   string // one a line
	budget string // of faults
}

// smallCases are those that Explore tries, the smallest first.
var smallCases = []small{
	{"one transaction", "t1: w0 write x = 1; w1 write y = 1", "timeout=1"},
	{"a crash", "t1: w0 write x = 1; w1 write y = 1", "crash=1,timeout=1"},
	{"a loss, a duplicate", "t1: w0 write x = 1; w1 write y = 1", "drop=1,duplicate=1,timeout=1"},
	{"one worker", "t1: w0 write x = 1; w0 read x\nt2: w0 read x; w0 write x = 2", "drop=1,duplicate=1,timeout=1"},
	{"two writers", "t1: w0 write x = 1; w1 write y = 1\nt2: w0 write x = 2; w1 write y = 2", "timeout=0"},
	{"a reader", "t1: w0 write x = 1; w1 write y = 1\nt2: w0 read x; w1 read y", "timeout=0"},
	{"crossed", "t1: w0 read x; w1 write y = 1\nt2: w0 write x = 2; w1 read y", "timeout=0"},
	{"two writers, a timeout", "t1: w0 write x = 1; w1 write y = 1\nt2: w0 write x = 2; w1 write y = 2", "timeout=1"},
}

// smallStates bounds each of the explorations.
const smallStates = 20_000

// Explored is what visiting the ways of small cases came to.
type Explored struct {
	Mutant Mutant
	Case   string // the first that shows it; "" if none does
	States uint64 // of that case, until it showed
	Way    []string
	By     string // what showed it, as Shown has it
}

// Explore visits the ways of small cases, one after the other, until one shows the
// mutant, as it must be found or in another way: the way to it is then a shortest one
// of that case.
func Explore(ctx context.Context, m Mutant) (Explored, error) {
	for _, c := range smallCases {
		s := m.Scenario()
		s.Faults, s.Arrivals, s.Clients = nil, scenarios.Default().Arrivals, 2
		s.Transactions = scenarios.Transactions{Inline: strings.Split(c.txns, "\n")}
		if err := s.Set("schedule", "exhaustive:"+c.budget); err != nil {
			return Explored{}, err
		}
		x, err := scenarios.Explore(ctx, s, []model.Protocol{m.Protocol}, scenarios.ExploreOptions{States: smallStates, Full: true})
		switch {
		case err != nil:
			return Explored{}, fmt.Errorf("%s, %s: %w", m.Name, c.name, err)
		case ctx.Err() != nil:
			return Explored{}, ctx.Err()
		case x.Verdict == analysis.Invalid:
			f := x.Findings[0]
			f.Shape = ""
			return Explored{m, c.name, x.Distinct, x.Way, f.Fingerprint()}, nil
		}
	}
	return Explored{Mutant: m}, nil
}

// ExploreAll is Explore of each mutant; with an error come those before it.
func ExploreAll(ctx context.Context, mutants []Mutant, o Options) ([]Explored, error) {
	var all []Explored
	for i, m := range mutants {
		x, err := Explore(ctx, m)
		if err != nil {
			return all, err
		}
		if all = append(all, x); o.Progress != nil {
			o.Progress(i+1, len(mutants))
		}
	}
	return all, nil
}

// ExploredTable has a row for each mutant.
func ExploredTable(all []Explored) *analysis.Table {
	t := &analysis.Table{Header: []string{"mutant", "shows in", "states", "steps", "by"}}
	for _, x := range all {
		if x.Case == "" {
			t.Add(x.Mutant.Name, "none of the small cases", "", "", "")
			continue
		}
		t.Add(x.Mutant.Name, x.Case, fmt.Sprint(x.States), fmt.Sprint(len(x.Way)), x.By)
	}
	return t
}
