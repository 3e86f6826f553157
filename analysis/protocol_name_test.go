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
			p.send(padC0, model.KindAnswer, t1, model.Message{Outcome: model.Aborted, Reason: model.Conflict})
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
	} {
		p := newTracePad("presumed-abort")
		p.only = InvIdempotence
		p.request(t1, 2)
		p.append(padW0, model.KindPrepare, t1)
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
