package mutant

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
)

// small is a small case in which a mutant may show when all ways are visited.
type small struct {
	name     string
	txns     string // one a line
	budget   string // of faults
	attempts int    // of a transaction; 0 is one
	set      string // parameters that have to be other than in the mutant's scenario
	large    bool   // it may have largeCase times the states
}

const largeCase = 25

const (
	onePair   = "t1: w0 write x = 1; w1 write y = 1"
	twoPairs  = "t1: w0 write x = 1; w1 write y = 1\nt2: w0 write x = 2; w1 write y = 2"
	oneKey    = "t1: w0 write x = 1; w1 write y = 1\nt2: w0 write x = 2"
	readsBack = "t1: w0 write x = 1\nt2: w0 read x; w0 write x = 2"
	pairRead  = "t1: w0 write x = 1; w1 write y = 1\nt2: w0 read x"
	keyPair   = "t1: w0 write x = 2\nt2: w0 write x = 1; w1 write y = 1"
	overtaken = "t1: w0 read x; w1 write y = 1\nt2: w0 write x = 2\nt3: w1 read y"
)

// smallCases are the cases that Explore tries: one transaction before several, and few
// faults before more.
var smallCases = []small{
	{name: "one transaction", txns: onePair, budget: "timeout=1"},
	{name: "no early timeout", txns: onePair, budget: "timeout=0"},
	{name: "a crash", txns: onePair, budget: "crash=1,timeout=1"},
	{name: "a loss, a duplicate", txns: onePair, budget: "drop=1,duplicate=1,timeout=1"},
	{name: "a loss", txns: onePair, budget: "drop=1,timeout=0"},
	{name: "a crash amid operations", txns: "t1: w0 write x = 1; w1 write y = 1; w0 write z = 1", budget: "crash=1,timeout=0"},
	{name: "a second attempt", txns: oneKey, budget: "timeout=0", attempts: 2},
	{name: "a second attempt, a crash", txns: "t1: w0 write x = 1", budget: "crash=1,timeout=1", attempts: 2},
	{name: "one worker", txns: "t1: w0 write x = 1; w0 read x\nt2: w0 read x; w0 write x = 2", budget: "drop=1,duplicate=1,timeout=1"},
	{name: "one worker, a crash", txns: readsBack, budget: "crash=1,timeout=0", set: "coordinators=1"},
	{name: "one worker, in turn", txns: "t1: w0 read x\nt2: w0 write x = 2\nt3: w0 read x", budget: "timeout=0", set: "clients=1"},
	{name: "a deletion, in turn", txns: "t1: w0 write x = 1\nt2: w0 read x; w0 delete x\nt3: w0 read x", budget: "timeout=0", set: "clients=1"},
	{name: "a conflict", txns: oneKey, budget: "timeout=0"},
	{name: "a conflict, a crash", txns: oneKey, budget: "crash=1,timeout=0"},
	{name: "a conflict, a duplicate", txns: oneKey, budget: "duplicate=1,timeout=0"},
	{name: "two writers", txns: twoPairs, budget: "timeout=0"},
	{name: "a reader", txns: "t1: w0 write x = 1; w1 write y = 1\nt2: w0 read x; w1 read y", budget: "timeout=0"},
	{name: "crossed", txns: "t1: w0 read x; w1 write y = 1\nt2: w0 write x = 2; w1 read y", budget: "timeout=0"},
	{name: "two writers, a timeout", txns: twoPairs, budget: "timeout=1"},
	{name: "read in turn", txns: pairRead, budget: "timeout=0", set: "clients=1 coordinators=1"},
	{name: "read in turn, a crash", txns: pairRead, budget: "crash=1,timeout=0", set: "clients=1 coordinators=1"},
	{name: "the older one alone", txns: keyPair, budget: "timeout=0", set: "coordinators=1"},
	{name: "the older one alone, a second attempt", txns: keyPair, budget: "timeout=0", attempts: 2, set: "coordinators=1"},
	{name: "the older one alone, a duplicate", txns: keyPair, budget: "duplicate=1,timeout=0", set: "coordinators=1"},
	{name: "a loss, to all ends", txns: onePair, budget: "drop=1,timeout=0", large: true},
	{name: "overwritten in turn", txns: twoPairs + "\nt3: w0 read x; w1 read y", budget: "timeout=0", set: "clients=1 coordinators=1 concurrency=wound-wait", large: true},
	{name: "overwritten in turn, a crash", txns: onePair + "\nt2: w0 write x = 2\nt3: w0 read x", budget: "crash=1,timeout=0", set: "clients=1 coordinators=1", large: true},
	{name: "a reader overtaken", txns: overtaken, budget: "timeout=1", set: "coordinators=1", large: true},
	{name: "a reader overtaken, a crash", txns: overtaken, budget: "crash=1,timeout=0", set: "coordinators=1", large: true},
}

