package scenarios

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/scenarios/input"
)

// Version is the version of the simulator. Another version may produce another trace from
// the same scenario and seed.
const Version = "0.17.0"

// Header is the beginning of a log: all that is needed to run it again.
type Header struct {
	Version   string // of the simulator that made the log; "" is this one
	Command   string // the line that reproduces the run
	Scenario  *Scenario
	All       bool // what Log shows
	Format    Format
	Unchecked bool // see Options

	lines int // how many lines the header had in the log it was read from
}

// The first line of a text log is "# txsim VERSION log of the coordinators".
const (
	headBegin     = "# txsim "
	headCore      = " log of the coordinators"
	headAll       = " log of all nodes"
	headUnchecked = ", unchecked"
)

// jsonHeader is the first line of a JSON Lines log.
type jsonHeader struct {
	Log       string `json:"txsim_log"` // "coordinators" or "all"
	Version   string `json:"version"`
	Command   string `json:"command"`
	Unchecked bool   `json:"unchecked,omitempty"`
	Scenario  string `json:"scenario"` // in YAML
}

// Rebase makes transactions.file relative to the current directory, as in a header, instead
// of to the scenario's own file.
func (s *Scenario) Rebase() {
	if s.readsFile() && !filepath.IsAbs(s.Transactions.File) {
		s.Transactions.File = filepath.Join(s.dir, s.Transactions.File)
	}
	s.dir = ""
}

// readsFile reports whether the transactions are those of a file on disk.
func (s *Scenario) readsFile() bool {
	name := s.Transactions.File
	return name != "" && name != "-" && !strings.HasPrefix(name, libraryPrefix)
}

// Inputs returns the files that the scenario reads, by names relative to the current
// directory: its own unless it is of the library, the file of transactions, and workload
// files of YCSB.
func (s *Scenario) Inputs() []string {
	c := s.Clone()
	if c.Rebase(); c.readsFile() {
		return append(c.files, c.Transactions.File)
	}
	return c.files
}

// Write prints the header: in text, lines that begin with "# " and an empty
// line.
func (h *Header) Write(w io.Writer) error {
	s := h.Scenario.Clone()
	s.Rebase()
	if h.Format == JSONL {
		head := jsonHeader{"coordinators", h.version(), h.Command, h.Unchecked, string(s.YAML())}
		if h.All {
			head.Log = "all"
		}
		return analysis.WriteJSON(w, head, "")
	}
	var b strings.Builder
	b.WriteString(headBegin + h.version())
	if h.All {
		b.WriteString(headAll)
	} else {
		b.WriteString(headCore)
	}
	if h.Unchecked {
		b.WriteString(headUnchecked)
	}
	b.WriteString("\n# " + h.Command + "\n")
	for line := range strings.Lines(string(s.YAML())) {
		b.WriteString("# " + line)
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func (h *Header) version() string {
	if h.Version == "" {
		return Version
	}
	return h.Version
}

// ErrNoLog is the error of a file that does not begin like a log.
var ErrNoLog = errors.New("not a saved log")

// ReadHeader reads the header of a saved log, and leaves in positioned at the log itself.
// The name is that of the file, for errors: ErrNoLog, or one about a damaged log.
func ReadHeader(name string, in *bufio.Reader) (*Header, error) {
	first, err := in.ReadString('\n')
	if err != nil && err != io.EOF {
		return nil, err
	}
	h := &Header{lines: 1}
	line := strings.TrimSuffix(first, "\n")
	plain := strings.TrimSuffix(strings.TrimPrefix(line, input.BOM), "\r")
	switch {
	case plain != line && (h.parseFirst(plain) || strings.HasPrefix(plain, `{"txsim_log":`)):
		err = fmt.Errorf("%s:1: not as txsim run -o wrote it: expected no byte order mark, and lines that end in \\n alone", name)
	case h.parseFirst(line):
		err = h.readText(name, in)
	case strings.HasPrefix(line, `{"txsim_log":`):
		err = h.readJSON(name, line)
	default:
		err = fmt.Errorf("%s:1: %w: expected the first line of what txsim run -o wrote, %q or a JSON header",
			name, ErrNoLog, headBegin+Version+headCore)
	}
	if err != nil {
		return nil, err
	}
	h.Scenario.dir = ""
	h.Scenario.protocolAt, h.Scenario.fileAt = position{}, position{} // those in the header are of no use
	return h, nil
}

func (h *Header) parseFirst(line string) bool {
	line, ok := strings.CutPrefix(line, headBegin)
	if !ok {
		return false
	}
	line, h.Unchecked = strings.CutSuffix(line, headUnchecked)
	if h.Version, h.All = strings.CutSuffix(line, headAll); h.All {
		return true
	}
	h.Version, ok = strings.CutSuffix(line, headCore)
	return ok
}

func (h *Header) readText(name string, in *bufio.Reader) (err error) {
	var lines []string
	for {
		line, err := in.ReadString('\n')
		text, ok := strings.CutPrefix(line, "# ")
		h.lines++
		switch {
		case err != nil && err != io.EOF:
			return err
		case err == nil && ok:
			lines = append(lines, text)
			continue
		case err != nil || line != "\n" || len(lines) < 2:
			return fmt.Errorf("%s:%d: the header is cut short: expected the command, the scenario and an empty line", name, h.lines)
		}
		break
	}
	h.Command = strings.TrimSuffix(lines[0], "\n")
	// Two lines stand before the scenario: errors name the right line.
	h.Scenario, err = Parse(name, []byte("\n\n"+strings.Join(lines[1:], "")))
	return err
}

func (h *Header) readJSON(name, line string) (err error) {
	h.Format = JSONL
	var head jsonHeader
	if err := json.Unmarshal([]byte(line), &head); err != nil {
		return fmt.Errorf("%s:1: malformed header: %v", name, err)
	}
	if head.Log != "all" && head.Log != "coordinators" {
		return fmt.Errorf("%s:1: txsim_log = %q: must be coordinators or all", name, head.Log)
	}
	h.All, h.Version, h.Command, h.Unchecked = head.Log == "all", head.Version, head.Command, head.Unchecked
	h.Scenario, err = Parse(name, []byte(head.Scenario))
	return err
}
