package scenarios

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/history"
)

// Checked is the result of checking a saved history.
type Checked struct {
	History      *history.Saved
	Verdict      analysis.Verdict
	Findings     []analysis.Finding // the first ones; see Violations
	Violations   int
	Levels       analysis.Levels   // isolation levels; only of a history of storage
	Refuted      *analysis.Finding // what the black box found
	Brute        analysis.Brute    // only of a history of storage
	Disagreement *analysis.Disagreement

	submitted int
	outcomes  [model.Blocked + 1]int // transactions by final outcome; those without one are pending
	unread    int                    // committed transactions whose reads have no results
}

// CheckHistory judges a saved history without running anything. A history with only what
// clients saw is judged by the black box alone, which can refute it but not prove it: the
// verdict is invalid or unknown. Otherwise all judges are compared with the serialization
// graph. The verdict is on h.Isolation, which must be h.Judgeable.
func CheckHistory(h *history.Saved, judges analysis.Judges) *Checked {
	recording, black := h.Recording, analysis.BlackBox
	if h.Timeless {
		recording, black = h.ByLine(), analysis.BlackBoxOfLines
	}
	c := &Checked{History: h, Refuted: black(recording.Events)}
	c.count(h.Events)
	if h.Clients {
		if c.Refuted != nil {
			c.Verdict, c.Findings, c.Violations = analysis.Invalid, []analysis.Finding{*c.Refuted}, 1
		}
		return c
	}
	white := analysis.NewHistoryChecker(analysis.HistoryOptions{Format: model.Formatter{ID: h.ID, CustomIDs: true}, Isolation: analysis.LevelOf(h.Isolation), Lines: h.Timeless, Window: -1})
	c.Findings = recording.Feed(white)
	c.Violations, c.Levels = white.Total(), white.Levels()
	c.Brute = analysis.BruteForce(&h.Recording)
	c.Disagreement = h.CrossCheck(white, judges)
	switch {
	case c.Violations > 0:
		c.Verdict = analysis.Invalid
	case h.Complete && c.Disagreement == nil:
		c.Verdict = analysis.Valid
	}
	return c
}

// count counts transactions, each by its first final answer. A wrong history may have more
// of these, or one of what nobody submitted.
func (c *Checked) count(events []model.Event) {
	open := map[uint64]bool{}
	for i := range events {
		switch e := &events[i]; {
		case e.Kind == model.Submitted:
			c.submitted++
			open[e.Txn.Index] = true
		case e.Kind == model.Answered && (e.Final || e.Outcome == model.Committed) && open[e.Txn.Index]:
			delete(open, e.Txn.Index)
			c.outcomes[e.Outcome]++
			if e.Outcome == model.Committed && len(e.Reads) == 0 && slices.ContainsFunc(e.Txn.Ops, func(op model.Op) bool { return op.Kind == model.Read }) {
				c.unread++
			}
		}
	}
}

// Write prints the findings and the verdicts; command is the line that does it again.
func (c *Checked) Write(w io.Writer, command string) error {
	return writeJudged(w, c.Findings, c.History.Timeless, c.Violations, c.Disagreement, c.table(), command)
}

func (c *Checked) table() *analysis.Table {
	t := &analysis.Table{Header: []string{"check", ""}}
	h := c.History
	if h.Command != "" {
		t.Add("history of", h.Command)
	}
	t.Add("lines", fmt.Sprintf("%d, %s", h.Lines, c.view()))
	t.Add("transactions", fmt.Sprintf("%d submitted", c.submitted))
	for o := model.Committed; o <= model.Blocked; o++ {
		if n := c.outcomes[o]; n > 0 || o <= model.Aborted {
			t.Add("  "+o.String(), fmt.Sprint(n))
		}
	}
	if c.unread > 0 {
		t.Add("  without results", analysis.Count(c.unread, "commit")+": what was read there is not judged")
	}
	for _, j := range c.judges() {
		t.Add(j.Judge, j.Says)
	}
	if !h.Clients {
		t.AddLines("isolation", analysis.Wrap(strings.Fields(heldTo(c.History.Isolation)+c.Levels.String()), 60))
	}
	t.Add("verdict", c.verdict())
	return t
}

