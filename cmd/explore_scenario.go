package cmd

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/model/spec"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/sim"
)

// loadCase returns the scenario to explore, with the budget of faults.
func (f *exploreFlags) loadCase(c *cobra.Command, name string) (*scenarios.Scenario, error) {
	if f.attempts < 1 {
		return nil, fmt.Errorf("--attempts %d: expected 1 or more", f.attempts)
	}
	if c.Flags().Changed("managers") {
		return nil, fmt.Errorf("--managers: %s is no specification: expected it with %s", input.Shown(name), input.Or(spec.Names()))
	}
	s, err := f.load(c, name)
	if err != nil {
		return nil, err
	}
	if c.Flags().Changed("schedule") && s.Schedule.Strategy != sim.Exhaustive {
		return nil, fmt.Errorf("--schedule %s: all orders are visited: expected exhaustive", s.Schedule)
	}
	if c.Flags().Changed("faults") {
		if s.Schedule.Budget, err = sim.ParseBudget(f.faults); err != nil {
			return nil, fmt.Errorf("--faults %w", err)
		}
	} else if s.Schedule.Strategy != sim.Exhaustive {
		s.Schedule.Budget = sim.DefaultBudget
	}
	return s, nil
}

func (a *app) exploreScenario(c *cobra.Command, f *exploreFlags, name string) error {
	s, err := f.loadCase(c, name)
	if err != nil {
		return err
	}
	if f.output != "" {
		if err := cmp.Or(a.besides("-o", f.output), checkFile(f.output, s.Inputs()...), forReplay(f.output)); err != nil {
			return err
		}
	}
	ctx, told := a.exploreCost(f)
	x, err := scenarios.Explore(ctx, s, a.protocols, scenarios.ExploreOptions{
		Depth: f.depth, States: f.budget, Jobs: f.jobs, Full: f.full, Symmetry: f.symmetry, Refine: f.refine, Attempts: f.attempts, Progress: a.exploreProgress(),
	})
	if err != nil {
		told(0)
		return err
	}
	told(x.Distinct)
	a.exitExplored(x.Verdict.String())
	repro := f.reproOf(x)
	if repro != "" {
		text := scenarios.ReproFile(x.Repro, input.FileWord(repro), x.Findings[0].Text, f.command(c, name))
		if err := writeOutput(repro, text, s.Inputs()...); err != nil {
			repro = "" // what was found is printed all the same
			fmt.Fprintf(a.err, "txsim: %v\n", err)
		}
	}
	if f.format == "json" {
		e := newExploredScenario(x, ended(ctx))
		if x.Unrefined {
			e.Unrefined = ended(ctx)
		}
		e.Repro = repro
		return analysis.WriteJSON(a.out, e, "")
	}
	text := explorationTable(x, ended(ctx)).String()
	if repro != "" {
		text += "\nreproduce with: txsim replay " + input.FileWord(repro) + "\n"
	}
	_, err = io.WriteString(a.out, text)
	return err
}

// reproOf returns the file for the repro of an exploration; "" if there is none.
func (f *exploreFlags) reproOf(x *scenarios.Exploration) string {
	switch {
	case x.Repro == nil:
		return ""
	case f.dir == "":
		return f.output
	}
	return filepath.Join(f.dir, scenarios.ReproName(x.Scenario.Name, x.Findings[0].Fingerprint()))
}

// command returns the command that explores again, or hunts.
func (f *exploreFlags) command(c *cobra.Command, name string) string {
	line := "txsim " + c.Name() + " " + input.FileWord(name) + f.parameters(c)
	for _, flag := range []string{"faults", "attempts", "depth", "budget", "full", "symmetry", "refine"} {
		switch g := c.Flags().Lookup(flag); {
		case g == nil || !g.Changed || g.Value.String() == "false":
		case g.Value.Type() == "bool":
			line += " --" + flag
		default:
			line += " --" + flag + " " + input.ShellWord(g.Value.String())
		}
	}
	return line
}

