package model

import (
	"testing"

	"github.com/seed83d86191/txsim/sim"
)

// TestStartOnMany: of the workers of a large transaction, the log names the first eight.
func TestStartOnMany(t *testing.T) {
	for ops, want := range map[string]string{
		"w0 read a; w1 read a; w2 read a; w3 read a; w4 read a; w5 read a; w6 read a; w7 read a":                       "8 ops on w0 w1 w2 w3 w4 w5 w6 w7",
		"w0 read a; w1 read a; w2 read a; w3 read a; w4 read a; w5 read a; w6 read a; w7 read a; w8 read a; w9 read a": "10 ops on w0 w1 w2 w3 w4 w5 w6 w7 and 2 more",
	} {
		f := Formatter{Coordinators: 1, Workers: 10}
		l := f.Line(&sim.Record[Message]{Op: sim.TraceNote, Kind: KindStart, Peer: sim.Nobody, Message: &Message{Txn: script(ops)[0]}})
		if l.Detail != want {
			t.Errorf("%q, want %q", l.Detail, want)
		}
	}
}

// TestAnswerLine: the log shows what an answer says, whoever reads only what is sent.
func TestAnswerLine(t *testing.T) {
	var f Formatter
	for _, c := range []struct {
		m    Message
		want string
	}{
		{Message{Outcome: Committed}, "answer committed"},
		{Message{Outcome: Aborted, Reason: Conflict, Payload: &Obstacle{"x", Attempt{2, 1}}}, `answer aborted conflict on x with t2`},
		{Message{Outcome: Unknown, Reason: CoordinatorLost}, "answer unknown coordinator crashed"},
	} {
		if got := f.Message(KindAnswer, &c.m); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
