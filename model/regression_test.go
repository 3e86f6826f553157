package model

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/sim"
)

func labWith(protocol string, cc Concurrency, ex Execution) Config {
	cfg := labConfig()
	cfg.Protocol, cfg.Concurrency, cfg.Execution = protocolNamed(protocol), cc, ex
	return cfg
}

// TestLateWoundOfVoter: under presumed commit a wound is sent while the victim
// is still preparing, and comes when its commit is decided and forgotten. The
// coordinator, told that the victim has not voted, presumes abort; the worker
// knows better.
func TestLateWoundOfVoter(t *testing.T) {
	l := newLab(labWith("presumed-commit", woundWait{}, OneShot),
		script("w0 write x = 1; w1 write y = 1", "w0 write x = 2; w2 write z = 2"),
		strikeAt{node: "C0", point: sim.BeforeSend, kind: KindPrepare, peer: "w0", do: late(3 * ms)},
		strikeAt{node: "w0", point: sim.BeforeSend, kind: KindWound, do: late(10 * ms)},
		strikeAt{node: "C0", point: sim.BeforeSend, kind: KindCommit, peer: "w0", do: sim.Strike{Drop: true}},
	)
	presumedAbort := false
	l.seen = func(r *sim.Record[Message]) {
		presumedAbort = presumedAbort || r.Op == sim.TraceSend && r.Kind == KindAbort && r.Message.Presumed
	}
	l.run(t)
	if !presumedAbort || l.answer(2).Outcome != Committed {
		t.Errorf("presumed abort %v, t2 %v: the test does not get where it wants to", presumedAbort, l.answer(2).Outcome)
	}
}

// TestWoundedLately: where time is no part of the state, every requester has a victim asked.
func TestWoundedLately(t *testing.T) {
	for strategy, want := range map[sim.Strategy]bool{sim.ByLatency: true, sim.Exhaustive: false} { // any order: each by itself
		w := newLab(labConfig(), nil).worker(0)
		w.Config.Schedule.Strategy = strategy
		if got := w.woundedLately(&part{work: &work{woundAgain: 1}}); got != want {
			t.Errorf("strategy %v: %v", strategy, got)
		}
		w.Config.Timeouts.Idle = 0
		if got := w.woundedInVain(&part{work: &work{woundAgain: 1}}); got != want { // first asked at time 0
			t.Errorf("strategy %v: in vain %v", strategy, got)
		}
		if w.woundedInVain(&part{work: &work{}}) {
			t.Errorf("strategy %v: in vain, though it was not asked", strategy)
		}
	}
}

// TestWoundedByMany: a younger transaction that three older ones wait for is wounded once,
// not by each; and again after timeouts.decision, as the wound was lost.
func TestWoundedByMany(t *testing.T) {
	for _, ex := range []Execution{OneShot, Batched, Interactive} {
		cfg, asks := labWith("presumed-abort", woundWait{}, ex), KindExecute
		if ex == OneShot {
			asks = KindPrepare
		}
		cfg.Clients, cfg.Timeouts.Prepare = 4, time.Second
		l := newLab(cfg, script("w0 write x = 1; w1 write a = 1", "w0 write x = 2; w1 write b = 2", "w0 write x = 3; w1 write c = 3", "w0 write x = 4; w2 write d = 4"),
			strikeAt{node: "C0", point: sim.BeforeSend, kind: asks, peer: "w0", do: late(3 * ms)},
			strikeAt{node: "C0", point: sim.BeforeSend, kind: asks, peer: "w0", do: late(4 * ms)},
			strikeAt{node: "C0", point: sim.BeforeSend, kind: asks, peer: "w0", do: late(5 * ms)},
			strikeAt{node: "C0", point: sim.BeforeSend, kind: asks, peer: "w2", do: late(500 * ms)},
			strikeAt{node: "w0", point: sim.BeforeSend, kind: KindWound, do: sim.Strike{Drop: true}},
		)
		var wounds []string
		l.seen = func(r *sim.Record[Message]) {
			if r.Op == sim.TraceSend && r.Kind == KindWound {
				wounds = append(wounds, fmt.Sprintf("t%d at %s", r.Message.Attempt.Txn, r.At))
			}
		}
		l.run(t)
		if want := []string{"t4 at 0.004000000", "t4 at 0.044000000"}; !slices.Equal(wounds, want) || l.answer(4).Reason != Wounded {
			t.Errorf("%v: wounds %v, want %v; t4 %v", ex, wounds, want, l.answer(4).Outcome)
		}
		for i := uint64(1); i <= 3; i++ {
			if l.answer(i).Outcome != Committed {
				t.Errorf("%v: t%d %v", ex, i, l.answer(i).Outcome)
			}
		}
	}
}

