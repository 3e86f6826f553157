package analysis

import (
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// TestLedgerBlocked: t1 prepares at w0, where another attempt is behind it. It is
// blocked by the doubt if it is still there once w0 has voted, or comes later.
func TestLedgerBlocked(t *testing.T) {
	other := model.Attempt{Txn: 7, Try: 1}
	wait := func(p *tracePad) { p.c.Waits(padW0, other, t1) }
	abort := func(p *tracePad) { p.note(padW0, model.KindAborted, other, model.Message{}) }
	no := func(p *tracePad) {
		p.send(padW0, model.KindVote, other, model.Message{Vote: model.VoteNo, Reason: model.Conflict, Payload: &model.Obstacle{Other: t1}})
	}
	crash := func(p *tracePad) { p.crash(padW0); p.befall(sim.TraceRestart, padW0, 2) }
	for _, tc := range []struct {
		name        string
		early, late []func(p *tracePad) // before the YES of w0, and behind it
		want        uint64
	}{
		{"nobody waits", nil, nil, 0},
		{"waits", nil, steps{wait}, 1},
		{"waits already", steps{wait}, nil, 1},
		{"waits again", steps{wait}, steps{wait}, 1},
		{"waits no longer", steps{wait, abort}, nil, 0},
		{"waits, and is aborted during the doubt", steps{wait}, steps{abort}, 1},
		{"waits when the worker crashes", steps{wait, crash}, nil, 0},
		{"waits before and after the worker crashes", steps{wait, crash, wait}, nil, 1},
		{"is refused", nil, steps{abort, no}, 1},
		{"waits, and is forgotten", steps{func(p *tracePad) { p.c.Waits(padW0, model.Attempt{Txn: 9, Try: 1}, t1) }}, nil, 0},
		{"is refused as soon as the worker has voted", nil, steps{(*tracePad).atOnce, abort, no}, 1},
		{"is refused before", steps{abort, no}, nil, 0},
		{"is refused before, and hears of it later", steps{abort}, steps{no}, 0},
		{"is refused before, and again", steps{abort, no}, steps{no}, 0},
	} {
		p := newTracePad("presumed-abort")
		p.request(t1, 2)
		p.request(other, 1)
		p.append(padW0, model.KindPrepare, t1)
		p.synced(padW0)
		for _, step := range tc.early {
			step(p)
		}
		p.send(padW0, model.KindVote, t1, model.Message{Vote: model.VoteYes})
		for _, step := range tc.late {
			step(p)
		}
		p.act(padW0, t1)
		l := p.c.Ledger(partitionNo, lineNo)
		if sum := l.Sum(); sum.Blocked+l.Latency.Blocked != tc.want || sum.Parts+l.Latency.Parts != 1 {
			t.Errorf("%s: got %+v, want %d blocked", tc.name, l, tc.want)
		}
	}
}

type steps = []func(p *tracePad)

// TestLedgerBlockedElsewhere: who was blocked by the doubt of one worker, and is so no
// longer, still was when another worker begins to doubt.
func TestLedgerBlockedElsewhere(t *testing.T) {
	other := model.Attempt{Txn: 7, Try: 1}
	p := newTracePad("presumed-abort")
	p.request(t1, 2)
	p.request(other, 1)
	for _, w := range []sim.NodeID{padW1, padW0} {
		p.append(w, model.KindPrepare, t1)
		p.synced(w)
		p.send(w, model.KindVote, t1, model.Message{Vote: model.VoteYes})
		if w == padW1 {
			p.c.Waits(w, other, t1)
			p.note(w, model.KindAborted, other, model.Message{})
		}
	}
	p.act(padW0, t1)
	p.act(padW1, t1)
	l := p.c.Ledger(partitionNo, lineNo)
	if sum := l.Sum(); sum.Blocked+l.Latency.Blocked != 1 || sum.Parts+l.Latency.Parts != 2 {
		t.Errorf("got %+v", l)
	}
}

// TestLedgerBlockedTwice: an attempt that waits at two workers, or for two transactions, is one
// attempt that is blocked; another one of the same transaction is one more.
func TestLedgerBlockedTwice(t *testing.T) {
	mine, other, again := model.Attempt{Txn: 8, Try: 1}, model.Attempt{Txn: 7, Try: 1}, model.Attempt{Txn: 7, Try: 2}
	p := newTracePad("presumed-abort")
	for _, a := range []model.Attempt{t1, mine, other} {
		p.request(a, 2)
	}
	for _, w := range []sim.NodeID{padW0, padW1} {
		for _, holder := range []model.Attempt{t1, mine} {
			p.prepared(w, holder)
			p.c.Waits(w, other, holder)
		}
	}
	p.c.Waits(padW0, again, t1)
	for _, w := range []sim.NodeID{padW0, padW1} {
		for _, holder := range []model.Attempt{t1, mine} {
			p.act(w, holder)
		}
	}
	l := p.c.Ledger(partitionNo, lineNo)
	if l.Latency.Blocked != 2 || l.Latency.Parts != 4 {
		t.Errorf("got %+v", l)
	}
}
