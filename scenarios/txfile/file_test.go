package txfile

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/seed83d86191/txsim/model"
)

var update = flag.Bool("update", false, "rewrite testdata/*.golden")

// TestGolden shows what valid files look like and what they mean: each
// golden file has the canonical text lines of the file beside it, then the
// canonical JSON lines. To write them anew:
//
//	go test ./scenarios/txfile -run Golden -update
func TestGolden(t *testing.T) {
	for _, name := range []string{"orders.txt", "orders.jsonl", "timed.jsonl", "quoting.txt"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join("testdata", name)
			f, err := Open(t.Context(), path, nil, 10)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			txs := drain(t, f)
			var got []byte
			for _, tx := range txs {
				got = append(AppendText(got, tx), '\n')
			}
			for _, tx := range txs {
				got = append(AppendJSON(got, tx), '\n')
			}
			if *update {
				if err := os.WriteFile(path+".golden", got, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path + ".golden")
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

// TestFormsAgree reads the same transactions from both forms.
func TestFormsAgree(t *testing.T) {
	read := func(name string) []*model.Transaction {
		f, err := Open(t.Context(), filepath.Join("testdata", name), nil, 10)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		return drain(t, f)
	}
	text, lines := read("orders.txt"), read("orders.jsonl")
	if !reflect.DeepEqual(text, lines) {
		t.Error("orders.txt and orders.jsonl differ")
	}
	want := &model.Transaction{ID: "t17", Index: 17, At: model.Unscheduled, Ops: []model.Op{
		{Kind: model.Read, Worker: 4, Key: "acct/7"},
		{Kind: model.Write, Worker: 9, Key: "acct/8", Value: "90"},
		{Kind: model.Delete, Worker: 2, Key: "tmp/1"},
	}}
	if !reflect.DeepEqual(text[0], want) {
		t.Errorf("got %+v, want %+v", text[0], want)
	}
}

func drain(t *testing.T, f *File) []*model.Transaction {
	t.Helper()
	var txs []*model.Transaction
	for {
		tx, err := f.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		txs = append(txs, tx)
		index := fmt.Sprint(len(txs))
		if f.numbered {
			index = tx.ID[1:]
		}
		if fmt.Sprint(tx.Index) != index || (tx.At != model.Unscheduled) != f.Scheduled() {
			t.Fatalf("transaction %d: %+v, scheduled %v", len(txs), tx, f.Scheduled())
		}
	}
	if len(txs) != f.Len() {
		t.Fatalf("read %d transactions, Len = %d", len(txs), f.Len())
	}
	return txs
}

// TestNumbered: only ids t<n>, n rising, are numbers, and then the indices.
func TestNumbered(t *testing.T) {
	for ids, want := range map[string][]uint64{
		"t1 t2": {1, 2}, "t3 t10 t11": {3, 10, 11}, "t17179869183": {model.MaxIndex},
		"t2 t1": nil, "t0 t1": nil, "t1 t02": nil, "x3 x4": nil, "t3 x4": nil, "x3 t4": nil, "t t2": nil, "t3 t": nil, "t1a t2b": nil, "t1/ t2": nil, "t1; t2": nil,
		"t17179869184": nil, "t18446744073709551617 t2": nil,
	} {
		var text string
		names := strings.Fields(ids)
		for _, id := range names {
			text += fmt.Sprintf("%q: w0 READ k; w0 D l\n", id)
		}
		txs, err := readAll("f", strings.NewReader(text), 1)
		if err != nil {
			t.Fatalf("%s: %v", ids, err)
		}
		for i, tx := range txs {
			index := uint64(i + 1)
			if want != nil {
				index = want[i]
			}
			if tx.Index != index || tx.ID != names[i] || tx.Ops[0].Kind != model.Read || tx.Ops[1].Kind != model.Delete {
				t.Errorf("%s: %+v, expected index %d", ids, tx, index)
			}
		}
	}
}

// TestNoSpool: what cannot be copied is said to be that, not to be missing itself; and what
// cannot be read is not said to be that.
func TestNoSpool(t *testing.T) {
	temp := filepath.Join(t.TempDir(), "none")
	t.Setenv("TMPDIR", temp)
	_, err := Open(t.Context(), "-", strings.NewReader("a: w0 read x\n"), 1)
	if want := "stdin: is copied to a temporary file in " + temp + " (TMPDIR): "; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v, expected %s…", err, want)
	}
	t.Setenv("TMPDIR", t.TempDir())
	lost := &fs.PathError{Op: "read", Path: "/dev/tape", Err: io.ErrUnexpectedEOF} // of what is copied
	if _, err := Open(t.Context(), "-", iotest.ErrReader(lost), 1); err == nil || err.Error() != "stdin: read /dev/tape: unexpected EOF" {
		t.Error(err)
	}
}

// TestStream covers what Open promises beyond its lines: stdin is
// spooled and cleaned up, forks start again, and they do not meet.
func TestStream(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	f, err := Open(t.Context(), "-", iotest.OneByteReader(strings.NewReader("a: w0 read x\nb: w0 read y\n")), 1)
	if err != nil {
		t.Fatal(err)
	}
	fork := f.Fork()
	if fork.Len() != 2 || fork.Most() != 1 || fork.Sum() != f.Sum() || fork.Scheduled() || fork.Numbered() {
		t.Errorf("a fork is of another file: %+v, %+v", fork, f)
	}
	if tx, err := f.Next(); err != nil || tx.ID != "a" {
		t.Fatal(tx, err)
	}
	if txs := drain(t, fork); txs[0].ID != "a" {
		t.Error("a fork does not start at the first transaction")
	}
	if tx, err := f.Next(); err != nil || tx.ID != "b" {
		t.Fatal(tx, err)
	}
	if tx, err := f.Next(); err != io.EOF {
		t.Errorf("after the end: %v, %v", tx, err)
	}
	for range 2 {
		if err := errors.Join(fork.Close(), f.Close()); err != nil {
			t.Error(err)
		}
	}
	if _, err := f.Fork().Next(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
	if left, _ := os.ReadDir(temp); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestOpenErrors has the failures that are not about a line.
func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(t.Context(), dir, nil, 1); err == nil || err.Error() != dir+": is a directory: expected a file of transactions" {
		t.Error(err)
	}
	if _, err := Open(t.Context(), filepath.Join(dir, "none"), nil, 1); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if _, err := Open(t.Context(), os.DevNull, nil, 1); err == nil || err.Error() != os.DevNull+":1: no transactions: expected at least one" {
		t.Error(err)
	}
	if _, err := Open(t.Context(), "-", nil, 1); err == nil || err.Error() != "stdin: not available: expected transactions on it" {
		t.Error(err)
	}
	broken := errors.New("broken pipe")
	if _, err := Open(t.Context(), "-", iotest.ErrReader(broken), 1); !errors.Is(err, broken) {
		t.Error(err)
	}
	if _, err := readAll("x", iotest.ErrReader(broken), 1); !errors.Is(err, broken) {
		t.Error(err)
	}
	if _, err := readAll("x", strings.NewReader("a: w0 r k"), 0); err == nil || err.Error() != "workers = 0: must be positive" {
		t.Error(err)
	}
	_, err := Open(t.Context(), "-", strings.NewReader(""), 1)
	if err == nil || err.Error() != "stdin:1: no transactions: expected at least one" {
		t.Error(err)
	}
}

// TestChanged edits a file between its validation and its use: whatever
// the edit, the stream ends with an error instead of io.EOF.
func TestChanged(t *testing.T) {
	const before = "a: w0 read x\nb: w0 read y\nc: w0 read z\n"
	for _, after := range []string{
		"",
		"a: w0 read x\n",
		"a: w0 read x\na: w0 read y\nc: w0 read z\n",
		"a: w0 read x\nb: w1 read y\nc: w0 read z\n",
		"a: w0 r x\nb: w0 r y\nc: w0 r z\nd: w0 r z\n",
		"a: w0 read x\nb: w0 read z\nc: w0 read z\n",
	} {
		path := filepath.Join(t.TempDir(), "f.txt")
		if err := os.WriteFile(path, []byte(before), 0o666); err != nil {
			t.Fatal(err)
		}
		f, err := Open(t.Context(), path, nil, 1)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := os.WriteFile(path, []byte(after), 0o666); err != nil {
			t.Fatal(err)
		}
		for err == nil {
			_, err = f.Next()
		}
		want := path + ": changed since it was validated: expected the same file until the end of the run"
		if err.Error() != want {
			t.Errorf("%q: got %v", after, err)
		}
	}
}

// readAll returns the transactions of a text.
func readAll(name string, r io.Reader, workers int) ([]*model.Transaction, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	f, err := OpenText(name, text, workers)
	if err != nil {
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
