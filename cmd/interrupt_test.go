package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/analysis/results"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/mutant"
)

// cutShort is the command line, interrupted when so many of what it counts are done.
func cutShort(t *testing.T, after int, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	var out, err bytes.Buffer
	a := &app{ctx: ctx, in: os.Stdin, out: &out, err: &err, protocols: append(model.Protocols(), mutant.Protocols()...)}
	a.watch = func(done int) {
		if done >= after {
			interrupt()
		}
	}
	code = a.main(args)
	return out.String(), err.String(), code
}

// TestLingers: who interrupts what does not end is told how to go on, and nobody else is.
func TestLingers(t *testing.T) {
	ended, end := context.WithCancel(t.Context())
	end()
	done := make(chan struct{})
	var b bytes.Buffer
	if lingers(ended, done, time.Nanosecond, &b); !strings.Contains(b.String(), "another interrupt ends the process") {
		t.Errorf("interrupted, and not done: %q", &b)
	}
	close(done)
	b.Reset()
	lingers(ended, done, time.Hour, &b)
	lingers(t.Context(), done, time.Hour, &b)
	if b.Len() > 0 {
		t.Errorf("done: %q", &b)
	}
}

// TestLingering: only a step of a node that is under way is shown.
func TestLingering(t *testing.T) {
	other := "goroutine 7 [select]:\nmain.main()"
	step := "goroutine 1 [%s]:\nmain.spin()\ngithub.com/seed83d86191/txsim/sim.(*World[go.shape.struct {}]).step(0x1)"
	for state, shown := range map[string]bool{"running": true, "sync.Mutex.Lock": true, "syscall": false, "IO wait, 2 minutes": false} { // any order: each by itself
		stack := fmt.Sprintf(step, state)
		if got := lingering(other + "\n\n" + stack); strings.Contains(got, stack) != shown || strings.Contains(got, other) {
			t.Errorf("%s: %s", state, got)
		}
	}
	if got, want := lingering(other), "txsim: has not ended yet; another interrupt ends the process\n"; got != want {
		t.Errorf("no run: %q", got)
	}
}

// TestInterrupted: what runs many times and is interrupted exits with 130 and prints
// what was finished, no less than that and not as if it were all.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	saved := filepath.Join(dir, "bank.jsonl")
	for _, c := range []struct {
		name, args string
		out        string // in the output
		says       string // on stderr
	}{
		{"hunt", "hunt bank --transactions 10 --seeds 1-100000000 --swarm -o " + dir, `(?m)^bank: \d+ runs, seeds 1-\d+, swarm: no finding; not done: seeds \d+-100000000$`, ""},
		{"matrix", "matrix bank --transactions 5 --cells 200 --pairs 100000", `(?m)^\d+/\d+ survived: `, ""},
		{"mutants", "mutants --only early-vote,unrestored-reads --hunts 40 --seeds 1000000 --jobs 1", `(?m)^ early-vote +[1-9]\d*/[1-9]`, "interrupted: the table is of what was finished"},
		{"fuzz", "mutants --fuzz --only early-vote,unrestored-reads --hunts 40 --seeds 1000000 --jobs 1", `(?m)^ early-vote +[1-9]\d*/[1-9]`, "interrupted: the table is of what was finished"},
		{"explore", "mutants --explore --only early-vote,unrestored-reads", `(?m)^ early-vote +one transaction +\d`, "interrupted: the table is of what was finished"},
		{"sweep", "sweep bank --transactions 20 --seeds 1-100000 --jobs 1 -o " + saved, `(?m)^bank\n(?s:.*)throughput`, "interrupted: the report is of what was finished"},
	} {
		after := map[string]int{"explore": 1, "hunt": 4}[c.name]
		if after == 0 {
			after = 8
		}
		out, errs, code := cutShort(t, after, strings.Fields(c.args)...)
		if code != exitInterrupted || !regexp.MustCompile(c.out).MatchString(out) || !strings.Contains(errs, c.says) {
			t.Errorf("txsim %s: exit code %d, expected %s and %q:\n%s\n%s", c.args, code, c.out, c.says, out, errs)
		}
		if strings.Contains(errs, "survived") {
			t.Errorf("txsim %s: not hunted to the end, and told to have survived:\n%s", c.args, errs)
		}
	}
	lines, err := os.ReadFile(saved)
	if n := bytes.Count(lines, []byte("\n")); err != nil || n < 9 || n > 40 {
		t.Errorf("%d lines in the file of the sweep, %v: expected a header, the 8 runs and few more", n, err)
	}
}

