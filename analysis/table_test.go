package analysis

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func tableExample() *Table {
	t := &Table{Header: []string{"outcome", "count", "p99 µs"}, Right: []bool{false, true, true}}
	t.Add("committed", "98", "1204")
	t.Add("aborted (unknown transaction)", "2", "")
	t.Add(`a | b "c" <d>`, "1000000", "7")
	return t
}

// TestTable is how a table looks: columns aligned, headers as they were given.
func TestTable(t *testing.T) {
	want := `
 outcome                          count  p99 µs
────────────────────────────────────────────────
 committed                           98    1204
 aborted (unknown transaction)        2
 a | b "c" <d>                  1000000       7
`
	got := "\n" + tableExample().String()
	if trimRight(got) != want {
		t.Errorf("got%s\nwant%s", got, want)
	}
	if len((&Table{Header: []string{"a"}}).String()) == 0 {
		t.Error("a table without rows has no header")
	}
}

// TestTableEnvironment looks at no terminal and no locale.
func TestTableEnvironment(t *testing.T) {
	want := tableExample().String()
	for _, e := range [][2]string{{"COLUMNS", "20"}, {"LC_ALL", "zh_CN.UTF-8"}, {"LANG", "ja_JP.UTF-8"}, {"RUNEWIDTH_EASTASIAN", "1"}, {"TERM", "dumb"}, {"NO_COLOR", "1"}} {
		t.Setenv(e[0], e[1])
		if got := tableExample().String(); got != want {
			t.Errorf("%s=%s changes the table to\n%s", e[0], e[1], got)
		}
	}
}

func TestTableJSON(t *testing.T) {
	got := string(tableExample().JSON())
	want := `[
  {"outcome": "committed", "count": "98", "p99 µs": "1204"},
  {"outcome": "aborted (unknown transaction)", "count": "2", "p99 µs": ""},
  {"outcome": "a | b \"c\" <d>", "count": "1000000", "p99 µs": "7"}
]
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	var rows []map[string]string
	if err := json.Unmarshal([]byte(got), &rows); err != nil || len(rows) != 3 || rows[2]["outcome"] != `a | b "c" <d>` {
		t.Errorf("%v, %v", rows, err)
	}
	if got := string((&Table{}).JSON()); got != "[\n]\n" {
		t.Errorf("an empty table is %q", got)
	}
}

// trimRight drops blanks at the ends of lines.
func trimRight(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// TestWrap: no line is longer than it may be but one that is a single word, and no word
// is lost.
func TestWrap(t *testing.T) {
	words := strings.Fields("one-decision atomicity a b unreasonably-long-word c d")
	for _, width := range []int{1, 8, 13, 100} {
		lines := Wrap(words, width)
		if got := strings.Fields(strings.Join(lines, " ")); !slices.Equal(got, words) {
			t.Errorf("width %d: %q", width, got)
		}
		for _, line := range lines {
			if len(line) > width && strings.Contains(line, " ") {
				t.Errorf("width %d: %q", width, line)
			}
		}
	}
}

// TestCount: one thing has no plural s, and several have it where their noun ends.
func TestCount(t *testing.T) {
	for _, tc := range []struct {
		n          int
		noun, want string
	}{
		{0, "run", "0 runs"}, {1, "run", "1 run"}, {2, "run", "2 runs"},
		{1, "kind of finding", "1 kind of finding"}, {2, "kind of finding", "2 kinds of finding"},
		{1, "resource manager", "1 resource manager"}, {2, "resource manager", "2 resource managers"},
	} {
		if got := Count(tc.n, tc.noun); got != tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
}

// TestWriteJSON: what is written for programs has no escapes that only a page of HTML needs, and of
// what does not marshal nothing is written.
func TestWriteJSON(t *testing.T) {
	var b bytes.Buffer
	if err := WriteJSON(&b, []string{"a <& b>"}, " "); err != nil || b.String() != "[\n \"a <& b>\"\n]\n" {
		t.Errorf("%v: %q", err, &b)
	}
	b.Reset()
	if err := WriteJSON(&b, []any{1, func() {}}, ""); err == nil || b.Len() > 0 {
		t.Errorf("a function: %v, %q", err, &b)
	}
}
