package model

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// TestGivenUpThenRefused: an executed part is given up, and a checkpoint remembers it,
// before it is asked to prepare after all. Under presumed commit its refusal is forced,
// so that the log has an abort of what the checkpoint has as aborted. The worker must
// come back from that.
func TestGivenUpThenRefused(t *testing.T) {
	cfg := labWith("presumed-commit", waitDie{}, Batched)
	cfg.Checkpoint, cfg.Timeouts.Idle, cfg.Timeouts.Prepare = 10, 10*ms, 60*ms
	l := newLab(cfg, script("w0 write x = 1; w1 write y = 1", "@12ms w0 write z = 1", "@60ms w0 write x = 2"),
		strikeAt{node: "C0", point: sim.BeforeSend, kind: KindPrepare, peer: "w0", do: late(30 * ms)},
		strikeAt{node: "w0", point: sim.AfterSync, kind: KindAbort, do: crash(ms)})
	truncated, remembered := false, false
	l.seen = func(r *sim.Record[Message]) {
		if r.Node == l.Workers[0] {
			truncated = truncated || r.Op == sim.TraceTruncated
			remembered = remembered || r.Op == sim.TraceAppend && r.Kind == KindAbort && truncated
		}
	}
	if l.run(t); l.answer(1).Reason != Timeout || l.answer(3).Outcome != Committed {
		t.Errorf("t1 %v, t3 %v; want a timeout, and then a commit", l.answer(1), l.answer(3))
	}
	if !remembered {
		t.Error("the test does not get where it wants to")
	}
}

// TestGivenUpThenAsked: a part that was given up while others ran is asked to run more. It
// refuses, and nobody waits for it in vain.
func TestGivenUpThenAsked(t *testing.T) {
	cfg := labWith("presumed-abort", waitDie{}, Interactive)
	cfg.Timeouts.Idle, cfg.Timeouts.Prepare = 10*ms, 60*ms
	l := newLab(cfg, script("w0 write x = 1; w1 write y = 1; w0 write z = 1"),
		strikeAt{node: "w1", point: sim.BeforeSend, kind: KindExecuted, do: late(30 * ms)}).run(t)
	if a := l.answer(1); a.Reason != UnknownTxn || a.Latency > 50*ms {
		t.Errorf("%v (%v) after %v; want the reason at once", a.Outcome, a.Reason, a.Latency)
	}
}

// TestFullLogMakesRoom: what is in the way on a full log goes into a checkpoint, also
// where that is not due yet.
func TestFullLogMakesRoom(t *testing.T) {
	cfg := labConfig()
	cfg.Clients, cfg.Disk.Capacity = 1, 400
	var lines []string
	for i := range 20 {
		lines = append(lines, fmt.Sprint("w0 write x = ", i))
	}
	l := newLab(cfg, script(lines...)).run(t)
	full := 0
	for i := range uint64(20) {
		if l.answer(i+1).Reason == Full {
			full++
		}
	}
	if full == 0 || full > 5 {
		t.Errorf("%d of 20 transactions find the log full; want a few", full)
	}
}

// TestRoomBeforeFull: a worker takes its checkpoint before its log device is full, whatever
// length of log is due one.
func TestRoomBeforeFull(t *testing.T) {
	cfg := labConfig()
	cfg.Clients, cfg.Checkpoint, cfg.Disk.Capacity = 4, 2000, 2000
	var lines []string
	for i := range 100 {
		lines = append(lines, fmt.Sprintf("w%d write x%d = %d", i%2, i%3, i))
	}
	l := newLab(cfg, script(lines...)).run(t)
	for i := range uint64(len(lines)) {
		if a := l.answer(i + 1); a.Reason == Full {
			t.Errorf("t%d finds the log full", i+1)
		}
	}
	if l.World.Storage(l.Workers[0]).Checkpoint == nil {
		t.Error("no checkpoint was taken")
	}
}

// TestResidueBehindAll: a request for a lock waits for all that hold it.
func TestResidueBehindAll(t *testing.T) {
	l := newLab(labWith("presumed-abort", woundWait{}, OneShot),
		script("w0 read x; w1 write y = 1", "w0 read x; w2 write z = 1", "@1ms w0 write x = 1"))
	l.World.RunUntil(t.Context(), sim.Time(3*ms))
	open := l.worker(0).Residue()
	if n := len(open); n != 3 || fmt.Sprint(open[2].Behind) != "[{1 1} {2 1}]" || len(open[2].Awaits) != 3 {
		t.Errorf("%+v", open)
	}
}

