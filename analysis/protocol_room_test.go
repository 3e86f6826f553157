package analysis

import (
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// TestFull has a worker say that it is full, with room and without.
func TestFull(t *testing.T) {
	u1, v1 := model.Attempt{Txn: 2, Try: 1}, model.Attempt{Txn: 3, Try: 1}
	staging := func(n int64) func(c *model.Config) { return func(c *model.Config) { c.Resources.Staging = n } }
	keys := func(n int) func(c *model.Config) { return func(c *model.Config) { c.Resources.Keys = n } }
	capacity := func(c *model.Config) { c.Disk.Capacity = 1 }
	prepare := func(p causePad) { p.ask(model.KindPrepare, 0, padW0, padW1) }
	full := func(p causePad) { prepare(p); p.vote(padW0, model.VoteNo, model.Full) }
	// w0 is asked for a transaction of these operations, of 2 bytes each.
	reach := func(p causePad, a model.Attempt, ops ...model.Op) {
		txn := &model.Transaction{Index: a.Txn, Ops: ops}
		txn.Compile()
		p.trace(sim.TraceSend, padClient, padC0, model.KindRequest, a, 0, &model.Message{Attempt: a, Txn: txn})
		p.trace(sim.TraceDeliver, padW0, padC0, model.KindPrepare, a, 0, &model.Message{Attempt: a, Txn: txn})
	}
	write := func(key string) model.Op { return model.Op{Kind: model.Write, Key: key, Value: "v"} }
	remove := model.Op{Kind: model.Delete, Key: "b"}
	logged := func(p causePad, a model.Attempt, k sim.Kind, at uint64) {
		p.trace(sim.TraceAppend, padW0, sim.Nobody, k, a, at, nil)
	}
	durable := func(p causePad, at uint64) { p.trace(sim.TraceSynced, padW0, sim.Nobody, 0, model.Attempt{}, at, nil) }
	stored := func(p causePad, a model.Attempt, at uint64, ops ...model.Op) {
		reach(p, a, ops...)
		logged(p, a, model.KindPrepare, at)
		durable(p, at)
		logged(p, a, model.KindCommit, at+1)
	}
	left := func(n int64) func(p causePad) {
		return func(p causePad) { p.c.AskDevices(func(sim.NodeID) int64 { return n }); full(p) }
	}
	need := model.PromiseBytes([]model.PartOp{{Op: &model.Op{Key: "k", Value: "v"}}}) + 2*model.LogReserve
	for _, tc := range []struct {
		name  string
		set   func(c *model.Config)
		steps func(p causePad)
		want  string
	}{
		{"of bytes", staging(1), full, ""},
		{"of no bytes", staging(2), full, "full"},
		{"of another's bytes", staging(3), func(p causePad) { reach(p, u1, write("a")); full(p) }, ""},
		{"of both's bytes", staging(4), func(p causePad) { reach(p, u1, write("a")); full(p) }, "full"},
		{"of what was overwritten", staging(4), func(p causePad) { reach(p, u1, write("a"), write("a")); full(p) }, "full"},
		{"of what was longer before it was overwritten", staging(6), func(p causePad) {
			reach(p, u1, model.Op{Kind: model.Write, Key: "a", Value: "long"}, write("a"))
			full(p)
		}, ""},
		{"of a lost promise", staging(3), func(p causePad) {
			reach(p, u1, write("a"))
			logged(p, u1, model.KindPrepare, 10)
			p.crash(padW0)
			full(p)
		}, "full"},
		{"of a copy of what a life before gave up", staging(3), func(p causePad) {
			reach(p, u1, write("a"))
			p.note(padW0, model.KindAborted, u1, model.Message{})
			p.crash(padW0)
			p.trace(sim.TraceRestart, padW0, sim.Nobody, 0, model.Attempt{}, 2, nil)
			reach(p, u1, write("a"))
			full(p)
		}, ""},
		{"of a key that it decided on by itself", keys(1), func(p causePad) {
			reach(p, u1, write("a"))
			logged(p, u1, model.KindCommitOne, 10)
			p.send(padW0, model.KindDone, u1, model.Message{Outcome: model.Committed})
			full(p)
		}, ""},
		{"of what a late copy asks for again", staging(5), func(p causePad) {
			reach(p, u1, write("a"), write("b"))
			txn := &model.Transaction{Index: u1.Txn, Ops: []model.Op{write("a"), write("b")}}
			txn.Compile()
			p.trace(sim.TraceDeliver, padW0, padC0, model.KindExecute, u1, 0, &model.Message{Attempt: u1, Txn: txn, To: 1})
			full(p)
		}, ""},
		{"of what was given up", staging(3), func(p causePad) {
			reach(p, u1, write("a"))
			p.note(padW0, model.KindAborted, u1, model.Message{})
			full(p)
		}, "full"},
		{"of what was committed", staging(3), func(p causePad) { stored(p, u1, 10, write("a")); full(p) }, "full"},
		{"before another gave up", staging(3), func(p causePad) {
			reach(p, u1, write("a"))
			prepare(p)
			p.note(padW0, model.KindAborted, t1, model.Message{})
			p.note(padW0, model.KindAborted, u1, model.Message{})
			p.vote(padW0, model.VoteNo, model.Full)
		}, ""},
		{"before another came", staging(3), func(p causePad) {
			prepare(p)
			p.note(padW0, model.KindAborted, t1, model.Message{})
			reach(p, u1, write("a"))
			p.vote(padW0, model.VoteNo, model.Full)
		}, "full"},
		{"of what a crash has lost", staging(3), func(p causePad) { reach(p, u1, write("a")); p.crash(padW0); full(p) }, "full"},
		{"of what a crash has left", staging(3), func(p causePad) {
			reach(p, u1, write("a"))
			logged(p, u1, model.KindPrepare, 10)
			durable(p, 10)
			p.crash(padW0)
			full(p)
		}, ""},
		{"of what a crash has brought back", staging(3), func(p causePad) { stored(p, u1, 10, write("a")); p.crash(padW0); full(p) }, ""},
		{"of what was durable before a crash", staging(3), func(p causePad) {
			stored(p, u1, 10, write("a"))
			durable(p, 11)
			p.crash(padW0)
			full(p)
		}, "full"},
		{"of a late duplicate", staging(3), func(p causePad) {
			stored(p, u1, 10, write("a"))
			reach(p, u1, write("a"))
			full(p)
		}, "full"},

		{"of no key", keys(1), full, "full"},
		{"of a key", keys(1), func(p causePad) { reach(p, u1, write("b")); full(p) }, ""},
		{"of a key that is stored", keys(1), func(p causePad) { stored(p, u1, 10, write("b")); full(p) }, ""},
		{"of a key that was deleted", keys(1), func(p causePad) {
			stored(p, u1, 10, write("b"))
			stored(p, v1, 20, remove)
			full(p)
		}, "full"},
		{"of a key whose deletion was lost", keys(1), func(p causePad) {
			stored(p, u1, 10, write("b"))
			stored(p, v1, 20, remove)
			p.crash(padW0)
			full(p)
		}, ""},
		{"of a key that is written once more", keys(1), func(p causePad) { stored(p, u1, 10, write("k")); full(p) }, "full"},

		{"of a log of which nothing is known", capacity, full, ""},
		{"of its log", capacity, left(need - 1), ""},
		{"of a log with room", capacity, left(need), "full"},
		{"of a log where a fault may fill it", nil, func(p causePad) { p.c.DisksFill(); left(0)(p) }, ""},
		{"of a log where no fault did", nil, func(p causePad) { p.c.DisksFill(); left(1 << 62)(p) }, "full"},
		{"of a log, with another attempt", capacity, func(p causePad) { reach(p, u1, write("a")); left(need)(p) }, ""},
		{"of a log, with one that only read", capacity, func(p causePad) {
			reach(p, u1, model.Op{Key: "a"})
			p.send(padW0, model.KindVote, u1, model.Message{Vote: model.VoteRead})
			left(need)(p)
		}, "full"},
	} {
		if got, found := causes(tc.set, tc.steps); got != tc.want {
			t.Errorf("full %s: got %q, want %q: %v", tc.name, got, tc.want, found)
		}
	}
}

// TestStaging has a worker promise more bytes than it may stage, and as many.
func TestStaging(t *testing.T) {
	u1 := model.Attempt{Txn: 2, Try: 1}
	promise := func(p causePad, a model.Attempt) {
		p.trace(sim.TraceDeliver, padW0, padC0, model.KindPrepare, a, 0, &model.Message{Attempt: a})
		p.append(padW0, model.KindPrepare, a)
	}
	both := func(between func(p causePad)) func(p causePad) {
		return func(p causePad) { p.request(u1, 1); promise(p, u1); between(p); promise(p, t1) }
	}
	for _, tc := range []struct {
		name  string
		room  int64
		steps func(p causePad)
		want  string
	}{
		{"as much as it may", 4, both(func(p causePad) {}), ""},
		{"more", 3, both(func(p causePad) {}), "staging"},
		{"after a commit", 3, both(func(p causePad) { p.append(padW0, model.KindCommit, u1) }), ""},
		{"after an abort", 3, both(func(p causePad) { p.append(padW0, model.KindAbort, u1) }), ""},
		{"of a lost promise", 3, both(func(p causePad) { p.crash(padW0) }), ""},
		{"of one that was restored", 3, both(func(p causePad) { p.synced(padW0); p.crash(padW0) }), "staging"},
		{"of one that was restored, as much as it may", 4, both(func(p causePad) { p.synced(padW0); p.crash(padW0) }), ""},
		{"of one that was restored as committed", 3, func(p causePad) {
			p.request(u1, 1)
			p.trace(sim.TraceDeliver, padW0, padC0, model.KindCommitOne, u1, 0, &model.Message{Attempt: u1})
			p.append(padW0, model.KindCommitOne, u1)
			p.synced(padW0)
			p.crash(padW0)
			promise(p, t1)
		}, ""},
		{"of one whose commit was lost", 3, both(func(p causePad) {
			p.synced(padW0)
			p.append(padW0, model.KindCommit, u1)
			p.crash(padW0)
		}), ""},
		{"without a bound", 0, both(func(p causePad) {}), ""},
	} {
		found := judged(func(cfg *model.Config) { cfg.Resources = model.Resources{Staging: tc.room, Keys: 9} }, tc.steps)
		if got := shapes(found, InvKeyBound); got != tc.want {
			t.Errorf("%s: got %q, want %q: %v", tc.name, got, tc.want, found)
		}
	}
}
