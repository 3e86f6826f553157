package results

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func publishedOf(t *testing.T, text string) *Published {
	t.Helper()
	p, err := ReadPublished("paper.csv", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestPublished: cells find their figures whatever the values' notation, and one
// that has none shows none, nor an error in shares of 0.
func TestPublished(t *testing.T) {
	f := &File{}
	for _, delay := range []string{"1ms", "2ms", "3ms"} {
		f.Lines = append(f.Lines, Line{Cell: []Setting{{"network.delay", delay}}, Verdict: "valid", Figures: map[string]float64{"throughput": 90, "latency.mean": 20}})
	}
	p := publishedOf(t, "# a comment\nnetwork.delay, throughput, latency.mean\n1000us, 100, 16\n2ms, 60, 0\n")
	r, err := NewReport(f, View{Published: p})
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"1ms", "1", "90.00", "100", "-10 %", "20.00", "16", "+25 %"},
		{"2ms", "1", "90.00", "60", "+50 %", "20.00", "0", "-"},
		{"3ms", "1", "90.00", "-", "-", "20.00", "-", "-"},
	}
	if diff := cmp.Diff(want, r.Table().Rows); diff != "" {
		t.Error(diff)
	}
	if mean, largest, n := r.Errors("throughput"); mean < 0.29 || mean > 0.31 || largest != 0.5 || n != 2 {
		t.Errorf("off by %v on average, %v at most, over %d", mean, largest, n)
	}
	if mean, largest, n := r.Errors("latency.mean"); mean != 0.25 || largest != 0.25 || n != 1 {
		t.Errorf("off by %v on average, %v at most, over %d", mean, largest, n)
	}
}

func TestPublishedRefused(t *testing.T) {
	for text, want := range map[string]string{ // any order
		"":                             "expected a header",
		"workers,speed\n1,2\n":         "no metric in the header",
		"workers,throughput,colour\n":  "unknown metric colour",
		"workers,throughput\n1,fast\n": "paper.csv:2: throughput = fast: expected a number",
		"workers,throughput\n1\n":      "wrong number of fields",
	} {
		if _, err := ReadPublished("paper.csv", strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, expected %s", text, err, want)
		}
	}
	f := &File{Lines: []Line{{Cell: []Setting{{"workers", "3"}}, Verdict: "valid"}}}
	for text, want := range map[string]string{ // any order
		"clients,throughput\n1,2\n": "clients is not varied by the sweep",
		"workers,throughput\n1,2\n": "has no figures of the cells",
	} {
		if _, err := NewReport(f, View{Published: publishedOf(t, text)}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, expected %s", text, err, want)
		}
	}
}
