package cmd

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/sim"
)

// stepHelp lists the commands of step.
const stepHelp = `  next [N]        go on by an event, or N (n)
  back [N]        go back by an event, or N (b)
  goto N          go to where N events have taken place
  node NAME       go on to the next event of a node: node w3
  txn ID          to the next event of a transaction: txn t7
  kind KIND       to the next message, log record or note of a kind, or to the next
                  crash, restart, timer, sync, lost, …: kind commit
  violation       to where the checkers see the next violation
  show [NODE]     print the state of a node, or of all: log, attempts, staged
                  writes, locks, store, timers, what waits for it (s)
  inflight        print the messages in flight, and those that wait at a node
  enabled         print what could be next
  pending         print all that has yet to take place
  where           print where this is, and what has been violated so far
  help            print this
  quit            leave (q)`

func (a *app) stepCommand() *cobra.Command {
	f := &scenarioFlags{}
	c := &cobra.Command{
		Use:   "step REPRO|SCENARIO|LOG",
		Short: "Go through a run event by event, forward and backward",
		Long: `Go through the run of a repro, a scenario or a saved log, event by event, with commands
from standard input, one a line; an empty line repeats the last. Going back is running
again up to there.

` + stepHelp + `

Exit codes: 0, 2 for a command that makes no sense, unless it was typed at a terminal.`,
		Example: `  txsim step found.yaml
  txsim step pair --protocol presumed-commit
  txsim step crashes --seed 7 --swarm
  printf 'violation\nshow w0\nback 3\nenabled\n' | txsim step found.yaml`,
		Args: oneArgument("a repro, a scenario or a saved log"), ValidArgsFunction: completeScenarios,
		RunE: func(c *cobra.Command, args []string) error {
			s, err := a.stepScenario(args[0])
			if err != nil {
				return err
			}
			if err := f.apply(c, s); err != nil {
				return err
			}
			return a.step(s, args[0], f.swarm)
		},
	}
	f.add(c, a.protocols)
	return c
}

// stepScenario returns the scenario of a saved log, or any that run takes. Of a log of another
// version it says so, as its run may be another in this one.
func (a *app) stepScenario(name string) (*scenarios.Scenario, error) {
	if ext := filepath.Ext(name); ext == ".yaml" || ext == ".yml" || inLibrary(name) {
		return loadScenario(name)
	}
	f, err := os.Open(name)
	if err != nil {
		return loadScenario(name)
	}
	defer f.Close()
	h, err := scenarios.ReadHeader(name, bufio.NewReader(f))
	switch {
	case errors.Is(err, scenarios.ErrNoLog):
		if info, err := f.Stat(); err == nil && !info.Mode().IsRegular() { // a pipe cannot be read again
			return nil, fmt.Errorf("%s: not a saved log, and not a regular file: expected transactions in one, to be read again", name)
		}
		return loadScenario(name)
	case err != nil:
		return nil, err
	}
	if h.Version != scenarios.Version {
		if _, err := fmt.Fprintf(a.out, "%s was made %sIts run may be another here: txsim replay %s says.\n\n", name, otherVersion(h), input.FileWord(name)); err != nil {
			return nil, err
		}
	}
	return h.Scenario, nil
}

// otherVersion says of which version a log is.
func otherVersion(h *scenarios.Header) string {
	return fmt.Sprintf("with version %s; this is %s\n", h.Version, scenarios.Version)
}

// stepping is one session.
type stepping struct {
	*app
	out  *errorWriter // to app.out
	s    *scenarios.Stepper
	last string
}

