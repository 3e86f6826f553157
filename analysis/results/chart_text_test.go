package results

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestLabels: no name below the axis touches the one before. Names that are no numbers are
// numbered if they do not all have room. The picture and the browser agree.
func TestLabels(t *testing.T) {
	long, wide := "./"+strings.Repeat("a", 60), "./"+strings.Repeat("b", 120)
	values := []string{"9 10 100", "0 0.01 0.1 0.9", "1 2 3", long + " b c", "0 10 11.1234567890123456", wide, "a " + long[2:]}
	want := []string{"9 100;", "0 0.1 0.9;", "1 2 3;", "1 2 3; 1: " + long + " 2: b 3: c", "0 10;", "1; 1: " + wide[:92] + " " + wide[92:], "1 2; 1: a 2: " + long[2:]}
	var files []*File
	for _, axis := range values {
		cells := map[string][]float64{}
		for _, x := range strings.Fields(axis) {
			cells[x] = []float64{1}
		}
		files = append(files, oneCell(cells))
	}
	drawn(t, files, func(i int, picture string) {
		rows := func(x, y string) string {
			var texts []string
			for _, m := range regexp.MustCompile(`<text x="`+x+`(?:\.0)?" y="`+y+`(?:\.0)?"[^>]*>([^<]*)<`).FindAllStringSubmatch(picture, -1) {
				texts = append(texts, m[1])
			}
			return strings.Join(texts, " ")
		}
		got := strings.TrimSpace(rows("[^\"]*", "368") + "; " + rows("70", "4[0-9]0"))
		if line := fmt.Sprintf("M70(\\.0)? %d(\\.0)?h24", 400+20*strings.Count(picture, `text x="70`)-20); !regexp.MustCompile(line).MatchString(picture) {
			t.Errorf("%s: the legend is not at %s", values[i], line)
		}
		if got != want[i] {
			t.Errorf("%s: %s, expected %s", values[i], got, want[i])
		}
	})
}

// TestLegend: a name that is too long for the legend goes on in rows of its own, and the
// next one stands below them, in the picture and in the browser.
func TestLegend(t *testing.T) {
	f := &File{}
	for _, x := range []string{strings.Repeat("word ", 30) + "end", strings.Repeat("é", 100), "last"} {
		f.Lines = append(f.Lines, Line{Cell: []Setting{{"x", "1"}, {"name", x}}, Verdict: "valid", Figures: FiguresOf(map[string]float64{"throughput": 1})})
	}
	drawn(t, []*File{f}, func(_ int, picture string) {
		var rows []string
		for _, m := range regexp.MustCompile(`<text x="98(?:\.0)?" y="([0-9]*)(?:\.0)?"[^>]*>([^<]*)<`).FindAllStringSubmatch(picture, -1) {
			rows = append(rows, m[1]+" "+m[2])
		}
		words := strings.Repeat("word ", 16)
		want := []string{"404 name=last", "424 name=" + words + "word", "444 " + strings.Repeat("word ", 13) + "end",
			"464 name=" + strings.Repeat("é", 87), "484 " + strings.Repeat("é", 13)}
		slices.Sort(rows)
		if !slices.Equal(rows, want) {
			t.Errorf("rows %q, expected %q", rows, want)
		}
		if !strings.Contains(picture, `viewBox="0 0 720.0 500.0"`) && !strings.Contains(picture, `viewBox="0 0 720 500"`) {
			t.Error("the picture cuts the legend off")
		}
	})
}
