package analysis

import (
	"testing"

	"github.com/seed83d86191/txsim/model"
)

// TestBruteForceInstalls: a transaction installs what it writes last, and of one try.
func TestBruteForceInstalls(t *testing.T) {
	for _, c := range []struct{ script, why string }{
		{`submit 1 w0x=5 w0x=6
		install 1.0
		install 1.1
		commit 1`, "t1 installs what it does not write last"},
		{`submit 1 w0x=5 w0y=6
		install 1#1.0
		install 1#2.1
		unknown 1#2`, "several tries of t1 are installed"},
	} {
		if b := BruteForce(parseHistScript(t, c.script).recording()); b.Verdict != Invalid || b.Why != c.why {
			t.Errorf("%s\n%+v", c.script, b)
		}
	}
}

// TestBruteForceNotSubmitted: only what begins may be of a transaction that was not
// submitted.
func TestBruteForceNotSubmitted(t *testing.T) {
	for kind, want := range map[model.EventKind]Verdict{model.Began: Valid, model.Answered: Invalid, model.Installed: Invalid} {
		e := model.Event{Kind: kind, Attempt: model.Attempt{Txn: 9, Try: 1}, Outcome: model.Committed}
		e.Version.Attempt = e.Attempt
		if b := BruteForce(&Recording{Events: []model.Event{e}, Complete: true}); b.Verdict != want {
			t.Errorf("%v: %+v", kind, b)
		}
	}
}
