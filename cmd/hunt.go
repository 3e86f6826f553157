package cmd

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/sim"
)

// huntFlags are the flags of hunt.
type huntFlags struct {
	scenarioFlags
	seeds     string
	jobs      int
	keepGoing bool
	oracles   bool
	within    time.Duration
	output    string
	format    string
}

func (a *app) huntCommand() *cobra.Command {
	f := &huntFlags{}
	c := &cobra.Command{
		Use:   "hunt SCENARIO|FILE|-",
		Short: "Run many seeds and gather what is violated, with a repro of each kind",
		Long: `Run a scenario with one seed after another, on all processors, until one shows a
violation; with --keep-going, all of them. Findings are gathered by their
fingerprint: what is violated and in which shape. For each, the first run that
showed it becomes a repro, a file for txsim replay and txsim shrink. That a node panics
is a finding too.

--swarm draws for each seed which kinds of faults there are and how many, besides
those of the scenario: none outside the model, none between clients and coordinators,
and none to messages about no transaction. Nodes crash at times, at what they send,
receive and log, of kinds of a protocol's own too, and in recoveries and checkpoints. For
one seed in three it lowers workload.keys to 1 to 8, if transactions are generated, and
for one in three disk.checkpoint to 200 to 3200 bytes. For one in four it draws the shape
of generated transactions, if their kind does: operations, workers, single, reads and
deletes. For one in six it sets timeouts.prepare to never, half of the times all other
timeouts too, and draws few keys and no fault that could then block a sound protocol: a
timeout would resolve a deadlock, which so is found. It never does where the scenario's
own faults or network.loss may lose something. For one in eight it bounds what is not
bounded, one of resources.staging (16 to 1023 bytes), resources.keys (1 to 31) and
disk.capacity (1 to 16 KiB), unless retry.attempts is more than 32; that nothing can
commit then is no violation. For one in eight it lowers timeouts.answer to 1/64 to 1/2 of
what it is, and for one in eight it sets placement to another. Faults end after a quarter
of limits.time at the latest (limits.faults), so that a run comes to rest that they would
not let end. No other parameter varies, but for until, see txsim help faults: hunt with
others by --set.
The table of faults says how often each kind struck, and whether the run would have been
another without.

With the schedule exhaustive, and neither --seeds nor --for, all ways are visited
instead, as by txsim explore, and the repro of a violation is left in the directory;
with them, each seed takes one. That schedule has a budget of faults, and no --swarm.

The output is the same whatever the number of jobs. With --for, how many seeds are
done depends on the machine; nothing else does.

Exit codes: 0 nothing found, 1 found, 3 a bound was hit, no run was finished or the
judges disagree, 4 a run was not deterministic, 130 interrupted; what was finished is
printed.`,
		Example: `  txsim hunt bank --seeds 1-10000 --swarm
  txsim hunt ycsb --swarm --for 10m --keep-going
  txsim hunt my.yaml --seeds 1-500 --set network.loss=5% -o found`,
		Args: oneArgument("a scenario, a file or -"), ValidArgsFunction: completeScenarios,
		RunE: func(c *cobra.Command, args []string) error { return a.hunt(c, f, args[0]) },
	}
	f.addParameters(c, a.protocols)
	c.Flags().StringVar(&f.seeds, "seeds", "", "the seeds to run, first-last; default 1-1000, with --for all from 1 on")
	addJobs(c, &f.jobs, "runs at a time")
	c.Flags().BoolVar(&f.oracles, "oracles", false, "have each history judged by two more, independent of the first: that they agree tests the judges")
	c.Flags().BoolVar(&f.keepGoing, "keep-going", false, "run all seeds, not only up to the first violation")
	c.Flags().DurationVar(&f.within, "for", 0, "begin no more runs after this time")
	c.Flags().StringVarP(&f.output, "output", "o", "repros", "directory for the repros of what is found")
	a.addQuiet(c)
	choose(c, &f.format, "format", "table or json", "table", "json")
	return c
}

// parseSeeds reads seeds; from says where they are given.
func parseSeeds(from, text string) (first, last uint64, err error) {
	if first, last, err = quantity.ParseSeeds(text); err != nil {
		err = fmt.Errorf("%s %s: %w", from, input.ShellWord(text), err)
	}
	return first, last, err
}

