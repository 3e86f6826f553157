package results

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
)

// TestMissingRuns: the results of a part of a sweep say that they are a part, in a pivot too,
// and those of the whole do not. Of several commands it is not known what the whole is.
func TestMissingRuns(t *testing.T) {
	const missing, seeds = "\n5 of 48 runs of the sweep are missing\n", "\ncells do not have the same seeds: of 8 in all 6 of protocol=a clients=1, 5 of protocol=a clients=2\n"
	for _, c := range []struct {
		runs           int
		lost           bool
		missing, seeds bool
	}{{48, true, true, true}, {48, false, false, false}, {0, true, false, true}} {
		f := sample(8, 1)
		f.Runs = c.runs
		f.Lines = slices.DeleteFunc(f.Lines, func(l Line) bool {
			return c.lost && l.Cell[0].Value == "a" && (l.Cell[1].Value == "1" && l.Seed > 6 || l.Cell[1].Value == "2" && l.Seed < 4)
		})
		for _, view := range []View{{}, {Columns: "clients"}} {
			if text := lay(t, f, view, "table"); strings.Contains(text, missing) != c.missing || strings.Contains(text, seeds) != c.seeds ||
				strings.Contains(text, "missing") != c.missing || strings.Contains(text, "the same seeds") != c.seeds {
				t.Errorf("%+v, %+v:\n%s", c, view, text)
			}
		}
	}
	whole := sample(8, 1)
	whole.Runs = 49
	if text := lay(t, whole, View{}, "table"); !strings.Contains(text, "\n1 of 49 runs of the sweep is missing\n") {
		t.Errorf("a single run:\n%s", text)
	}
	disjoint := oneCell(map[string][]float64{"1": {1, 2}, "2": {1, 2}})
	for i := range disjoint.Lines {
		if l := &disjoint.Lines[i]; l.Cell[0].Value == "2" {
			l.Seed += 10
		}
	}
	if text := lay(t, disjoint, View{}, "table"); !strings.Contains(text, "of 4 in all 2 of x=1, 2 of x=2\n") {
		t.Errorf("no seed in common:\n%s", text)
	}
}

// TestJoinRuns: shards know how many runs there are together, in any order; what two commands
// make together is not known.
func TestJoinRuns(t *testing.T) {
	a, b := Header{Command: "a", Runs: 3}, Header{Command: "b", Runs: 4}
	same := Header{Command: "b", Runs: 3} // other runs, as many
	old := Header{Command: "a"}           // of a version that did not tell
	for _, c := range []struct {
		all  []Header
		want int
	}{{[]Header{a, a}, 3}, {[]Header{a, b}, 0}, {[]Header{a, same}, 0}, {[]Header{a, b, a}, 0}, {[]Header{a, a, b}, 0}, {[]Header{a, old}, 0}} {
		h := c.all[0]
		for i := range c.all[1:] {
			h.Join(&c.all[i+1])
		}
		if h.Runs != c.want {
			t.Errorf("%v: %d runs", c.all, h.Runs)
		}
	}
}

// TestNotesOfTrusted: notes on figures are on those that are shown: a cell with a run that is
// not valid shows none.
func TestNotesOfTrusted(t *testing.T) {
	const pairing, unsteady = "pairing by seed takes", "not steady:"
	for _, c := range []struct {
		invalid           string // the cell with an invalid run
		pairing, unsteady string
	}{
		{"", "\npairing by seed takes 100 % off", "\nnot steady: 1 of 24 runs (1 of x=2);"},
		{"2", "\npairing by seed takes nothing off", ""},
		{"1", "", "\nnot steady: 1 of 16 runs (1 of x=2);"},
	} {
		f := oneCell(map[string][]float64{"1": {1, 2, 3, 4, 5, 6, 7, 8}, "2": {2, 3, 4, 5, 6, 7, 8, 9}, "3": {8, 7, 6, 5, 4, 3, 2, 1}})
		if c.invalid == "" {
			f.Lines = slices.DeleteFunc(f.Lines, func(l Line) bool { return l.Cell[0].Value == "3" })
			f.Lines = append(f.Lines, oneCell(map[string][]float64{"3": {3, 4, 5, 6, 7, 8, 9, 10}}).Lines...)
		}
		for i := range f.Lines {
			l := &f.Lines[i]
			l.Steady = l.Cell[0].Value != "2" || l.Seed != 3
			if l.Cell[0].Value == c.invalid && l.Seed == 1 {
				l.Verdict, l.Figures = "invalid", nil
			}
		}
		text := lay(t, f, View{Metrics: []string{"throughput"}}, "table")
		for note, want := range map[string]string{pairing: c.pairing, unsteady: c.unsteady} { // any order
			if strings.Contains(text, note) != (want != "") || !strings.Contains(text, want) {
				t.Errorf("invalid %q, expected %q:\n%s", c.invalid, want, text)
			}
		}
	}
}