// TestLateWoundOfOnePhase: the wound of an executed attempt comes to a
// coordinator that has crashed since, while the worker is committing the
// attempt in one phase: the abort presumed there must not undo it.
func TestLateWoundOfOnePhase(t *testing.T) {
	l := newLab(labWith("presumed-abort", woundWait{}, Batched),
		script("w0 write x = 2"),
		strikeAt{node: "C0", point: sim.AfterSend, kind: KindCommitOne, do: crash(500 * time.Microsecond)})
	c := l.keepCopies()
	// An abort presumed while t1's commit-one record is on its way to the disk.
	c.again(4*ms, KindCommitOne, l.Workers[0], 1, func(m *copied) {
		m.mail.Kind = KindAbort
		m.msg = Message{ID: m.msg.ID, Attempt: m.msg.Attempt, Presumed: true}
	})
	l.run(t)
	if got := l.stored()["w0/x"]; got == "" {
		t.Errorf("nothing is stored: the test does not get where it wants to")
	}
}

// TestRereadAfterRecovery: a worker crashes between its prepare record and its
// YES vote; the prepare comes a second time. The vote must carry the results of
// the reads again, the attempt's own writes seen, and so it does: the locks
// that came back from the log kept what was read as it was.
func TestRereadAfterRecovery(t *testing.T) {
	l := newLab(labWith("presumed-abort", waitDie{}, OneShot),
		script("w0 write a = old", "@10ms w0 read a; w0 read x; w0 write x = 1; w0 read x; w0 delete a; w0 read a; w1 write z = 1"),
		strikeAt{node: "w0", point: sim.AfterSync, kind: KindPrepare, do: crash(ms)})
	c := l.keepCopies()
	c.again(15*ms, KindPrepare, l.Workers[0], 1, nil)
	l.run(t)
	e := l.answer(2)
	var got []string
	for _, r := range e.Reads {
		got = append(got, fmt.Sprintf("%d:%v:%s:%v", r.Op, r.Found, r.Value, r.Version.Txn))
	}
	if want := "0:true:old:1 1:false::0 3:true:1:2 5:false::2"; e.Outcome != Committed || strings.Join(got, " ") != want {
		t.Errorf("%v with %v, want %v", e.Outcome, got, want)
	}
}

// TestFullLogPromisesNothing: a one-phase commit that finds no room in the log
// makes the worker take a checkpoint. What it then refuses must not be in it.
func TestFullLogPromisesNothing(t *testing.T) {
	for _, p := range Protocols() {
		cfg := labWith(p.Name(), waitDie{}, OneShot)
		cfg.Disk.Capacity = 400
		long := strings.Repeat("v", 150)
		l := newLab(cfg, script("w0 write x = "+long, "@10ms w0 write y = "+long, "@40ms w0 write z = 1"))
		l.World.Crash(sim.Time(25*ms), l.Workers[0], 5*ms)
		l.run(t)
		if e := l.answer(2); e.Outcome != Aborted || e.Reason != Full {
			t.Errorf("%s: t2 %v %v, want aborted (full)", p.Name(), e.Outcome, e.Reason)
		}
		if e := l.answer(3); e.Outcome != Committed {
			t.Errorf("%s: t3 %v %v: a small write has room", p.Name(), e.Outcome, e.Reason)
		}
	}
}

