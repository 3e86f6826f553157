package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/mutant"
)

// mutantsFlags are the flags of mutants.
type mutantsFlags struct {
	seeds, hunts, jobs int
	only, sets         []string
	list, fuzz         bool
	explore            bool
	states             uint64
	format             string
}

func (a *app) mutantsCommand() *cobra.Command {
	f := &mutantsFlags{}
	c := &cobra.Command{
		Use:   "mutants",
		Short: "Hunt for planted bugs: does the analysis find them?",
		Long: `Run protocols with a bug planted in them, each in a small scenario in which it can
show, and count the seeds until the analysis finds it. Each hunt has seeds of its
own; the table has the median and the 95th percentile over the hunts, and of the
hunts by another schedule (txsim help schedules) the median. The sound
protocol runs beside each mutant, with the same scenario and seeds: it is the
control, and nothing may be found in it.

The scenario of a mutant has the name of its protocol, to run it and to watch it:
txsim run mutant:early-vote; with --protocol presumed-abort, without the bug.

With --fuzz the mutants are hunted as go test -fuzz does (scenarios.Fuzz), each hunt
with at most --seeds runs: the bytes are random; or other inputs are changed; or those
are that made the protocol do something rare. Nothing is judged: it compares the three.

The column exhaustive leaves nothing to seeds: small cases are explored (txsim explore),
at most --states states of each, and of a few 25 times as many, until one shows the
mutant; it says how many steps that takes at least, or of how many states none did.
--explore has only that, and says in which case and by what. What is late there never
comes, for there is no time.

Exit codes: 0 if every mutant is found in 95 % of the hunts and the control is
clean, 2 bad usage, 130 if interrupted, with the table of what was finished, else 1.`,
		Example: `  txsim mutants
  txsim mutants --list
  txsim mutants --only early-vote,used-ids --hunts 1 --seeds 10
  txsim run mutant:released-early --seed 3`,
		Args: noArgument,
		RunE: func(*cobra.Command, []string) error { return a.mutants(f) },
	}
	addInt(c, &f.seeds, "seeds", 100, "how many seeds a hunt may take")
	addInt(c, &f.hunts, "hunts", 20, "hunts for each mutant")
	addJobs(c, &f.jobs, "hunts at a time")
	c.Flags().StringSliceVar(&f.only, "only", nil, "only these mutants, by name")
	c.Flags().StringArrayVar(&f.sets, "set", nil, "set a parameter of their scenarios by its path, the value in YAML: workers=8; who refuses it is left out")
	c.Flags().BoolVar(&f.list, "list", false, "list the mutants: what is wrong, who does so, what must be found")
	c.Flags().BoolVar(&f.fuzz, "fuzz", false, "compare inputs of a fuzzer instead: random bytes, and guided by what the protocol is made to do")
	c.Flags().BoolVar(&f.explore, "explore", false, "only visit all ways of small cases, and tell more of it")
	addUint64(c, &f.states, "states", 5000, "how many states of each small case to visit; 0 explores none")
	a.addQuiet(c)
	choose(c, &f.format, "format", "table or json", "table", "json")
	var names []string
	for _, m := range mutant.All() {
		names = append(names, m.Name)
	}
	oneOf(c, "only", names...)
	offerPaths(c)
	return c
}

func (a *app) mutants(f *mutantsFlags) error {
	if f.list && f.fuzz || f.list && f.explore || f.fuzz && f.explore {
		return errors.New("mutants: expected one of --list, --fuzz and --explore")
	}
	if f.explore && f.states == 0 {
		return errors.New("--explore --states 0: expected 1 or more")
	}
	for _, n := range []struct {
		flag  string
		value int
	}{{"seeds", f.seeds}, {"hunts", f.hunts}} {
		if n.value < 1 {
			return fmt.Errorf("--%s %d: expected 1 or more", n.flag, n.value)
		}
	}
	all, err := a.chosenMutants(f.only, f.sets)
	if err != nil {
		return err
	}
	if f.list {
		return a.listMutants(all, f.format)
	}
	defer lazyCollector()()
	if f.fuzz {
		return a.fuzzMutants(all, f)
	}
	if f.explore {
		return a.exploreMutants(all, f)
	}
	p := a.newProgress("hunts")
	r, err := mutant.Measure(a.ctx, all, mutant.Options{Seeds: f.seeds, Hunts: f.hunts, Jobs: f.jobs, Progress: p.report})
	p.end()
	if err := a.interrupted(err); err != nil {
		return err
	}
	if f.states > 0 && a.code != exitInterrupted {
		if r.Explored, err = a.exploreAll(all, f); err != nil {
			return err
		}
	}
	if err := a.print(r.Table(), f.format); err != nil {
		return err
	}
	if !r.Clean() && (a.code != exitInterrupted || len(r.Accused) > 0) {
		a.code = exitInvalid
	}
	a.survived(r, f)
	return nil
}

