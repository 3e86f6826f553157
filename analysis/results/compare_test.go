package results

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
)

// TestCompareSides: a comparison of what was not made in the same way names what differs,
// and the commands; of what was, it says nothing of them.
func TestCompareSides(t *testing.T) {
	for _, c := range []struct {
		change func(*File)
		want   string // "" is no note
	}{
		{func(*File) {}, ""},
		{func(f *File) { f.Command = "txsim sweep --plan p.yaml" }, ""},
		{func(f *File) { f.Hash, f.Version = "i", "2" }, "not of the same sweep: other version (1 and 2)"},
		{func(f *File) { f.Hash = "i" }, "not of the same sweep: other warm-up or transactions"},
		{func(f *File) {
			f.Hash, f.Scenario = "i", "name: x\nclients: 4\nretry: {attempts: 1,\n  cap: 2s}\nfaults:\n  - \"a\"\n"
		}, "not of the same sweep: other scenario (clients, faults)"},
		{func(f *File) {
			f.Hash, f.Scenario, f.Version = "i", "name: x\nclients: 8\nfaults: []\nzones: []\n", "2"
		}, "not of the same sweep: other version (1 and 2), scenario (retry, zones)"},
		{func(f *File) { f.Hash, f.Scenario = "i", strings.Replace(f.Scenario, "cap: 2s", "cap: 3s", 1) }, "other scenario (retry)"},
		{func(f *File) { f.Hash, f.Scenario = "i", "  "+f.Scenario }, "other scenario ("}, // no version prints it so
		{func(f *File) { f.Content = map[string]string{"protocol=a clients=1": "2"} }, "the files of the cell protocol=a clients=1 held something else"},
	} {
		a, b := sample(6, 1), sample(6, 1)
		a.Path, a.Scenario, a.Content = "a.jsonl", "name: x\nclients: 8\nretry: {attempts: 1,\n  cap: 2s}\nfaults: []\n", map[string]string{"protocol=a clients=1": "1"}
		b.Path, b.Scenario = "b.jsonl", a.Scenario
		c.change(b)
		a, _ = Merge(a)
		b, _ = Merge(b)
		r, err := Compare(a, b, nil)
		if err != nil {
			t.Fatal(err)
		}
		notes := strings.Join(r.notes(), "\n")
		if c.want == "" && strings.Contains(notes, "made with") || !strings.Contains(notes, c.want) {
			t.Errorf("%q:\n%s", c.want, notes)
		}
		if made := "\na.jsonl: made with txsim sweep sample\nb.jsonl: made with " + b.Command; c.want != "" && !strings.Contains(notes, made) {
			t.Errorf("how they were made:\n%s", notes)
		}
	}
}

