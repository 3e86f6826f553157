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

// TestOwnKindTellsVote: a message of a protocol's own kind that votes shows how, with what a
// KindVote shows.
func TestOwnKindTellsVote(t *testing.T) {
	f := &Formatter{Coordinators: 1, Workers: 1}
	for want, m := range map[string]Message{ // any order: each alone
		"yes  op 2=none":             {Vote: VoteYes, Reads: []ReadResult{{Op: 2}}},
		"read-only  op 0=\"a\"":      {Vote: VoteRead, Reads: []ReadResult{{Found: true, Value: "a"}}},
		"no   conflict on x with t3": {Vote: VoteNo, Reason: Conflict, Payload: &Obstacle{Key: "x", Other: Attempt{3, 1}}},
		"op 1=none":                  {Reads: []ReadResult{{Op: 1}}},
	} {
		if got := f.Message(KindUser, &m); got != "user "+want {
			t.Errorf("%q, want %q", got, want)
		}
		if got, vote := f.Message(KindUser, &m), f.Message(KindVote, &m); got != "user"+vote[len("vote"):] {
			t.Errorf("%q, and of a vote %q", got, vote)
		}
	}
}

// TestRefusalWithResults: a protocol of one's own may refuse and tell what it has read all the
// same.
func TestRefusalWithResults(t *testing.T) {
	f := &Formatter{Coordinators: 1, Workers: 1}
	m := &Message{Outcome: Aborted, Reason: Conflict, Reads: []ReadResult{{Value: "1", Found: true}}, Txn: &Transaction{Ops: []Op{{Key: "x"}}}}
	if got, want := f.Message(KindDone, m), `done aborted conflict x="1"`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