// TestWoundedLongAgo: who was to be aborted so long ago is given up, but not where all ways
// are visited: there is no time in which that would be long.
func TestWoundedLongAgo(t *testing.T) {
	cfg := labConfig()
	cfg.Timeouts.Idle = 10 * ms
	l := newLab(cfg, script("w0 write x = 1", "@100ms w0 write x = 2")).run(t)
	w := l.worker(0)
	now := l.World.Now()
	for _, c := range []struct {
		asked    sim.Time
		strategy sim.Strategy
		want     bool
	}{
		{0, sim.ByLatency, false}, {now - sim.Time(10*ms), sim.ByLatency, true}, {now - sim.Time(10*ms) + 1, sim.ByLatency, false}, {1, sim.Exhaustive, false},
		{-1, sim.ByLatency, true}, // by a clock that was behind
	} {
		w.Config.Schedule.Strategy = c.strategy
		if got := w.woundedInVain(&part{work: &work{woundedAt: c.asked, woundAgain: c.asked}}); got != c.want {
			t.Errorf("asked at %v, now %v, schedule %d: %v", c.asked, now, c.strategy, got)
		}
	}
}

// TestRefusedFor: who is refused a lock is told for whose sake, and whether that one waits for it
// too. One that waits for its upgrade has it.
func TestRefusedFor(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  LockEvent
	}{
		{[]string{"w0 read x; w0 write x = 1", "w0 read x; w1 write b = 1", "@3ms w0 write x = 3"}, LockEvent{Attempt: Attempt{3, 1}, Other: Attempt{1, 1}}},
		{[]string{"w1 read q; w0 write x = 1", "w1 read q; w0 write x = 2", "w0 write x = 3; w1 read q; w1 read r"}, LockEvent{Attempt: Attempt{2, 1}, Other: Attempt{1, 1}, Queued: true}},
	} {
		var got []LockEvent
		cfg := labWith("presumed-abort", waitDie{}, Interactive)
		cfg.Locks = func(e LockEvent) {
			if e.Kind != LockGranted {
				got = append(got, e)
			}
		}
		l := newLab(cfg, script(c.lines...)).run(t)
		c.want.Kind, c.want.Worker, c.want.Key = LockRefused, l.Workers[0], "x"
		if len(got) != 2 || got[0].Kind != LockWaits || got[0].Attempt != c.want.Other || got[1] != c.want {
			t.Errorf("%+v, want %+v behind one that waits", got, c.want)
		}
	}
}

// TestPresumedBelowMark: an abort that is presumed of what the worker has forgotten, and may
// have committed, is not acknowledged as if it had been carried out. One that was decided is.
func TestPresumedBelowMark(t *testing.T) {
	for _, presumed := range []bool{true, false} {
		l := newLab(labWith("presumed-commit", woundWait{}, OneShot), script("w0 write x = 1; w1 write y = 1"))
		acks := 0
		l.seen = func(r *sim.Record[Message]) {
			if r.Op == sim.TraceSend && r.Kind == KindAck {
				acks++
			}
		}
		l.keepCopies().again(30*ms, KindCommit, l.Workers[0], 1, func(m *copied) {
			m.mail.Kind, m.msg.Presumed = KindAbort, presumed
			m.msg.ID += 7
			m.msg.Mark += 10
		})
		if l.Run(t.Context()); acks > 0 == presumed {
			t.Errorf("presumed %v: %d acks", presumed, acks)
		}
	}
}

// TestDecidedTooSoon: a worker that is told to commit what it has not promised, or to abort what
// it is about to commit by itself, stops and changes nothing.
func TestDecidedTooSoon(t *testing.T) {
	for _, tc := range []struct {
		name string
		ex   Execution
		line string
		kind sim.Kind // of the message that comes again
		as   sim.Kind // as this one
		at   time.Duration
	}{
		{"while it waits for the rest", Batched, "w0 write x = 1; w1 write y = 1", KindExecute, KindCommit, 1500 * time.Microsecond},
		{"before its promise is durable", OneShot, "w0 write x = 1; w1 write y = 1", KindPrepare, KindCommit, 2 * ms},
		{"when it is to decide itself", OneShot, "w0 write x = 1", KindCommitOne, KindAbort, 2 * ms},
	} {
		l := newLab(labWith("presumed-abort", waitDie{}, tc.ex), script(tc.line))
		l.keepCopies().again(tc.at, tc.kind, l.Workers[0], 1, func(m *copied) { m.mail.Kind = tc.as })
		l.World.RunUntil(context.Background(), sim.Time(tc.at)+sim.Time(time.Microsecond))
		if !l.World.Dead(l.Workers[0]) || l.watch.err == nil || len(l.book.installs) > 0 {
			t.Errorf("%s: stopped %v, finding %v, installed %v", tc.name, l.World.Dead(l.Workers[0]), l.watch.err, l.book.installs)
		}
	}
}

