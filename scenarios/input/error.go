package input

import (
	"fmt"
	"strings"
)

// MaxProblems is how many problems of an input are reported at most.
const MaxProblems = 10

// Error lists what is wrong with an input, in order of its lines.
type Error struct {
	Name     string // of the file; "stdin" for standard input
	Problems []Problem
	More     bool // there may be more problems than those listed
}

// Problem is one thing wrong with an input: what was found, and what is
// expected.
type Problem struct {
	Line   int // from 1; 0 if it is the whole file
	Column int // in bytes, from 1; 0 if Text quotes what it is about
	Text   string
}

// Error prints one problem a line, as "orders.txt:12:7: text".
func (e *Error) Error() string {
	var b strings.Builder
	for i, p := range e.Problems {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(e.Name)
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d", p.Line)
		}
		if p.Column > 0 {
			fmt.Fprintf(&b, ":%d", p.Column)
		}
		b.WriteString(": " + p.Text)
	}
	if e.More {
		fmt.Fprintf(&b, "\n%s: stopped after %d problems", e.Name, len(e.Problems))
	}
	return b.String()
}

// Problemf makes a problem of the line being parsed; the scanner adds the line.
func Problemf(column int, format string, args ...any) *Problem {
	return &Problem{Column: column, Text: fmt.Sprintf(format, args...)}
}
