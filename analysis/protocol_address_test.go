package analysis

import (
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// TestAddress: requests come from the coordinator that was asked, about an attempt that it was
// asked for, to workers that have a part in it; replies go back to it under its name for the
// attempt.
func TestAddress(t *testing.T) {
	const padC1 = padC0 + 1 // with two coordinators all behind it move up
	w0, w1 := padW0+1, padW1+1
	two := func(c *model.Config) { c.Coordinators = 2 }
	three := func(c *model.Config) { c.Coordinators, c.Workers = 2, 3 }
	say := func(from, to sim.NodeID, k sim.Kind, a model.Attempt, id model.WireID) func(p causePad) {
		return func(p causePad) {
			p.trace(sim.TraceSend, from, to, k, a, 0, &model.Message{Attempt: a, ID: id, Vote: model.VoteRead})
		}
	}
	prepare := say(padC0, w0, model.KindPrepare, t1, 7)
	for _, tc := range []struct {
		name, shape string
		set         func(c *model.Config)
		steps       []func(p causePad)
		want        string
	}{
		{"asked", "wrong address", two, []func(p causePad){prepare, say(padC0, w1, model.KindPrepare, t1, 7)}, ""},
		{"asked by another coordinator", "wrong address", two, []func(p causePad){say(padC1, w0, model.KindPrepare, t1, 7)},
			"C1 asks w0 to prepare t1, and it is C0 that was asked for that"},
		{"asked who has no part", "wrong address", three, []func(p causePad){say(padC0, w1+1, model.KindExecute, t1, 7)},
			"C0 asks w2 to execute t1, which has no operations there"},
		{"asked too soon", "wrong address", two, []func(p causePad){say(padC0, w0, model.KindPrepare, t2, 7)},
			"C0 asks w0 to prepare t1#2, and its client has not asked for that"},
		{"asked late", "wrong address", two, []func(p causePad){func(p causePad) { p.request(t2, 2) }, prepare}, ""},
		{"told by another coordinator", "wrong address", two, []func(p causePad){say(padC1, w0, model.KindAbort, t1, 7)}, ""},
		{"told by another coordinator, which does not know the age", "changed", two, []func(p causePad){func(p causePad) {
			p.trace(sim.TraceSend, padC1, w0, model.KindAbort, t1, 0, &model.Message{Attempt: t1, Start: 5})
		}}, ""},
		{"a reply", "wrong address", two, []func(p causePad){prepare, say(w0, padC0, model.KindVote, t1, 7)}, ""},
		{"a reply to another coordinator", "wrong address", two, []func(p causePad){prepare, say(w0, padC1, model.KindAck, t1, 7)},
			"w0 sends C1 its ack of t1, and it is C0 that was asked for that"},
		{"a reply about what is yet to come", "wrong address", two, []func(p causePad){prepare, say(w0, padC0, model.KindWound, t2, 0)},
			"w0 sends C0 its wound of t1#2, and its client has not asked for that"},
		{"a reply of who has no part", "wrong address", three, []func(p causePad){say(w1+1, padC0, model.KindVote, t1, 0)},
			"w2 sends C0 its vote of t1, which has no operations there"},
		{"a decision of another coordinator", "wrong address", two, []func(p causePad){func(p causePad) { p.note(padC1, model.KindDecide, t1, aborted) }},
			"C1 decides t1, and it is C0 that was asked for that"},
		{"a decision about what is yet to come", "wrong address", two, []func(p causePad){func(p causePad) { p.note(padC0, model.KindDecide, t2, aborted) }},
			"C0 says the decision about t1#2, and its client has not asked for that"},
		{"an answer of another coordinator", "wrong address", two, []func(p causePad){func(p causePad) { p.send(padC1, model.KindAnswer, t1, aborted) }},
			"C1 answers the client of t1, and it is C0 that was asked for that"},
		{"a reply to another worker", "wrong address", two, []func(p causePad){prepare, say(w0, w1, model.KindVote, t1, 7)}, ""},
		{"a reply without a name", "two names", two, []func(p causePad){prepare, say(w0, padC0, model.KindVote, t1, 0)}, ""},
		{"a reply under another name", "two names", two, []func(p causePad){prepare, say(w0, padC0, model.KindVote, t1, 8)},
			"w0 calls t1 0.8 on the wire, and C0 calls it 0.7"},
		{"a reply about the attempt before", "two names", two, []func(p causePad){prepare, func(p causePad) { p.request(t2, 2) },
			say(padC0, w0, model.KindPrepare, t2, 8), say(w0, padC0, model.KindVote, t1, 7)}, ""},
		{"all that in another protocol", "wrong address", func(c *model.Config) { ownReasons(c); two(c) },
			[]func(p causePad){say(padC1, w0, model.KindPrepare, t1, 7), say(w0, padC1, model.KindAck, t1, 7)}, ""},
	} {
		if got := foundAfter(tc.set, tc.shape, tc.steps); got != tc.want {
			t.Errorf("%s: %q", tc.name, got)
		}
	}
}

// TestMark: a coordinator does not go on with what it has told in the same life to be finished.
func TestMark(t *testing.T) {
	send := func(k sim.Kind, id, mark model.WireID, presumed bool) func(p causePad) {
		return func(p causePad) {
			p.send(padC0, k, t1, model.Message{ID: id, Mark: mark, Presumed: presumed, Vote: model.VoteYes})
		}
	}
	crash := func(p causePad) { p.crash(padC0); p.befall(sim.TraceRestart, padC0, 2) }
	const text = "C0 calls t1 0.7 on the wire, and has told that all before 0.8 are finished"
	for _, tc := range []struct {
		name  string
		set   func(c *model.Config)
		steps []func(p causePad)
		want  string
	}{
		{"up to itself", nil, []func(p causePad){send(model.KindPrepare, 7, 7, false)}, ""},
		{"with the message", nil, []func(p causePad){send(model.KindPrepare, 7, 8, false)}, text},
		{"before the decision", nil, []func(p causePad){send(model.KindPrepare, 7, 7, false), send(model.KindPrepare, 9, 8, false), send(model.KindCommit, 7, 0, false)}, text},
		{"before a crash", nil, []func(p causePad){send(model.KindPrepare, 9, 8, false), crash, send(model.KindCommit, 7, 7, false)}, ""},
		{"what is presumed", nil, []func(p causePad){send(model.KindPrepare, 9, 8, false), send(model.KindAbort, 7, 8, true)}, ""},
		{"in another protocol", ownReasons, []func(p causePad){send(model.KindPrepare, 7, 8, false)}, ""},
	} {
		if got := foundAfter(tc.set, "finished", tc.steps); got != tc.want {
			t.Errorf("%s: %q", tc.name, got)
		}
	}
}

// TestUnasked: a worker promises, and replies, when a request has reached it.
func TestUnasked(t *testing.T) {
	ask := func(p causePad) { p.ask(model.KindPrepare, 0, padW0) }
	lost := func(p causePad) { p.send(padC0, model.KindPrepare, t1, model.Message{}) }
	record := func(p causePad) { p.append(padW0, model.KindPrepare, t1) }
	reply := func(p causePad) { p.vote(padW0, model.VoteNo, model.Conflict) }
	testHeard(t, "unasked", []heardCase{
		{"promises", nil, []func(p causePad){ask, record}, ""},
		{"promises unasked", nil, []func(p causePad){record}, "w0 promises t1, and no request for that has reached it"},
		{"promises, the request being lost", nil, []func(p causePad){lost, record}, "w0 promises t1, and no request for that has reached it"},
		{"replies", nil, []func(p causePad){ask, reply}, ""},
		{"replies, the request being lost", nil, []func(p causePad){lost, reply}, "w0 replies about t1, and no request for that has reached it"},
		{"promises about the attempt before", nil, []func(p causePad){func(p causePad) { p.request(t2, 2) }, record}, ""},
		{"in another protocol", ownReasons, []func(p causePad){lost, record, reply}, ""},
	})
}

// TestRead: who votes READ has nothing to commit, and comes after all operations have run.
func TestRead(t *testing.T) {
	batched := func(c *model.Config) { c.Execution = model.Batched }
	const early = "w0 votes READ on t9 and so lets its locks go, where others may yet acquire theirs"
	for _, tc := range []struct {
		name    string
		set     func(c *model.Config)
		kind    model.OpKind
		workers int
		vote    model.Vote
		want    string
	}{
		{"what reads", batched, model.Read, 2, model.VoteRead, ""},
		{"what writes", batched, model.Write, 2, model.VoteRead, "w0 votes READ on t9, which writes there"},
		{"what deletes", batched, model.Delete, 2, model.VoteRead, "w0 votes READ on t9, which writes there"},
		{"YES on what writes", batched, model.Write, 2, model.VoteYes, ""},
		{"in one shot", nil, model.Read, 2, model.VoteRead, early},
		{"in one shot, alone", nil, model.Read, 1, model.VoteRead, ""},
		{"in another protocol", ownReasons, model.Read, 2, model.VoteRead, ""},
	} {
		x := model.Attempt{Txn: 9, Try: 1}
		found := judged(tc.set, func(p causePad) {
			txn := &model.Transaction{Index: x.Txn}
			for w := range tc.workers {
				txn.Ops = append(txn.Ops, model.Op{Kind: model.Read, Worker: w, Key: "k"}, model.Op{Kind: tc.kind, Worker: w, Key: "k"})
			}
			txn.Compile()
			p.trace(sim.TraceSend, padClient, padC0, model.KindRequest, x, 0, &model.Message{Attempt: x, Txn: txn})
			p.send(padC0, model.KindPrepare, x, model.Message{To: 2})
			p.send(padW0, model.KindVote, x, model.Message{Vote: tc.vote})
		})
		if got := texts(found, "READ"); got != tc.want {
			t.Errorf("%s: %q", tc.name, got)
		}
	}
}

// TestApplied: a worker applies what its log says is committed.
func TestApplied(t *testing.T) {
	logs := func(k sim.Kind) func(p causePad) { return func(p causePad) { p.append(padW0, k, t1) } }
	applies := func(p causePad) { p.note(padW0, model.KindCommitted, t1, model.Message{}) }
	crash := func(p causePad) { p.crash(padW0); p.befall(sim.TraceRestart, padW0, 2) }
	const text = "w0 has applied t1, and its log has no record of the commit"
	testHeard(t, "no record", []heardCase{
		{"with the record", nil, []func(p causePad){logs(model.KindPrepare), logs(model.KindCommit), applies}, ""},
		{"in one phase", nil, []func(p causePad){logs(model.KindCommitOne), applies}, ""},
		{"with the promise alone", nil, []func(p causePad){logs(model.KindPrepare), applies}, text},
		{"with nothing", nil, []func(p causePad){applies}, text},
		{"with a record of an abort", nil, []func(p causePad){logs(model.KindPrepare), logs(model.KindAbort), applies}, text},
		{"with a record that is lost", nil, []func(p causePad){logs(model.KindPrepare), logs(model.KindCommit), crash, applies}, text},
		{"what only reads there", nil, []func(p causePad){func(p causePad) { p.note(padW1+1, model.KindCommitted, t1, model.Message{}) }}, ""},
		{"in another protocol", ownReasons, []func(p causePad){applies}, ""},
	})
}
