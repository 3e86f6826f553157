package scenarios_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// outside is a module of someone else's in a directory of its own.
type outside struct {
	t   *testing.T
	dir string
}

// newOutside writes testdata/outside.txtar, with a go.mod that asks for what this
// module asks for.
func newOutside(t *testing.T) *outside {
	t.Helper()
	a, err := txtar.ParseFile("testdata/outside.txtar")
	if err != nil {
		t.Fatal(err)
	}
	top, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	o := &outside{t, t.TempDir()}
	for _, f := range a.Files {
		o.write(f.Name, f.Data)
	}
	mod, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile("../go.sum")
	if err != nil {
		t.Fatal(err)
	}
	ours := "github.com/seed83d86191/txsim"
	text := strings.Replace(string(mod), "module "+ours, "module example.org/mine", 1)
	text += "\nrequire " + ours + " v0.0.0\n\nreplace " + ours + " => " + top + "\n"
	o.write("go.mod", []byte(text))
	o.write("go.sum", sum)
	return o
}

// scratch writes the package model/plain, and a copy of it, hasty, with a bug: its
// coordinator takes silence for YES.
func (o *outside) scratch() {
	o.t.Helper()
	bug := strings.NewReplacer("package plain", "package hasty", `return "plain"`, `return "hasty"`, "c.abort(a, model.Timeout)", "c.commit(a)")
	files, err := filepath.Glob("../model/plain/*.go")
	if err != nil {
		o.t.Fatal(err)
	}
	planted := false
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			o.t.Fatal(err)
		}
		o.write("plain/"+filepath.Base(name), text)
		planted = planted || strings.Contains(string(text), "c.abort(a, model.Timeout)")
		o.write("hasty/"+filepath.Base(name), []byte(bug.Replace(string(text))))
	}
	if !planted {
		o.t.Fatal("model/plain has no place for the bug")
	}
}

func (o *outside) write(name string, data []byte) {
	o.t.Helper()
	name = filepath.Join(o.dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o777), os.WriteFile(name, data, 0o666)); err != nil {
		o.t.Fatal(err)
	}
}

// run runs a command there; ok says that it exits 0.
func (o *outside) run(command string, args ...string) (out string, ok bool) {
	o.t.Helper()
	c := exec.Command(command, args...)
	c.Dir = o.dir
	c.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
	text, err := c.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		o.t.Fatal(err)
	}
	return string(text), err == nil
}

var reproLine = regexp.MustCompile(`or: txsim (replay \S+\.yaml) # a txsim that has (?:broken|hasty)`)

// TestOutside: a module with protocols of its own, one of them with nodes made from
// scratch, has them checked with what is exported and nothing else. Its sound protocols
// pass, and the bugs in the others are found by Fuzz, Check and Rapid; the lines that
// they print reproduce them.
func TestOutside(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds a module from scratch")
	}
	o := newOutside(t)
	o.scratch()
	for _, command := range []string{"go vet ./...", "go build -o txsim ./cmd/mine", "go test -c -o mine.test ."} {
		args := strings.Fields(command)
		if out, ok := o.run(args[0], args[1:]...); !ok {
			t.Fatalf("%s:\n%s", command, out)
		}
	}
	if out, ok := o.run("./mine.test", "-test.run", "Mine"); !ok {
		t.Fatalf("a sound protocol is accused:\n%s", out)
	}
	pasted := 0
	for _, test := range []string{"FuzzBroken", "TestBroken", "TestRapidBroken", "FuzzHasty", "TestHasty", "TestRapidHasty"} {
		paste := o.finds(test)
		if strings.HasPrefix(test, "TestRapid") {
			continue // reproduced by rapid's own file
		}
		args := strings.Fields(strings.ReplaceAll(paste, "'", ""))
		if again, ok := o.run("go", args...); ok || !strings.Contains(again, "VIOLATION ") || strings.Count(again, "reproduce with: ") != 1 {
			t.Errorf("%s: go %s came to:\n%s", test, paste, again)
		}
		pasted++
	}
	if pasted != 4 {
		t.Errorf("%d lines were pasted", pasted)
	}
}

// finds checks that a test finds its bug, and that the repro replays. It returns what
// is to be pasted behind go.
func (o *outside) finds(test string) (paste string) {
	t := o.t
	t.Helper()
	out, ok := o.run("./mine.test", "-test.run", "^"+test+"$", "-test.artifacts", "-test.outputdir", o.dir, "-rapid.shrinktime", "1s")
	if ok || !strings.Contains(out, "VIOLATION ") {
		t.Fatalf("%s does not find the bug:\n%s", test, out)
	}
	line := reproLine.FindStringSubmatch(out)
	if line == nil {
		t.Fatalf("%s says nothing to replay:\n%s", test, out)
	}
	again, ok := o.run("./txsim", strings.Fields(line[1])...)
	if ok || !strings.HasPrefix(again, "as expected: ") || !strings.Contains(again, ", the same trace\n") {
		t.Errorf("%s: %s came to:\n%s", test, line[0], again)
	}
	_, paste, _ = strings.Cut(out, "reproduce with: go ")
	paste, _, _ = strings.Cut(paste, "\n")
	return paste
}
