package results

import (
	"slices"
	"strings"
	"testing"
)

// TestMergeCellFiles: files whose cells held something else are refused, also when a third
// file with no say in it lies between; those that tell of other cells add up.
func TestMergeCellFiles(t *testing.T) {
	for _, c := range []struct {
		contents []map[string]string
		want     string // "" if they go together
	}{
		{[]map[string]string{{"x": "1"}, {"y": "1"}, {"x": "1", "y": "2"}}, "y"},
		{[]map[string]string{{"x": "1"}, {"y": "1"}, {"x": "2"}}, "x"},
		{[]map[string]string{{"x": "1"}, nil, {"x": "2"}}, "x"},
		{[]map[string]string{{"x": "1"}, {"y": "1"}, {"x": "1", "y": "1"}}, ""},
		{[]map[string]string{nil, {"x": "1"}, {"y": "1"}}, ""},
	} {
		var files []*File
		for _, content := range c.contents {
			files = append(files, &File{Header: Header{Hash: "h", Command: "txsim sweep sample", Content: content}})
		}
		f, err := Merge(files...)
		switch {
		case c.want == "":
			if err != nil || len(f.Content) != 2 {
				t.Errorf("%v: %v, %v", c.contents, f, err)
			}
		case err == nil || !strings.Contains(err.Error(), "the files of the cell "+c.want+" held something else"):
			t.Errorf("%v: %v", c.contents, err)
		}
	}
}

// TestCommandsQuoted: a text that begins with a quote is split as any other.
func TestCommandsQuoted(t *testing.T) {
	if got := commands("'a && b' && c"); !slices.Equal(got, []string{"'a && b'", "c"}) {
		t.Errorf("%q", got)
	}
}