// exploredScenario is the exploration of a scenario, for programs.
type exploredScenario struct {
	Workers      int      `json:"workers"`
	LeftOut      int      `json:"workers_left_out,omitempty"` // which the protocol may need
	Coordinators int      `json:"coordinators"`
	Transactions []string `json:"transactions"`
	Schedule     string   `json:"schedule"`
	Timed        bool     `json:"timed,omitempty"` // the transactions have times, which are timers
	searched
	Exact      bool               `json:"exact"`
	Reduced    bool               `json:"reduced"`
	Persistent bool               `json:"persistent_sets"`
	Folded     [][]int            `json:"folded_workers,omitempty"`
	Unfolded   string             `json:"unfolded,omitempty"`          // why no workers are folded
	Livelocked *uint64            `json:"livelocked_states,omitempty"` // states from which no end can be reached without another fault; null if not computed
	Collision  float64            `json:"collision_probability"`
	Reactions  uint64             `json:"reactions,omitempty"`
	Histories  int                `json:"histories"`
	Checked    int                `json:"checked_runs"`
	Reached    []uint64           `json:"transaction_commit_states_reached,omitempty"` // by transaction, if --refine was asked for
	Unrefined  string             `json:"unrefined,omitempty"`                         // why that was not checked completely
	Findings   []analysis.Finding `json:"findings,omitempty"`
	Way        []string           `json:"way,omitempty"`
	Repro      string             `json:"repro,omitempty"`
}

func newExploredScenario(x *scenarios.Exploration, ended string) *exploredScenario {
	s := x.Scenario
	e := &exploredScenario{Workers: s.Workers, LeftOut: x.LeftOut, Coordinators: s.Coordinators, Transactions: s.Transactions.Inline, Schedule: s.Schedule.String(), Timed: x.Timed,
		searched: newSearched(x.Verdict, x.Result, unexhausted(x, ended)),
		Exact:    x.Exact, Reduced: x.Reduced, Persistent: x.Persistent, Folded: x.Folded, Unfolded: x.Unfolded, Collision: x.Collision(), Reactions: x.Reactions, Histories: x.Histories, Checked: x.Checked,
		Findings: x.Findings, Way: x.Way}
	if x.Livelock != nil {
		e.Livelocked = &x.Livelock.States
	}
	for _, r := range x.Refined {
		if r.Violation == nil {
			e.Reached = append(e.Reached, r.Reached)
		}
	}
	return e
}

// unexhausted returns why an exploration that ended for this reason has not seen all; "" if it
// has.
func unexhausted(x *scenarios.Exploration, ended string) string {
	switch {
	case len(x.Findings) > 0 && !x.Exhausted:
		return firstViolation
	case x.Violation != nil:
		return "a state breaks " + x.Violation.Invariant + ", and no run shows it"
	case !x.Exhausted:
		return ended
	case !x.Exact:
		return "nodes that are no sim.StateAppender are told apart by their past only in part"
	case x.Verdict == analysis.Undecided && !x.Unrefined:
		return ended + " before all runs were judged"
	}
	return ""
}

// clientsText says when transactions are submitted.
func clientsText(x *scenarios.Exploration) string {
	timeouts := x.Scenario.Schedule.Budget.Timeout
	switch n := len(x.Scenario.Transactions.Inline); {
	case x.Timed && timeouts == 0:
		return "submit each transaction when nothing else is left: its time is a timer, and timeout=0"
	case x.Timed && timeouts != sim.Unbounded:
		return fmt.Sprintf("submit each transaction when nothing else is left, or earlier by a timeout: its time is a timer, and timeout=%d", timeouts)
	case x.Timed:
		return "submit the transactions at any time, in their order"
	case x.Scenario.Clients < n:
		return fmt.Sprintf("submit %s at the beginning, and each of the others after an answer", analysis.Count(x.Scenario.Clients, "transaction"))
	}
	return "submit all transactions at the beginning"
}

func reducedText(x *scenarios.Exploration) string {
	switch {
	case !x.Reduced:
		return "no"
	case !x.Persistent:
		return "by messages that will be ignored"
	}
	return "by messages that will be ignored, and by persistent sets"
}

