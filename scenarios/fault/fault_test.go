package fault

import (
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/input/inputtest"
)

// forms are all forms as they print.
var forms = []string{
	"crash w3 at 1s for 2s",
	"crash w3 at 1s forever",
	"crash workers at 1.5s for uniform(1s, 2s)",
	"crash w3 after send vote #2 for 200ms",
	"crash workers 1% after send vote for 200ms",
	"crash w3 torn 0.5% before append * for exp(50ms)",
	"pause workers 2% after lock for 1ms",
	"crash C0 before sync decision #1 for 1s",
	"crash w3 after append prepare of t17#1 forever",
	"crash w3 after append prepare of t17#2 #3 forever",
	`crash w3 after append prepare of "order 17#a"#1 forever`,
	`crash w3 after append prepare of ""#65535 forever`,
	"crash w3 before receive commit #3 for 50ms",
	"crash C1 after receive request #1 for exp(50ms)",
	"crash C1 before append collecting of t9#1 for 0s",
	"crash w3 clean after append prepare of t17#1 for 1s",
	"crash w3 torn at 1s for 2s",
	"crash workers lost 2% on prepare for exp(200ms)",
	"crash coordinators torn rate 0.01/s for exp(200ms)",
	"crash w3 before lock of t17#2 #3 for 1s",
	"crash w3 clean after apply #3 for 1s",
	"crash C0 torn after redo of t17#1 forever",
	"pause w3 before checkpoint #2 for 1s",
	"crash w3 after truncate #1 for 1s",
	"hang C0 before recover #1 for 1s",
	"pause w4 at 2s for 500ms",
	"pause w4 after sync prepare #7 for 500ms",
	"pause coordinators 0.1% on abort forever",
	"hang w4 before send vote #1 for 10ms",
	"hang workers 1% on prepare for exp(300ms)",
	"partition w1 w2 | * at 1s for 3s",
	"partition * -> C0 at 0s forever",
	"partition w1 -> C0 at 1s for 3s",
	"partition workers | coordinators at 1s for exp(3s)",
	"drop 1% commit",
	"drop 0.25 commit-one",
	"drop 1% *",
	"duplicate 0.1% * C0→w9",
	"drop 100% commit C0→w9",
	"drop commit C0→w9 #3",
	"drop vote w9→C0 of t17#1",
	"drop decision C0→w9 #1",
	"delay prepare C0→w9 #3 by 80ms",
	"delay vote w9→C0 of t17#1 #2 by 80ms",
	"delay 2% vote by exp(20ms)",
	"duplicate 0.5% vote",
	"duplicate ack w1→C0 #1",
	"duplicate 0.5% vote late by exp(20ms)",
	"duplicate 1% * C0→w9 late by 5ms",
	"duplicate prepare C0→w9 #3 late by 80ms",
	"duplicate vote w9→C0 of t17#1 #2 late by 0s",
	"slow-disk w5 x20 at 1s for 2s",
	"slow-disk workers x2 at 1m for 1h",
	"tear w3",
	"crash w3 at 1s for 2s every 10s",
	"pause workers at 1s for exp(2s) every 1s",
	"lose-sync w1 at 1s every 1s until 1m",
	"partition w1 w2 | * at 1s for 3s every 10s",
	"slow w3 x10 at 1s for 2s",
	"slow C0 x1000 at 0s forever",
	"slow workers x3 rate 1/s for exp(2s)",
	"slow-disk w5 x20 rate 0.5/s for 2s",
	"slow-disk w5 x20 at 0s for 2s every 1m",
	"full-disk w5 at 1s for 2s",
	"full-disk workers rate 2/s for uniform(1ms, 2ms)",
	"fail-sync w5 #4 for 1s",
	"fail-sync C0 decision #4 for 1s",
	"fail-sync w5 prepare of t17#1 #2 for exp(1s)",
	"fail-sync workers 0.1% for 1s",
	"fail-sync workers 0.1% forever",
	"fail-sync workers 0.1% prepare for 1s",
	"fail-sync w5 at 1s for 1s every 2s",
	"fail-sync coordinators rate 0.01/s for 1s",
	"lose-sync w5 #4",
	"lose-sync w5 prepare #4",
	"lose-sync w5 prepare of t17#1",
	"lose-sync workers 1% commit",
	"lose-sync C0 1%",
	"lose-sync workers at 1s every 2s",
	"lose-sync workers rate 0.01/s",
	"corrupt w3 #2",
	"corrupt w3 prepare #2",
	"corrupt w3 commit of t17#2",
	"corrupt workers 0.1%",
	"corrupt C0 0.1% commit",
	"skew w2 by 30ms",
	"skew workers by -30us",
	"crash workers 2% on prepare for exp(200ms)",
	"crash w7 0% on commit for exp(200ms)",
	"crash coordinators 100% on commit for lognormal(200ms, 0.4)",
	"crash workers rate 0.01/s for exp(200ms)",
	"pause C0 rate 0/s forever",
}

