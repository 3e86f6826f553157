package cmd

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/mutant"
)

// scenarioFlags choose a scenario and change its parameters.
type scenarioFlags struct {
	seed  uint64
	swarm bool
	sets  []string
	// named are shorthands of --set, by parameter.
	named map[string]*string
	// planned are the settings of a plan, which flags override.
	planned []scenarios.Given
}

// shorthands are the parameters that have a flag of their own.
var shorthands = []struct{ name, help string }{
	{"workers", "number of workers"},
	{"coordinators", "number of coordinators"},
	{"protocol", "commit protocol: "},
	{"concurrency", "concurrency control: wait-die, wound-wait or no-wait"},
	{"execution", "one-shot, batched or interactive"},
	{"schedule", "which event is next: latency, random, pct:D, delay-bounded:D or exhaustive; see txsim help schedules"},
	{"clients", "number of clients of the closed loop"},
	{"transactions", "how many transactions to generate"},
}

// add adds the flags of a command that runs one seed.
func (f *scenarioFlags) add(c *cobra.Command, protocols []model.Protocol) {
	addSeed(c, &f.seed, "seed of all chance, 0 is one like any other")
	f.addParameters(c, protocols)
}

// addParameters adds the flags that change what each seed runs.
func (f *scenarioFlags) addParameters(c *cobra.Command, protocols []model.Protocol) {
	c.Flags().BoolVar(&f.swarm, "swarm", false, "add faults that are drawn from the seed, some kinds off, some heavy; for some seeds few keys, frequent checkpoints, little room, other shapes, timeouts or placements")
	f.addSets(c, protocols)
}

// addSets adds --set and its shorthands.
func (f *scenarioFlags) addSets(c *cobra.Command, protocols []model.Protocol) {
	names := scenarios.Offered(protocols)
	c.Flags().StringArrayVar(&f.sets, "set", nil, "set a parameter by its path, the value in YAML: workload.theta=0.9")
	f.named = map[string]*string{}
	for _, s := range shorthands {
		if s.name == "protocol" {
			s.help += strings.Join(names, ", ")
		}
		f.named[s.name] = c.Flags().String(s.name, "", s.help)
	}
	oneOf(c, "protocol", names...)
	oneOf(c, "concurrency", "wait-die", "wound-wait", "no-wait")
	oneOf(c, "execution", model.ExecutionNames...)
	oneOf(c, "schedule", "latency", "random", "pct:3", "delay-bounded:3", "exhaustive")
	offerPaths(c)
}

// offerPaths makes --set complete the paths of parameters.
func offerPaths(c *cobra.Command) {
	must(c.RegisterFlagCompletionFunc("set", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var paths []string
		for _, p := range scenarios.Paths() {
			paths = append(paths, p+"=")
		}
		return paths, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
	}))
}

// load reads the scenario and applies the flags, --set last.
func (f *scenarioFlags) load(c *cobra.Command, name string) (*scenarios.Scenario, error) {
	s, err := loadScenario(name)
	if err != nil {
		return nil, err
	}
	return s, f.apply(c, s)
}

// apply applies the flags to a scenario.
func (f *scenarioFlags) apply(c *cobra.Command, s *scenarios.Scenario) error {
	s.Rebase() // files named by --set are relative to the current directory, too
	for _, set := range f.planned {
		if err := apply(s, set); err != nil {
			return err
		}
	}
	var given []scenarios.Given
	for _, h := range shorthands {
		if c.Flags().Changed(h.name) {
			if err := s.Set(h.name, *f.named[h.name]); err != nil {
				return err // the error names the parameter
			}
			given = append(given, scenarios.Given{Text: h.name + "=" + *f.named[h.name], From: "--" + h.name})
		}
	}
	for _, set := range f.sets {
		g := scenarios.Given{Text: set, From: "--set"}
		if err := apply(s, g); err != nil {
			return err
		}
		var err error
		if given, err = inForce(s, given, g); err != nil {
			return err
		}
	}
	if c.Flags().Changed("seed") {
		s.Seed = f.seed
	}
	return nil
}

// apply sets a parameter, given as path=value.
func apply(s *scenarios.Scenario, set scenarios.Given) error {
	path, value, ok := strings.Cut(set.Text, "=")
	if !ok {
		return fmt.Errorf("%s %s: expected path=value, such as workload.theta=0.9", set.From, input.ShellWord(set.Text))
	}
	if err := s.Set(path, value); err != nil {
		return fmt.Errorf("%s: %w", set.From, err)
	}
	return nil
}

// inForce returns the settings that are in force when the last one has been applied. It is an
// error if that has undone an earlier one of another parameter, as arrivals do to clients.
func inForce(s *scenarios.Scenario, earlier []scenarios.Given, last scenarios.Given) ([]scenarios.Given, error) {
	path, _, _ := strings.Cut(last.Text, "=")
	var given []scenarios.Given
	for _, g := range earlier {
		other, value, _ := strings.Cut(g.Text, "=")
		switch again := s.Clone(); {
		case again.Set(other, value) == nil && again.Equal(s):
			given = append(given, g)
		case exclusive(other, path):
			return nil, fmt.Errorf("%s %s: expected no %s beside it, as each replaces the other", last.From, input.ShellWord(last.Text), g.Text)
		}
	}
	return append(given, last), nil
}

// exclusive reports whether only one of two parameters can say how transactions come, or where
// from.
func exclusive(path, other string) bool {
	load := []string{"clients", "arrivals", "transactions"}
	a, _, _ := strings.Cut(path, ".")
	b, _, _ := strings.Cut(other, ".")
	return slices.Contains(load, a) && slices.Contains(load, b) && (a != b || a == "transactions" && path != other)
}

// loadScenario loads a scenario; that of a planted bug is named like its protocol.
func loadScenario(name string) (*scenarios.Scenario, error) {
	if m, ok := mutant.Find(name); ok && strings.HasPrefix(name, mutant.Prefix) {
		return m.Scenario(), nil
	}
	return scenarios.Load(name)
}

// line returns the command that runs a seed with the same flags.
func (f *scenarioFlags) line(c *cobra.Command, name string, seed uint64) string {
	b := "txsim run " + input.FileWord(name) + " --seed " + strconv.FormatUint(seed, 10) + f.parameters(c)
	if f.swarm {
		b += " --swarm"
	}
	return b
}

// parameters returns the flags that set the same parameters again, in a command without a
// plan. The settings of a plan become --set flags there. Since only a later --set overrides
// these, shorthands become --set flags, too.
func (f *scenarioFlags) parameters(c *cobra.Command) string {
	b := ""
	for _, set := range f.planned {
		b += setFlags([]string{set.Text})
	}
	for _, h := range shorthands {
		switch value := *f.named[h.name]; {
		case !c.Flags().Changed(h.name):
		case len(f.planned) > 0:
			b += setFlags([]string{h.name + "=" + value})
		default:
			b += " --" + h.name + " " + input.ShellWord(value)
		}
	}
	return b + setFlags(f.sets)
}

// setFlags prints flags of --set.
func setFlags(sets []string) (flags string) {
	for _, s := range sets {
		flags += " --set " + input.ShellWord(s)
	}
	return flags
}
