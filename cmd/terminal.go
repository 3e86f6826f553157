package cmd

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/seed83d86191/txsim/scenarios"
)

// colored resolves --color. NO_COLOR counts for auto only.
func (a *app) colored(mode string, toFile bool) bool {
	if mode != "auto" {
		return mode == "always"
	}
	return !toFile && isTerminal(a.out) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

// isTerminal reports whether a reader or writer is a terminal.
func isTerminal(stream any) bool {
	f, ok := stream.(interface{ Fd() uintptr })
	return ok && term.IsTerminal(int(f.Fd()))
}

// interruptible is an input that ends at once when interrupted: also while it waits for
// someone to type, or for a large file.
type interruptible struct {
	ctx  context.Context
	file *os.File
}

func (in *interruptible) Fd() uintptr { return in.file.Fd() }

func (in *interruptible) Read(p []byte) (int, error) {
	type result struct {
		b   []byte // not p: a read that returns after the interrupt must not write to the caller's buffer
		err error
	}
	r, err := unlessDone(in.ctx, func() result {
		b := make([]byte, len(p))
		n, err := in.file.Read(b)
		return result{b[:n], err}
	})
	return copy(p, r.b), cmp.Or(err, r.err)
}

// unlessDone returns what f does, or, if ctx ends first, its error: f, which listens to no
// interrupt and may take long, is then left behind.
func unlessDone[T any](ctx context.Context, f func() T) (T, error) {
	done := make(chan T, 1)
	go func() { done <- f() }()
	select {
	case <-ctx.Done():
		return *new(T), ctx.Err()
	case result := <-done:
		return result, nil
	}
}

// progress makes the run report its progress to stderr, unless its log scrolls on the same
// terminal. The returned function ends it.
func (a *app) progress(logged bool, o *scenarios.Options) func() {
	terminal := isTerminal(a.err)
	if terminal && logged && isTerminal(a.out) {
		return func() {}
	}
	p := a.newProgress("transactions")
	o.Progress = p.report
	return p.end
}

// addQuiet adds --quiet, which keeps progress and remarks off stderr.
func (a *app) addQuiet(c *cobra.Command) {
	c.Flags().BoolVarP(&a.quiet, "quiet", "q", false, "print no progress")
}

// aside returns the writer for remarks that are neither results nor errors.
func (a *app) aside() io.Writer {
	if a.quiet {
		return io.Discard
	}
	return a.err
}

// newProgress begins to report on something that goes on unit by unit; unit is the plural.
func (a *app) newProgress(unit string) *progress {
	p := &progress{w: a.aside(), now: time.Now, bars: !a.quiet && isTerminal(a.err), unit: unit, watch: a.watch}
	p.begin = p.now()
	p.last = p.begin
	return p
}

// progress is a bar after two seconds, or a line every ten.
type progress struct {
	w           io.Writer
	now         func() time.Time
	bars        bool
	unit        string         // what is counted, in the plural
	within      time.Duration  // when it ends at the latest; 0 is never
	watch       func(done int) // nil except in tests
	begin, last time.Time
	bar         *progressbar.ProgressBar
}

// report is called with how many units are done, and how many there are, -1 if unknown.
func (p *progress) report(done, total int) {
	if p.watch != nil {
		p.watch(done)
	}
	now := p.now()
	if p.bars {
		p.draw(now, done, total)
		return
	}
	if now.Sub(p.last) < 10*time.Second {
		return
	}
	p.last = now
	of, took, left := "", now.Sub(p.begin).Seconds(), math.Inf(1)
	if total >= 0 {
		of = fmt.Sprintf(" of %d", total)
	}
	if total > done && done > 0 {
		left = took / float64(done) * float64(total-done)
	}
	if p.within > 0 {
		left = min(left, max(p.within.Seconds()-took, 0))
	}
	line := fmt.Sprintf("txsim: %d%s %s done after %.0f s", done, of, p.unit, took)
	if !math.IsInf(left, 0) {
		line += fmt.Sprintf(", about %.0f s left", left)
	}
	fmt.Fprintln(p.w, line)
}

func (p *progress) draw(now time.Time, done, total int) {
	if p.bar == nil {
		if now.Sub(p.begin) < 2*time.Second {
			return
		}
		p.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(p.w), progressbar.OptionSetDescription(p.unit),
			progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(true), progressbar.OptionThrottle(100*time.Millisecond))
	}
	_ = p.bar.Set(done) // the run goes on if the terminal is gone
}

func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
}
