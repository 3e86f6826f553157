package model

import "testing"

// TestStagingOverwrite: what a transaction overwrites itself takes no room: neither its
// bytes nor, once it is deleted again, its key.
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
	} {
		cfg := labConfig()
		cfg.Resources = c.room
		l := newLab(cfg, script(c.ops+"; w1 write q = 1")).run(t)
		if e := l.answer(1); e.Outcome != c.want {
			t.Errorf("%s in %+v: %v (%v), want %v", c.ops, c.room, e.Outcome, e.Reason, c.want)
		}
	}
}
