package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/history"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/sim"
)

// runFlags are the flags of run.
type runFlags struct {
	scenarioFlags
	format  string
	output  string
	all     bool
	verify  bool
	noCheck bool
	ledger  bool
	color   string
	oracles bool
	history string
	saved   *os.File // the file of --history
}

func (a *app) runCommand() *cobra.Command {
	f := &runFlags{}
	c := &cobra.Command{
		Use:   "run SCENARIO|FILE|-",
		Short: "Run transactions through a commit protocol and judge the run",
		Long: `Run a scenario: one that comes with txsim (txsim list), a scenario file (.yaml), a
workload file of YCSB (.properties), or a transaction file run with the default
parameters (- reads it from standard input). It prints all parameters, then the
coordinators' log in virtual time, then a summary with the verdict and the line
that reproduces the run.

With -o the log and the summary go to a file, for txsim replay, and the summary
to standard output too. With --history what clients asked and were told and what
storage held goes to a file of its own, for txsim check.

A file of transactions has one a line, as text or as JSON Lines; all have a time of
their own, or none, and then the clients take them in the order of the file:

  pay @1.2ms: w4 read acct/7; w9 write acct/8 = 90; w2 delete tmp/1   # a comment
  {"id":"pay","at":"1.2ms","ops":[["r","w4","acct/7"],["w","w9","acct/8","90"],["d","w2","tmp/1"]]}

Transactions are named by their ids. Where a file has other ids than t1, t2 and so on,
a record of one that 65,536 others have been closed after names its place: #17.
With --all, a worker says committed when it has applied writes; of one that only read,
its commit record and its ack tell that it has heard of the commit. A coordinator's start,
prepare, suspect and recover records are audit records, which no figure counts.

Once faults have ended, a run in which nothing is resolved for limits.stuck though
something is open is stuck: its progress is violated. By default that is 20 times the
longest that a node waits for; set below what it may wait for, it accuses sound runs.
An attempt in its backoff when a bound ends the run is counted as made.

The parameters, for --set, are explained by txsim help parameters and help workload.`,
		Example: `  txsim run bank --seed 7
  txsim run bank --protocol presumed-commit --set network.loss=1%
  txsim run orders.txt --workers 8 --set 'faults=["crash w3 at 5ms for 20ms"]'
  txsim run crashes --seed 7 --swarm
  txsim run thousand --quiet --verify`,
		Args: oneArgument("a scenario, a file or -"), ValidArgsFunction: completeScenarios,
		RunE: func(c *cobra.Command, args []string) error { return a.run(c, f, args[0]) },
	}
	f.add(c, a.protocols)
	choose(c, &f.format, "format", "text or jsonl", "text", "jsonl")
	c.Flags().StringVarP(&f.output, "output", "o", "", "write the log and the summary to this file")
	c.Flags().BoolVar(&f.all, "all", false, "log also what workers, logs and the network do, and who waits for which lock")
	c.Flags().BoolVarP(&a.quiet, "quiet", "q", false, "print no progress, no parameters and no log, only the summary")
	c.Flags().BoolVar(&f.verify, "verify", false, "run twice and compare the trace hashes")
	c.Flags().BoolVar(&f.noCheck, "no-check", false, "do not check the invariants; the verdict stays unknown")
	c.Flags().BoolVar(&f.oracles, "oracles", false, "have the history judged by two more, independent of the first: that they agree tests the judges")
	c.Flags().StringVar(&f.history, "history", "", "write the history to this file, for txsim check")
	c.Flags().BoolVar(&f.ledger, "ledger", false, "print, before the summary, the time in doubt by fault, the parts of transactions that were in doubt longest, and the recoveries by node")
	choose(c, &f.color, "color", "auto, always or never; auto heeds NO_COLOR", "auto", "always", "never")
	return c
}

