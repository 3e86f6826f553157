package scenarios

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/seed83d86191/txsim/analysis"
)

// Finish prints what follows the log: the findings, the summary and the line
// that reproduces the run.
func (h *Header) Finish(w io.Writer, r *Result) error {
	if h.Format == JSONL {
		return h.finishJSON(w, r)
	}
	var b strings.Builder
	for i := range r.Findings {
		appendFinding(&b, &r.Findings[i])
	}
	if n := r.Violations - len(r.Findings); n > 0 {
		fmt.Fprintf(&b, "\nand %d more violations\n", n)
	}
	b.WriteByte('\n')
	for line := range strings.Lines(r.Table().String()) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	fmt.Fprintf(&b, "\nreproduce with: %s\n", h.Command)
	_, err := io.WriteString(w, b.String())
	return err
}

// appendFinding prints a finding: what is violated, by whom, and the records
// that show it.
func appendFinding(b *strings.Builder, f *analysis.Finding) {
	fmt.Fprintf(b, "\nVIOLATION %s\n", f)
	switch n := strings.Count(f.Txn, " "); {
	case f.Txn == "":
		fmt.Fprintf(b, "  seen at %s\n", f.At)
	case n > 0:
		fmt.Fprintf(b, "  transactions %s, seen at %s\n", f.Txn, f.At)
	default:
		fmt.Fprintf(b, "  transaction %s, seen at %s\n", f.Txn, f.At)
	}
	for _, record := range f.Records {
		b.WriteString("    " + record + "\n")
	}
}

// jsonFinding is a finding for programs.
type jsonFinding struct {
	Invariant    string   `json:"invariant"`
	Anomaly      string   `json:"anomaly,omitempty"`
	Transactions []string `json:"transactions"`
	At           string   `json:"at"`
	Text         string   `json:"text"`
	Records      []string `json:"records"`
}

func (h *Header) finishJSON(w io.Writer, r *Result) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for _, f := range r.Findings {
		j := jsonFinding{f.Invariant, f.Anomaly, strings.Fields(f.Txn), f.At.String(), f.Text, append([]string{}, f.Records...)}
		if err := e.Encode(map[string]jsonFinding{"finding": j}); err != nil {
			return err
		}
	}
	s := r.Summary()
	s.Reproduce = h.Command
	if err := e.Encode(map[string]Summary{"summary": s}); err != nil {
		return err
	}
	_, err := w.Write(b.Bytes())
	return err
}
