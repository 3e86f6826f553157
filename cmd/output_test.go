package cmd

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/mutant"
)

// TestCloseTells: a file that could not be written to the end is an error of its flag,
// which may come when it is closed.
func TestCloseTells(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.log")
	files := &outputs{}
	file, err := files.open("-o", name)
	if err != nil {
		t.Fatal(err)
	}
	if err := files.empty(); err != nil {
		t.Fatal(err)
	}
	_ = file.Close() // what comes next fails
	if err := files.close(); err == nil || !strings.Contains(err.Error(), "-o "+name) {
		t.Errorf("closed with %v", err)
	}
}

// TestWriteOutput: a file is replaced by one that is complete; were it written in place,
// a full disk would leave half of it. Links and permissions stay, and nothing else does.
func TestWriteOutput(t *testing.T) {
	dir := t.TempDir()
	name, link := filepath.Join(dir, "a.yaml"), filepath.Join(dir, "link.yaml")
	if err := os.WriteFile(name, []byte("the one before"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(name, link); err != nil {
		t.Skip(err)
	}
	before, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := writeOutput(link, []byte("new")); err != nil {
		t.Fatal(err)
	}
	after, err := os.Stat(link)
	if err != nil || os.SameFile(before, after) || after.Mode() != before.Mode() {
		t.Errorf("not a new file, or with mode %v instead of %v: %v", after.Mode(), before.Mode(), err)
	}
	if text, err := os.ReadFile(name); err != nil || string(text) != "new" {
		t.Errorf("%q, %v", text, err)
	}
	if err := replaceFile(dir, []byte("new")); err == nil {
		t.Error("a directory is replaced by a file")
	}
	for _, at := range []string{dir, filepath.Dir(dir)} {
		if left, _ := filepath.Glob(filepath.Join(at, ".txsim-*")); len(left) > 0 {
			t.Errorf("left: %v", left)
		}
	}
}

// TestOutputInUse: two that write to one file at once would leave lines of both, torn.
func TestOutputInUse(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no lock")
	}
	name := filepath.Join(t.TempDir(), "a.log")
	var first outputs
	file, err := first.open("-o", name)
	if err == nil {
		err = first.empty()
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString("of the first"); err != nil {
		t.Fatal(err)
	}
	var errs bytes.Buffer
	args := []string{"run", "pair", "-o", name}
	if code := Main(args, io.Discard, &errs); code != exitUsage || !strings.Contains(errs.String(), "-o "+name+": another process is writing to it") {
		t.Errorf("exit code %d: %s", code, errs.String())
	}
	if err := writeOutput(name, []byte("of the third")); err == nil || !strings.Contains(err.Error(), "another process is writing to it") {
		t.Errorf("replaced: %v", err)
	}
	if text, err := os.ReadFile(name); err != nil || string(text) != "of the first" {
		t.Errorf("the first has written %q, %v", text, err)
	}
	if err := first.close(); err != nil {
		t.Fatal(err)
	}
	if code := Main(args, io.Discard, &errs); code != exitValid {
		t.Errorf("once it is closed: exit code %d: %s", code, errs.String())
	}
}

// TestOutputOfAnother: a file that was not there, and that another process then began to
// write, is theirs: it stays.
func TestOutputOfAnother(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no lock")
	}
	name := filepath.Join(t.TempDir(), "a.log")
	var late, first outputs
	_, err := late.open("-o", name)
	if err == nil {
		_, err = first.open("-o", name)
	}
	if err == nil {
		err = first.empty()
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := late.empty(); err == nil {
		t.Error("both write to it")
	}
	_ = late.close()
	if _, err := os.Stat(name); err != nil {
		t.Error(err)
	}
	_ = first.close()
}

// TestStreamsInUse: what standard input or output is, no output may be too.
func TestStreamsInUse(t *testing.T) {
	dir := t.TempDir()
	name, log, results := filepath.Join(dir, "t.txt"), filepath.Join(dir, "a.log"), filepath.Join(dir, "a.jsonl")
	const text = "a: w0 write x = 1\n"
	for _, c := range []struct {
		in, out string // the files of the streams
		args    []string
	}{
		{name, "", []string{"run", "-", "-o", name}},
		{name, "", []string{"run", "-", "--history", name}},
		{"", log, []string{"run", "pair", "-q", "-o", log}},
		{"", log, []string{"run", "pair", "-q", "--history", log}},
		{"", results, []string{"sweep", "pair", "--seeds", "1-2", "-o", results}},
		{"", log, []string{"explore", "pair", "--protocol", "mutant:early-vote", "-o", log}},
	} {
		for _, file := range []string{name, log, results} {
			if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		var errs bytes.Buffer
		a := &app{ctx: t.Context(), out: io.Discard, err: &errs, protocols: append(model.Protocols(), mutant.Protocols()...)}
		if c.in != "" {
			f, err := os.Open(c.in)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			a.in = &interruptible{t.Context(), f}
		}
		if c.out != "" {
			f, err := os.OpenFile(c.out, os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			a.out = f
		}
		if code := a.main(c.args); code != exitUsage || !strings.Contains(errs.String(), "expected another file: this one is in use") {
			t.Errorf("%v: exit code %d, %s", c.args, code, &errs)
		}
		for _, file := range []string{name, log, results} {
			if b, err := os.ReadFile(file); err != nil || string(b) != text {
				t.Errorf("%v: %s has %q, %v", c.args, file, b, err)
			}
		}
	}
}
