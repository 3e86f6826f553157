package analysis

import (
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// heardCase is a case of TestVotesHeard and TestDecisionHeard: steps, and the texts that are found.
type heardCase struct {
	name  string
	set   func(c *model.Config)
	steps []func(p causePad)
	want  string
}

func testHeard(t *testing.T, shape string, cases []heardCase) {
	t.Helper()
	for _, tc := range cases {
		if got := foundAfter(tc.set, shape, tc.steps); got != tc.want {
			t.Errorf("%s: %q", tc.name, got)
		}
	}
}

func ownReasons(c *model.Config) { c.Protocol = unaccountable{model.Protocols()[0].(model.TwoPhase)} }

// TestVotesHeard: a coordinator commits when it has heard all votes, and of this attempt.
func TestVotesHeard(t *testing.T) {
	vote := func(w sim.NodeID, v model.Vote) func(p causePad) { return func(p causePad) { p.vote(w, v, 0) } }
	yes0, yes1, read1, no1 := vote(padW0, model.VoteYes), vote(padW1, model.VoteYes), vote(padW1, model.VoteRead), vote(padW1, model.VoteNo)
	unheard := func(p causePad) { p.send(padW1, model.KindVote, t1, model.Message{Vote: model.VoteYes, Part: 1}) }
	record := func(p causePad) { p.append(padC0, model.KindCommit, t1) }
	decide := func(p causePad) { p.note(padC0, model.KindDecide, t1, model.Message{Outcome: model.Committed}) }
	send := func(p causePad) { p.send(padC0, model.KindCommit, t1, model.Message{}) }
	again := func(p causePad) { p.request(t2, 2) }
	second := func(p causePad) { p.note(padC0, model.KindDecide, t2, model.Message{Outcome: model.Committed}) }
	const one = "C0 commits t1, and C0 has heard votes for commit of 1 of its 2 workers"
	testHeard(t, "without votes", []heardCase{
		{"all YES", nil, []func(p causePad){yes0, yes1, record, decide, send}, ""},
		{"YES and READ", nil, []func(p causePad){yes0, read1, record, decide, send}, ""},
		{"one is missing", nil, []func(p causePad){yes0, record, decide, send}, one},
		{"one comes after the record", nil, []func(p causePad){yes0, record, yes1, decide, send}, one},
		{"one is missing, and there is no record", nil, []func(p causePad){yes0, decide}, one},
		{"one is missing, and nothing is said before", nil, []func(p causePad){yes0, send}, one},
		{"one is sent and not heard", nil, []func(p causePad){yes0, unheard, record}, one},
		{"one twice", nil, []func(p causePad){yes0, yes0, record}, one},
		{"a NO", nil, []func(p causePad){yes0, no1, record}, one},
		{"a NO and then a YES", nil, []func(p causePad){yes0, no1, yes1, record}, one},
		{"a YES and then an old NO", nil, []func(p causePad){yes0, yes1, no1, record}, ""},
		{"the votes of the attempt before", nil, []func(p causePad){yes0, yes1, again, second},
			"C0 commits t1#2, and C0 has heard votes for commit of 0 of its 2 workers"},
		{"the attempt before, which it says again", nil, []func(p causePad){yes0, yes1, record, decide, again, send}, ""},
		{"an abort", nil, []func(p causePad){yes0, func(p causePad) { p.note(padC0, model.KindDecide, t1, model.Message{Outcome: model.Aborted}) }}, ""},
		{"a worker's record", nil, []func(p causePad){yes0, func(p causePad) { p.append(padW1, model.KindCommit, t1) }}, ""},
		{"a single worker's", nil, []func(p causePad){func(p causePad) {
			one := model.Attempt{Txn: 2, Try: 1}
			p.request(one, 1)
			p.note(padC0, model.KindDecide, one, model.Message{Outcome: model.Committed})
		}}, ""},
		{"in another protocol", ownReasons, []func(p causePad){yes0, record, decide, send}, ""},
	})
}

// TestDecisionHeard: a worker in doubt acts when it has been told the decision in this life.
func TestDecisionHeard(t *testing.T) {
	vote := func(p causePad) { p.prepared(padW0, t1) }
	tell := func(k sim.Kind, m model.Message) func(p causePad) {
		return func(p causePad) { p.between(padC0, padW0, k, m) }
	}
	commit, abort, guess := tell(model.KindCommit, model.Message{}), tell(model.KindAbort, model.Message{}), tell(model.KindAbort, model.Message{Presumed: true})
	presumed := tell(model.KindCommit, model.Message{Presumed: true, Vote: model.VoteYes})
	lost := func(p causePad) { p.send(padC0, model.KindCommit, t1, model.Message{}) }
	other := func(p causePad) { p.between(padC0, padW1, model.KindCommit, model.Message{}) }
	logs := func(k sim.Kind) func(p causePad) { return func(p causePad) { p.append(padW0, k, t1) } }
	notes := func(k sim.Kind) func(p causePad) {
		return func(p causePad) { p.note(padW0, k, t1, model.Message{}) }
	}
	crash := func(p causePad) { p.crash(padW0); p.befall(sim.TraceRestart, padW0, 2) }
	commits, aborts := logs(model.KindCommit), logs(model.KindAbort)
	untold := func(what string) string {
		return "w0 has been in doubt about t1 since 0.004000000, and now says \"" + what + "\", and it has not been told the decision"
	}
	testHeard(t, "untold", []heardCase{
		{"told to commit", nil, []func(p causePad){vote, commit, commits, notes(model.KindCommitted)}, ""},
		{"told to abort", nil, []func(p causePad){vote, abort, aborts, notes(model.KindAborted)}, ""},
		{"told by presumption", nil, []func(p causePad){vote, presumed, commits}, ""},
		{"told by another worker", nil, []func(p causePad){vote, func(p causePad) { p.between(padW1, padW0, model.KindCommit, model.Message{}) }, commits}, ""},
		{"told before its vote leaves", nil, []func(p causePad){func(p causePad) { p.append(padW0, model.KindPrepare, t1); p.synced(padW0) }, abort,
			func(p causePad) { p.send(padW0, model.KindVote, t1, model.Message{Vote: model.VoteYes}) }, aborts}, ""},
		{"commits untold", nil, []func(p causePad){vote, commits, notes(model.KindCommitted)}, untold("commit")},
		{"aborts untold", nil, []func(p causePad){vote, aborts, notes(model.KindAborted)}, untold("abort")},
		{"commits without a record", nil, []func(p causePad){vote, notes(model.KindCommitted)}, untold("committed")},
		{"is sent the decision, and it is lost", nil, []func(p causePad){vote, lost, commits}, untold("commit")},
		{"another is told", nil, []func(p causePad){vote, other, commits}, untold("commit")},
		{"is told later", nil, []func(p causePad){vote, commits, commit}, untold("commit")},
		{"told a guess", nil, []func(p causePad){vote, guess, commits}, untold("commit")},
		{"told in an earlier life", nil, []func(p causePad){vote, commit, crash, commits}, untold("commit")},
		{"told in each life", nil, []func(p causePad){vote, commit, commits, crash, commit, commits}, ""},
		{"told in the first of two lives", nil, []func(p causePad){vote, commit, commits, crash, commits},
			strings.Replace(untold("commit"), "0.004", "0.007", 1)}, // since the crash
		{"without a vote", nil, []func(p causePad){func(p causePad) { p.append(padW0, model.KindPrepare, t1) }, aborts}, ""},
		{"in another protocol", ownReasons, []func(p causePad){vote, commits}, ""},
	})
}
