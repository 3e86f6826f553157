package model

import (
	"testing"

	"github.com/seed83d86191/txsim/sim"
)

// TestOrphan: a coordinator has crashed between the results of t2 and its prepare, and lives
// again. The workers learn of that with t4, and give up the locks of t2 then, not after
// timeouts.idle.
func TestOrphan(t *testing.T) {
	for _, p := range Protocols() {
		for _, ex := range []Execution{Batched, Interactive} {
			cfg := labWith(p.Name(), noWait{}, ex)
			cfg.Coordinators = 2
			l := newLab(cfg, script("w3 read p", "w0 write x = 2; w1 read q", "w3 read p", "@20ms w0 read y; w1 read r", "@30ms w0 write x = 1; w1 read q"),
				strikeAt{node: "C1", point: sim.AfterReceive, kind: KindExecuted, do: crash(ms)})
			if l.run(t); l.answer(2).Reason != CoordinatorLost || l.answer(4).Outcome != Committed || l.answer(5).Outcome != Committed {
				t.Errorf("%s %s: t2 %v, t4 %v, t5 %v %v", p.Name(), ex, l.answer(2).Reason, l.answer(4).Outcome, l.answer(5).Outcome, l.answer(5).Reason)
			}
		}
	}
}

// TestOrphanInQueue: t2 waits for a lock of t3 when its coordinator crashes. With t4, of the
// coordinator's next life, it leaves the queue, and promises nothing.
func TestOrphanInQueue(t *testing.T) {
	for _, p := range Protocols() {
		cfg := labWith(p.Name(), waitDie{}, OneShot)
		cfg.Coordinators = 2
		l := newLab(cfg, script("w3 read p", "w0 write x = 2; w1 read q", "@1ms w0 write x = 3; w2 read q", "@9ms w0 read y; w1 read r"),
			strikeAt{node: "C1", point: sim.BeforeSend, kind: KindPrepare, peer: "w0", do: sim.Strike{Delay: 5 * ms}},
			strikeAt{node: "C0", point: sim.BeforeSend, kind: KindPrepare, peer: "w2", do: sim.Strike{Delay: 15 * ms}})
		l.World.Crash(sim.Time(8*ms), l.Coordinators[1], ms)
		var left, granted sim.Time
		l.seen = func(r *sim.Record[Message]) {
			switch t2 := AttemptOf(r.Label).Txn == 2 && r.Node == l.Workers[0]; {
			case t2 && r.Op == sim.TraceNote && r.Kind == KindAborted:
				left = r.At
			case t2 && r.Op == sim.TraceAppend && r.Kind == KindPrepare:
				granted = r.At
			}
		}
		l.run(t)
		if granted > 0 || left == 0 || left > sim.Time(14*ms) || l.answer(3).Outcome != Committed || l.answer(3).At < sim.Time(20*ms) {
			t.Errorf("%s: t2 left at %v, promised at %v; t3 %v at %v", p.Name(), left, granted, l.answer(3).Outcome, l.answer(3).At)
		}
	}
}

// TestNoOrphan: what has voted, or decides alone, is none: t2, which the next life of its
// coordinator knows to be committed, and t4, whose only worker waits for a lock.
func TestNoOrphan(t *testing.T) {
	for _, p := range Protocols() {
		cfg := labWith(p.Name(), waitDie{}, OneShot)
		cfg.Coordinators = 2
		l := newLab(cfg, script("w3 read p", "w0 write a = 1; w1 write b = 1", "w3 read p", "@2ms w0 write e = 1", "@3ms w0 write e = 2; w2 read q", "@11ms w0 read y; w1 read r"),
			strikeAt{node: "C1", point: sim.BeforeSend, kind: KindCommit, do: crash(ms)},
			strikeAt{node: "C1", point: sim.BeforeSend, kind: KindCommitOne, do: sim.Strike{Delay: 4 * ms}},
			strikeAt{node: "C0", point: sim.BeforeSend, kind: KindPrepare, peer: "w2", do: sim.Strike{Delay: 15 * ms}})
		waited := false
		l.seen = func(r *sim.Record[Message]) {
			if r.Op == sim.TraceAppend && r.Kind == KindCommitOne {
				waited = r.At > sim.Time(20*ms)
			}
		}
		l.run(t)
		if got := l.answer(2).Outcome; got != Committed || !waited {
			t.Errorf("%s: t2 %v, t4 waited and committed %v", p.Name(), got, waited)
		}
	}
}

// TestOrphansOf: only parts of that coordinator's earlier lives are orphans, also where a late
// request of one has come since its next life was heard of, and none that is about to vote.
func TestOrphansOf(t *testing.T) {
	var w *worker
	sim.New(sim.Config[Message]{}).AddNode("w0", func(env *sim.Env[Message]) sim.Node[Message] {
		w = newWorker(&Site{Env: env, Config: &Config{}, tally: &Tally{}, pool: &pool{}}, Presumption{})
		return w
	})
	begin := func(coordinator sim.NodeID, epoch uint32, n uint64) *part {
		c := w.peers.get(coordinator)
		w.dropOrphans(c, epoch)
		p := w.newPart(c, NewWireID(epoch, n), Attempt{Txn: n, Try: 1}, 0)
		p.load(&Transaction{Parts: []Part{{}}}, 0)
		p.state = partExecuted
		return p
	}
	other, orphan, voting := begin(1, 1, 1), begin(0, 1, 2), begin(0, 1, 6)
	voting.state = partPreparing // its record is not durable yet
	live, late, last := begin(0, 2, 3), begin(0, 1, 4), begin(0, 2, 5)
	for i, p := range []*part{other, orphan, voting, live, late, last} {
		if want := p == orphan || p == late; p.state.finished() != want {
			t.Errorf("part %d: finished %v, want %v", i+1, !want, want)
		}
	}
}
