package txfile

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

// countedReader interrupts at a read, and counts all.
type countedReader struct {
	io.ReaderAt
	n, at     int
	interrupt func()
}

func (r *countedReader) ReadAt(p []byte, off int64) (int, error) {
	if r.n++; r.n == r.at {
		r.interrupt()
	}
	return r.ReaderAt.ReadAt(p, off)
}

// TestInterrupted: to check a file takes no longer than an interrupt allows, in the first
// pass as in the one that confirms duplicates, whatever the lines are.
func TestInterrupted(t *testing.T) {
	long := "a: w0 read " + strings.Repeat("k", MaxLine-100) + "\n"
	for name, text := range map[string]string{
		"transactions": strings.Repeat(long, 8),
		"comments":     strings.Repeat("#"+long, 8),
	} {
		for at := 1; ; at++ {
			ctx, interrupt := context.WithCancel(t.Context())
			in := &countedReader{ReaderAt: strings.NewReader(text), at: at, interrupt: interrupt}
			f := &File{name: "f", workers: 1, in: in, size: int64(len(text))}
			err := f.check(ctx, idHash)
			interrupt()
			if in.n < at {
				if least := 8; at <= least {
					t.Errorf("%s: %d reads, expected more than %d", name, in.n, least)
				}
				break
			}
			if !errors.Is(err, context.Canceled) && in.n > at || in.n > at+1 {
				t.Errorf("%s: interrupted at read %d of %d: %v", name, at, in.n, err)
			}
		}
	}
}
