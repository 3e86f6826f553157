package cmd_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// testCommand is what README says passes the tests. Here it is not run again.
const testCommand = "go test ./..."

// fence is a fenced block of README.
type fence struct {
	language string
	before   string // the text before it, back to the fence before
	lines    []string
	begin    int // its first line's index in README
}

// TestReadme writes the files of README, runs its commands and compares what
// they print with what README shows. After a change of the output:
//
//	go test ./cmd -run Readme -update
func TestReadme(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no shell")
	}
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	build(t, dir, "txsim", nil)
	fences := parseFences(string(text))
	replaced := map[int][]string{} // by the fence's first line
	commands := 0
	for _, f := range fences {
		switch name := named(f.before); f.language {
		case "console":
			var out []string
			for _, c := range f.commands() {
				commands++
				got := runReadme(t, dir, c[0])
				shown := strings.Join(c[1:], "\n")
				missing := missingLine(got, shown, true)
				if missing != "" && !*update {
					t.Errorf("README.md: %s\ndoes not print, or not in this order: %s\nto show what it prints: go test ./cmd -run Readme -update", c[0], missing)
				}
				if missing == "" {
					out = append(out, c...) // what is left out may have been chosen
				} else {
					out = append(append(out, c[0]), abridge(c[1:], got)...)
				}
			}
			replaced[f.begin] = out
		case "go":
			build(t, dir, "mine", f.lines)
		case "golang":
			tests := filepath.Join(dir, "mine.test")
			args := append([]string{"test", "-c", "-vet=off", "-o", tests}, overlay(t, dir, "mine", name, f.lines)...)
			run(t, "go", append(args, "./mine")...)
			run(t, tests)
		default:
			if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.Join(f.lines, "\n")+"\n"), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	if commands < 10 {
		t.Errorf("README.md: %d commands were found", commands)
	}
	if *update {
		rewrite(t, string(text), fences, replaced)
	}
}

// TestMissingLine: what README shows leaves nothing out but where a line says so.
func TestMissingLine(t *testing.T) {
	const got = "a\n\nb b\nc\n"
	for _, c := range []struct {
		want        string
		whole, part string // the line that is missing, of all and of a part
	}{
		{"a\nb b\nc", "", ""},
		{"a\nb…\nc", "", ""},
		{"a\n…\nc", "", ""},
		{"…\nc", "", ""},
		{"a\n…", "", ""},
		{"a\nc", "c", ""},
		{"b b\nc", "b b", ""},
		{"a\nb b", "the end before c", ""},
		{"c\n…\na", "c", "a"},
		{"…\nd", "d", "d"},
	} {
		if whole, part := missingLine(got, c.want, true), missingLine(got, c.want, false); whole != c.whole || part != c.part {
			t.Errorf("%q: %q of all, %q of a part; expected %q, %q", c.want, whole, part, c.whole, c.part)
		}
	}
}

func parseFences(text string) []fence {
	var all []fence
	var before []string
	var open *fence
	for i, line := range strings.Split(text, "\n") {
		mark, isMark := strings.CutPrefix(line, "```")
		switch {
		case isMark && open == nil:
			open = &fence{language: mark, before: strings.Join(before, "\n"), begin: i + 1}
		case isMark:
			all = append(all, *open)
			open, before = nil, nil
		case open != nil:
			open.lines = append(open.lines, line)
		default:
			before = append(before, line)
		}
	}
	return all
}

// named is the last `name` of the text before a file's fence.
func named(before string) string {
	names := regexp.MustCompile("`([a-z_]+(?:\\.[a-z]+)?)`").FindAllStringSubmatch(before, -1)
	if names == nil {
		return ""
	}
	return names[len(names)-1][1]
}

// commands are the lines that begin with "$ ", each with those that follow.
func (f *fence) commands() [][]string {
	var all [][]string
	for _, line := range f.lines {
		if strings.HasPrefix(line, "$ ") {
			all = append(all, nil)
		}
		all[len(all)-1] = append(all[len(all)-1], line)
	}
	return all
}