// TestKeysBound: a delete that has not committed frees no room for another's
// key, for it may abort. What adds no key has room always.
func TestKeysBound(t *testing.T) {
	cfg := labConfig()
	cfg.Resources.Keys = 1
	l := newLab(cfg, script("w0 write a = 1", "@10ms w0 delete a; w1 write q = 1", "@13ms w0 write b = 1", "@50ms w0 write a = 2"),
		strikeAt{node: "C0", point: sim.BeforeSend, kind: KindPrepare, peer: "w1", do: late(30 * ms)}).run(t)
	if a, b := l.answer(2), l.answer(3); a.Reason != Timeout || b.Reason != Full || l.stored()["w0/a"] != "2" || len(l.stored()) != 1 {
		t.Errorf("t2 %v, t3 %v, stored %v; want timeout, full and one key of value 2", a.Reason, b.Reason, l.stored())
	}
}

// TestStagingBound: what is staged by a vote counts until the decision.
func TestStagingBound(t *testing.T) {
	cfg := labConfig()
	cfg.Resources.Staging = 8
	l := newLab(cfg, script("w0 write a = 12345; w1 write q = 1", "@2ms w0 write b = 123", "@30ms w0 write b = 123")).run(t)
	if a, b, c := l.answer(1), l.answer(2), l.answer(3); a.Outcome != Committed || b.Reason != Full || c.Outcome != Committed {
		t.Errorf("%v, %v (%v), %v; want committed, aborted (full), committed", a.Outcome, b.Outcome, b.Reason, c.Outcome)
	}
}

// TestReadVoteRepeated: a READ vote that is lost is given again when the
// prepare comes again.
func TestReadVoteRepeated(t *testing.T) {
	l := newLab(labWith("presumed-abort", waitDie{}, Batched), script("w0 read x; w1 write y = 1"),
		strikeAt{node: "w0", point: sim.BeforeSend, kind: KindVote, do: sim.Strike{Drop: true}})
	l.keepCopies().again(10*ms, KindPrepare, l.Workers[0], 1, nil)
	if l.run(t); l.answer(1).Outcome != Committed {
		t.Errorf("%v", l.answer(1))
	}
}

// TestDuplicateResult: a result of an interactive operation that comes twice
// must not be taken for that of the next one.
func TestDuplicateResult(t *testing.T) {
	l := newLab(labWith("presumed-abort", waitDie{}, Interactive), script("w0 read x; w0 read y; w0 read z; w1 write y = 1"),
		strikeAt{node: "w0", point: sim.BeforeSend, kind: KindExecuted, do: sim.Strike{Duplicate: true}}).run(t)
	if e := l.answer(1); e.Outcome != Committed || len(e.Reads) != 3 {
		t.Errorf("%v with %d results", e.Outcome, len(e.Reads))
	}
}

// TestAskedBehindOlderAttempt: under presumed nothing the first attempt still
// waits for an ack of a dead worker when the coordinator crashes and loses the
// second. The client asks about the second and must be told.
func TestAskedBehindOlderAttempt(t *testing.T) {
	cfg := labWith("presumed-nothing", waitDie{}, OneShot)
	cfg.Retry.Attempts = 2
	l := newLab(cfg, script("w0 write x = 1; w1 write y = 1"),
		strikeAt{node: "w1", point: sim.BeforeReceive, kind: KindPrepare, do: crash(sim.Forever)},
		strikeAt{node: "C0", point: sim.AfterSend, kind: KindPrepare, nth: 4, do: crash(5 * ms)})
	l.Run(context.Background())
	if e := l.answer(1); e.Outcome != Aborted || e.Attempt.Try != 2 || e.Reason != CoordinatorLost {
		t.Errorf("%v %v %v, want the second attempt aborted with its coordinator", e.Attempt, e.Outcome, e.Reason)
	}
}

// TestAbortForcedWhileExecuting: presumed nothing forces every abort that it
// sends, also one before anybody was asked to vote; the write-ahead rules that
// lab.run checks say so.
func TestAbortForcedWhileExecuting(t *testing.T) {
	for _, ex := range []Execution{Batched, Interactive} {
		l := newLab(labWith("presumed-nothing", noWait{}, ex), script("w0 write x = 1; w1 write y = 1", "w1 write y = 2; w0 write x = 2; w2 write z = 2")).run(t)
		if l.watch.sent[KindAbort] == 0 {
			t.Errorf("%v: no abort was sent", ex)
		}
	}
}

