package cmd

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/analysis/results"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/fault"
)

// topics returns the pages of help that are about no command.
func topics() (all []*cobra.Command) {
	for _, p := range []struct{ name, short, text string }{
		{"protocols", "The commit protocols, and what they cost", protocolsPage},
		{"concurrency", "The concurrency controls: who waits, who gives way", concurrencyPage},
		{"execution", "How operations reach the workers", executionPage},
		{"outcomes", "What a client is told, and who can still resolve it", outcomesPage},
		{"parameters", "The parameters of a scenario, and how values are written", parametersPage},
		{"workload", "What generated transactions do", workloadPage},
		{"schedules", "Which event is next", "The schedules, for --schedule and the parameter schedule:\n\n" + scenarios.ScheduleHelp},
		{"faults", "The lines of a fault plan, and when faults end", fault.Help()},
		{"invariants", "What a run is checked for", invariantsPage()},
		{"isolation", "The levels of isolation", isolationPage()},
		{"metrics", "The figures of a run", metricsPage()},
	} {
		all = append(all, &cobra.Command{Use: p.name, Short: p.short, Long: p.text})
	}
	return all
}

// elsewhere maps words that are no command and no topic to where they are explained.
var elsewhere = map[string]string{"transactions": "run", "until": "faults", "history": "check"}

func isolationPage() string {
	text := `The levels of isolation, for the parameter isolation and for check --isolation. A run is
held to what its protocol promises, which is the strongest if it does not say; with
--set isolation=LEVEL to that level. It is then valid if it has none of the anomalies that
the level and what it implies forbid; all other invariants are demanded as ever.

`
	for _, level := range slices.Backward(analysis.IsolationLevels()) {
		text += levelHelp(level)
	}
	return text + anomaliesHelp
}

const anomaliesHelp = `
G0 is a cycle of write dependencies, G1c of write and read dependencies, G-single has one
anti-dependency, G-nonadjacent has no two of them in a row, G2-item has any. G1a
reads what was aborted, G1b what its own transaction overwrote. In real-time and
G-nonadjacent-realtime an answer before a submission counts, too; at no other level does
time count, so that snapshots may be as old as one likes. There are no predicates, and so
repeatable-read is serializable; and no sessions: what one client does has no order but
that in real time. Lost updates count whether a cursor was used or not.

Of what read-uncommitted forbids, Adya's PL-1 is G0 alone. The rest is what no history of
his has: that an attempt is installed which was answered aborted (dirty write), or twice
(duplicate apply), that a commit is not installed (lost write), that what is installed or
read was written by nobody, or was submitted after its reader was answered (garbage), or
that a transaction does not see what it has written itself (internal).

What textbooks call it (Berenson et al., A Critique of ANSI SQL Isolation Levels, 1995):

  dirty write (P0)          G0; here a dirty write is one installed of an aborted attempt
  dirty read (P1, A1)       G1a; G1b if its writer overwrote it; G1c if it goes round
  lost update (P4)          lost update, a special G-single
  fuzzy read (P2, A2)       fractured read, a special G-single; as clients saw it alone, a
                            non-repeatable read
  read skew (A5A)           fractured read, or G-single if it is of several writers
  write skew (A5B)          G2-item, of which it is the shortest
  long fork                 G-nonadjacent
  stale read                real-time, or G-nonadjacent-realtime
  phantom (P3)              none, as there are no predicates
`

func levelHelp(l analysis.Level) string {
	forbids := "forbids " + strings.Join(l.Forbids, ", ")
	switch {
	case l.Forbids == nil:
		forbids = "forbids what is forbidden by " + strings.Join(l.Implies, " and ")
	case l.Implies != nil:
		forbids += ", and what is forbidden by " + strings.Join(l.Implies, " and ")
	}
	lines := append(analysis.Wrap(strings.Fields(forbids), 76), analysis.Wrap(strings.Fields("("+l.Source+")"), 76)...)
	return "  " + strings.ReplaceAll(l.Name, " ", "-") + "\n      " + strings.Join(lines, "\n      ") + "\n"
}

func metricsPage() string {
	text := "The figures of a run, for --metric of sweep, report and compare:\n\n"
	for _, m := range results.Metrics {
		text += fmt.Sprintf("  %-15s  %-11s  %s\n", m.Name, m.Unit, m.Text)
	}
	return text + metricsEnd
}

const metricsEnd = `
There is an aborted.REASON for each reason. What the window is says txsim help sweep; what
happens at its ends is within it. Shares of time are taken from samples of a run.

The time in doubt, by what caused it (txsim run --ledger): parts are the times that a worker
was in doubt, from its YES on (if it crashed with a durable prepare record before its YES had
left, from the crash on, as it cannot know that; where nobody votes YES, from that record on)
to the decision, and once more if a crash lost what it had heard; locked is the time in doubt
once for each lock held meanwhile; blocked are the attempts that waited for such a lock, or
were refused because of it, each counted once for a cause; open are those still in doubt at
the end.

The cause is the latest fault that hit the worker or its coordinator meanwhile, another
worker before it had voted, or a message that led to the decision or told it. What befalls
the coordinator once the decision has left it, and is not lost, is no cause. Without one it
is no fault: latency. So is the doubt of a worker while another one of the transaction waits
for a lock, even if a fault keeps that lock.`
