package cmd

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/seed83d86191/txsim/model"
)

// fullDevice takes nothing.
type fullDevice struct{}

func (fullDevice) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// Help that is not written is an error, as any other output is.
func TestHelpLost(t *testing.T) {
	for _, args := range [][]string{{"help"}, {"help", "faults"}, {"help", "metrics"}, {"--help"}, {"run", "--help"}, {}, {"--version"}, {"list"}} {
		var errs strings.Builder
		if code := Main(args, fullDevice{}, &errs); code != exitUsage || errs.String() != "txsim: no space left on device\n" {
			t.Errorf("txsim %s: exit %d, %q", strings.Join(args, " "), code, errs.String())
		}
		if code := Main(args, io.Discard, &errs); code != exitValid {
			t.Errorf("txsim %s: exit %d", strings.Join(args, " "), code)
		}
	}
}

// fullAfter takes so many writes.
type fullAfter struct{ left int }

func (f *fullAfter) Write(p []byte) (int, error) {
	if f.left--; f.left < 0 {
		return fullDevice{}.Write(p)
	}
	return len(p), nil
}

// So is what step prints, of which the last command is "next".
func TestStepLost(t *testing.T) {
	for left, failed := 0, true; failed; left++ {
		var out, errs strings.Builder
		a := &app{ctx: t.Context(), in: strings.NewReader("next 3\nnext"), out: io.MultiWriter(&fullAfter{left}, &out), err: &errs, protocols: model.Protocols()}
		code := a.main([]string{"step", "pair"})
		if failed = code != exitValid; failed && (code != exitUsage || errs.String() != "txsim: no space left on device\n") {
			t.Errorf("full after %d writes: exit %d, %q", left, code, errs.String())
		}
		if !failed && !strings.Contains(out.String(), "event 4 of ") {
			t.Errorf("the last command prints nothing:\n%s", out.String())
		}
	}
}

// brokenPipe is an output whose reader is gone.
type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, syscall.EPIPE }

// TestExitCodes: where a reader of the output is gone, nothing is said, and README and the
// help name each exit code.
func TestExitCodes(t *testing.T) {
	for _, args := range [][]string{{"help"}, {"list"}, {"run", "pair"}, {"run", "pair", "-q"}} {
		var errs strings.Builder
		if code := Main(args, brokenPipe{}, &errs); code != exitPipe || errs.Len() > 0 {
			t.Errorf("txsim %s: exit %d, %q", strings.Join(args, " "), code, errs.String())
		}
	}
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var help strings.Builder
	Main(nil, &help, io.Discard)
	_, codes, _ := strings.Cut(help.String(), "Exit codes:")
	for _, code := range []int{exitValid, exitInvalid, exitUsage, exitUnknown, exitDiffers, exitInterrupted, exitPipe} {
		if !strings.Contains(string(readme), fmt.Sprintf("\n| %d | ", code)) || !strings.Contains(codes, fmt.Sprintf(" %d ", code)) {
			t.Errorf("exit code %d is not in README's table, or not in:\n%s", code, codes)
		}
	}
}

// TestStepLongLine: a command that is no command can be long.
func TestStepLongLine(t *testing.T) {
	t.Parallel()
	var errs bytes.Buffer
	a := &app{ctx: t.Context(), in: strings.NewReader("next" + strings.Repeat(" ", bufio.MaxScanTokenSize)), out: io.Discard, err: &errs, protocols: model.Protocols()}
	if code := a.main([]string{"step", "pair"}); code != exitUsage || errs.String() != "txsim: a command is longer than 65536 bytes\n" {
		t.Errorf("exit code %d: %s", code, &errs)
	}
}
