package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/input"
)

// shrinkFlags are the flags of shrink.
type shrinkFlags struct {
	budget int
	output string
	format string
}

func (a *app) shrinkCommand() *cobra.Command {
	f := &shrinkFlags{}
	c := &cobra.Command{
		Use:   "shrink REPRO",
		Short: "Make a repro as small as it goes and tell its story",
		Long: `Make a repro smaller while it shows a finding of the same fingerprint: fewer
transactions, operations, workers, coordinators, keys and faults, plain delays,
times and values, parameters at their defaults. The result is a repro again, in a
file of its own, and what happens in it is told: as a log of those that take part,
and as a sequence diagram in Mermaid's language, which goes to a .md file beside it.

The same repro always shrinks to the same one.

Exit codes: 0 done, 2 bad usage or input or a file that could not be written, where
what it came to is printed all the same, 4 it does not show what it expects,
130 interrupted; the smallest so far is written, its story only if it is soon told.`,
		Example: `  txsim shrink repros/bank-atomicity.yaml
  txsim shrink found.yaml --budget 500 -o small.yaml
  txsim shrink found.yaml --format mermaid`,
		Args: oneArgument("a repro"),
		RunE: func(_ *cobra.Command, args []string) error { return a.shrink(f, args[0]) },
	}
	addInt(c, &f.budget, "budget", scenarios.DefaultBudget, "how many runs it may take")
	c.Flags().StringVarP(&f.output, "output", "o", "", "file for the result; default REPRO with .small.yaml")
	a.addQuiet(c)
	choose(c, &f.format, "format", "what to print: text, mermaid or yaml", "text", "mermaid", "yaml")
	return c
}

func (a *app) shrink(f *shrinkFlags, name string) error {
	if f.budget < 1 {
		return fmt.Errorf("--budget %d: must be positive", f.budget)
	}
	repro, err := scenarios.Load(name)
	if err != nil {
		return err
	}
	output := f.output
	if output == "" {
		output = strings.TrimSuffix(name, filepath.Ext(name)) + ".small.yaml"
	}
	inputs := repro.Inputs()
	if err := cmp.Or(a.besides("-o", output), checkShrunk(output, inputs), forReplay(output)); err != nil {
		return err
	}
	defer lazyCollector()()
	p := a.newProgress("runs")
	s, err := scenarios.Shrink(a.ctx, repro, a.protocols, scenarios.ShrinkOptions{Budget: f.budget, Progress: p.report})
	p.end()
	if missing, ok := errors.AsType[*scenarios.MissingError](err); ok {
		a.code = exitDiffers
		_, err := fmt.Fprintf(a.out, "%s: %v\nsee: txsim replay %s\n", name, missing, input.FileWord(name))
		return err
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if s.Interrupted {
		a.code = exitInterrupted
	}
	return a.shrunk(s, f.format, output, inputs)
}

// storyBegins is the beginning of a file with a story.
const storyBegins = "```text\n"

// storyFile returns the name of the file with the story, beside that of the repro.
func storyFile(output string) string {
	return strings.TrimSuffix(output, filepath.Ext(output)) + ".md"
}

// checkShrunk refuses an output that cannot be written, or whose story would overwrite
// something else.
func checkShrunk(output string, inputs []string) error {
	if err := checkFile(output, inputs...); err != nil {
		return err
	}
	beside := storyFile(output)
	text, err := os.ReadFile(beside)
	if err == nil && len(text) > 0 && !strings.HasPrefix(string(text), storyBegins) {
		return fmt.Errorf("-o %s: %s, where the story goes, is none that shrink wrote: expected another name", input.ShellWord(output), input.ShellWord(beside))
	}
	return checkFile(beside, inputs...)
}

// shrunk writes the smaller repro and its story, and prints what was asked for.
func (a *app) shrunk(s *scenarios.Shrunk, format, output string, inputs []string) error {
	story, err := a.tell(s)
	if err != nil {
		return err
	}
	text := scenarios.ReproFile(s.Repro, input.FileWord(output), s.Finding.String(), "")
	again := "\nreproduce with: txsim replay " + input.FileWord(output) + "\n"
	if err = writeOutput(output, text, inputs...); err != nil {
		again = "\n" // the result is printed all the same
	} else if story != nil {
		page := storyBegins + story.Text() + "```\n\n```mermaid\n" + story.Mermaid() + "```\n\n```yaml\n" + string(text) + "```\n"
		err = writeOutput(storyFile(output), []byte(page), inputs...)
	}
	return errors.Join(err, a.printShrunk(s, story, format, text, again))
}

func (a *app) printShrunk(s *scenarios.Shrunk, story *scenarios.Story, format string, text []byte, again string) (err error) {
	switch {
	case format == "yaml":
		_, err = a.out.Write(text)
	case story == nil:
		_, err = fmt.Fprintf(a.out, "%s\n\n%s%s", s.Finding, s, again)
	case format == "mermaid":
		_, err = fmt.Fprint(a.out, story.Mermaid())
	default:
		_, err = fmt.Fprintf(a.out, "%s\n%s%s", story.Text(), s, again)
	}
	return err
}

// lastTelling is how long an interrupted shrinking tells the story of the smallest so far,
// which may not be small yet.
const lastTelling = time.Second / 2

// tell returns the story of what became of the repro; nil after an interrupt if that takes
// long.
func (a *app) tell(s *scenarios.Shrunk) (*scenarios.Story, error) {
	job, err := s.Repro.Open(a.protocols)
	if err != nil {
		return nil, err
	}
	defer job.Close()
	ctx := context.WithoutCancel(a.ctx)
	if s.Interrupted {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, lastTelling)
		defer stop()
	}
	story, err := job.Tell(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, nil
	}
	return story, err
}
