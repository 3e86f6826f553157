package cmd

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/mutant"
)

// knownCommand refuses an unknown command.
func knownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	word := args[0]
	if inLibrary(word) {
		return fmt.Errorf("unknown command %q: did you mean txsim run %s?", word, word)
	}
	if near := input.Nearest(word, names(c.Commands())); near != "" {
		return fmt.Errorf("unknown command %q: did you mean %s?", word, near)
	}
	return fmt.Errorf("unknown command %q: see txsim --help", word)
}

// inLibrary reports whether a scenario that comes with txsim has the name.
func inLibrary(name string) bool {
	return slices.ContainsFunc(scenarios.Library(), func(e scenarios.Entry) bool { return e.Name == name })
}

// helpCommand returns cobra's help command, which here refuses unknown topics.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use: "help [COMMAND]", Short: "Help about any command",
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 && elsewhere[args[0]] != "" {
				args = []string{elsewhere[args[0]]}
			}
			about, rest, err := c.Root().Find(args)
			switch {
			case err != nil || len(rest) > 0 && about == c.Root():
				return knownCommand(c.Root(), args)
			case len(rest) > 0:
				return fmt.Errorf("help: there is no %s of %s; see %s --help", strings.Join(rest, " "), about.CommandPath(), about.CommandPath())
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	}
}

// strictCompletion makes cobra's completion command refuse unknown shells.
func strictCompletion(root *cobra.Command) {
	root.InitDefaultCompletionCmd()
	c, _, _ := root.Find([]string{"completion"})
	c.Args = cobra.ArbitraryArgs
	c.RunE = func(c *cobra.Command, args []string) error {
		if len(args) > 0 {
			return fmt.Errorf("completion: unknown shell %s: expected bash, zsh, fish or powershell", args[0])
		}
		return c.Help()
	}
}

// oneArgument requires one argument; what describes it.
func oneArgument(what string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch len(args) {
		case 0:
			return fmt.Errorf("%s: expected %s; see %s --help", c.Name(), what, c.CommandPath())
		case 1:
			return nil
		}
		return fmt.Errorf("%s: expected one argument, found %d: %s", c.Name(), len(args), strings.Join(args, " "))
	}
}

func noArgument(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s: expected no argument, found %s", c.Name(), strings.Join(args, " "))
	}
	return nil
}

// flagError rewords cobra's errors about flags like the other errors.
func flagError(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var value *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		name := unknown.GetSpecifiedName()
		if set := parameterSet(c, name); set != "" {
			return fmt.Errorf("unknown flag --%s: did you mean %s?", name, set)
		}
		if near := input.Nearest(name, flagNames(c)); near != "" && unknown.GetSpecifiedShortnames() == "" {
			return fmt.Errorf("unknown flag --%s: did you mean --%s?", name, near)
		}
	case errors.As(err, &value):
		return fmt.Errorf("--%s %s: expected %s", value.GetFlag().Name, input.ShellWord(value.GetValue()), expected(value.GetFlag().Value))
	}
	return fmt.Errorf("%w; see %s --help", err, c.CommandPath())
}

// parameterSet returns how the parameters of that name, or at that path, are set, for who
// takes one for a flag.
func parameterSet(c *cobra.Command, name string) string {
	var sets []string
	if c.Flags().Lookup("set") != nil {
		for _, path := range scenarios.Paths() {
			if path == name || strings.HasSuffix(path, "."+name) {
				sets = append(sets, "--set "+path+"=…")
			}
		}
	}
	return input.Or(sets)
}

// meant refuses an empty flag, as from an unset shell variable: not keeping a log, or the
// default seeds, were hardly meant. It also refuses a file called "-".
func meant(c *cobra.Command, _ []string) (err error) {
	c.Flags().Visit(func(f *pflag.Flag) {
		text := f.Value.String()
		switch file := f.Name == "output" || f.Name == "history"; {
		case err != nil || f.Value.Type() != "string":
		case text == "":
			err = fmt.Errorf("--%s '': must not be empty", f.Name)
		case file && text == "-":
			err = fmt.Errorf("--%s -: expected the name of a file, ./- for one called so; without it, results are on standard output", f.Name)
		}
	})
	return err
}

// expected returns which values a flag takes.
func expected(v pflag.Value) string {
	if v, ok := v.(interface{ expected() string }); ok {
		return v.expected()
	}
	if v.Type() == "duration" {
		return "a duration such as 10m"
	}
	return "true or false"
}

// names returns the names of commands that are offered.
func names(all []*cobra.Command) (names []string) {
	for _, c := range all {
		if c.IsAvailableCommand() && c.Name() != "help" {
			names = append(names, c.Name())
		}
	}
	return names
}

// flagNames returns the names of the flags of a command.
func flagNames(c *cobra.Command) (names []string) {
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	return names
}

// oneOf makes a flag complete a few words.
func oneOf(c *cobra.Command, flag string, words ...string) {
	must(c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp)))
}

// must panics on an error that can only be a mistake in this package.
func must(err error) {
	if err != nil {
		panic("cmd: " + err.Error())
	}
}

// completeScenarios completes the name of a scenario. Those of planted bugs are many, and
// are offered only once their prefix is typed.
func completeScenarios(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
	var names []string
	if begun != "" && strings.HasPrefix(begun, mutant.Prefix[:min(len(begun), len(mutant.Prefix))]) {
		for _, m := range mutant.All() {
			names = append(names, m.Protocol.Name()+"\t"+m.Sentence)
		}
	}
	for _, e := range scenarios.Library() {
		names = append(names, e.Name+"\t"+e.Description)
	}
	return names, cobra.ShellCompDirectiveDefault
}
