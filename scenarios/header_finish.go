package scenarios

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/seed83d86191/txsim/analysis"
)

// Finish prints what follows the log: in text an empty line, and what Summarize
// prints.
func (h *Header) Finish(w io.Writer, r *Result) error {
	if h.Format == Text {
		if _, err := io.WriteString(w, "\n"); err != nil {
			return err
		}
	}
	return h.Summarize(w, r)
}

// Summarize prints the findings, the summary and the line that reproduces the
// run.
func (h *Header) Summarize(w io.Writer, r *Result) error {
	if h.Format == JSONL {
		return h.summarizeJSON(w, r)
	}
	return writeJudged(w, r.Findings, false, r.Violations, r.Disagreement, r.Table(), h.Command)
}

// writeJudged prints the findings that were kept, how many more violations there are, a
// summary, and the command that reproduces it. lines says that the findings have numbers of
// lines in place of times.
func writeJudged(w io.Writer, findings []analysis.Finding, lines bool, violations int, d *analysis.Disagreement, t *analysis.Table, command string) error {
	var b strings.Builder
	for i := range findings {
		appendFinding(&b, &findings[i], lines)
	}
	if n := violations - len(findings); n > 0 {
		fmt.Fprintf(&b, "and %s more\n\n", analysis.Count(n, "violation"))
	}
	appendDisagreement(&b, d)
	b.WriteString(t.String())
	fmt.Fprintf(&b, "\nreproduce with: %s\n", command)
	_, err := io.WriteString(w, b.String())
	return err
}

// seen says when a finding was seen, or in which line of a file without times.
func seen(f *analysis.Finding, lines bool) string {
	switch {
	case lines && f.AtEnd:
		return "seen at the end"
	case lines:
		return fmt.Sprintf("seen in line %d", f.At)
	case f.AtEnd:
		return "seen at the end of the run, " + f.At.String()
	}
	return "seen at " + f.At.String()
}

// appendFinding prints a finding: what is violated, by whom, and the records
// that show it.
func appendFinding(b *strings.Builder, f *analysis.Finding, lines bool) {
	fmt.Fprintf(b, "VIOLATION %s\n", f)
	switch n := len(f.IDs()); {
	case n == 0:
		fmt.Fprintf(b, "  %s\n", seen(f, lines))
	case n > 1:
		fmt.Fprintf(b, "  transactions %s, %s\n", f.Txn, seen(f, lines))
	default:
		fmt.Fprintf(b, "  transaction %s, %s\n", f.Txn, seen(f, lines))
	}
	for _, record := range f.Records {
		b.WriteString("    " + record + "\n")
	}
	b.WriteByte('\n')
}

// appendDisagreement prints a Disagreement, if there is one.
func appendDisagreement(b *strings.Builder, d *analysis.Disagreement) {
	if d == nil {
		return
	}
	fmt.Fprintf(b, "TOOL ERROR %v\n", d)
	for _, record := range d.Records {
		b.WriteString("    " + record + "\n")
	}
	b.WriteByte('\n')
}

// jsonDisagreement is a Disagreement for programs.
type jsonDisagreement struct {
	Accepts string   `json:"accepts"`
	Rejects string   `json:"rejects"`
	Text    string   `json:"text"`
	Records []string `json:"records"`
}

func newJSONDisagreement(d *analysis.Disagreement) *jsonDisagreement {
	return &jsonDisagreement{d.Accepts, d.Rejects, d.Text, append([]string{}, d.Records...)}
}

// jsonFinding is a finding for programs.
type jsonFinding struct {
	Invariant    string   `json:"invariant"`
	Anomaly      string   `json:"anomaly,omitempty"`
	Transactions []string `json:"transactions"`
	At           string   `json:"at,omitempty"`
	Line         int64    `json:"line,omitempty"` // of a file without times
	Text         string   `json:"text"`
	Records      []string `json:"records"`
}

func newJSONFinding(f *analysis.Finding, lines bool) jsonFinding {
	j := jsonFinding{f.Invariant, f.Anomaly, f.IDs(), f.At.String(), 0, f.Text, append([]string{}, f.Records...)}
	if lines {
		j.At, j.Line = "", int64(f.At)
	}
	return j
}

func (h *Header) summarizeJSON(w io.Writer, r *Result) error {
	var b bytes.Buffer
	for _, f := range r.Findings {
		if err := analysis.WriteJSON(&b, map[string]jsonFinding{"finding": newJSONFinding(&f, false)}, ""); err != nil {
			return err
		}
	}
	if d := r.Disagreement; d != nil {
		if err := analysis.WriteJSON(&b, map[string]*jsonDisagreement{"tool_error": newJSONDisagreement(d)}, ""); err != nil {
			return err
		}
	}
	s := r.Summary()
	s.Reproduce = h.Command
	if err := analysis.WriteJSON(&b, map[string]Summary{"summary": s}, ""); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}