// TestInterruptedReport: the reading of results, which may be millions, ends where it is.
func TestInterruptedReport(t *testing.T) {
	t.Parallel()
	saved := filepath.Join(t.TempDir(), "bank.jsonl")
	if code := Main(strings.Fields("sweep bank --transactions 5 --seeds 1-2 -q -o "+saved), io.Discard, io.Discard); code != exitValid {
		t.Fatalf("sweep: exit code %d", code)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	for _, args := range []string{"report " + saved, "compare " + saved + " " + saved} {
		var out, errs bytes.Buffer
		a := &app{ctx: ctx, out: &out, err: &errs, protocols: model.Protocols()}
		if code := a.main(strings.Fields(args)); code != exitInterrupted || out.Len()+errs.Len() > 0 {
			t.Errorf("txsim %s: exit code %d, expected %d and no word:\n%s%s", args, code, exitInterrupted, &out, &errs)
		}
	}
}

// TestInterruptedLaying: an interrupt does not wait until results are laid out, and nothing
// of them is printed.
func TestInterruptedLaying(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	release := make(chan struct{})
	defer close(release)
	var out bytes.Buffer
	a := &app{ctx: ctx, out: &out}
	err := a.whole(func(w io.Writer) ([]*results.Cell, error) {
		_, err := io.WriteString(w, "the first part")
		interrupt()
		<-release
		return nil, err
	})
	if !errors.Is(err, context.Canceled) || out.Len() > 0 {
		t.Errorf("%v, printed %q", err, &out)
	}
}

// TestTerminated: SIGTERM is an interrupt with an exit code of its own.
func TestTerminated(t *testing.T) { // not in parallel: all that runs hears the signal
	if runtime.GOOS == "windows" {
		t.Skip("no signals")
	}
	for signal, want := range map[os.Signal]int{syscall.SIGTERM: exitTerminated, os.Interrupt: exitInterrupted} { // any order: each by itself
		ctx, stop := untilSignal()
		defer stop()
		var out, errs bytes.Buffer
		a := &app{ctx: ctx, in: os.Stdin, out: &out, err: &errs, protocols: model.Protocols()}
		terminate := sync.OnceFunc(func() {
			self, err := os.FindProcess(os.Getpid())
			if err = errors.Join(err, self.Signal(signal)); err != nil {
				t.Error(err)
				stop()
			}
			<-ctx.Done()
		})
		a.watch = func(int) { terminate() }
		code := a.main(strings.Fields("hunt bank --transactions 10 --seeds 1-100000000 --jobs 1 -o " + t.TempDir()))
		if code != want || !strings.Contains(out.String(), "not done: seeds") {
			t.Errorf("%v: exit code %d, expected %d and what was finished:\n%s%s", signal, code, want, out.String(), errs.String())
		}
	}
}

// TestInterruptedVerify: a second run that is interrupted has verified nothing, and says so.
func TestInterruptedVerify(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	var out, errs bytes.Buffer
	a := &app{ctx: ctx, in: os.Stdin, out: &out, err: &errs, protocols: model.Protocols()}
	last := 0
	a.watch = func(done int) {
		if done < last {
			interrupt()
		}
		last = done
	}
	code := a.main(strings.Fields("run bank -q --transactions 3000 --verify"))
	if code != exitInterrupted || !strings.Contains(out.String(), "verdict            valid") || strings.Contains(out.String(), "verified") ||
		errs.String() != "txsim: interrupted: the second run was not finished, nothing is verified\n" {
		t.Errorf("exit code %d:\n%s%s", code, out.String(), errs.String())
	}
}

// TestInterruptedFinding: an interrupt does not hide what was found.
func TestInterruptedFinding(t *testing.T) {
	t.Parallel()
	out, _, code := cutShort(t, 1, strings.Fields("hunt mutant:early-vote --keep-going --seeds 1-100000000 -o "+t.TempDir())...)
	if code != exitInvalid || !strings.Contains(out, "FOUND write-ahead") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
}

// TestInterruptedInput: who waits for standard input and has nothing to give can leave.
func TestInterruptedInput(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"check -", "run - -q", "hunt -", "matrix -", "replay -", "report -", "step pair"} {
		in, silent, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		ctx, interrupt := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Millisecond, interrupt)
		var out, errs bytes.Buffer
		a := &app{ctx: ctx, in: &interruptible{ctx, in}, out: &out, err: &errs, protocols: model.Protocols()}
		if code := a.main(strings.Fields(args)); code != exitInterrupted || errs.Len() > 0 {
			t.Errorf("txsim %s: exit code %d, expected %d and no error:\n%s", args, code, exitInterrupted, errs.String())
		}
		silent.Close()
		in.Close()
	}
}