// TestCompareJSON: programs get the numbers of a comparison as they are, and all that the
// notes say of what was not compared.
func TestCompareJSON(t *testing.T) {
	f := sample(20, 1.1)
	for i := range f.Lines {
		l := &f.Lines[i]
		switch cell := Label(l.Cell); {
		case cell == "protocol=b clients=2" && l.Seed == 3:
			l.Verdict, l.Figures = "unknown", nil
		case cell == "protocol=b clients=10":
			l.Cell = []Setting{{"protocol", "b"}, {"clients", "11"}}
		case cell == "protocol=a clients=1":
			l.Figures.Set("aborted", 0)
			l.Steady = l.Seed > 2
		case cell == "protocol=b clients=1":
			l.Figures.Set("aborted", 1)
			if l.Seed > 2 {
				l.Figures.Set("latency.p50", math.NaN())
				l.Figures.Set("latency.p99", math.NaN())
			}
		}
	}
	f, err := Merge(f)
	if err != nil {
		t.Fatal(err)
	}
	c, err := CompareTo(f, Setting{"protocol", "a"}, []string{"throughput", "latency.p50", "aborted", "locks"})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := c.Write(&b, "json"); err != nil {
		t.Fatal(err)
	}
	var got struct {
		A           Header `json:"a"`
		B           *Header
		Baseline    string
		Comparisons []struct {
			Cell                []Setting
			Metric, Unit        string
			Seeds, Pairs, Zeros int
			MedianA             float64  `json:"median_a"`
			MedianB             *float64 `json:"median_b"`
			Ratio, Low, High    *float64
			P, Q                *float64
			Differs             bool
		}
		Notes     []string
		NotValid  [][]Setting `json:"not_valid"`
		OneSide   [][]Setting `json:"one_side"`
		Runs      int
		NotSteady int `json:"not_steady"`
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatalf("%v\n%s", err, &b)
	}
	if got.A.Command != "txsim sweep sample" || got.B != nil || got.Baseline != "protocol=a" || len(got.Comparisons) != 4 || !slices.Equal(got.Notes, c.notes()) {
		t.Fatalf("%s", &b)
	}
	x, few, zeros, none := got.Comparisons[0], got.Comparisons[1], got.Comparisons[2], got.Comparisons[3]
	d := c.Pairs[0]
	if Label(x.Cell) != "protocol=b clients=1" || x.Metric != "throughput" || x.Unit != "committed/s" || x.Seeds != 20 || x.Pairs != 20 || x.MedianA != d.A || *x.MedianB != d.B ||
		*x.Ratio != d.Ratio.Estimate || *x.Low != d.Ratio.Low || *x.High != d.Ratio.High || *x.P != d.P || *x.Q != d.Q || !x.Differs || math.Abs(*x.Ratio-1.1) > 0.02 {
		t.Errorf("%+v, of %+v", x, d)
	}
	if few.Pairs != 2 || few.Seeds != 20 || few.Low != nil || few.High != nil || few.Differs {
		t.Errorf("of two pairs: %+v", few)
	}
	if zeros.Zeros != 20 || zeros.Ratio != nil || !zeros.Differs || zeros.P == nil {
		t.Errorf("from none to some: %+v", zeros)
	}
	if none.Pairs != 0 || none.MedianB != nil || none.P != nil || none.Q != nil || none.Ratio != nil {
		t.Errorf("of nothing: %+v", none)
	}
	if len(got.NotValid) != 1 || Label(got.NotValid[0]) != "protocol=b clients=2" || len(got.OneSide) != 2 || Label(got.OneSide[0]) != "protocol=b clients=11" ||
		got.Runs != 40 || got.NotSteady != 2 {
		t.Errorf("%s", &b)
	}
	two, err := Compare(f, f, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.Reset()
	if err := two.Write(&b, "json"); err != nil || !strings.Contains(b.String(), `"b":{"txsim_sweep":"1"`) || strings.Contains(b.String(), "baseline") || !strings.Contains(b.String(), `"one_side":[]`) {
		t.Errorf("two files: %v, %s", err, &b)
	}
}

// TestSmallP: no p is shown as 0.
func TestSmallP(t *testing.T) {
	f, err := Merge(sample(20, 2))
	if err != nil {
		t.Fatal(err)
	}
	c, err := CompareTo(f, Setting{"protocol", "a"}, []string{"throughput"})
	if err != nil {
		t.Fatal(err)
	}
	if row := c.table().Rows[0]; row[6] != "<0.0001" || row[7] != "<0.0001" {
		t.Errorf("%q", row)
	}
}

// TestCompareNothing: what is 0 on both sides in all runs is no test, and leaves the others'
// corrected p-values as they are.
func TestCompareNothing(t *testing.T) {
	none, some := []float64{0, 0, 0, 0, 0, 0, 0}, []float64{0, 0, 0, 2, 0, 0, 0}
	a := oneCell(map[string][]float64{"1": {1, 2, 3, 4, 5, 6, 7}, "2": none, "3": some})
	b := oneCell(map[string][]float64{"1": {2, 3, 4, 5, 6, 7, 8}, "2": none, "3": some})
	c, err := Compare(a, b, []string{"throughput"})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range c.Pairs {
		switch x := d.Cell[0].Value; {
		case x == "1" && (d.P != 2./128 || math.Abs(d.Q-4./128) > 1e-12), // one of two tests
			x == "2" && !(math.IsNaN(d.P) && math.IsNaN(d.Q) && d.Pairs == 7 && !d.significant()), x == "3" && d.P != 1:
			t.Errorf("%s: p %v, q %v, %d pairs", x, d.P, d.Q, d.Pairs)
		}
	}
}

// TestCompareNumbers: everyday figures are written in full, and a figure that is nearly
// gone is not said to be gone.
func TestCompareNumbers(t *testing.T) {
	a := oneCell(map[string][]float64{"1": {11156, 11157, 11158, 11159, 11160, 11161, 11162}, "2": {9, 9, 9, 9, 9, 9, 9}})
	b := oneCell(map[string][]float64{"1": {0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25}, "2": {0, 0, 0, 0, 0, 0, 0}})
	a.Path, b.Path = "before.jsonl", "after.jsonl"
	c, err := Compare(a, b, []string{"throughput"})
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string][]string{}
	for _, row := range c.table().Rows {
		rows[row[0]] = row
	}
	if row := rows["x=1"]; row[2] != "11159" || row[3] != "0.25" || row[4] != "-99.998 %" || row[5] != "-99.998 % to -99.998 %" {
		t.Errorf("nearly gone: %q", row)
	}
	if row := rows["x=2"]; row[2] != "9" || row[3] != "0" || row[4] != "-100.0 %" {
		t.Errorf("gone: %q", row)
	}
	var text bytes.Buffer
	if err := c.Write(&text, "table"); err != nil || !strings.HasPrefix(text.String(), "a is before.jsonl, b is after.jsonl\n\n cell ") {
		t.Errorf("%v\n%s", err, &text)
	}
	c, err = CompareTo(a, Setting{"x", "1"}, []string{"throughput"})
	if err != nil {
		t.Fatal(err)
	}
	text.Reset()
	if err := c.Write(&text, "table"); err != nil || !strings.HasPrefix(text.String(), "a is x=1, b is the cell of the row\n\n cell ") {
		t.Errorf("%v\n%s", err, &text)
	}
}