// TestWoundsDelayNoEnquiry: a worker in doubt asks for the decision as often where others wait
// for its locks, and have it wounded.
func TestWoundsDelayNoEnquiry(t *testing.T) {
	cfg := labWith("presumed-abort", woundWait{}, Interactive)
	cfg.Coordinators = 2
	cfg.Timeouts.Prepare = time.Second
	l := newLab(cfg, script("w1 read p; w1 read p; w1 read p; w1 read p; w0 write x = 1", "w0 write x = 2; w2 write z = 3"),
		strikeAt{node: "C1", point: sim.BeforeReceive, kind: KindVote, do: crash(500 * ms)})
	asked, wounds := map[sim.NodeID][]sim.Time{}, 0
	l.seen = func(r *sim.Record[Message]) {
		switch {
		case r.Op == sim.TraceSend && r.Kind == KindEnquire:
			asked[r.Node] = append(asked[r.Node], r.At)
		case r.Op == sim.TraceSend && r.Kind == KindWound && r.Message.Vote == VoteYes:
			wounds++
		}
	}
	l.run(t)
	if w0, w2 := asked[l.Workers[0]], asked[l.Workers[2]]; wounds < 3 || len(w0) < 3 || !slices.Equal(w0, w2[:len(w0)]) {
		t.Errorf("wounded %d times, w0 asks at %v, w2 at %v", wounds, w0, w2)
	}
}

// TestEmptyTransaction: nothing to do is done at once.
func TestEmptyTransaction(t *testing.T) {
	combinations(func(p Protocol, cc Concurrency, ex Execution) {
		l := newLab(labWith(p.Name(), cc, ex), []*Transaction{{ID: "t1", Index: 1}}).run(t)
		if l.answer(1).Outcome != Committed {
			t.Errorf("%s %s: %v", p.Name(), ex, l.answer(1).Outcome)
		}
	})
}

// TestWithoutStuck: a cluster that is never overdue runs to its end.
func TestWithoutStuck(t *testing.T) {
	cfg := labConfig()
	cfg.Stuck = 0
	newLab(cfg, script("w0 write x = 1; w1 write y = 1")).run(t)
}

// TestDeadCoordinatorHoldsUpNobody: a worker goes on forgetting the attempts of
// other coordinators.
func TestDeadCoordinatorHoldsUpNobody(t *testing.T) {
	cfg := labConfig()
	cfg.Coordinators, cfg.Clients = 2, 1
	var lines []string
	for range 400 {
		lines = append(lines, "w0 write x = 1; w1 write y = 1")
	}
	ts := script(lines...)
	l := newLab(cfg, ts, strikeAt{node: "C1", point: sim.AfterSend, kind: KindPrepare, nth: 5, do: crash(sim.Forever)})
	l.Run(context.Background())
	if n := len(l.worker(0).parts); n > 20 {
		t.Errorf("the worker remembers %d attempts", n)
	}
}

// TestImpossibleDecisions: a worker that is told to commit what it did not
// prepare, or to abort what it has committed, stops; it does not guess.
func TestImpossibleDecisions(t *testing.T) {
	for _, c := range []struct {
		name   string
		kind   sim.Kind
		change func(m *copied)
		stops  bool
	}{
		{"commit of what was never prepared", KindCommit, func(m *copied) { m.msg.ID += 7 }, true},
		{"abort of what is committed", KindCommit, func(m *copied) { m.mail.Kind = KindAbort }, true},
		{"abort presumed of what is committed", KindCommit, func(m *copied) { m.mail.Kind, m.msg.Presumed, m.msg.Vote = KindAbort, true, VoteYes }, false},
		{"commit once more", KindCommit, func(m *copied) {}, false},
		{"commit below the mark", KindCommit, func(m *copied) { m.msg.Mark += 10 }, false},
		{"commit of what is unknown below the mark", KindCommit, func(m *copied) { m.msg.ID += 7; m.msg.Mark += 10 }, false},
	} {
		l := newLab(labConfig(), script("w0 write x = 1; w1 write y = 1"))
		acks := 0
		l.seen = func(r *sim.Record[Message]) {
			if r.Op == sim.TraceSend && r.Kind == KindAck && r.Node == l.Workers[0] {
				acks++
			}
		}
		l.keepCopies().again(30*ms, c.kind, l.Workers[0], 1, c.change)
		l.Run(context.Background())
		if dead := l.World.Dead(l.Workers[0]); dead != c.stops || dead != (l.watch.err != nil) {
			t.Errorf("%s: stopped %v, finding %v", c.name, dead, l.watch.err)
		}
		if want := c.kind == KindCommit && strings.HasPrefix(c.name, "commit"); !c.stops && want && acks != 2 {
			t.Errorf("%s: %d acks, want 2", c.name, acks)
		}
	}
}

