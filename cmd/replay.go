package cmd

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/sim"
)

func (a *app) replayCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "replay FILE|-",
		Short: "Run a saved log or a repro again and say whether it is the same",
		Long: `Run again what a log saved with "txsim run -o FILE" (text or jsonl) says in its
header, and compare it line by line; or run a repro, a scenario (.yaml) with an
expected finding and trace hash, as txsim hunt and txsim shrink write them. Files of
transactions are looked for where the run found them, from the current directory. If
the transactions came from standard input, give them there again:
txsim replay FILE < TRANSACTIONS. A file that has changed since is refused.

Exit codes: run's if it is the same; 4 if it differs; 3 if it is the same as far as
the log goes, which was cut off or interrupted. A repro exits 1 if it fails, says
whether with the finding that it expects, and exits 0 if it no longer fails. And 2 bad
usage or input, 130 interrupted, 141 the reader of the output is gone.`,
		Args: oneArgument("a saved log or a repro"),
		RunE: func(_ *cobra.Command, args []string) error {
			if ext := filepath.Ext(args[0]); ext == ".yaml" || ext == ".yml" {
				return a.replayRepro(args[0])
			}
			return a.replay(args[0])
		},
	}
	a.addQuiet(c)
	return c
}

func (a *app) replay(name string) error {
	in, stdin := io.Reader(nil), a.in
	if name == "-" {
		name, in, stdin = "stdin", a.in, nil
	} else {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	log := bufio.NewReader(in)
	h, err := scenarios.ReadHeader(name, log)
	if err != nil {
		return err
	}
	if h.Scenario.Transactions.File == "-" && (stdin == nil || isTerminal(stdin)) {
		file := input.FileWord(name)
		if stdin == nil {
			file = "LOG" // standard input can be only one of the two
		}
		return fmt.Errorf("%s: its transactions came from standard input: give them again, txsim replay %s < TRANSACTIONS", name, file)
	}
	job, err := a.openSaved(name, h.Scenario, stdin)
	if err != nil {
		return err
	}
	defer job.Close()
	var o scenarios.Options
	stop := a.progress(false, &o)
	r, err := job.Replay(a.ctx, h, log, o)
	stop()
	if err != nil {
		return err
	}
	return a.replayed(name, h, r)
}

// openSaved opens the scenario of a log or a repro, unless its file of transactions has
// changed since.
func (a *app) openSaved(name string, s *scenarios.Scenario, stdin io.Reader) (*scenarios.Job, error) {
	job, err := s.OpenContext(a.ctx, a.protocols, stdin)
	if err != nil {
		return nil, err
	}
	if file := job.Changed(); file != "" {
		job.Close()
		return nil, fmt.Errorf("%s has changed since %s was written: expected the same transactions", file, name)
	}
	return job, nil
}

// replayed prints the result of a replay.
func (a *app) replayed(name string, h *scenarios.Header, r *scenarios.Replayed) error {
	text := ""
	switch {
	case r.Difference != nil:
		text = fmt.Sprintf("different: %s, %s\nthe log was made by: %s\n", name, r.Difference, h.Command)
		if h.Version != scenarios.Version {
			text += otherVersion(h)
		}
		a.code = exitDiffers
	case r.End.Status == sim.Interrupted && r.Cut:
		text = fmt.Sprintf("the same as far as it goes: %s ends at line %d, before the run does\n", name, r.Lines)
		a.code = exitUnknown
	case r.End.Status == sim.Interrupted && a.ctx.Err() != nil:
		text = fmt.Sprintf("interrupted: %s is the same up to line %d\n", name, r.Lines)
		a.code = exitInterrupted
	default:
		text = fmt.Sprintf("same: %s, %s, trace hash %016x, verdict %s\n", name, analysis.Count(r.Records, "record"), r.Hash, r.Verdict)
		a.code = exitCode(r.Result)
	}
	_, err := io.WriteString(a.out, text)
	return err
}

// replayRepro runs a scenario that says what it expects.
func (a *app) replayRepro(name string) error {
	s, err := scenarios.Load(name)
	if err != nil {
		return err
	}
	if s.Expect.Finding == "" && s.Expect.Hash == "" {
		return fmt.Errorf("%s: a repro needs expect.finding or expect.hash; run a scenario without with: txsim run %s", name, input.FileWord(name))
	}
	job, err := a.openSaved(name, s, a.in)
	if err != nil {
		return err
	}
	defer job.Close()
	var o scenarios.Options
	stop := a.progress(false, &o)
	r, err := job.Reproduce(a.ctx, o)
	stop()
	if err != nil {
		return err
	}
	h := scenarios.Header{Command: "txsim replay " + input.FileWord(name), Scenario: s}
	text := ""
	if text, a.code = reproduction(r, s.Expect); text != "" {
		if _, err := fmt.Fprintln(a.out, text); err != nil {
			return err
		}
	}
	return h.Summarize(a.out, r.Result)
}

// reproduction says whether a repro still shows what it expects.
func reproduction(r *scenarios.Reproduced, want scenarios.Expect) (text string, code int) {
	code = exitCode(r.Result)
	if r.End.Status == sim.Interrupted {
		return "", code
	}
	trace := ""
	if want.Hash != "" {
		trace = ", the same trace"
		if !r.SameTrace {
			trace = fmt.Sprintf(", by another trace: hash %016x, expected %s", r.Hash, want.Hash)
		}
	}
	clean := want.Finding == scenarios.NoFinding
	switch {
	case want.Finding == "" && !r.SameTrace:
		return "different: trace hash " + fmt.Sprintf("%016x, expected %s", r.Hash, want.Hash), exitDiffers
	case r.Expected != nil:
		return "as expected: " + r.Expected.Fingerprint() + trace, exitInvalid
	case len(r.Findings) > 0 && clean:
		return "it fails again: " + r.Findings[0].Fingerprint() + ", expected no finding", code
	case len(r.Findings) > 0 && want.Finding != "":
		return "it fails otherwise: " + r.Findings[0].Fingerprint() + ", expected " + want.Finding, code
	case r.Verdict == analysis.Valid && !clean && want.Finding != "":
		return "no longer fails: there is no " + want.Finding + " any more", code
	case r.Verdict == analysis.Valid:
		return "as expected: no finding" + trace, code
	}
	return "", code
}

// verify runs the scenario again and compares the hashes.
func (a *app) verify(ctx context.Context, job *scenarios.Job, o scenarios.Options, first *scenarios.Result, format scenarios.Format) error {
	o.Log = nil
	second, err := job.Run(ctx, o)
	if err != nil {
		return err
	}
	if second.End.Status == sim.Interrupted {
		a.code = exitInterrupted
		_, err := fmt.Fprintln(a.err, "txsim: interrupted: the second run was not finished, nothing is verified")
		return err
	}
	v := scenarios.Verified{First: first, Second: second}
	if !v.Same() {
		v.Difference = job.FirstDifference(ctx, o)
		a.code = exitDiffers
	}
	return v.Write(a.out, format)
}