func (f *huntFlags) options(a *app, c *cobra.Command) (o scenarios.HuntOptions, err error) {
	o = scenarios.HuntOptions{First: 1, Last: 1000, Jobs: f.jobs, Swarm: f.swarm, KeepGoing: f.keepGoing, Oracles: a.oracles(f.oracles)}
	timed := c.Flags().Changed("for")
	switch {
	case f.seeds != "":
		if o.First, o.Last, err = parseSeeds("--seeds", f.seeds); err != nil {
			return o, err
		}
	case timed:
		o.Last = math.MaxUint64
	}
	if timed && f.within <= 0 {
		return o, fmt.Errorf("--for %v: must be positive", f.within)
	}
	for _, set := range f.sets {
		if strings.HasPrefix(set, "seed=") {
			return o, fmt.Errorf("--set %s: a hunt runs those of --seeds", input.ShellWord(set))
		}
	}
	return o, nil
}

func (a *app) hunt(c *cobra.Command, f *huntFlags, name string) error {
	o, err := f.options(a, c)
	if err != nil {
		return err
	}
	s, err := f.load(c, name)
	if err != nil {
		return err
	}
	exhaustive := s.Schedule.Strategy == sim.Exhaustive
	if exhaustive && f.swarm {
		return errors.New("--swarm: the schedule exhaustive has a budget of faults instead: expected exhaustive:crash=1, say")
	}
	if c.Flags().Changed("output") {
		if err := checkDir(f.output); err != nil {
			return err
		}
	}
	if exhaustive && f.seeds == "" && f.within == 0 {
		return a.huntWays(c, f, name)
	}
	job, err := s.OpenContext(a.ctx, a.protocols, a.in)
	if err != nil {
		return err
	}
	defer job.Close()
	if f.within > 0 {
		enough := make(chan struct{})
		o.Enough = enough
		defer time.AfterFunc(f.within, func() { close(enough) }).Stop()
	}
	defer lazyCollector()()
	p := a.newProgress("runs")
	p.within = f.within
	o.Progress = p.report
	h, err := job.Hunt(a.ctx, o)
	p.end()
	command := func(seed uint64) string { return f.line(c, name, seed) }
	if err != nil {
		return a.noHunt(err, command)
	}
	names := scenarios.HuntNames{Command: command, Repros: a.writeRepros(f.output, h, command, s.Inputs())}
	if f.seeds == "" && f.within > 0 {
		names.Ended = f.ended(a.ctx)
	}
	a.code = huntCode(h, a.ctx.Err() != nil)
	if f.format == "json" {
		return h.WriteJSON(a.out, names)
	}
	return h.Write(a.out, names)
}

// ended returns why no more runs are made.
func (f *huntFlags) ended(ctx context.Context) string {
	if ctx.Err() != nil {
		return "interrupted"
	}
	return fmt.Sprintf("ended after %v", f.within)
}

// noHunt returns the error of a hunt that has failed.
func (a *app) noHunt(err error, command func(seed uint64) string) error {
	if wrong, ok := errors.AsType[*scenarios.Disagreed](err); ok {
		a.code = exitUnknown
		_, err = fmt.Fprintf(a.out, "TOOL ERROR %v\nreproduce with: %s --oracles\n", wrong, command(wrong.Seed))
	}
	return err
}

// huntWays explores all ways of a scenario with an exhaustive schedule, instead of running
// seeds.
func (a *app) huntWays(c *cobra.Command, f *huntFlags, name string) error {
	for _, flag := range []string{"oracles", "keep-going"} {
		if c.Flags().Changed(flag) {
			return fmt.Errorf("--%s: all ways are visited, once: expected --seeds or --for with it", flag)
		}
	}
	x := &exploreFlags{scenarioFlags: f.scenarioFlags, attempts: 1, jobs: f.jobs, format: f.format, dir: f.output}
	return a.exploreScenario(c, x, name)
}

func huntCode(h *scenarios.Hunted, interrupted bool) int {
	switch {
	case len(h.Found) > 0:
		return exitInvalid
	case interrupted && !h.Complete:
		return exitInterrupted
	case h.Unknown > 0 || h.Done == 0:
		return exitUnknown
	}
	return exitValid
}

// writeRepros writes a file to the directory for each finding that has a repro, and returns
// those that it could write. An error does not keep findings from being reported.
func (a *app) writeRepros(dir string, h *scenarios.Hunted, command func(seed uint64) string, inputs []string) map[*scenarios.Found]string {
	written := map[*scenarios.Found]string{}
	for _, f := range h.Found {
		if f.Repro == nil {
			continue
		}
		file := filepath.Join(dir, scenarios.ReproName(h.Scenario.Name, f.Fingerprint))
		text := scenarios.ReproFile(f.Repro, input.FileWord(file), f.Finding.String(), command(f.Seed))
		if err := writeOutput(file, text, inputs...); err != nil {
			fmt.Fprintf(a.err, "txsim: %v\n", err)
			continue
		}
		written[f] = file
	}
	return written
}