func TestForms(t *testing.T) {
	for _, line := range forms {
		if f, err := Parse(line); err != nil || f.String() != line {
			t.Errorf("%q: got %q, %v", line, f, err)
		}
	}
	plan, err := ParsePlan(forms)
	if err != nil || strings.Join(plan.Lines(), "\n") != strings.Join(forms, "\n") {
		t.Error(plan, err)
	}
	if err := plan.Validate(10, 2); err != nil {
		t.Error(err)
	}
}

// What is written in another way prints in one way only.
func TestCanonical(t *testing.T) {
	for line, want := range map[string]string{
		"  crash\tw3  at 1000ms for 0.5m ":              "crash w3 at 1s for 30s",
		"drop commit C0->w9 #03":                        "drop commit C0→w9 #3",
		"drop commit C0 -> w9 #3":                       "drop commit C0→w9 #3",
		"drop commit C0 → w9 of t1 #1":                  "drop commit C0→w9 of t1#1",
		"drop 1e-3 commit":                              "drop 0.001 commit",
		"drop 02.50% vote":                              "drop 2.5% vote",
		"partition w1|* at 1s for 3s":                   "partition w1 | * at 1s for 3s",
		"partition w1→C0 at 1s for 3s":                  "partition w1 -> C0 at 1s for 3s",
		"crash workers rate 60/m for uniform(1ms,2ms)":  "crash workers rate 1/s for uniform(1ms, 2ms)",
		`crash w3 after append prepare of "t17" for 1s`: "crash w3 after append prepare of t17#1 for 1s",
		"skew w1 by 1500us":                             "skew w1 by 1.5ms",
		"drop -0% commit":                               "drop 0% commit",
	} {
		if f, err := Parse(line); err != nil || f.String() != want {
			t.Errorf("%q: got %q, %v, want %q", line, f, err, want)
		}
	}
}

