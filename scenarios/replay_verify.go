package scenarios

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"iter"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
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
		difference = v.Difference.String()
	}
	if format == JSONL {
		return analysis.WriteJSON(w, jsonVerified{v.Same(), []string{first, second}, difference}, "")
	}
	text := verifiedText + "two runs, the same trace hash " + first + "\n"
	if !v.Same() {
		text = "not deterministic: " + twoHashes(v.First.Hash, v.Second.Hash) + "\nfirst difference: " + difference + "\n"
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

// unstable returns the ErrUnstable of two runs, with their first difference if they differ
// again.
func (j *Job) unstable(ctx context.Context, o Options, how string) error {
	return fmt.Errorf("%w: %s\nfirst difference: %s", ErrUnstable, how, j.FirstDifference(ctx, o))
}

// twoHashes says how two runs differ.
func twoHashes(first, second uint64) string {
	return "trace hashes " + hashText(first) + " and " + hashText(second)
}

// FirstDifference runs the job twice, in step, and returns the first record in which the
// runs differ, or nil. If a log would print the two records alike, they are shown with
// their numeric arguments.
func (j *Job) FirstDifference(ctx context.Context, o Options) *Difference {
	a, stopA := iter.Pull(j.records(ctx, o))
	defer stopA()
	b, stopB := iter.Pull(j.records(ctx, o))
	defer stopB()
	for n := 1; ; n++ {
		x, okX := a()
		y, okY := b()
		switch {
		case !okX && !okY:
			return nil
		case x != y:
			d := &Difference{n, x.line, y.line, cmp.Or(x.node, y.node)}
			if okX && okY && x.node != y.node {
				d.Node += " or " + y.node
			}
			if d.Want == d.Got {
				d.Want += fmt.Sprint("  argument ", x.arg)
				d.Got += fmt.Sprint("  argument ", y.arg)
			}
			return d
		}
	}
}

// compared is a record of a run that is compared with another.
type compared struct {
	node string // whose step it is of
	line string // as a log for people has it
	arg  uint64 // of which the log prints only the meaning
}

// records yields all records of a run.
func (j *Job) records(ctx context.Context, o Options) iter.Seq[compared] {
	return func(yield func(compared) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		more := true
		o.Log, o.Progress, o.Tracer = NewLog(io.Discard, Text, true, false), nil, nil
		o.Log.each = func(r *sim.Record[model.Message], line string) {
			if more = more && yield(compared{o.Log.format.Node(r.Node), line, r.Arg}); !more {
				cancel()
			}
		}
		_, _ = j.Run(ctx, o) // errors and findings came up in earlier runs
	}
}