func (a *app) run(c *cobra.Command, f *runFlags, name string) (err error) {
	format := scenarios.Text
	if f.format == "jsonl" {
		format = scenarios.JSONL
	}
	if f.oracles && f.noCheck {
		return errors.New("--oracles: expected without --no-check: they judge the verdict")
	}
	if f.ledger && f.noCheck {
		return errors.New("--ledger: expected without --no-check: it is the checkers who keep it")
	}
	color := a.colored(f.color, f.output != "")
	s, err := f.load(c, name)
	if err != nil {
		return err
	}
	job, err := s.OpenContext(a.ctx, a.protocols, a.in) // bad input is refused before anything is printed
	if err != nil {
		return err
	}
	defer job.Close()
	if f.swarm {
		job = job.Swarmed(s.Seed)
		s = job.Scenario()
	}
	ctx, cancel := context.WithCancel(a.ctx)
	defer cancel()
	out := &sink{w: a.out, stop: cancel}
	files := &outputs{}
	defer func() { err = errors.Join(err, files.close()) }()
	if err := errors.Join(a.besides("-o", f.output), a.besides("--history", f.history)); err != nil {
		return err
	}
	inputs := s.Inputs()
	if f.output != "" {
		if out.w, err = files.open("-o", f.output, inputs...); err != nil {
			return err
		}
	}
	if f.history != "" {
		if f.saved, err = files.open("--history", f.history, append(inputs, f.output)...); err != nil {
			return err
		}
	}
	if err := files.empty(); err != nil { // nothing can be refused from here on
		return err
	}
	hugePages()
	o := scenarios.Options{Seed: s.Seed, Unchecked: f.noCheck, Spent: !f.noCheck, Oracles: a.oracles(f.oracles), Record: f.history != ""}
	if !a.quiet || f.output != "" {
		o.Log = scenarios.NewLog(out, format, f.all, color)
	}
	s.Expect.Transactions = job.Sum()
	head := &scenarios.Header{Command: f.line(c, name, s.Seed), Scenario: s, All: f.all, Format: format, Unchecked: f.noCheck}
	if f.noCheck {
		head.Command += " --no-check"
	}
	return a.execute(ctx, job, o, head, f)
}

// execute runs the job, prints its result, and runs it again to verify it.
func (a *app) execute(ctx context.Context, job *scenarios.Job, o scenarios.Options, head *scenarios.Header, f *runFlags) error {
	toFile := f.output != ""
	stop := a.progress(o.Log != nil && !toFile, &o)
	defer stop()
	if o.Log != nil {
		if err := head.Write(o.Log.Writer()); err != nil {
			return err
		}
	}
	r, err := job.Run(ctx, o)
	if err != nil {
		return err
	}
	stop()
	if o.Record {
		if err := f.save(head, r); err != nil {
			return err
		}
	}
	if o.Log != nil {
		if toFile {
			_ = head.Finish(o.Log.Writer(), r) // Flush returns its error
		}
		if err := o.Log.Flush(); err != nil {
			return err
		}
	}
	end := head.Summarize
	if o.Log != nil && !toFile {
		end = head.Finish
	}
	if f.ledger && head.Format == scenarios.Text { // the summary for programs has the ledger
		if _, err := io.WriteString(a.out, r.LedgerText()); err != nil {
			return err
		}
	}
	if err := end(a.out, r); err != nil {
		return err
	}
	a.code = exitCode(r)
	if f.verify && a.code != exitInterrupted {
		return a.verify(ctx, job, o, r, head.Format)
	}
	return nil
}

// oracles returns the judges for --oracles, nil without it.
func (a *app) oracles(asked bool) *analysis.Judges {
	if !asked {
		return nil
	}
	return &a.judges
}

// save writes the history of a run to its file.
func (f *runFlags) save(head *scenarios.Header, r *scenarios.Result) error {
	s := head.Scenario.Clone()
	s.Rebase()
	h := history.Saved{Version: scenarios.Version, Command: head.Command, Scenario: string(s.YAML()), Isolation: r.Isolation, Whole: true, Recording: *r.History}
	if err := h.Write(f.saved); err != nil {
		return fmt.Errorf("--history %s: %w", input.ShellWord(f.history), err)
	}
	return nil
}

func exitCode(r *scenarios.Result) int {
	switch {
	case r.Verdict == analysis.Invalid:
		return exitInvalid
	case r.End.Status == sim.Interrupted:
		return exitInterrupted
	case r.Verdict == analysis.Valid:
		return exitValid
	}
	return exitUnknown
}

// sink stops the run at the first write that fails, since nobody would see the rest.
type sink struct {
	w    io.Writer
	stop func()
}

func (s *sink) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if err != nil {
		s.stop()
	}
	return n, err
}
