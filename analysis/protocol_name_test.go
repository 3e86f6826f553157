package analysis

import (
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// TestGivesWayToNobody: under a control that goes by age a worker says for whose sake it
// refuses.
func TestGivesWayToNobody(t *testing.T) {
	conflict := model.Message{Vote: model.VoteNo, Reason: model.Conflict}
	named := conflict
	named.Payload = &model.Obstacle{Key: "k", Other: model.Attempt{Txn: 2, Try: 1}}
	for _, tc := range []struct {
		name    string
		control int // of model.Concurrencies
		send    func(p *tracePad)
		want    bool
	}{
		{"wait-die", 0, func(p *tracePad) { p.send(padW0, model.KindVote, t1, conflict) }, true},
		{"wound-wait", 1, func(p *tracePad) {
			p.send(padW0, model.KindWound, t1, model.Message{Payload: &model.Obstacle{Key: "k"}})
		}, true},
		{"no-wait", 2, func(p *tracePad) { p.send(padW0, model.KindVote, t1, conflict) }, false},
		{"named", 0, func(p *tracePad) { p.send(padW0, model.KindVote, t1, named) }, false},
		{"another reason", 0, func(p *tracePad) {
			p.send(padW0, model.KindVote, t1, model.Message{Vote: model.VoteNo, Reason: model.Full})
		}, false},
		{"an answer", 0, func(p *tracePad) {
			no := named
			no.Attempt = t1
			p.c.Trace(&sim.Record[model.Message]{At: p.now, Op: sim.TraceDeliver, Node: padC0, Peer: padW0, Kind: model.KindVote, Label: t1.Label(), Message: &no})
			p.send(padC0, model.KindAnswer, t1, model.Message{Outcome: model.Aborted, Reason: model.Conflict, Payload: named.Payload})
		}, false},
	} {
		p := newTracePad("presumed-abort")
		cfg := lateConfig()
		cfg.Concurrency = model.Concurrencies()[tc.control]
		p.c = newProtocolChecker(cfg, p.c.format)
		p.request(t1, 2)
		tc.send(p)
		if got := p.findings(); (len(got) == 1 && strings.HasPrefix(got[0], InvAgeOrder)) != tc.want || !tc.want && len(got) > 0 {
			t.Errorf("%s: %q", tc.name, got)
		}
	}
}

// TestTwoNames: a coordinator has one name for an attempt on the wire, and none for two.
func TestTwoNames(t *testing.T) {
	id := func(n uint64) model.Message { return model.Message{ID: model.WireID(1<<40 | n)} }
	for _, tc := range []struct {
		name   string
		second model.Attempt
		id     uint64
		want   string
	}{
		{"the same again", t1, 1, ""},
		{"another attempt by another name", t2, 2, ""},
		{"the attempt by another name", t1, 2, "unique-ids: C0 calls t1 1.2 on the wire, and called it 1.1 before"},
		{"another attempt by the same name", t2, 1, "unique-ids: C0 calls t1#2 1.1 on the wire, and that is the name of t1"},
	} {
		p := newTracePad("presumed-abort")
		p.request(t1, 2)
		p.send(padC0, model.KindPrepare, t1, id(1))
		p.request(tc.second, 2)
		p.send(padC0, model.KindPrepare, tc.second, id(tc.id))
		if got := strings.Join(p.findings(), "\n"); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// TestVoteOfFinished: a worker does not vote YES on what its log says is over.
func TestVoteOfFinished(t *testing.T) {
	for _, tc := range []struct {
		record sim.Kind
		want   string
	}{
		{model.KindPrepare, ""},
		{model.KindCommit, "idempotence: w0 votes YES on t1, of which its log has the commit record"},
		{model.KindAbort, "idempotence: w0 votes YES on t1, of which its log has the abort record"},
		{model.KindCommitOne, "idempotence: w0 votes YES on t1, of which its log has the commit-one record"},
	} {
		p := newTracePad("presumed-abort")
		p.only = InvIdempotence
		p.request(t1, 2)
		if tc.record != model.KindCommitOne {
			p.append(padW0, model.KindPrepare, t1)
		}
		if tc.record != model.KindPrepare {
			p.append(padW0, tc.record, t1)
		}
		p.synced(padW0)
		p.send(padW0, model.KindVote, t1, model.Message{Vote: model.VoteYes})
		if got := strings.Join(p.findings(), "\n"); got != tc.want {
			t.Errorf("%s record: %q, want %q", model.KindName(tc.record), got, tc.want)
		}
	}
}

// TestNamesRemembered: of each epoch the latest names are remembered, and what the protocol does
// not name is not compared.
func TestNamesRemembered(t *testing.T) {
	var x idRing
	name := func(epoch, n uint64) model.WireID { return model.WireID(epoch<<40 | n) }
	for epoch := range uint64(3) {
		for n := range uint64(500) {
			if was := x.add(name(epoch+1, n+1), sim.Label(1000*epoch+n+1)); was != 0 {
				t.Fatalf("the name %d.%d is that of %d", epoch+1, n+1, was)
			}
		}
	}
	for epoch := range uint64(3) {
		for n := range uint64(500) {
			if want, was := sim.Label(1000*epoch+n+1), x.add(name(epoch+1, n+1), 7777); was != want {
				t.Fatalf("the name %d.%d is that of %d, want %d", epoch+1, n+1, was, want)
			}
		}
	}
	for n := range uint64(10 * maxNames) {
		x.add(name(4, n+1), 1)
	}
	if len(x.ids) != maxNames {
		t.Errorf("%d names are held", len(x.ids))
	}
	p := newTracePad("presumed-abort")
	for _, a := range []model.Attempt{t1, t2} {
		p.request(a, 2)
		p.send(padC0, model.KindPrepare, a, model.Message{})
	}
	if got := p.findings(); len(got) > 0 {
		t.Errorf("without names: %q", got)
	}
}

// TestAgeOnTheWire: a coordinator passes on to workers the age that the client gave, also with its
// decisions, unless it has these from its log.
func TestAgeOnTheWire(t *testing.T) {
	for _, tc := range []struct {
		kind    sim.Kind
		control int // of model.Concurrencies
		from    sim.NodeID
		before  func(p *tracePad)
		want    bool
	}{
		{model.KindPrepare, 0, padC0, nil, true}, {model.KindExecute, 0, padC0, nil, true}, {model.KindCommitOne, 0, padC0, nil, true},
		{model.KindPrepare, 2, padC0, nil, false}, {model.KindPrepare, 0, padW0, nil, false},
		{model.KindAbort, 0, padC0, nil, true}, {model.KindCommit, 0, padC0, nil, true}, {model.KindAbort, 2, padC0, nil, false},
		{model.KindAbort, 0, padC0, func(p *tracePad) { p.crash(padC0) }, false},
		{model.KindAbort, 0, padC0, func(p *tracePad) { p.request(t2, 2) }, false},
		{model.KindPrepare, 0, padC0, func(p *tracePad) { p.crash(padC0) }, true},
	} {
		cfg := lateConfig()
		cfg.Concurrency = model.Concurrencies()[tc.control]
		p := newTracePad("presumed-abort")
		p.c = newProtocolChecker(cfg, p.c.format)
		p.only = InvAgeOrder
		p.request(t1, 2)
		if tc.before != nil {
			tc.before(p)
		}
		p.send(tc.from, tc.kind, t1, model.Message{Start: 5})
		if got := p.findings(); len(got) > 0 != tc.want {
			t.Errorf("%s, control %d, from node %d: %q", model.KindName(tc.kind), tc.control, tc.from, got)
		}
	}
}

// TestActOnce: a worker acts on an attempt once in a life.
func TestActOnce(t *testing.T) {
	act := func(n sim.NodeID, a model.Attempt) func(p *tracePad) {
		return func(p *tracePad) { p.note(n, model.KindAborted, a, model.Message{}) }
	}
	for _, tc := range []struct {
		name  string
		steps []func(p *tracePad)
		want  string
	}{
		{"once each", []func(p *tracePad){act(padW0, t1), act(padW1, t1), act(padW0, t2)}, ""},
		{"twice", []func(p *tracePad){act(padW0, t1), act(padW0, t1)}, "idempotence: w0 has aborted t1 again"},
		{"in two lives", []func(p *tracePad){act(padW0, t1), func(p *tracePad) { p.crash(padW0) }, act(padW0, t1)}, ""},
	} {
		p := newTracePad("presumed-abort")
		p.request(t1, 2)
		for _, step := range tc.steps {
			step(p)
		}
		if got := strings.Join(p.findings(), "\n"); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}
