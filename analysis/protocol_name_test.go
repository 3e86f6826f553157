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

// TestNamesOnTheWire: a coordinator that names an attempt does so whenever it tells a worker
// of it; one whose protocol has other names does not.
func TestNamesOnTheWire(t *testing.T) {
	first, second := model.NewWireID(1, 1), model.NewWireID(1, 2)
	for _, c := range []struct {
		asked, told model.WireID
		kind        sim.Kind
		want        string
	}{
		{first, first, model.KindCommit, ""},
		{0, 0, model.KindCommit, ""},
		{first, second, model.KindCommit, "calls t1 1.2 on the wire, and called it 1.1 before"},
		{first, 0, model.KindCommit, "calls t1 0.0 on the wire, and called it 1.1 before"},
		{first, 0, model.KindAbort, "calls t1 0.0 on the wire, and called it 1.1 before"},
		{first, 0, model.KindAnswer, ""},
	} {
		p := newTracePad("presumed-abort")
		p.request(t1, 2)
		p.send(padC0, model.KindPrepare, t1, model.Message{ID: c.asked})
		p.send(padC0, c.kind, t1, model.Message{ID: c.told})
		got := strings.Join(p.findings(), "\n")
		if named := strings.Contains(got, InvUniqueIDs); named != (c.want != "") || !strings.Contains(got, c.want) {
			t.Errorf("%v, then %v: %q, expected %q", c.asked, c.told, got, c.want)
		}
	}
}
