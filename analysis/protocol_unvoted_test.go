package analysis

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// tellAbort has a worker hear of the abort of t1.
func (p *tracePad) tellAbort(n sim.NodeID) {
	p.trace(sim.TraceDeliver, n, padC0, model.KindAbort, t1, 0, &model.Message{Attempt: t1})
}

// unvoted has a worker crash with a durable prepare record of t1 before its YES has left, and ask
// when it is back.
func (p *tracePad) unvoted(n sim.NodeID) {
	p.append(n, model.KindPrepare, t1)
	p.synced(n)
	p.crash(n)
	p.befall(sim.TraceRestart, n, 2)
	p.send(n, model.KindEnquire, t1, model.Message{})
}

// TestUnvotedThoughTold: a worker whose YES a crash kept from leaving has not voted, and this does
// not change when it is told the decision, and acts on it, before another one is.
func TestUnvotedThoughTold(t *testing.T) {
	p := newTracePad("presumed-abort")
	p.request(t1, 2)
	p.prepared(padW0, t1)
	p.unvoted(padW1) // crashes at 7 ms
	p.note(padC0, model.KindDecide, t1, model.Message{Outcome: model.Aborted})
	for _, n := range []sim.NodeID{padW1, padW0} {
		p.tellAbort(n)
		p.note(n, model.KindAborted, t1, model.Message{})
	}
	if got, want := ledgerText(p.c.Ledger(partitionNo, lineNo)), "crash of w1@7 2 15ms locked 15ms blocked 0 open 0"; got != want {
		t.Errorf("in doubt because of %s, want %s", got, want)
	}
	if got := strings.Join(p.c.Evidence(t1), "\n"); strings.Count(got, "vote") != 1 || !strings.Contains(got, "w0 → C0   send vote") {
		t.Errorf("what shows it has the vote of w0 and none of w1:\n%s", got)
	}
}

// TestUnvotedThoughToldBefore: nor does it when a crash takes what it did: it may act untold once
// more. Once it has voted it may not.
func TestUnvotedThoughToldBefore(t *testing.T) {
	for _, votes := range []bool{false, true} {
		p := newTracePad("presumed-abort")
		p.request(t1, 2)
		p.unvoted(padW0)
		if votes {
			p.send(padW0, model.KindVote, t1, model.Message{Vote: model.VoteYes})
		}
		p.tellAbort(padW0)
		p.note(padW0, model.KindAborted, t1, model.Message{})
		p.crash(padW0)
		p.befall(sim.TraceRestart, padW0, 3)
		p.note(padW0, model.KindAborted, t1, model.Message{})
		all, _ := p.c.Findings()
		if got := slices.ContainsFunc(all, func(f Finding) bool { return f.Shape == "untold" }); got != votes {
			t.Errorf("votes %t: %v", votes, all)
		}
	}
}

// TestUnvotedActs: what an unvoted worker does untold is no decision, and ends its doubt, so that
// its transaction comes to rest.
func TestUnvotedActs(t *testing.T) {
	p := newTracePad("presumed-abort")
	p.request(t1, 2)
	p.append(padW0, model.KindPrepare, t1)
	p.synced(padW0)
	p.crash(padW0)
	p.befall(sim.TraceRestart, padW0, 2)
	p.send(padW0, model.KindEnquire, t1, model.Message{})
	x := p.c.txns.find(t1.Label())
	x.answered = true
	if p.c.comeToRest(x); x.resting || x.bound(t1.Label()) {
		t.Errorf("at rest in doubt: %v, and its outcome matters to who has promised: %v", x.resting, x.bound(t1.Label()))
	}
	p.note(padW0, model.KindAborted, t1, model.Message{})
	if !x.resting || len(x.decisions) > 0 {
		t.Errorf("at rest: %v, decisions %v", x.resting, x.decisions)
	}
}
