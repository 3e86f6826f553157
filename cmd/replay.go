package cmd

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/sim"
)

func (a *app) replayCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "replay FILE",
		Short: "Run a saved log or a repro again and say whether it is the same",
		Long: `Run again what a log saved with "txsim run -o FILE" (text or jsonl) says in its
header, and compare it line by line; or run a repro, a scenario with an expected
finding and trace hash.

Exit codes: as run's if it is the same; 4 if it differs. A repro whose finding
no longer occurs exits 0 and says so.`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return a.replay(args[0]) },
	}
}

func (a *app) replay(name string) error {
	if ext := filepath.Ext(name); ext == ".yaml" || ext == ".yml" {
		return a.replayRepro(name)
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	in := bufio.NewReader(f)
	h, err := scenarios.ReadHeader(name, in)
	if err != nil {
		return err
	}
	if h.Scenario.Transactions.File == "-" {
		return fmt.Errorf("%s: its transactions came from standard input, which is gone: save them to a file and run that", name)
	}
	job, err := h.Scenario.Open(a.protocols, nil)
	if err != nil {
		return err
	}
	defer job.Close()
	var o scenarios.Options
	stop := a.progress(false, &o)
	r, diff, err := job.Replay(a.ctx, h, in, 1+headerLines(h), o)
	stop()
	switch {
	case err != nil:
		return err
	case diff != (scenarios.Difference{}) && a.ctx.Err() != nil:
		a.code = exitInterrupted
	case diff != (scenarios.Difference{}):
		fmt.Fprintf(a.out, "different: %s, %s\nthe log was made by: %s\n", name, diff, h.Command)
		a.code = exitDiffers
	default:
		fmt.Fprintf(a.out, "same: %s, %d records, trace hash %016x, verdict %s\n", name, r.Records, r.Hash, r.Verdict)
		a.code = exitCode(r)
	}
	return nil
}

// headerLines is how many lines of the file the header took.
func headerLines(h *scenarios.Header) int {
	var b strings.Builder
	h.Write(&b)
	return strings.Count(b.String(), "\n")
}

// replayRepro runs a scenario that says what it expects.
func (a *app) replayRepro(name string) error {
	s, err := scenarios.Load(name)
	if err != nil {
		return err
	}
	if s.Expect == (scenarios.Expect{}) {
		return fmt.Errorf("%s: expect: nothing is expected of this scenario; use txsim run", name)
	}
	job, err := s.Open(a.protocols, nil)
	if err != nil {
		return err
	}
	defer job.Close()
	r, err := job.Run(a.ctx, scenarios.Options{Seed: s.Seed})
	if err != nil {
		return err
	}
	h := scenarios.Header{Command: "txsim replay " + shellWord(name), Scenario: s}
	if err := h.Finish(a.out, r); err != nil {
		return err
	}
	a.code = exitCode(r)
	if want, got := s.Expect.Hash, fmt.Sprintf("%016x", r.Hash); want != "" && want != got {
		fmt.Fprintf(a.out, "different: trace hash %s, expected %s\n", got, want)
		a.code = exitDiffers
	}
	if want := s.Expect.Finding; want != "" && !found(r.Findings, want) {
		fmt.Fprintf(a.out, "the finding %q does not occur any more\n", want)
		if r.Verdict == analysis.Valid {
			a.code = exitValid
		}
	}
	return nil
}

func found(findings []analysis.Finding, want string) bool {
	for _, f := range findings {
		if f.Invariant == want || f.Anomaly == want {
			return true
		}
	}
	return false
}

// verify runs the scenario again and compares the hashes.
func (a *app) verify(job *scenarios.Job, o scenarios.Options, first *scenarios.Result) error {
	o.Log = nil
	second, err := job.Run(a.ctx, o)
	switch {
	case err != nil:
		return err
	case second.End.Status == sim.Interrupted:
		a.code = exitInterrupted
	case first.Hash == second.Hash && first.Records == second.Records:
		fmt.Fprintf(a.out, "verified: two runs, the same trace hash %016x\n", first.Hash)
	default:
		fmt.Fprintf(a.out, "not deterministic: trace hashes %016x and %016x\n", first.Hash, second.Hash)
		io.WriteString(a.out, "first difference: "+job.FirstDifference(a.ctx, o).String()+"\n")
		a.code = exitDiffers
	}
	return nil
}