func (c *Checked) view() string {
	switch h := c.History; {
	case h.Clients:
		return "what clients saw"
	case !h.Whole:
		return "what clients and storage saw; the end is missing"
	case !h.Complete:
		return "what clients and storage saw; the run was stopped"
	}
	return "what clients and storage saw"
}

// judgement is the answer of one of the judges.
type judgement struct {
	Judge string `json:"judge"`
	Says  string `json:"says"`
}

func (c *Checked) judges() []judgement {
	asked := ""
	if heldTo(c.History.Isolation) != "" {
		asked = ", which is not asked for"
	}
	black := "not refuted"
	if c.Refuted != nil {
		black = "refuted: " + c.Refuted.Fingerprint() + asked
	}
	list := []judgement{{"black box", black}}
	if c.History.Clients {
		return list
	}
	graph := "nothing wrong"
	switch {
	case c.Violations > 0:
		graph = analysis.Count(c.Violations, "violation")
	case !c.History.Complete:
		graph = "nothing wrong as far as it goes"
	}
	all := ""
	switch c.Brute.Verdict {
	case analysis.Valid:
		all = "one explains it all"
	case analysis.Invalid:
		all = c.Brute.Why + asked
	default:
		all = "not tried: " + c.Brute.Why
	}
	return append([]judgement{{"graph of versions", graph}}, append(list, judgement{"all orders", all})...)
}

func (c *Checked) verdict() string {
	switch {
	case c.Verdict == analysis.Invalid:
		return invalidText(c.Violations)
	case c.Verdict == analysis.Valid:
		return "valid"
	case c.Disagreement != nil:
		return "unknown: those who judge the history disagree"
	case c.History.Clients:
		return "unknown: not refuted by what clients saw, which proves nothing right"
	}
	return "unknown: the history stops before the end"
}

// jsonChecked is Checked for programs.
type jsonChecked struct {
	Verdict    string            `json:"verdict"`
	Violations int               `json:"violations"`
	Findings   []jsonFinding     `json:"findings"`
	ToolError  *jsonDisagreement `json:"tool_error,omitempty"`
	Judges     []judgement       `json:"judges"`
	View       string            `json:"view"` // clients or storage
	Whole      bool              `json:"whole"`
	Complete   bool              `json:"complete"`
	Lines      int               `json:"lines"`
	Submitted  int               `json:"submitted"`
	Unread     int               `json:"committed_without_results"`
	HeldTo     string            `json:"isolation_held_to"`
	Holding    []string          `json:"isolation_holding"`
	Violated   []string          `json:"isolation_violated"`
	Outcomes   map[string]int    `json:"outcomes"`
	Command    string            `json:"command,omitempty"`
	Reproduce  string            `json:"reproduce"`
}

// WriteJSON is Write for programs: one object.
func (c *Checked) WriteJSON(w io.Writer, command string) error {
	h := c.History
	j := jsonChecked{
		Verdict: c.Verdict.String(), Violations: c.Violations, Findings: []jsonFinding{}, Judges: c.judges(),
		View: h.View(), Whole: h.Whole, Complete: h.Complete, Lines: h.Lines,
		Submitted: c.submitted, Unread: c.unread, Outcomes: map[string]int{}, Command: h.Command, Reproduce: command,
		HeldTo: cmp.Or(h.Isolation, analysis.IsolationNames()[0]), Holding: append([]string{}, c.Levels.Holding()...), Violated: append([]string{}, c.Levels.Violated()...),
	}
	for i := range c.Findings {
		j.Findings = append(j.Findings, newJSONFinding(&c.Findings[i], h.Timeless))
	}
	if d := c.Disagreement; d != nil {
		j.ToolError = newJSONDisagreement(d)
	}
	for o := model.Committed; o <= model.Blocked; o++ {
		j.Outcomes[o.String()] = c.outcomes[o]
	}
	return analysis.WriteJSON(w, j, "")
}