// interrupted prints, if the error is an interrupt, that the table covers only what was
// finished. It returns any other error.
func (a *app) interrupted(err error) error {
	if !errors.Is(err, context.Canceled) {
		return err
	}
	a.code = exitInterrupted
	fmt.Fprintln(a.err, "txsim: interrupted: the table is of what was finished")
	return nil
}

// fuzzMutants compares ways of choosing the bytes of a fuzzer.
func (a *app) fuzzMutants(all []mutant.Mutant, f *mutantsFlags) error {
	p := a.newProgress("hunts")
	r, err := mutant.MeasureFuzz(a.ctx, all, mutant.Options{Seeds: f.seeds, Hunts: f.hunts, Jobs: f.jobs, Progress: p.report})
	p.end()
	if err := a.interrupted(err); err != nil {
		return err
	}
	return a.print(r.Table(), f.format)
}

// exploreMutants explores small cases of the mutants.
func (a *app) exploreMutants(all []mutant.Mutant, f *mutantsFlags) error {
	explored, err := a.exploreAll(all, f)
	if err != nil {
		return err
	}
	return a.print(mutant.ExploredTable(explored), f.format)
}

// exploreAll explores the mutants.
func (a *app) exploreAll(all []mutant.Mutant, f *mutantsFlags) ([]mutant.Explored, error) {
	p := a.newProgress("mutants explored")
	explored, err := mutant.ExploreAll(a.ctx, all, mutant.Options{Jobs: f.jobs, States: f.states, Progress: p.report})
	p.end()
	return explored, a.interrupted(err)
}

// chosenMutants returns the mutants of these names, with parameters set; all whose scenarios
// take them if there are no names, and says which do not.
func (a *app) chosenMutants(names, sets []string) ([]mutant.Mutant, error) {
	some := mutant.All()
	if names != nil {
		some = nil
	}
	for _, name := range names {
		m, ok := mutant.Find(name)
		if !ok {
			return nil, fmt.Errorf("--only %s: no such mutant; see txsim mutants --list", input.ShellWord(name))
		}
		some = append(some, m)
	}
	var (
		chosen []mutant.Mutant
		refuse []string
		why    error
	)
	for _, m := range some {
		set, err := m.With(sets...)
		if err == nil {
			chosen = append(chosen, set)
			continue
		}
		refuse, why = append(refuse, m.Name), cmp.Or(why, err)
	}
	if len(refuse) > 0 {
		if names != nil || len(chosen) == 0 {
			return nil, fmt.Errorf("--set: mutant %s: %w", refuse[0], why)
		}
		fmt.Fprintf(a.err, "txsim: left out, as their scenarios refuse --set: %s (%v)\n", strings.Join(refuse, ", "), why)
	}
	return chosen, nil
}

func (a *app) listMutants(all []mutant.Mutant, format string) error {
	t := &analysis.Table{Header: []string{"mutant", "of", "must be found by", "what it does wrong", "who does so"}}
	for _, m := range all {
		t.Add(m.Name, m.Sound.Name(), strings.Join(m.Expect, " or "), m.Sentence, m.Origin)
	}
	return a.print(t, format)
}

// maxAccusations bounds the findings about the control that are printed.
const maxAccusations = 20

// survived prints to stderr what is wrong with the result and how to reproduce it.
func (a *app) survived(r *mutant.Report, f *mutantsFlags) {
	for _, m := range r.Survivors() {
		if a.ctx.Err() != nil {
			break // some hunts were not finished
		}
		fmt.Fprintf(a.err, "txsim: %s survived; reproduce with: txsim mutants --only %[1]s --seeds %d --hunts %d%s\n", m.Name, f.seeds, f.hunts, setFlags(f.sets))
	}
	for i, c := range r.Accused {
		if i == maxAccusations {
			fmt.Fprintf(a.err, "txsim: and %s more about the control\n", analysis.Count(len(r.Accused)-i, "finding"))
			break
		}
		m, _ := mutant.Find(c.Mutant)
		fmt.Fprintf(a.err, "txsim: the control is accused: %s; reproduce with: txsim run %s --seed %d --protocol %s%s\n",
			c.Finding, m.Protocol.Name(), c.Seed, m.Sound.Name(), c.Flags)
	}
}
