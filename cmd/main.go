package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/mutant"
)

// The exit codes.
const (
	exitValid       = 0   // all invariants hold
	exitInvalid     = 1   // an invariant is violated
	exitUsage       = 2   // bad usage or bad input, and nothing was run; or an output that cannot be written
	exitUnknown     = 3   // a bound was hit
	exitDiffers     = 4   // two runs of the same inputs differ
	exitInterrupted = 130 // what was finished is written
	exitPipe        = 141 // the reader of the output is gone; as the signal would exit
	exitTerminated  = 143 // told to end by SIGTERM; as exitInterrupted otherwise
)

// errTerminated is the cause of a context that SIGTERM has ended.
var errTerminated = errors.New("terminated")

// untilSignal returns a context that an interrupt (Ctrl-C) or SIGTERM ends. From then on, or
// after stop, they end the process as if nobody listened.
func untilSignal() (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	stop = func() { signal.Stop(signals); cancel(nil) }
	go func() {
		select {
		case s := <-signals:
			signal.Stop(signals)
			if s == syscall.SIGTERM {
				cancel(errTerminated)
			}
			cancel(nil)
		case <-ctx.Done():
		}
	}()
	return ctx, stop
}

// patience is how long an interrupted command may take to end before it says what to do.
const patience = 5 * time.Second

// lingers says what to do about a command that is interrupted and does not end: a node whose
// step never ends, in a protocol of one's own, cannot be interrupted.
func lingers(ctx context.Context, done <-chan struct{}, patience time.Duration, w io.Writer) {
	select {
	case <-ctx.Done():
	case <-done:
		return
	}
	select {
	case <-time.After(patience):
		all := make([]byte, 1<<20)
		fmt.Fprint(w, lingering(string(all[:runtime.Stack(all, true)])))
	case <-done:
	}
}

// lingering returns what is said, by the stacks of all goroutines. A run that waits for the
// reader of its output is in no step of a node.
func lingering(stacks string) string {
	for stack := range strings.SplitSeq(stacks, "\n\n") {
		head, _, _ := strings.Cut(stack, "\n")
		if strings.Contains(stack, "/sim.(*World[") && !strings.Contains(head, "[syscall") && !strings.Contains(head, "[IO wait") {
			return fmt.Sprintf("txsim: a node's step does not end; another interrupt ends the process\nit is here, in %s\n", stack)
		}
	}
	return "txsim: has not ended yet; another interrupt ends the process\n"
}

// Main runs the command line and returns the exit code. The protocols are
// offered besides the built-in ones. An interrupt (Ctrl-C) or SIGTERM ends a run
// early but in order; a second one ends the process.
func Main(args []string, stdout, stderr io.Writer, protocols ...model.Protocol) int {
	ctx, stop := untilSignal()
	defer stop()
	a := &app{ctx: ctx, in: &interruptible{ctx, os.Stdin}, out: stdout, err: stderr, protocols: append(model.Protocols(), protocols...)}
	a.protocols = append(a.protocols, mutant.Protocols()...)
	if err := scenarios.CheckProtocols(a.protocols); err != nil {
		fmt.Fprintf(stderr, "txsim: %v\n", err)
		return exitUsage
	}
	done := make(chan struct{})
	defer close(done)
	go lingers(ctx, done, patience, stderr)
	return a.main(args)
}

// main runs the command line and returns the exit code.
func (a *app) main(args []string) int {
	code := a.command(args)
	if code == exitInterrupted && errors.Is(context.Cause(a.ctx), errTerminated) {
		return exitTerminated
	}
	return code
}

func (a *app) command(args []string) int {
	root := a.root()
	root.SetArgs(args)
	help := &errorWriter{w: a.out}
	root.SetOut(help)
	root.SetErr(a.err)
	err := root.Execute()
	if err == nil {
		err = help.err
	}
	if errors.Is(err, scenarios.ErrUnstable) {
		a.code = exitDiffers
		_, err = fmt.Fprintln(a.out, err)
	}
	var bad *input.Error
	switch {
	case err == nil:
		return a.code
	case errors.Is(err, syscall.EPIPE):
		return exitPipe
	case a.ctx.Err() != nil && errors.Is(err, context.Canceled): // interrupted while it waited for input
		return exitInterrupted
	case errors.As(err, &bad): // without "txsim:" in front, so that editors recognise file:line
		fmt.Fprintln(a.err, err)
	default:
		fmt.Fprintf(a.err, "txsim: %v\n", err)
	}
	return exitUsage
}

// errorWriter keeps the first error of a write, for callers that ignore it, as cobra does
// when it prints help.
type errorWriter struct {
	w   io.Writer
	err error
}

// Write implements io.Writer.
func (e *errorWriter) Write(p []byte) (int, error) {
	n, err := e.w.Write(p)
	if e.err == nil {
		e.err = err
	}
	return n, err
}

// app is what the commands share.
type app struct {
	ctx       context.Context
	in        io.Reader
	out, err  io.Writer
	protocols []model.Protocol
	quiet     bool            // no progress
	judges    analysis.Judges // the judges for --oracles; the zero value except in tests
	watch     func(done int)  // called with progress; nil except in tests
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
  txsim run bank -o bank.log      keep the log …
  txsim replay bank.log           … and run it again: is it the same?
  txsim hunt bank --swarm         look for violations under many seeds
  txsim sweep ycsb --vary clients=1..64*2   throughput and latency, by parameters
  txsim matrix bank               crash every node at every step of a transaction
  txsim check bank.history        judge a saved history without running anything
  txsim show bank > my.yaml       the start of a scenario of your own

Exit codes: 0 all invariants hold, 1 violated, 2 bad usage or input, 3 unknown
(a bound was hit), 4 not deterministic, 130 interrupted, 141 the reader of the output
is gone, 143 terminated (SIGTERM), which is an interrupt otherwise.`,
		Version:           scenarios.Version,
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		Args:              knownCommand,
		PersistentPreRunE: meant,
		RunE:              func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetVersionTemplate("txsim {{.Version}}\n")
	root.AddCommand(a.runCommand(), a.replayCommand(), a.huntCommand(), a.shrinkCommand(), a.matrixCommand(), a.mutantsCommand(),
		a.checkCommand(), a.sweepCommand(), a.reportCommand(), a.compareCommand(), a.exploreCommand(), a.stepCommand(), a.listCommand(), a.showCommand(), a.versionCommand())
	root.AddCommand(topics()...)
	root.SetHelpCommand(helpCommand())
	strictCompletion(root)
	root.SetFlagErrorFunc(flagError)
	return root
}

func (a *app) versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: noArgument,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(a.out, "txsim", scenarios.Version)
			return err
		},
	}
}
