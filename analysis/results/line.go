package results

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/seed83d86191/txsim/analysis"
)

// Line is the result of one run.
type Line struct {
	Cell       []Setting          `json:"cell"`
	Seed       uint64             `json:"seed"`
	Verdict    string             `json:"verdict"` // valid, invalid, unknown
	Violations int                `json:"violations,omitempty"`
	Reproduce  string             `json:"reproduce,omitempty"` // if not valid
	Hash       string             `json:"hash"`                // of the trace
	Steady     bool               `json:"steady"`              // false: the figures are those of the whole run
	Figures    map[string]float64 `json:"figures,omitempty"`   // by measure
	Batches    []float64          `json:"batches,omitempty"`   // throughput of equal parts of the window
	// Latencies is the histogram of latencies.
	Latencies Packed `json:"latencies_ns,omitempty"`
	// From is where it was read; the zero value is nowhere.
	From Place `json:"-"`
}

// check refuses a line that no run can have produced.
func (l *Line) check() error {
	for v := analysis.Undecided; v <= analysis.Invalid; v++ {
		if l.Verdict == v.String() {
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

// Figure returns the figure of a measure, if the run has it. Reasons for which nothing was
// aborted are not stored; their figure is 0.
func (l *Line) Figure(measure string) (float64, bool) {
	x, ok := l.Figures[measure]
	if _, counted := l.Figures["aborted"]; !ok && counted && strings.HasPrefix(measure, abortedBy) {
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

// Packed is a histogram as a list: a number of empty buckets, the count of the bucket
// behind them, and so on. In JSON it is a text, which is read faster than a list.
type Packed []int64

// Pack packs a histogram.
func Pack(h *hdrhistogram.Histogram) Packed {
	var packed Packed
	gap := int64(0)
	for _, n := range h.Export().Counts {
		if n == 0 {
			gap++
			continue
		}
		packed = append(packed, gap, n)
		gap = 0
	}
	return packed
}

// MarshalJSON prints the numbers with blanks between them.
func (p Packed) MarshalJSON() ([]byte, error) {
	b := []byte{'"'}
	for i, n := range p {
		if i > 0 {
			b = append(b, ' ')
		}
		b = strconv.AppendInt(b, n, 10)
	}
	return append(b, '"'), nil
}

// buckets is the number of buckets of a latency histogram.
var buckets = sync.OnceValue(func() int64 { return int64(len(analysis.NewLatencyHistogram().Export().Counts)) })

// UnmarshalJSON reads what MarshalJSON prints of a histogram.
func (p *Packed) UnmarshalJSON(b []byte) error {
	*p = make(Packed, 0, bytes.Count(b, []byte(" "))+1)
	for field := range bytes.FieldsSeq(bytes.Trim(b, `"`)) {
		n, err := strconv.ParseInt(string(field), 10, 64)
		if err != nil {
			return fmt.Errorf("latencies: %q: expected a number", field)
		}
		*p = append(*p, n)
	}
	if len(*p)%2 != 0 {
		return fmt.Errorf("latencies: %d numbers: expected pairs, of empty buckets and a count", len(*p))
	}
	left := buckets()
	for k := 0; k < len(*p); k += 2 {
		gap, n := (*p)[k], (*p)[k+1]
		if gap < 0 || gap >= left || n < 1 {
			return fmt.Errorf("latencies: %d empty buckets and then a count of %d: expected a positive count in one of %d buckets", gap, n, buckets())
		}
		left -= gap + 1
	}
	return nil
}

// unpack adds packed latencies to the histogram.
func unpack(packed Packed, h *hdrhistogram.Histogram) {
	counts := make([]int64, buckets())
	i := int64(-1)
	for k := 0; k < len(packed); k += 2 {
		i += packed[k] + 1
		counts[i] = packed[k+1]
	}
	s := analysis.NewLatencyHistogram().Export()
	s.Counts = counts
	h.Merge(hdrhistogram.Import(s))
}

// marshal is json.Marshal without escapes for <, > and &.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// Write writes a header or a line.
func Write(w io.Writer, v any) error {
	b, err := marshal(v)
	if err != nil {
		return err
	}
	_, err = w.Write(append(b, '\n'))
	return err
}

// File is a file of results.
type File struct {
	Path string // where it was read; "" is nowhere, or several files
	Header
	Lines []Line
	// Whole is the length of the file up to its last whole line: a run that was killed
	// leaves part of a line behind it.
	Whole int64
}

// Read reads a file of results. The name is for errors.
func Read(name string, in io.Reader) (*File, error) {
	notResults := fmt.Errorf("%s:1: not the results of a sweep: expected the header that txsim sweep -o writes", name)
	text, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	f := &File{Path: name, Whole: int64(bytes.LastIndexByte(text, '\n') + 1)}
	if f.Whole == 0 {
		if n := min(len(headBegin), len(text)); string(text[:n]) != headBegin[:n] {
			return nil, notResults
		}
		return f, nil
	}
	head, rest, _ := bytes.Cut(text[:f.Whole], []byte("\n"))
	if err := json.Unmarshal(head, &f.Header); err != nil || f.Version == "" || f.Hash == "" {
		return nil, notResults
	}
	var report struct{ Cells json.RawMessage }
	if err := json.Unmarshal(head, &report); err != nil || report.Cells != nil {
		return nil, fmt.Errorf("%s:1: a report: expected the results that txsim sweep -o writes", name)
	}
	texts := bytes.SplitAfter(rest, []byte("\n"))
	texts = texts[:len(texts)-1] // drop what is behind the last newline
	for i, text := range texts {
		if !bytes.HasPrefix(text, []byte(headBegin)) {
			continue
		}
		var h Header
		if err := json.Unmarshal(text, &h); err != nil || h.Hash != f.Hash {
			return nil, fmt.Errorf("%s:%d: not the header of these results: expected hash %s", name, i+2, f.Hash)
		}
		f.Join(&h)
		texts[i] = nil
	}
	f.Lines, err = readLines(name, texts)
	return f, err
}

// readLines reads the lines behind the header, skipping texts that are nil. It works in
// parallel, as this takes nearly all of the time of a report.
func readLines(name string, texts [][]byte) ([]Line, error) {
	lines, errs := make([]Line, len(texts)), make([]error, len(texts))
	var group sync.WaitGroup
	parts := runtime.GOMAXPROCS(0)
	for part := range parts {
		group.Go(func() {
			for i := part * len(texts) / parts; i < (part+1)*len(texts)/parts; i++ {
				if texts[i] != nil {
					errs[i] = cmp.Or(json.Unmarshal(texts[i], &lines[i]), lines[i].check())
					if bytes.Contains(texts[i], []byte(`"latencies":`)) {
						errs[i] = errors.New("its latencies are counted as by an older version: expected the sweep to be made again")
					}
					lines[i].From = Place{name, i + 2}
				}
			}
		})
	}
	group.Wait()
	for i, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("%s:%d: not a result: %v", name, i+2, err)
		}
	}
	kept := lines[:0]
	for i, text := range texts {
		if text != nil {
			kept = append(kept, lines[i])
		}
	}
	return kept, nil
}
