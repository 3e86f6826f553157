package cmd

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed83d86191/txsim/scenarios"
)

// readPlan reads the plan, applies what no flag overrides, and returns the scenario.
func (f *sweepFlags) readPlan(c *cobra.Command, args []string) (string, error) {
	if f.plan == "" {
		return args[0], nil
	}
	text, err := os.ReadFile(f.plan)
	if err != nil {
		return "", err
	}
	p, err := scenarios.ParseSweepPlan(f.plan, text)
	if err != nil {
		return "", err
	}
	f.planned, f.varied = p.Set, p.Vary
	if p.Seeds.Text != "" && !c.Flags().Changed("seeds") {
		f.seedsFrom = p.Seeds.From
		must(c.Flags().Set("seeds", p.Seeds.Text)) // counts as given by the flag: the bound, if seeds are added
	}
	if p.Warmup.Text != "" && !c.Flags().Changed("warmup") {
		f.warmup, f.warmFrom = p.Warmup.Text, p.Warmup.From
	}
	return p.Scenario, nil
}

// varies returns the varied parameters. A --vary replaces what the plan says about its
// parameter.
func (f *sweepFlags) varies(c *cobra.Command) ([]scenarios.Vary, error) {
	var own []scenarios.Vary
	for _, text := range f.vary {
		v, err := scenarios.ParseVary(text)
		if err != nil {
			return nil, fmt.Errorf("--vary %w", err)
		}
		own = append(own, v)
		f.varied = slices.DeleteFunc(f.varied, func(w scenarios.Vary) bool { return w.Path == v.Path })
		f.planned = slices.DeleteFunc(f.planned, func(g scenarios.Given) bool { return strings.HasPrefix(g.Text, v.Path+"=") })
	}
	all := slices.Concat(f.varied, own)
	return all, f.refuseFixed(c, all)
}

// refuseFixed refuses a flag that sets a varied parameter: no cell would have that value.
func (f *sweepFlags) refuseFixed(c *cobra.Command, all []scenarios.Vary) error {
	sets := slices.Clone(f.planned)
	for _, h := range shorthands {
		if c.Flags().Changed(h.name) {
			sets = append(sets, scenarios.Given{Text: h.name + "=" + *f.named[h.name], From: "--" + h.name})
		}
	}
	for _, text := range f.sets {
		sets = append(sets, scenarios.Given{Text: text, From: "--set"})
	}
	for _, set := range sets {
		path, _, _ := strings.Cut(set.Text, "=")
		for _, v := range all {
			if v.Path == path {
				from := strings.TrimSuffix(cmp.Or(v.From, "--vary"), ": vary")
				return fmt.Errorf("%s: %s is varied by %s: expected one of the two", set.From, path, from)
			}
		}
	}
	return nil
}
