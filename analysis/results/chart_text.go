package results

import (
	"bytes"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// letter is the width of a letter of a chart's text, and more than most of them have.
const letter = 7.0

// axisLabel is what stands below a value of the axis.
type axisLabel struct {
	X    string `json:"x"`
	Text string `json:"text"`
}

// label chooses what stands below the axis: the values, but those that would touch the one
// before. Of values that are no numbers each is as telling as the others: if they do not
// all have room, they are numbered, and Key says which is which.
func (c *chart) label() {
	xs := c.places()
	values := slices.SortedFunc(maps.Keys(xs), compareValues)
	own := func(i int) string { return values[i] }
	c.Key = []string{}
	if c.Labels = fitting(xs, values, own); c.Numeric || len(c.Labels) == len(values) {
		return
	}
	c.Labels = fitting(xs, values, func(i int) string { return strconv.Itoa(i + 1) })
	for i, x := range values {
		c.Key = append(c.Key, wrap(fmt.Sprintf("%d: %s", i+1, x))...)
	}
}

// fitting are the labels that touch neither the one before nor the edge of the picture.
func fitting(xs map[string]float64, values []string, text func(i int) string) []axisLabel {
	const gap = 4.0
	var labels []axisLabel
	free := 0.0
	for i, x := range values {
		l := axisLabel{x, text(i)}
		half := letter / 2 * float64(utf8.RuneCountInString(l.Text))
		if xs[x]-half < free || xs[x]+half > chartWidth {
			continue
		}
		labels, free = append(labels, l), xs[x]+half+gap
	}
	return labels
}

// wrap splits a text into rows that fit into the legend, at spaces where there are some.
func wrap(text string) []string {
	const most = 92
	var rows []string
	for utf8.RuneCountInString(text) > most {
		head := string([]rune(text)[:most+1])
		row := head[:max(strings.LastIndexByte(head, ' '), 0)]
		if row == "" {
			row = string([]rune(text)[:most])
		}
		rows = append(rows, row)
		text = strings.TrimPrefix(text[len(row):], " ")
	}
	return append(rows, text)
}

// rows is how many rows stand above the name of a line in the legend.
func (c *chart) rows(line int) int {
	n := len(c.Key)
	for _, l := range c.Lines[:line] {
		n += len(l.Rows)
	}
	return n
}

// axisTitle is the parameter on the axis, and its scale if that is not the usual one.
func (c *chart) axisTitle() string {
	if c.Log {
		return c.Axis + " (logarithmic scale)"
	}
	return c.Axis
}

func textRows(b *bytes.Buffer, x, y float64, rows []string) {
	for i, row := range rows {
		b.WriteString(`<text x="` + fixed(x) + `" y="` + fixed(y+rowHeight*float64(i)) + `" fill="currentColor">` + template.HTMLEscapeString(row) + `</text>`)
	}
}
