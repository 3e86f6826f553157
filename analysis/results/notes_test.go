package results

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestIdle: a parameter that changed no run is told of, and one that changed one run,
// or only its verdict, is not.
func TestIdle(t *testing.T) {
	idle := func(change func(*Line)) []string {
		f := sample(2, 1)
		for i := range f.Lines {
			f.Lines[i].Hash = fmt.Sprint(f.Lines[i].Cell[0].Value, f.Lines[i].Seed) // those of the protocol alone
			change(&f.Lines[i])
		}
		r, err := NewReport(f, View{})
		if err != nil {
			t.Fatal(err)
		}
		return r.idle()
	}
	if got := idle(func(*Line) {}); !slices.Equal(got, []string{"clients"}) {
		t.Errorf("idle are %v, expected clients", got)
	}
	for _, protocol := range []string{"a", "b"} {
		if got := idle(func(l *Line) {
			if l.Cell[0].Value == protocol && l.Cell[1].Value == "2" && l.Seed == 2 {
				l.Hash = "another"
			}
		}); len(got) > 0 {
			t.Errorf("idle are %v, though a run of %s differs", got, protocol)
		}
	}
	const note = " made no difference: "
	if text := lay(t, oneCell(map[string][]float64{"1": {1, 2}}), View{}, "table"); strings.Contains(text, note) {
		t.Errorf("of a single value\n%s", text)
	}
	same := oneCell(map[string][]float64{"1": {1}, "2": {1}})
	for i := range same.Lines {
		same.Lines[i].Hash = "x"
	}
	if text := lay(t, same, View{}, "table"); !strings.Contains(text, "\nx"+note) {
		t.Errorf("of two values\n%s", text)
	}
	for _, verdict := range []string{"invalid", "unknown"} {
		for _, hash := range []string{"b", "another"} {
			if got := idle(func(l *Line) {
				if l.Cell[0].Value == "b" && l.Cell[1].Value == "2" {
					l.Verdict, l.Hash = verdict, fmt.Sprint(hash, l.Seed)
				}
			}); len(got) > 0 {
				t.Errorf("idle are %v, though runs are %s", got, verdict)
			}
		}
	}
}

// TestFewSeeds: a table says where it has no interval, and where a run was not
// steady.
func TestFewSeeds(t *testing.T) {
	for seeds, want := range map[int]string{5: "6 cells of fewer than 6 seeds", 1: "5 cells of one seed"} {
		f, _ := Merge(sample(seeds, 1))
		f.Lines[0].Steady = false
		r, err := NewReport(f, View{})
		if err != nil {
			t.Fatal(err)
		}
		notes := strings.Join(r.Notes(), "\n")
		if !strings.Contains(notes, want) || !strings.Contains(notes, "not steady: 1 of") {
			t.Errorf("%d seeds: notes\n%s", seeds, notes)
		}
	}
}

// TestNotesOfShown: a note on a metric is there only if the table shows it.
func TestNotesOfShown(t *testing.T) {
	f := sample(1, 1)
	for i := range f.Lines {
		f.Lines[i].Figures.Set("latency.sync", 1)
	}
	for _, c := range []struct {
		view                View
		batches, bottleneck bool
	}{
		{View{}, true, true},
		{View{Columns: "protocol"}, true, false},
		{View{Metrics: []string{bottleneck, "throughput"}, Columns: "protocol"}, false, true},
		{View{Metrics: []string{"latency.p50"}}, false, false},
	} {
		text := lay(t, f, c.view, "table")
		if strings.Contains(text, "20 batches") != c.batches || strings.Contains(text, "bottleneck of ") != c.bottleneck {
			t.Errorf("%+v:\n%s", c.view, text)
		}
	}
}

