package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed83d86191/txsim/analysis/results"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/input"
)

// readResults reads a file of results, until the context ends; "-" is standard input.
func readResults(ctx context.Context, name string, in io.Reader) (*results.File, error) {
	if name == "-" && in != nil {
		return results.Read("stdin", in)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return results.Read(name, &interruptible{ctx, file})
}

// readWhole is readResults, and says so if part of the file is left out.
func (a *app) readWhole(name string) (*results.File, error) {
	f, err := readResults(a.ctx, name, a.in)
	if err == nil && f.Torn {
		fmt.Fprintf(a.err, "txsim: %s: its last line is left out, as it is not whole; the sweep that wrote it makes that run again\n", input.FileWord(name))
	}
	return f, err
}

// viewFlags select what of the results is shown.
type viewFlags struct {
	format  string
	metrics []string
	rows    []string
	columns string
	against string
}

func (v *viewFlags) add(c *cobra.Command) {
	choose(c, &v.format, "format", "table, markdown, csv, json, benchfmt (for benchstat), html or svg", results.Formats...)
	c.Flags().StringSliceVar(&v.metrics, "metric", nil, "which figures: "+strings.Join(results.MetricNames(), ", ")+" or aborted.REASON")
	oneOf(c, "metric", results.MetricNames()...)
	c.Flags().StringSliceVar(&v.rows, "rows", nil, "the parameters of the rows, which are ordered by the first, then the second and so on; default all others")
	c.Flags().StringVar(&v.against, "against", "", "a CSV file of published figures to put beside, such as library:spanner.csv; its header names parameters, then metrics; figures are in the metric's unit, or with one such as 10ms; no effect on benchfmt and svg")
	c.Flags().StringVar(&v.columns, "columns", "", "a parameter whose values are columns, of the first metric, or the axis of svg; no effect on csv, json and benchfmt")
}

// lay lays out results as the flags say.
func (v *viewFlags) lay(f *results.File) (*results.Report, error) {
	view := results.View{Metrics: v.metrics, Rows: v.rows, Columns: v.columns}
	if v.against != "" {
		text, err := scenarios.ReadText(v.against)
		if err != nil {
			return nil, err
		}
		if view.Published, err = results.ReadPublished(v.against, bytes.NewReader(text)); err != nil {
			return nil, err
		}
	}
	return results.NewReport(f, view)
}

func (a *app) reportCommand() *cobra.Command {
	v := &viewFlags{}
	c := &cobra.Command{
		Use:   "report FILE…",
		Short: "Print the results of a sweep",
		Long: `Put files of results together, in any order to the same bytes, and print them: the
median of each figure over the seeds and its interval at 95 %. Of a cell of one seed, the
throughput alone has one, Student's over 20 batches of the run: too narrow for a short
run, whose batches depend on each other. The forms csv and json have all digits; in json,
"latency" is of all commits of a cell's runs together, to two digits.

Exit codes: 0 all runs valid, 1 a run violated an invariant, 2 bad usage or input, 3 a
run hit a bound, 130 interrupted.`,
		Example: `  txsim report bank.jsonl
  txsim report bank.jsonl --columns protocol --metric latency.p99 --format markdown
  txsim report part1.jsonl part2.jsonl --format csv
  txsim report spanner.jsonl --against library:spanner.csv`,
		Args: someFiles,
		RunE: func(_ *cobra.Command, args []string) error {
			var files []*results.File
			for _, name := range args {
				f, err := a.readWhole(name)
				if err != nil {
					return err
				}
				files = append(files, f)
			}
			return a.whole(func(w io.Writer) ([]*results.Cell, error) { return v.report(w, files...) })
		},
	}
	v.add(c)
	return c
}

// someFiles requires one file of results or more.
func someFiles(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return oneArgument("a file of results")(c, args)
	}
	return nil
}

// report prints results, and returns their cells.
func (v *viewFlags) report(w io.Writer, files ...*results.File) ([]*results.Cell, error) {
	f, err := results.Merge(files...)
	if err != nil {
		return nil, err
	}
	r, err := v.lay(f)
	if err != nil {
		return nil, err
	}
	return r.Cells, r.Write(w, v.format)
}

