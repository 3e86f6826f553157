package analysis

import (
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// TestToldOtherwise: a worker in doubt does what it has been told, whatever the coordinator has
// decided.
func TestToldOtherwise(t *testing.T) {
	vote := func(p causePad) { p.prepared(padW0, t1) }
	tell := func(k sim.Kind) func(p causePad) {
		return func(p causePad) { p.between(padC0, padW0, k, model.Message{Presumed: true, Vote: model.VoteYes}) }
	}
	commit, abort := tell(model.KindCommit), tell(model.KindAbort)
	logs := func(k sim.Kind) func(p causePad) { return func(p causePad) { p.append(padW0, k, t1) } }
	commits, aborts := logs(model.KindCommit), logs(model.KindAbort)
	notes := func(p causePad) { p.note(padW0, model.KindCommitted, t1, model.Message{}) }
	sync := func(p causePad) { p.synced(padW0) }
	crash := func(p causePad) { p.crash(padW0); p.befall(sim.TraceRestart, padW0, 2) }
	text := func(told, does string) string {
		return "w0, in doubt about t1, has been told that it is " + told + ", and now says \"" + does + "\""
	}
	testHeard(t, "told otherwise", []heardCase{
		{"told to commit", nil, []func(p causePad){vote, commit, commits}, ""},
		{"told to abort", nil, []func(p causePad){vote, abort, aborts}, ""},
		{"told to commit, and aborts", nil, []func(p causePad){vote, commit, aborts}, text("committed", "abort")},
		{"told to abort, and commits", nil, []func(p causePad){vote, abort, commits}, text("aborted", "commit")},
		{"told to abort, and commits without a record", nil, []func(p causePad){vote, abort, notes}, text("aborted", "committed")},
		{"told both, and commits", nil, []func(p causePad){vote, abort, commit, commits}, ""},
		{"told both, and aborts", nil, []func(p causePad){vote, abort, commit, aborts}, ""},
		{"told to abort, and in the next life to commit", nil, []func(p causePad){vote, abort, crash, commit, commits}, ""},
		{"told to commit in the life before, and now to abort", nil, []func(p causePad){vote, commit, commits, crash, abort, commits}, text("aborted", "commit")},
		{"says so before its vote leaves", nil, []func(p causePad){logs(model.KindPrepare), sync, abort,
			func(p causePad) { p.send(padW0, model.KindVote, t1, model.Message{Vote: model.VoteYes}) }, commits}, text("aborted", "commit")},
		{"without a vote", nil, []func(p causePad){logs(model.KindPrepare), abort, commits}, ""},
		{"in another protocol", ownReasons, []func(p causePad){vote, commit, aborts}, ""},
	})
}

// TestDecisionRecord: a coordinator says and logs one decision.
func TestDecisionRecord(t *testing.T) {
	vote := func(p causePad) { p.prepared(padW0, t1); p.prepared(padW1, t1) }
	logs := func(k sim.Kind) func(p causePad) { return func(p causePad) { p.append(padC0, k, t1) } }
	says := func(o model.Outcome) func(p causePad) {
		return func(p causePad) { p.note(padC0, model.KindDecide, t1, model.Message{Outcome: o}) }
	}
	commit, abort, decideCommit, decideAbort := logs(model.KindCommit), logs(model.KindAbort), says(model.Committed), says(model.Aborted)
	tells := func(p causePad) { p.send(padC0, model.KindAbort, t1, model.Message{}) }
	sync := func(p causePad) { p.synced(padC0) }
	crash := func(p causePad) { p.crash(padC0); p.befall(sim.TraceRestart, padC0, 2) }
	const (
		text  = "C0 says that t1 is aborted, and its log has the commit record"
		after = "C0 appended its commit record of t1, and has said that it is aborted"
	)
	testHeard(t, "another record", []heardCase{
		{"a commit", nil, []func(p causePad){vote, commit, sync, decideCommit}, ""},
		{"an abort", under(1), []func(p causePad){vote, abort, sync, decideAbort}, ""},
		{"an abort after the commit record", nil, []func(p causePad){vote, commit, decideAbort}, text},
		{"an abort is told after the commit record", nil, []func(p causePad){vote, commit, sync, tells}, text},
		{"the end stands behind the commit record", nil, []func(p causePad){vote, commit, logs(model.KindEnd), tells}, text},
		{"the commit record is kept", nil, []func(p causePad){vote, commit, sync, crash, tells}, text},
		{"the commit record is lost", nil, []func(p causePad){vote, commit, crash, tells}, ""},
		{"a commit record after the abort", nil, []func(p causePad){vote, decideAbort, commit}, after},
		{"a commit record after an abort that was told", nil, []func(p causePad){vote, tells, commit}, after},
		{"a second attempt commits", nil, []func(p causePad){vote, decideAbort, func(p causePad) { p.append(padC0, model.KindCommit, t2) }}, ""},
		{"said twice, which is another finding", nil, []func(p causePad){vote, decideCommit, commit, decideAbort}, ""},
		{"of what nobody has promised", nil, []func(p causePad){commit, decideAbort}, ""},
		{"a worker's record", nil, []func(p causePad){vote, decideAbort, func(p causePad) { p.append(padW0, model.KindCommit, t1) }}, ""},
		{"in another protocol", ownReasons, []func(p causePad){vote, commit, decideAbort}, ""},
	})
}

// TestAckOfAnother: who has promised acknowledges what was decided.
func TestAckOfAnother(t *testing.T) {
	vote := func(p causePad) { p.prepared(padW0, t1) }
	decide := func(p causePad) { p.note(padC0, model.KindDecide, t1, model.Message{Outcome: model.Committed}) }
	ack := func(o model.Outcome) func(p causePad) {
		return func(p causePad) { p.send(padW0, model.KindAck, t1, model.Message{Outcome: o}) }
	}
	testHeard(t, "another ack", []heardCase{
		{"a commit", nil, []func(p causePad){vote, decide, ack(model.Committed)}, ""},
		{"no outcome", nil, []func(p causePad){vote, decide, ack(model.Pending)}, ""},
		{"an abort", nil, []func(p causePad){vote, decide, ack(model.Aborted)}, "w0 acknowledges that t1, on which it has voted YES, is aborted, and it was committed"},
		{"an abort of what was not prepared", nil, []func(p causePad){decide, ack(model.Aborted)}, ""},
		{"an abort of what nobody decided", nil, []func(p causePad){vote, ack(model.Aborted)}, ""},
		{"in another protocol", ownReasons, []func(p causePad){vote, decide, ack(model.Aborted)}, ""},
	})
}
