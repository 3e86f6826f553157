package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model/space"
	"github.com/seed83d86191/txsim/model/spec"
	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/sim/explore"
)

type exploreFlags struct {
	scenarioFlags
	managers, depth, jobs, attempts int
	budget                          uint64
	within                          time.Duration
	memory                          quantity.Bytes // 0 is not given
	format, faults, output          string
	dir                             string // where the repro goes without --output
	refine, full, symmetry          bool
}

const exploreTimes = `What a client waits for is a timer as well: the time of a transaction that has one (@, or
arrivals), a backoff, a think time. With timeout=any it may be over at any moment, and
transactions come in their order. With timeout=N each that is over while anything else is
left is one of the N, and with timeout=0 a transaction with a time comes when all before it
is at rest, so that none meets another. Without times, as many as there are clients are
submitted at the beginning. The row clients says which.`

const exploreLess = `Two things leave out states, but no history at the end of a way, no step of a node and no
violation. What a node will ignore from then on, whatever happens, is not kept in flight,
and no timer waits for it: the search learns what is ignored, and begins again when it was
wrong. And steps that do the same in either order are taken in one, as far as persistent
sets show that, once no crash is left; not with --depth or --refine. --full visits
everything. That may be quicker where transactions are in conflict on three workers or
more and timeout=any: persistent sets then take more time than they save; with few
timeouts they save most of the states. For a shortest way to a violation, the search is
made again in all orders.`

func (a *app) exploreCommand() *cobra.Command {
	f := &exploreFlags{}
	c := &cobra.Command{
		Use:   "explore SCENARIO|FILE|SPEC",
		Short: "Visit every state of a small case, or of a published specification",
		Long: `Visit all ways that a small scenario can go, with the real coordinators and workers:
any message may be next, any timer may fire at any time, and as far as --faults goes
messages are lost or come twice and nodes crash, between two steps or at any point
within one. A scenario is one that txsim run takes, with up to ` + fmt.Sprint(space.MaxNodes-1) + ` nodes and a few
transactions; workers behind the last one that a transaction needs are left out, so are
coordinators that have none. A protocol of one's own may need them, and keeps the
coordinators, and the workers if that makes no more nodes: set --workers. There is no
time, no CPU, no shared machine and no chance. All invariants are checked. A
violation comes with a shortest way to it, and with -o as a repro for txsim replay.

` + exploreTimes + `

` + exploreLess + `

Or visit every state of a specification of atomic commitment as the TLA+ examples have
it: ` + strings.Join(spec.Names(), ", ") + `. The states and
the depth are those that the model checker TLC counts.

With --symmetry, states that differ only in who is who are one: workers that have the
same operations but for the names of keys, or managers and acceptors of a specification.
That workers do alike is checked at each step; if not, none are folded: see the summary.

Exit codes: 0 all visited and all invariants hold, 1 violated, 2 bad usage, 3 a bound was
hit, 4 a way was not deterministic, 130 interrupted.`,
		Example: `  txsim explore two.txt --faults crash=1,drop=1
  txsim explore two.txt --faults crash=1,timeout=1 --refine
  txsim explore twophase --managers 6
  txsim explore paxos-commit --managers 2 --format json`,
		Args: oneArgument("a scenario, a file or the name of a specification"),
		ValidArgsFunction: func(c *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
			names, d := completeScenarios(c, args, begun)
			return append(names, spec.Names()...), d
		},
		RunE: func(c *cobra.Command, args []string) error {
			if c.Flags().Changed("for") && f.within <= 0 {
				return fmt.Errorf("--for %v: must be positive", f.within)
			}
			if f.depth < 0 {
				return fmt.Errorf("--depth %d: expected 1 or more, or 0 for no bound", f.depth)
			}
			if slices.Contains(spec.Names(), args[0]) {
				return a.exploreSpec(c, f, args[0])
			}
			return a.exploreScenario(c, f, args[0])
		},
	}
	a.addExploreFlags(c, f)
	return c
}

func (a *app) addExploreFlags(c *cobra.Command, f *exploreFlags) {
	f.addSets(c, a.protocols)
	c.Flags().StringVar(&f.faults, "faults", "", "budget: crash=N, drop=N, duplicate=N, and timeout=N for timers that fire though\nsomething else could come first; default timeout=any")
	addInt(c, &f.attempts, "attempts", 1, "attempts of a transaction")
	c.Flags().StringVarP(&f.output, "output", "o", "", "write the repro of a violation to this file")
	c.Flags().BoolVar(&f.full, "full", false, "visit every state: keep messages that will be ignored, and take steps in\nall orders")
	c.Flags().BoolVar(&f.symmetry, "symmetry", false, "take states for one that differ only in who is who")
	addInt(c, &f.managers, "managers", 0, "resource managers of a specification; default 3, or as many as there may be")
	addInt(c, &f.depth, "depth", 0, "visit no state at a greater depth; 0 is no bound, and the default")
	addUint64(c, &f.budget, "budget", 0, "stop after the depth at which so many states are known; 0 is no bound,\nand the default")
	c.Flags().DurationVar(&f.within, "for", 0, "stop after this time, within a depth too: what was visited by then is not the same each\ntime")
	addMemory(c, &f.memory, "stop when the process holds so much, such as 8GiB; as that is looked at now and then\nand tables double, it may be twice as much, and is some 20MiB from the beginning; 0 is\nno bound; default three quarters of what the machine has, where that is known")
	addJobs(c, &f.jobs, "goroutines")
	c.Flags().BoolVar(&f.refine, "refine", false, "check too that every step is one of Transaction Commit, or none")
	choose(c, &f.format, "format", "table or json", "table", "json")
	a.addQuiet(c)
}

