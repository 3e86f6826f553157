package analysis

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestHeldTo names what each level makes of histories in which several things are wrong.
func TestHeldTo(t *testing.T) {
	t.Parallel()
	const skews = `
		submit 1 r0x w1y=1
		submit 2 r1y w0x=2
		install 1.1
		install 2.1
		commit 1 0<init
		commit 2 0<init`
	const lost = `
		submit 1 w0x=1 w1y=1
		submit 2 r0x r1y w0x=2
		install 1.0
		install 1.1
		install 2.2
		commit 1
		commit 2 0<init 1<1.1`
	const dirty = `
		submit 1 w0x=1
		submit 2 r0x r0x
		abort! 1
		commit 2 0<1.0 1<1.0=9`
	for _, c := range []struct{ name, script, level, want string }{
		{"write skew", skews, LevelRepeatableRead, "isolation/G2-item/rw-rw"},
		{"write skew", skews, LevelSnapshot, ""},
		{"lost update and fractured read", lost, LevelCursorStability, "isolation/lost-update/rw-ww"},
		{"lost update and fractured read", lost, LevelReadAtomic, "isolation/fractured-read/rw-wr"},
		{"lost update and fractured read", lost, LevelReadCommitted, ""},
		{"dirty read, then garbage", dirty, LevelReadCommitted, "committed-reads/G1a"},
		{"dirty read, then garbage", dirty, LevelReadUncommitted, "committed-reads/garbage"},
		{"two answers", "submit 1 r0x\ncommit 1 0<init\ncommit 1 0<init", LevelReadUncommitted, "one-outcome"},
		{"old version", stale(5000, "0<1.0 1<1.1"), LevelSerializable, ""},
		{"old version", stale(20, "0<1.0 1<1.1"), LevelStrongSnapshot, "isolation/G-nonadjacent-realtime/rt-rw"},
		{"old version", stale(20, "0<1.0 1<1.1"), LevelSnapshot, ""},
		{"write skew", skews, LevelStrongSnapshot, ""},
		{"old version and a new one", stale(5000, "0<1.0 1<5000.1"), LevelReadAtomic, "isolation/fractured-read/rw-"},
		{"old version", stale(5000, "0<1.0 1<1.1"), LevelStrictSerializable, "strict-serializability/stale-read"},
	} {
		h := parseHistScript(t, c.script)
		got := ""
		for _, f := range h.check(HistoryOptions{Isolation: c.level}, false).Finish(nil) {
			got = strings.TrimSpace(got + " " + f.Fingerprint())
		}
		if c.want == "" && got != "" || !strings.HasPrefix(got, c.want) { // cycles can be long
			t.Errorf("%s, held to %s: %q, want %q", c.name, c.level, got, c.want)
		}
	}
}

// stale returns a history of n transactions that write both items and one that reads them.
func stale(n int, reads string) string {
	var b strings.Builder
	step := func(line string, i int) {
		b.WriteString(strings.ReplaceAll(line, "N", strconv.Itoa(i)) + "\n")
	}
	for i := 1; i <= n; i++ {
		step("submit N w0x=N w1y=N", i)
		step("install N.0", i)
		step("install N.1", i)
		step("commit N", i)
	}
	step("submit N r0x r1y", n+1)
	step("commit N "+reads, n+1)
	return b.String()
}

// TestManyParts: that a hot item is in many parts of the graph does not make each of them
// long to look at: that would take a minute.
func TestManyParts(t *testing.T) {
	t.Parallel()
	const n = 24000
	var b strings.Builder
	for i := 1; i <= n; i += 2 { // write skews, one after the other
		fmt.Fprintf(&b, "submit %d r0x w1y=1\nsubmit %d r1y w0x=2\ninstall %d.1\ninstall %d.1\n", i, i+1, i, i+1)
		x, y := "init", "init"
		if i > 1 {
			x, y = fmt.Sprint(i-1, ".1"), fmt.Sprint(i-2, ".1")
		}
		fmt.Fprintf(&b, "commit %d 0<%s\ncommit %d 0<%s\n", i, x, i+1, y)
	}
	h := parseHistScript(t, b.String())
	begin := time.Now()
	if c := h.check(HistoryOptions{Isolation: LevelSnapshot}, false); c.Total() > 0 || c.harmless.total != n/2 {
		t.Errorf("%d findings, %d tolerated", c.Total(), c.harmless.total)
	}
	if took := time.Since(begin); took > 15*time.Second {
		t.Errorf("%d transactions take %v", n, took)
	}
}
