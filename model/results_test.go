package model

import (
	"testing"

	"github.com/seed83d86191/txsim/sim"
)

// What a client is told says which worker each value is from, in the order in which
// the transaction asked, not in that in which the workers answered; a vote is from one
// worker, which its line names.
func TestResultsOfWorkers(t *testing.T) {
	txn := &Transaction{ID: "t2", Index: 2, Ops: []Op{
		{Kind: Read, Worker: 1, Key: "k"}, {Kind: Write, Worker: 0, Key: "x"}, {Kind: Read, Worker: 0, Key: "k"}, {Kind: Read, Worker: 1, Key: "a b"}}}
	txn.Compile()
	m := &Message{Attempt: Attempt{2, 1}, Txn: txn, Outcome: Committed, Vote: VoteYes, Final: true, Peer: 0,
		Reads: []ReadResult{{Op: 2, Found: true, Value: "7"}, {Op: 0, Found: true, Value: "5"}, {Op: 3}}}
	f := &Formatter{Coordinators: 1, Workers: 2}
	outcome := f.Line(&sim.Record[Message]{Op: sim.TraceNote, Node: 3, Kind: KindOutcome, Label: m.Attempt.Label(), Message: m})
	if want := `committed  0.000ms  w1 k="5" w0 k="7" w1 "a b"=none`; outcome.Detail != want {
		t.Errorf("outcome %s, expected %s", outcome.Detail, want)
	}
	if got, want := f.Message(KindVote, m), `vote yes  k="7" k="5" "a b"=none`; got != want {
		t.Errorf("%s, expected %s", got, want)
	}
	if m.Reads[0].Op != 2 {
		t.Error("the message was changed")
	}
}

// TestWoundQuotesKey: a key may hold a line end, a line of the log none.
func TestWoundQuotesKey(t *testing.T) {
	f := Formatter{Coordinators: 1, Workers: 1}
	if got := f.Message(KindWound, &Message{Payload: &Obstacle{"a\nb", Attempt{3, 1}}}); got != `wound for t3 on "a\nb"` {
		t.Errorf("%q", got)
	}
}

// TestWhoAnswers: an outcome is said by the node that told it; that nobody did, the client
// finds by itself.
func TestWhoAnswers(t *testing.T) {
	f := Formatter{Coordinators: 1, Workers: 2}
	const client = sim.NodeID(3)
	for outcome, want := range map[Outcome]string{Committed: "C0", Aborted: "C0", Unknown: f.Node(client), Blocked: f.Node(client)} {
		l := f.Line(&sim.Record[Message]{Op: sim.TraceNote, Node: client, Kind: KindOutcome, Message: &Message{Peer: 0, Outcome: outcome, Final: true}})
		if l.Who != want {
			t.Errorf("%s is said by %s, want %s", outcome, l.Who, want)
		}
	}
}
