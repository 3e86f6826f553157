package sim

import (
	"testing"
	"time"
)

// TestSessions: a node keeps of sessions only those with messages on their way, and
// messages of two travel apart.
func TestSessions(t *testing.T) {
	w, tape := taped(t, Config[note]{Network: Network{Share: true, Links: []Link{{Delay: dist(t, "exp(1ms)"), Session: true}}}})
	add(w, "a", hooks{
		start: func(e *Env[note]) { e.SetTimer(0, 0) },
		fired: func(e *Env[note], n uint64) {
			for i := range Label(3) {
				e.Send(1, Mail{Kind: 1, Label: Label(n)*3 + i}, note{})
				e.Send(1, Mail{Kind: 2, Label: Label(n)*3 + i}, note{})
			}
			if n < 1000 {
				e.SetTimer(ms, n+1)
			}
		},
	})
	came := map[Time]int{}
	add(w, "b", hooks{receive: func(e *Env[note], _ NodeID, _ Mail, _ *note) { came[e.Now()]++ }})
	tape.quiet(t)
	if s := w.Stats(); s.Packets != 3*1001 || s.Messages != 6*1001 || len(came) != 3*1001 {
		t.Errorf("%d packets of %d messages came at %d times", s.Packets, s.Messages, len(came))
	}
	if n := len(w.nodes[0].sessions.last); n == 0 || n > 60 {
		t.Errorf("a keeps %d sessions", n)
	}
}

// TestManySessions: each of many sessions keeps its order, with messages that take long and
// such that take no time.
func TestManySessions(t *testing.T) {
	w, tape := taped(t, Config[note]{Network: Network{Links: []Link{{Delay: dist(t, "empirical(0s, 0s, 50ms)"), Session: true}}}})
	const lines = 60
	add(w, "a", hooks{
		start: func(e *Env[note]) { e.SetTimer(0, 0) },
		fired: func(e *Env[note], n uint64) {
			e.Send(1, Mail{Kind: 1, Label: Label(n % lines), Again: uint32(n)}, note{n: int(n)})
			if n < 5000 {
				e.SetTimer(200*time.Microsecond, n+1)
			}
		},
	})
	var last [lines]int
	at := map[Time]int{}
	add(w, "b", hooks{receive: func(e *Env[note], _ NodeID, mail Mail, m *note) {
		if m.n < last[mail.Label] {
			t.Errorf("%d of line %d was overtaken by %d", m.n, mail.Label, last[mail.Label])
		}
		last[mail.Label] = m.n
		at[e.Now()]++
	}})
	tape.quiet(t)
	if len(at) < 2000 {
		t.Errorf("they came at %d times", len(at))
	}
}
