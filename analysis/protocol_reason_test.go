package analysis

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// patience is a control of one's own that has two ages wait, and others not.
type patience struct{}

func (patience) Name() string { return "patience" }

func (patience) Conflict(requester, other model.Age) model.Resolution {
	if requester.Start+other.Start > 3 {
		return model.Die
	}
	return model.Wait
}

// TestAbortReason gives and tells reasons that there are, and others.
func TestAbortReason(t *testing.T) {
	const second = time.Second // the timeouts
	control := func(i int) func(c *model.Config) {
		return func(c *model.Config) { c.Concurrency = model.Concurrencies()[i] }
	}
	waitDie, woundWait, noWait := control(0), control(1), control(2)
	bounded := func(c *model.Config) { noWait(c); c.Disk.Capacity = 1 << 20 }
	own := func(c *model.Config) { c.Protocol = unaccountable{model.Protocols()[0].(model.TwoPhase)} }
	ownControl := func(c *model.Config) { c.Concurrency = patience{} }
	anyTime := func(c *model.Config) { woundWait(c); c.Schedule.Strategy = sim.Exhaustive }
	u1, unknown := model.Attempt{Txn: 2, Try: 1}, model.Attempt{Txn: 3, Try: 1}
	restart := func(p causePad, n sim.NodeID) { p.crash(n); p.befall(sim.TraceRestart, n, 2) }
	prepare := func(p causePad) { p.ask(model.KindPrepare, 0, padW0, padW1) }
	behind := func(why model.Reason, key string, other model.Attempt) model.Message {
		return model.Message{Vote: model.VoteNo, Reason: why, Payload: &model.Obstacle{Key: key, Other: other}}
	}
	no := func(why model.Reason) func(p causePad) {
		return func(p causePad) { prepare(p); p.vote(padW0, model.VoteNo, why) }
	}
	done := func(why model.Reason) func(p causePad) {
		return func(p causePad) {
			p.ask(model.KindCommitOne, 0, padW0)
			p.between(padW0, padC0, model.KindDone, model.Message{Outcome: model.Aborted, Reason: why})
		}
	}
	clientOf := func(m model.Message) func(p causePad) {
		return func(p causePad) {
			p.send(padC0, model.KindAnswer, t1, model.Message{Outcome: model.Aborted, Reason: m.Reason, Payload: m.Payload})
		}
	}
	tells := func(steps func(p causePad), why model.Reason) func(p causePad) {
		return func(p causePad) { steps(p); p.answer(why) }
	}
	wound := func(p causePad) { p.between(padW0, padC0, model.KindWound, behind(0, "k", u1)) }
	// u1 is asked for at w0, which is in its second life.
	other := func(p causePad) {
		restart(p, padW0)
		p.request(u1, 1)
		p.trace(sim.TraceSend, padC0, padW0, model.KindPrepare, u1, 0, &model.Message{Attempt: u1})
	}
	reached := func(p causePad) {
		other(p)
		p.c.Trace(&sim.Record[model.Message]{At: p.now, Op: sim.TraceDeliver, Node: padW0, Peer: padC0, Kind: model.KindPrepare, Label: u1.Label(), Message: &model.Message{}})
	}
	refusedFor := func(key string, who model.Attempt) func(p causePad) {
		return func(p causePad) {
			prepare(p)
			p.note(padW0, model.KindAborted, t1, model.Message{})
			p.between(padW0, padC0, model.KindVote, behind(model.Conflict, key, who))
		}
	}
	readers := func(key string, txns ...uint64) func(p causePad) {
		return func(p causePad) {
			reached(p)
			for _, txn := range txns {
				for i := range p.txn[txn].Ops {
					p.txn[txn].Ops[i].Kind = model.Read
				}
			}
			refusedFor(key, u1)(p)
		}
	}
	long := func(p causePad) {
		prepare(p)
		wound(p)
		p.wait(second)
		wound(p)
	}
	for _, tc := range []struct {
		name  string
		set   func(c *model.Config)
		steps func(p causePad)
		want  string
	}{
		{"a conflict", noWait, tells(no(model.Conflict), model.Conflict), ""},
		{"another reason than was given", noWait, tells(no(model.Conflict), model.Wounded), "unheard"},
		{"a conflict of the attempt before", noWait, func(p causePad) {
			no(model.Conflict)(p)
			p.request(t2, 2)
			p.send(padC0, model.KindAnswer, t2, model.Message{Outcome: model.Aborted, Reason: model.Conflict})
		}, "unheard"},
		{"a conflict that nobody spoke of", noWait, tells(prepare, model.Conflict), "unheard"},
		{"a worker that is full, which nobody spoke of", noWait, tells(prepare, model.Full), "unheard"},
		{"an attempt that nobody said he did not know", noWait, tells(prepare, model.UnknownTxn), "unheard"},
		{"the same in another protocol", own, tells(prepare, model.Conflict), ""},
		{"a reason of one's own", noWait, tells(prepare, model.ReasonUser), ""},
		{"a conflict that nobody spoke of, after a crash", noWait, func(p causePad) { prepare(p); restart(p, padC0); p.answer(model.Conflict) }, "unheard"},
		{"a conflict of who votes YES", noWait, func(p causePad) { prepare(p); p.vote(padW0, model.VoteYes, model.Conflict); p.answer(model.Conflict) }, "unheard"},
		{"a log device that is full", bounded, func(p causePad) { p.answer(model.Full) }, ""},
		{"a log device that is full after a worker was asked", bounded, tells(prepare, model.Full), "unheard"},
		{"a log device without bounds that is full", noWait, func(p causePad) { p.answer(model.Full) }, "unheard"},
		{"a conflict where the log device is bounded", bounded, func(p causePad) { p.answer(model.Conflict) }, "unheard"},
		{"no reason", noWait, tells(prepare, model.NoReason), "unheard"},
		{"a dead worker", noWait, tells(prepare, model.WorkerLost), "unheard"},
		{"a crash", noWait, func(p causePad) { prepare(p); restart(p, padC0); p.answer(model.CoordinatorLost) }, ""},
		{"a crash of a worker", noWait, func(p causePad) { prepare(p); restart(p, padW0); p.answer(model.CoordinatorLost) }, "unheard"},
		{"a conflict in one phase", noWait, tells(done(model.Conflict), model.Conflict), ""},
		{"a conflict in one phase, not told", noWait, tells(done(model.Conflict), model.NoReason), "unheard"},
		{"a wound", woundWait, func(p causePad) { prepare(p); wound(p); clientOf(behind(model.Wounded, "k", u1))(p) }, ""},
		{"a wound for another", woundWait, func(p causePad) { prepare(p); wound(p); clientOf(behind(model.Wounded, "k", t2))(p) }, "another obstacle"},
		{"a wound on another key", woundWait, func(p causePad) { prepare(p); wound(p); clientOf(behind(model.Wounded, "x", u1))(p) }, "another obstacle"},
		{"a wound for nobody", woundWait, func(p causePad) { prepare(p); wound(p); p.answer(model.Wounded) }, "another obstacle"},
		{"the second of two wounds", woundWait, func(p causePad) {
			prepare(p)
			wound(p)
			p.between(padW1, padC0, model.KindWound, behind(0, "k", unknown))
			clientOf(behind(model.Wounded, "k", unknown))(p)
		}, ""},
		{"a wound that is told as a conflict", woundWait, func(p causePad) { prepare(p); wound(p); p.answer(model.Conflict) }, "unheard"},

		{"NO without a reason", noWait, no(model.NoReason), "no reason"},
		{"NO without a reason after a crash", noWait, func(p causePad) { prepare(p); restart(p, padW0); p.vote(padW0, model.VoteNo, model.NoReason) }, ""},
		{"NO without a reason after a crash of the coordinator", noWait, func(p causePad) { prepare(p); restart(p, padC0); p.vote(padW0, model.VoteNo, model.NoReason) }, ""},
		{"NO without a reason in another protocol", own, no(model.NoReason), ""},
		{"a timeout of a worker", noWait, no(model.Timeout), "no reason"},
		{"a validation", noWait, no(model.Validation), "no reason"},
		{"a validation in another protocol", own, no(model.Validation), ""},
		{"a coordinator that a worker misses", noWait, no(model.CoordinatorLost), "no reason"},
		{"a worker that a worker misses", noWait, no(model.WorkerLost), "no reason"},
		{"a conflict under a control that is not known", ownControl, no(model.Conflict), ""},
		{"a conflict under wound-wait", woundWait, no(model.Conflict), "other control"},
		{"a refusal for a wound under wait-die", waitDie, done(model.Wounded), "other control"},
		{"a refusal for a wound under wound-wait", woundWait, done(model.Wounded), ""},
		{"a wound under no-wait", noWait, wound, "other control"},

		{"in the way", noWait, func(p causePad) { reached(p); refusedFor("k", u1)(p) }, ""},
		{"in the way of no key", noWait, func(p causePad) { reached(p); refusedFor("", u1)(p) }, ""},
		{"not asked", noWait, func(p causePad) { other(p); refusedFor("k", u1)(p) }, "not in the way"},
		{"an attempt that is yet to come", noWait, func(p causePad) { reached(p); refusedFor("k", model.Attempt{Txn: 2, Try: 2})(p) }, "not in the way"},
		{"another key", noWait, func(p causePad) { reached(p); refusedFor("l", u1)(p) }, "not in the way"},
		{"itself", noWait, refusedFor("k", t1), "not in the way"},
		{"a wound for its own sake", woundWait, func(p causePad) {
			prepare(p)
			p.between(padW0, padC0, model.KindWound, behind(0, "k", t1))
		}, "not in the way"},
		{"both only read", noWait, readers("k", 1, 2), "not in the way"},
		{"the one in the way writes", noWait, readers("k", 1), ""},
		{"the one that is refused writes", noWait, readers("k", 2), ""},
		{"both only read what is not named", noWait, readers("", 1, 2), "not in the way"},
		{"over", noWait, func(p causePad) {
			reached(p)
			p.note(padW0, model.KindCommitted, u1, model.Message{})
			refusedFor("k", u1)(p)
		}, "not in the way"},
		{"another attempt is over", noWait, func(p causePad) {
			reached(p)
			p.note(padW0, model.KindAborted, model.Attempt{Txn: 2, Try: 2}, model.Message{})
			refusedFor("k", u1)(p)
		}, ""},
		{"at another worker", noWait, func(p causePad) {
			reached(p)
			prepare(p)
			p.between(padW1, padC0, model.KindVote, behind(model.Conflict, "k", u1))
		}, "not in the way"},
		{"over in another life", noWait, func(p causePad) {
			reached(p)
			p.note(padW0, model.KindCommitted, u1, model.Message{})
			restart(p, padW0)
			refusedFor("k", u1)(p)
		}, ""},
		{"over after the refusal, which is told late", noWait, func(p causePad) {
			reached(p)
			prepare(p)
			p.note(padW0, model.KindAborted, t1, model.Message{})
			p.note(padW0, model.KindCommitted, u1, model.Message{})
			p.between(padW0, padC0, model.KindVote, behind(model.Conflict, "k", u1))
		}, ""},
		{"a transaction that is not known", noWait, refusedFor("k", model.Attempt{Txn: 99, Try: 1}), ""},

		{"wounded for long", woundWait, long, "wounded in vain"},
		{"wounded for long where time does not count", anyTime, long, ""},
		{"wounded again soon", woundWait, func(p causePad) { prepare(p); wound(p); p.wait(second / 2); wound(p) }, ""},
		{"wounded for long, and idle", woundWait, func(p causePad) {
			p.ask(model.KindExecute, 0, padW0)
			p.between(padW0, padC0, model.KindExecuted, model.Message{Vote: model.VoteYes})
			wound(p)
			p.wait(second)
			wound(p)
		}, ""},
		{"wounded for long, and about to vote", woundWait, func(p causePad) {
			prepare(p)
			p.append(padW0, model.KindPrepare, t1)
			wound(p)
			p.wait(second)
			wound(p)
		}, ""},
		{"wounded again in another life, where it is asked for something else", woundWait, func(p causePad) {
			p.ask(model.KindExecute, 0, padW0)
			wound(p)
			restart(p, padW0)
			prepare(p)
			p.wait(second)
			wound(p)
		}, ""},
		{"wounded for long in another life than that in which it was asked", woundWait, func(p causePad) {
			prepare(p)
			restart(p, padW0)
			wound(p)
			p.wait(second)
			wound(p)
		}, ""},
		{"wounded in another life", woundWait, func(p causePad) {
			prepare(p)
			wound(p)
			restart(p, padW0)
			p.wait(second)
			wound(p)
		}, ""},
	} {
		got, found := causes(tc.set, tc.steps)
		if got != tc.want {
			t.Errorf("%s: got %q, want %q: %v", tc.name, got, tc.want, found)
		}
		for _, f := range found {
			want := []string{"t1"} // in its own way
			if strings.Contains(f.Text, "t2") {
				want = []string{"t1", "t2"}
			}
			if f.Shape == "not in the way" && !slices.Equal(f.IDs(), want) {
				t.Errorf("%s: of %q, want %q, whose fault it may be", tc.name, f.Txn, want)
			}
		}
	}
}

