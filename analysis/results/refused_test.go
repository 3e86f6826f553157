package results

import (
	"strings"
	"testing"
)

// TestRefused: what has no meaning is refused with what would have one, and makes no table.
func TestRefused(t *testing.T) {
	f, err := Merge(sample(2, 1))
	if err != nil {
		t.Fatal(err)
	}
	other := oneCell(map[string][]float64{"1": {1}})
	mixed := &File{Header: f.Header, Lines: append(f.Lines[:1:1], other.Lines...)}
	p := publishedOf(t, "protocol,throughput\na,100\n")
	report := func(f *File, v View) func() error {
		return func() error { _, err := NewReport(f, v); return err }
	}
	compare := func(a, b *File, metrics ...string) func() error {
		return func() error { _, err := Compare(a, b, metrics); return err }
	}
	for want, of := range map[string]func() error{ // any order: each by itself
		"no results yet: expected a line for each run behind the header":         report(&File{}, View{}),
		"f.jsonl: no results yet: expected a line":                               report(&File{Path: "f.jsonl"}, View{}),
		"vary different parameters: expected results of the same --vary":         report(mixed, View{}),
		"unknown metric speed: ":                                                 report(f, View{Metrics: []string{"speed"}}),
		"published figures and columns by a parameter: expected one of them":     report(f, View{Columns: "clients", Published: p}),
		"x is not varied by the sweep: expected --vary x=":                       report(f, View{Published: publishedOf(t, "x,throughput\n1,1\n")}),
		"has no figures of the cells of the sweep":                               report(f, View{Published: publishedOf(t, "protocol,throughput\nc,1\n")}),
		"rows protocol: expected clients too, or several cells would look the s": report(f, View{Rows: []string{"protocol"}}),
		"y is not varied: expected one of protocol, clients":                     report(f, View{Columns: "y"}),
		"bottleneck is a word and has no ratio: expected metrics that are numbe": compare(f, f, "throughput", bottleneck),
		"no cell is on both sides":                                               compare(f, other),
		"baseline y=1: y is not varied: expected one of protocol, clients":       func() error { _, err := CompareTo(f, Setting{"y", "1"}, nil); return err },
		"baseline y=1: no such cell":                                             func() error { _, err := CompareTo(&File{}, Setting{"y", "1"}, nil); return err },
		"no results":                                                             func() error { _, err := Merge(); return err },
	} {
		if err := of(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, expected %q", err, want)
		}
	}
}