// TestSharedLocksComeBack: t1 has read x on w0 and voted there, and has yet to
// reach w2, when w0 crashes. Were its shared lock not restored, t2 could write
// x and read z ahead of t1: each before the other.
func TestSharedLocksComeBack(t *testing.T) {
	for _, cc := range Concurrencies() {
		for _, threshold := range []int{1 << 20, 10} { // from the log, and from a checkpoint
			cfg := labWith("presumed-abort", cc, OneShot)
			cfg.Checkpoint, cfg.Timeouts.Prepare = threshold, 60*ms
			l := newLab(cfg, script("w0 read x; w2 write z = 1", "@8ms w2 read z; w0 write x = 2"),
				strikeAt{node: "C0", point: sim.BeforeSend, kind: KindPrepare, peer: "w2", do: late(15 * ms)},
				strikeAt{node: "w0", point: sim.AfterSend, kind: KindVote, do: crash(ms)})
			if l.run(t); l.answer(1).Outcome != Committed {
				t.Errorf("%s: t1 %v", cc.Name(), l.answer(1).Outcome)
			}
		}
	}
}

// TestReexecutedOperations: a worker executes, crashes, and executes the same
// once more because the request comes twice, in another state of the data. The
// prepare names the first life: what was read there no longer holds.
func TestReexecutedOperations(t *testing.T) {
	l := newLab(labWith("presumed-abort", waitDie{}, Batched),
		script("w0 read x; w1 write y = 1", "@3ms w0 write x = 2"),
		strikeAt{node: "w0", point: sim.AfterSend, kind: KindExecuted, do: crash(ms)},
		strikeAt{node: "C0", point: sim.BeforeSend, kind: KindPrepare, peer: "w0", do: late(10 * ms)})
	l.keepCopies().again(9*ms, KindExecute, l.Workers[0], 1, nil)
	if l.run(t); l.answer(1).Reason != UnknownTxn || l.answer(2).Outcome != Committed {
		t.Errorf("t1 %v (%v), t2 %v; want the first aborted (unknown transaction)", l.answer(1).Outcome, l.answer(1).Reason, l.answer(2).Outcome)
	}
}

// TestWoundResent: a wound is lost. It is sent again while its sender waits.
func TestWoundResent(t *testing.T) {
	cfg := labWith("presumed-abort", woundWait{}, OneShot)
	cfg.Timeouts.Prepare = 300 * ms
	l := newLab(cfg, script("w0 write x = 1; w1 write y = 1", "w0 write x = 2; w2 write z = 2"),
		strikeAt{node: "C0", point: sim.BeforeSend, kind: KindPrepare, peer: "w0", do: late(2 * ms)},
		strikeAt{node: "C0", point: sim.BeforeSend, kind: KindPrepare, peer: "w2", do: late(200 * ms)},
		strikeAt{node: "w0", point: sim.BeforeSend, kind: KindWound, do: sim.Strike{Drop: true}}).run(t)
	if a, b := l.answer(1), l.answer(2); a.Outcome != Committed || a.Latency > 100*ms || b.Reason != Wounded {
		t.Errorf("t1 %v after %v, t2 %v; want committed soon, and wounded", a.Outcome, a.Latency, b.Reason)
	}
}