// runReadme runs a command in dir and returns all that it prints. What is wrong,
// or has a bug planted in it, must fail; all else must not.
func runReadme(t *testing.T, dir, line string) string {
	t.Helper()
	line = strings.TrimPrefix(line, "$ ")
	if line == testCommand || line == "go build ./cmd/txsim" {
		return ""
	}
	c := exec.Command("sh", "-c", strings.Replace(line, "go run ./cmd/txsim", "./txsim", 1))
	c.Dir = dir
	start := time.Now()
	out, err := c.CombinedOutput()
	t.Logf("%5.1f s  $ %s", time.Since(start).Seconds(), line)
	if bad := strings.Contains(line, "wrong") || strings.Contains(line, " mutant:"); bad == (err == nil) {
		t.Fatalf("README.md: $ %s: error %v\n%s", line, err, out)
	}
	return progressLine.ReplaceAllString(string(out), "")
}

// progressLine is what a command that takes ten seconds says on stderr, as on a busy machine.
var progressLine = regexp.MustCompile(`(?m)^txsim: .* done after \d+ s.*\n`)

// build builds ./cmd/txsim, or a program of that name with another main.go, as
// if it were there.
func build(t *testing.T, dir, name string, main []string) {
	t.Helper()
	args := []string{"build", "-o", filepath.Join(dir, name)}
	if main != nil {
		args = append(args, overlay(t, dir, name, "main.go", main)...)
	}
	run(t, "go", append(args, "./"+name)...)
}

// overlay returns the flags of go that put a file into a package of this directory, which need
// not be there.
func overlay(t *testing.T, dir, pkg, file string, lines []string) []string {
	t.Helper()
	source, overlay := filepath.Join(dir, file), filepath.Join(dir, "overlay.json")
	at, err := filepath.Abs(filepath.Join(pkg, file))
	if err != nil {
		t.Fatal(err)
	}
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{at: source}})
	if err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{source: strings.Join(lines, "\n"), overlay: string(replace)} {
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return []string{"-overlay", overlay}
}

func run(t *testing.T, program string, args ...string) {
	t.Helper()
	if out, err := exec.Command(program, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", program, args, err, out)
	}
}

// abridge shows as many lines at the beginning and at the end of got as shown did around its
// "…", and what it had between two of them from where got has the first line of that; all of
// got where there is none.
func abridge(shown []string, got string) []string {
	if got == "" {
		return nil
	}
	lines := strings.Split(strings.TrimRight(got, "\n"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	blocks := [][]string{nil}
	for _, s := range shown {
		if last := len(blocks) - 1; s == "…" {
			blocks = append(blocks, nil)
		} else {
			blocks[last] = append(blocks[last], s)
		}
	}
	head, tail := len(blocks[0]), len(blocks[len(blocks)-1])
	if len(blocks) == 1 || head+tail >= len(lines) {
		return lines
	}
	out := append(slices.Clone(lines[:head]), "…")
	for _, block := range blocks[1 : len(blocks)-1] {
		if at := slices.Index(lines[head:len(lines)-tail], block[0]); at >= 0 && head+at+len(block) <= len(lines)-tail {
			head += at + len(block)
			out = append(append(out, lines[head-len(block):head]...), "…")
		}
	}
	return append(out, lines[len(lines)-tail:]...)
}

func TestAbridge(t *testing.T) {
	const got = "a\nb\nc\nd\ne\nf\n"
	for shown, want := range map[string]string{
		"1": "a b c d e f", "1 … 2 3": "a … e f", "… 2": "… f", "1 … c 2 … 3": "a … c d … f", "1 … x … 3": "a … f", "1 2 3 4 … 5 6": "a b c d e f",
	} {
		if out := strings.Join(abridge(strings.Fields(shown), got), " "); out != want {
			t.Errorf("%s: %s, expected %s", shown, out, want)
		}
	}
}

func rewrite(t *testing.T, text string, fences []fence, replaced map[int][]string) {
	t.Helper()
	lines := strings.Split(text, "\n")
	var out []string
	at := 0
	for _, f := range fences {
		if with, ok := replaced[f.begin]; ok {
			out = append(append(out, lines[at:f.begin]...), with...)
			at = f.begin + len(f.lines)
		}
	}
	out = append(out, lines[at:]...)
	if err := os.WriteFile("../README.md", []byte(strings.Join(out, "\n")), 0o666); err != nil {
		t.Fatal(err)
	}
}