// whole prints what is made of results once that is whole.
func (a *app) whole(lay func(w io.Writer) ([]*results.Cell, error)) error {
	type laid struct {
		text  bytes.Buffer
		cells []*results.Cell
		err   error
	}
	l, err := unlessDone(a.ctx, func() *laid {
		l := &laid{}
		l.cells, l.err = lay(&l.text)
		return l
	})
	if err == nil {
		err = l.err
	}
	if err != nil {
		return err
	}
	a.exitBy(l.cells)
	_, err = l.text.WriteTo(a.out)
	return err
}

// exitBy sets the exit code, unless that is set, by the worst verdict of the runs.
func (a *app) exitBy(cells []*results.Cell) {
	switch {
	case a.code != 0:
	case slices.ContainsFunc(cells, func(c *results.Cell) bool { return len(c.Invalid) > 0 }):
		a.code = exitInvalid
	case slices.ContainsFunc(cells, func(c *results.Cell) bool { return len(c.Unknown) > 0 }):
		a.code = exitUnknown
	}
}

func (a *app) compareCommand() *cobra.Command {
	var format, baseline string
	var metrics []string
	c := &cobra.Command{
		Use:   "compare A [B]",
		Short: "Say which cells of two sweeps differ, or of one from its baseline",
		Long: `Compare the cells of two files of results, or, with --baseline, every value of a
parameter with one of its values. Figures are paired by seed. The tests are corrected
for their number (Benjamini-Hochberg): of those with q up to 0.05, at most 5 % are false
in expectation, if the tests are independent or positively dependent. Metrics of the same
runs, as throughput and latency, need not be: compare one --metric where it matters. What
is 0 in all runs of both sides is no test. A difference inside the noise is ~: one with a
larger q, or an interval with 0 % in it. A cell with a run that is not valid is not
compared.

Exit codes: 0 all runs valid, 1 a run violated an invariant, 2 bad usage or input, or no
cell or no seed is on both sides, 3 a run hit a bound, 130 interrupted.`,
		Example: `  txsim compare before.jsonl after.jsonl
  txsim compare bank.jsonl --baseline protocol=presumed-abort`,
		Args: someFiles,
		RunE: func(_ *cobra.Command, args []string) error {
			var files []*results.File
			for _, name := range args {
				f, err := a.readWhole(name)
				if err == nil {
					f, err = results.Merge(f)
				}
				if err == nil && len(f.Lines) == 0 {
					err = fmt.Errorf("%s: no results yet: expected a line for each run behind the header", name)
				}
				if err != nil {
					return err
				}
				files = append(files, f)
			}
			return a.whole(func(w io.Writer) ([]*results.Cell, error) {
				r, err := compareFiles(files, baseline, metrics)
				if err != nil {
					return nil, err
				}
				var cells []*results.Cell
				for _, f := range files {
					cells = append(cells, f.Cells()...)
				}
				return cells, r.Write(w, format)
			})
		},
	}
	c.Flags().StringVar(&baseline, "baseline", "", "compare with the cells of this value, such as protocol=presumed-abort")
	c.Flags().StringSliceVar(&metrics, "metric", nil, "which figures, see txsim help metrics; default throughput, latency.p50 and latency.p99")
	oneOf(c, "metric", results.MetricNames()...)
	choose(c, &format, "format", "table or json", "table", "json")
	return c
}

func compareFiles(files []*results.File, baseline string, metrics []string) (*results.Comparison, error) {
	path, value, ok := strings.Cut(baseline, "=")
	switch {
	case baseline != "" && !ok:
		return nil, fmt.Errorf("--baseline %s: expected path=value, such as protocol=presumed-abort", input.ShellWord(baseline))
	case baseline != "" && len(files) == 1:
		return compareTo(files[0], path, value, metrics)
	case baseline == "" && len(files) == 2:
		return results.Compare(files[0], files[1], metrics)
	}
	return nil, errors.New("expected two files of results, or one and --baseline")
}

// compareTo compares with a baseline. One that no cell has may be spelt otherwise than in the
// file, as --vary may be.
func compareTo(f *results.File, path, value string, metrics []string) (*results.Comparison, error) {
	r, err := results.CompareTo(f, results.Setting{Path: path, Value: value}, metrics)
	if err == nil {
		return r, nil
	}
	s, unread := scenarios.Parse(f.Path, []byte(f.Scenario))
	if unread != nil {
		return nil, err
	}
	if value, unread = s.Spelled(path, value); unread != nil {
		return nil, err
	}
	if r, otherwise := results.CompareTo(f, results.Setting{Path: path, Value: value}, metrics); otherwise == nil {
		return r, nil
	}
	return nil, err
}
