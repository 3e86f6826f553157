package results

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
)

// File is a file of results.
type File struct {
	Path string // where it was read; "" is nowhere, or several files
	Header
	// Latest is the last header of the file. Its command makes the lines that are added.
	Latest Header
	Lines  []Line
	// Whole is the length of the file up to the end of its last whole line. Torn says that
	// part of a line follows, as after a sweep that was killed.
	Whole int64
	Torn  bool
}

// Read reads a file of results. The name is for errors.
func Read(name string, in io.Reader) (*File, error) {
	f := &File{Path: name}
	b := blocks{in: in}
	text, err := b.next()
	if err != nil {
		return nil, err
	}
	head, rest, whole := bytes.Cut(text, []byte("\n"))
	if !whole {
		if n := min(len(headBegin), len(b.text)); string(b.text[:n]) != headBegin[:n] {
			return nil, notResults(name)
		}
		f.Torn = len(b.text) > 0
		return f, nil
	}
	if err := f.readHeader(head); err != nil {
		return nil, err
	}
	f.Whole = int64(len(head) + 1)
	for at := 2; ; { // the line
		n, err := f.readLines(rest, at)
		if err != nil {
			return nil, err
		}
		at += n
		f.Whole += int64(len(rest))
		if rest, err = b.next(); err != nil {
			return nil, err
		}
		if rest == nil {
			f.Torn = len(b.text) > 0
			return f, nil
		}
	}
}

func notResults(name string) error {
	return fmt.Errorf("%s:1: not the results of a sweep: expected the header that txsim sweep -o writes", name)
}

// readHeader reads the first line.
func (f *File) readHeader(text []byte) error {
	if err := json.Unmarshal(text, &f.Header); err != nil || f.Version == "" || f.Hash == "" {
		return notResults(f.Path)
	}
	var report struct{ Cells json.RawMessage }
	if err := json.Unmarshal(text, &report); err != nil || report.Cells != nil {
		return fmt.Errorf("%s:1: a report: expected the results that txsim sweep -o writes", f.Path)
	}
	f.Latest = f.Header
	return nil
}

// blocks reads a text block by block, so that it need not be in memory as a whole.
type blocks struct {
	in   io.Reader
	text []byte // what was read, of which done has been returned
	done int
}

// blockSize is some hundred lines for each processor, so that they are read in parallel.
const blockSize = 1 << 20

// next returns the next whole lines, which are valid until the next call. At the end it
// returns nil, and text holds what follows the last newline.
func (b *blocks) next() ([]byte, error) {
	b.text = slices.Delete(b.text, 0, b.done)
	b.done = 0
	for {
		had := len(b.text)
		b.text = slices.Grow(b.text, blockSize)
		n, err := io.ReadFull(b.in, b.text[had:had+blockSize])
		b.text = b.text[:had+n]
		if end := bytes.LastIndexByte(b.text[had:], '\n'); end >= 0 {
			b.done = had + end + 1
			return b.text[:b.done], nil
		}
		switch {
		case err == io.EOF, err == io.ErrUnexpectedEOF:
			return nil, nil
		case err != nil:
			return nil, err
		}
	}
}

// readLines reads lines that follow the header and returns how many there were; first is the
// number of the first of them in the file. It reads them in parallel: this takes nearly all
// of the time of a report.
func (f *File) readLines(text []byte, first int) (int, error) {
	texts := bytes.SplitAfter(text, []byte("\n"))
	texts = texts[:len(texts)-1] // drop what is after the last newline: nothing
	lines, errs := make([]Line, len(texts)), make([]error, len(texts))
	var group sync.WaitGroup
	parts := runtime.GOMAXPROCS(0)
	for part := range parts {
		group.Go(func() {
			for i := part * len(texts) / parts; i < (part+1)*len(texts)/parts; i++ {
				if !bytes.HasPrefix(texts[i], []byte(headBegin)) {
					errs[i] = lines[i].read(texts[i])
					lines[i].From = Place{f.Path, first + i}
				}
			}
		})
	}
	group.Wait()
	rules := f.Latest.rules()
	for i, text := range texts {
		if bytes.HasPrefix(text, []byte(headBegin)) {
			var h Header
			if err := json.Unmarshal(text, &h); err != nil || h.Hash != f.Hash {
				return 0, fmt.Errorf("%s:%d: not the header of these results: expected hash %s", f.Path, first+i, f.Hash)
			}
			f.Join(&h)
			f.Latest, rules = h, h.rules()
			continue
		}
		if errs[i] != nil {
			return 0, fmt.Errorf("%s:%d: not a result: %v", f.Path, first+i, errs[i])
		}
		lines[i].Rules = rules
		f.add(lines[i])
	}
	return len(texts), nil
}

// read reads a line and refuses one that no run can have produced.
func (l *Line) read(text []byte) error {
	err := cmp.Or(json.Unmarshal(text, l), l.check(), l.Latencies.check())
	if l.Cell == nil {
		l.Cell = []Setting{} // an older version printed null
	}
	if bytes.Contains(text, []byte(`"latencies":`)) {
		return errors.New("its latencies are counted as by an older version: expected the sweep to be made again")
	}
	return err
}

// add adds a line, which shares its cell with the one before if that has the same.
func (f *File) add(l Line) {
	if n := len(f.Lines); n > 0 && slices.Equal(f.Lines[n-1].Cell, l.Cell) {
		l.Cell = f.Lines[n-1].Cell
	}
	f.Lines = append(f.Lines, l)
}
