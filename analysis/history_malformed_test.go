package analysis

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
)

// TestMalformedInstall: an install of what its transaction does not write there is reported,
// whatever is wrong about the event, and does not count.
func TestMalformedInstall(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(e *model.Event)
	}{
		{"another worker", func(e *model.Event) { e.Worker = 1 }},
		{"another key", func(e *model.Event) { e.Key = "z" }},
		{"no operation", func(e *model.Event) { e.Version.Op = -1 }},
		{"an operation too many", func(e *model.Event) { e.Version.Op = 2 }},
		{"a read", func(e *model.Event) { e.Version.Op = 1 }},
	} {
		h := parseHistScript(t, "submit 1 w0x=1 r0x\ninstall 1.0\ncommit 1 1<1.0")
		h.stores = nil
		tc.change(&h.events[1])
		got := histFindings(h.check(HistoryOptions{}, false))
		if !strings.HasPrefix(got, "atomicity/dirty-write ") || !strings.Contains(got, "durability/lost-write") {
			t.Errorf("%s: %q", tc.name, got)
		}
	}
}

// TestMalformedRead: a read of a version that cannot be is reported.
func TestMalformedRead(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(v *model.Version)
	}{
		{"of no operation", func(v *model.Version) { v.Op = -1 }},
		{"of an operation too many", func(v *model.Version) { v.Op = 1 }},
		{"of one far beyond", func(v *model.Version) { v.Op = 9 }},
		{"of what was never submitted", func(v *model.Version) { v.Txn = 99 }},
	} {
		h := parseHistScript(t, "submit 1 w0x=1\ninstall 1.0\ncommit 1\nsubmit 2 r0x\ncommit 2 0<1.0")
		tc.change(&h.events[4].Reads[0].Version)
		if got := histFindings(h.check(HistoryOptions{}, false)); got != "committed-reads/garbage" {
			t.Errorf("%s: %q", tc.name, got)
		}
	}
}

// TestReplayDistrustsGraph: an order that does not give each read its version is reported though
// the graph has no cycle.
func TestReplayDistrustsGraph(t *testing.T) {
	h := parseHistScript(t, "submit 1 w0x=1\ninstall 1.0\ncommit 1\nsubmit 2 r0x\ncommit 2 0<1.0")
	for wrong, want := range map[bool]string{false: "", true: "strict-serializability"} {
		c := NewHistoryChecker(HistoryOptions{Window: -1})
		for i := range h.events {
			c.Record(&h.events[i])
		}
		c.resolve()
		c.buildGraph()
		if !c.peel() {
			t.Fatal("the history has a cycle")
		}
		if wrong {
			slices.Reverse(c.comps.order)
		}
		c.markDropped(&c.graph, 0, true)
		c.replayDropped()
		var got []string
		for _, f := range c.log.kept {
			got = append(got, f.Fingerprint())
		}
		if strings.Join(got, " ") != want || c.lossy != wrong {
			t.Errorf("wrong order %v: %q, lossy %v", wrong, got, c.lossy)
		}
	}
}