// TestCompareSmall: a change that counts is not printed as none; rounding has no digits to print.
func TestCompareSmall(t *testing.T) {
	a, b := map[string][]float64{}, map[string][]float64{}
	for x, ratio := range map[string]float64{"1": 1.0003, "2": 1 - 2e-7, "3": 1 + 1e-15, "4": 1.02} { // any order: Merge sorts them
		for i := range 8 {
			a[x] = append(a[x], float64(1000+i))
			b[x] = append(b[x], float64(1000+i)*ratio)
		}
	}
	c, err := Compare(oneCell(a), oneCell(b), []string{"throughput"})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range c.table().Rows {
		want := map[string]string{"x=1": "+0.03 % +0.03 % to +0.03 %", "x=2": "-0.00002 % -0.00002 % to -0.00002 %", "x=3": "+0.0 % +0.0 % to +0.0 %", "x=4": "+2.0 % +2.0 % to +2.0 %"}[row[0]]
		if got := row[4] + " " + row[5]; got != want {
			t.Errorf("%s: %s, expected %s", row[0], got, want)
		}
	}
}

// TestCompareUnpaired: a figure that one side alone has is shown, and that the other has
// none is said.
func TestCompareUnpaired(t *testing.T) {
	f := sample(6, 1)
	for i := range f.Lines {
		l := &f.Lines[i]
		switch cell := Label(l.Cell); {
		case cell == "protocol=b clients=1":
			l.Figures.Set("latency.p50", math.NaN())
			l.Figures.Set("latency.p99", math.NaN())
		case cell == "protocol=a clients=2" || cell == "protocol=a clients=10" && l.Seed > 3 || cell == "protocol=b clients=10" && l.Seed <= 3:
			l.Figures.Set("latency.p99", math.NaN())
		}
	}
	f, err := Merge(f)
	if err != nil {
		t.Fatal(err)
	}
	c, err := CompareTo(f, Setting{"protocol", "a"}, []string{"throughput", "latency.p50", "latency.p99", "locks"})
	if err != nil {
		t.Fatal(err)
	}
	rows := c.table().Rows
	for i, want := range map[int][2]string{1: {"2", "none"}, 2: {"5", "none"}, 3: {"none", "none"}, 5: {"2", "2"}, 6: {"none", "5"}, 10: {"5", "5"}} { // any order
		if row := rows[i]; row[2] != want[0] || row[3] != want[1] || (row[8] == "6") != (i == 5) {
			t.Errorf("%q, expected %q", row, want)
		}
	}
	notes := strings.Join(c.notes(), "\n")
	want := "\nprotocol=b clients=1: latency.p50, latency.p99 of a alone, as b has none\n" +
		"protocol=b clients=2: latency.p99 of b alone, as a has none\n" +
		"protocol=b clients=10: latency.p99 of no seed on both sides"
	if !strings.HasSuffix(notes, want) {
		t.Errorf("notes\n%s", notes)
	}
}

// TestCompareAlone: a figure that one side alone has is that of the seeds which both have,
// and a pair that has no ratio is a pair all the same.
func TestCompareAlone(t *testing.T) {
	a := oneCell(map[string][]float64{"1": {999.5, 999.5, 999.5, 5, 5, 5, 5}, "2": {-1, -1, -1}})
	b := oneCell(map[string][]float64{"1": {0, 0, 0}, "2": {1, 1, 1}})
	for i := range b.Lines {
		if l := &b.Lines[i]; l.Cell[0].Value == "1" {
			l.Figures = nil
		}
	}
	c, err := Compare(a, b, []string{"throughput"})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range c.table().Rows {
		if row[0] == "x=1" && (row[2] != "999.5" || row[3] != "none") {
			t.Errorf("%q", row)
		}
	}
	if notes := strings.Join(c.notes(), "\n"); strings.Contains(notes, "on both sides") {
		t.Errorf("notes\n%s", notes)
	}
}

