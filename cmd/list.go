package cmd

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/scenarios"
)

func (a *app) listCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use: "list", Short: "List the scenarios that come with txsim", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			t := &analysis.Table{Header: []string{"scenario", "what it is"}}
			for _, e := range scenarios.Library() {
				t.Add(e.Name, e.Description)
			}
			return a.print(t, format)
		},
	}
	c.Flags().StringVar(&format, "format", "table", "table or json")
	return c
}

func (a *app) print(t *analysis.Table, format string) error {
	switch format {
	case "table":
		_, err := fmt.Fprint(a.out, t)
		return err
	case "json":
		_, err := a.out.Write(t.JSON())
		return err
	}
	return fmt.Errorf("--format %s: expected table or json", format)
}

func (a *app) showCommand() *cobra.Command {
	var full bool
	c := &cobra.Command{
		Use: "show NAME", Short: "Print a scenario, as a start for one of your own",
		Long: `Print a scenario as it is shipped, or, with --full, with all parameters and
their values. Given a scenario file of your own, print that.`,
		Args: cobra.ExactArgs(1), ValidArgsFunction: completeScenarios,
		RunE: func(_ *cobra.Command, args []string) error {
			if text, err := scenarios.Show(args[0]); err == nil && !full {
				_, err = a.out.Write(text)
				return err
			}
			s, err := scenarios.Load(args[0])
			if err != nil {
				return err
			}
			_, err = a.out.Write(s.YAML())
			return err
		},
	}
	c.Flags().BoolVar(&full, "full", false, "all parameters, defaults included")
	return c
}

func completeScenarios(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, e := range scenarios.Library() {
		names = append(names, e.Name)
	}
	return names, cobra.ShellCompDirectiveDefault
}
