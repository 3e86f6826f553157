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
		if r := replay(t, ctx, job, log+"more\n"); r.Difference == nil || r.Difference.Line != len(lines)+1 {
			t.Errorf("format %d: a longer log: %v", format, r.Difference)
		}
	}
	if r := replay(t, ctx, job, saved(t, job, Text, true)); r.Difference != nil {
		t.Errorf("with colours: %v", r.Difference)
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

// Two runs that are the same have no first difference; two that are not, here
// of a job that changes between them, show theirs.
func TestFirstDifference(t *testing.T) {
	job := openLibrary(t, "orders", 0)
	if d := job.FirstDifference(context.Background(), Options{Seed: 1}); d != nil {
		t.Errorf("a difference: %v", d)
	}
	a, b := &Result{Hash: 1}, &Result{Hash: 2}
	v := Verified{First: a, Second: b, Difference: &Difference{3, "this", "that"}}
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
