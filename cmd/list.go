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
		Use: "list", Short: "List the scenarios that come with txsim", Args: noArgument,
		RunE: func(*cobra.Command, []string) error {
			t := &analysis.Table{Header: []string{"scenario", "description"}}
			for _, e := range scenarios.Library() {
				t.Add(e.Name, e.Description)
			}
			return a.print(t, format)
		},
	}
	choose(c, &format, "format", "table or json", "table", "json")
	return c
}

func (a *app) print(t *analysis.Table, format string) error {
	if format == "json" {
		_, err := a.out.Write(t.JSON())
		return err
	}
	_, err := fmt.Fprint(a.out, t)
	return err
}

func (a *app) showCommand() *cobra.Command {
	var full bool
	c := &cobra.Command{
		Use: "show NAME|FILE", Short: "Print a scenario, as a start for one of your own",
		Long: `Print a scenario, or a file of transactions, as it comes with txsim; with
--full, a scenario with all parameters and their values. A scenario file of your
own is printed with all parameters.`,
		Args: oneArgument("a scenario"), ValidArgsFunction: completeScenarios,
		RunE: func(_ *cobra.Command, args []string) error {
			if text, err := scenarios.Show(args[0]); err == nil && !full {
				_, err = a.out.Write(text)
				return err
			}
			s, err := loadScenario(args[0])
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
