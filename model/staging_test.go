package model

import (
	"testing"

	"github.com/seed83d86191/txsim/sim"
)

// TestStagingOverwrite: what a transaction overwrites itself takes no room: neither its
// bytes nor, once it is deleted again, its key. Nor does it take room for one key more if it
// deletes one that is stored, as s is.
func TestStagingOverwrite(t *testing.T) {
	for _, c := range []struct {
		ops  string
		room Resources
		want Outcome
	}{
		{"w0 write a = 12345; w0 write a = 123456", Resources{Staging: 7}, Committed},
		{"w0 write a = 12345; w0 write a = 123456", Resources{Staging: 6}, Aborted},
		{"w0 write a = 1; w0 delete a; w0 write b = 1", Resources{Keys: 1}, Committed},
		{"w0 delete a; w0 write a = 1; w0 write b = 1", Resources{Keys: 1}, Aborted},
		{"w2 delete s; w2 write b = 1", Resources{Keys: 1}, Committed},
		{"w2 delete a; w2 write b = 1", Resources{Keys: 1}, Aborted},
	} {
		cfg := labConfig()
		cfg.Resources = c.room
		l := newLab(cfg, script("w2 write s = 1", "@20ms "+c.ops+"; w1 write q = 1")).run(t)
		if e := l.answer(2); e.Outcome != c.want {
			t.Errorf("%s in %+v: %v (%v), want %v", c.ops, c.room, e.Outcome, e.Reason, c.want)
		}
	}
}

// TestRestoredTakesRoom: what a worker is in doubt about takes room after a crash as before.
func TestRestoredTakesRoom(t *testing.T) {
	for _, room := range []Resources{{Keys: 1}, {Staging: 3}} {
		cfg := labConfig()
		cfg.Resources = room
		l := newLab(cfg, script("w0 write a = 1; w1 write q = 1", "@12ms w0 write b = 2", "@60ms w0 write a = 3"),
			strikeAt{node: "C0", point: sim.BeforeSend, kind: KindPrepare, peer: "w1", do: late(13 * ms)},
			strikeAt{node: "w0", point: sim.AfterSend, kind: KindVote, do: crash(ms)}).run(t)
		if a, b, c := l.answer(1), l.answer(2), l.answer(3); a.Outcome != Committed || b.Reason != Full || c.Outcome != Committed {
			t.Errorf("%+v: %v, %v (%v), %v; want committed, aborted (full), committed", room, a.Outcome, b.Outcome, b.Reason, c.Outcome)
		}
	}
}
