package analysis

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// Table is rows of preformatted cells under a header. Right says which columns
// are aligned to the right.
type Table struct {
	Header []string
	Right  []bool
	Rows   [][]string
}

// Add appends a row.
func (t *Table) Add(cells ...string) { t.Rows = append(t.Rows, cells) }

// AddLines appends a row of two cells, of which the second has several lines. It adds
// nothing if there are no lines.
func (t *Table) AddLines(head string, lines []string) {
	for _, line := range lines {
		t.Add(head, line)
		head = ""
	}
}

// String renders the table as text; it looks at no terminal and no
// environment.
func (t *Table) String() string {
	var b bytes.Buffer
	align := make([]tw.Align, len(t.Header))
	for i := range align {
		align[i] = tw.AlignLeft
		if i < len(t.Right) && t.Right[i] {
			align[i] = tw.AlignRight
		}
	}
	w := tablewriter.NewTable(&b,
		tablewriter.WithRenderer(renderer.NewBlueprint(tw.Rendition{
			Symbols: tw.NewSymbols(tw.StyleLight),
			Borders: tw.BorderNone,
			Settings: tw.Settings{
				Separators: tw.Separators{BetweenColumns: tw.Off, BetweenRows: tw.Off},
				Lines:      tw.Lines{ShowHeaderLine: tw.On},
			},
		})),
		tablewriter.WithEastAsian(tw.Off),
		tablewriter.WithHeaderAutoFormat(tw.Off),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone),
		tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithHeaderAlignmentConfig(tw.CellAlignment{PerColumn: align}),
		tablewriter.WithRowAlignmentConfig(tw.CellAlignment{PerColumn: align}),
		tablewriter.WithTrimSpace(tw.Off),
	)
	header := make([]any, len(t.Header))
	for i, h := range t.Header {
		header[i] = h
	}
	w.Header(header...)
	for _, r := range t.Rows {
		if err := w.Append(r); err != nil {
			panic("analysis: table: " + err.Error()) // rows of strings can not fail
		}
	}
	if err := w.Render(); err != nil {
		panic("analysis: table: " + err.Error())
	}
	var text strings.Builder
	for line := range strings.Lines(b.String()) {
		text.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return text.String()
}

// JSON renders the table as a JSON array of objects, a row a line, with the
// header as names.
func (t *Table) JSON() []byte {
	b := []byte("[\n")
	for i, r := range t.Rows {
		b = append(b, "  {"...)
		for j, cell := range r {
			if j > 0 {
				b = append(b, ", "...)
			}
			b = appendJSON(b, t.Header[j])
			b = append(b, ": "...)
			b = appendJSON(b, cell)
		}
		b = append(b, '}')
		if i < len(t.Rows)-1 {
			b = append(b, ',')
		}
		b = append(b, '\n')
	}
	return append(b, "]\n"...)
}

func appendJSON(b []byte, s string) []byte {
	var text bytes.Buffer
	_ = WriteJSON(&text, s, "") // a string always marshals
	return append(b, bytes.TrimSuffix(text.Bytes(), []byte("\n"))...)
}

// WriteJSON writes v as JSON without escapes for <, > and &, on one line if indent is "".
// Nothing is written if v does not marshal.
func WriteJSON(w io.Writer, v any, indent string) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	return e.Encode(v)
}

// Count prints a number of things; noun is the word for one. A plural s goes to its end, or
// before an "of": "2 kinds of finding".
func Count[N int | uint64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	head, of, more := strings.Cut(noun, " of ")
	if more {
		of = " of " + of
	}
	return fmt.Sprintf("%d %ss%s", n, head, of)
}

// Millis prints a duration in milliseconds, with microseconds.
func Millis(d time.Duration) string { return fmt.Sprintf("%.3f ms", float64(d)/1e6) }

// Wrap joins words, which may have blanks in them, into lines of at most width bytes.
func Wrap(words []string, width int) []string {
	var lines []string
	line := ""
	for _, w := range words {
		if line != "" && len(line)+1+len(w) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += w
	}
	return append(lines, line)
}
