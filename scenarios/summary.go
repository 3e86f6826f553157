package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/fault"
	"github.com/seed83d86191/txsim/sim"
)

// Table is the summary of a run for people.
func (r *Result) Table() *analysis.Table {
	t := &analysis.Table{Header: []string{"summary", ""}}
	m := r.Metrics
	t.Add("transactions", fmt.Sprintf("%d submitted in %s", m.Submitted, analysis.Count(m.Attempts, "attempt")))
	for o := model.Committed; o <= model.Blocked; o++ {
		if n := m.Outcomes[o]; n > 0 || o <= model.Aborted {
			t.Add("  "+o.String(), count(n, m.Submitted)+r.reasons(o, &m.Reasons))
		}
	}
	if open := r.Tally.Open; open > 0 {
		t.Add("  open", fmt.Sprint(open))
	}
	t.Add("attempts aborted", cmp.Or(strings.TrimPrefix(r.reasons(model.Aborted, &m.Refused), ": "), "none"))
	r.addSpeed(t)
	t.Add("messages", r.perCommit(r.Stats.Messages, "in", r.Stats.Packets, "packet")+r.bytes())
	t.Add("forced log writes", r.perCommit(r.Tally.Forced, "by", r.Stats.Syncs, "sync"))
	if r.spans != nil && r.Metrics.Committed() > 0 && !r.timeless() {
		p := r.pressure()
		t.AddLines("bottleneck", analysis.Wrap(strings.Fields(p.Sentence()), 60))
	}
	t.AddLines("faults", r.faultLines())
	if !r.unchecked() {
		t.AddLines("time in doubt", r.inDoubt())
		t.AddLines("  due to faults", r.doubts())
		if d := r.Ledger.Recovery(); d.Times > 0 {
			t.Add("downtime", fmt.Sprintf("mean %s  max %s  over %d", analysis.Millis(d.Total/time.Duration(d.Times)), analysis.Millis(d.Max), d.Times))
		}
	}
	if n := len(r.Excused); n > 0 {
		lines := []string{fmt.Sprintf("%d, waiting for nodes that are dead for good", n)}
		for _, b := range r.Blocked {
			lines = append(lines, b.String())
		}
		t.AddLines("unresolved", lines)
	}
	t.AddLines("virtual time", r.time())
	t.Add("events", fmt.Sprintf("%d, %s in the trace", r.Stats.Events, analysis.Count(r.Records, "record")))
	if !r.unchecked() {
		t.AddLines("invariants", analysis.Wrap(r.invariants(), 60))
		t.AddLines("not checked", r.notChecked())
		t.AddLines("isolation", analysis.Wrap(strings.Fields(r.isolation()), 60))
	}
	t.Add("verdict", r.verdict())
	t.Add("trace hash", hashText(r.Hash))
	return t
}

// notChecked lists the invariants that the run was not checked for, and why.
func (r *Result) notChecked() []string {
	if len(r.NotChecked) == 0 {
		return nil
	}
	var items []string
	for _, n := range r.NotChecked {
		items = append(items, n.Name+" ("+n.Why+")")
	}
	return analysis.Wrap(strings.Fields(strings.Join(items, ", ")), 60)
}

// timeless reports whether the run's times are no more than numbers of steps.
func (r *Result) timeless() bool { return r.Scenario.Schedule.Strategy == sim.Exhaustive }

// addSpeed adds the throughput and the latencies, if there is time in the run.
func (r *Result) addSpeed(t *analysis.Table) {
	if r.timeless() {
		t.Add("throughput", "none: the schedule exhaustive has no time, its times count steps")
		return
	}
	m := r.Metrics
	t.Add("throughput", perSecond(m.Throughput())+" committed/s of virtual time")
	latency := "no commit"
	if m.Committed() > 0 {
		latency = fmt.Sprintf("p50 %s  p99 %s  max %s", analysis.Millis(m.Quantile(0.5)), analysis.Millis(m.Quantile(0.99)), analysis.Millis(m.Max()))
	}
	t.Add("latency", latency)
	if r.spans != nil {
		t.AddLines("", r.spent())
	}
}

// isolation prints which levels hold, and for how many commits the reads are not judged.
func (r *Result) isolation() string {
	text := heldTo(r.Isolation) + r.Levels.String()
	if n := r.Levels.Unread(); n > 0 {
		text += "; " + analysis.Count(n, "commit") + " told no results"
	}
	return text
}

// heldTo says to which level of isolation a history is held, if not to the strongest.
func heldTo(isolation string) string {
	level := analysis.LevelOf(isolation)
	if level == "" || level == analysis.LevelStrictSerializable {
		return ""
	}
	return "held to " + level + "; "
}

