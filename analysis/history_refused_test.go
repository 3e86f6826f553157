package analysis

import (
	"testing"

	"github.com/seed83d86191/txsim/model"
)

// TestRefusedInStorage: what should not have been installed is in storage all the same, and
// nothing that was installed before it is lost.
func TestRefusedInStorage(t *testing.T) {
	const twoAttempts = "one-commit/dirty-write"
	for _, tc := range []struct{ name, script, stored, want string }{
		{"a second attempt", "submit 1 w0x=1\ninstall 1.0\ninstall 1#2.0\ncommit 1", "1#2.0", twoAttempts},
		{"a second attempt, and the first one in storage", "submit 1 w0x=1\ninstall 1.0\ninstall 1#2.0\ncommit 1", "1.0", twoAttempts + " durability/lost-write"},
		{"a second attempt behind another transaction",
			"submit 1 w0x=1\ninstall 1.0\ncommit 1\nsubmit 2 w0x=2\ninstall 2.0\ncommit 2\ninstall 1#2.0", "1#2.0", twoAttempts},
		{"another transaction behind a second attempt",
			"submit 1 w0x=1\ninstall 1.0\ninstall 1#2.0\ncommit 1\nsubmit 2 w0x=2\ninstall 2.0\ncommit 2", "2.0", twoAttempts},
		{"a second attempt, and the first one again",
			"submit 1 w0x=1\ninstall 1.0\ninstall 1#2.0\ninstall 1.0\ncommit 1", "1.0", twoAttempts + " atomicity/duplicate-apply"},
		{"a superseded write", "submit 1 w0x=1 w0x=2\ninstall 1.1\ninstall 1.0\ncommit 1", "1.0", "atomicity/dirty-write"},
	} {
		h := parseHistScript(t, tc.script)
		v := histVersionOf(tc.stored)
		h.stores = []model.StoredItem{{Worker: 0, Key: "x", Value: h.txns[v.Txn].Ops[v.Op].Value, Version: v}}
		c := h.check(HistoryOptions{}, false)
		if got := histFindings(c); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
		rec := &Recording{Events: h.events, Stores: h.stores, Complete: true}
		if b := BruteForce(rec); b.Verdict != Invalid {
			t.Errorf("%s: all orders: %v", tc.name, b)
		}
	}
}

// TestUnread: levels are judged of the commits that told results, if there is one.
func TestUnread(t *testing.T) {
	for _, tc := range []struct {
		script, want string
		unread       int
	}{
		{"submit 1 r0x w0x=1\ninstall 1.1\ncommit 1", "not judged", 1},
		{"submit 1 r0x w0x=1\ninstall 1.1\ncommit 1\nsubmit 2 r0x\ncommit 2 0<1.1", strictSerializable, 1},
		{"submit 1 w0x=1\ninstall 1.0\ncommit 1", strictSerializable, 0},
	} {
		l := parseHistScript(t, tc.script).check(HistoryOptions{}, false).Levels()
		if l.String() != tc.want || l.Unread() != tc.unread {
			t.Errorf("%q: %v, %d unread; want %s, %d", tc.script, l, l.Unread(), tc.want, tc.unread)
		}
	}
}
