package scenarios

import (
	"bufio"
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/sim"
)

// saved is a log as txsim run -o writes it.
func saved(t *testing.T, job *Job, format Format, color bool) string {
	t.Helper()
	s := job.Scenario()
	h := Header{Command: "test", Scenario: s, Format: format}
	var b bytes.Buffer
	log := NewLog(&b, format, false, color)
	if err := h.Write(log.Writer()); err != nil {
		t.Fatal(err)
	}
	r, err := job.Run(context.Background(), Options{Seed: s.Seed, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Finish(log.Writer(), r); err != nil {
		t.Fatal(err)
	}
	if err := log.Flush(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func replay(t *testing.T, ctx context.Context, job *Job, log string) *Replayed {
	t.Helper()
	in := bufio.NewReader(strings.NewReader(log))
	h, err := ReadHeader("log", in)
	if err != nil {
		t.Fatal(err)
	}
	r, err := job.Replay(ctx, h, in, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A saved log replays as the same; one altered in any one line, the summary
// included, differs there and nowhere before; one that is cut is the same as
// far as it goes.
func TestReplay(t *testing.T) {
	job := openLibrary(t, "orders", 0)
	ctx := context.Background()
	for _, format := range []Format{Text, JSONL} {
		log := saved(t, job, format, false)
		lines := strings.SplitAfter(log, "\n")
		lines = lines[:len(lines)-1]
		if r := replay(t, ctx, job, log); r.Difference != nil || r.Cut || r.Lines != len(lines) || r.End.Status != sim.Quiet {
			t.Errorf("format %d: difference %v, cut %v, %d lines of %d", format, r.Difference, r.Cut, r.Lines, len(lines))
		}
		head := strings.Count(log[:strings.Index(log, "0.000000000")], "\n")
		for at := head; at < len(lines); at += 1 + (len(lines)-head)/25 {
			altered := strings.Join(lines[:at], "") + "x" + strings.Join(lines[at:], "")
			r := replay(t, ctx, job, altered)
			if r.Difference == nil || r.Difference.Line != at+1 || r.Lines != at || "x"+r.Difference.Got+"\n" != "x"+lines[at] {
				t.Errorf("format %d: altered line %d: %v", format, at+1, r.Difference)
			}
			cut := strings.Join(lines[:at], "") + lines[at][:len(lines[at])/2]
			if r := replay(t, ctx, job, cut); r.Difference != nil || !r.Cut || r.Lines != at {
				t.Errorf("format %d: cut in line %d: difference %v, cut %v, %d lines", format, at+1, r.Difference, r.Cut, r.Lines)
			}
		}
		last := len(lines) - 1
		for ; lines[last][0] != '{' && (lines[last][0] < '0' || lines[last][0] > '9') || strings.HasPrefix(lines[last], `{"summary":`); last-- {
		}
		short := strings.Join(lines[:last], "") + strings.Join(lines[last+1:], "")
		if r := replay(t, ctx, job, short); r.Difference == nil || r.Cut || r.Lines != last {
			t.Errorf("format %d: without its last record: difference %v, cut %v, %d lines of %d", format, r.Difference, r.Cut, r.Lines, last)
		}
		other := strings.Join(lines[:last], "") + "0x"
		if r := replay(t, ctx, job, other); r.Difference == nil || r.Cut {
			t.Errorf("format %d: cut in another line: difference %v, cut %v", format, r.Difference, r.Cut)
		}
		if r := replay(t, ctx, job, log+"more\n"); r.Difference == nil || r.Difference.Line != len(lines)+1 {
			t.Errorf("format %d: a longer log: %v", format, r.Difference)
		}
	}
	if r := replay(t, ctx, job, saved(t, job, Text, true)); r.Difference != nil {
		t.Errorf("with colours: %v", r.Difference)
	}
}

// A log that is cut off anywhere, be it within a colour or in what says that it was
// verified, is the same as far as it goes; what it says that is not so is a difference.
func TestReplayCutAnywhere(t *testing.T) {
	job := openLibrary(t, "pair", 0)
	ctx := context.Background()
	for _, c := range []struct {
		format Format
		color  bool
	}{{Text, false}, {Text, true}, {JSONL, false}} {
		format, color := c.format, c.color
		log := saved(t, job, format, color)
		head := strings.Index(log, "0.000000000")
		head = strings.LastIndexByte(log[:head], '\n') + 1
		v := verifiedLine(replay(t, ctx, job, log).Result, format)
		whole := len(log)
		log += v + "\n"
		for at := head; at <= len(log); at++ {
			if at%13 > 0 && at < whole-10 && !strings.Contains(log[at-6:at], "\x1b") {
				continue // one place in plain text is like the next
			}
			r := replay(t, ctx, job, log[:at])
			ends := at+1 >= whole && at <= whole || at+1 >= len(log)
			if r.Difference != nil || r.Cut == ends {
				t.Fatalf("format %d, cut behind %q: difference %v, cut %v", format, log[max(0, at-30):at], r.Difference, r.Cut)
			}
		}
		wrong := strings.Repeat("0", 16)
		hash := v[strings.Index(v, hashText(replay(t, ctx, job, log).Hash)):][:16]
		last := strings.Count(log, "\n")
		if r := replay(t, ctx, job, log[:whole]+strings.Replace(v, hash, wrong, 1)+"\n"); r.Difference == nil || r.Difference.Line != last || r.Difference.Got != v {
			t.Errorf("format %d: verified by another hash: %v", format, r.Difference)
		}
		if r := replay(t, ctx, job, log+v+"\n"); r.Difference == nil || r.Difference.Line != last+1 {
			t.Errorf("format %d: verified twice: %v", format, r.Difference)
		}
	}
}

// A log of a run that was interrupted can be cut off within its summary too.
func TestReplayCutSummary(t *testing.T) {
	job := openLibrary(t, "pair", 0)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r, err := job.Run(ctx, Options{Seed: job.Scenario().Seed})
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range []Format{Text, JSONL} {
		h := Header{Command: "test", Scenario: job.Scenario(), Format: format}
		var b bytes.Buffer
		if err := h.Write(&b); err != nil {
			t.Fatal(err)
		}
		head := b.Len()
		if err := h.Finish(&b, r); err != nil {
			t.Fatal(err)
		}
		log := b.String()
		for at := head; at <= len(log); at += 3 {
			if r := replay(t, context.Background(), job, log[:at]); r.Difference != nil || !r.Cut {
				t.Fatalf("format %d, cut behind %q: difference %v, cut %v", format, log[at-30:at], r.Difference, r.Cut)
			}
		}
	}
	log := saved(t, job, Text, false)
	first := strings.Index(log, "0.000000000")
	if r := replay(t, context.Background(), job, log[:first]+"\n"+log[first:len(log)/2]); r.Difference == nil {
		t.Error("an empty line between the records is taken for the end of the run")
	}
}

// A replay that is interrupted has found nothing, good or bad.
func TestReplayInterrupted(t *testing.T) {
	job := openLibrary(t, "orders", 0)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if r := replay(t, ctx, job, saved(t, job, Text, false)); r.Difference != nil || r.Cut || r.End.Status != sim.Interrupted {
		t.Errorf("difference %v, cut %v, status %v", r.Difference, r.Cut, r.End.Status)
	}
}

// TestInterruptedAt: only what follows the last record of an interrupted run can be its end.
func TestInterruptedAt(t *testing.T) {
	for _, c := range []struct {
		line, rest string
		want       bool
	}{
		{"", " verdict            unknown: interrupted\n", true},
		{"", " verdict            valid\n", false},
		{"x", " verdict            unknown: interrupted\n", false},
		{`{"finding":{}}`, `{"summary":{"ending":"interrupted"}}`, true},
		{`{"finding":{}}`, `{"summary":{"ending":"at rest"}}`, false},
		{`{"summary":{"ending":"interrupted"}}`, "", true},
		{`{"summary":{"ending":"at rest"}}`, "", false},
		{"0.5  C0  end  t1", " verdict            unknown: interrupted\n", false},
		{`{"at":5}`, `{"summary":{"ending":"interrupted"}}`, false},
	} {
		w := &comparer{want: bufio.NewReader(strings.NewReader(c.rest))}
		if got := w.interruptedAt([]byte(c.line)); got != c.want {
			t.Errorf("%q before %q: %v", c.line, c.rest, got)
		}
	}
}

// Two runs that are the same have no first difference; two that are not, here
// of a job that changes between them, show theirs.
func TestFirstDifference(t *testing.T) {
	job := openLibrary(t, "orders", 0)
	if d := job.FirstDifference(context.Background(), Options{Seed: 1}); d != nil {
		t.Errorf("a difference: %v", d)
	}
	a, b := &Result{Hash: 1}, &Result{Hash: 2}
	v := Verified{First: a, Second: b, Difference: &Difference{Line: 3, Want: "this", Got: "that"}}
	for format, want := range map[Format]string{
		Text:  "not deterministic: trace hashes 0000000000000001 and 0000000000000002\nfirst difference: line 3\n  expected: this\n  found:    that\n",
		JSONL: `{"verified":false,"hashes":["0000000000000001","0000000000000002"],"difference":"line 3\n  expected: this\n  found:    that"}` + "\n",
	} {
		var out strings.Builder
		if err := v.Write(&out, format); err != nil || out.String() != want {
			t.Errorf("printed %q, error %v; expected %q", out.String(), err, want)
		}
	}
}
