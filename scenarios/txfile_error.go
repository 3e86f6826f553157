package scenarios

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxInputProblems is how many problems of an input are reported at most.
const MaxInputProblems = 10

// InputError lists what is wrong with an input, in order of its lines.
type InputError struct {
	Name     string // of the file; "stdin" for standard input
	Problems []InputProblem
	More     bool // there may be more problems than those listed
}

// InputProblem is one thing wrong with an input: what was found, and what is
// expected.
type InputProblem struct {
	Line   int // from 1; 0 if it is the whole file
	Column int // in bytes, from 1; 0 if Text quotes what it is about
	Text   string
}

// Error prints one problem a line, as "orders.txt:12:7: text".
func (e *InputError) Error() string {
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

// problemf makes a problem of the line being parsed; the scanner adds the line.
func problemf(column int, format string, args ...any) *InputProblem {
	return &InputProblem{Column: column, Text: fmt.Sprintf(format, args...)}
}

// excerpt quotes s, cut to what fits a message.
func excerpt(s []byte) string {
	const most = 60
	if len(s) <= most {
		return strconv.Quote(string(s))
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return strconv.Quote(string(s[:cut])) + "…"
}