// spent prints what the mean latency was spent on; if not all commits were followed, what
// that of so many was.
func (r *Result) spent() []string {
	m := r.spans.Means(0, sim.Never)
	if m.Commits == 0 || r.Metrics.Mean() == 0 {
		return nil
	}
	var words []string
	for s, d := range m.Spent {
		if d > 0 {
			words = append(words, fmt.Sprintf("%s\u00a0%s", analysis.SpanNames[s], analysis.Millis(d)))
		}
	}
	mean := "mean " + analysis.Millis(r.Metrics.Mean())
	if uint64(m.Commits) < r.Metrics.Committed() {
		mean += fmt.Sprintf("; of %d followed", m.Commits)
	}
	lines := analysis.Wrap(append([]string{strings.ReplaceAll(mean, " ", "\u00a0") + ":"}, words...), 60)
	for i := range lines {
		lines[i] = strings.ReplaceAll(lines[i], "\u00a0", " ")
	}
	return lines
}

// unchecked reports whether the invariants were left unchecked: only then does a run come
// to rest without a verdict.
func (r *Result) unchecked() bool {
	return r.Verdict == analysis.Undecided && r.End.Status == sim.Quiet && r.Disagreement == nil
}

func (r *Result) verdict() string {
	switch {
	case r.Verdict == analysis.Invalid:
		text := invalidText(r.Violations)
		if len(r.Outside) > 0 {
			text += ", expected under " + strings.Join(r.Outside, " and ")
		}
		return text
	case r.Verdict == analysis.Valid && r.Metrics.Outcomes[model.Blocked] > 0:
		return "valid; what is blocked waits for a node that is dead for good"
	case r.Verdict == analysis.Valid && r.Metrics.Committed() == 0:
		return "valid; " + noCommit
	case r.Disagreement != nil:
		return "unknown: those who judge the history disagree"
	case r.unchecked():
		return "unknown: the invariants were not checked"
	case r.Verdict == analysis.Undecided:
		return "unknown: " + r.ending()
	}
	return r.Verdict.String()
}

// noCommit is what is said of runs that are all valid, and show next to nothing.
const noCommit = "nothing was committed: no commit was tested"

// invalidText returns the verdict on a run with so many violations.
func invalidText(violations int) string {
	return "INVALID: " + analysis.Count(violations, "violation")
}

// time prints how long the run took, and from when on it only waited for the dead: messages and
// log writes up to its end count.
func (r *Result) time() []string {
	lines := []string{r.Now.String() + " s, " + r.ending()}
	if r.waitsForDead() {
		lines = append(lines, "last answer at "+r.Metrics.Last.String()+" s; messages and log writes behind it count, doubt does not")
	}
	return lines
}

// ending says how the run ended.
func (r *Result) ending() string {
	switch {
	case r.waitsForDead():
		return "at rest but for what waits for the dead"
	case r.End.Stuck:
		return "stuck"
	case r.End.Status == sim.Quiet:
		return "at rest"
	}
	return r.End.Status.String()
}

func count(n, of uint64) string {
	if of == 0 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d (%.1f %%)", n, 100*float64(n)/float64(of))
}