// TestRefusedOnePhaseStaysRefused: a one-phase commit is refused and the client
// is told; the worker crashes; the request comes a second time, when nothing is
// in its way any more. The refusal was forced, so it must not run.
func TestRefusedOnePhaseStaysRefused(t *testing.T) {
	for _, p := range Protocols() {
		l := newLab(labWith(p.Name(), noWait{}, OneShot), script("w0 write x = 1; w1 write y = 1", "@3500us w0 write x = 2"))
		l.World.Crash(sim.Time(30*ms), l.Workers[0], ms)
		l.keepCopies().again(40*ms, KindCommitOne, l.Workers[0], 1, nil)
		if l.run(t); l.answer(2).Reason != Conflict || l.stored()["w0/x"] != "1" {
			t.Errorf("%s: t2 %v, stored %v; want a conflict and t1's value", p.Name(), l.answer(2).Reason, l.stored())
		}
	}
}

// TestRefusedOnePhaseTellsNoReads: a worker that is alone has read y when it is refused x. What
// it read is nobody's, and was sent along with the refusal.
func TestRefusedOnePhaseTellsNoReads(t *testing.T) {
	refused := 0
	l := newLab(labWith("presumed-abort", noWait{}, OneShot), script("w0 write x = 1; w1 write y = 1", "@2ms w0 read y; w0 write x = 2"))
	l.seen = func(r *sim.Record[Message]) {
		if m := r.Message; r.Op == sim.TraceSend && r.Kind == KindDone && m.Outcome == Aborted {
			if refused++; len(m.Reads) > 0 {
				t.Errorf("%d reads with a refusal", len(m.Reads))
			}
		}
	}
	if l.run(t); refused == 0 {
		t.Error("nobody was refused")
	}
}

// TestAskCrossesAnswer: a client asks again while its answer is on the way. A coordinator
// that has forgotten the attempt must not deny it, be it one that has begun it in its first
// life, in a later one of which the client had or had not heard, or one that has read it from
// its log.
func TestAskCrossesAnswer(t *testing.T) {
	down := sim.Strike{Crash: true, For: 50 * ms}
	for _, tc := range []struct {
		name  string
		crash []strikeAt
		life  uint32 // that must have been asked about what it had forgotten
		heard uint32 // the life that the client had heard of when it asked for that
	}{
		{"first life", nil, 1, 1},
		{"sent before the restart", []strikeAt{{node: "C0", point: sim.BeforeReceive, kind: KindRequest, nth: 5, do: down}}, 2, 1},
		{"sent later", []strikeAt{{node: "C0", point: sim.BeforeReceive, kind: KindRequest, nth: 5, do: down}}, 2, 2},
		{"read from the log", []strikeAt{{node: "C0", point: sim.BeforeSend, kind: KindCommit, do: sim.Strike{Crash: true, For: 34 * ms}}}, 2, 1},
	} {
		for _, p := range Protocols() {
			for _, ex := range []Execution{OneShot, Batched, Interactive} {
				crossed := false
				for ask := 3 * ms; ask < 6*ms; ask += ms {
					cfg := labWith(p.Name(), waitDie{}, ex)
					cfg.Retry.Attempts, cfg.Timeouts.Answer, cfg.Placement = 5, ask, Separate
					var lines []string
					for i := range 200 {
						lines = append(lines, fmt.Sprintf("@%dus w0 write x%d = 1; w1 write x%d = 2; w2 read y", 500*i, i, i))
					}
					l := newLab(cfg, script(lines...), tc.crash...)
					l.seen = func(r *sim.Record[Message]) {
						if r.Op == sim.TraceDeliver && r.Kind == KindAsk {
							c := l.World.Node(r.Node).(*coordinator)
							crossed = crossed || c.Env.Incarnation() == tc.life && c.byTxn.get(r.Message.Attempt.Txn) == nil &&
								l.watch.answered[r.Label].life == tc.life && r.Message.Life == tc.heard
						}
					}
					l.run(t)
				}
				if !crossed && p.Name() == "presumed-commit" {
					t.Errorf("%s, %s %s: no asking crosses an answer", tc.name, p.Name(), ex)
				}
			}
		}
	}
}