// noScenario refuses the flags that have no meaning for a specification.
func noScenario(c *cobra.Command, name string) error {
	known := []string{"managers", "depth", "budget", "for", "memory", "jobs", "symmetry", "refine", "format", "quiet", "help"}
	var err error
	c.Flags().Visit(func(f *pflag.Flag) {
		if err == nil && !slices.Contains(known, f.Name) {
			err = fmt.Errorf("--%s: %s is a specification: expected it with a scenario", f.Name, name)
		}
	})
	return err
}

// exploreProgress returns a function that reports on an exploration now and then.
func (a *app) exploreProgress() func(depth int, distinct uint64, frontier int) {
	last := time.Now()
	return func(depth int, distinct uint64, frontier int) {
		if time.Since(last) > 5*time.Second {
			last = time.Now()
			fmt.Fprintf(a.aside(), "txsim: depth %d, %s, %d to go on from\n", depth, analysis.Count(distinct, "state"), frontier)
		}
	}
}

// Causes of the end of an exploration's context.
var (
	errMemory = errors.New("the bound of --memory was hit")
	errTime   = errors.New("the time of --for is over")
	errDone   = errors.New("done")
)

// mostMemory returns how much memory an exploration may take, 0 if nothing bounds it.
func (f *exploreFlags) mostMemory() uint64 {
	if f.memory > 0 {
		return uint64(f.memory)
	}
	return machineMemory() / 4 * 3
}

// exploreCost begins to watch the memory of an exploration, and returns a context that ends
// when it takes too much, or too long. At the end of the exploration, told must be called with the
// number of states, for a line about its cost; 0 prints none.
func (a *app) exploreCost(f *exploreFlags) (ctx context.Context, told func(distinct uint64)) {
	timed, over := a.ctx, func() {}
	if f.within > 0 {
		timed, over = context.WithTimeoutCause(a.ctx, f.within, errTime)
	}
	ctx, cancel := context.WithCancelCause(timed)
	begin, stop := time.Now(), watchMemory(f.mostMemory(), func() { cancel(errMemory) })
	return ctx, func(distinct uint64) {
		most := stop()
		cancel(errDone)
		over()
		if took := time.Since(begin).Seconds(); distinct > 0 {
			fmt.Fprintf(a.aside(), "txsim: %.2f s, %.0f states a second, %.1f MiB of memory at most\n", took, float64(distinct)/took, float64(most)/(1<<20))
		}
	}
}

func (a *app) exploreSpec(c *cobra.Command, f *exploreFlags, name string) error {
	if err := noScenario(c, name); err != nil {
		return err
	}
	switch given := c.Flags().Changed("managers"); {
	case given && f.managers < 1:
		return fmt.Errorf("--managers %d: expected 1 or more", f.managers)
	case !given:
		f.managers = min(3, max(spec.Most(name), 1))
	}
	s, err := spec.New(name, f.managers)
	if err != nil {
		return err
	}
	if f.refine && !spec.Refines(s) {
		return fmt.Errorf("--refine: nobody says that %s refines Transaction Commit; expected twophase or paxos-commit", name)
	}
	if f.symmetry {
		s = spec.Folded{Spec: s}
	}
	o := explore.Options[spec.State]{Depth: f.depth, Budget: f.budget, Jobs: f.jobs, Progress: a.exploreProgress()}
	ctx, told := a.exploreCost(f)
	r := explore.Explore(ctx, s, s.Invariants(), o)
	x := explored(s, r, ended(ctx))
	if f.refine {
		x.refine(ctx, s, o)
	}
	told(r.Distinct)
	a.exitExplored(x.Verdict)
	if f.format == "json" {
		return analysis.WriteJSON(a.out, x, "")
	}
	_, err = fmt.Fprint(a.out, x.table())
	return err
}

// exitExplored sets the exit code of an exploration.
func (a *app) exitExplored(verdict string) {
	switch {
	case verdict == analysis.Invalid.String():
		a.code = exitInvalid
	case a.ctx.Err() != nil:
		a.code = exitInterrupted
	case verdict == analysis.Undecided.String():
		a.code = exitUnknown
	}
}

// searched is what explorations of specifications and of scenarios have in common, for
// programs.
type searched struct {
	Verdict     string `json:"verdict"`
	Distinct    uint64 `json:"distinct_states"`
	Transitions uint64 `json:"transitions"`
	Depth       int    `json:"depth"`
	Frontier    int    `json:"peak_frontier"`
	Bytes       uint64 `json:"fingerprint_bytes"`
	Exhausted   bool   `json:"exhausted"`
	Why         string `json:"not_exhausted,omitempty"` // why not all was seen
}

