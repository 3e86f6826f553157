package analysis

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
)

// histFindings returns the fingerprints of the findings.
func histFindings(c *HistoryChecker) string {
	var got []string
	for _, f := range c.Finish(nil) {
		got = append(got, f.Fingerprint())
	}
	return strings.Join(got, " ")
}

const strictSerializable = "holds: strict serializable"

func TestHistoryCases(t *testing.T) {
	for _, tc := range histCases {
		t.Run(tc.name, func(t *testing.T) {
			h := parseHistScript(t, tc.script)
			c := h.check(HistoryOptions{Window: -1}, false)
			if got := histFindings(c); got != tc.want {
				t.Errorf("findings %q, want %q", got, tc.want)
			}
			if got := c.Levels().String(); got != cmp.Or(tc.levels, strictSerializable) {
				t.Errorf("levels %q, want %q", got, tc.levels)
			}
			for _, f := range c.Finish(nil) {
				t.Logf("%v [%s]\n\t%s", f, f.Txn, strings.Join(f.Records, "\n\t"))
			}
			// What was dropped is named differently, but is as wrong as before.
			eager := h.check(HistoryOptions{}, true)
			if (eager.Total() > 0) != (tc.want != "") {
				t.Errorf("with a cut at every settlement: findings %v, want %q", eager.Finish(nil), tc.want)
			}
		})
	}
}

// TestStaleReadAcrossCut reads a version that was overwritten before the window.
func TestStaleReadAcrossCut(t *testing.T) {
	h := parseHistScript(t, `
		submit 1 w0x=1
		install 1.0
		commit 1
		submit 2 w0x=2
		install 2.0
		commit 2
		submit 3 r0x
		commit 3 0<1.0`)
	c := h.check(HistoryOptions{}, true)
	got := c.Finish(nil)
	if len(got) != 1 || got[0].Anomaly != AnomalyStaleRead {
		t.Fatalf("findings %v, want one stale read", got)
	}
	if levels, want := c.Levels().String(), "holds: none; violated: strong snapshot isolation (G-nonadjacent-realtime); not judged: read uncommitted"; levels != want {
		t.Errorf("%s\nwant %s", levels, want)
	}
	want := `t3 read w0 x = "1" from operation 0 of t1, neither operation 0 of t2 ("2", installed at 0.005000000), ` +
		`which precedes it in real time, nor anything since`
	if got[0].Text != want {
		t.Errorf("text %q\nwant %q", got[0].Text, want)
	}
}

func TestHistoryFindingText(t *testing.T) {
	h := parseHistScript(t, `
		submit 1 r0x w0x=1
		submit 2 r0x w0x=2
		install 1.1
		commit 1 0<init
		install 2.1
		commit 2 0<init`)
	f := h.check(HistoryOptions{}, false).Finish(nil)[0]
	got := f.String() + "\n" + strings.Join(f.Records, "\n")
	want := `strict-serializability (lost update): no serial order: ` +
		`t2 read w0 x = none from the initial state (answered at 0.006000000), which t1 overwrote with "1" at 0.003000000; ` +
		`t1 installed w0 x = "1" at 0.003000000, before t2 installed "2" at 0.005000000
0.001000000  client    submitted  t1
0.002000000  client    submitted  t2
0.003000000  w0        installed  t1      x="1"
0.004000000  client    read       t1      w0 x=none from the initial state
0.004000000  client    answered   t1      committed
0.005000000  w0        installed  t2      x="2"
0.006000000  client    read       t2      w0 x=none from the initial state
0.006000000  client    answered   t2      committed`
	if got != want {
		t.Errorf("finding:\n%s\nwant:\n%s", got, want)
	}
}

// TestFindingHasAnswer: a finding about an attempt that is installed though its client was told
// that it aborted has that answer, which is not the transaction's last.
func TestFindingHasAnswer(t *testing.T) {
	h := parseHistScript(t, `
		submit 1 w0x=1
		abort 1
		begin 1#2 0
		abort 1#2
		install 1#2.0
		begin 1#3 0
		abort! 1#3`)
	f := h.check(HistoryOptions{}, false).Finish(nil)[0]
	want := `0.001000000  client    submitted  t1
0.004000000  client    answered   t1#2    aborted
0.005000000  w0        installed  t1#2    x="1"`
	if got := strings.Join(f.Records, "\n"); !strings.HasPrefix(f.Text, "t1#2 is installed on w0, but its client was told that it aborted") || got != want {
		t.Errorf("%s:\n%s", f.Text, got)
	}
}

// TestHistoryFindingRead: a finding says what was read, and from whom.
func TestHistoryFindingRead(t *testing.T) {
	h := parseHistScript(t, `
		submit 1 w0x=1
		install 1.0
		commit 1
		submit 2 r0x w0x=2
		submit 3 r0x w0x=3
		install 2.1
		install 3.1
		commit 2 0<1.0
		commit 3 0<1.0`)
	got := h.check(HistoryOptions{}, false).Finish(nil)[0].Text
	if want := `t3 read w0 x = "1" from operation 0 of t1 (answered at`; !strings.Contains(got, want) {
		t.Errorf("text %q, want %q in it", got, want)
	}
}