// TestUnknownKind: who writes the bare name that a protocol gives to a kind of its own is told what
// that is called in a fault line.
func TestUnknownKind(t *testing.T) {
	_, err := Parse("crash w1 after send gossip #1")
	if err == nil || !strings.Contains(err.Error(), "decision, user, user+1 and so on, or user:NAME ") {
		t.Error(err)
	}
	_, err = ParsePlanOf(model.Names{}, []string{"drop 5% user:gossip"})
	if err == nil || !strings.HasSuffix(err.Error(), `the protocol names no kind of its own: expected user, user+1 and so on, found "user:gossip"`) {
		t.Error(err)
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"", "column 1: missing fault: expected one of crash, pause"},
		{"  ", "column 1: missing fault"},
		{"crush w3 at 1s for 2s", `column 1: unknown fault "crush": did you mean crash?`},
		{"lose-synk w5 #4", `column 1: unknown fault "lose-synk": did you mean lose-sync?`},
		{"lose-sync workers #4", `column 19: expected a chance such as 0.1%: what it aims at is of one node, such as w3; found "#4"`},
		{"lose-sync w5 #4 for 1s", `column 17: unexpected "for"`},
		{"lose-sync w5 prepair #4", `column 14: unknown record kind "prepair": did you mean prepare?`},
		{"lose-sync w5 1% vote", `column 17: unknown record kind "vote"`},
		{"fail-sync w5 #4", "column 16: expected how long"},
		{"fail-sync w5 1% on prepare for 1s", `column 17: unknown record kind "on"`},
		{"corrupt w5 at 1s", `column 12: unknown record kind "at"`},
		{"corrupt w5 prepare", `column 19: expected which one`},
		{"full-disk C0 at 1s for 1s", "column 11: expected a worker such as w3, or workers: a coordinator keeps room"},
		{"full-disk coordinators at 1s for 1s", "column 11: expected a worker"},
		{"full-disk w3 1% for 1s", `column 14: expected when: at TIME or rate 0.01/s; found "1%"`},
		{"slow w3 at 1s for 1s", `column 9: expected how many times slower`},
		{"slow w3 x10 for 1s", `column 13: expected when: at TIME or rate 0.01/s; found "for"`},
		{"crash w3 at 1s for 2s every 2s", `column 29: expected a duration of more than the 2s that it lasts, found "2s"`},
		{"crash w3 at 1s for 2s every", `column 28: expected a duration of at least 1us, found the end of the line`},
		{"lose-sync w3 at 1s every 1ns", `column 26: expected a duration of at least 1us, found "1ns"`},
		{"lose-sync w3 at 1s every 2s until 1s", `column 35: expected a time behind 1s, found "1s"`},
		{"lose-sync w3 at 1s until 2s", `column 20: unexpected "until"`},
		{"crash w3 at 1s forever every 2s", `column 24: only what strikes "at" a time, and not forever, can come again`},
		{"crash w3 after send vote #1 for 1s every 2s", `column 36: only what strikes "at" a time`},
		{"drop 1% vote every 2s", `column 14: expected a node such as w3 or C0, found "every"`},
		{"drop 1% vote late by 1s", `column 14: unexpected "late"`},
		{"duplicate 1% vote by 1s", `column 19: unexpected "by"`},
		{"duplicate 1% vote late 1s", `column 24: expected "by" and a duration, found "1s"`},
		{"drop 1% prepair", `column 9: unknown message kind "prepair": did you mean prepare? expected one of execute, executed, prepare`},
		{"drop 1% request", `column 9: request goes between a client and its coordinator, over a connection that loses nothing: crash or pause the coordinator, or name one of execute`},
		{"delay answer C0→w1 #1 by 1ms", `column 7: answer goes between a client and its coordinator`},
		{"crash w3", "column 9: expected when:"},
		{"crash", "column 6: expected a node such as w3 or C0, or workers or coordinators, found the end of the line"},
		{"crash worker at 1s for 1s", `column 7: unknown node "worker": did you mean workers?`},
		{"crash w03 at 1s for 1s", `column 7: expected a node`},
		{"crash w99999999 at 1s for 1s", `column 7: expected a node`},
		{"crash w3 at soon for 1s", `column 13: expected a time since the start such as 1.5s, found "soon"`},
		{"crash w3 at -1s for 1s", `column 13: expected a time`},
		{"crash w3 at 1s", "column 15: expected how long"},
		{"crash w3 at 1s for ever", "column 20: bad duration: ever: unknown distribution"},
		{"crash w3 at 1s for forever", "column 20: expected a duration such as 200ms or exp(200ms); forever stands without for"},
		{"crash w3 at 1s for exp(20ms", "column 20: bad duration"},
		{"crash w3 at 1s for 2s please", `column 23: unexpected "please"`},
		{"crash w3 after vote #1 for 1s", `column 16: unknown action "vote": expected one of send, receive, append, sync, checkpoint, truncate, recover, lock, apply, redo`},
		{"crash w3 after truncate of t1 for 1s", `column 25: a truncate is about no transaction: expected which one, such as #1`},
		{"crash w3 after lock prepare #1 for 1s", `column 21: expected which one: #1 for the first, or of t17#1; found "prepare"`},
		{"pause w3 clean at 1s for 2s", `column 10: expected when:`},
		{"crash w3 after append vote #1 for 1s", `column 23: unknown record kind "vote"`},
		{"crash w3 after send vote for 1s", `column 26: expected which one: #1 for the first, or of t17#1; found "for"`},
		{"crash w3 after send vote #0 for 1s", `column 26: "#0" must be a count from #1`},
		{"crash w3 after send vote of #1 for 1s", `column 29: expected a transaction such as t17`},
		{"crash w3 after send vote of", `column 28: expected a transaction such as t17, or its second attempt t17#2; found the end of the line`},
		{"crash w3 after send vote of t1#65536 for 1s", `column 29: expected a transaction`},
		{"crash workers after send vote #1 for 1s", `column 15: a boundary is of one node`},
		{"crash workers 200% on prepare for 1s", `column 15: bad probability: "200%"`},
		{"crash workers 2% at prepare for 1s", `column 18: expected "on" and prepare, commit or abort, or a boundary such as "after send vote"; found "at"`},
		{"crash workers 2% after checkpoint for 1s", `column 35: a checkpoint is about no transaction, and hit by its number: crash w3 after checkpoint #1`},
		{"crash workers 2% after send prepair for 1s", `column 29: unknown message kind "prepair": did you mean prepare?`},
		{"crash workers 2% after append vote for 1s", `column 31: unknown record kind "vote"`},
		{"crash w3 after send * #1 for 1s", `column 21: unknown message kind "*"`},
		{"crash workers 2% on prepaer for 1s", `column 21: unknown step "prepaer": did you mean prepare?`},
		{"crash workers rate 5 per s for 1s", `column 22: expected how long`},
		{"crash workers rate -5/s for 1s", `column 20: expected a rate`},
		{"drop commit #3", `column 13: expected a node such as w3 or C0, found "#3"`},
		{"drop commit C0→C0 #3", `column 18: a link has two ends`},
		{"drop commit C0 w9 #3", `column 16: expected a link such as C0→w9, found "w9"`},
		{"delay commit C0→w9 #3 for 1s", `column 25: expected "by" and a duration, found "for"`},
		{"partition w1 w2 at 1s for 3s", `column 17: expected a node such as w3`},
		{"partition * | * at 1s for 3s", `column 15: "*" stands for all others`},
		{"partition w1 * | w2 at 1s for 3s", `column 14: "*" stands alone`},
		{"partition w1 | at 1s for 3s", `column 16: expected nodes such as w1 w2 or *, found "at"`},
		{"slow-disk w5 20 at 1s for 2s", `column 14: expected how many times slower: x1 to x1000000; found "20"`},
		{"skew w5 by 2h", `column 12: expected a duration such as 30ms or -30ms, at most 1h; found "2h"`},
		{"tear workers", `column 6: expected a node such as w3 or C0, found "workers"`},
	} {
		_, err := Parse(c.line)
		var fe *Error
		if !errors.As(err, &fe) || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%q:\n got %v\nwant %s…", c.line, err, c.want)
		}
	}
	_, err := ParsePlan([]string{"tear w1", "tear w2", "drop 1% prepair"})
	if err == nil || !strings.HasPrefix(err.Error(), `faults[2]: column 9: unknown message kind "prepair"`) {
		t.Error(err)
	}
}