// TestWoundOfTheForgotten: a coordinator has crashed and knows nothing of a part that has not
// voted. Its answer to a wound ends that part at once, not after timeouts.idle.
func TestWoundOfTheForgotten(t *testing.T) {
	for _, p := range Protocols() {
		cfg := labWith(p.Name(), woundWait{}, Interactive)
		cfg.Coordinators, cfg.Timeouts.Prepare = 2, time.Second
		l := newLab(cfg, script("w1 read p; w1 read p; w1 read p; w0 write x = 1", "w0 write x = 2; w2 write z = 3"),
			strikeAt{node: "C1", point: sim.AfterReceive, kind: KindExecuted, do: crash(ms)})
		if l.run(t); l.answer(1).Outcome != Committed || l.answer(1).Latency > 50*ms || l.answer(2).Reason != CoordinatorLost {
			t.Errorf("%s: t1 %v after %v, t2 %v", p.Name(), l.answer(1).Outcome, l.answer(1).Latency, l.answer(2).Reason)
		}
	}
}

// TestEnquiriesBackOff: a worker in doubt asks ever less often, up to a limit, and begins anew in
// its next life.
func TestEnquiriesBackOff(t *testing.T) {
	l := newLab(labConfig(), script("w0 write x = 1; w1 write y = 1"),
		strikeAt{node: "C0", point: sim.BeforeReceive, kind: KindVote, do: crash(10 * time.Second)})
	l.World.Crash(sim.Time(900*ms), l.Workers[0], 5*ms)
	asked := map[sim.NodeID][]time.Duration{} // since the vote, or the time before
	last := map[sim.NodeID]sim.Time{}
	l.seen = func(r *sim.Record[Message]) {
		switch {
		case sends(r, KindVote), r.Op == sim.TraceRestart:
			last[r.Node] = r.At
		case sends(r, KindEnquire):
			asked[r.Node] = append(asked[r.Node], r.At.Sub(last[r.Node]))
			last[r.Node] = r.At
		}
	}
	l.World.RunUntil(t.Context(), sim.Time(time.Second))
	want := []time.Duration{40 * ms, 80 * ms, 160 * ms, 320 * ms}
	if got := asked[l.Workers[1]]; !slices.Equal(got, append(want, 320*ms)) {
		t.Errorf("w1 asks after %v", got)
	}
	if got := asked[l.Workers[0]]; !slices.Equal(got, append(want, 0, 80*ms)) { // down from 900 ms to 905 ms
		t.Errorf("w0, which crashes, asks after %v", got)
	}
}

// TestLossyEnquiries: half of the messages are lost, and a coordinator has forgotten what its
// workers are in doubt about. Each question and each answer has a fate of its own, so that all get
// through in the end.
func TestLossyEnquiries(t *testing.T) {
	cfg := labConfig()
	cfg.Network.Loss, cfg.FaultsEnd = sim.ProbabilityOf(0.5), time.Hour
	var lines []string
	for i := range 20 {
		lines = append(lines, fmt.Sprintf("w0 write x%d = 1; w1 write y%d = 1", i, i))
	}
	l := newLab(cfg, script(lines...))
	l.World.Crash(sim.Time(3500*time.Microsecond), l.Coordinators[0], ms)
	inDoubt := func() (n int) {
		for txn := range uint64(len(lines)) {
			for i := range 2 {
				if l.Undecided(txn+1, i) {
					n++
				}
			}
		}
		return n
	}
	if l.World.RunUntil(t.Context(), sim.Time(10*ms)); inDoubt() < 10 {
		t.Fatalf("%d are in doubt", inDoubt())
	}
	if l.World.RunUntil(t.Context(), sim.Time(time.Minute)); inDoubt() > 0 {
		t.Errorf("%d are still in doubt", inDoubt())
	}
}
