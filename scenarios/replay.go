package scenarios

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"iter"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// Difference is the first place where two logs of what should be the same run
// differ. The zero Difference is none.
type Difference struct {
	Line      int // from 1
	Want, Got string
}

func (d Difference) String() string {
	return fmt.Sprintf("line %d\n  expected: %s\n  found:    %s", d.Line, d.Want, d.Got)
}

// Replay runs the job of a saved log's header and compares what comes out with
// the rest of the log, byte for byte.
func (j *Job) Replay(ctx context.Context, h *Header, rest io.Reader, firstLine int, o Options) (*Result, Difference, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	c := &comparer{want: bufio.NewReaderSize(rest, 1<<16), line: firstLine, stop: cancel}
	o.Seed = j.s.Seed
	o.Log = NewLog(c, h.Format, h.All, false)
	r, err := j.Run(ctx, o)
	if err != nil {
		return nil, Difference{}, err
	}
	if c.found == (Difference{}) {
		h.Finish(o.Log.Writer(), r)
	}
	o.Log.Flush()
	c.end()
	return r, c.found, nil
}

// comparer is a writer that compares what is written with what is expected.
type comparer struct {
	want  *bufio.Reader
	line  int
	part  []byte // of a line not yet complete
	found Difference
	stop  func()
}

func (c *comparer) Write(p []byte) (int, error) {
	n := len(p)
	for c.found == (Difference{}) {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			c.part = append(c.part, p...)
			break
		}
		c.compare(append(c.part, p[:i]...))
		c.part = c.part[:0]
		p = p[i+1:]
	}
	return n, nil
}

func (c *comparer) compare(got []byte) {
	want, err := c.want.ReadBytes('\n')
	text := bytes.TrimSuffix(want, []byte("\n"))
	if err != nil && len(want) == 0 {
		text = []byte("the end of the log")
	}
	if err != nil && len(want) == 0 || !bytes.Equal(text, got) {
		c.found = Difference{c.line, string(text), string(got)}
		c.stop()
	}
	c.line++
}

// end finds what the saved log has beyond the run.
func (c *comparer) end() {
	if c.found != (Difference{}) {
		return
	}
	if more, _ := c.want.ReadBytes('\n'); len(more) > 0 {
		c.found = Difference{c.line, string(bytes.TrimSuffix(more, []byte("\n"))), "the end of the run"}
	}
}

// FirstDifference runs the job twice, in step, and returns the first
// record in which the runs differ.
func (j *Job) FirstDifference(ctx context.Context, o Options) Difference {
	a, stopA := iter.Pull(j.lines(ctx, o))
	defer stopA()
	b, stopB := iter.Pull(j.lines(ctx, o))
	defer stopB()
	for n := 1; ; n++ {
		x, okX := a()
		y, okY := b()
		switch {
		case !okX && !okY:
			return Difference{}
		case x != y:
			return Difference{n, x, y}
		}
	}
}

// lines yields all records of a run, formatted.
func (j *Job) lines(ctx context.Context, o Options) iter.Seq[string] {
	return func(yield func(string) bool) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		t := &lineTracer{yield: yield, cancel: cancel}
		o.Log, o.Progress, o.Tracer = nil, nil, t
		t.format = model.Formatter{Coordinators: j.s.Coordinators, Workers: j.s.Workers}
		j.Run(ctx, o) // its result was judged before
	}
}

type lineTracer struct {
	format model.Formatter
	yield  func(string) bool
	cancel func()
	done   bool
}

func (t *lineTracer) Trace(r *sim.Record[model.Message]) {
	if t.done {
		return
	}
	l := t.format.Line(r)
	if !t.yield(string(bytes.TrimSuffix(l.Append(nil), []byte("\n")))) {
		t.done = true
		t.cancel()
	}
}
