package analysis

import (
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// unaccountable is two-phase commit whose reasons may mean anything.
type unaccountable struct{ model.TwoPhase }

func (u unaccountable) Promises() model.Promises {
	p := u.TwoPhase.Promises()
	p.Accountable = false
	return p
}

// The steps of TestAbortCause.
type causePad struct{ *tracePad }

func (p causePad) wait(d time.Duration) { p.now = p.now.Add(d) }

// between lets a message from one node arrive at another.
func (p causePad) between(from, to sim.NodeID, k sim.Kind, m model.Message) {
	m.Attempt = t1
	p.trace(sim.TraceSend, from, to, k, t1, 0, &m)
	p.arrive(from, to, k, m)
}

func (p causePad) arrive(from, to sim.NodeID, k sim.Kind, m model.Message) {
	p.c.Trace(&sim.Record[model.Message]{At: p.now, Arrived: p.now, Op: sim.TraceDeliver, Node: to, Peer: from, Kind: k, Label: t1.Label(), Message: &m})
}

func (p causePad) ask(k sim.Kind, from int32, workers ...sim.NodeID) {
	for i, w := range workers {
		p.between(padC0, w, k, model.Message{Part: int32(i), From: from})
	}
}

func (p causePad) vote(w sim.NodeID, v model.Vote, why model.Reason) {
	p.between(w, padC0, model.KindVote, model.Message{Part: int32(w - padW0), Vote: v, Reason: why})
}

func (p causePad) answer(why model.Reason) {
	p.send(padC0, model.KindAnswer, t1, model.Message{Outcome: model.Aborted, Reason: why})
}

// TestAbortCause aborts with a cause and without.
func TestAbortCause(t *testing.T) {
	const long = 900 * time.Millisecond         // of a timeout of one second
	const step = time.Second - time.Millisecond // that timeout, without what the next step takes
	prepare := func(p causePad) { p.ask(model.KindPrepare, 0, padW0, padW1) }
	wait := func(p causePad) { prepare(p); p.c.Waits(padW0, t1, t2); p.c.Waits(padW1, t1, t2) }
	yes := func(p causePad) {
		prepare(p)
		p.vote(padW0, model.VoteYes, 0)
		p.vote(padW1, model.VoteRead, 0)
	}
	late := func(p causePad) {
		prepare(p)
		p.vote(padW0, model.VoteYes, 0)
		p.wait(time.Second)
	}
	misses := func(p causePad, n sim.NodeID, v model.Vote) {
		p.note(padC0, model.KindSuspect, t1, model.Message{Peer: n, Vote: v, Start: sim.Time(time.Second)})
	}
	slowSync := func(p causePad) {
		p.trace(sim.TraceSync, padW0, sim.Nobody, 0, model.Attempt{}, 0, nil)
		p.wait(long)
		p.synced(padW0)
	}
	shared := func(c *model.Config) { c.Hosts = 1 }
	together := func(c *model.Config) { c.Placement = model.OnWorkers }
	own := func(c *model.Config) { c.Protocol = unaccountable{model.Protocols()[0].(model.TwoPhase)} }
	roomy := func(c *model.Config) { c.Resources.Keys = 1 } // t1 writes one key at each worker
	full := func(p causePad) { prepare(p); p.vote(padW0, model.VoteNo, model.Full) }
	woundWait := func(c *model.Config) { c.Concurrency = model.Concurrencies()[1] }
	anyTime := func(c *model.Config) { c.Schedule.Strategy = sim.Exhaustive }
	random := func(c *model.Config) { c.Schedule.Strategy = sim.RandomWalk }
	restart := func(p causePad, n sim.NodeID) { p.crash(n); p.befall(sim.TraceRestart, n, 2) }
	unknown := func(p causePad, epoch uint32) {
		p.between(padW0, padC0, model.KindVote, model.Message{ID: model.NewWireID(epoch, 1), Vote: model.VoteNo, Reason: model.UnknownTxn})
	}
	ran := func(p causePad) {
		p.ask(model.KindExecute, 0, padW0, padW1)
		p.between(padW0, padC0, model.KindExecuted, model.Message{Vote: model.VoteYes})
	}
	for _, tc := range []struct {
		name  string
		set   func(c *model.Config)
		steps func(p causePad)
		want  string
	}{
		{"all voted YES", nil, func(p causePad) { yes(p); p.answer(model.Timeout) }, "all voted YES"},
		{"all voted YES, a conflict", nil, func(p causePad) { yes(p); p.answer(model.Conflict) }, "all voted YES"},
		{"all voted YES, under another protocol", own, func(p causePad) { yes(p); p.answer(model.Timeout) }, "all voted YES"},
		{"under another protocol, later than the timeout", own, func(p causePad) { yes(p); p.wait(time.Second); p.answer(model.Timeout) }, ""},
		{"under another protocol, for its own reason", own, func(p causePad) { yes(p); p.answer(model.ReasonUser) }, ""},
		{"under another protocol, after a fault", own, func(p causePad) {
			restart(p, padW1)
			yes(p)
			p.befall(sim.TraceLost, padW0, 0)
			p.answer(model.Conflict)
		}, ""},
		{"under another protocol, after a message of its own", own, func(p causePad) {
			p.between(padW0, padC0, model.KindUser, model.Message{})
			yes(p)
			p.answer(model.Conflict)
		}, ""},
		{"all voted YES, and one of them NO later", nil, func(p causePad) { yes(p); p.vote(padW1, model.VoteNo, model.Conflict); p.answer(model.Conflict) }, "all voted YES"},
		{"all voted YES, and one of them NO later, under another protocol", own, func(p causePad) { yes(p); p.vote(padW1, model.VoteNo, model.Conflict); p.answer(model.Conflict) }, ""},
		{"all voted YES, and a wound later, under another protocol", own, func(p causePad) {
			yes(p)
			p.between(padW0, padC0, model.KindWound, model.Message{})
			p.answer(model.Conflict)
		}, "all voted YES"},
		{"all voted YES, after a fault of before", own, func(p causePad) { restart(p, padW0); p.request(t1, 2); yes(p); p.answer(model.Timeout) }, "all voted YES"},
		{"all voted YES, and the coordinator crashed", nil, func(p causePad) { yes(p); restart(p, padC0); p.answer(model.CoordinatorLost) }, ""},
		{"all voted YES, and a worker crashed", nil, func(p causePad) { yes(p); restart(p, padW0); p.answer(model.Timeout) }, "all voted YES"},
		{"one votes NO", nil, func(p causePad) {
			prepare(p)
			p.vote(padW0, model.VoteNo, model.Conflict)
			p.vote(padW1, model.VoteYes, 0)
			p.answer(model.Conflict)
		}, ""},
		{"a wound before the last vote", woundWait, func(p causePad) {
			prepare(p)
			p.vote(padW0, model.VoteYes, 0)
			p.between(padW1, padC0, model.KindWound, model.Message{})
			p.vote(padW1, model.VoteYes, 0)
			p.answer(model.Wounded)
		}, ""},
		{"an abort record before the last vote", nil, func(p causePad) {
			late(p)
			p.vote(padW0, model.VoteYes, 0)
			p.append(padC0, model.KindAbort, t1)
			p.vote(padW1, model.VoteYes, 0)
			p.answer(model.Timeout)
		}, ""},
		{"the same vote twice", nil, func(p causePad) {
			late(p)
			p.vote(padW0, model.VoteYes, 0)
			p.c.Waits(padW1, t1, t2)
			p.answer(model.Timeout)
		}, ""},
		{"a second answer", nil, func(p causePad) {
			yes(p)
			p.send(padC0, model.KindAnswer, t1, model.Message{Outcome: model.Committed})
			p.answer(model.CoordinatorLost)
		}, ""},

		{"hasty", nil, func(p causePad) { prepare(p); p.c.Waits(padW0, t1, t2); p.wait(long); p.answer(model.Timeout) }, "hasty"},
		{"hasty: a moment before the timeout", nil, func(p causePad) { wait(p); p.wait(step - 1); p.answer(model.Timeout) }, "hasty"},
		{"at the timeout", nil, func(p causePad) { wait(p); p.wait(step); p.answer(model.Timeout) }, ""},
		{"hasty: nobody is asked", nil, func(p causePad) { p.answer(model.Timeout) }, "hasty"},
		{"hasty in another protocol", own, func(p causePad) { prepare(p); p.answer(model.Timeout) }, ""},
		{"hasty where time does not count", anyTime, func(p causePad) { prepare(p); p.answer(model.Timeout) }, ""},

		{"no reply", nil, func(p causePad) { late(p); p.answer(model.Timeout) }, "no reply"},
		{"no reply where events may be late", random, func(p causePad) { late(p); p.answer(model.Timeout) }, ""},
		{"no reply from who waits for a lock", nil, func(p causePad) { late(p); p.c.Waits(padW1, t1, model.Attempt{}); p.answer(model.Timeout) }, ""},
		{"no reply after a fault", nil, func(p causePad) { restart(p, padW1); late(p); p.answer(model.Timeout) }, ""},
		{"no reply while faults are to come", nil, func(p causePad) { p.c.AwaitCalm(); late(p); p.answer(model.Timeout) }, ""},
		{"no reply from who waits for its disk", nil, func(p causePad) { late(p); p.append(padW1, model.KindPrepare, t1); p.answer(model.Timeout) }, ""},
		{"no reply where devices are slow", nil, func(p causePad) { slowSync(p); late(p); p.answer(model.Timeout) }, ""},
		{"no reply where devices are not as slow as that", nil, func(p causePad) { slowSync(p); late(p); p.wait(16 * long); p.answer(model.Timeout) }, "no reply"},
		{"no reply where all wait for one device", shared, func(p causePad) { slowSync(p); late(p); p.wait(16 * long); p.answer(model.Timeout) }, ""},
		{"no reply where two wait for one device", together, func(p causePad) { slowSync(p); late(p); p.wait(16 * long); p.answer(model.Timeout) }, ""},
		{"no reply to what has not arrived", nil, func(p causePad) {
			p.ask(model.KindPrepare, 0, padW0)
			p.vote(padW0, model.VoteYes, 0)
			p.wait(time.Second)
			p.answer(model.Timeout)
		}, ""},
		{"no reply to a request that comes twice", nil, func(p causePad) {
			ran(p)
			p.between(padW1, padC0, model.KindExecuted, model.Message{Vote: model.VoteYes, Part: 1})
			p.arrive(padC0, padW1, model.KindExecute, model.Message{Part: 1})
			p.wait(time.Second)
			p.answer(model.Timeout)
		}, ""},
		{"no reply to a request of which only the one before has come again", nil, func(p causePad) {
			ran(p)
			p.between(padW1, padC0, model.KindExecuted, model.Message{Vote: model.VoteYes, Part: 1})
			p.trace(sim.TraceSend, padC0, padW1, model.KindExecute, t1, 0, &model.Message{Attempt: t1, Part: 1, From: 1})
			p.arrive(padC0, padW1, model.KindExecute, model.Message{Part: 1})
			p.wait(time.Second)
			p.answer(model.Timeout)
		}, ""},
		{"no reply to the prepare from who has waited before", nil, func(p causePad) {
			p.ask(model.KindExecute, 0, padW0, padW1)
			p.c.Waits(padW1, t1, model.Attempt{})
			p.between(padW0, padC0, model.KindExecuted, model.Message{Vote: model.VoteYes})
			p.between(padW1, padC0, model.KindExecuted, model.Message{Vote: model.VoteYes, Part: 1})
			late(p)
			p.answer(model.Timeout)
		}, "no reply"},
		{"done too late", nil, func(p causePad) {
			p.ask(model.KindCommitOne, 0, padW0)
			p.wait(time.Second)
			p.between(padW0, padC0, model.KindDone, model.Message{Outcome: model.Aborted, Reason: model.UnknownTxn})
		}, "no reply"},

		{"done too late, and asked again", nil, func(p causePad) {
			p.ask(model.KindCommitOne, 0, padW0)
			p.wait(time.Second)
			p.ask(model.KindCommitOne, 0, padW0)
			p.between(padW0, padC0, model.KindDone, model.Message{Outcome: model.Aborted, Reason: model.Conflict})
		}, "no reply"},

		{"unknown", nil, func(p causePad) { prepare(p); p.vote(padW0, model.VoteNo, model.UnknownTxn) }, "unknown"},
		{"unknown after a crash", nil, func(p causePad) { prepare(p); restart(p, padW0); p.vote(padW0, model.VoteNo, model.UnknownTxn) }, ""},
		{"unknown after another's crash", nil, func(p causePad) { prepare(p); restart(p, padW1); p.vote(padW0, model.VoteNo, model.UnknownTxn) }, "unknown"},
		{"unknown in the coordinator's next life", nil, func(p causePad) { prepare(p); restart(p, padC0); unknown(p, 1) }, ""},
		{"unknown while the coordinator is down", nil, func(p causePad) { prepare(p); p.crash(padC0); unknown(p, 1) }, "unknown"},
		{"unknown of what that life has begun", nil, func(p causePad) { restart(p, padC0); prepare(p); unknown(p, 2) }, "unknown"},
		{"unknown without results, however late", nil, func(p causePad) { p.wait(5 * time.Second); prepare(p); p.vote(padW0, model.VoteNo, model.UnknownTxn) }, "unknown"},
		{"unknown soon after its results", nil, func(p causePad) { ran(p); p.wait(long); prepare(p); p.vote(padW0, model.VoteNo, model.UnknownTxn) }, "unknown"},
		{"unknown after an idle time", nil, func(p causePad) {
			ran(p)
			p.wait(time.Second)
			prepare(p)
			p.vote(padW0, model.VoteNo, model.UnknownTxn)
		}, ""},
		{"unknown after an idle time, and a duplicate came first", woundWait, func(p causePad) {
			ran(p)
			p.ask(model.KindCommitOne, 1, padW0)
			p.wait(time.Second)
			p.between(padW0, padC0, model.KindExecuted, model.Message{Vote: model.VoteNo, Reason: model.UnknownTxn})
			p.c.Waits(padW0, t1, t2)
			p.between(padC0, padW0, model.KindCommitOne, model.Message{From: 1})
			p.between(padW0, padC0, model.KindDone, model.Message{Outcome: model.Aborted, Reason: model.Wounded})
		}, ""},
		{"unknown late, and asked in time", nil, func(p causePad) {
			ran(p)
			prepare(p)
			p.wait(time.Second)
			p.vote(padW0, model.VoteNo, model.UnknownTxn)
		}, "unknown"},
		{"unknown where time does not count", anyTime, func(p causePad) { prepare(p); p.vote(padW0, model.VoteNo, model.UnknownTxn) }, ""},
		{"unknown in another protocol", own, func(p causePad) { prepare(p); p.vote(padW0, model.VoteNo, model.UnknownTxn) }, ""},

		{"silent and missed", nil, func(p causePad) { late(p); misses(p, padW1, model.VoteYes) }, ""},
		{"heard and missed", nil, func(p causePad) { late(p); misses(p, padW0, model.VoteYes) }, "suspect"},
		{"heard, and its ack is missed", nil, func(p causePad) { late(p); misses(p, padW0, model.VoteNone) }, ""},
		{"heard and missed in another protocol", own, func(p causePad) { late(p); misses(p, padW0, model.VoteYes) }, ""},

		{"full", nil, full, "full"},
		{"full of no more than its bound", roomy, full, "full"},
		{"full where a disk may be", nil, func(p causePad) { p.c.DisksFill(); full(p) }, ""},
	} {
		if got, found := causes(tc.set, tc.steps); got != tc.want {
			t.Errorf("%s: got %q, want %q: %v", tc.name, got, tc.want, found)
		}
	}
}

// causes takes steps after a request of t1, and returns the findings, and the shapes of those
// about why it is aborted.
func causes(set func(*model.Config), steps func(p causePad)) (shapes string, found []Finding) {
	found = judged(set, steps)
	var got []string
	for _, f := range found {
		if f.Invariant == InvAbortCause || f.Shape == "wounded in vain" {
			got = append(got, f.Shape)
		}
	}
	return strings.Join(got, ", "), found
}

// judged returns what is found when t1 is requested on two workers and these steps follow.
func judged(set func(*model.Config), steps func(p causePad)) []Finding {
	cfg := lateConfig()
	if set != nil {
		set(cfg)
	}
	p := newTracePad("presumed-abort")
	p.c.Reset(cfg, &model.Formatter{Coordinators: cfg.Coordinators, Workers: cfg.Workers})
	p.request(t1, 2)
	steps(causePad{p})
	found, _ := p.c.Findings()
	return found
}

// foundAfter returns the texts of the findings of one shape after these steps, by line.
func foundAfter(set func(*model.Config), shape string, steps []func(p causePad)) string {
	return texts(judged(set, func(p causePad) {
		for _, step := range steps {
			step(p)
		}
	}), shape)
}

// shapes returns the shapes of the findings of one invariant.
func shapes(found []Finding, invariant string) (all string) {
	for _, f := range found {
		if f.Invariant == invariant {
			all += f.Shape
		}
	}
	return all
}

// texts returns the texts of the findings of one shape, by line.
func texts(found []Finding, shape string) string {
	var all []string
	for _, f := range found {
		if f.Shape == shape {
			all = append(all, f.Text)
		}
	}
	return strings.Join(all, "\n")
}
