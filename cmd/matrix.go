package cmd

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/input"
)

// matrixFlags are the flags of matrix.
type matrixFlags struct {
	scenarioFlags
	o      scenarios.MatrixOptions
	down   []string
	format string
}

func (a *app) matrixCommand() *cobra.Command {
	f := &matrixFlags{}
	c := &cobra.Command{
		Use:   "matrix SCENARIO|FILE|-",
		Short: "Crash every node at every step of one transaction, one at a time",
		Long: `Run the first transactions of a scenario once to list what one of them passes:
each send, receipt, append, sync, lock and install, at its coordinator and its
workers. Then run it once for each cell: a crash before it, and after it, by what
becomes of the log's unsynced tail, and by how long the node is down:

  lost    the tail is lost
  torn    so it is, but for a part of its first record
  clean   the device has just written all of it, and the node has not heard of it
  never   the node is dead for good, after any of these

A boundary where nothing is unsynced is struck once, as lost. The same is done
before and after each step of taking a checkpoint, with many of them; within each
recovery that follows, with a second crash of the node; and with --pairs, for a
sample of any two crashes. The scenario's own faults are left out.

What a crash does to other transactions shows only where these meet the one that
is struck: few workers, few keys, and --first 6 or so, make sure of that.

A cell survives if all invariants hold and all comes to rest. What stays open
because a node is dead for good is counted as blocked, and is no violation. Classes
of boundaries that no cell strikes are listed: of those nothing is said.

Exit codes: 0 all cells survived, 1 one did not, 3 a bound was hit, 4 a run was not
deterministic, 130 interrupted; what was finished is printed.`,
		Example: `  txsim matrix bank
  txsim matrix bank --protocol presumed-commit --execution interactive --pairs 5000
  txsim matrix bank --first 6 --workers 3 --set workload.workers=2 --set workload.keys=2
  txsim matrix orders.txt --transaction pay --down 1ms,1s`,
		Args: oneArgument("a scenario, a file or -"), ValidArgsFunction: completeScenarios,
		RunE: func(c *cobra.Command, args []string) error { return a.matrix(c, f, args[0]) },
	}
	f.add(c, a.protocols)
	must(c.Flags().MarkHidden("swarm"))
	c.Flags().StringVar(&f.o.Transaction, "transaction", "", "id of the transaction; default the first that commits")
	addInt(c, &f.o.First, "first", 3, "run only so many of the scenario's transactions, 0 for all")
	c.Flags().StringSliceVar(&f.down, "down", []string{"2ms", "300ms"}, "how long a crashed node is down, besides for ever")
	addInt(c, &f.o.Pairs, "pairs", 1000, "how many pairs of crashes to draw")
	addInt(c, &f.o.Cells, "cells", 0, "at most so many cells of each stage, evenly spread; default all")
	addJobs(c, &f.o.Jobs, "runs at a time")
	a.addQuiet(c)
	choose(c, &f.format, "format", "table or json", "table", "json")
	return c
}

// check refuses flags that contradict each other.
func (f *matrixFlags) check() error {
	for _, n := range []struct {
		name  string
		value int
	}{{"first", f.o.First}, {"pairs", f.o.Pairs}, {"cells", f.o.Cells}} {
		if n.value < 0 || n.value > 1e8 {
			return fmt.Errorf("--%s %d: must be 0 to 100000000", n.name, n.value)
		}
	}
	if f.swarm {
		return errors.New("--swarm: a matrix has no faults but its own")
	}
	f.o.Down = []time.Duration{}
	for _, text := range f.down {
		d, err := time.ParseDuration(strings.TrimSpace(text))
		if err != nil || d < 0 {
			return fmt.Errorf("--down %s: expected durations such as 2ms,300ms", input.ShellWord(text))
		}
		f.o.Down = append(f.o.Down, d)
	}
	return nil
}

func (a *app) matrix(c *cobra.Command, f *matrixFlags, name string) error {
	if err := f.check(); err != nil {
		return err
	}
	s, err := f.load(c, name)
	if err != nil {
		return err
	}
	job, err := s.OpenContext(a.ctx, a.protocols, a.in)
	if err != nil {
		return err
	}
	defer job.Close()
	f.o.Seed = s.Seed
	defer lazyCollector()()
	p := a.newProgress("cells")
	f.o.Progress = p.report
	r, err := scenarios.Matrix(a.ctx, job, f.o)
	p.end()
	if err != nil {
		return err
	}
	a.code = matrixCode(r)
	command := func(sets []string) string {
		cell := f.scenarioFlags
		cell.sets = append(slices.Clip(cell.sets), sets...)
		return cell.line(c, name, s.Seed)
	}
	if f.format == "json" {
		return r.WriteJSON(a.out, command)
	}
	return r.Write(a.out, command)
}

func matrixCode(r *scenarios.MatrixResult) int {
	switch {
	case len(r.Failures) > 0:
		return exitInvalid
	case r.Done < r.Cells:
		return exitInterrupted
	case r.Unknown > 0:
		return exitUnknown
	}
	return exitValid
}