// Explored is the result of exploring the small cases of a mutant.
type Explored struct {
	Mutant Mutant
	Case   string // the first case that shows it; "" if none does
	States uint64 // states visited in that case until it showed, or in all cases if it never does
	Way    []string
	By     string // what showed it, as Shown has it
}

// Explore visits the ways of small cases until one of them shows the mutant, as it must be
// found or in another way; the way to it is then a shortest one of that case. Of each case
// it visits at most this many states, of the large ones 25 times as many.
func Explore(ctx context.Context, m Mutant, states uint64) (Explored, error) {
	visited := uint64(0)
	for _, c := range smallCases {
		s, err := c.scenario(&m)
		if err != nil {
			return Explored{}, err
		}
		most := states
		if c.large {
			most *= largeCase
		}
		x, err := scenarios.Explore(ctx, s, []model.Protocol{m.Protocol}, scenarios.ExploreOptions{States: most, Attempts: c.attempts, Jobs: 1})
		switch {
		case ctx.Err() != nil:
			return Explored{}, ctx.Err()
		case err != nil:
			return Explored{}, fmt.Errorf("%s, %s: %w", m.Name, c.name, err)
		case x.Verdict == analysis.Invalid:
			f := x.Findings[0]
			f.Shape = ""
			return Explored{m, c.name, x.Distinct, x.Way, f.Fingerprint()}, nil
		}
		visited += x.Distinct
	}
	return Explored{Mutant: m, States: visited}, nil
}

// scenario returns the case's scenario for a mutant.
func (c *small) scenario(m *Mutant) (*scenarios.Scenario, error) {
	s := m.Scenario()
	s.Faults, s.Arrivals, s.Clients = nil, scenarios.Default().Arrivals, 2
	s.Transactions = scenarios.Transactions{Inline: strings.Split(c.txns, "\n")}
	if s.Workers = 1; strings.Contains(c.txns, "w1") { // others would have no part in it
		s.Workers = 2
	}
	if err := s.Apply(strings.Fields(c.set)...); err != nil {
		return nil, err
	}
	return s, s.Set("schedule", "exhaustive:"+c.budget)
}

// ExploreAll explores each mutant, several at a time. A result without a name was left out
// by an error or an interrupt.
func ExploreAll(ctx context.Context, mutants []Mutant, o Options) ([]Explored, error) {
	all, errs := make([]Explored, len(mutants)), make([]error, len(mutants))
	o.each(ctx, len(mutants), func(i int) { all[i], errs[i] = Explore(ctx, mutants[i], o.States) })
	return all, cmp.Or(ctx.Err(), errors.Join(errs...))
}

// Steps returns how many steps show the mutant, or in how many states it does not show.
func (x *Explored) Steps() string {
	switch {
	case x.Mutant.Name == "":
		return ""
	case x.Case == "":
		return fmt.Sprintf("none of %d", x.States)
	}
	return fmt.Sprint(len(x.Way))
}

// ExploredTable has a row for each mutant.
func ExploredTable(all []Explored) *analysis.Table {
	t := &analysis.Table{Header: []string{"mutant", "shows in", "states", "steps", "by"}}
	for _, x := range all {
		switch {
		case x.Mutant.Name == "":
			continue
		case x.Case == "":
			t.Add(x.Mutant.Name, "none of the small cases", fmt.Sprint(x.States), "", "")
			continue
		}
		t.Add(x.Mutant.Name, x.Case, fmt.Sprint(x.States), fmt.Sprint(len(x.Way)), x.By)
	}
	return t
}