func (a *app) step(s *scenarios.Scenario, name string, swarm bool) error {
	if s.Transactions.File == "-" {
		return errors.New("transactions from standard input: the commands come from there; expected a file")
	}
	job, err := a.openSaved(name, s, nil)
	if err != nil {
		return err
	}
	defer job.Close()
	if swarm {
		job = job.Swarmed(s.Seed)
	}
	stepper, err := scenarios.NewStepper(a.ctx, job)
	if err != nil {
		return err
	}
	st := &stepping{app: a, out: &errorWriter{w: a.out}, s: stepper}
	st.where()
	return st.talk(bufio.NewScanner(a.in), isTerminal(a.in))
}

// talk carries out one command after the other, until there are no more or output fails. A
// mistake ends it, unless the commands are typed.
func (st *stepping) talk(in *bufio.Scanner, typed bool) error {
	for {
		if typed {
			fmt.Fprint(st.out, "> ")
		}
		if st.out.err != nil {
			return st.out.err
		}
		if !in.Scan() {
			if errors.Is(in.Err(), bufio.ErrTooLong) {
				return fmt.Errorf("a command is longer than %d bytes", bufio.MaxScanTokenSize)
			}
			return in.Err()
		}
		line := strings.TrimSpace(in.Text())
		if line == "" {
			line = st.last
		}
		st.last = line
		switch err := st.do(strings.Fields(line)); {
		case errors.Is(err, errQuit):
			return nil
		case st.ctx.Err() != nil:
			st.code = exitInterrupted
			return nil
		case err != nil && !typed:
			return err
		case err != nil:
			fmt.Fprintln(st.out, err)
		}
	}
}

var errQuit = errors.New("quit")

// stepCommands are the words that commands begin with.
var stepCommands = []string{"next", "back", "goto", "node", "txn", "kind", "violation", "show", "inflight", "enabled", "pending", "where", "help", "quit"}

var stepShort = map[string]string{"n": "next", "b": "back", "s": "show", "q": "quit"}

// do carries out a command.
func (st *stepping) do(words []string) error {
	if len(words) == 0 {
		return nil
	}
	command, rest := words[0], words[1:]
	if long, ok := stepShort[command]; ok {
		command = long
	}
	if !slices.Contains(stepCommands, command) {
		return input.Unknown("command", command, stepCommands)
	}
	switch command {
	case "next", "back", "goto":
		return st.move(command, rest)
	case "node", "txn", "kind":
		name, ok := oneName(rest)
		if !ok {
			return fmt.Errorf("%s: expected one name", command)
		}
		return st.find(command, name)
	case "show":
		return st.show(rest)
	}
	if len(rest) > 0 {
		return fmt.Errorf("%s: expected nothing behind it, found %q", command, rest[0])
	}
	switch command {
	case "violation":
		return st.violation()
	case "where":
		st.where()
	case "help":
		fmt.Fprintln(st.out, stepHelp)
	case "quit":
		return errQuit
	default:
		st.print(st.s.Pending(command))
	}
	return nil
}

func (st *stepping) print(lines []string) {
	if len(lines) == 0 {
		lines = []string{"nothing"}
	}
	for _, line := range lines {
		fmt.Fprintln(st.out, line)
	}
}

func (st *stepping) move(command string, rest []string) error {
	n, least := 1, 1
	if command == "goto" {
		least = 0
	}
	if len(rest) > 0 {
		var err error
		if n, err = strconv.Atoi(rest[0]); err != nil || n < least || len(rest) > 1 {
			return fmt.Errorf("%s: expected a number of events from %d on, found %q", command, least, strings.Join(rest, " "))
		}
	} else if command == "goto" {
		return errors.New("goto: expected a number of events")
	}
	at := st.s.At()
	to := n
	switch command {
	case "next":
		to = at + min(n, st.s.End())
	case "back":
		to = at - n
	}
	if err := st.s.Go(st.ctx, to); err != nil {
		return err
	}
	text := "the run ends here"
	if to < 0 || command == "back" {
		text = "the run begins here"
	}
	st.arrived(st.s.At() != at || command == "goto", text)
	return nil
}