// TestObstacleText: the finding names what is in the way, as it is told and as it was heard.
func TestObstacleText(t *testing.T) {
	behind := func(key string, a model.Attempt) model.Message {
		return model.Message{Outcome: model.Aborted, Reason: model.Wounded, Payload: &model.Obstacle{Key: key, Other: a}}
	}
	testHeard(t, "another obstacle", []heardCase{{"another", nil, []func(p causePad){
		func(p causePad) { p.between(padW0, padC0, model.KindWound, behind("k", model.Attempt{Txn: 2, Try: 1})) },
		func(p causePad) { p.send(padC0, model.KindAnswer, t1, behind("a b", model.Attempt{Txn: 3, Try: 2})) },
	}, `t1 is aborted (wounded on "a b" with t3#2), and what C0 has heard is wounded on k with t2`}})
}

// TestCrowded: only an accountable protocol promises to ask for room.
func TestCrowded(t *testing.T) {
	for want, protocol := range map[int]model.Protocol{1: model.Protocols()[0], 0: unaccountable{model.Protocols()[0].(model.TwoPhase)}} {
		cfg := lateConfig()
		cfg.Protocol = protocol
		c := newProtocolChecker(cfg, &model.Formatter{Coordinators: 1, Workers: 2})
		c.Crowded(model.BadRecords{})
		c.Crowded(model.BadRecords{Records: 3, Node: padW0, Kind: model.KindPrepare, Attempt: t1})
		if kept, total := c.Findings(); total != want || want == 1 && !strings.Contains(kept[0].Text, "prepare record of t1") {
			t.Errorf("%v, want %d", kept, want)
		}
	}
}
