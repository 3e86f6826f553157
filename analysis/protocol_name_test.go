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