// TestSequentialUnknown: cells with no figure have not reached a precision.
func TestSequentialUnknown(t *testing.T) {
	f := oneCell(map[string][]float64{"1": {1, 2}, "2": {5, 5, 5}})
	f.Precision = "5%"
	for i := range f.Lines {
		if l := &f.Lines[i]; l.Cell[0].Value == "1" {
			l.Verdict, l.Figures = "unknown", nil
		}
	}
	const want = "was known to 5% (Student's t) or there were no more, as of 1 cell; intervals"
	if text := lay(t, f, View{}, "table"); !strings.Contains(text, want) {
		t.Errorf("no %s in\n%s", want, text)
	}
	for i := range f.Lines {
		if l := &f.Lines[i]; l.Cell[0].Value == "1" {
			l.Verdict, l.Figures = "valid", FiguresOf(map[string]float64{"throughput": float64(i)})
		}
	}
	c, err := Compare(f, f, nil)
	if err != nil {
		t.Fatal(err)
	}
	if notes, want := strings.Join(c.notes(), "\n"), strings.Replace(want, "1 cell", "2 cells", 1); !strings.Contains(notes, want) {
		t.Errorf("no %s in\n%s", want, notes)
	}
}

// TestSequentialTwo: of two rules, neither alone says why a cell has no more seeds.
func TestSequentialTwo(t *testing.T) {
	a, b := oneCell(map[string][]float64{"1": {5, 5, 5}, "2": {1, 9}}), oneCell(map[string][]float64{"1": {5, 5, 5}, "2": {1, 9}})
	a.Command, a.Precision, b.Command, b.Precision = "txsim sweep a", "5%", "txsim sweep b", "3%"
	f, err := Merge(a, b)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Compare(f, f, nil)
	if err != nil {
		t.Fatal(err)
	}
	report, comparison := lay(t, f, View{}, "table"), strings.Join(c.notes(), "\n")
	for _, share := range []string{"3%", "5%"} {
		want := func(cells string) string {
			return "\nsequential: seeds were added until the mean throughput was known to " + share + " (Student's t) or, as of " + cells + ", there were no more or another rule held; intervals "
		}
		if want := want("1 cell"); !strings.Contains(report, want) {
			t.Errorf("no %s in\n%s", want, report)
		}
		if want := want("2 cells"); !strings.Contains(comparison, want) { // one of each side
			t.Errorf("no %s in\n%s", want, comparison)
		}
	}
}

// TestSequentialLater: in a file that was begun with a fixed number of seeds, a rule is said
// of the cells that have runs below its header.
func TestSequentialLater(t *testing.T) {
	var b bytes.Buffer
	write := func(precision string, cells map[string][]float64) {
		f := oneCell(cells)
		f.Command, f.Precision = "txsim sweep "+precision, precision
		if err := analysis.WriteJSON(&b, f.Header, ""); err != nil {
			t.Fatal(err)
		}
		for i := range f.Lines {
			if err := analysis.WriteJSON(&b, &f.Lines[i], ""); err != nil {
				t.Fatal(err)
			}
		}
	}
	write("", map[string][]float64{"1": {1, 2, 3}})
	write("50%", map[string][]float64{"2": {5, 5, 5}})
	write("10%", map[string][]float64{"3": {5, 5, 5}})
	write("", map[string][]float64{"4": {1, 2, 3}})
	write("1%", nil)
	f, err := Read("f.jsonl", &b)
	if err != nil {
		t.Fatal(err)
	}
	text := lay(t, f, View{}, "table")
	if strings.Contains(text, "known to 1%") {
		t.Errorf("no run was made by the last command\n%s", text)
	}
	for _, want := range []string{"known to 50% (Student's t), in 1 cell of 4: x=2; intervals", "known to 10% (Student's t), in 1 cell of 4: x=3; intervals"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
}
