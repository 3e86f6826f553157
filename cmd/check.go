package cmd

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/history"
	"github.com/seed83d86191/txsim/scenarios/input"
)

const checkHelp = `Judge a history that "txsim run --history FILE" has saved, or one of any other
system (- reads it from standard input). A history is JSON Lines, a record a line in
the order in which things happened, behind a header:

  {"txsim_history":"clients"}
  {"what":"submitted","txn":"t1","ops":[["w","w4","acct/7","10"]]}
  {"what":"answered","txn":"t1","outcome":"committed"}
  {"what":"submitted","txn":"t2","ops":[["r","w4","acct/7"],["w","w9","acct/8","90"]]}
  {"what":"answered","txn":"t2","outcome":"committed","reads":[{"op":0,"value":"10"}]}

An outcome is committed, aborted, unknown or blocked, with "final":false if the
client tried again: what comes then without "try" is of its next attempt. A read
without a value found none; if a commit has no "reads" at all, what it has read is not
judged, and the summary says of how many; "reads":[] of one that has read is refused.
Operations are counted from 0; items begin without a value. Each of these may have
"at", in seconds; if none has, what is found is told by the lines of the file.
Such a history of clients is judged by the black box alone: it refutes, or proves
nothing. Values that are written once only tell it the most.

A history of "storage" also has what storage did, which makes the verdict exact:

  {"txsim_history":"storage"}
  {"what":"submitted","txn":"t1","ops":[["w","w4","acct/7","10"]]}
  {"what":"began","txn":"t1","try":1,"age":"0.000005000"}
  {"what":"installed","txn":"t1","try":1,"op":0,"worker":"w4","key":"acct/7","value":"10"}
  {"what":"answered","txn":"t1","outcome":"committed"}
  {"what":"submitted","txn":"t2","ops":[["r","w4","acct/7"],["w","w9","acct/8","90"]]}
  {"what":"answered","txn":"t2","outcome":"blocked"}
  {"what":"submitted","txn":"t3","ops":[["r","w4","acct/7"]]}
  {"what":"answered","txn":"t3","outcome":"committed","reads":[{"op":0,"value":"10","from":{"txn":"t1","op":0}}]}
  {"what":"stored","worker":"w4","key":"acct/7","value":"10","from":{"txn":"t1","op":0}}
  {"what":"in-doubt","txn":"t2","worker":"w9"}
  {"what":"end","complete":true}

There each read has "from", the version that it saw, unless that is the initial
state; what is installed or stored can be "deleted":true instead of a value, and what is
deleted need not be stored. An age is when the first attempt was submitted; records of what
began may be left out, and then no ages are judged. What began or is installed may have
"at", too; what is left at the end has no time. "complete":true says that all has come to
rest: each transaction has had a final answer by then, unknown if its client never heard
of it, and what is stored is all that there is. What has committed and is in doubt on a
worker at the end, or not installed yet where a history stops, comes after all that is
installed there; of several such versions of an item, nothing says which is first. Of
several stored versions of an item, the newest comes last.

The verdict is on strict serializability, or on the weaker level that --isolation or the
header's field "isolation" names, as in a history that txsim run --set isolation=… has
saved; with a history of clients alone only on the strongest. The row isolation names the
strongest levels that hold and the weakest that do not.

Exit codes: 0 valid, 1 violated, 2 bad input, 3 unknown: not refuted by what clients
saw, or the history stops before its end, 130 interrupted.`

func (a *app) checkCommand() *cobra.Command {
	var format, isolation string
	c := &cobra.Command{
		Use:   "check FILE|-",
		Short: "Judge a saved history without running anything",
		Long:  checkHelp,
		Example: `  txsim run bank --seed 7 --history bank.history
  txsim check bank.history
  txsim check --format json - < mine.history`,
		Args: oneArgument("a saved history or -"),
		RunE: func(_ *cobra.Command, args []string) error { return a.check(args[0], isolation, format) },
	}
	c.Flags().StringVar(&isolation, "isolation", "", "level to hold the history to: "+strings.Join(analysis.IsolationNames(), ", "))
	oneOf(c, "isolation", analysis.IsolationNames()...)
	choose(c, &format, "format", "table or json", "table", "json")
	return c
}

func (a *app) check(name, isolation, format string) error {
	command, in := "txsim check "+input.FileWord(name), a.in
	if name == "-" {
		name = "stdin"
	} else {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		in = &interruptible{a.ctx, f}
	}
	h, err := history.Read(name, in)
	if err != nil {
		return err
	}
	if isolation != "" {
		h.Isolation = isolation
		command += " --isolation " + isolation
		if err := h.Judgeable(); err != nil {
			return fmt.Errorf("--%w", err)
		}
	}
	checked, err := unlessDone(a.ctx, func() *scenarios.Checked { return scenarios.CheckHistory(h, a.judges) })
	if err != nil {
		return err
	}
	switch checked.Verdict {
	case analysis.Invalid:
		a.code = exitInvalid
	case analysis.Undecided:
		a.code = exitUnknown
	}
	if format == "json" {
		return checked.WriteJSON(a.out, command)
	}
	return checked.Write(a.out, command)
}