func TestPlanValidate(t *testing.T) {
	for line, want := range map[string]string{
		"crash w10 at 1s for 2s":                   "faults[1]: column 7: there is no w10: there are w0 to w9",
		"drop commit C0→w10 #3":                    "faults[1]: column 18: there is no w10: there are w0 to w9",
		"drop vote w1→C2 #3":                       "faults[1]: column 16: there is no C2: there are C0 to C1",
		"partition w1 w2 | w3 C7 at 1s for 2s":     "faults[1]: column 22: there is no C7: there are C0 to C1",
		"partition w1 w2 | w3 w1 at 1s for 2s":     "faults[1]: column 19: w1 is on both sides",
		"partition workers | w4 at 1s for 2s":      "faults[1]: column 21: w4 is on both sides",
		"crash workers 2% on prepare for 1s":       "",
		"partition workers | * at 1s for 2s":       "",
		"partition w0 w9 C1 -> w1 at 1s for 2s":    "",
		"partition workers C0 C1 | * at 1s for 2s": "faults[1]: column 27: there is no node on this side",
	} {
		plan, err := ParsePlan([]string{"drop 1% vote", line})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := plan.Validate(10, 2); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q:\n got %s\nwant %s", line, got, want)
		}
	}
}

// randomFault returns the words of a valid line.
func randomFault(r *rand.Rand) string {
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	num := func(n int) string { return strconv.Itoa(r.IntN(n)) }
	dur := func() string {
		return pick("1ns", num(2000)+"ms", num(90)+"m", "exp("+num(90)+"1us)", "uniform(1ms, "+num(50)+"2ms)")
	}
	node := func() string { return pick("w", "C") + num(1000) }
	length := func() string { return pick("forever", "for "+dur()) }
	chance := func() string {
		x := strconv.FormatFloat(r.Float64(), 'g', -1, 64)
		return pick(x, x+"%", num(101)+"%")
	}
	strikes := func(who string) string {
		return pick("crash "+who, "crash "+who+pick(" clean", " lost", " torn"), "pause "+who, "hang "+who)
	}
	id := pick("t"+num(99), "order/"+num(99), strconv.Quote(inputtest.Word(r)))
	again := func() string { return pick("", "", " every 1"+num(99)+"h", " every 1"+num(99)+"h until 1"+num(9)+"h") }
	factor := func() string { return " x1" + num(99) }
	which := func() string {
		return pick("#1"+num(99), "of "+id, "of "+id+"#1"+num(99), "of "+id+" #"+num(9)+"1")
	}
	switch r.IntN(15) {
	case 0:
		return strikes(pick(node(), "workers", "coordinators")) + " at " + num(5000) + "ms " + pick("forever", "for "+dur()+again())
	case 1:
		return strikes(node()) + pick(" before", " after") + pick(" send ", " receive ") + pick(append(messageKinds, "user", "user+3")...) + " " + which() + " " + length()
	case 2:
		return strikes(node()) + pick(" before", " after") + pick(" append ", " sync ") + pick(append(recordKinds, "user", "user+15")...) + " " + which() + " " + length()
	case 3:
		who := strikes(pick(node(), "workers", "coordinators")) + " " + chance()
		boundary := pick("before ", "after ") + pick("send "+pick(append(messageKinds, anyKind)...), "sync "+pick(append(recordKinds, "user+2", anyKind)...), "lock", "redo")
		return who + " " + pick("on "+pick(Steps()...), boundary) + " " + length()
	case 4:
		return strikes(pick(node(), "workers")) + " rate " + strconv.FormatFloat(r.ExpFloat64(), 'f', -1, 64) + pick("/s ", "/m ", "/h ") + length()
	case 5:
		who := strikes(node()) + pick(" before", " after")
		return pick(who+" "+pick(stepKinds...)+" "+which(), who+pick(" checkpoint", " truncate", " recover")+" #1"+num(99)) + " " + length()
	case 6:
		verb := pick("drop ", "duplicate ", "delay ")
		line := verb + pick(chance()+" "+pick(append(linkKinds, "user", anyKind)...)+pick("", " C1->w2"), pick(linkKinds...)+" w"+num(9)+"→C"+num(9)+" "+which())
		if verb == "delay " {
			line += " by " + dur()
		}
		if verb == "duplicate " {
			line += pick("", " late by "+dur())
		}
		return line
	case 7:
		return "partition " + pick("w1 w2", "*", "w3 workers C9") + pick(" | ", " -> ", "→", "|") + pick("C0", "C1 coordinators w8") + " at " + num(99) + "us " + pick("forever", "for "+dur()+again())
	case 13:
		return pick("slow ", "slow-disk ") + pick(node(), "workers") + factor() + " at " + num(9) + "h " + pick("forever", "for "+dur()+again())
	case 8:
		return pick("full-disk w"+num(9), "full-disk workers", "slow C"+num(9)+factor()) + pick(" at "+num(9)+"s ", " rate "+num(9)+"/s ") + length()
	case 9:
		return "fail-sync " + node() + " " + pick("", pick(recordKinds...)+" ") + "#" + num(9) + "1 " + length()
	case 10:
		return "fail-sync " + pick(node(), "coordinators") + " " + pick(chance()+" "+pick("", pick(recordKinds...)), "at "+num(9)+"s") + " " + length()
	case 11:
		return "lose-sync " + pick(node()+" #"+num(9)+"1", node()+" "+pick(recordKinds...)+" "+which(), "workers "+chance(), "w1 at "+num(9)+"s"+again())
	case 12:
		return "corrupt " + pick(node()+" #"+num(9)+"1", node()+" "+pick(recordKinds...)+" "+which(), "workers "+chance()+" "+pick("", pick(recordKinds...)))
	}
	return pick("tear "+node(), "skew "+pick(node(), "workers")+" by "+pick("", "-")+num(9999)+"us")
}

