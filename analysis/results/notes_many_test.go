package results

import (
	"fmt"
	"strings"
	"testing"
)

// cellsOf is a file of n cells of this many seeds.
func cellsOf(n, seeds int) *File {
	cells := map[string][]float64{}
	for i := range n {
		for s := range seeds {
			cells[fmt.Sprint(i+1)] = append(cells[fmt.Sprint(i+1)], float64(s+1))
		}
	}
	return oneCell(cells)
}

// TestManyNotes: a list of notes is whole up to its bound; beyond that its end says how many
// are left out.
func TestManyNotes(t *testing.T) {
	invalid := func(n int) *File {
		f := cellsOf(n, 1)
		for i := range f.Lines {
			f.Lines[i].Verdict, f.Lines[i].Figures = "invalid", nil
		}
		return f
	}
	partial := func(n int) *File {
		f := cellsOf(n, 2)
		for i := range f.Lines {
			if l := &f.Lines[i]; l.Seed == 1 {
				l.Figures.Set("latency.p50", 1)
			}
		}
		return f
	}
	fewer := func(n int) *File {
		f := cellsOf(n, 1)
		all := oneCell(map[string][]float64{"all": {1, 2}})
		f.Lines = append(f.Lines, all.Lines...)
		return f
	}
	ruled := func(n int) *File { // n cells of the rule, and one more
		f, more := cellsOf(n, 1), oneCell(map[string][]float64{"other": {1}})
		f.Command, more.Command, f.Precision = "txsim sweep a", "txsim sweep b", "50%"
		merged, err := Merge(f, more)
		if err != nil {
			t.Fatal(err)
		}
		return merged
	}
	for _, c := range []struct {
		name     string
		of       func(int) *File
		most     int
		one, end string // of each note; what begins the end of a longer list
		more     string // that end, of one more than the bound
	}{
		{"not valid", invalid, 10, ": INVALID; reproduce", "not valid either", "\nand 1 run more, not valid either\n"},
		{"partial", partial, 12, "latency.p50 of 1 of 2 runs", "\nand so in", "\nand so in 1 cell more\n"},
		{"fewer seeds", fewer, 6, "1 of x=", ", and fewer of", ", and fewer of 1 cell more\n"},
		{"rule", ruled, 6, "", " and more", " and more; intervals after such a rule"},
		{"bottleneck", func(n int) *File { return cellsOf(n, 1) }, 12, "bottleneck of x=", "", ""},
	} {
		for n := c.most; n <= c.most+1; n++ {
			text := lay(t, c.of(n), View{Metrics: []string{"throughput", "latency.p50", bottleneck}}, "table")
			whole, want := n == c.most, c.most
			if c.name == "bottleneck" && !whole { // each would need a sentence of its own
				want = 0
			}
			if got := strings.Count(text, c.one); c.one != "" && got != want {
				t.Errorf("%s of %d: %d notes, expected %d\n%s", c.name, n, got, want, text)
			}
			if c.end != "" && strings.Contains(text, c.end) == whole || !whole && !strings.Contains(text, c.more) {
				t.Errorf("%s of %d: ends with %q is %v\n%s", c.name, n, c.more, whole, text)
			}
		}
	}
}

// TestPairedSeeds: what common random numbers save is told of at least as many pairs as a
// test needs, and in words where it is nothing.
func TestPairedSeeds(t *testing.T) {
	rising, falling := []float64{1, 2, 3, 4, 5, 6}, []float64{6, 5, 4, 3, 2, 1}
	for _, c := range []struct {
		a, b []float64
		want string // "" for no note
	}{
		{rising, rising, "pairing by seed takes 100 % off the variance"},
		{rising, falling, "pairing by seed takes nothing off the variance"},
		{rising[:5], rising[:5], ""},
		{[]float64{-1e200, 2e200, 3e200, 4e200, 5e200, 6e200}, rising, ""}, // its variance is no number
	} {
		text := lay(t, oneCell(map[string][]float64{"1": c.a, "2": c.b}), View{Metrics: []string{"throughput"}}, "table")
		if strings.Contains(text, "pairing by seed") != (c.want != "") || !strings.Contains(text, c.want) {
			t.Errorf("%v and %v: expected %q\n%s", c.a, c.b, c.want, text)
		}
	}
}