// TestCompareApart: what can not be paired is refused, or said of the side that has it.
func TestCompareApart(t *testing.T) {
	a, b := oneCell(map[string][]float64{"1": {1, 2}, "2": {1, 2}}), oneCell(map[string][]float64{"1": {1, 2}, "3": {1, 2}})
	c, err := Compare(a, b, []string{"throughput"})
	if err != nil {
		t.Fatal(err)
	}
	if notes := strings.Join(c.notes(), "\n"); !strings.HasSuffix(notes, "\nonly on side a: x=2\nonly on side b: x=3") {
		t.Errorf("notes\n%s", notes)
	}
	move := func(cell string) {
		for i := range b.Lines {
			if l := &b.Lines[i]; l.Cell[0].Value == cell {
				l.Seed += 10
			}
		}
	}
	a.Lines = append(a.Lines, oneCell(map[string][]float64{"3": {1, 2}}).Lines...)
	move("1")
	c, err = Compare(a, b, []string{"throughput"})
	if err != nil {
		t.Fatal(err)
	}
	if notes := strings.Join(c.notes(), "\n"); !strings.Contains(notes, "\n1 of cells whose sides have no seed in common: ") {
		t.Errorf("notes\n%s", notes)
	}
	move("3")
	if _, err := Compare(a, b, nil); err == nil || !strings.HasPrefix(err.Error(), "no seed is on both sides of a cell") {
		t.Errorf("of other seeds: %v", err)
	}
	for i := range b.Lines {
		b.Lines[i].Verdict = "invalid"
	}
	if c, err := Compare(a, b, nil); err != nil || len(c.Distrusted) != 2 {
		t.Errorf("of an invalid cell: %+v, %v", c, err)
	}
}

// TestCompareFew: more seeds are asked for where they would help, and not of a figure that a
// side has in no run.
func TestCompareFew(t *testing.T) {
	few, many := []float64{1, 2, 3, 4, 5}, []float64{1, 2, 3, 4, 5, 6}
	for _, c := range []struct {
		values []float64
		metric string
		want   bool
	}{{few, "throughput", true}, {many, "throughput", false}, {many, "locks", false}} {
		a := oneCell(map[string][]float64{"1": c.values})
		if c.metric == "locks" {
			for i := range a.Lines {
				a.Lines[i].Figures.Set("locks", 1)
			}
		}
		r, err := Compare(a, oneCell(map[string][]float64{"1": c.values}), []string{c.metric})
		if err != nil {
			t.Fatal(err)
		}
		if notes := strings.Join(r.notes(), "\n"); strings.Contains(notes, "run more seeds") != c.want {
			t.Errorf("%s of %d:\n%s", c.metric, len(c.values), notes)
		}
		if row := r.table().Rows[0]; c.metric == "throughput" && (row[5] == "none") != c.want {
			t.Errorf("interval of %d: %q", len(c.values), row)
		}
		if b, err := r.json(); c.metric == "throughput" && (err != nil || strings.Contains(string(b), `"low":null`) != c.want) {
			t.Errorf("%v, %d:\n%s", err, len(c.values), b)
		}
	}
}

// TestCompareUneven: seeds that one side alone has are not compared, and that is said, in json
// too; not of cells that share all seeds, nor of those that share none, which have a note of
// their own.
func TestCompareUneven(t *testing.T) {
	a, b := sample(8, 1), sample(8, 1)
	lacks := func(f *File, missing func(cell string, seed uint64) bool) {
		f.Lines = slices.DeleteFunc(f.Lines, func(l Line) bool { return missing(Label(l.Cell), l.Seed) })
	}
	lacks(a, func(cell string, seed uint64) bool {
		return cell == "protocol=a clients=1" && seed > 6 || cell == "protocol=b clients=1" && seed > 4
	})
	lacks(b, func(cell string, seed uint64) bool {
		return cell == "protocol=a clients=1" && seed == 1 || cell == "protocol=b clients=1" && seed < 5 || cell == "protocol=a clients=2" && seed > 1
	})
	lacks(a, func(cell string, seed uint64) bool { return cell == "protocol=a clients=10" && seed < 8 })
	a, _ = Merge(a)
	b, _ = Merge(b)
	r, err := Compare(a, b, nil)
	if err != nil {
		t.Fatal(err)
	}
	const unlike = ": sides do not have the same seeds: "
	all := []string{
		"protocol=a clients=1" + unlike + "1 of a and 2 of b are not compared, 5 are",
		"protocol=a clients=2" + unlike + "7 of a and 0 of b are not compared, 1 are",
		"protocol=a clients=10" + unlike + "0 of a and 7 of b are not compared, 1 are",
	}
	for _, format := range []string{"table", "json"} {
		var out bytes.Buffer
		if err := r.Write(&out, format); err != nil {
			t.Fatal(err)
		}
		if text := out.String(); strings.Count(text, unlike) != len(all) || slices.ContainsFunc(all, func(want string) bool { return !strings.Contains(text, want) }) {
			t.Errorf("%s:\n%s", format, text)
		}
	}
}