func TestPlanProperty(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	tried := map[string]int{}
	for range 3000 {
		line := randomFault(r)
		f, err := Parse(line)
		if err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		printed := f.String()
		again, err := Parse(printed)
		if err != nil || again.String() != printed {
			t.Fatalf("%q prints %q, which prints %q, %v", line, printed, again, err)
		}
		tried[f.Class()]++
	}
	for _, c := range classes {
		if tried[c.name] == 0 {
			t.Errorf("no line of %s", c.name)
		}
	}
}

func FuzzFaultPlan(f *testing.F) {
	for _, line := range forms {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		line := string(text)
		fault, err := Parse(line)
		if err != nil {
			var fe *Error
			if !errors.As(err, &fe) || fe.Column < 1 || fe.Column > len(line)+1 {
				t.Fatalf("%q: %v", line, err)
			}
			return
		}
		printed := fault.String()
		again, err := Parse(printed)
		if err != nil || again.String() != printed {
			t.Fatalf("%q prints %q, which prints %q, %v", line, printed, again, err)
		}
	})
}

// TestHelp: every form that the help shows is one, and every class has one.
func TestHelp(t *testing.T) {
	forms, _, _ := strings.Cut(usage, "\n\nA node is")
	shown := map[string]bool{"hang": true} // as pause
	for _, line := range strings.Split(forms, "\n")[2:] {
		if strings.HasPrefix(line, "   ") {
			continue // more about the line before
		}
		form, _, _ := strings.Cut(strings.TrimPrefix(line, "  "), "  ")
		form, _, _ = strings.Cut(form, " the first time")
		f, err := Parse(form)
		if err != nil {
			t.Errorf("%q: %v", form, err)
			continue
		}
		shown[f.Class()] = true
	}
	for _, c := range classes {
		if !shown[c.name] {
			t.Errorf("no form of %s", c.name)
		}
	}
}

