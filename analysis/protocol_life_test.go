package analysis

import (
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// TestOtherLife: a worker agrees only to what it has run in the life of which the coordinator
// has the results.
func TestOtherLife(t *testing.T) {
	ran := func(p causePad, to int32, life uint32) {
		p.ask(model.KindExecute, 0, padW0)
		p.between(padW0, padC0, model.KindExecuted, model.Message{Vote: model.VoteYes, To: to, Life: life})
	}
	restart := func(p causePad) { p.crash(padW0); p.befall(sim.TraceRestart, padW0, 3) } // one crash more while it was down
	promise := func(p causePad) {
		p.ask(model.KindPrepare, 1, padW0)
		p.append(padW0, model.KindPrepare, t1)
	}
	own := func(c *model.Config) { c.Protocol = unaccountable{model.Protocols()[0].(model.TwoPhase)} }
	const want = "w0 agrees to t1 in its incarnation 3, and C0 has the results of incarnation 1"
	for _, tc := range []struct {
		name  string
		set   func(c *model.Config)
		steps func(p causePad)
		want  string
	}{
		{"a promise in the same life", nil, func(p causePad) { ran(p, 1, 1); promise(p) }, ""},
		{"a promise in a later one", nil, func(p causePad) { ran(p, 1, 1); restart(p); promise(p) }, want},
		{"a commit in one phase in a later one", nil, func(p causePad) {
			ran(p, 1, 1)
			restart(p)
			p.ask(model.KindCommitOne, 1, padW0)
			p.append(padW0, model.KindCommitOne, t1)
		}, want},
		{"a vote READ in a later one", nil, func(p causePad) {
			ran(p, 1, 1)
			restart(p)
			p.ask(model.KindPrepare, 1, padW0)
			p.vote(padW0, model.VoteRead, 0)
		}, want},
		{"no results", nil, func(p causePad) { restart(p); promise(p) }, ""},
		{"results of that life", nil, func(p causePad) { restart(p); ran(p, 1, 3); promise(p) }, ""},
		{"results of that life, the first ones told once more", nil, func(p causePad) {
			restart(p)
			ran(p, 2, 3)
			p.arrive(padW0, padC0, model.KindExecuted, model.Message{Vote: model.VoteYes, To: 1, Life: 1})
			promise(p)
		}, ""},
		{"an abort", nil, func(p causePad) { ran(p, 1, 1); restart(p); p.append(padW0, model.KindAbort, t1) }, ""},
		{"another protocol", own, func(p causePad) { ran(p, 1, 1); restart(p); promise(p) }, ""},
	} {
		_, found := causes(tc.set, tc.steps)
		if got := texts(found, "other life"); got != tc.want {
			t.Errorf("%s: %q", tc.name, got)
		}
	}
}

// TestEarlyPrepare: where operations come before the prepare, nobody is asked for a vote before
// the coordinator has the results of all of them.
func TestEarlyPrepare(t *testing.T) {
	ran := func(p causePad, w sim.NodeID, v model.Vote, to int32) {
		p.between(w, padC0, model.KindExecuted, model.Message{Part: int32(w - padW0), Vote: v, To: to, Life: 1})
	}
	prepare := func(p causePad) { p.ask(model.KindPrepare, 1, padW0) }
	execute := func(p causePad) { p.ask(model.KindExecute, 0, padW0, padW1) }
	both := func(p causePad) { execute(p); ran(p, padW0, model.VoteYes, 1); ran(p, padW1, model.VoteYes, 1) }
	with := func(e model.Execution) func(c *model.Config) { return func(c *model.Config) { c.Execution = e } }
	batched, interactive := with(model.Batched), with(model.Interactive)
	own := func(c *model.Config) {
		batched(c)
		c.Protocol = unaccountable{model.Protocols()[0].(model.TwoPhase)}
	}
	const want = "C0 asks w0 to prepare t1, and has heard that w1 has run 0 of its 1 operation"
	for _, tc := range []struct {
		name  string
		set   func(c *model.Config)
		steps func(p causePad)
		want  string
	}{
		{"all results", batched, func(p causePad) { both(p); prepare(p) }, ""},
		{"all results, asked twice", batched, func(p causePad) { both(p); prepare(p); prepare(p) }, ""},
		{"its own results only", batched, func(p causePad) { execute(p); ran(p, padW0, model.VoteYes, 1); prepare(p) }, want},
		{"its own results only, interactive", interactive, func(p causePad) { execute(p); ran(p, padW0, model.VoteYes, 1); prepare(p) }, want},
		{"the other's results only", batched, func(p causePad) { execute(p); ran(p, padW1, model.VoteYes, 1); prepare(p) },
			"C0 asks w0 to prepare t1, and has heard that w0 has run 0 of its 1 operation"},
		{"results that have not arrived", batched, func(p causePad) {
			execute(p)
			ran(p, padW0, model.VoteYes, 1)
			p.send(padW1, model.KindExecuted, t1, model.Message{Part: 1, Vote: model.VoteYes, To: 1, Life: 1})
			prepare(p)
		}, want},
		{"a refusal", batched, func(p causePad) {
			execute(p)
			ran(p, padW0, model.VoteYes, 1)
			ran(p, padW1, model.VoteNo, 1)
			prepare(p)
		}, want},
		{"results of part of the operations", batched, func(p causePad) {
			execute(p)
			ran(p, padW0, model.VoteYes, 1)
			ran(p, padW1, model.VoteYes, 0)
			prepare(p)
		}, want},
		{"one-shot", with(model.OneShot), func(p causePad) { p.ask(model.KindPrepare, 0, padW0) }, ""},
		{"in one phase", batched, func(p causePad) { p.ask(model.KindCommitOne, 0, padW0) }, ""},
		{"another protocol", own, func(p causePad) { execute(p); prepare(p) }, ""},
	} {
		_, found := causes(tc.set, tc.steps)
		if got := texts(found, "early prepare"); got != tc.want || (tc.want != "" && shapes(found, InvImpossible) != "early prepare") {
			t.Errorf("%s: %q", tc.name, got)
		}
	}
}

// TestEarlyPrepareAccused: what comes of a prepare that is early is not laid at the door of the
// abort that follows.
func TestEarlyPrepareAccused(t *testing.T) {
	shapes, _ := causes(func(c *model.Config) { c.Execution = model.Batched }, func(p causePad) {
		p.ask(model.KindExecute, 0, padW0, padW1)
		p.ask(model.KindPrepare, 1, padW0)
		p.answer(model.Timeout)
	})
	if shapes != "" {
		t.Errorf("accused: %s", shapes)
	}
}
