package analysis

import (
	"slices"
	"strings"
	"testing"
)

// dueCases have commits that are in doubt at the end.
var dueCases = []histCase{
	{name: "in doubt, and nobody looks", script: `
		submit 1 w0x=1 w1y=1
		install 1.0
		commit 1
		submit 2 r0x
		commit 2 0<1.0
		doubt 1 1`},
	{name: "what is in doubt was read", script: `
		submit 1 w0x=1
		submit 2 r0x w1y=2
		install 2.1
		commit 2 0<1.0
		blocked 1
		doubt 1 0`},
	{name: "stale read of what is in doubt", want: "strict-serializability/real-time/rt-rw",
		levels: "holds: serializable; violated: strong snapshot isolation (G-nonadjacent-realtime)", script: `
		submit 1 w0x=1
		commit 1
		submit 2 r0x
		commit 2 0<init
		doubt 1 0`},
	{name: "unknown, and nothing shows that it has committed", script: `
		submit 1 w0x=1
		unknown 1
		submit 2 r0x
		commit 2 0<init
		doubt 1 0`},
	{name: "a dependency on one in doubt", want: "strict-serializability/G-single/rw-ww",
		levels: "holds: read atomic, cursor stability; violated: consistent view (G-single)", script: `
		submit 1 w1x=1 w0y=1
		submit 2 r0y w1x=2
		install 1.0
		commit 1
		install 2.1
		commit 2 0<init
		doubt 1 0`},
	{name: "an update lost by one in doubt", want: "strict-serializability/lost-update/rw-ww",
		levels: "holds: read atomic; violated: cursor stability (lost update)", script: `
		submit 1 r0y w0y=1
		submit 2 r0y w0y=2
		install 1.1
		commit 1 0<init
		commit 2 0<init
		doubt 2 0`},
	{name: "half of one in doubt is read", want: "strict-serializability/fractured-read/rw-wr",
		levels: "holds: cursor stability; violated: read atomic (fractured read)", script: `
		submit 1 w1x=1 w0y=1
		submit 2 r1x r0y
		install 1.0
		blocked 1
		commit 2 0<1.0 1<init
		doubt 1 0`},
	{name: "of several in doubt, none is first", script: `
		submit 1 w0y=1
		submit 2 w0y=2
		submit 3 r0y
		commit 1
		commit 2
		commit 3 0<2.0
		doubt 1 0
		doubt 2 0`},
	{name: "of several in doubt, whichever is second loses an update", want: "strict-serializability/lost-update/rw-rw",
		levels: "holds: read atomic; violated: cursor stability (lost update)", script: `
		submit 1 r0y w0y=1
		submit 2 r0y w0y=2
		commit 1 0<init
		commit 2 0<init
		doubt 1 0
		doubt 2 0`},
	{name: "of several in doubt, each is missed", want: "strict-serializability/real-time/rt-rw",
		levels: "holds: serializable; violated: strong snapshot isolation (G-nonadjacent-realtime)", script: `
		submit 1 w0y=1
		submit 2 w0y=2
		commit 2
		submit 3 r0y
		commit 3 0<init
		commit 1
		doubt 1 0
		doubt 2 0`},
	{name: "of several in doubt, that of who was read is missed", want: "strict-serializability/fractured-read/rw-wr",
		levels: "holds: cursor stability; violated: read atomic (fractured read)", script: `
		submit 1 w1x=1 w0y=1
		submit 2 w0y=2
		submit 3 r1x r0y
		install 1.0
		commit 1
		commit 2
		commit 3 0<1.0 1<init
		doubt 1 0
		doubt 2 0`},
	{name: "no doubt, but lost", want: "durability/lost-write",
		levels: "holds: none; violated: read uncommitted (lost write)", script: `
		submit 1 w0x=1
		commit 1
		submit 2 r0x
		commit 2 0<init
		doubt 2 0`},
}

// TestDueText: a finding says what has not happened yet.
func TestDueText(t *testing.T) {
	for name, want := range map[string]string{
		"a dependency on one in doubt": `no serial order: t2 read w0 y = none from the initial state (answered at 0.006000000), and t1 has committed and has yet to overwrite that with "1"; ` +
			`t1 installed w1 x = "1" at 0.003000000, before t2 installed "2" at 0.005000000`,
		"an update lost by one in doubt": `no serial order: t2 read w0 y = none from the initial state (answered at 0.005000000), which t1 overwrote with "1" at 0.003000000; ` +
			`t1 installed w0 y = "1" at 0.003000000, and t2 has committed and has yet to install "2"`,
	} {
		i := slices.IndexFunc(dueCases, func(c histCase) bool { return c.name == name })
		got := parseHistScript(t, dueCases[i].script).check(HistoryOptions{}, false).Finish(nil)
		if len(got) != 1 || got[0].Text != want {
			t.Errorf("%s: %v, want %s", name, got, want)
		}
	}
}

