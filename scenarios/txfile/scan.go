package txfile

import (
	"bufio"
	"bytes"
	"context"
	"hash/crc32"
	"io"
	"time"
	"unicode/utf8"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/sim"
)

// rawTx is a parsed transaction whose bytes belong to the scanner: they are
// valid until its next line.
type rawTx struct {
	id  []byte
	at  sim.Time
	ops []rawOp
}

type rawOp struct {
	kind       model.OpKind
	worker     int
	key, value []byte
}

// parser turns a line, valid UTF-8 without its end, into a transaction.
type parser interface {
	parse(line []byte, tx *rawTx) *input.Problem
}

// scanner reads a transaction file line by line and checks everything that can be checked
// without remembering ids. Each pass over a file gives the same results.
type scanner struct {
	r       *bufio.Reader
	workers int
	line    int    // number of the line read last, from 1
	sum     uint32 // checksum of all lines read
	found   int    // transactions so far
	tx      rawTx  // the last of them

	parser   parser // nil before the first significant line
	json     bool
	formLine int  // the line that decided the form
	array    bool // the file is an array of JSON, as which it is not read on
	atLine   int  // the line that decided about times
	atMixed  bool
	timed    bool
	last     sim.Time // time of the last good transaction …
	lastLine int      // … and its line

	number uint64 // n of the last transaction's id, if that is t<n>
	named  bool   // some id is not t<n>, or n does not rise
}

var lineSums = crc32.MakeTable(crc32.Castagnoli)

func (f *File) newScanner(ctx context.Context) *scanner {
	// A full buffer without a line end holds a line over the limit, whose rest is skipped.
	size := int(min(f.size, MaxLine)) + len(input.BOM+"\r\n")
	return &scanner{
		r:       bufio.NewReaderSize(interruptible{ctx, io.NewSectionReader(f.in, 0, f.size)}, size),
		workers: f.workers,
	}
}

// next moves to the next transaction and leaves it in s.tx. A problem is about
// the current line, and scanning goes on after it; an error, io.EOF at the
// end of the file, ends the scan.
func (s *scanner) next() (*input.Problem, error) {
	if s.array {
		return nil, io.EOF
	}
	for {
		line, bad, err := s.readLine()
		if err != nil {
			return nil, err
		}
		if bad == nil {
			start := bytes.TrimLeft(line, input.Blanks)
			if len(start) == 0 || start[0] == '#' {
				continue
			}
			bad = s.parse(line, start[0] == '{')
		}
		if bad != nil {
			bad.Line = s.line
			return bad, nil
		}
		s.found++
		s.count()
		return nil, nil
	}
}

// count reads the number in the id.
func (s *scanner) count() {
	if !s.named {
		last := s.number
		s.number = model.IndexOf(s.tx.id)
		s.named = s.number <= last
	}
}

// readLine returns the next line without its end.
func (s *scanner) readLine() ([]byte, *input.Problem, error) {
	line, err := s.r.ReadSlice('\n')
	if len(line) == 0 {
		return nil, nil, err
	}
	s.line++
	s.sum = crc32.Update(s.sum, lineSums, line)
	for err == bufio.ErrBufferFull {
		var more []byte
		more, err = s.r.ReadSlice('\n')
		s.sum = crc32.Update(s.sum, lineSums, more)
	}
	if err != nil && err != io.EOF {
		return nil, nil, err
	}
	if s.line == 1 {
		line = bytes.TrimPrefix(line, []byte(input.BOM))
	}
	line = bytes.TrimSuffix(line, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	if len(line) > MaxLine {
		return nil, input.Problemf(0, "line over 1 MiB: expected at most %d bytes", MaxLine), nil
	}
	if !utf8.Valid(line) {
		at := input.InvalidUTF8(line)
		return nil, input.Problemf(at+1, "invalid UTF-8, byte 0x%02x: expected UTF-8 text", line[at]), nil
	}
	return line, nil, nil
}

func (s *scanner) parse(line []byte, json bool) *input.Problem {
	if s.parser == nil {
		s.formLine, s.json = s.line, json
		if json {
			s.parser = &jsonParser{workers: s.workers}
		} else {
			s.parser = &textParser{workers: s.workers}
		}
	}
	switch {
	case json && !s.json:
		return input.Problemf(0, "a JSON line in a file of text lines: expected the form of line %d", s.formLine)
	case !json && s.json:
		return input.Problemf(0, "a text line in a file of JSON lines: expected the form of line %d", s.formLine)
	}
	s.tx.id, s.tx.at, s.tx.ops = nil, model.Unscheduled, s.tx.ops[:0]
	if bad := s.parser.parse(line, &s.tx); bad != nil {
		if s.line == s.formLine && beginsArray(line) {
			s.array = true
			return input.Problemf(0, "an array of JSON: expected JSON Lines, one object a line")
		}
		return bad
	}
	return s.checkTime()
}

// beginsArray reports whether a line that is no transaction begins an array of objects.
func beginsArray(line []byte) bool {
	rest, ok := bytes.CutPrefix(bytes.TrimLeft(line, input.Blanks), []byte("["))
	rest = bytes.TrimLeft(rest, input.Blanks)
	return ok && (len(rest) == 0 || rest[0] == '{' || rest[0] == ']')
}

// checkTime checks the time of the transaction against those before it. A mixture of
// transactions with and without times is reported only once.
func (s *scanner) checkTime() *input.Problem {
	timed := s.tx.at != model.Unscheduled
	if s.atLine == 0 {
		s.atLine, s.timed = s.line, timed
	}
	if timed != s.timed && !s.atMixed {
		s.atMixed = true
		if timed {
			return input.Problemf(0, `%s has an "at" and line %d has none: expected all or none to have one`, input.Excerpt(s.tx.id), s.atLine)
		}
		return input.Problemf(0, `%s has no "at" and line %d has one: expected all or none to have one`, input.Excerpt(s.tx.id), s.atLine)
	}
	if !timed {
		return nil
	}
	last, lastLine := s.last, s.lastLine
	s.last, s.lastLine = s.tx.at, s.line
	if s.tx.at < last {
		return input.Problemf(0, "at %v is before the %v of line %d: expected times in order",
			time.Duration(s.tx.at), time.Duration(last), lastLine)
	}
	return nil
}
