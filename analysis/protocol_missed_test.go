package analysis

import (
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// TestSilenceNoted: a coordinator that aborts for a timeout, or repeats something unasked, has
// noted whom it misses, and for how long.
func TestSilenceNoted(t *testing.T) {
	late := func(p causePad) { p.wait(time.Second) }
	misses := func(n sim.NodeID, v model.Vote) func(p causePad) {
		return noteOf(padC0, model.KindSuspect, model.Message{Peer: n, Vote: v, Start: sim.Time(time.Second)})
	}
	missesVote, missesAck := misses(padW0, model.VoteYes), misses(padW0, model.VoteNone)
	heard := noteOf(padC0, model.KindRecover, model.Message{Peer: padW0})
	timeout := func(p causePad) { p.answer(model.Timeout) }
	other := func(p causePad) {
		p.note(padC0, model.KindSuspect, model.Attempt{Txn: 7, Try: 1}, model.Message{Peer: padW0, Vote: model.VoteYes, Start: sim.Time(time.Second)})
	}
	asks := func(k sim.Kind) func(p causePad) {
		return func(p causePad) { p.between(padW0, padC0, k, model.Message{}) }
	}
	again := func(p causePad) { p.ask(model.KindPrepare, 0, padW0) }
	retry := func(p causePad) { p.request(t2, 2) }
	anew := func(p causePad) { p.request(t1, 2) }
	vote := func(p causePad) { p.vote(padW0, model.VoteYes, 0) }
	passesOn := func(p causePad) { p.between(padW1, padW0, model.KindPrepare, model.Message{}) }
	executes := func(from int32) func(p causePad) {
		return func(p causePad) { p.ask(model.KindExecute, from, padW0) }
	}
	const (
		nobody = "t1 is aborted (timeout), and C0 has not noted whom it misses"
		repeat = `C0 says "commit" about t1 to w0 again, and has not noted that it misses it`
	)
	undecided := func(steps ...func(p causePad)) []func(p causePad) {
		return append([]func(p causePad){starts, prepares, late}, steps...)
	}
	told := func(steps ...func(p causePad)) []func(p causePad) {
		return append([]func(p causePad){starts, prepares, decidesCommit, saysCommit, late}, steps...)
	}
	testHeard(t, "not noted", []heardCase{
		{"a timeout", nil, undecided(missesVote, decidesAbort, timeout), ""},
		{"a timeout of nobody", nil, undecided(decidesAbort, timeout), nobody},
		{"a timeout of who is missed already", nil, []func(p causePad){starts, other, prepares, late, decidesAbort, timeout}, ""},
		{"a timeout of who is heard before the answer", nil, undecided(missesVote, heard, decidesAbort, timeout), ""},
		{"a timeout of who was heard before he was asked", nil, []func(p causePad){starts, missesVote, heard, prepares, late, decidesAbort, timeout}, nobody},
		{"a timeout of who has nothing to do with it", nil, undecided(misses(padC0+7, model.VoteYes), decidesAbort, timeout), nobody},
		{"a timeout of nobody in another protocol", ownReasons, undecided(timeout), ""},
		{"a timeout after a crash", nil, undecided(missesVote, decidesAbort, restartsC0, timeout), ""},
		{"a timeout of what nobody was asked for", nil, []func(p causePad){starts, decidesAbort, timeout}, ""},
		{"a timeout that a worker tells", nil, undecided(func(p causePad) {
			p.send(padW0, model.KindAnswer, t1, model.Message{Outcome: model.Aborted, Reason: model.Timeout})
		}), ""},

		{"a decision told again", nil, told(missesAck, saysCommit), ""},
		{"a decision told again to who is not missed", nil, told(saysCommit), repeat},
		{"a decision told again to who is heard again", nil, told(missesAck, heard, saysCommit), repeat},
		{"a decision told to who asks", nil, told(asks(model.KindEnquire), now(saysCommit)), ""},
		{"a decision told to who has asked before", nil, told(asks(model.KindEnquire), saysCommit), repeat},
		{"a decision told after a crash", nil, told(restartsC0, saysCommit), ""},
		{"a decision told again in another protocol", ownReasons, told(saysCommit), ""},
		{"a request that comes again", nil, undecided(again), `C0 says "prepare" about t1 to w0 again, and has not noted that it misses it`},
		{"a request that comes again to who is missed", nil, undecided(missesVote, again), ""},
		{"a request that comes again to who has replied", nil, undecided(vote, again), `C0 says "prepare" about t1 to w0 again, and has not noted that it misses it`},
		{"a request that comes again to who was missed in an earlier life", nil, []func(p causePad){starts, missesVote, restartsC0, anew, starts, prepares, again},
			`C0 says "prepare" about t1 to w0 again, and has not noted that it misses it`},
		{"a request that a worker passes on again", nil, undecided(passesOn, passesOn), ""},
		{"a request for the next operation", nil, []func(p causePad){starts, executes(0), executes(1)}, ""},
		{"an abort told again once the client tries again", under(1), []func(p causePad){starts, prepares, decidesAbort, saysAbort, retry, late, saysAbort},
			`C0 says "abort" about t1 to w0 again, and has not noted that it misses it`},
	})
	tooLong := func(v model.Vote) func(p causePad) {
		return noteOf(padC0, model.KindSuspect, model.Message{Peer: padW1, Vote: v, Start: sim.Time(2 * time.Second)})
	}
	quick := func(c *model.Config) { c.Timeouts.Decision = 2 * time.Second }
	const silent = "C0 notes that w1 has been silent about t1 for 2s, and the timeout is 1s"
	testHeard(t, "silence", []heardCase{
		{"no vote for a timeout", nil, undecided(missesVote), ""},
		{"no vote for longer", nil, undecided(tooLong(model.VoteYes)), silent},
		{"no ack for longer", nil, told(tooLong(model.VoteNone)), silent},
		{"no ack for another timeout", quick, told(tooLong(model.VoteNone)), ""},
		{"no vote for a timeout, which is not that for acks", quick, undecided(missesVote), ""},
		{"no vote for the timeout for acks", quick, undecided(tooLong(model.VoteYes)), silent},
		{"no vote for longer in another protocol", ownReasons, undecided(tooLong(model.VoteYes)), ""},
	})
}

// TestUnaskedPresumption: a coordinator presumes only if it is asked.
func TestUnaskedPresumption(t *testing.T) {
	presumes := func(p causePad) {
		p.send(padC0, model.KindAbort, t1, model.Message{Presumed: true, Vote: model.VoteYes})
	}
	asks := func(n sim.NodeID, k sim.Kind) func(p causePad) {
		return func(p causePad) { p.between(n, padC0, k, model.Message{}) }
	}
	const unasked = "C0 tells w0 a presumption about t1, and has not just been asked by it"
	testHeard(t, "unasked", []heardCase{
		{"an enquiry", nil, []func(p causePad){asks(padW0, model.KindEnquire), now(presumes)}, ""},
		{"a wound", nil, []func(p causePad){asks(padW0, model.KindWound), now(presumes)}, ""},
		{"no question", nil, []func(p causePad){presumes}, unasked},
		{"a question of before", nil, []func(p causePad){asks(padW0, model.KindEnquire), presumes}, unasked},
		{"another's question", nil, []func(p causePad){asks(padW1, model.KindEnquire), now(presumes)}, unasked},
		{"a question about another attempt", nil, []func(p causePad){func(p causePad) {
			p.trace(sim.TraceDeliver, padC0, padW0, model.KindEnquire, t2, 0, &model.Message{Attempt: t2})
		}, now(presumes)}, unasked},
		{"a question to an earlier life", nil, []func(p causePad){asks(padW0, model.KindEnquire), now(func(p causePad) { p.crash(padC0) }),
			now(func(p causePad) { p.befall(sim.TraceRestart, padC0, 2) }), now(presumes)}, unasked},
		{"a vote", nil, []func(p causePad){asks(padW0, model.KindVote), now(presumes)}, unasked},
		{"in another protocol", ownReasons, []func(p causePad){presumes}, ""},
	})
}
