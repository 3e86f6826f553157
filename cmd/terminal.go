package cmd

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/seed83d86191/txsim/scenarios"
)

// colored resolves --color. NO_COLOR counts for auto only.
func (a *app) colored(mode string, toFile bool) (bool, error) {
	switch mode {
	case "always":
		return true, nil
	case "never":
		return false, nil
	case "auto":
		return !toFile && isTerminal(a.out) && os.Getenv("NO_COLOR") == "", nil
	}
	return false, fmt.Errorf("--color %s: expected auto, always or never", mode)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// progress reports on long runs to stderr: a bar on a terminal after two
// seconds, else a line every ten. The returned function ends it.
func (a *app) progress(quiet bool, o *scenarios.Options) func() {
	begin := time.Now()
	if isTerminal(a.err) {
		if isTerminal(a.out) && !quiet {
			return func() {} // the log itself moves
		}
		var bar *progressbar.ProgressBar
		o.Progress = func(done, total int) {
			if bar == nil && time.Since(begin) > 2*time.Second {
				bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(a.err),
					progressbar.OptionSetDescription("transactions"), progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond))
			}
			if bar != nil {
				bar.Set(done)
			}
		}
		return func() {
			if bar != nil {
				bar.Clear()
				bar = nil
			}
		}
	}
	last := begin
	o.Progress = func(done, total int) {
		if time.Since(last) < 10*time.Second {
			return
		}
		last = time.Now()
		of := ""
		if total >= 0 {
			of = fmt.Sprintf(" of %d", total)
		}
		fmt.Fprintf(a.err, "txsim: %d%s transactions done after %.0f s\n", done, of, time.Since(begin).Seconds())
	}
	return func() {}
}