func TestHistoryBounds(t *testing.T) {
	h := newHistScript()
	for i := range uint64(100) {
		h.submit(i+1, []string{"w0x=1"})
		h.answer(model.Committed, true, h.txns[i+1].ID[1:], nil)
	}
	c := h.check(HistoryOptions{MaxFindings: 3}, false)
	if len(c.Finish(nil)) != 3 || c.Total() != 100 || c.log.count[InvDurability] != 100 {
		t.Errorf("kept %d of %d findings, want 3 of 100", len(c.Finish(nil)), c.Total())
	}
	c = NewHistoryChecker(HistoryOptions{})
	for i := range h.events {
		c.Record(&h.events[i])
	}
	c.Truncate()
	if got := c.Finish(nil); len(got) != 0 {
		t.Errorf("findings in a truncated run: %v", got)
	}
}

// TestHistoryMemory shows that the window does not grow with the history.
func TestHistoryMemory(t *testing.T) {
	c := NewHistoryChecker(HistoryOptions{Window: 1000})
	most := 0
	histLoad{clients: 20, workers: 3, keys: 50, ops: 3}.generate(50_000, 7, func(e *model.Event) {
		c.Record(e)
		most = max(most, len(c.order))
	})
	if f := c.Finish(nil); len(f) > 0 {
		t.Fatal(f[0])
	}
	if most > 3000 || len(c.txns) > 3000 || len(c.index.table) > 8192 {
		t.Errorf("window of %d transactions, %d slots, table of %d", most, len(c.txns), len(c.index.table))
	}
}

// TestUnknownDoesNotHoldUp leaves transactions without an end in real time behind:
// some never installed, some installed and overwritten later. The window must hold
// the former only.
func TestUnknownDoesNotHoldUp(t *testing.T) {
	const n, every = 20_000, 1000
	h := newHistScript()
	c := NewHistoryChecker(HistoryOptions{Window: 100})
	most := 0
	for i := uint64(1); i <= n; i++ {
		h.submit(i, []string{fmt.Sprintf("w0x=%d", i)})
		switch name := fmt.Sprint(i); {
		case i%every == 0:
			h.answer(model.Blocked, true, name, nil)
		case i%every == 1:
			h.answer(model.Unknown, true, name, nil)
			h.install(histVersionOf(name + ".0"))
		default:
			h.install(histVersionOf(name + ".0"))
			h.answer(model.Committed, true, name, nil)
		}
		for j := range h.events {
			h.events[j].At = 0
			c.Record(&h.events[j])
		}
		h.events = h.events[:0]
		most = max(most, len(c.order))
	}
	if f := c.Finish(slices.Values(h.stores)); len(f) > 0 {
		t.Fatal(f[0])
	}
	if most > 300 {
		t.Errorf("%d transactions in the window, want few more than 100 and the %d blocked", most, n/every)
	}
}

// TestHistoryDeterministic checks a wrong history twice.
func TestHistoryDeterministic(t *testing.T) {
	p := histChaos{txns: 200, keys: 4, spread: 4, stray: 0.3, damage: 1}
	text := func() string {
		h := p.generate(rand.New(rand.NewPCG(3, 4)))
		return histDump(h, h.check(HistoryOptions{Window: 50}, false))
	}
	first := text()
	for range 3 {
		if text() != first {
			t.Fatal("two checks of the same history differ")
		}
	}
	if !strings.Contains(first, "no serial order") {
		t.Error("the history has no cycle: the test shows little")
	}
}

// findsInDoubt checks the findings about the script if one worker is in doubt at its end.
func (h *histScript) findsInDoubt(t *testing.T, inDoubt int, want string) {
	t.Helper()
	c := NewHistoryChecker(HistoryOptions{})
	for i := range h.events {
		c.Record(&h.events[i])
	}
	c.Undecided(func(_ uint64, worker int) bool { return worker == inDoubt })
	if got := histFindings(c); got != want {
		t.Errorf("w%d in doubt: findings %q, want %q", inDoubt, got, want)
	}
}

// TestUndecided excuses what a worker in doubt has not installed.
func TestUndecided(t *testing.T) {
	h := parseHistScript(t, `
		submit 1 w0x=1 w1y=1
		install 1.0
		commit 1
		submit 2 w0x=2 w1y=2
		install 2.0
		blocked 2`)
	h.findsInDoubt(t, 1, "")
	h.findsInDoubt(t, 0, "durability/lost-write atomicity/lost-write atomicity/lost-write")
}

// TestUndecidedRead excuses a read of what a worker had applied that died for
// good before its record of the commit was on disk: its log is in doubt.
func TestUndecidedRead(t *testing.T) {
	h := parseHistScript(t, `
		submit 1 w0x=1 w1y=1
		install 1.0
		commit 1
		submit 2 r1y
		commit 2 0<1.1`)
	h.findsInDoubt(t, 1, "")
	h.findsInDoubt(t, 0, "durability/lost-write atomicity/lost-write committed-reads/G1a")
}

// TestUndecidedReadsNothing: of what a worker in doubt is to install, another worker lacks only
// the writes that count.
func TestUndecidedReadsNothing(t *testing.T) {
	parseHistScript(t, `
		submit 1 r0x w0y=1 w0y=2 w1z=1
		install 1.2
		commit 1 0<init`).findsInDoubt(t, 1, "")
}

// TestStoreFindingRecords: a finding about storage shows the install that is lost.
func TestStoreFindingRecords(t *testing.T) {
	fs := parseHistScript(t, "submit 1 w0x=1\ninstall 1.0\ncommit 1\nlose 0x").check(HistoryOptions{}, false).Finish(nil)
	if want := `0.002000000  w0        installed  t1      x="1"`; len(fs) != 1 || fs[0].Txn != "t1" || strings.Join(fs[0].Records, "\n") != want {
		t.Errorf("%+v, want the record %q", fs, want)
	}
}