// TestClientAsksInTime: a coordinator is down for long, and its client has
// asked in vain many times when faults end. It must ask again before the rest
// takes its silence for being stuck, 20 times the longest timeout.
func TestClientAsksInTime(t *testing.T) {
	cfg := labConfig()
	cfg.Timeouts.Answer = 200 * ms
	cfg.FaultsEnd, cfg.Stuck = 16*time.Second, 20*cfg.Timeouts.Answer
	l := newLab(cfg, script("w0 write x = 1; w1 write y = 1"))
	l.World.Crash(sim.Time(ms), l.Coordinators[0], time.Minute)
	if l.run(t); l.answer(1).Outcome != Aborted {
		t.Errorf("t1 %v, want aborted: the coordinator crashed", l.answer(1).Outcome)
	}
}

// TestHungForGood: a coordinator that hangs for ever before all transactions are
// submitted. Its faults end once they have stopped everything, and all is resolved.
func TestHungForGood(t *testing.T) {
	cfg := labConfig()
	cfg.Clients, cfg.FaultsEnd, cfg.Stuck = 1, 0, 20*time.Second
	l := newLab(cfg, script("w0 write x = 1; w1 write y = 1", "w0 write x = 2; w1 write y = 2"))
	l.World.Pause(sim.Time(ms), l.Coordinators[0], sim.Forever)
	l.run(t)
	for i := uint64(1); i <= 2; i++ {
		if l.answer(i).Outcome != Committed {
			t.Errorf("t%d %v, want committed", i, l.answer(i).Outcome)
		}
	}
}

// TestManyRoundTrips: a transaction of so many round trips that they take longer than
// nothing may be resolved. It comes a step further with each.
func TestManyRoundTrips(t *testing.T) {
	cfg := labWith("presumed-abort", waitDie{}, Interactive)
	cfg.FaultsEnd, cfg.Stuck = 0, 100*ms
	cfg.Timeouts.Prepare, cfg.Timeouts.Idle = time.Second, time.Second
	l := newLab(cfg, script(strings.Repeat("w0 read x; w1 read y; ", 400)+"w0 write x = 1"))
	if l.run(t); l.answer(1).Outcome != Committed || l.World.Now() < sim.Time(2*cfg.Stuck) {
		t.Errorf("t1 %v at %v: want it committed, and later", l.answer(1).Outcome, l.World.Now())
	}
}

// TestWoundedInVain: two parts of a coordinator that is dead wait for each other, and nobody
// has voted. The wound between them is heard by nobody, and yet a transaction of another
// coordinator gets through in the end, also by a clock that is behind. Without a timeout it
// does not.
func TestWoundedInVain(t *testing.T) {
	lines := []string{"w1 read k; w1 write k = 1; w0 write a = 1", "w0 write d = 2", "w1 read k; w1 write k = 3; w0 write c = 3", "@2s w1 write k = 4; w0 write b = 4"}
	for _, cc := range Concurrencies() {
		for idle, want := range map[time.Duration]Outcome{200 * ms: Committed, sim.Forever: Aborted} {
			cfg := labConfig()
			cfg.Coordinators, cfg.Concurrency, cfg.Execution, cfg.Timeouts.Idle, cfg.FaultsEnd = 2, cc, Interactive, idle, 4*time.Second
			l := newLab(cfg, script(lines...), strikeAt{node: "C0", point: sim.AfterSend, kind: KindExecute, peer: "w1", nth: 4, do: sim.Strike{Crash: true, For: sim.Forever}})
			l.World.SetSkew(l.Workers[1], -10*time.Second)
			l.Run(t.Context())
			if l.faults.struck != 1 || l.answer(4).Outcome != want {
				t.Errorf("%s, idle for %s: %s, want %s", cc.Name(), idle, l.answer(4).Outcome, want)
			}
			open, excused := l.Residue()
			if len(open) > 0 || want == Committed && len(excused) > 0 {
				t.Errorf("%s, idle for %s: %v and %v are left", cc.Name(), idle, open, excused)
			}
		}
	}
}
