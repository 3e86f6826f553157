package txfile

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
)

// TestHashCollisions forces ids onto few hashes, down to a single one:
// distinct ids of equal hash are accepted, and duplicates among them reported.
func TestHashCollisions(t *testing.T) {
	const n = 3000
	var text strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&text, "t%d: w0 read k\n", i)
	}
	// 2000 hashes make more than maxSuspects of them meet twice.
	for _, hashes := range []uint64{1, 2, 2000} {
		hash := func(id []byte) uint64 { return idHash(id) % hashes * (1 << 50) }
		check := func(input string) error {
			f := &File{name: "f", workers: 1, in: strings.NewReader(input), size: int64(len(input))}
			return f.check(t.Context(), hash)
		}
		if err := check(text.String()); err != nil {
			t.Errorf("%d hashes, distinct ids: %v", hashes, err)
		}
		err := check("t1: w0 read k\n" + text.String() + "new: w0 read k\nt2999: w0 read k\nt2: w0 read k\nt2: w0 read k\n")
		want := `f:2: duplicate transaction id "t1", first on line 1: expected a unique id
f:3003: duplicate transaction id "t2999", first on line 3000: expected a unique id
f:3004: duplicate transaction id "t2", first on line 3: expected a unique id
f:3005: duplicate transaction id "t2", first on line 3: expected a unique id`
		if err == nil || err.Error() != want {
			t.Errorf("%d hashes: got:\n%v\nwant:\n%s", hashes, err, want)
		}
	}
}

// TestAllTwice has more duplicates than are remembered or reported.
func TestAllTwice(t *testing.T) {
	var text strings.Builder
	for range 2 {
		for i := range 5000 {
			fmt.Fprintf(&text, "t%d: w0 read k\n", i)
		}
	}
	_, err := readAll("f", strings.NewReader(text.String()), 1)
	want := `f:5001: duplicate transaction id "t0", first on line 1: expected a unique id`
	if err == nil || !strings.HasPrefix(err.Error(), want) || !strings.HasSuffix(err.Error(), "f: stopped after 10 problems") {
		t.Errorf("got %v", err)
	}
}

// TestMemory streams a file of 20 MB: nothing of it stays allocated
// after its validation, and no more than a line buffer while streaming. What
// validation needs by the way is a bounded number of bytes for each id.
func TestMemory(t *testing.T) {
	const n = 300_000
	path := writeLarge(t, n, AppendText)
	before := liveHeap()
	f, err := Open(t.Context(), path, nil, 1000)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	opened, most := liveHeap()-before, int64(0)
	for i := 0; ; i++ {
		_, err := f.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if i%(n/8) == 0 {
			most = max(most, liveHeap()-before)
		}
	}
	if opened > 64<<10 || most > 2<<20 {
		t.Errorf("%d bytes live after opening, at most %d while streaming", opened, most)
	}
	var ids idSet
	for i := range n {
		ids.add(idHash(fmt.Append(nil, i)))
	}
	if per := float64(8*len(ids.slots)) / n; per > 16 {
		t.Errorf("%.1f bytes an id", per)
	}
}

func liveHeap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func writeLarge(t testing.TB, n int, print func([]byte, *model.Transaction) []byte) string {
	path := filepath.Join(t.TempDir(), "large")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(file)
	var line []byte
	for i := range n {
		line = append(print(line[:0], largeTransaction(i)), '\n')
		if _, err := w.Write(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func largeTransaction(i int) *model.Transaction {
	return &model.Transaction{ID: fmt.Sprintf("t%d", i), At: model.Unscheduled, Ops: []model.Op{
		{Kind: model.Read, Worker: i % 1000, Key: fmt.Sprintf("acct/%d", i%9973)},
		{Kind: model.Write, Worker: i * 7 % 1000, Key: fmt.Sprintf("acct/%d", i%7919), Value: "90"},
		{Kind: model.Delete, Worker: i * 11 % 1000, Key: "tmp/1"},
	}}
}

// BenchmarkFile validates and streams a file of 10⁵ lines per round; the
// reference is a pass over the same bytes that only finds the lines.
func BenchmarkFile(b *testing.B) {
	const n = 100_000
	for _, form := range []string{"text", "JSON"} {
		text, err := os.ReadFile(writeLarge(b, n, printers[form]))
		if err != nil {
			b.Fatal(err)
		}
		f := &File{name: "f", workers: 1000, in: bytes.NewReader(text), size: int64(len(text))}
		run := func(name string, pass func() error) {
			b.Run(form+"/"+name, func(b *testing.B) {
				b.SetBytes(f.size)
				b.ReportAllocs()
				for b.Loop() {
					if err := pass(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "lines/s")
			})
		}
		run("lines", func() error {
			lines := bufio.NewScanner(bytes.NewReader(text))
			for lines.Scan() {
			}
			return lines.Err()
		})
		run("validate", func() error { return f.check(b.Context(), idHash) })
		run("stream", func() error {
			fork := f.Fork()
			for {
				if _, err := fork.Next(); err == io.EOF {
					return nil
				} else if err != nil {
					return err
				}
			}
		})
	}
}
