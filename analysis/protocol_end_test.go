package analysis

import (
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

func under(protocol int) func(c *model.Config) {
	return func(c *model.Config) { c.Protocol = model.Protocols()[protocol] }
}

// TestEnd: a coordinator logs the end of an attempt when all have acknowledged the decision
// of whom it had heard YES before it decided.
func TestEnd(t *testing.T) {
	vote := func(w sim.NodeID, v model.Vote) func(p causePad) { return func(p causePad) { p.vote(w, v, 0) } }
	logs := func(k sim.Kind, a model.Attempt) func(p causePad) {
		return func(p causePad) { p.append(padC0, k, a) }
	}
	ack := func(w sim.NodeID, o model.Outcome) func(p causePad) {
		return func(p causePad) { p.between(w, padC0, model.KindAck, model.Message{Outcome: o}) }
	}
	sent := func(p causePad) { p.send(padW1, model.KindAck, t1, model.Message{Outcome: model.Committed}) }
	stray := func(p causePad) { p.between(padW1, padW0, model.KindAck, model.Message{Outcome: model.Committed}) }
	yes0, yes1, read1, no1 := vote(padW0, model.VoteYes), vote(padW1, model.VoteYes), vote(padW1, model.VoteRead), vote(padW1, model.VoteNo)
	commit, abort, end := logs(model.KindCommit, t1), logs(model.KindAbort, t1), logs(model.KindEnd, t1)
	ack0, ack1, done0 := ack(padW0, model.Committed), ack(padW1, model.Committed), ack(padW0, model.Aborted)
	says := func(o model.Outcome) func(p causePad) {
		return func(p causePad) { p.note(padC0, model.KindDecide, t1, model.Message{Outcome: o}) }
	}
	crash := func(p causePad) { p.crash(padC0); p.befall(sim.TraceRestart, padC0, 2) }
	sync := func(p causePad) { p.synced(padC0) }
	again := func(p causePad) { p.request(t2, 2) }
	third := func(p causePad) { p.request(model.Attempt{Txn: 1, Try: 3}, 2) }
	later := func(k sim.Kind, m model.Message) func(p causePad) {
		return func(p causePad) { p.trace(sim.TraceDeliver, padC0, padW0, k, m.Attempt, 0, &m) }
	}
	nothing, collecting := under(1), under(2)
	lacks := func(w string) string {
		return "C0 appended its end record of t1, and " + w + ", whose YES it had heard before it decided, has not acknowledged the decision"
	}
	testHeard(t, "acks missing", []heardCase{
		{"all acks", nil, []func(p causePad){yes0, yes1, commit, ack0, ack1, end}, ""},
		{"one ack is missing", nil, []func(p causePad){yes0, yes1, commit, ack0, end}, lacks("w1")},
		{"both are missing, which is told once", nil, []func(p causePad){yes0, yes1, commit, end}, lacks("w0")},
		{"one ack twice", nil, []func(p causePad){yes0, yes1, commit, ack0, ack0, end}, lacks("w1")},
		{"one ack is on its way", nil, []func(p causePad){yes0, yes1, commit, ack0, sent, end}, lacks("w1")},
		{"one ack comes to another node", nil, []func(p causePad){yes0, yes1, commit, ack0, stray, end}, lacks("w1")},
		{"one ack comes later", nil, []func(p causePad){yes0, yes1, commit, ack0, end, ack1}, lacks("w1")},
		{"one had voted READ", nil, []func(p causePad){yes0, read1, commit, ack0, end}, ""},
		{"an ack to an earlier life", nil, []func(p causePad){yes0, yes1, commit, sync, ack1, crash, ack0, end}, ""},
		{"a missing ack in another life", nil, []func(p causePad){yes0, yes1, commit, sync, ack0, crash, end}, lacks("w1")},
		{"aborts acknowledged", nothing, []func(p causePad){yes0, no1, abort, done0, end}, ""},
		{"aborts not acknowledged", nothing, []func(p causePad){yes0, no1, abort, end}, lacks("w0")},
		{"YES after the abort is logged", nothing, []func(p causePad){no1, abort, yes0, end}, ""},
		{"YES of who had voted NO", nothing, []func(p causePad){yes0, no1, yes1, abort, done0, end}, ""},
		{"YES after the abort is decided", collecting, []func(p causePad){logs(model.KindCollecting, t1), says(model.Aborted), yes0, end}, ""},
		{"YES before the abort is decided", collecting, []func(p causePad){logs(model.KindCollecting, t1), yes0, says(model.Aborted), end}, lacks("w0")},
		{"once the client tries again", nothing, []func(p causePad){yes0, abort, again, end}, lacks("w0")},
		{"acknowledged once the client tries again", nothing, []func(p causePad){yes0, abort, again, done0, end}, ""},
		{"acknowledged is the attempt behind it", nothing, []func(p causePad){yes0, abort, again, later(model.KindVote, model.Message{Attempt: t2, Vote: model.VoteYes}),
			logs(model.KindAbort, t2), third, later(model.KindAck, model.Message{Attempt: t2, Outcome: model.Aborted}), end}, lacks("w0")},
		{"a worker's end", nil, []func(p causePad){yes0, yes1, commit, func(p causePad) { p.append(padW0, model.KindEnd, t1) }}, ""},
		{"in another protocol", ownReasons, []func(p causePad){yes0, yes1, commit, end}, ""},
	})
}

// TestEndRecords: the finding shows who had promised, and what is decided.
func TestEndRecords(t *testing.T) {
	found := judged(nil, func(p causePad) {
		p.vote(padW0, model.VoteYes, 0)
		p.vote(padW1, model.VoteYes, 0)
		p.append(padC0, model.KindCommit, t1)
		p.append(padC0, model.KindEnd, t1)
	})
	for _, f := range found {
		if f.Shape == "acks missing" {
			if all := strings.Join(f.Records, "\n"); f.Invariant != InvLogGrammar || f.Txn != "t1" || !strings.Contains(all, "commit record") || !strings.Contains(all, "end record") {
				t.Errorf("%s of %s:\n%s", f.Invariant, f.Txn, all)
			}
			return
		}
	}
	t.Errorf("not found: %v", found)
}
