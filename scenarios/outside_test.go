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

var reproLine = regexp.MustCompile(`or: txsim (replay \S+\.yaml) # a txsim that has broken`)

// TestOutside: a module with a protocol of its own has it checked with what is
// exported and nothing else. Its sound protocol passes, and the bug in the other is
// found by Fuzz, Check and Rapid; the lines that they print reproduce it.
func TestOutside(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds a module from scratch")
	}
	o := newOutside(t)
	if out, ok := o.run("go", "vet", "./..."); !ok {
		t.Fatal(out)
	}
	if out, ok := o.run("go", "test", "-run", "Mine", "."); !ok {
		t.Fatalf("the sound protocol is accused:\n%s", out)
	}
	if out, ok := o.run("go", "build", "-o", "txsim", "./cmd/mine"); !ok {
		t.Fatal(out)
	}
	for _, test := range []string{"FuzzBroken", "TestBroken", "TestRapidBroken"} {
		out, ok := o.run("go", "test", "-run", "^"+test+"$", "-artifacts", "-outputdir", o.dir, ".")
		if ok || !strings.Contains(out, "VIOLATION ") {
			t.Errorf("%s does not find the bug:\n%s", test, out)
			continue
		}
		line := reproLine.FindStringSubmatch(out)
		if line == nil {
			t.Errorf("%s says nothing to replay:\n%s", test, out)
			continue
		}
		again, ok := o.run("./txsim", strings.Fields(line[1])...)
		if ok || !strings.HasPrefix(again, "as expected: ") || !strings.Contains(again, ", the same trace\n") {
			t.Errorf("%s: %s came to:\n%s", test, line[0], again)
		}
		if test == "TestRapidBroken" {
			continue // reproduced by rapid's own file
		}
		_, paste, _ := strings.Cut(out, "reproduce with: go ")
		paste, _, _ = strings.Cut(paste, "\n")
		args := strings.Fields(strings.ReplaceAll(paste, "'", ""))
		if again, ok := o.run("go", args...); ok || !strings.Contains(again, "VIOLATION ") || strings.Count(again, "reproduce with: ") != 1 {
			t.Errorf("%s: go %s came to:\n%s", test, paste, again)
		}
	}
}