// TestOneSeed: the throughput of one seed has an interval and the other figures have none,
// and the notes say both, as far as the table shows them; six seeds have an interval.
func TestOneSeed(t *testing.T) {
	const few, batches = "6 cells of fewer than 6 seeds: a median has no interval", "6 cells of one seed: the throughput is the mean of 20 batches"
	for _, c := range []struct {
		seeds        int
		metrics      []string
		few, batches bool
	}{
		{1, []string{"throughput", "latency.p50"}, true, true}, {1, []string{"throughput"}, false, true}, {1, []string{"latency.p50"}, true, false},
		{1, []string{"throughput", bottleneck}, false, true}, {2, []string{"throughput"}, true, false}, {5, []string{"throughput"}, true, false}, {6, []string{"throughput"}, false, false},
	} {
		text := lay(t, sample(c.seeds, 1), View{Metrics: c.metrics}, "table")
		if strings.Contains(text, few) != c.few || strings.Contains(text, batches) != c.batches {
			t.Errorf("%d seeds, %v:\n%s", c.seeds, c.metrics, text)
		}
	}
	text := lay(t, oneCell(map[string][]float64{"1": {5}}), View{Metrics: []string{"throughput", "latency.p50"}}, "table")
	if !strings.Contains(text, "\n1 cell of fewer than 6 seeds: ") || !strings.Contains(text, "\n1 cell of one seed: ") {
		t.Errorf("a single cell\n%s", text)
	}
}

// TestUnsteadyCells: the cells that were not steady are named, of many the first.
func TestUnsteadyCells(t *testing.T) {
	f := sample(6, 1)
	for i := range f.Lines {
		l := &f.Lines[i]
		l.Steady = l.Cell[0].Value == "a" && l.Seed > 2
	}
	for _, format := range []string{"table", "markdown", "html"} {
		want := "not steady: 24 of 36 runs (2 of protocol=a clients=1, 2 of protocol=a clients=2, 2 of protocol=a clients=10, 6 of protocol=b clients=1, 6 of protocol=b clients=2, 6 of protocol=b clients=10); their"
		if text := lay(t, f, View{}, format); !strings.Contains(text, want) {
			t.Errorf("%s\n%s", format, text)
		}
	}
	many := oneCell(map[string][]float64{"1": {5}, "2": {5}, "3": {5}, "4": {5}, "5": {5}, "6": {5}, "7": {5}})
	for i := range many.Lines {
		many.Lines[i].Steady = false
	}
	if text := lay(t, many, View{}, "table"); !strings.Contains(text, "not steady: 7 of 7 runs (1 of x=1, 1 of x=2, 1 of x=3, 1 of x=4, 1 of x=5, and some of 2 cells more); their") {
		t.Errorf("many\n%s", text)
	}
	f, err := Merge(f)
	if err != nil {
		t.Fatal(err)
	}
	c, err := CompareTo(f, Setting{"clients", "1"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := "not steady: 24 of 36 runs (2 of protocol=a clients=1, 2 of protocol=a clients=2, "
	if notes := strings.Join(c.notes(), "\n"); !strings.Contains(notes, want) {
		t.Errorf("compared\n%s", notes)
	}
	one := oneCell(map[string][]float64{"1": {5}})
	one.Lines[0].Cell, one.Lines[0].Steady = nil, false
	if text := lay(t, one, View{}, "table"); !strings.Contains(text, "not steady: 1 of 1 run; their figures") {
		t.Errorf("of a single cell\n%s", text)
	}
}

// TestSequentialCells: of results that are put together, a rule by which seeds were added is
// said of the cells that it was for; of a run that two files have, by the rules of both.
func TestSequentialCells(t *testing.T) {
	f := sample(6, 1)
	fixed, ruled := &File{Header: f.Header}, &File{Header: f.Header}
	ruled.Command, ruled.Precision = "txsim sweep other", "50%"
	for i, l := range f.Lines {
		if l.Cell[1].Value != "1" {
			fixed.Lines = append(fixed.Lines, f.Lines[i])
		}
		if l.Cell[0].Value == "a" && l.Cell[1].Value != "2" {
			ruled.Lines = append(ruled.Lines, f.Lines[i])
		}
	}
	for i, files := range [][]*File{{fixed, ruled}, {ruled, fixed}, {ruled}} {
		merged, err := Merge(files...)
		if err == nil {
			merged, err = Merge(merged)
		}
		if err != nil {
			t.Fatal(err)
		}
		want := "\nsequential: seeds were added until the mean throughput was known to 50% (Student's t), in 2 cells of 5: protocol=a clients=1, protocol=a clients=10; intervals "
		if i == 2 {
			want = "known to 50% (Student's t); intervals "
		}
		if text := lay(t, merged, View{}, "table"); !strings.Contains(text, want) {
			t.Errorf("%d: no %s in\n%s", i, want, text)
		}
	}
}
