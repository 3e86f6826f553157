package analysis

import (
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
)

// foreign is a control by age of which the checker knows nothing else.
type foreign struct{ model.Concurrency }

func (foreign) ByAge() {}

// TestAgeOrder: what gives way to whom, of t1 and of t2, which is younger.
func TestAgeOrder(t *testing.T) {
	young := model.Attempt{Txn: 2, Try: 1}
	refuse := func(a, other model.Attempt) func(p *tracePad) {
		return func(p *tracePad) {
			p.send(padW0, model.KindVote, a, model.Message{Vote: model.VoteNo, Reason: model.Conflict, Payload: &model.Obstacle{Key: "k", Other: other}})
		}
	}
	wound := func(a, other model.Attempt) func(p *tracePad) {
		return func(p *tracePad) {
			p.send(padW0, model.KindWound, a, model.Message{Payload: &model.Obstacle{Key: "k", Other: other}})
		}
	}
	wait := func(a, other model.Attempt) func(p *tracePad) {
		return func(p *tracePad) { p.c.Waits(padW0, a, other) }
	}
	all := model.Concurrencies()
	waitDie, woundWait, noWait := all[0], all[1], all[2]
	const younger = "which is younger: submitted at 0.000000000 as number 2, and t1 at 0.000000000 as number 1"
	const waits = "age-order: t2 waits at w0 for t1, where it is to die under wait-die: submitted at 0.000000000 as number 2, and t1 at 0.000000000 as number 1"
	for _, tc := range []struct {
		name    string
		control model.Concurrency
		run     func(p *tracePad)
		want    string
	}{
		{"the younger is refused", waitDie, refuse(young, t1), ""},
		{"the older is refused", waitDie, refuse(t1, young), "age-order: t1 gives way at w0 to t2, " + younger},
		{"the older is refused without ages", noWait, refuse(t1, young), ""},
		{"the younger is wounded", woundWait, wound(young, t1), ""},
		{"the older is wounded", woundWait, wound(t1, young), "age-order: t1 is to give way at w0 to t2, " + younger},
		{"the older waits", waitDie, wait(t1, young), ""},
		{"the younger waits", waitDie, wait(young, t1), waits},
		{"the younger waits where it may", woundWait, wait(young, t1), ""},
		{"the younger waits without ages", noWait, wait(young, t1), ""},
		{"the younger waits under another control", foreign{waitDie}, wait(young, t1), ""},
	} {
		cfg := lateConfig()
		cfg.Concurrency = tc.control
		p := newTracePad("presumed-abort")
		p.c = newProtocolChecker(cfg, p.c.format)
		p.only = InvAgeOrder
		p.request(t1, 2)
		p.request(young, 2)
		p.send(padC0, model.KindPrepare, t1, model.Message{})
		p.send(padC0, model.KindPrepare, young, model.Message{})
		tc.run(p)
		if got := strings.Join(p.findings(), "\n"); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}