// oneName returns a name, which is one word, or several in quotes as a name with blanks is
// printed.
func oneName(words []string) (name string, ok bool) {
	text := strings.Join(words, " ")
	if name, err := strconv.Unquote(text); err == nil {
		return name, true
	}
	return text, len(words) == 1
}

// find goes on to the next event of a node, a transaction or a kind.
func (st *stepping) find(command, name string) error {
	var matches func(r *sim.Record[model.Message]) bool
	switch command {
	case "node":
		n := slices.Index(st.s.Nodes(), name)
		if n < 0 {
			return input.Unknown("node", name, st.s.Nodes())
		}
		matches = func(r *sim.Record[model.Message]) bool { return r.Node == sim.NodeID(n) }
	case "txn":
		index, ok := st.s.Transaction(name)
		if !ok {
			return fmt.Errorf("unknown transaction %s", name)
		}
		matches = func(r *sim.Record[model.Message]) bool { return model.AttemptOf(r.Label).Txn == index }
	case "kind":
		if kinds := st.s.Kinds(); !slices.Contains(kinds, name) && !strings.HasPrefix(name, "user+") {
			if input.Nearest(name, kinds) == "" {
				return fmt.Errorf("unknown kind %s: expected one of %s", name, strings.Join(kinds, ", "))
			}
			return input.Unknown("kind", name, kinds)
		}
		matches = func(r *sim.Record[model.Message]) bool { return st.s.OfKind(r, name) }
	}
	found, err := st.s.Find(st.ctx, matches)
	if err == nil {
		st.arrived(found, "none from here on")
	}
	return err
}

// violation goes on to the next one and prints the findings that are new there. If there is
// no new finding, since only the first ones of a kind are kept, it says that there is one
// more.
func (st *stepping) violation() error {
	known := map[string]bool{}
	for i := range st.s.Result().Findings {
		known[st.s.Result().Findings[i].String()] = true
	}
	found, err := st.s.FindViolation(st.ctx)
	if err != nil {
		return err
	}
	st.arrived(found, "no violation from here on")
	if !found {
		return nil
	}
	r, named := st.s.Result(), false
	for i := range r.Findings {
		if text := r.Findings[i].String(); !known[text] {
			fmt.Fprintf(st.out, "violated here: %s\n", text)
			named = true
		}
	}
	if !named {
		fmt.Fprintf(st.out, "violated here: one more of what is violated already, violations so far: %d\n", r.Violations)
	}
	return nil
}

// arrived prints what the last event did, or why there was none.
func (st *stepping) arrived(moved bool, otherwise string) {
	if !moved {
		fmt.Fprintln(st.out, otherwise)
		return
	}
	fmt.Fprintf(st.out, "event %d of %d\n", st.s.At(), st.s.End())
	for _, l := range st.s.Lines() {
		fmt.Fprintf(st.out, "%s", l.Append(nil))
	}
	if text := st.s.Waiting(); text != "" {
		fmt.Fprintln(st.out, text)
	}
}

// where prints how far the run has come.
func (st *stepping) where() {
	st.arrived(true, "")
	r := st.s.Result()
	for i := range r.Findings {
		fmt.Fprintf(st.out, "violated so far: %s\n", r.Findings[i])
	}
	if n := r.Violations - len(r.Findings); n > 0 {
		fmt.Fprintf(st.out, "and %s more so far\n", analysis.Count(n, "violation"))
	}
	fmt.Fprintf(st.out, "the whole run: %s, violations: %d\n", st.s.Whole().Verdict, st.s.Whole().Violations)
}

func (st *stepping) show(rest []string) error {
	nodes := st.s.Nodes()
	for n, name := range nodes {
		if len(rest) == 0 || rest[0] == name {
			st.print(st.s.Node(sim.NodeID(n)))
		}
	}
	if len(rest) > 0 && !slices.Contains(nodes, rest[0]) {
		return input.Unknown("node", rest[0], nodes)
	}
	return nil
}
