package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/spf13/cobra"

	"github.com/seed83d86191/txsim/model"
)

// The exit codes.
const (
	exitValid         = 0   // all invariants hold
	exitInvalid       = 1   // an invariant is violated
	exitUsage         = 2   // bad usage or bad input; nothing was run
	exitUnknown       = 3   // a bound was hit
	exitDiffers       = 4   // two runs of the same inputs differ
	exitInterrupted   = 130 // what was finished is written
	versionOfTheTools = "0.1.0"
)

// Main runs the command line and returns the exit code. The protocols are
// offered besides the built-in ones.
func Main(args []string, stdout, stderr io.Writer, protocols ...model.Protocol) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	a := &app{ctx: ctx, in: os.Stdin, out: stdout, err: stderr, protocols: append(model.Protocols(), protocols...)}
	root := a.root()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	if err := root.Execute(); err != nil {
		var code exitError
		if errors.As(err, &code) {
			return int(code)
		}
		fmt.Fprintf(stderr, "txsim: %v\n", err)
		return exitUsage
	}
	return a.code
}

// exitError ends a command that has already said why.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// app is what the commands share.
type app struct {
	ctx       context.Context
	in        io.Reader
	out, err  io.Writer
	protocols []model.Protocol
	code      int
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "txsim",
		Short: "A deterministic simulator of distributed transactions",
		Long: `txsim runs transactions through a commit protocol on simulated workers, with
modelled latency and failures, and judges the run. The same scenario and seed
give the same log, byte for byte, on every machine.

  txsim list                      the scenarios that come with it
  txsim run bank --seed 7         run one
  txsim run orders.txt            run the transactions of a file
  txsim show bank > my.yaml       the start of a scenario of your own

Exit codes: 0 all invariants hold, 1 violated, 2 bad usage or input, 3 unknown
(a bound was hit), 4 not deterministic, 130 interrupted.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.AddCommand(a.runCommand(), a.replayCommand(), a.listCommand(), a.showCommand(), a.versionCommand())
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fmt.Errorf("%w; see %s --help", err, c.CommandPath())
	})
	return root
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(a.out, "txsim", versionOfTheTools)
			return err
		},
	}
}