// Each kind is listed in Help with forms that take it.
func TestHelpKinds(t *testing.T) {
	lists := map[string][]string{
		"for send, receive, drop, delay and duplicate:": {"drop 1% KIND", "delay 1% KIND by 1ms", "duplicate 1% KIND", "crash C0 before send KIND #1 for 1s", "crash C0 after receive KIND #1 for 1s"},
		"coordinator that is down misses what comes:":   {"crash C0 before send KIND #1 for 1s", "crash C0 after receive KIND #1 for 1s"},
		"for append, sync, fail-sync, lose-sync and corrupt:": {"crash C0 before append KIND #1 for 1s", "crash C0 after sync KIND #1 for 1s",
			"fail-sync w1 KIND #1 for 1s", "lose-sync w1 KIND #1", "corrupt w1 KIND #1"},
	}
	for title, forms := range lists {
		_, text, _ := strings.Cut(Help(), title+"\n")
		text, _, _ = strings.Cut(text, "\n\n")
		if text == "" {
			t.Errorf("Help has no %q", title)
		}
		for _, kind := range strings.Fields(text) {
			for _, form := range forms {
				if _, err := Parse(strings.Replace(form, "KIND", kind, 1)); err != nil {
					t.Errorf("%s is offered %s but %v", form, kind, err)
				}
			}
		}
	}
}
