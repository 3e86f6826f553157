package cmd

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/sim"
)

// runFlags are the flags of run.
type runFlags struct {
	scenarioFlags
	format  string
	output  string
	all     bool
	quiet   bool
	verify  bool
	noCheck bool
	color   string
}

// scenarioFlags choose a scenario and change its parameters.
type scenarioFlags struct {
	seed uint64
	sets []string
	// named are shorthands of --set, by parameter.
	named map[string]*string
}

// shorthands are the parameters that have a flag of their own.
var shorthands = []struct{ name, help string }{
	{"workers", "number of workers"},
	{"coordinators", "number of coordinators"},
	{"protocol", "commit protocol: presumed-abort, presumed-nothing, presumed-commit"},
	{"concurrency", "concurrency control: wait-die, wound-wait, no-wait"},
	{"execution", "one-shot, batched, interactive"},
	{"clients", "number of clients of the closed loop"},
	{"transactions", "how many transactions to generate"},
}

func (f *scenarioFlags) add(c *cobra.Command) {
	c.Flags().Uint64Var(&f.seed, "seed", 1, "seed of all chance (0 is a seed like any other)")
	c.Flags().StringArrayVar(&f.sets, "set", nil, "set a parameter by its path, the value in YAML: workload.theta=0.9")
	f.named = map[string]*string{}
	for _, s := range shorthands {
		f.named[s.name] = c.Flags().String(s.name, "", s.help)
	}
	c.RegisterFlagCompletionFunc("set", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return scenarios.Paths(), cobra.ShellCompDirectiveNoSpace
	})
}

// load reads the scenario and applies the flags, --set last.
func (f *scenarioFlags) load(c *cobra.Command, name string) (*scenarios.Scenario, error) {
	s, err := scenarios.Load(name)
	if err != nil {
		return nil, err
	}
	for _, h := range shorthands {
		if c.Flags().Changed(h.name) {
			if err := s.Set(h.name, *f.named[h.name]); err != nil {
				return nil, err
			}
		}
	}
	for _, set := range f.sets {
		path, value, ok := strings.Cut(set, "=")
		if !ok {
			return nil, fmt.Errorf("--set %s: expected path=value", set)
		}
		if err := s.Set(path, value); err != nil {
			return nil, err
		}
	}
	if c.Flags().Changed("seed") {
		s.Seed = f.seed
	}
	return s, nil
}

// line is the command that does the same again.
func (f *scenarioFlags) line(c *cobra.Command, name string, seed uint64) string {
	b := "txsim " + c.Name() + " " + shellWord(name) + " --seed " + strconv.FormatUint(seed, 10)
	for _, h := range shorthands {
		if c.Flags().Changed(h.name) {
			b += " --" + h.name + " " + shellWord(*f.named[h.name])
		}
	}
	for _, s := range f.sets {
		b += " --set " + shellWord(s)
	}
	return b
}

// shellWord quotes a word for a shell if it needs it.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./=:,@%+", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func (a *app) runCommand() *cobra.Command {
	f := &runFlags{}
	c := &cobra.Command{
		Use:   "run SCENARIO|FILE|-",
		Short: "Run transactions through a commit protocol and judge the run",
		Long: `Run a scenario: one that comes with txsim (txsim list), a scenario file (.yaml),
or a transaction file run with the default parameters (- reads it from standard
input). It prints all parameters, then the coordinators' log in virtual time, then
a summary with the verdict and the line that reproduces the run.

Parameters, for --set: ` + strings.Join(scenarios.Paths(), " "),
		Args: cobra.ExactArgs(1), ValidArgsFunction: completeScenarios,
		RunE: func(c *cobra.Command, args []string) error { return a.run(c, f, args[0]) },
	}
	f.add(c)
	c.Flags().StringVar(&f.format, "format", "text", "text or jsonl")
	c.Flags().StringVarP(&f.output, "output", "o", "", "write the log to this file; the summary still goes to stdout")
	c.Flags().BoolVar(&f.all, "all", false, "log also what workers, logs and the network do")
	c.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "no parameters and no log, only the summary")
	c.Flags().BoolVar(&f.verify, "verify", false, "run twice and compare")
	c.Flags().BoolVar(&f.noCheck, "no-check", false, "do not check the invariants; the verdict stays unknown")
	c.Flags().StringVar(&f.color, "color", "auto", "auto, always or never")
	return c
}

func (a *app) run(c *cobra.Command, f *runFlags, name string) error {
	format, err := parseFormat(f.format)
	if err != nil {
		return err
	}
	s, err := f.load(c, name)
	if err != nil {
		return err
	}
	color, err := a.colored(f.color, f.output != "")
	if err != nil {
		return err
	}
	job, err := s.Open(a.protocols, a.in) // refuses bad input before anything is printed
	if err != nil {
		return err
	}
	defer job.Close()
	o := scenarios.Options{Seed: s.Seed, Unchecked: f.noCheck}
	stop := a.progress(f.quiet, &o)
	defer stop()
	out := a.out
	if f.output != "" {
		file, err := os.Create(f.output)
		if err != nil {
			return err
		}
		defer file.Close()
		out = file
	}
	if !f.quiet || f.output != "" {
		o.Log = scenarios.NewLog(out, format, f.all, color)
	}
	head := scenarios.Header{Command: f.line(c, name, s.Seed), Scenario: s, All: f.all, Format: format}
	if o.Log != nil {
		head.Write(o.Log.Writer())
	}
	r, err := job.Run(a.ctx, o)
	if err != nil {
		return err
	}
	stop()
	if err := a.finish(r, o.Log, head, f); err != nil {
		return err
	}
	a.code = exitCode(r)
	if f.verify && a.code != exitInterrupted {
		return a.verify(job, o, r)
	}
	return nil
}

// finish writes the end of the log and the summary.
func (a *app) finish(r *scenarios.Result, log *scenarios.Log, head scenarios.Header, f *runFlags) error {
	if log != nil {
		if f.output != "" {
			head.Finish(log.Writer(), r)
		}
		if err := log.Flush(); err != nil {
			return err
		}
	}
	return head.Finish(a.out, r)
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

func parseFormat(s string) (scenarios.Format, error) {
	switch s {
	case "text":
		return scenarios.Text, nil
	case "jsonl":
		return scenarios.JSONL, nil
	}
	return 0, fmt.Errorf("--format %s: expected text or jsonl", s)
}
