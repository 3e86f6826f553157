package results

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func sampleReport(t *testing.T, seeds int) *Report {
	t.Helper()
	f, err := Merge(sample(seeds, 2))
	if err != nil {
		t.Fatal(err)
	}
	f.Name = "a <b> & c"
	r, err := NewReport(f, View{Metrics: []string{"throughput", "latency.p99"}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestSVG: the picture is well-formed and has a point for each cell and a band for
// each line.
func TestSVG(t *testing.T) {
	for seeds, bands := range map[int]int{8: 2, 3: 0} {
		var b bytes.Buffer
		if err := sampleReport(t, seeds).Write(&b, "svg"); err != nil {
			t.Fatal(err)
		}
		count := map[string]int{}
		for d := xml.NewDecoder(&b); ; {
			token, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if e, ok := token.(xml.StartElement); ok {
				count[e.Name.Local]++
			}
		}
		if count["circle"] != 6 || count["polyline"] != 2 || count["polygon"] != bands {
			t.Errorf("%d seeds: elements %v", seeds, count)
		}
	}
}

// TestSVGNotes: a picture that stands alone says what it does not show, and what its figures
// are less good for than it seems; in a page the notes stand below.
func TestSVGNotes(t *testing.T) {
	f := sample(5, 1)
	for i := range f.Lines {
		switch l := &f.Lines[i]; {
		case l.Cell[0].Value == "a" && l.Cell[1].Value == "2" && l.Seed == 2:
			l.Verdict, l.Figures = "invalid", nil
		case l.Cell[0].Value == "b":
			l.Steady = false
		}
	}
	f.Lines = append(f.Lines, oneCell(map[string][]float64{"1": {1}}).Lines...)
	f.Lines[len(f.Lines)-1].Cell = []Setting{{"protocol", "a"}, {"clients", "100"}}
	picture, pageOf := lay(t, f, View{Metrics: []string{"throughput"}}, "svg"), lay(t, f, View{Metrics: []string{"throughput"}}, "html")
	for _, want := range []string{
		">protocol=a clients=2 has no figures: a run is INVALID<", ">cells do not have the same seeds: of 6 in all ", ">not steady: 15 of 26 runs ",
		"cells of fewer than 6 seeds", ">clients (logarithmic scale)<",
	} {
		if !strings.Contains(picture, want) {
			t.Errorf("no %s in %s", want, picture)
		}
	}
	if !strings.Contains(pageOf, ">clients (logarithmic scale)<") || strings.Contains(pageOf, "has no figures: a run is") {
		t.Errorf("%s", pageOf)
	}
	box := regexp.MustCompile(`viewBox="0 0 [0-9.]+ ([0-9.]+)"`).FindStringSubmatch(picture)
	rows := regexp.MustCompile(` y="([0-9.]+)"`).FindAllStringSubmatch(picture, -1)
	height, _ := strconv.ParseFloat(box[1], 64)
	if last, _ := strconv.ParseFloat(rows[len(rows)-1][1], 64); last >= height {
		t.Errorf("the last row, at %v, is below the picture, which is %v high", last, height)
	}
}

// TestGap: a line does not go on over a cell without figures.
func TestGap(t *testing.T) {
	f := sample(8, 1)
	for i := range f.Lines {
		if l := &f.Lines[i]; l.Cell[0].Value == "a" && l.Cell[1].Value == "2" {
			l.Verdict = "invalid"
		}
	}
	merged, err := Merge(f)
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewReport(merged, View{Metrics: []string{"throughput"}})
	if err != nil {
		t.Fatal(err)
	}
	c := r.chart(&r.metrics[0], "clients")
	if svg := c.svg(); strings.Count(svg, "<polyline") != 3 || strings.Count(svg, "<circle") != 5 {
		t.Errorf("expected 3 lines and 5 points: %s", svg)
	}
}

// TestScale: values that are far apart stand to the scale of logarithms, others to
// scale.
func TestScale(t *testing.T) {
	for _, values := range [][]string{{"1", "8", "64"}, {"1", "16", "31"}} {
		var points []chartPoint
		for _, x := range values {
			points = append(points, chartPoint{X: x})
		}
		c := chart{Numeric: true, Lines: []chartLine{{Points: points}}}
		c.scale()
		at := c.places()
		if middle := (at[values[0]] + at[values[2]]) / 2; math.Abs(at[values[1]]-middle) > 1e-9 {
			t.Errorf("%v stand at %v", values, at)
		}
		if c.Log != (values[2] == "64") {
			t.Errorf("%v: logarithms %v", values, c.Log)
		}
	}
}

func TestNiceStep(t *testing.T) {
	for top, want := range map[float64]float64{0: 1, 1: 0.1, 9: 1, 11: 2, 23: 5, 99: 10, 0.03: 0.005, 6500: 1000} {
		if got := niceStep(top); got < want*0.999 || got > want*1.001 {
			t.Errorf("up to %v: %v, expected %v", top, got, want)
		}
	}
}

// TestPage: the page stands alone and escapes what it is given.
func TestPage(t *testing.T) {
	var b bytes.Buffer
	if err := sampleReport(t, 8).Write(&b, "html"); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(b.String(), "a <b>") || !strings.Contains(b.String(), "a &lt;b&gt; &amp; c") {
		t.Error("the name is not escaped")
	}
	if m := regexp.MustCompile(`(src|href)="?(https?:|//)`).FindString(b.String()); m != "" {
		t.Errorf("the page asks elsewhere: %s", m)
	}
}

// TestBrowser opens the page in a browser: the script runs without an error under
// a policy that lets nothing be fetched, and draws the points of the data.
func TestBrowser(t *testing.T) {
	// What a reader does: another metric and axis, a hidden line, a sorted column.
	dom := browse(t, sampleReport(t, 8), `
byId("metric").value = "latency.p99"; byId("metric").dispatchEvent(new Event("change"));
const first = byId("axis").value; byId("axis").value = "protocol"; byId("axis").dispatchEvent(new Event("change"));
document.querySelector("[data-key='1']").dispatchEvent(new Event("click"));
document.querySelector("circle").dispatchEvent(new Event("focus"));
byId("cells").tHead.rows[0].cells[0].click(); byId("cells").tHead.rows[0].cells[0].click();
document.title = "over " + first + " first, first row " + byId("cells").tBodies[0].rows[0].cells[0].textContent;
`)
	chart := dom[strings.Index(dom, `<div id="chart">`):strings.Index(dom, `<table id="cells"`)]
	if n := strings.Count(chart, "<circle"); n != 6 {
		t.Errorf("%d points, expected 6", n)
	}
	for _, want := range []string{"latency.p99 (ms) over protocol", `<g data-line="1" class="off">`, "over clients first, first row b", "aria-sort=\"descending\""} {
		if !strings.Contains(dom, want) {
			t.Errorf("not on the page: %s", want)
		}
	}
	if tip := regexp.MustCompile(`<p id="tip"[^>]*>clients=\d+, protocol=\w: 5 \(5 to 5\)</p>`); !tip.MatchString(dom) {
		t.Error("a point does not say its value")
	}
}

// TestBrowserDurations: the script reads values as the Go side does, so that the points
// of its chart stand where those of the static one do.
func TestBrowserDurations(t *testing.T) {
	f := &File{}
	times := []string{"1m1s", "1m30s", "1m59s", "59s", "1h0m0.5s"}
	for _, x := range times {
		f.Lines = append(f.Lines, Line{Cell: []Setting{{"time", x}}, Verdict: "valid", Figures: FiguresOf(map[string]float64{"throughput": 1})})
	}
	r, err := NewReport(f, View{Metrics: []string{"throughput"}})
	if err != nil {
		t.Fatal(err)
	}
	texts := append([]string{"1h1m1s1ms1us1ns", "1.5h.5m", "2µs3ns", "2\u03bcs", "-1m30s", "+2m1s", "0s", "250ms", "0.25", "-3", "1e-4", "1E3", "5%", "900/s", "512B", "1.5KiB", "2MiB"}, times...)
	list, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	dom := browse(t, r, "byId('tip').textContent = JSON.stringify("+string(list)+".map(number)); byId('cells').tHead.rows[0].cells[0].click();")
	var got []float64
	if m := regexp.MustCompile(`<p id="tip"[^>]*>(.*)</p>`).FindStringSubmatch(dom); m == nil {
		t.Fatal(dom)
	} else if err := json.Unmarshal([]byte(m[1]), &got); err != nil {
		t.Fatal(err)
	}
	for i, text := range texts {
		if want, ok := Number(text); !ok || math.Abs(got[i]-want) > 1e-12*math.Abs(want) {
			t.Errorf("%s: %v in the browser, %v, %v here", text, got[i], want, ok)
		}
	}
	svg := dom[strings.Index(dom, "<svg"):strings.Index(dom, "</svg>")]
	c := r.chart(&r.metrics[0], "time")
	at, points := c.places(), regexp.MustCompile(`<circle cx="([^"]*)"`).FindAllStringSubmatch(svg, -1)
	for i, p := range c.Lines[0].Points {
		if x, err := strconv.ParseFloat(points[i][1], 64); err != nil || math.Abs(x-at[p.X]) > 1e-6 {
			t.Errorf("the script draws %s at %v, expected %v", p.X, x, at[p.X])
		}
	}
	body := dom[strings.Index(dom, "<tbody>"):strings.Index(dom, "</tbody>")]
	var rows []string
	for _, m := range regexp.MustCompile(`<tr><td[^>]*>([^<]*)<`).FindAllStringSubmatch(body, -1) {
		rows = append(rows, m[1])
	}
	if want := []string{"59s", "1m1s", "1m30s", "1m59s", "1h0m0.5s"}; !slices.Equal(rows, want) {
		t.Errorf("sorted: %v, expected %v", rows, want)
	}
}

// TestBrowserNames: a column of names is sorted as text, whatever they begin with, and one
// of figures by these, whatever interval follows.
func TestBrowserNames(t *testing.T) {
	cells := map[string][]float64{}
	for i, name := range []string{"./b.txt", "./a.txt", ".5.txt", "2-b", "2-a", "3 phases", "10-a", "1e", "5m.txt"} {
		x := []float64{3, 20, 100, 1000, 4, 5, 6, 7, 8}[i]
		cells[name] = []float64{x, x, x, x, x, 3 * x * float64(i%2+1)}
	}
	f, err := Merge(oneCell(cells))
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewReport(f, View{Metrics: []string{"throughput"}})
	if err != nil {
		t.Fatal(err)
	}
	first := func(column int) string {
		return fmt.Sprintf(`byId("cells").tHead.rows[0].cells[%d].click(); out.push([...byId("cells").tBodies[0].rows].map(r => r.cells[0].textContent).join("|"));`, column)
	}
	dom := browse(t, r, "const out = []; "+first(0)+first(2)+first(2)+`byId("tip").textContent = out.join("; ")`)
	want := `./a.txt|./b.txt|.5.txt|10-a|1e|2-a|2-b|3 phases|5m.txt; ./b.txt|2-a|3 phases|10-a|1e|5m.txt|./a.txt|.5.txt|2-b; 2-b|.5.txt|./a.txt|5m.txt|1e|10-a|3 phases|2-a|./b.txt`
	if got := regexp.MustCompile(`<p id="tip"[^>]*>(.*)</p>`).FindStringSubmatch(dom); got == nil || got[1] != want {
		t.Errorf("sorted: %q, expected %q", got, want)
	}
}

// TestBrowserKeys: what a click does, keys do too, and a line stays hidden over another
// metric. Without script there is nothing to choose from.
func TestBrowserKeys(t *testing.T) {
	r := sampleReport(t, 8)
	dom := browse(t, r, `
const press = (e, key) => e.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
const head = byId("cells").tHead.rows[0].cells[0];
const out = [head.tabIndex, press(head, "x"), head.ariaSort, press(head, " "), head.ariaSort, press(head, "Enter"), head.ariaSort];
const key = () => document.querySelector("[data-key='0']"), off = () => document.querySelector("[data-line='0']").classList.contains("off");
out.push(key().tabIndex, press(key(), " "), off(), press(key(), "Enter"), off(), press(key(), " "), off());
byId("metric").value = "latency.p99"; byId("metric").dispatchEvent(new Event("change"));
out.push(off(), key().getAttribute("aria-pressed"));
byId("axis").value = "protocol"; byId("axis").dispatchEvent(new Event("change"));
out.push(off(), byId("choices").hidden);
byId("tip").textContent = out.join(" ");
`)
	want := "0 true  false ascending false descending 0 false true false false false true true false false false"
	if got := regexp.MustCompile(`<p id="tip"[^>]*>(.*)</p>`).FindStringSubmatch(dom); got == nil || got[1] != want {
		t.Errorf("keys: %q, expected %q", got, want)
	}
	var b bytes.Buffer
	if err := r.Write(&b, "html"); err != nil || !strings.Contains(b.String(), `<p id="choices" hidden>`) {
		t.Errorf("the page without script has empty lists: %v", err)
	}
}

// TestLonePoint: a point that stands alone shows its interval, in the picture and in the
// browser.
func TestLonePoint(t *testing.T) {
	values := []float64{80, 90, 100, 100, 110, 120}
	gap := oneCell(map[string][]float64{"1": values, "2": values, "3": values, "4": values, "5": values})
	for i := range gap.Lines {
		if l := &gap.Lines[i]; l.Cell[0].Value == "3" {
			l.Verdict = "invalid" // 1 and 2, 4 and 5 have a band each
		}
	}
	between := oneCell(map[string][]float64{"1": values, "2": values, "3": values})
	for i := range between.Lines {
		if l := &between.Lines[i]; l.Cell[0].Value == "2" {
			l.Verdict = "unknown"
		}
	}
	part := oneCell(map[string][]float64{"1": values, "2": {100}})                                   // of two points one has an interval
	few := oneCell(map[string][]float64{"1": values, "2": values, "3": {90, 100, 110}, "4": values}) // no band is over 3, which has none
	files := []*File{oneCell(map[string][]float64{"1": values}), between, gap, part, few}
	lines, bands := []int{1, 2, 0, 1, 1}, []int{0, 0, 2, 0, 1}
	drawn(t, files, func(i int, picture string) {
		line := regexp.MustCompile(`<path [^>]*d="M([0-9.]+),([0-9.]+) ?L([0-9.]+),([0-9.]+) ?"`)
		found := line.FindAllStringSubmatch(picture, -1)
		if len(found) != lines[i] || strings.Count(picture, "<polygon") != bands[i] {
			t.Errorf("picture %d: %d lines, expected %d, and %d bands:\n%s", i, len(found), lines[i], bands[i], picture)
		}
		for _, m := range found {
			if m[1] != m[3] || m[2] == m[4] {
				t.Errorf("picture %d: a line from %s,%s to %s,%s", i, m[1], m[2], m[3], m[4])
			}
		}
	})
}

// drawn checks the charts of files of oneCell, as they are in the picture, and then as the
// script draws them.
func drawn(t *testing.T, files []*File, check func(i int, picture string)) {
	t.Helper()
	var r *Report
	var charts []chart
	for i, f := range files {
		f, err := Merge(f)
		if err != nil {
			t.Fatal(err)
		}
		if r, err = NewReport(f, View{Metrics: []string{"throughput"}}); err != nil {
			t.Fatal(err)
		}
		c := r.chart(&r.metrics[0], "x")
		charts = append(charts, c)
		check(i, c.svg())
	}
	list, err := json.Marshal(charts)
	if err != nil {
		t.Fatal(err)
	}
	dom := browse(t, r, "for (const c of "+string(list)+`) {
charts.splice(0, charts.length, c);
draw();
document.body.append(document.createElement("section"));
document.body.lastChild.innerHTML = byId("chart").innerHTML;
}`)
	pictures := strings.Split(dom, "<section>")[1:]
	if len(pictures) != len(files) {
		t.Fatalf("%d of %d charts are drawn", len(pictures), len(files))
	}
	for i, picture := range pictures {
		check(i, picture)
	}
}

// browse is the page of a report as a browser has it, with a script run behind its own.
func browse(t *testing.T, r *Report, script string) string {
	t.Helper()
	var browser string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			browser = path
			break
		}
	}
	if browser == "" {
		t.Skip("no chromium found: the page is not tested in a browser")
	}
	var b bytes.Buffer
	if err := r.Write(&b, "html"); err != nil {
		t.Fatal(err)
	}
	page := strings.Replace(b.String(), "</body>", "<script>"+script+"</script></body>", 1)
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, []byte(page), 0o666); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--window-size=390,800",
		"--user-data-dir="+t.TempDir(), "--enable-logging=stderr", "--dump-dom", "file://"+file)
	var errs bytes.Buffer
	c.Stderr = &errs
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, &errs)
	}
	if m := regexp.MustCompile(`.*CONSOLE.*`).FindAllString(errs.String(), -1); len(m) > 0 {
		t.Errorf("console: %s", m)
	}
	return string(out)
}
