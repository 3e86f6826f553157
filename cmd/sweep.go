package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/analysis/results"
	"github.com/seed83d86191/txsim/scenarios"
)

const sweepHelp = `Run a scenario with each combination of the values that --vary gives, a cell, and
each cell with the same seeds. All cells of a seed meet the same arrivals, keys,
delays and faults as far as they are common, so that differences between cells are
paired. Every run is checked; a cell with a run that is not valid shows no figures.

Values stand between commas; ranges are 1..64*2 (times 2), 0..0.9+0.3 (plus 0.3) and
0ms..50ms+10ms. --plan reads the same from a file:

  scenario: ycsb
  set: [clients=16]
  vary:
    protocol: [presumed-abort, presumed-commit]
    workload.theta: 0..0.9+0.3
  seeds: 1-20

Flags go over the plan: --vary over its values and its setting of the same parameter. A
parameter that is varied, by the plan or by --vary, is refused beside a flag that sets it.

--until-precision 2% adds seeds to each cell until the mean of its throughput, or of the
first --metric, is known to 2 % (Student's interval at 95 %), looking at 10, 20, 40 …
seeds, up to the last of --seeds, or to 320 without. How many seeds that takes is known only
when all are in, so that it is not for --shard.

With -o, each result is a line of that file, written as it comes. The same call again
runs only what is missing there, and the cheapest of the runs that are there once more:
what another build of txsim or of the protocol made is refused.

Figures are those behind the warm-up, which MSER-5 finds in the latencies of the commits
and which ends before the first planned fault, and before the drain, which begins with
the last submission; latencies are those of what is submitted in between. Where the
warm-up is more than half of the commits or of the time, or submissions and answers in
between differ by more than a tenth, as beyond saturation, the run is not steady; nor is
a closed loop with less than five answers for each client before the drain, or out of
balance by a tenth in its clients, by Little's law. The figures of a run that is not
steady are those of the whole run, and of an open loop without its drain. Those of "run"
are of the whole run always, the throughput up to the last answer.

Exit codes: 0 all runs valid, 1 a run violated an invariant, 2 bad usage or input, 3 a
run hit a bound, 130 interrupted; the file holds what was finished.`

func (a *app) sweepCommand() *cobra.Command {
	f := &sweepFlags{seedsFrom: "--seeds", warmFrom: "--warmup"}
	c := &cobra.Command{
		Use:   "sweep SCENARIO|FILE",
		Short: "Run a scenario over many values of its parameters and report throughput and latency",
		Long:  sweepHelp,
		Example: `  txsim sweep ycsb --vary protocol=presumed-abort,presumed-commit --vary workload.theta=0,0.6,0.9
  txsim sweep bank --vary clients=1..64*2 --seeds 1-20 -o bank.jsonl
  txsim report bank.jsonl --format markdown`,
		Args: func(c *cobra.Command, args []string) error {
			if f.plan != "" {
				return noArgument(c, args)
			}
			return oneArgument("a scenario or a file")(c, args)
		},
		ValidArgsFunction: completeScenarios,
		RunE:              func(c *cobra.Command, args []string) error { return a.sweep(c, f, args) },
	}
	f.addParameters(c, a.protocols)
	must(c.Flags().MarkHidden("swarm"))
	f.add(c)
	a.addQuiet(c)
	f.view.add(c)
	return c
}

func (a *app) sweep(c *cobra.Command, f *sweepFlags, args []string) error {
	if f.swarm {
		return errors.New("--swarm: a sweep runs the same faults in every cell; expected faults of the scenario")
	}
	name, err := f.readPlan(c, args)
	if err != nil {
		return err
	}
	s, err := f.sweep(c, name)
	if err != nil {
		return err
	}
	if err := s.Open(a.ctx, a.protocols); err != nil {
		return err
	}
	defer s.Close()
	file := strings.TrimSuffix(filepath.Base(name), filepath.Ext(name))
	head := &results.Header{
		Version: scenarios.Version, Hash: s.Hash(), Name: cmp.Or(s.Scenario.Name, file), Command: f.command(c, name),
		Scenario: string(s.Scenario.YAML()), Content: s.Content(),
		Rule: results.Rule{Precision: f.precision, PrecisionMetric: s.PrecisionMetric}}
	if s.Precision == 0 {
		head.Runs = int(s.Total())
	}
	if err := f.view.check(head, s); err != nil {
		return err // fail before the first run
	}
	return a.sweepTo(f, s, head)
}

