package scenarios

import (
	"bufio"
	"bytes"
	"io"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/sim"
)

// Format is the form of a log.
type Format uint8

// The forms.
const (
	Text Format = iota
	JSONL
)

// Log writes a run's trace as people or programs read it, a record a line.
type Log struct {
	w      *bufio.Writer
	json   bool
	all    bool
	format *model.Formatter
	buf    []byte
	color  bool
	each   func(r *sim.Record[model.Message], line string) // not nil: is given the lines, for comparing runs
	err    error
}

// NewLog returns a log on w: only the coordinators' actions, or with all
// whatever happened. Flush it at the end.
func NewLog(w io.Writer, f Format, all, color bool) *Log {
	return &Log{w: bufio.NewWriterSize(w, 1<<16), json: f == JSONL, all: all, color: color && f == Text}
}

// Trace implements sim.Tracer.
func (l *Log) Trace(r *sim.Record[model.Message]) {
	if !l.all && !core(r) {
		return
	}
	line := l.format.Line(r)
	switch {
	case l.each != nil:
		l.each(r, string(bytes.TrimSuffix(line.Append(nil), []byte("\n"))))
	case line.Core || l.all:
		l.write(&line)
	}
}

// locks writes what becomes of a request for a lock. It is no record of the trace, and
// comparisons of traces do without.
func (l *Log) locks(at sim.Time, e *model.LockEvent) {
	if l.all && l.each == nil {
		line := l.format.LockLine(at, e)
		l.write(&line)
	}
}

func (l *Log) write(line *model.Line) {
	if l.buf = l.buf[:0]; l.json {
		l.buf = appendJSONLine(l.buf, line)
	} else {
		l.buf = line.Append(l.buf)
	}
	if c := colorOf(line); l.color && c != "" {
		l.buf = append([]byte(c), l.buf[:len(l.buf)-1]...)
		l.buf = append(l.buf, "\x1b[0m\n"...)
	}
	if _, err := l.w.Write(l.buf); err != nil && l.err == nil {
		l.err = err
	}
}

// core reports, at little cost, whether a record may belong to the coordinators' log.
func core(r *sim.Record[model.Message]) bool {
	switch r.Op {
	case sim.TraceAppend, sim.TraceSync, sim.TraceSynced, sim.TraceTimer:
		return false
	}
	return true
}

// Flush writes out what is buffered and returns the first error of any write.
func (l *Log) Flush() error {
	if err := l.w.Flush(); err != nil && l.err == nil {
		l.err = err
	}
	return l.err
}

// Writer returns the writer for header and summary, which stand before and after the log's
// lines.
func (l *Log) Writer() io.Writer { return l.w }

func colorOf(l *model.Line) string {
	switch l.What {
	case "suspect", "crash", "dead", "stopped", "finding", "cut":
		return "\x1b[31m"
	case "recover", "restart", "heal":
		return "\x1b[36m"
	case "decide":
		return "\x1b[33m"
	case "outcome":
		return "\x1b[1m"
	}
	return ""
}

// appendJSONLine prints {"at":"0.000912331","who":…,"what":…,"about":…,"detail":…}.
func appendJSONLine(b []byte, l *model.Line) []byte {
	b = append(b, `{"at":"`...)
	b, _ = l.At.AppendText(b)
	b = append(b, '"')
	for _, f := range [...][2]string{{"who", l.Who}, {"what", l.What}, {"about", l.About}, {"detail", l.Detail}} {
		if f[1] != "" {
			b = append(append(append(b, `,"`...), f[0]...), `":`...)
			b = input.AppendString(b, f[1])
		}
	}
	return append(b, '}', '\n')
}
