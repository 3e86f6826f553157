package results

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// TestMalformedLine: what no run comes to is refused where it stands, and not left out of
// what is counted.
func TestMalformedLine(t *testing.T) {
	last := buckets() - 1
	for _, c := range []struct{ verdict, latencies, want string }{
		{"valid", "", ""},
		{"invalid", "", ""},
		{"unknown", fmt.Sprint(last, " 1"), ""},
		{"valid", fmt.Sprint("0 1 ", last-1, " 1"), ""},
		{"vaild", "", `verdict "vaild": expected valid, invalid or unknown`},
		{"", "", `verdict "": expected`},
		{"valid", "3", "latencies: 1 numbers: expected pairs"},
		{"valid", "3 1 4", "latencies: 3 numbers: expected pairs"},
		{"valid", "-1 5", "latencies: -1 empty buckets and then a count of 5: expected"},
		{"valid", "1 0", "latencies: 1 empty buckets and then a count of 0: expected"},
		{"valid", "1 -2", "latencies: 1 empty buckets and then a count of -2: expected"},
		{"valid", fmt.Sprint(last+1, " 1"), "empty buckets and then a count of 1: expected"},
		{"valid", fmt.Sprint("0 1 ", last, " 1"), "empty buckets and then a count of 1: expected"},
		{"valid", "9223372036854775807 1", "empty buckets and then a count of 1: expected"},
		{"valid", "-1 5 0 1", "latencies: -1 empty buckets and then a count of 5: expected"},
		{"valid", "1 x", `latencies: "x": expected a number`},
	} {
		line := fmt.Sprintf(`{"cell":[],"seed":1,"verdict":%q,"hash":"x","steady":true,"latencies_ns":%q}`, c.verdict, c.latencies)
		_, err := Read("f.jsonl", strings.NewReader(`{"txsim_sweep":"1","hash":"h"}`+"\n"+line+"\n"))
		if (err == nil) != (c.want == "") || err != nil && !strings.HasPrefix(err.Error(), "f.jsonl:2: not a result: ") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, expected %q", line, err, c.want)
		}
	}
}

// TestFigureSizes: a figure that no run comes to is refused: a chart's axis would have no end of
// steps, and an interval would be infinite.
func TestFigureSizes(t *testing.T) {
	for text, fine := range map[string]bool{ // any order: each by itself
		"0": true, "-0": true, "1e-100": true, "-3": true, "1e100": true, "1.7e308": false, "5e-324": false, "-1.1e100": false, "-9e-101": false,
	} {
		for _, member := range []string{`"figures":{"throughput":%s}`, `"batches":[1,%s]`} {
			line := `{"cell":[],"seed":1,"verdict":"valid","hash":"x","steady":true,` + fmt.Sprintf(member, text) + "}"
			_, err := Read("f", strings.NewReader(`{"txsim_sweep":"1","hash":"h"}`+"\n"+line+"\n"))
			if (err == nil) != fine || err != nil && !strings.HasPrefix(err.Error(), "f:2: not a result: a figure of ") {
				t.Errorf("%s: error %v", line, err)
			}
		}
	}
}

// TestReadFails: what can not be read is no end of a file, and a cell that is none is refused.
func TestReadFails(t *testing.T) {
	const head = `{"txsim_sweep":"1","hash":"h"}` + "\n"
	line := `{"cell":%s,"seed":1,"verdict":"valid","hash":"x","steady":true}` + "\n"
	for _, text := range []string{"", head, head + fmt.Sprintf(line, `["x=1"]`)} {
		broken := errors.New("broken")
		if f, err := Read("f", io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken))); err != broken {
			t.Errorf("behind %q: %v, error %v", text, f, err)
		}
	}
	for cell, want := range map[string]string{`["x"]`: `"x": expected path=value`, `[1]`: "number", `"x=1"`: "string"} { // any order
		if _, err := Read("f", strings.NewReader(head+fmt.Sprintf(line, cell))); err == nil || !strings.HasPrefix(err.Error(), "f:2: not a result: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("a cell %s: error %v, expected %s", cell, err, want)
		}
	}
	if f, err := Read("f", strings.NewReader(head+fmt.Sprintf(line, "null"))); err != nil || f.Lines[0].Cell == nil {
		t.Errorf("of an older version: %v, %v", f, err)
	}
}

// TestReadBlocks: a file that is longer than what is read at a time has all its lines, by
// their numbers, also one that is longer itself, and the end of none is taken for one.
func TestReadBlocks(t *testing.T) {
	const lines = 20000
	var text strings.Builder
	text.WriteString(`{"txsim_sweep":"1","hash":"h"}` + "\n")
	for i := range lines {
		reproduce := "txsim run x"
		if i == lines/2 {
			reproduce += strings.Repeat(" y", blockSize)
		}
		fmt.Fprintf(&text, `{"cell":["x=1"],"seed":%d,"verdict":"invalid","reproduce":%q,"hash":"0123456789abcdef","steady":false}`+"\n", i, reproduce)
	}
	whole := text.Len()
	f, err := Read("f", iotest.HalfReader(strings.NewReader(text.String()+`{"cell":[`)))
	if err != nil || len(f.Lines) != lines || f.Whole != int64(whole) || whole < 4*blockSize {
		t.Fatalf("%v: %d lines, %d bytes of %d", err, len(f.Lines), f.Whole, whole)
	}
	for i := range f.Lines {
		if l := &f.Lines[i]; l.Seed != uint64(i) || l.From.String() != fmt.Sprint("f:", i+2) {
			t.Fatalf("line %d: seed %d, from %s", i, l.Seed, l.From)
		}
	}
	_, err = Read("f", strings.NewReader(text.String()+"{}\n"))
	if want := fmt.Sprintf("f:%d: not a result: verdict", lines+2); err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("a line that is none: %v", err)
	}
}