func newSearched[S any](verdict analysis.Verdict, r *explore.Result[S], why string) searched {
	return searched{verdict.String(), r.Distinct, r.Transitions, r.Depth, r.Frontier, r.Bytes, r.Exhausted, why}
}

// exploredSpec is the exploration of a specification, for programs.
type exploredSpec struct {
	Specification string `json:"specification"`
	Managers      int    `json:"managers"`
	searched
	Folded     bool     `json:"folded,omitempty"` // states that differ only in names count as one
	Collision  float64  `json:"collision_probability"`
	Invariants []string `json:"invariants"`
	Reached    *uint64  `json:"transaction_commit_states_reached,omitempty"` // if --refine was asked for
	Unrefined  string   `json:"unrefined,omitempty"`                         // why that was not checked, or not completely
	Violated   string   `json:"violated,omitempty"`
	Way        []string `json:"way,omitempty"`
}

// explored returns the result of an exploration that ended for this reason if it saw not all.
func explored(s spec.Spec, r *explore.Result[spec.State], ended string) *exploredSpec {
	switch {
	case r.Exhausted:
		ended = ""
	case r.Violation != nil:
		ended = firstViolation
	}
	x := &exploredSpec{
		Specification: s.Name(), Managers: s.Managers(),
		searched: newSearched(analysis.Undecided, r, ended), Collision: r.Collision(),
	}
	_, x.Folded = s.(spec.Folded)
	for _, v := range s.Invariants() {
		x.Invariants = append(x.Invariants, v.Name)
	}
	switch {
	case r.Violation != nil:
		x.broken(s, r.Violation)
	case r.Exhausted:
		x.Verdict = analysis.Valid.String()
	}
	return x
}

// broken prints how an invariant is broken.
func (x *exploredSpec) broken(s spec.Spec, v *explore.Violation[spec.State]) {
	x.Verdict, x.Violated = analysis.Invalid.String(), v.Invariant
	x.Way = []string{"initially: " + s.Text(v.Initial)}
	for _, step := range v.Steps {
		x.Way = append(x.Way, s.Action(step.Action)+": "+s.Text(step.State))
	}
}

// refine checks that the specification refines Transaction Commit.
func (x *exploredSpec) refine(ctx context.Context, s spec.Spec, o explore.Options[spec.State]) {
	if ctx.Err() != nil {
		x.unrefined(ctx)
		return
	}
	r := spec.Refine(ctx, s, o)
	switch {
	case r.Violation != nil && x.Violated == "":
		x.broken(s, r.Violation)
	case r.Violation == nil:
		x.Reached = &r.Reached
		if !r.Exhausted {
			x.unrefined(ctx)
		}
	}
}

// unrefined sets why it is not known whether Transaction Commit is refined.
func (x *exploredSpec) unrefined(ctx context.Context) {
	x.Unrefined = ended(ctx)
	if x.Violated == "" {
		x.Verdict = analysis.Undecided.String()
	}
}

func (x *exploredSpec) table() *analysis.Table {
	t := &analysis.Table{Header: []string{"exploration", ""}}
	t.Add("specification", x.Specification+", "+analysis.Count(x.Managers, "resource manager"))
	t.Add("states", fmt.Sprintf("%d distinct, %d at most at one depth", x.Distinct, x.Frontier))
	if x.Folded {
		t.Add("symmetry", "states that differ only in who is who are one")
	}
	t.Add("transitions", fmt.Sprint(x.Transitions))
	t.Add("depth", fmt.Sprint(x.Depth))
	t.Add("exhausted", exhaustedText("yes", x.Why))
	t.Add("fingerprints", fmt.Sprintf("64 bits, a collision went unnoticed with probability %.1g at most, %.1f MiB", x.Collision, float64(x.Bytes)/(1<<20)))
	t.Add("invariants", strings.Join(x.Invariants, " "))
	switch {
	case x.Reached != nil && x.Unrefined != "":
		t.Add("refines", fmt.Sprintf("TCommit, of which it reaches %s, as far as it was checked: %s", analysis.Count(*x.Reached, "state"), x.Unrefined))
	case x.Reached != nil:
		t.Add("refines", "TCommit, of which it reaches "+analysis.Count(*x.Reached, "state"))
	case x.Unrefined != "":
		t.Add("refines", "not checked: "+x.Unrefined)
	}
	t.Add("verdict", x.Verdict)
	t.AddLines(x.Violated+" broken by", x.Way)
	return t
}

// firstViolation is why an exploration that found a violation is not exhausted.
const firstViolation = "ended at the first violation"

// exhaustedText says whether an exploration is exhausted, and otherwise why not.
func exhaustedText(yes, why string) string {
	if why != "" {
		return "no: " + why
	}
	return yes
}

// ended returns why an exploration is not exhausted.
func ended(ctx context.Context) string {
	switch cause := context.Cause(ctx); cause {
	case errMemory, errTime:
		return cause.Error()
	case nil, errDone:
		return "a bound was hit"
	}
	return "interrupted"
}
