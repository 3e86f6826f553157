package results

import (
	"math"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis/stats"
)

// TestSignificant: a difference counts if both hold: its q is within the false discovery
// rate, and its interval is free of 1.
func TestSignificant(t *testing.T) {
	for _, c := range []struct {
		q, low, high float64
		want         bool
	}{
		{0.04, 1.1, 1.3, true}, {0.05, 1.1, 1.3, true}, {0.04, 0.7, 0.9, true},
		{0.2, 1.1, 1.3, false}, {0.2, 0.7, 0.9, false}, {0.04, 0.9, 1.1, false}, {math.NaN(), 1.1, 1.3, false},
	} {
		d := Compared{Q: c.q}
		d.Ratio = stats.Interval{Estimate: (c.low + c.high) / 2, Low: c.low, High: c.high}
		if d.significant() != c.want {
			t.Errorf("q %v, interval %v to %v: significant is %v", c.q, c.low, c.high, !c.want)
		}
	}
}

// TestCompareLeftOut: figures of which no pair can be made have no p and raise no other's q;
// the notes tell why they have none. One pair is a pair.
func TestCompareLeftOut(t *testing.T) {
	f, _ := Merge(sample(10, 1))
	for i := range f.Lines {
		f.Lines[i].Figures.Set("aborted", -1)
	}
	to := Setting{"protocol", "a"}
	c, err := CompareTo(f, to, []string{"aborted"})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range c.Pairs {
		if !math.IsNaN(d.P) || !math.IsNaN(d.Q) {
			t.Errorf("without a pair: p %v, q %v", d.P, d.Q)
		}
	}
	if notes := strings.Join(c.notes(), "\n"); !strings.Contains(notes, "\n30 pairs left out: ") || strings.Contains(notes, "no seed in common") {
		t.Errorf("notes\n%s", notes)
	}
	f, _ = Merge(sample(1, 1))
	if c, err = CompareTo(f, to, []string{"throughput"}); err != nil {
		t.Fatal(err)
	}
	for _, d := range c.Pairs {
		if d.P != 1 || d.Q != 1 {
			t.Errorf("one pair: p %v, q %v", d.P, d.Q)
		}
	}
	if notes := strings.Join(c.notes(), "\n"); strings.Contains(notes, "left out") || strings.Contains(notes, "figure of 0") {
		t.Errorf("notes of pairs that all count\n%s", notes)
	}
}

// TestCompareOnePair: a figure that one seed has on both sides is paired; a single pair with
// a figure of 0, or of a figure that has no ratio, is told of.
func TestCompareOnePair(t *testing.T) {
	for _, c := range []struct {
		a, b  []float64
		notes []string
	}{
		{[]float64{1, 2}, []float64{1}, []string{"\n1 with fewer than 6 pairs: "}},
		{[]float64{0, 2}, []float64{1}, []string{"\n1 pair with a figure of 0 on one side: "}},
		{[]float64{-1, 2}, []float64{1}, []string{"\n1 pair left out: "}},
	} {
		r, err := Compare(oneCell(map[string][]float64{"1": c.a}), oneCell(map[string][]float64{"1": c.b}), nil)
		if err != nil {
			t.Fatal(err)
		}
		notes := strings.Join(r.notes(), "\n")
		for _, note := range []string{"with a figure of 0", "left out", "of no seed on both sides"} {
			if strings.Contains(notes, note) != strings.Contains(strings.Join(c.notes, ""), note) {
				t.Errorf("%v and %v: notes\n%s", c.a, c.b, notes)
			}
		}
		for _, want := range c.notes {
			if !strings.Contains(notes, want) {
				t.Errorf("%v and %v: no %q in\n%s", c.a, c.b, want, notes)
			}
		}
	}
}

// TestCompareRules: a rule by which seeds of either side were added is told of.
func TestCompareRules(t *testing.T) {
	for side := range 2 {
		files := [2]*File{sample(6, 1), sample(6, 1)}
		files[side].Precision = "2%"
		r, err := Compare(files[0], files[1], nil)
		if err != nil {
			t.Fatal(err)
		}
		if notes := strings.Join(r.notes(), "\n"); !strings.Contains(notes, "\nsequential: seeds were added until the mean throughput was known to 2%") {
			t.Errorf("side %d: notes\n%s", side, notes)
		}
	}
}

// TestCompareExact: the notes name the test that was made.
func TestCompareExact(t *testing.T) {
	for _, pairs := range []int{stats.MaxExact, stats.MaxExact + 1} {
		r, err := Compare(cellsOf(1, pairs), cellsOf(1, pairs), nil)
		if err != nil {
			t.Fatal(err)
		}
		if notes := r.notes()[0]; strings.Contains(notes, "normal approximation") != (pairs > stats.MaxExact) {
			t.Errorf("%d pairs: %s", pairs, notes)
		}
	}
}