// check refuses a view that would show none of the sweep's results.
func (v *viewFlags) check(head *results.Header, s *scenarios.Sweep) error {
	file := &results.File{Header: *head}
	for cell := range s.Cells() {
		file.Lines = append(file.Lines, results.Line{Cell: s.Settings(cell)})
	}
	r, err := v.lay(file)
	if err != nil {
		return err
	}
	return r.Check(v.format)
}

// sweepTo runs what is missing and prints the report.
func (a *app) sweepTo(f *sweepFlags, s *scenarios.Sweep, head *results.Header) error {
	if err := a.besides("-o", f.output); err != nil {
		return err
	}
	file, out, err := f.resume(a.ctx, s, head)
	if err != nil {
		return err
	}
	defer lazyCollector()()
	fmt.Fprintln(a.aside(), "txsim: "+f.size(s, len(file.Lines)))
	err = a.sweepRuns(s, head, file, out)
	if err == nil && out != nil {
		file, err = readResults(context.WithoutCancel(a.ctx), f.output, nil)
	}
	if err == nil && len(file.Lines) == 0 && a.code == 0 { // nothing else tells it from an output that was lost
		fmt.Fprintf(a.err, "txsim: no runs are in this part: there are %s in %s\n", analysis.Count(s.Total(), "run"), analysis.Count(s.Shards, "part"))
	}
	if err != nil || len(file.Lines) == 0 {
		return err
	}
	cells, err := f.view.report(a.out, file)
	a.exitBy(cells)
	return err
}

// sweepRuns makes the runs that are missing in the file. It adds them to out, which it
// closes, or, if that is nil, to the file's lines.
func (a *app) sweepRuns(s *scenarios.Sweep, head *results.Header, file *results.File, out io.WriteCloser) error {
	begin, made := time.Now(), 0
	p := a.newProgress("runs")
	s.Progress = p.report
	err := s.Run(a.ctx, file.Lines, func(l *results.Line) error {
		made++
		if out != nil {
			return addLine(out, file, head, l)
		}
		file.Lines = append(file.Lines, *l)
		return nil
	})
	p.end()
	if took := time.Since(begin); made > 0 {
		fmt.Fprintf(a.aside(), "txsim: %s in %.1f s, %.1f ms each\n", analysis.Count(made, "run"), took.Seconds(), float64(took.Milliseconds())/float64(made))
	}
	if errors.Is(err, context.Canceled) {
		a.code, err = exitInterrupted, nil
		fmt.Fprintln(a.err, "txsim: interrupted: the report is of what was finished; with -o, the same call runs the rest")
	}
	if out != nil {
		err = errors.Join(err, out.Close())
	}
	return err
}

// addLine adds a line to the file. If it would not stand below the header of the command that
// makes it, the header goes in front.
func addLine(out io.Writer, file *results.File, head *results.Header, l *results.Line) error {
	if !file.Covers(head) || file.Latest.Command != head.Command {
		if err := analysis.WriteJSON(out, head, ""); err != nil {
			return err
		}
		file.Join(head)
		file.Latest = *head
	}
	return analysis.WriteJSON(out, l, "")
}

// size returns a text about how many runs there will be, and how many are in the file.
func (f *sweepFlags) size(s *scenarios.Sweep, done int) string {
	seeds := s.Last - s.First + 1
	text := analysis.Count(s.Total(), "run") + ": " + analysis.Count(s.Cells(), "cell") + " of " + analysis.Count(seeds, "seed")
	if s.Precision > 0 {
		text = "up to " + text
	}
	if s.Shards > 0 {
		text += ", of which this part makes one in " + strconv.Itoa(s.Shards)
	}
	if f.output != "" {
		text += fmt.Sprintf("; %d in the file", done)
	}
	return text
}
