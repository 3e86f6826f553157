package cmd

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
)

// On a terminal a bar appears after two seconds; elsewhere a line every ten.
func TestProgress(t *testing.T) {
	begin := time.Unix(1000, 0)
	for _, c := range []struct {
		bars   bool
		total  int
		after  time.Duration
		within time.Duration
		want   string // "" for nothing
	}{
		{true, 1000, 1900 * time.Millisecond, 0, ""},
		{true, 1000, 2100 * time.Millisecond, 0, "transactions  51%"},
		{true, -1, 2100 * time.Millisecond, 0, "transactions (512/-"},
		{false, 1000, 9 * time.Second, 0, ""},
		{false, 1000, 11 * time.Second, 0, "txsim: 512 of 1000 transactions done after 11 s, about 10 s left\n"},
		{false, -1, 11 * time.Second, 0, "txsim: 512 transactions done after 11 s\n"},
		{false, -1, 11 * time.Second, time.Minute, "txsim: 512 transactions done after 11 s, about 49 s left\n"},
		{false, 1000, 11 * time.Second, 12 * time.Second, "txsim: 512 of 1000 transactions done after 11 s, about 1 s left\n"},
		{false, 1000, 11 * time.Second, time.Minute, "txsim: 512 of 1000 transactions done after 11 s, about 10 s left\n"},
	} {
		var b bytes.Buffer
		p := &progress{w: &b, bars: c.bars, within: c.within, begin: begin, last: begin, now: func() time.Time { return begin.Add(c.after) }, unit: "transactions"}
		p.report(512, c.total)
		p.report(512, c.total)
		if got := b.String(); c.want == "" && got != "" || !strings.Contains(got, c.want) || !c.bars && got != c.want {
			t.Errorf("bars %v, after %v of %d: printed %q, expected %q", c.bars, c.after, c.total, got, c.want)
		}
		b.Reset()
		if p.end(); c.bars && c.want != "" && strings.TrimSpace(strings.Trim(b.String(), "\r\x1b[K2J")) != "" {
			t.Errorf("the bar is not cleared: %q", b.String())
		}
		p.end() // twice is once
	}
}

// With --quiet nothing is told of progress, however long it takes.
func TestQuiet(t *testing.T) {
	for _, quiet := range []bool{false, true} {
		var b bytes.Buffer
		a := &app{out: &bytes.Buffer{}, err: &b, quiet: quiet}
		p := a.newProgress("runs")
		p.now = func() time.Time { return p.begin.Add(time.Minute) }
		p.report(1, 2)
		p.end()
		if (b.Len() == 0) != quiet {
			t.Errorf("quiet %v: printed %q", quiet, b.String())
		}
	}
}

// So it is of run, where the flag leaves out parameters and log too.
func TestQuietRun(t *testing.T) {
	for _, args := range [][]string{{"run", "pair"}, {"run", "pair", "-q"}} {
		var out bytes.Buffer
		a := &app{ctx: t.Context(), out: &out, err: &bytes.Buffer{}, protocols: model.Protocols()}
		if code := a.main(args); code != exitValid {
			t.Fatalf("%s: exit code %d", args, code)
		}
		quiet := len(args) > 2
		if (a.aside() == io.Discard) != quiet || strings.Contains(out.String(), "decide") == quiet || strings.Contains(out.String(), "# workers") == quiet {
			t.Errorf("%s: progress goes to %T, and there is printed:\n%s", args, a.aside(), out.String())
		}
	}
}

// Streams that are no terminals get no colour unless asked for, and progress
// in lines.
func TestNoTerminal(t *testing.T) {
	file, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for mode, want := range map[string]bool{"auto": false, "always": true, "never": false} {
		for _, a := range []*app{{out: &bytes.Buffer{}}, {out: file}} {
			if got := a.colored(mode, false); got != want {
				t.Errorf("--color %s: %v", mode, got)
			}
		}
	}
	a := &app{out: file, err: &bytes.Buffer{}}
	var o scenarios.Options
	defer a.progress(true, &o)()
	if o.Progress == nil {
		t.Error("no progress is reported")
	}
}
