package history_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/history"
	"github.com/seed83d86191/txsim/scenarios/mutant"
)

// TestRoundTrip saves the histories of runs, sound and not, and reads them
// back: the same bytes come out again, and the same judgement.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	invalid := 0
	roundTrip := func(s *scenarios.Scenario, p model.Protocol, seed uint64) {
		t.Helper()
		s.Protocol = p.Name()
		r := run(t, s, p, scenarios.Options{Seed: seed, Record: true})
		saved := &history.Saved{Version: scenarios.Version, Command: "txsim run", Scenario: string(s.YAML()), Whole: true, Recording: *r.History}
		text := write(t, saved)
		again := read(t, text)
		if got := write(t, again); got != text {
			t.Fatalf("seed %d: it does not come out as it went in\n%s", seed, firstDifferent(text, got))
		}
		before, after := scenarios.CheckHistory(saved, analysis.Judges{}), scenarios.CheckHistory(again, analysis.Judges{})
		if a, b := say(t, before), say(t, after); after.History.Lines == 0 || a != b {
			t.Fatalf("seed %d: it is judged in another way\n%s", seed, firstDifferent(a, b))
		}
		if after.Verdict == analysis.Invalid {
			invalid++
		}
	}
	sound := model.Protocols()[0]
	for _, entry := range scenarios.Library() {
		s, err := scenarios.Load(entry.Name)
		if err != nil {
			t.Fatal(err)
		}
		if s.Transactions.File == "" {
			setTo(t, s, "transactions", "60")
		}
		roundTrip(s, sound, 1)
		setTo(t, s, "faults", `["crash C0 at 20ms forever", "crash w0 at 10ms forever"]`) // for answers that are not definite
		roundTrip(s, sound, 1)
		setTo(t, s, "limits.events", "2000") // cut off
		roundTrip(s, sound, 2)
	}
	mutants := mutant.All()
	for _, m := range mutants {
		s := m.Scenario()
		setTo(t, s, "transactions", "60")
		roundTrip(s, m.Protocol, 1)
	}
	if invalid < len(mutants)/4 {
		t.Errorf("%d histories are invalid: too few to say that findings survive", invalid)
	}
}

func setTo(t *testing.T, s *scenarios.Scenario, path, value string) {
	t.Helper()
	if err := s.Set(path, value); err != nil {
		t.Fatal(err)
	}
}

