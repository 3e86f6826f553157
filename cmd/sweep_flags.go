package cmd

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/analysis/results"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/quantity"
)

// sweepFlags are the flags of sweep.
type sweepFlags struct {
	scenarioFlags
	vary      []string
	plan      string
	varied    []scenarios.Vary // varied by the plan
	seeds     string
	seedsFrom string // where the seeds are given, for errors
	jobs      int
	output    string
	shard     string
	warmup    string
	warmFrom  string
	precision string
	wall      bool
	view      viewFlags
}

// add adds the flags about what is swept, and how.
func (f *sweepFlags) add(c *cobra.Command) {
	c.Flags().StringArrayVar(&f.vary, "vary", nil, "a parameter and its values: workload.theta=0,0.6,0.9 or workers=10..1000*10")
	c.Flags().StringVar(&f.plan, "plan", "", "read scenario, values and seeds from this file; flags go over it")
	c.Flags().StringVar(&f.seeds, "seeds", "1-10", "the seeds of each cell, first-last")
	addJobs(c, &f.jobs, "runs at a time")
	c.Flags().StringVarP(&f.output, "output", "o", "", "keep the results in this file, and run only what is missing in it")
	c.Flags().StringVar(&f.shard, "shard", "", "make only this part of the runs, such as 1/4")
	c.Flags().StringVar(&f.warmup, "warmup", "auto", "the beginning that is left out: auto (MSER-5) or a time")
	c.Flags().StringVar(&f.precision, "until-precision", "", "add seeds until the mean of the first --metric, of the throughput without, is known to this share, such as 2%; --seeds is the bound")
	c.Flags().BoolVar(&f.wall, "wall", false, "keep the wall-clock time of each run, as the metric wall; results then differ each time")
}

// sweep returns the sweep that the flags ask for.
func (f *sweepFlags) sweep(c *cobra.Command, name string) (*scenarios.Sweep, error) {
	s := &scenarios.Sweep{Jobs: f.jobs}
	var err error
	if s.First, s.Last, err = parseSeeds(f.seedsFrom, f.seeds); err != nil {
		return nil, err
	}
	const most = 1_000_000
	if s.Last-s.First >= most {
		return nil, fmt.Errorf("%s %s: at most %d seeds", f.seedsFrom, f.seeds, most)
	}
	if f.wall {
		s.Clock = time.Now
	}
	if s.Shard, s.Shards, err = parseShard(f.shard); err != nil {
		return nil, err
	}
	if s.Warmup, err = f.parseWarmup(); err != nil {
		return nil, err
	}
	if err = f.precise(c, s); err != nil {
		return nil, err
	}
	if s.Vary, err = f.varies(c); err != nil {
		return nil, err
	}
	if s.Scenario, err = f.load(c, name); err != nil {
		return nil, err
	}
	s.Reproduce = func(cell []results.Setting, seed uint64) string {
		line := f.line(c, name, seed)
		for _, x := range cell {
			line += " --set " + input.ShellWord(x.String())
		}
		return line
	}
	return s, nil
}

// precise makes the sweep add seeds until a precision is reached, if that is asked for.
func (f *sweepFlags) precise(c *cobra.Command, s *scenarios.Sweep) error {
	if f.precision == "" {
		return nil
	}
	share, ok := parseShare(f.precision)
	switch {
	case !ok || share <= 0 || share >= 1:
		return fmt.Errorf("--until-precision %s: expected a share such as 2%%", input.ShellWord(f.precision))
	case s.Shards > 0:
		return errors.New("--until-precision: how many seeds there will be is not known; expected without --shard")
	}
	if !c.Flags().Changed("seeds") {
		s.Last, f.seeds = 320, "1-320"
	}
	s.Precision = share
	if len(f.view.metrics) == 0 || f.view.metrics[0] == "throughput" {
		return nil
	}
	m, ok := results.FindMetric(f.view.metrics[0])
	switch {
	case !ok:
		return nil // check will refuse it
	case m.Unit == "" && m.More == 0:
		return fmt.Errorf("--until-precision: %s is no figure with a mean to be known; expected another first --metric", m.Name)
	case m.Name == results.Wall && !f.wall:
		return fmt.Errorf("--until-precision: no run has the figure %s; expected --wall with it", m.Name)
	}
	s.PrecisionMetric = m.Name
	return nil
}

// parseShare reads a share: a number, or a percentage.
func parseShare(text string) (float64, bool) {
	if _, err := quantity.ParseNumber(strings.TrimSuffix(text, "%")); err != nil {
		return 0, false
	}
	return results.Number(text)
}

// parseShard reads i/n, or nothing.
func parseShard(text string) (shard, shards int, err error) {
	if text == "" {
		return 0, 0, nil
	}
	i, n, ok := strings.Cut(text, "/")
	part, err1 := strconv.Atoi(i)
	parts, err2 := strconv.Atoi(n)
	if !ok || err1 != nil || err2 != nil || part < 1 || part > parts {
		return 0, 0, fmt.Errorf("--shard %s: expected i/n, such as 1/4", input.ShellWord(text))
	}
	return part - 1, parts, nil
}

func (f *sweepFlags) parseWarmup() (analysis.Warmup, error) {
	if f.warmup == "auto" {
		return analysis.Warmup{Auto: true}, nil
	}
	d, err := time.ParseDuration(f.warmup)
	if err != nil || d < 0 {
		return analysis.Warmup{}, fmt.Errorf("%s %s: expected auto or a time such as 500ms", f.warmFrom, input.ShellWord(f.warmup))
	}
	return analysis.Warmup{Time: d}, nil
}

// command returns the command that makes all of the results, whatever file they are kept
// in.
func (f *sweepFlags) command(c *cobra.Command, name string) string {
	line := "txsim sweep " + input.FileWord(name) + f.parameters(c)
	for _, v := range f.varied {
		line += " --vary " + input.ShellWord(v.Path+"="+strings.Join(v.Values, ","))
	}
	for _, v := range f.vary {
		line += " --vary " + input.ShellWord(v)
	}
	line += " --seeds " + f.seeds
	if f.warmup != "auto" {
		line += " --warmup " + f.warmup
	}
	if f.wall {
		line += " --wall"
	}
	if f.precision != "" {
		line += " --until-precision " + f.precision
		if len(f.view.metrics) > 0 {
			line += " --metric " + f.view.metrics[0]
		}
	}
	return line
}
