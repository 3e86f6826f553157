package results

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/seed83d86191/txsim/analysis"
)

// Line is the result of one run.
type Line struct {
	Cell       []Setting `json:"cell"`
	Seed       uint64    `json:"seed"`
	Verdict    string    `json:"verdict"` // valid, invalid, unknown
	Violations int       `json:"violations,omitempty"`
	Reproduce  string    `json:"reproduce,omitempty"` // if not valid
	Hash       string    `json:"hash"`                // of the trace
	Steady     bool      `json:"steady"`              // false: the figures are those of the whole run
	Figures    Figures   `json:"figures,omitempty"`
	Batches    []float64 `json:"batches,omitempty"` // throughput of equal parts of the window
	// Latencies is the histogram of latencies.
	Latencies Packed `json:"latencies_ns,omitempty"`
	// From is where it was read; the zero value is nowhere.
	From Place `json:"-"`
	// Rules are those of the header that it was read below, or of the file that Merge found it
	// in; nil before.
	Rules []Rule `json:"-"`
}

// huge is more than any figure of a run comes to, and 1 over it is less, unless that is 0.
// Squares and sums of figures within are finite, and so are the steps of a chart's axis.
const huge = 1e100

// check refuses a line that no run can have produced.
func (l *Line) check() error {
	for _, figures := range [][]float64{l.Figures, l.Batches} {
		for _, x := range figures { // one that the run does not have is NaN
			if size := math.Abs(x); size > huge || 0 < size && size < 1/huge {
				return fmt.Errorf("a figure of %g: expected 0 or a size from %g to %g", x, 1/huge, huge)
			}
		}
	}
	for v := analysis.Undecided; v <= analysis.Invalid; v++ {
		if l.Verdict == v.String() {
			l.Verdict = v.String() // one text for all lines
			return nil
		}
	}
	return fmt.Errorf("verdict %q: expected valid, invalid or unknown", l.Verdict)
}

// Place is a line of a file, from 1.
type Place struct {
	File string
	Line int
}

func (p Place) String() string { return fmt.Sprintf("%s:%d", p.File, p.Line) }

// Figure returns the figure of a metric, if the run has it. Reasons for which nothing was
// aborted are not stored; their figure is 0.
func (l *Line) Figure(metric string) (float64, bool) {
	x, ok := l.Figures.get(metric)
	if _, counted := l.Figures.get("aborted"); !ok && counted && strings.HasPrefix(metric, abortedBy) {
		return 0, true
	}
	return x, ok
}

// Setting is a parameter of a cell and its value.
type Setting struct{ Path, Value string }

// MarshalJSON prints a setting as path=value.
func (s Setting) MarshalJSON() ([]byte, error) { return marshal(s.String()) }

// UnmarshalJSON reads path=value.
func (s *Setting) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	path, value, ok := bytes.Cut([]byte(text), []byte("="))
	if !ok {
		return fmt.Errorf("%q: expected path=value", text)
	}
	s.Path, s.Value = string(path), string(value)
	return nil
}

func (s Setting) String() string { return s.Path + "=" + s.Value }

// SameVaried reports whether two cells vary the same parameters.
func SameVaried(a, b []Setting) bool {
	return slices.EqualFunc(a, b, func(x, y Setting) bool { return x.Path == y.Path })
}

// marshal returns what analysis.WriteJSON writes on one line.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	err := analysis.WriteJSON(&b, v, "")
	return b.Bytes(), err
}
