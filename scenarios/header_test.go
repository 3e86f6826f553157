package scenarios

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/fault"
	"github.com/seed83d86191/txsim/sim"
)

// A header that was written reads back the same, in both forms, and leaves the
// reader at the first line of the log.
func TestHeaderRoundTrip(t *testing.T) {
	odd := Default()
	odd.Name, odd.Description = "# odd: \"name\"", "two\nlines, a # and a tab\t, ünïcode"
	odd.Faults = []string{"crash w3 at 1s for 2s", "drop 1% commit"}
	odd.Transactions = Transactions{Inline: []string{"t1: w0 read k", `t2: w1 write "a b" = "#\n"`}}
	odd.Seed = 1<<64 - 1
	all := []*Scenario{Default(), odd}
	for _, e := range Library() {
		s := loaded(t, e.Name)
		all = append(all, s)
	}
	for _, s := range all {
		for i := range 8 {
			h := &Header{Version: "9.8.7", Command: "txsim run 'a b' --seed 1", Scenario: s, All: i&1 > 0, Unchecked: i&2 > 0, Format: Format(i / 4)}
			var b bytes.Buffer
			if err := h.Write(&b); err != nil {
				t.Fatal(err)
			}
			lines := strings.Count(b.String(), "\n")
			b.WriteString("first\n")
			in := bufio.NewReader(&b)
			got, err := ReadHeader("log", in)
			if err != nil {
				t.Fatalf("%s: %v", s.Name, err)
			}
			if got.Version != h.Version || got.Command != h.Command || got.All != h.All || got.Unchecked != h.Unchecked || got.Format != h.Format || !got.Scenario.Equal(s) {
				t.Errorf("%s: read back as %+v, expected %+v", s.Name, got, h)
			}
			if got.lines != lines {
				t.Errorf("%s: the header has %d lines, counted %d", s.Name, lines, got.lines)
			}
			if rest, err := in.ReadString('\n'); rest != "first\n" || err != nil {
				t.Errorf("%s: the log begins with %q, error %v", s.Name, rest, err)
			}
		}
	}
}

func TestHeaderRefused(t *testing.T) {
	for text, want := range map[string]string{
		"":                                    "log:1: not a saved log",
		"t1: w0 read k":                       "log:1: not a saved log",
		"# txsim\n":                           "log:1: not a saved log",
		"# txsim 0.17.0 log of all nodes\r\n": "log:1: not as txsim run -o wrote it: expected no byte order mark, and lines that end in \\n alone",
		"\ufeff{\"txsim_log\":\"all\"}\n":     "log:1: not as txsim run -o wrote it",
		"# txsim 1 log of the coordinators\n": "log:2: the header is cut short",
		"# txsim 1 log of the coordinators\n# txsim run x\n\n":                    "log:3: the header is cut short",
		"# txsim 1 log of the coordinators\n# txsim run x\n# workers: 3\n0.000\n": "log:4: the header is cut short",
		"# txsim 1 log of the coordinators\n# txsim run x\n# workers: 0\n\n":      "log:3:",
		"{\"txsim\": 7}\n":           "log:1: not a saved log",
		"{\"txsim_log\":7}\n":        "log:1: malformed header",
		"{\"txsim_log\":\"some\"}\n": "log:1: txsim_log = \"some\": must be coordinators or all",
	} {
		h, err := ReadHeader("log", bufio.NewReader(strings.NewReader(text)))
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: read as %v, error %v; expected %s", text, h, err, want)
		}
	}
}

// The file of transactions is found from where the run was, wherever the log is.
func TestRebase(t *testing.T) {
	for _, c := range [][3]string{
		{"sub/day.yaml", "tx.txt", "sub/tx.txt"},
		{"day.yaml", "tx.txt", "tx.txt"},
		{"../day.yaml", "sub/tx.txt", "../sub/tx.txt"},
		{"sub/day.yaml", "/tx.txt", "/tx.txt"},
		{"sub/day.yaml", "library:orders.txt", "library:orders.txt"},
		{"sub/day.yaml", "-", "-"},
	} {
		s, err := Parse(c[0], []byte("transactions: {file: "+quoteYAML(c[1])+"}"))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if s.Rebase(); s.Transactions.File != c[2] {
				t.Errorf("%s of %s: %s, expected %s", c[1], c[0], s.Transactions.File, c[2])
			}
		}
	}
}

// A finding prints its transactions, its records, and the line that
// reproduces it.
func TestFinishPrintsFindings(t *testing.T) {
	r := &Result{
		Scenario: Default(), format: &model.Formatter{}, Verdict: analysis.Invalid, Violations: 3, Metrics: &analysis.Metrics{}, End: model.End{Status: sim.Quiet},
		Findings: []analysis.Finding{
			{Invariant: "atomicity", Anomaly: "G0", Txn: "t1 t2", At: 1500, Text: "w1 has it & w2 has not", Records: []string{"0.1 a", "0.2 b"}},
			{Invariant: "progress", At: 2500, Text: "w3 still waits"},
		},
	}
	var b bytes.Buffer
	h := Header{Command: "txsim run x --seed 9", Scenario: Default()}
	if err := h.Finish(&b, r); err != nil {
		t.Fatal(err)
	}
	const want = `
VIOLATION atomicity (G0): w1 has it & w2 has not
  transactions t1 t2, seen at 0.000001500
    0.1 a
    0.2 b

VIOLATION progress: w3 still waits
  seen at 0.000002500

and 1 violation more
`
	if got := b.String(); !strings.HasPrefix(got, want) || !strings.HasSuffix(got, "\n\nreproduce with: txsim run x --seed 9\n") {
		t.Errorf("printed:\n%s\nexpected it to begin with:\n%s", got, want)
	}
	b.Reset()
	h.Format = JSONL
	if err := h.Finish(&b, r); err != nil {
		t.Fatal(err)
	}
	const wantJSON = `{"finding":{"invariant":"atomicity","anomaly":"G0","transactions":["t1","t2"],"at":"0.000001500","text":"w1 has it & w2 has not","records":["0.1 a","0.2 b"]}}
{"finding":{"invariant":"progress","transactions":[],"at":"0.000002500","text":"w3 still waits","records":[]}}
{"summary":{"verdict":"invalid","violations":3,`
	if got := b.String(); !strings.HasPrefix(got, wantJSON) {
		t.Errorf("printed:\n%s\nexpected it to begin with:\n%s", got, wantJSON)
	}
}