// reasons lists why attempts or transactions were aborted.
func (r *Result) reasons(o model.Outcome, n *[256]uint64) string {
	if o != model.Aborted {
		return ""
	}
	var parts []string
	for i, k := range n {
		if k > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", r.format.Reason(model.Reason(i)), k))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return ": " + strings.Join(parts, ", ")
}

// perCommit prints two counts, divided by the number of commits.
func (r *Result) perCommit(n uint64, in string, m uint64, what string) string {
	c := r.Metrics.Committed()
	if c == 0 {
		return fmt.Sprintf("%d, %s %s; no commit", n, in, analysis.Count(m, what))
	}
	return fmt.Sprintf("%.2f per commit, %s %.2f %ss", float64(n)/float64(c), in, float64(m)/float64(c), what)
}

// bytes prints the size of the messages of a commit.
func (r *Result) bytes() string {
	c := r.Metrics.Committed()
	if c == 0 {
		return ""
	}
	return fmt.Sprintf(", %.0f bytes", float64(r.Stats.Bytes)/float64(c))
}

// faults prints how often nodes crashed or paused, and how often messages were lost or copied.
func (r *Result) faults() string {
	s := r.Stats
	var parts []string
	add := func(n uint64, one, more, what string) {
		if n == 1 {
			more = one
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s%s", n, more, what))
		}
	}
	add(s.Crashes, "crash", "crashes", "")
	add(s.Pauses, "pause", "pauses", "")
	add(s.Lost[sim.LostByChance], "message", "messages", " lost")
	add(s.Lost[sim.LostByFault], "message", "messages", " dropped")
	add(s.Lost[sim.LostByPartition], "message", "messages", " cut off")
	add(s.Lost[sim.LostNodeDown], "message", "messages", " to nodes down")
	add(s.Duplicates, "message", "messages", " duplicated")
	return strings.Join(parts, ", ")
}

// inDoubt prints for how long parts were in doubt. Those that still are count up
// to the end of the run, or to the last answer: see doubtsEnd.
func (r *Result) inDoubt() []string {
	d := r.InDoubt
	lines := []string{fmt.Sprintf("mean %s  max %s  over %s", analysis.Millis(d.Mean()), analysis.Millis(d.Max), analysis.Count(d.Parts, "part"))}
	if d.Open > 0 {
		upTo := "up to which they count"
		if r.waitsForDead() {
			upTo = "counted up to the last answer"
		}
		lines = append(lines, fmt.Sprintf("%d still in doubt at the end, %s", d.Open, upTo))
	}
	return lines
}

// mostDoubts bounds the faults that the table lists for having put workers in doubt.
const mostDoubts = 4

// doubts prints the time in doubt that is charged to faults: in all, and for the faults
// that cost most.
func (r *Result) doubts() []string {
	sum := r.Ledger.Sum()
	if sum.Parts == 0 {
		return nil
	}
	var lines []string
	if len(r.Ledger.Faults) > 1 {
		lines = append(lines, doubt(sum))
	}
	for i, e := range r.Ledger.Faults {
		if i == mostDoubts {
			return append(lines, "and "+analysis.Count(len(r.Ledger.Faults)-i, "fault")+" more")
		}
		at := ""
		if e.At >= 0 {
			at = " at " + e.At.String()
		}
		lines = append(lines, e.Fault+at+": "+doubt(e))
	}
	return lines
}

func doubt(e analysis.LedgerEntry) string {
	s := fmt.Sprintf("%s, %s, locks for %s, %d blocked", analysis.Count(e.Parts, "part"), analysis.Millis(e.Total), analysis.Millis(e.Locked), e.Blocked)
	if e.Open > 0 {
		s += fmt.Sprintf(", %d to the end", e.Open)
	}
	return s
}

// downtimes is a table of how long nodes took from crash to recovery.
func (r *Result) downtimes() *analysis.Table {
	t := &analysis.Table{Header: []string{"crashed", "times", "mean", "max"}, Right: []bool{false, true, true, true}}
	for _, d := range r.Ledger.Down {
		t.Add(r.format.Node(d.Node), fmt.Sprint(d.Times), analysis.Millis(d.Total/time.Duration(d.Times)), analysis.Millis(d.Max))
	}
	return t
}

// LedgerText is what run --ledger prints between the log and the summary.
func (r *Result) LedgerText() string {
	return fmt.Sprintf("\n%s\n%s\n%s\n", r.Ledger.Table(), r.Ledger.LongestTable(r.format), r.downtimes())
}

// mostStruck bounds the lines of a fault plan in the table.
const mostStruck = 12

// faultLines prints the counts of faults, and which lines of the plan struck.
func (r *Result) faultLines() []string {
	lines := r.struck()
	if slices.ContainsFunc(r.Struck, func(s fault.Strikes) bool {
		return s.Cut || s.Times == 0 && r.Scenario.Until == UntilSubmitted && (r.Calmed > 0 || r.End.Status == sim.Quiet)
	}) {
		why := "when no transaction was left"
		switch {
		case r.Calmed > 0 && r.Calmed >= sim.Time(r.Scenario.Limits.Faults): // later where events come late
			why = "as limits.faults says"
		case r.Scenario.Until > 0:
			why = "as the scenario says"
		}
		lines = append(lines, fmt.Sprintf("faults ended %s, at %s s: see txsim help faults", why, r.Calmed))
	}
	effects := r.faults()
	if effects == "" && slices.ContainsFunc(r.Struck, func(s fault.Strikes) bool { return s.Times > 0 }) {
		return lines
	}
	return append([]string{cmp.Or(effects, "none")}, lines...)
}

// struck prints how often each line of the fault plan struck: a line that never did tests
// nothing.
func (r *Result) struck() []string {
	var lines []string
	for i, s := range r.Struck {
		if i == mostStruck {
			return append(lines, "and "+analysis.Count(len(r.Struck)-i, "line")+" more")
		}
		times := fmt.Sprintf("%d times", s.Times)
		switch s.Times {
		case 0:
			times = "never"
		case 1:
			times = "once"
		}
		if s.Cut && s.Times > 0 {
			times += ", cut short"
		}
		lines = append(lines, times+": "+s.Line)
	}
	return lines
}

// perSecond prints a rate to a decimal, and a small one to two digits.
func perSecond(rate float64) string {
	if rate > 0 && rate < 0.1 {
		return strconv.FormatFloat(rate, 'g', 2, 64)
	}
	return strconv.FormatFloat(rate, 'f', 1, 64)
}
