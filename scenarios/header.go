package scenarios

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Header is what a log begins with: all that it takes to run it again.
type Header struct {
	Command  string // the line that reproduces the run
	Scenario *Scenario
	All      bool
	Format   Format
}

// The first line of a text log, up to what follows from Header.All.
const (
	headText = "# txsim log of the coordinators"
	headAll  = "# txsim log of all nodes"
)

// jsonHeader is the first line of a JSON Lines log.
type jsonHeader struct {
	Log      string `json:"txsim_log"` // "coordinators" or "all"
	Command  string `json:"command"`
	Scenario string `json:"scenario"` // in YAML
}

// Write prints the header: in text, lines that begin with "# ".
func (h *Header) Write(w io.Writer) error {
	if h.Format == JSONL {
		head := jsonHeader{"coordinators", h.Command, string(h.Scenario.YAML())}
		if h.All {
			head.Log = "all"
		}
		b, err := json.Marshal(head)
		if err != nil {
			return err
		}
		_, err = w.Write(append(b, '\n'))
		return err
	}
	first := headText
	if h.All {
		first = headAll
	}
	var b strings.Builder
	b.WriteString(first + "\n# " + h.Command + "\n")
	for line := range strings.Lines(string(h.Scenario.YAML())) {
		b.WriteString("# " + line)
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// Finish prints what follows the log: the findings, the summary and the line
// that reproduces the run.
func (h *Header) Finish(w io.Writer, r *Result) error {
	if h.Format == JSONL {
		for _, f := range r.Findings {
			b, err := json.Marshal(struct {
				Finding any `json:"finding"`
			}{f})
			if err != nil {
				return err
			}
			if _, err := w.Write(append(b, '\n')); err != nil {
				return err
			}
		}
		s := r.Summary()
		s.Reproduce = h.Command
		_, err := w.Write(append(append([]byte(`{"summary":`), bytes.TrimRight(s.JSON(), "\n")...), "}\n"...))
		return err
	}
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "\nVIOLATION %s\n", f)
		for _, rec := range f.Records {
			b.WriteString("    " + rec + "\n")
		}
	}
	if n := r.Violations - len(r.Findings); n > 0 {
		fmt.Fprintf(&b, "\nand %d more violations\n", n)
	}
	fmt.Fprintf(&b, "\n%s\nreproduce with: %s\n", r.Table(), h.Command)
	_, err := io.WriteString(w, b.String())
	return err
}

// ReadHeader reads the header of a saved log and leaves in at the log itself.
func ReadHeader(name string, in *bufio.Reader) (*Header, error) {
	first, err := in.ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("%s: not a saved log: expected its first line", name)
	}
	h := &Header{}
	switch line := strings.TrimSuffix(first, "\n"); {
	case line == headText || line == headAll:
		h.All = line == headAll
		return h, h.readText(name, in)
	case strings.HasPrefix(line, `{"txsim_log":`):
		return h, h.readJSON(name, line)
	}
	return nil, fmt.Errorf("%s:1: not a saved log: expected %q, %q or the header of a JSON Lines log", name, headText, headAll)
}

func (h *Header) readText(name string, in *bufio.Reader) (err error) {
	var lines []string
	for {
		line, readErr := in.ReadString('\n')
		text, ok := strings.CutPrefix(line, "# ")
		if !ok || readErr != nil {
			break
		}
		lines = append(lines, text)
	}
	if len(lines) < 2 {
		return fmt.Errorf("%s:2: the header is cut short: expected the command and the scenario", name)
	}
	h.Command = strings.TrimSuffix(lines[0], "\n")
	h.Scenario, err = Parse(name, []byte(strings.Join(lines[1:], "")))
	return err
}

func (h *Header) readJSON(name, line string) (err error) {
	h.Format = JSONL
	var head jsonHeader
	if err := json.Unmarshal([]byte(line), &head); err != nil {
		return fmt.Errorf("%s:1: malformed header: %v", name, err)
	}
	h.All, h.Command = head.Log == "all", head.Command
	h.Scenario, err = Parse(name, []byte(head.Scenario))
	return err
}