func explorationTable(x *scenarios.Exploration, ended string) *analysis.Table {
	s := x.Scenario
	t := &analysis.Table{Header: []string{"exploration", ""}}
	t.AddLines("transactions", s.Transactions.Inline)
	t.Add("clients", clientsText(x))
	format := model.Formatter{Coordinators: s.Coordinators, Workers: s.Workers}
	nodes := ""
	for n := range s.Coordinators + s.Workers {
		nodes += " " + format.Node(sim.NodeID(n))
	}
	if x.LeftOut > 0 {
		nodes += ", without " + analysis.Count(x.LeftOut, "worker") + " that the protocol may need: see --workers"
	}
	t.Add("nodes", nodes[1:])
	budget := s.Schedule.Budget
	t.Add("budget", fmt.Sprintf("crash=%d drop=%d duplicate=%d timeout=%s", budget.Crash, budget.Drop, budget.Duplicate, orAny(budget.Timeout)))
	t.Add("states", fmt.Sprintf("%d distinct, %d at most at one depth", x.Distinct, x.Frontier))
	t.Add("reduced", reducedText(x))
	if text := foldedText(x); text != "" {
		t.Add("symmetry", text)
	}
	transitions := fmt.Sprint(x.Transitions)
	if x.Reactions > 0 {
		transitions += ", of " + analysis.Count(x.Reactions, "reaction of single nodes")
	}
	t.Add("transitions", transitions)
	t.Add("depth", fmt.Sprint(x.Depth))
	t.Add("exhausted", exhaustedText("yes: all ways within the budget", unexhausted(x, ended)))
	t.Add("fingerprints", fmt.Sprintf("64 bits, an unnoticed collision has a probability of %.1g at most; %.1f MiB with ways", x.Collision(), float64(x.Bytes)/(1<<20)))
	t.Add("histories", fmt.Sprintf("%d different at the end of a way; %s judged", x.Histories, analysis.Count(x.Checked, "run")))
	switch l := x.Livelock; {
	case l != nil && l.States > 0:
		t.Add("livelock", fmt.Sprintf("no end can be reached from %s without another fault, the nearest at depth %d", analysis.Count(l.States, "state"), l.Depth))
	case l != nil:
		t.Add("livelock", "none: an end can be reached from every state, without another fault")
	case x.Exhausted:
		t.Add("livelock", "not looked for: there are too many transitions to keep")
	}
	addRefined(t, x, ended)
	t.Add("verdict", x.Verdict.String())
	for _, f := range x.Findings {
		t.Add("finding", f.Fingerprint()+": "+f.Text)
	}
	if x.Longer {
		t.Add("longer", "the way may not be a shortest one: the search for that hit the bound of states")
	}
	var way []string
	for i, line := range x.Way {
		way = append(way, fmt.Sprintf("%d. %s", i+1, line))
	}
	t.AddLines("way", way)
	return t
}

// addRefined adds for each transaction whether Transaction Commit is refined, if that is
// asked for.
func addRefined(t *analysis.Table, x *scenarios.Exploration, ended string) {
	for i, r := range x.Refined {
		text := fmt.Sprintf("TCommit for transaction %d, of which it reaches %s", i+1, analysis.Count(r.Reached, "state"))
		switch {
		case r.Violation != nil:
			text = fmt.Sprintf("not TCommit for transaction %d: %s", i+1, r.Violation.Invariant)
		case !r.Exhausted:
			text += ", as far as it was checked: " + ended
		}
		t.Add("refines", text)
	}
	if n := len(x.Refined); x.Unrefined && n < len(x.Scenario.Transactions.Inline) {
		t.Add("refines", fmt.Sprintf("not checked from transaction %d on: %s", n+1, ended))
	}
}

// foldedText returns which workers are folded; "" if folding was not asked for.
func foldedText(x *scenarios.Exploration) string {
	if x.Unfolded != "" {
		return "none: " + x.Unfolded
	}
	var parts []string
	for _, workers := range x.Folded {
		var names []string
		for _, w := range workers {
			names = append(names, fmt.Sprint("w", w))
		}
		parts = append(parts, strings.Join(names, " "))
	}
	if parts == nil {
		return ""
	}
	return "states that differ only in which is which of " + strings.Join(parts, ", or of ") + " are one, once no crash is left"
}

func orAny(n int) string {
	if n == sim.Unbounded {
		return "any"
	}
	return fmt.Sprint(n)
}
