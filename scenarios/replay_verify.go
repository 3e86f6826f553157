package scenarios

import (
	"bytes"
	"context"
	"io"
	"iter"
	"strings"

	"github.com/seed83d86191/txsim/analysis"
)

// Verified is the result of running the same job twice.
type Verified struct {
	First, Second *Result
	Difference    *Difference // if they are not the same
}

// Same reports whether the runs were the same.
func (v *Verified) Same() bool {
	return v.First.Hash == v.Second.Hash && v.First.Records == v.Second.Records
}

const verifiedText = "verified: "

// jsonVerified is Verified for programs.
type jsonVerified struct {
	Verified   bool     `json:"verified"`
	Hashes     []string `json:"hashes"`
	Difference string   `json:"difference,omitempty"`
}

// Write prints one line, or, if the runs differ, four with the first difference.
func (v *Verified) Write(w io.Writer, format Format) error {
	first, second := hashText(v.First.Hash), hashText(v.Second.Hash)
	difference := ""
	if !v.Same() {
		difference = "none that a log shows when they are run again"
		if v.Difference != nil {
			difference = v.Difference.String()
		}
	}
	if format == JSONL {
		return analysis.WriteJSON(w, jsonVerified{v.Same(), []string{first, second}, difference}, "")
	}
	text := verifiedText + "two runs, the same trace hash " + first + "\n"
	if !v.Same() {
		text = "not deterministic: trace hashes " + first + " and " + second + "\nfirst difference: " + difference + "\n"
	}
	_, err := io.WriteString(w, text)
	return err
}

// verifiedLine returns what Write adds after the log of a run that was the same twice.
func verifiedLine(r *Result, format Format) string {
	var b bytes.Buffer
	_ = (&Verified{First: r, Second: r}).Write(&b, format) // it never fails
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

// isVerified recognises what Write adds after a log.
func isVerified(line []byte) bool {
	return bytes.HasPrefix(line, []byte(verifiedText)) || bytes.HasPrefix(line, []byte(`{"verified":true`))
}

// FirstDifference runs the job twice, in step, and returns the first record in which the
// runs differ, or nil. If a log would print the two records alike, they are shown with
// their numeric arguments.
func (j *Job) FirstDifference(ctx context.Context, o Options) *Difference {
	a, stopA := iter.Pull(j.lines(ctx, o))
	defer stopA()
	b, stopB := iter.Pull(j.lines(ctx, o))
	defer stopB()
	for n := 1; ; n++ {
		x, okX := a()
		y, okY := b()
		switch {
		case !okX && !okY:
			return nil
		case x != y:
			a, _, _ := strings.Cut(x, argument)
			if b, _, _ := strings.Cut(y, argument); a != b {
				return &Difference{n, a, b}
			}
			return &Difference{n, x, y}
		}
	}
}

// lines yields all records of a run as its log has them.
func (j *Job) lines(ctx context.Context, o Options) iter.Seq[string] {
	return func(yield func(string) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		w := &lineWriter{yield: yield, cancel: cancel}
		o.Log, o.Progress, o.Tracer = NewLog(w, Text, true, false), nil, nil
		o.Log.args = true
		_, _ = j.Run(ctx, o) // errors and findings came up in earlier runs
		_ = o.Log.Flush()
	}
}

// lineWriter passes on what is written, line by line, until the receiver wants no more.
type lineWriter struct {
	yield  func(string) bool
	cancel func()
	done   bool
	line   []byte // the part of a line written so far
}

func (w *lineWriter) Write(b []byte) (int, error) {
	n := len(b)
	for !w.done {
		line, rest, whole := bytes.Cut(b, []byte("\n"))
		if w.line = append(w.line, line...); !whole {
			break
		}
		if !w.yield(string(w.line)) {
			w.done = true
			w.cancel()
		}
		w.line, b = w.line[:0], rest
	}
	return n, nil
}
