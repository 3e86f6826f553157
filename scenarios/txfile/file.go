package txfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/seed83d86191/txsim/model"
)

// File is a validated transaction file, ready to stream in the order of the
// file. It never holds the file: opening reads it once to validate everything,
// and Next reads it again, so that a run starts only on input that is right to
// its last line.
type File struct {
	name    string
	workers int
	in      io.ReaderAt
	size    int64
	close   func() error

	n         int    // transactions in the file
	most      int    // most operations of a transaction
	sum       uint32 // checksum of its lines
	scheduled bool
	numbered  bool // the ids are t<n>, n rising: n is the index

	scan  *scanner // of the streaming pass; nil before its first Next
	alloc allocator
}

// MaxLine is the longest accepted line of a transaction file, in bytes,
// without its line end.
const MaxLine = 1 << 20

// Open validates the named file, or stdin if the name is "-", and
// returns it ready to stream. Workers are w0 … w<workers-1>. What cannot be
// read twice (stdin, a pipe) is copied to a temporary file, gone after Close.
// Bad input is reported as an *input.Error; if ctx ends first, its error is.
func Open(ctx context.Context, name string, stdin io.Reader, workers int) (*File, error) {
	in, shown, err := openTwice(ctx, name, stdin)
	if err != nil {
		return nil, err
	}
	info, err := in.Stat()
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	f := &File{name: shown, workers: workers, in: in, size: info.Size(), close: in.Close}
	if err := f.check(ctx, idHash); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// OpenText is Open of a text that is held, which name names in errors. It need
// not be closed.
func OpenText(name string, text []byte, workers int) (*File, error) {
	f := &File{name: name, workers: workers, in: bytes.NewReader(text), size: int64(len(text))}
	if err := f.check(context.Background(), idHash); err != nil {
		return nil, err
	}
	return f, nil
}

// Name returns the file's name, as errors show it.
func (f *File) Name() string { return f.name }

// Sum returns a checksum of the file's lines.
func (f *File) Sum() uint32 { return f.sum }

// Len returns the number of transactions in the file: at least one.
func (f *File) Len() int { return f.n }

// Most returns how many operations the largest transaction has.
func (f *File) Most() int { return f.most }

// Scheduled reports whether every transaction has a time; otherwise none has.
func (f *File) Scheduled() bool { return f.scheduled }

// Numbered reports whether the ids are t<n>, n rising: then n is the index.
func (f *File) Numbered() bool { return f.numbered }

// Next returns the next transaction, with Parts nil, and At Unscheduled in a file without
// times; after the last one it returns io.EOF. Index counts from 1. If all ids are t<n>, n
// rising, it is n, so that leaving transactions out of the file changes neither the draws
// nor the coordinators of the others. If the file has changed since it was validated, Next
// returns an error, in place of io.EOF at the latest; the transactions before are then not
// valid.
func (f *File) Next() (*model.Transaction, error) {
	if f.scan == nil {
		f.scan = f.newScanner(context.Background()) // an interrupt ends the run, not the reading
	}
	bad, err := f.scan.next()
	switch {
	case err == io.EOF && f.scan.found == f.n && f.scan.sum == f.sum:
		return nil, io.EOF
	case err != nil && err != io.EOF:
		return nil, err
	case err == io.EOF, bad != nil, f.scan.found > f.n:
		return nil, fmt.Errorf("%s: changed since it was validated: expected the same file until the end of the run", f.name)
	}
	index := uint64(f.scan.found)
	if f.numbered {
		index = f.scan.number
	}
	return f.alloc.build(&f.scan.tx, index), nil
}

// Fork returns a reader of its own over the same validated file, at its first
// transaction: one for each of many runs in parallel. It lives until the
// original is closed; closing it does nothing.
func (f *File) Fork() *File {
	return &File{
		name: f.name, workers: f.workers, in: f.in, size: f.size,
		n: f.n, most: f.most, sum: f.sum, scheduled: f.scheduled, numbered: f.numbered,
	}
}

// Close closes the file and removes the temporary file of an input that had one.
func (f *File) Close() error {
	if f.close == nil {
		return nil
	}
	err := f.close()
	f.close = nil
	return err
}

// interruptible is a reader that fails at the next read once ctx has ended.
type interruptible struct {
	ctx context.Context
	in  io.Reader
}

func (r interruptible) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.in.Read(p)
}

// spooled is an open file, removed at Close if it has a path to remove.
type spooled struct {
	*os.File
	remove string
}

func (s *spooled) Close() error {
	err := s.File.Close()
	if s.remove != "" {
		err = errors.Join(err, os.Remove(s.remove))
	}
	return err
}

// openTwice opens the input such that it can be read several times, and returns the name
// for errors.
func openTwice(ctx context.Context, name string, stdin io.Reader) (in *spooled, shown string, err error) {
	if name == "-" {
		if stdin == nil {
			return nil, "", errors.New("stdin: not available: expected transactions on it")
		}
		in, err = spool("stdin", interruptible{ctx, stdin})
		return in, "stdin", err
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, "", err
	}
	info, err := file.Stat()
	switch {
	case err != nil:
	case info.Mode().IsRegular():
		return &spooled{File: file}, name, nil
	case info.IsDir():
		err = fmt.Errorf("%s: is a directory: expected a file of transactions", name)
	default:
		in, err = spool(name, interruptible{ctx, file})
	}
	return in, name, errors.Join(err, file.Close())
}

// spool copies r to a temporary file. If the system allows an open file to be removed, it
// is removed at once, so that nothing can leave it behind.
func spool(name string, r io.Reader) (*spooled, error) {
	file, err := os.CreateTemp("", "txsim-*.transactions")
	if err != nil {
		return nil, spoolError(name, err)
	}
	s := &spooled{File: file}
	if os.Remove(file.Name()) != nil {
		s.remove = file.Name()
	}
	if _, err := io.Copy(file, r); err != nil {
		bad := fmt.Errorf("%s: %w", name, err)
		if path := (*fs.PathError)(nil); errors.As(err, &path) && path.Path == file.Name() {
			bad = spoolError(name, err)
		}
		return nil, errors.Join(bad, s.Close())
	}
	return s, nil
}

// spoolError returns an error that says that the copy could not be made.
func spoolError(name string, err error) error {
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		err = path.Err // the name of the copy is of no use
	}
	return fmt.Errorf("%s: is copied to a temporary file in %s (TMPDIR): %w", name, os.TempDir(), err)
}
