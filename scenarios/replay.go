package scenarios

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/seed83d86191/txsim/sim"
)

// Difference is the first place where two logs of what should be the same run
// differ.
type Difference struct {
	Line      int // from 1
	Want, Got string
	Node      string // whose step it is in, if it is known
}

// String prints it for people; nil is of two runs that were not the same when they were not
// looked at.
func (d *Difference) String() string {
	if d == nil {
		return "none that a log shows when they are run again"
	}
	step := ""
	if d.Node != "" {
		step = ", in a step of " + d.Node
	}
	return fmt.Sprintf("line %d%s\n  expected: %s\n  found:    %s", d.Line, step, d.Want, d.Got)
}

// Replayed is the result of a replay.
type Replayed struct {
	*Result
	Difference *Difference // nil if there is none
	// Lines is how many lines of the log were found to be the same.
	Lines int
	// Cut: the log ends before the run does, as that of an interrupted run; up to there
	// they are the same.
	Cut bool
}

// Replay runs the job of a saved log's header and compares what comes out with
// the rest of the log, byte for byte but for colours. It stops at the first
// difference.
func (j *Job) Replay(ctx context.Context, h *Header, rest io.Reader, o Options) (*Replayed, error) {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	c := &comparer{want: bufio.NewReaderSize(rest, 1<<16), lines: h.lines, stop: cancel}
	o.Seed, o.Unchecked = j.s.Seed, h.Unchecked
	o.Log = NewLog(c, h.Format, h.All, false)
	r, err := j.Run(inner, o)
	if err != nil {
		return nil, err
	}
	interrupted := r.End.Status == sim.Interrupted && ctx.Err() != nil
	if !c.over() && !interrupted {
		if err := o.Log.Flush(); err != nil {
			return nil, err
		}
		if text := r.LedgerText(); h.Format == Text && !h.Unchecked && c.follows(text) {
			_, _ = c.Write([]byte(text)) // Write never fails
		}
		if err := h.Finish(o.Log.Writer(), r); err != nil {
			return nil, err
		}
	}
	if err := o.Log.Flush(); err != nil {
		return nil, err
	}
	if !interrupted {
		c.end(verifiedLine(r, h.Format))
	}
	if c.err != nil {
		return nil, c.err
	}
	if c.cut {
		r.End.Status = sim.Interrupted // even if the cut is in the summary
	}
	return &Replayed{r, c.found, c.lines, c.cut}, nil
}

// comparer is a writer that compares what is written with the saved log, and stops the run
// at the first difference.
type comparer struct {
	want  *bufio.Reader
	lines int    // lines that were the same, those of the header included
	part  []byte // of a line not yet complete
	found *Difference
	cut   bool
	ended bool  // the last line read has no end: it may be the beginning of one
	err   error // of reading
	stop  func()
}

// over reports whether there is nothing more to compare.
func (c *comparer) over() bool { return c.found != nil || c.cut || c.err != nil }

func (c *comparer) Write(p []byte) (int, error) {
	n := len(p)
	for !c.over() {
		i := bytes.IndexByte(p, '\n')
		if i < 0 {
			c.part = append(c.part, p...)
			break
		}
		line := p[:i]
		if len(c.part) > 0 {
			c.part = append(c.part, line...)
			line = c.part
		}
		c.compare(line)
		c.part = c.part[:0]
		p = p[i+1:]
	}
	if c.over() {
		c.stop()
	}
	return n, nil
}

func (c *comparer) compare(got []byte) {
	want, ok := c.next()
	switch {
	case c.err != nil:
	case ok && bytes.Equal(want, got):
		c.lines++
	case !ok || c.ended && bytes.HasPrefix(got, want):
		c.cut = true
	case c.interruptedAt(want):
		c.cut = true
	default:
		c.found = &Difference{Line: c.lines + 1, Want: string(want), Got: string(got)}
	}
}

// colors are the escape sequences that a log kept from a terminal may have, cutColor is
// one that is cut off.
var (
	colors   = regexp.MustCompile("\x1b\\[[0-9;]*m")
	cutColor = regexp.MustCompile("\x1b(\\[[0-9;]*)?$")
)

// next returns the next line of the log, without its end.
func (c *comparer) next() (line []byte, ok bool) {
	line, err := c.want.ReadBytes('\n')
	if c.ended = err == io.EOF; err != nil && !c.ended {
		c.err = err
	}
	if err != nil && len(line) == 0 {
		return nil, false
	}
	line = bytes.TrimSuffix(line, []byte("\n"))
	if bytes.IndexByte(line, '\x1b') >= 0 {
		line = colors.ReplaceAll(line, nil)
		if c.ended {
			line = cutColor.ReplaceAll(line, nil)
		}
	}
	return line, true
}

// interruptedAt reports whether the log has, in place of the record want, the end of a run
// that was interrupted, or an end that was cut off before it says why the run ended.
func (c *comparer) interruptedAt(want []byte) bool {
	return c.beginsEnd(want) && c.endsInterrupted(want)
}

// beginsEnd reports whether a line may be the first one after the last record: the blank
// line before the summary, or a finding or the summary in JSON.
func (c *comparer) beginsEnd(line []byte) bool {
	begins := func(what string) bool {
		return bytes.HasPrefix(line, []byte(what)) || c.ended && strings.HasPrefix(what, string(line))
	}
	return len(line) == 0 || begins(`{"summary":`) || begins(`{"finding":`)
}

// endsInterrupted reads the log from this line to its end, and reports whether its summary
// says that the run was interrupted. A summary that was cut off before it says so will do;
// one more record will not.
func (c *comparer) endsInterrupted(line []byte) bool {
	for ok := true; ok; line, ok = c.next() {
		switch {
		case bytes.HasPrefix(line, []byte(" verdict ")) && !c.ended:
			return bytes.HasSuffix(line, []byte("unknown: "+sim.Interrupted.String()))
		case bytes.HasPrefix(line, []byte(`{"summary":`)) && json.Valid(line):
			return bytes.Contains(line, []byte(`"ending":"`+sim.Interrupted.String()+`"`))
		case bytes.HasPrefix(line, []byte(`{"at":`)) || len(line) > 0 && '0' <= line[0] && line[0] <= '9':
			return false // a record
		}
	}
	return true
}

// follows reports whether the log continues with the first two lines of this text, of which
// the first is blank, or ends within them.
func (c *comparer) follows(text string) bool {
	first := text[:1+strings.IndexByte(text[1:], '\n')+1]
	next, _ := c.want.Peek(len(first)) // fewer bytes at the end of the log; a read error will be returned again
	return len(next) > 0 && strings.HasPrefix(first, string(next))
}

// end checks that the saved log ends where the run ends; a line that the run was verified
// may follow.
func (c *comparer) end(verified string) {
	if c.over() {
		return
	}
	more, ok := c.next()
	if ok && string(more) == verified {
		c.lines++
		more, ok = c.next()
	}
	switch {
	case !ok:
	case c.ended && strings.HasPrefix(verified, string(more)):
		c.cut = true
	case isVerified(more):
		c.found = &Difference{Line: c.lines + 1, Want: string(more), Got: verified}
	default:
		c.found = &Difference{Line: c.lines + 1, Want: string(more), Got: "the end of the run"}
	}
}