// TestStoppedBefore: where a history stops before an install, the commit counts all the same;
// and of two that are due, the black box, which may infer the order, does not accuse the graph.
func TestStoppedBefore(t *testing.T) {
	for script, want := range map[string]int{
		`submit 1 w0x=1
		commit 1
		submit 2 r0x
		commit 2 0<init`: 1,
		`submit 1 w0x=1
		submit 2 r0x w0x=2
		commit 2 0<init
		commit 1
		submit 3 r0x
		commit 3 0<2.1`: 0,
	} {
		rec := &Recording{Events: parseHistScript(t, script).events}
		white := NewHistoryChecker(HistoryOptions{})
		if got := rec.Feed(white); len(got) != want {
			t.Errorf("%s: %v", script, got)
		}
		if d := rec.CrossCheck(white, Judges{}); d != nil {
			t.Errorf("%s: %v", script, d)
		}
	}
}

// TestStoredTwice: of several versions of an item, storage has the newest last; but whoever
// says that this has another value is wrong in any order.
func TestStoredTwice(t *testing.T) {
	const script = `
		submit 1 w0x=1
		submit 2 w0x=2
		install 1.0
		install 2.0
		commit 1
		commit 2
		lose 0x
		`
	for _, c := range []struct {
		stored string
		want   Verdict
	}{
		{"extra 0x 1.0;extra 0x 2.0", Valid},
		{"extra 0x 2.0", Valid},
		{"extra 0x 2.0;extra 0x 1.0", Invalid},
		{"extra 0x 2.0=7;extra 0x 2.0", Invalid},
		{"extra 0x 2.0;extra 0x 2.0=7", Invalid},
		{"extra 0x 2.0;extra 0y init=7", Invalid},
		{"extra 0x 2.0;extra 0y init", Valid},
	} {
		rec := parseHistScript(t, script+strings.ReplaceAll(c.stored, ";", "\n")).recording()
		white := NewHistoryChecker(HistoryOptions{})
		if got := len(rec.Feed(white)) == 0; got != (c.want == Valid) {
			t.Errorf("%s: valid: %v", c.stored, got)
		}
		if b := BruteForce(rec); b.Verdict != c.want {
			t.Errorf("%s: %+v", c.stored, b)
		}
		if d := rec.CrossCheck(white, Judges{}); d != nil {
			t.Errorf("%s: %v", c.stored, d)
		}
	}
}

// TestDeleteText: of what is deleted, or is yet to be, a finding says that, and not that none is
// installed.
func TestDeleteText(t *testing.T) {
	for _, tc := range []struct{ script, want string }{
		{`submit 1 r0x d0x
		submit 2 r0x w0x=2
		install 1.1
		commit 1 0<init
		install 2.1
		commit 2 0<init`, `t2 read w0 x = none from the initial state (answered at 0.006000000), which t1 deleted at 0.003000000; ` +
			`t1 deleted w0 x at 0.003000000, before t2 installed "2" at 0.005000000`},
		{`submit 1 r0x w0x=1
		submit 2 r0x d0x
		install 1.1
		commit 1 0<init
		install 2.1
		commit 2 0<init`, `t2 read w0 x = none from the initial state (answered at 0.006000000), which t1 overwrote with "1" at 0.003000000; ` +
			`t1 installed w0 x = "1" at 0.003000000, before t2 deleted it at 0.005000000`},
		{`submit 1 d0x w0y=1
		submit 2 r0x r0y
		install 1.0
		install 1.1
		commit 1
		commit 2 0<1.0 1<init`, `t2 read w0 y = none from the initial state (answered at 0.006000000), which t1 overwrote with "1" at 0.004000000; ` +
			`t1 deleted w0 x, which t2 saw (answered at 0.006000000)`},
		{`submit 1 d0y w1x=1
		submit 2 r0y w1x=2
		install 1.1
		commit 1
		install 2.1
		commit 2 0<init
		doubt 1 0`, `t2 read w0 y = none from the initial state (answered at 0.006000000), and t1 has committed and has yet to delete it; ` +
			`t1 installed w1 x = "1" at 0.003000000, before t2 installed "2" at 0.005000000`},
		{`submit 1 r0y w0y=1
		submit 2 r0y d0y
		install 1.1
		commit 1 0<init
		commit 2 0<init
		doubt 2 0`, `t2 read w0 y = none from the initial state (answered at 0.005000000), which t1 overwrote with "1" at 0.003000000; ` +
			`t1 installed w0 y = "1" at 0.003000000, and t2 has committed and has yet to delete it`},
	} {
		got := parseHistScript(t, tc.script).check(HistoryOptions{}, false).Finish(nil)
		if len(got) != 1 || !strings.HasSuffix(got[0].Text, ": "+tc.want) {
			t.Errorf("%v, want %s", got, tc.want)
		}
	}
}
