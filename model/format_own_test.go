package model

import (
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/sim"
)

// TestOwnKindTellsOutcome: a message of a protocol's own kind that has an outcome shows it.
func TestOwnKindTellsOutcome(t *testing.T) {
	f := &Formatter{Coordinators: 1, Workers: 1}
	for o, want := range map[Outcome]string{Committed: "committed", Aborted: "aborted timeout", Pending: ""} { // any order: each alone
		m := &Message{Outcome: o}
		if o == Aborted {
			m.Reason = Timeout
		}
		l := f.Line(&sim.Record[Message]{Op: sim.TraceSend, Node: 1, Kind: KindUser, Message: m})
		if got := strings.TrimSpace(l.Detail); got != want {
			t.Errorf("%v: %q", o, got)
		}
	}
}