// TestInterruptedCheck: an interrupt does not wait for the end of a file of transactions
// that is being checked, and nothing is run.
func TestInterruptedCheck(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name, log, day := filepath.Join(dir, "t.txt"), filepath.Join(dir, "t.log"), filepath.Join(dir, "day.yaml")
	for file, text := range map[string]string{name: "t1: w0 write k = 1\n", day: "transactions: {file: t.txt}\n"} {
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if code := Main([]string{"run", name, "-q", "-o", log}, io.Discard, io.Discard); code != exitValid {
		t.Fatalf("exit code %d", code)
	}
	for _, args := range []string{"run " + name, "run " + day, "hunt " + name, "matrix " + name, "explore " + name, "sweep " + name, "replay " + log, "step " + log} {
		ctx, interrupt := context.WithCancel(t.Context())
		interrupt()
		var out, errs bytes.Buffer
		a := &app{ctx: ctx, in: os.Stdin, out: &out, err: &errs, protocols: model.Protocols()}
		if code := a.main(strings.Fields(args)); code != exitInterrupted || out.Len() > 0 || errs.Len() > 0 {
			t.Errorf("txsim %s: exit code %d, expected %d and no output:\n%s%s", args, code, exitInterrupted, out.String(), errs.String())
		}
	}
}

// TestInterruptedJudges: an interrupt waits neither for the end of a history nor for those
// who judge it.
func TestInterruptedJudges(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "pair.history")
	if code := Main([]string{"run", "pair", "-q", "--history", name}, io.Discard, io.Discard); code != exitValid {
		t.Fatalf("exit code %d", code)
	}
	for _, early := range []bool{true, false} {
		ctx, interrupt := context.WithCancel(t.Context())
		asked := false
		judge := func(*analysis.Recording) analysis.Brute {
			asked = true
			interrupt()
			<-t.Context().Done()
			return analysis.Brute{}
		}
		if early {
			interrupt()
		}
		var out, errs bytes.Buffer
		a := &app{ctx: ctx, in: os.Stdin, out: &out, err: &errs, judges: analysis.Judges{Brute: judge}}
		if code := a.main([]string{"check", name}); code != exitInterrupted || out.Len() > 0 || errs.Len() > 0 || asked == early {
			t.Errorf("early %v: exit code %d, judged %v, expected %d and no output:\n%s%s", early, code, asked, exitInterrupted, out.String(), errs.String())
		}
	}
}
