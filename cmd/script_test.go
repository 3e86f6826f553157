package cmd_test

import (
	"errors"
	"flag"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/seed83d86191/txsim/cmd"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

var update = flag.Bool("update", false, "rewrite the golden parts of testdata/script")

// boastful is a protocol that promises a forced abort record and does not
// write one: each abort it sends is a finding.
type boastful struct{ model.TwoPhase }

func (b boastful) Promises() model.Promises {
	p := b.TwoPhase.Promises()
	p.WriteAhead = append(p.WriteAhead, model.Force{Message: model.KindAbort, Record: model.KindAbort})
	return p
}

// moody is a protocol that breaks the first rule of a simulation: what its
// coordinators send depends on how many runs there were before.
type moody struct {
	model.TwoPhase
	runs *int
}

func (m moody) Coordinator(s *model.Site) sim.Node[model.Message] {
	if s.Env.ID() == 0 {
		*m.runs++
	}
	site, run, drop := *s, uint64(*m.runs), *m.runs%2 == 0
	site.Hooks = &model.Hooks{Outgoing: func(_ sim.NodeID, mail *sim.Mail, _ *model.Message) bool {
		if mail.Kind == model.KindCommit {
			mail.Arg = run
		}
		lost := drop && mail.Kind == model.KindCommit
		drop = drop && !lost
		return !lost
	}}
	return m.TwoPhase.Coordinator(&site)
}

// brittle is a protocol whose workers do not survive a decision to commit of which
// they hear after a crash.
type brittle struct{ model.TwoPhase }

func (b brittle) Worker(s *model.Site) sim.Node[model.Message] {
	return &brittleWorker{b.TwoPhase.Worker(s), s.Env}
}

type brittleWorker struct {
	sim.Node[model.Message]
	env *sim.Env[model.Message]
}

func (w *brittleWorker) Unwrap() sim.Node[model.Message] { return w.Node }

func (w *brittleWorker) AppendState(b []byte) []byte {
	return w.Node.(sim.StateAppender).AppendState(b)
}

func (w *brittleWorker) Receive(from sim.NodeID, mail sim.Mail, m *model.Message) {
	if w.env.Incarnation() > 1 && mail.Kind == model.KindCommit {
		panic("a commit from the past")
	}
	w.Node.Receive(from, mail, m)
}

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"txsim": func() { os.Exit(cmd.Main(os.Args[1:], os.Stdout, os.Stderr)) },
		// mytxsim is what README's last section builds, with another protocol.
		"mytxsim": func() {
			abort := model.Presumption{CommitAcked: true, Presume: model.Aborted}
			os.Exit(cmd.Main(os.Args[1:], os.Stdout, os.Stderr, boastful{model.TwoPhase{Label: "boastful", Presumption: abort}},
				moody{model.TwoPhase{Label: "moody", Presumption: abort}, new(int)}, brittle{model.TwoPhase{Label: "brittle", Presumption: abort}}))
		},
	})
}

// TestScripts runs the command line as its users do. Golden parts are
// rewritten by: go test ./cmd -run TestScripts -update
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/script",
		UpdateScripts: *update,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits, "inorder": inOrder, "await": await, "edit": edit, "cut": cut,
		},
	})
}

// exits N COMMAND…: the command exits with that code; with code 2 it says why
// and prints nothing to standard output.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND…")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		code = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if want, err := strconv.Atoi(args[0]); err != nil || code != want {
		ts.Fatalf("exit code %d, expected %s", code, args[0])
	}
	if code != 2 {
		return
	}
	if out := ts.ReadFile("stdout"); out != "" {
		ts.Fatalf("nothing may be printed to standard output, found:\n%s", out)
	}
	if ts.ReadFile("stderr") == "" {
		ts.Fatalf("nothing says why")
	}
}

// inorder FILE LINES: the lines of LINES occur in FILE, in this order; a line
// that ends in … is the beginning of one.
func inOrder(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: inorder FILE LINES")
	}
	if missing := missingLine(ts.ReadFile(args[0]), ts.ReadFile(args[1]), false); missing != "" {
		ts.Fatalf("not found, or not in this order: %s", missing)
	}
}

// missingLine returns the first line of want that does not occur in got in its
// turn, with whole only where nothing but a line of "…" stands for what is left out, else
// anywhere. Blanks at line ends and empty lines do not count.
func missingLine(got, want string, whole bool) string {
	lines := strings.Split(got, "\n")
	if whole {
		lines = slices.DeleteFunc(lines, func(l string) bool { return strings.TrimSpace(l) == "" })
	}
	gap := !whole
	for w := range strings.Lines(want) {
		w = strings.TrimRight(w, " \n")
		if w == "" || w == "…" {
			gap = gap || w == "…"
			continue
		}
		begin, open := strings.CutSuffix(w, "…")
		i := slices.IndexFunc(lines, func(l string) bool {
			l = strings.TrimRight(l, " ")
			return l == w || open && strings.HasPrefix(l, begin)
		})
		if i < 0 || i > 0 && !gap {
			return w
		}
		lines, gap = lines[i+1:], !whole
	}
	if !gap && len(lines) > 0 {
		return "the end before " + lines[0]
	}
	return ""
}

// await FILE waits until the file has something in it.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: await FILE")
	}
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if info, err := os.Stat(ts.MkAbs(args[0])); err == nil && info.Size() > 0 {
			return
		}
	}
	ts.Fatalf("%s: still empty after 30 s", args[0])
}

// edit FILE OLD NEW replaces the first OLD.
func edit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: edit FILE OLD NEW")
	}
	text := ts.ReadFile(args[0])
	if !strings.Contains(text, args[1]) {
		ts.Fatalf("%s: no %q in it", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(text, args[1], args[2], 1)), 0o666))
}

// cut FILE TEXT cuts the file off behind the first TEXT.
func cut(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: cut FILE TEXT")
	}
	before, _, ok := strings.Cut(ts.ReadFile(args[0]), args[1])
	if !ok {
		ts.Fatalf("%s: no %q in it", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(before+args[1]), 0o666))
}
