package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/seed83d86191/txsim/model"
)

// TxFile is a validated transaction file, ready to stream in the order of the
// file. It never holds the file: opening reads it once to validate everything,
// and Next reads it again, so that a run starts only on input that is right to
// its last line.
//
// A file has one of two forms, told apart by its first significant byte.
// JSON Lines, when that is "{", with one transaction a line and the operations
// in their short or verbose form, mixed at will:
//
//	{"id":"t17","at":"1.2ms","ops":[["r","w4","acct/7"],["w","w9","acct/8","90"]]}
//	{"id":"t18","at":"1.3ms","ops":[{"op":"Delete","worker":"w2","key":"tmp/1"}]}
//
// Otherwise text, with one transaction a line and its time after "@":
//
//	t17 @1.2ms: w4 read acct/7; w9 write acct/8 = 90
//	t18 @1.3ms: w2 delete tmp/1   # a comment
//
// A word of the text form is bare or a quoted Go string. A bare word has no
// blank, no character that does not print and none of ; = # " in it; a bare id
// has no : or @ either, and does not begin with "{". Everything else is quoted:
// "a key", "", "50%; more". A comment begins at a line's start or after a
// blank, ";" or a closing quote; acct#7 is refused, since it might be either.
//
// In both forms: names of operations are read, write, delete, or r, w, d, in
// any case; the time is a Go duration, on every transaction and never going
// back, or on none; ids and keys are not empty, values may be; blank lines and
// lines that begin with # are skipped; lines end in LF or CRLF and have at
// most MaxTxLine bytes; the text is UTF-8, with or without a byte order mark.
type TxFile struct {
	name    string
	workers int
	in      io.ReaderAt
	size    int64
	close   func() error

	n         int    // transactions in the file
	sum       uint32 // of its lines
	scheduled bool
	numbered  bool // the ids are t<n>, n rising: n is the index

	scan  *txScanner // of the streaming pass; nil before its first Next
	alloc txAllocator
}

// MaxTxLine is the longest accepted line of a transaction file, in bytes,
// without its line end.
const MaxTxLine = 1 << 20

// OpenTxFile validates the named file, or stdin if the name is "-", and
// returns it ready to stream. Workers are w0 … w<workers-1>. What cannot be
// read twice (stdin, a pipe) is copied to a temporary file, gone after Close.
// Bad input is reported as an *input.Error.
func OpenTxFile(name string, stdin io.Reader, workers int) (*TxFile, error) {
	in, shown, err := openTwice(name, stdin)
	if err != nil {
		return nil, err
	}
	info, err := in.Stat()
	if err != nil {
		return nil, errors.Join(err, in.Close())
	}
	f := &TxFile{name: shown, workers: workers, in: in, size: info.Size(), close: in.Close}
	if err := f.check(idHash); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// ReadTransactions validates all of r and returns its transactions. It holds
// them all: it is for input that is small, or written inside another file,
// which name then names in errors.
func ReadTransactions(name string, r io.Reader, workers int) ([]*model.Transaction, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	f := &TxFile{name: name, workers: workers, in: bytes.NewReader(text), size: int64(len(text))}
	if err := f.check(idHash); err != nil {
		return nil, err
	}
	txs := make([]*model.Transaction, f.Len())
	for i := range txs {
		if txs[i], err = f.Next(); err != nil {
			return nil, err
		}
	}
	return txs, nil
}

// Len returns the number of transactions in the file: at least one.
func (f *TxFile) Len() int { return f.n }

// Scheduled reports whether every transaction has a time; otherwise none has.
func (f *TxFile) Scheduled() bool { return f.scheduled }

// Next returns the next transaction, Parts nil, At Unscheduled in a file without
// times; after the last one it returns io.EOF. Index counts from 1; but where all
// ids are t<n>, n rising, it is n: the draws and the coordinator of a transaction
// are then the same whatever others are left out of the file.
// A file that is no longer what was validated is an error, at io.EOF at the
// latest: what was returned since the start of the file then is not valid.
func (f *TxFile) Next() (*model.Transaction, error) {
	if f.scan == nil {
		f.scan = f.newScanner()
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

// Rewind makes Next start again at the first transaction.
func (f *TxFile) Rewind() { f.scan = nil }

// Fork returns a reader of its own over the same validated file, at its first
// transaction: one for each of many runs in parallel. It lives until the
// original is closed; closing it does nothing.
func (f *TxFile) Fork() *TxFile {
	return &TxFile{
		name: f.name, workers: f.workers, in: f.in, size: f.size,
		n: f.n, sum: f.sum, scheduled: f.scheduled, numbered: f.numbered,
	}
}

// Close closes the file and removes the temporary file of an input that had one.
func (f *TxFile) Close() error {
	if f.close == nil {
		return nil
	}
	err := f.close()
	f.close = nil
	return err
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

// openTwice opens the input such that it can be read more than once, and
// returns the name to show in errors.
func openTwice(name string, stdin io.Reader) (in *spooled, shown string, err error) {
	if name == "-" {
		if stdin == nil {
			return nil, "", errors.New("stdin: not available: expected transactions on it")
		}
		in, err = spool("stdin", stdin)
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
		in, err = spool(name, file)
	}
	return in, name, errors.Join(err, file.Close())
}

// spool copies r to a temporary file. Where the system lets an open file be
// removed that happens at once, so that no way to end leaves it behind.
func spool(name string, r io.Reader) (*spooled, error) {
	file, err := os.CreateTemp("", "txsim-*.transactions")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	s := &spooled{File: file}
	if os.Remove(file.Name()) != nil {
		s.remove = file.Name()
	}
	if _, err := io.Copy(file, r); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", name, err), s.Close())
	}
	return s, nil
}
