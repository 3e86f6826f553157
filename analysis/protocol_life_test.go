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