// TestHeaderJSON: the header for programs has no escapes that only a page of HTML needs.
func TestHeaderJSON(t *testing.T) {
	s := Default()
	s.Faults = []string{"partition w0 -> * at 1s for 1s"}
	var b bytes.Buffer
	if err := (&Header{Format: JSONL, Scenario: s}).Write(&b); err != nil || !strings.Contains(b.String(), s.Faults[0]) {
		t.Errorf("%v: %s", err, &b)
	}
}

// Without a commit nothing is counted per commit, and a line of the fault plan
// that never struck says so.
func TestSummaryOfNothing(t *testing.T) {
	r := &Result{Scenario: Default(), Metrics: &analysis.Metrics{}, End: model.End{Status: sim.TimeLimit}, Calmed: 50_000_000,
		Struck: []fault.Strikes{
			{Line: "crash w1 at 1s for 1s", Class: "crash", Cut: true}, {Line: "crash w2 at 40ms for 1s", Class: "crash", Times: 1, Cut: true},
			{Line: "drop 1% vote", Class: "drop", Times: 7},
		}}
	text := r.Table().String()
	for _, want := range []string{"0, in 0 packets; no commit", "never: crash w1 at", "faults ended when no transaction was left, at 0.050000000 s: see txsim help faults", "once, cut short: crash w2 at", "7 times: drop 1% vote", "unknown: time limit reached"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// Where faults went on to the end, the summary does not say that they ended.
func TestSummaryOfFaultsWithoutEnd(t *testing.T) {
	s := Default()
	s.Until = UntilSubmitted
	r := &Result{Scenario: s, Metrics: &analysis.Metrics{}, End: model.End{Status: sim.TimeLimit}, Struck: []fault.Strikes{{Line: "drop 1% vote", Class: "drop"}}}
	if text := r.Table().String(); !strings.Contains(text, "never: drop 1% vote") || strings.Contains(text, "faults ended") {
		t.Errorf("a line that never struck, and no end of faults, in\n%s", text)
	}
	r.End.Status = sim.Quiet // they ended at time 0
	if text := r.Table().String(); !strings.Contains(text, "faults ended when no transaction was left, at 0.000000000 s") {
		t.Errorf("no end of faults in\n%s", text)
	}
}

// Where there is no time the summary prints no throughput and no latency.
func TestSummaryWithoutTime(t *testing.T) {
	for schedule, timeless := range map[string]bool{"exhaustive": true, "random": false} { // any order: each by itself
		r := runWith(t, Default(), Options{Seed: 1, Spent: true}, "workers=2", "schedule="+schedule, `transactions.inline=["t1: w0 write x = 1; w1 write y = 1"]`)
		text := r.Table().String()
		if got := strings.Contains(text, "none: the schedule exhaustive has no time"); got != timeless || strings.Contains(text, "committed/s") == timeless ||
			strings.Contains(text, " p50 ") == timeless || strings.Contains(text, "bottleneck") == timeless {
			t.Errorf("%s:\n%s", schedule, text)
		}
	}
}

// A log whose writer fails says so at the end, and does not write on.
func TestLogReportsErrors(t *testing.T) {
	job := openLibrary(t, "orders", 0)
	failed := errors.New("disk full")
	log := NewLog(writerFunc(func([]byte) (int, error) { return 0, failed }), Text, true, false)
	if _, err := job.Run(t.Context(), Options{Seed: 1, Log: log}); err != nil {
		t.Fatal(err)
	}
	if err := log.Flush(); !errors.Is(err, failed) {
		t.Errorf("error %v, expected %v", err, failed)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

// TestInputs: the files that a scenario reads, from here, whatever named them.
func TestInputs(t *testing.T) {
	dir := t.TempDir()
	load, other := filepath.Join(dir, "a.properties"), filepath.Join(dir, "b.properties")
	for _, file := range []string{load, other} {
		if err := os.WriteFile(file, []byte("recordcount=10\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	own := filepath.Join(dir, "s.yaml")
	if err := os.WriteFile(own, []byte("workload: {properties: a.properties}\ntransactions: {file: t.txt}\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	s := loaded(t, own)
	want := []string{load, own, filepath.Join(dir, "t.txt")}
	if got := s.Inputs(); !slices.Equal(got, want) {
		t.Errorf("%q, expected %q", got, want)
	}
	if err := s.Apply("workload.properties="+other, "transactions=5"); err != nil {
		t.Fatal(err)
	}
	if got, want := s.Swarmed(1).Inputs(), []string{load, own, other}; !slices.Equal(got, want) {
		t.Errorf("%q, expected %q", got, want)
	}
	for _, file := range []string{"-", "library:bank.txt"} {
		s := Default()
		s.Transactions.File = file
		if got := s.Inputs(); len(got) > 0 {
			t.Errorf("of %s: %q", file, got)
		}
	}
	if got := loaded(t, "bank").Inputs(); len(got) > 0 {
		t.Errorf("of the library: %q", got)
	}
}