func run(t *testing.T, s *scenarios.Scenario, p model.Protocol, o scenarios.Options) *scenarios.Result {
	t.Helper()
	j, err := s.Open([]model.Protocol{p})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	r, err := j.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// say is all that a check prints, but for the number of lines, which only a history
// that was read has.
func say(t *testing.T, c *scenarios.Checked) string {
	t.Helper()
	h := *c.History
	h.Lines = 1
	one := *c
	one.History = &h
	var b bytes.Buffer
	if err := one.Write(&b, "txsim check"); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func write(t *testing.T, h *history.Saved) string {
	t.Helper()
	var b bytes.Buffer
	if err := h.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func read(t *testing.T, text string) *history.Saved {
	t.Helper()
	h, err := history.Read("h", strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return h
}

// A history of clients is what is left of one of storage without what storage did.
func TestOfClients(t *testing.T) {
	s, err := scenarios.Load("crashes")
	if err != nil {
		t.Fatal(err)
	}
	setTo(t, s, "transactions", "40")
	r := run(t, s, model.Protocols()[0], scenarios.Options{Seed: 5, Record: true, Swarm: true})
	text := write(t, &history.Saved{Clients: true, Recording: *r.History})
	h := read(t, text)
	if again := write(t, h); again != text {
		t.Errorf("it does not come out as it went in\n%s", firstDifferent(text, again))
	}
	for _, word := range []string{"installed", "began", "stored", "from"} {
		if strings.Contains(text, `"`+word+`"`) {
			t.Errorf("clients did not see %q", word)
		}
	}
	if c := scenarios.CheckHistory(h, analysis.Judges{}); c.Verdict != analysis.Undecided || !h.Clients {
		t.Errorf("verdict %v, %v", c.Verdict, c.Findings)
	}
}

// TestAttempts: a record that does not say of which attempt it is, is of the one that is
// under way: of the next one once a client has been told that it tries again.
func TestAttempts(t *testing.T) {
	const submitted = `{"what":"submitted","txn":"t1","ops":[["w","w1","k","5"]]}
`
	clients := read(t, `{"txsim_history":"clients"}
`+submitted+`{"what":"answered","txn":"t1","outcome":"aborted","reason":"timeout","final":false}
{"what":"answered","txn":"t1","outcome":"aborted","try":4,"final":false}
{"what":"answered","txn":"t1","outcome":"committed"}
`)
	if c := scenarios.CheckHistory(clients, analysis.Judges{}); c.Verdict != analysis.Undecided {
		t.Errorf("clients: %v, %v", c.Verdict, c.Findings)
	}
	if last := clients.Events[3].Attempt.Try; last != 5 {
		t.Errorf("what follows attempt 4 is attempt %d", last)
	}
	storage := read(t, `{"txsim_history":"storage"}
`+submitted+`{"what":"began","txn":"t1","age":"0.1"}
{"what":"answered","txn":"t1","outcome":"aborted","final":false}
{"what":"began","txn":"t1","age":"0.1"}
{"what":"installed","txn":"t1","op":0,"worker":"w1","key":"k","value":"5"}
{"what":"answered","txn":"t1","outcome":"committed"}
{"what":"stored","worker":"w1","key":"k","value":"5","from":{"txn":"t1","op":0}}
{"what":"end","complete":true}
`)
	if c := scenarios.CheckHistory(storage, analysis.Judges{}); c.Verdict != analysis.Valid {
		t.Errorf("storage: %v, %v", c.Verdict, c.Findings)
	}
}

func TestRefused(t *testing.T) {
	const clients, storage = `{"txsim_history":"clients"}`, `{"txsim_history":"storage"}`
	for _, c := range []struct{ head, lines, want string }{
		{"", "", `h:1: not a saved history: expected a first line such as {"txsim_history":"clients"}`},
		{`{"txsim_log":"all"}`, "", `h:1: not a saved history: expected a first line such as {"txsim_history":"clients"}`},
		{`{"txsim_history":"both"}`, "", `h:1: txsim_history = "both": expected clients or storage, and nothing behind the header`},
		{`{"txsim_history":"clients","by":"me"}`, "", `h:1: header: unknown field "by": expected txsim_history, version, command, scenario and isolation, all of them strings`},
		{`{"txsim_history":"clients"} {}`, "", `h:1: txsim_history = "clients": expected clients or storage, and nothing behind the header`},
		{`{"txsim_history":"storage","isolation":"strict"}`, "", `h:1: isolation = strict: must be strict-serializable, serializable, repeatable-read, strong-snapshot-isolation, snapshot-isolation, consistent-view, cursor-stability, read-atomic, read-committed or read-uncommitted; did you mean strict-serializable?`},
		{`{"txsim_history":"clients","isolation":"read-committed"}`, "", `h:1: isolation = read-committed: a history of clients can only be held to strict-serializable: of weaker levels they see too little`},
		{clients, `{"what":"submitted", "when":"0.5"}`, `h:2:22: unknown field "when": expected what, and the fields of that kind of record`},
		{clients, "\ufeff{}", `h:2:1: found "\ufeff": expected "{"`},
		{clients, `{"what":"answered","txn":"t1","outcome":"aborted","reason":"bored"}`, `h:2: reason = "bored" of an outcome aborted: expected why there was no commit, such as conflict or timeout`},
		{clients, `{"what":"answered","txn":"t1","outcome":"committed","reads":[{"op":0,"value":"1","value":"2"}]}`, `h:2:82: duplicate field "value": expected it once`},
		{clients, `{"what":"answered","txn":"t1","outcome": 5}`, `h:2:42: found "5": expected a string`},
		{clients, `{"what":"submitted","at":5,"txn":"t1","ops":[]}`, `h:2:26: found "5": expected a string`},
		{clients, `{"what":"submitted","at":"0.5x","txn":"t1","ops":[]}`, `h:2:26: bad time "0.5x": expected seconds such as "0.000912331"`},
		{clients, `{"what":"submitted","at":"0.0000000001","txn":"t1","ops":[]}`, `h:2:26: bad time "0.0000000001": expected seconds such as "0.000912331"`},
		{storage, `{"what":"answered","txn":"t1","outcome":"committed","reads":[{"op":0,"from":{"txn":"t1","op":0},"from":{"txn":"t1","op":0}}]}`, `h:2:97: duplicate field "from": expected it once`},
		{storage, `{"what":"stored","worker":"w1","key":"k"}`, `h:2: stored record: expected either a value or "deleted":true`},
		{storage, `{"what":"stored","worker":"w1","key":"k","value":"1","deleted":true}`, `h:2: stored record: expected either a value or "deleted":true`},
		{storage, `{"what":"stored","worker":"w1","key":"k","value":"1","from":{"op":1}}`, `h:2:61: version without txn or op: expected both`},
		{storage, `{"what":"stored","worker":"w1","key":"k","value":"1","from":{"txn":"t1","op":1,"op":1}}`, `h:2:80: unknown or repeated field "op": expected txn, try and op`},
		{storage, `{"what":"stored","worker":"w1","key":"k","value":"1","from":{"txn":"t1","try":1,"try":1}}`, `h:2:81: unknown or repeated field "try": expected txn, try and op`},
		{storage, `{"what":"in-doubt","txn":"t1","worker":"w1","value":"x","op":1}`, `h:2:45: in-doubt record with "value": expected only what, txn, worker`},
		{storage, `{"what":"in-doubt","txn":"t1","worker":"w1","op":1,"value":"x"}`, `h:2:45: in-doubt record with "op": expected only what, txn, worker`},
		{clients, `{"what":"submit","txn":"t1"}`, `h:2: what = "submit": expected submitted, began, installed, answered, stored, in-doubt or end`},
		{clients, `{"txn":"t1"}`, `h:2: missing what: expected submitted, began, installed, answered, stored, in-doubt or end`},
		{clients, `{"what":"submitted"}`, `h:2: submitted record without txn: expected txn, ops`},
		{clients, `{"what":"submitted","txn":"t1","op":1,"ops":[]}`, `h:2:32: submitted record with "op": expected only what, txn, ops, at`},
		{clients, `{"what":"submitted","txn":"t1","txn":"t2","ops":[]}`, `h:2:32: duplicate field "txn": expected it once`},
		{clients, `{"what":"submitted","txn":"t1","key":"","ops":[]}`, `h:2:38: empty name: expected one`},
		{clients, `{"what":"submitted","txn":"t1","ops":[["x","w1","k"]]}`, `h:2: unknown operation "x": expected read, write or delete`},
		{clients, `{"what":"submitted","txn":"t1","when":"0.5"}`, `h:2:32: unknown field "when": expected what, and the fields of that kind of record`},
		{clients, `{"what":"submitted","at":"5ms","txn":"t1","ops":[]}`, `h:2:26: bad time "5ms": expected seconds such as "0.000912331"`},
		{clients, `{"what":"submitted","at":"0.5","txn":"t1","ops":[]}` + "\n\n" + `{"what":"submitted","at":"0.4","txn":"t2","ops":[]}`,
			`h:4:21: at 0.400000000 is before the 0.500000000 of line 2: expected times in order`},
		{clients, `{"what":"answered","txn":"t1","outcome":"done"}`, `h:2: outcome = "done": expected committed, aborted, unknown or blocked`},
		{clients, `{"what":"answered","txn":"t1","outcome":"committed","reason":"timeout"}`, `h:2: reason = "timeout" of an outcome committed: expected why there was no commit, such as conflict or timeout`},
		{clients, `{"what":"answered","txn":"t1","outcome":"aborted","reads":[{"op":0}]}`, `h:2:51: results of an outcome aborted: expected them of a commit only`},
		{clients, `{"what":"submitted","txn":"t1","ops":[["r","w0","k"]]}` + "\n" + `{"what":"answered","txn":"t1","outcome":"committed","reads":[]}`,
			`h:3:53: no results of the read operations of "t1": expected one of each, or no "reads" if its client was told none`},
		{clients, `{"what":"answered","txn":"t1","outcome":"committed","final":1}`, `h:2:61: found "1": expected true or false`},
		{clients, `{"what":"answered","txn":"t1","outcome":"committed","reads":[{"value":1}]}`, `h:2:71: found "1": expected a string`},
		{clients, `{"what":"answered","txn":"t1","outcome":"committed","reads":[{"value":"1"}]}`, `h:2:62: result without op: expected the number of the read operation`},
		{clients, `{"what":"submitted","at":"-0.5","txn":"t1","ops":[]}`, `h:2:21: at -0.500000000 is before the beginning: expected 0 or later`},
		{clients, `{"what":"submitted","at":"9223372036.9","txn":"t1","ops":[]}`, `h:2:26: bad time "9223372036.9": expected seconds such as "0.000912331"`},
		{clients, `{"what":"answered","txn":"t1","outcome":"committed","reads":[{"op":0,"op":1}]}`, `h:2:70: duplicate field "op": expected it once`},
		{clients, `{"what":"answered","txn":"t1","outcome":"committed","reads":[{"op":0,"val":"1"}]}`, `h:2:70: unknown field "val": expected op, value or from`},
		{clients, `{"what":"answered","txn":"t1","outcome":"committed","reads":[{"op":-1}]}`, `h:2:68: found "-1": expected an integer of at least 0`},
		{clients, `{"what":"answered","txn":"t1","outcome":"committed","reads":[{"op":0,"from":{}}]}`, `h:2:70: "from" in a history of clients: expected op or value, or "txsim_history":"storage" in line 1`},
		{clients, `{"what":"end","complete":true}`, `h:2: end in a history of clients: expected submitted or answered, or "txsim_history":"storage" in line 1`},
		{clients, `{"what":"answered","txn":"t1","try":0,"outcome":"committed"}`, `h:2:37: found "0": expected an integer of at least 1`},
		{clients, `{"what":"answered","txn":"t1","outcome":"committed"} x`, `h:2:54: found "x": expected the end of the line`},
		{clients, "{\"what\":\"answered\",\"txn\":\"\xff\"}", `h:2:27: invalid UTF-8, byte 0xff: expected UTF-8 text`},
		{storage, `{"what":"installed","txn":"t1","op":0,"worker":"w1","key":"k"}`, `h:2: installed record: expected either a value or "deleted":true`},
		{storage, `{"what":"installed","txn":"t1","op":0,"worker":"x1","key":"k","value":"1"}`, `h:2: unknown worker "x1": expected w0 … w99999`},
		{storage, `{"what":"stored","worker":"w1","key":"k","value":"1","from":{"txn":"t1"}}`, `h:2:61: version without txn or op: expected both`},
		{storage, `{"what":"stored","worker":"w1","key":"k","value":"1","from":{"txn":"t1","txn":"t1"}}`, `h:2:73: unknown or repeated field "txn": expected txn, try and op`},
		{storage, `{"what":"end","complete":true}` + "\n" + `{"what":"end","complete":true}`, `h:3: end record behind the end record: expected nothing`},
	} {
		_, err := history.Read("h", strings.NewReader(c.head+"\n"+c.lines+"\n"))
		if got := fmt.Sprint(err); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.lines, got, c.want)
		}
	}
}

// TestClockBehind: an age below zero, and a transaction that nobody submitted, come out as
// they went in.
func TestClockBehind(t *testing.T) {
	text := `{"txsim_history":"storage"}
{"at":"0.000000000","what":"submitted","txn":"t1","ops":[["w","w0","k","1"]]}
{"at":"0.000000001","what":"began","txn":"t1","try":1,"age":"-0.500000000"}
{"at":"0.000000002","what":"began","txn":"t2","try":1,"age":"-1.000000000"}
{"what":"end","complete":false}
`
	if got := write(t, read(t, text)); got != text {
		t.Error(got)
	}
}

// TestByLine: numbers of lines take the place of times in a copy only. An abort may say that
// it has no results.
func TestByLine(t *testing.T) {
	h := read(t, `{"txsim_history":"clients"}
{"what":"submitted","txn":"t1","ops":[["r","w0","k"]]}

{"what":"answered","txn":"t1","outcome":"aborted","reads":[]}
`)
	if lines := h.ByLine().Events; lines[0].At != 2 || lines[1].At != 4 || h.Events[1].At != 0 {
		t.Errorf("at lines %d and %d, times %v", lines[0].At, lines[1].At, h.Events[1].At)
	}
}

// TestTorn: a file that breaks off is refused with its last line, or, between two lines, is
// never called valid.
func TestTorn(t *testing.T) {
	s, err := scenarios.Load("bank")
	if err != nil {
		t.Fatal(err)
	}
	setTo(t, s, "transactions", "4")
	r := run(t, s, model.Protocols()[0], scenarios.Options{Seed: 0, Record: true})
	text := write(t, &history.Saved{Whole: true, Recording: *r.History})
	first := strings.Index(text, "\n") + 1
	for at := first; at < len(text); at += 7 {
		h, err := history.Read("h", strings.NewReader(text[:at]))
		switch last := text[at-1]; {
		case err != nil && last == '\n':
			t.Fatalf("cut behind line: %v", err)
		case err != nil && !strings.Contains(err.Error(), fmt.Sprintf("h:%d:", 1+strings.Count(text[:at], "\n"))):
			t.Fatalf("the wrong line is named: %v", err)
		case err != nil && !strings.Contains(err.Error(), "the file breaks off in this line"):
			t.Fatalf("%v", err)
		case err == nil && last != '\n' && last != '}':
			t.Fatalf("accepted: %q", text[first:at])
		case err == nil && scenarios.CheckHistory(h, analysis.Judges{}).Verdict != analysis.Undecided && at < len(text)-1:
			t.Fatalf("cut at %d: verdict %v", at, scenarios.CheckHistory(h, analysis.Judges{}).Verdict)
		}
	}
}

// FuzzReadHistory: whatever is accepted comes out as it went in, and is judged
// without a panic.
func FuzzReadHistory(f *testing.F) {
	f.Add([]byte(`{"txsim_history":"clients"}
{"what":"submitted","txn":"t1","ops":[["w","w1","k","5"],["r","w1","k"]]}
{"at":"0.5","what":"answered","txn":"t1","outcome":"committed","reads":[{"op":1,"value":"5"}]}
`))
	f.Add([]byte(`{"txsim_history":"storage"}
{"what":"submitted","txn":"t1","ops":[["w","w1","k","5"],["d","w1","k"]]}
{"what":"began","txn":"t1","age":"0.1"}
{"what":"installed","txn":"t1","op":1,"worker":"w1","key":"k","deleted":true}
{"what":"answered","txn":"t1","try":2,"outcome":"aborted","reason":"timeout","final":false}
{"what":"stored","worker":"w1","key":"k","deleted":true,"from":{"txn":"t1","op":1}}
{"what":"in-doubt","txn":"t1","worker":"w4"}
{"what":"end","complete":false}
`))
	f.Fuzz(func(t *testing.T, text []byte) {
		h, err := history.Read("h", bytes.NewReader(text))
		if err != nil {
			return
		}
		scenarios.CheckHistory(h, analysis.Judges{})
		once := write(t, h)
		if twice := write(t, read(t, once)); twice != once {
			t.Fatal(firstDifferent(once, twice))
		}
	})
}

// firstDifferent shows the first lines that differ.
func firstDifferent(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("line %d\n- %s\n+ %s", i+1, x[i], y[i])
		}
	}
	return fmt.Sprintf("%d and %d lines", len(x), len(y))
}
