package model

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/seed83d86191/txsim/sim"
)

// TestCutCheckpoint: a checkpoint that ends too early is refused, wherever it ends.
func TestCutCheckpoint(t *testing.T) {
	cfg := labConfig()
	cfg.Checkpoint = 10
	l := newLab(cfg, script("w0 write x = 1; w1 write y = 1", "@1ms w0 write z = 1; w1 write z = 1"),
		strikeAt{node: "C0", point: sim.BeforeSend, kind: KindCommit, peer: "w0", do: late(30 * ms)}).run(t)
	whole := l.World.Storage(l.Workers[0]).Checkpoint
	for n := range whole {
		if _, err := committedBy(sim.Recovery{Checkpoint: whole[:n]}); err == nil {
			t.Errorf("%d of %d bytes are taken for a checkpoint", n, len(whole))
		}
	}
}

// TestOwnCheckpoint: a worker from scratch finds again what it has put into a checkpoint, the storage
// is read from it, and one that is cut short, or of a built-in worker, is refused.
func TestOwnCheckpoint(t *testing.T) {
	v := func(txn uint64, op int32) Version { return Version{Attempt{txn, 1}, op} }
	c := Checkpoint{
		Items: []StoredItem{{3, "y", "", true, v(2, 0)}, {3, "x", "1", false, v(1, 4)}},
		Promised: []Work{
			{Coordinator: 1, Attempt: Attempt{7, 2}, Start: 5, Writes: []StagedWrite{{"k", "v", false, 3}}, Shared: []string{"k", "s"}},
			{Coordinator: 0, Attempt: Attempt{8, 1}, ID: NewWireID(1, 2), Writes: []StagedWrite{{"k", "", true, 0}}},
		},
		Own: []byte("mine"),
	}
	s := &Site{Worker: 3}
	whole := c.append(nil)
	got, err := s.ReadCheckpoint(sim.Recovery{Checkpoint: whole})
	slices.Reverse(c.Items) // by key
	if err != nil || !reflect.DeepEqual(got, c) {
		t.Errorf("%+v, %v; wrote %+v", got, err, c)
	}
	im := &image{}
	if got := slices.Collect(stored(3, sim.Recovery{Checkpoint: whole}, &pool{})); !reflect.DeepEqual(got, c.Items) {
		t.Errorf("stored: %+v", got)
	}
	if _, ok := readStorage(im, sim.Recovery{Checkpoint: whole}, &pool{}); !ok || !im.inDoubt(7) || !im.inDoubt(8) || im.inDoubt(1) {
		t.Errorf("promises: %+v", im)
	}
	for n := range whole {
		if got, err := s.ReadCheckpoint(sim.Recovery{Checkpoint: whole[:n]}); err == nil {
			t.Errorf("%d of %d bytes are taken for %+v", n, len(whole), got)
		}
	}
	if got, err := s.ReadCheckpoint(sim.Recovery{}); err != nil || !reflect.DeepEqual(got, Checkpoint{}) {
		t.Errorf("of none: %+v, %v", got, err)
	}
	cfg := labConfig()
	cfg.Checkpoint = 10
	l := newLab(cfg, script("w0 write x = 1; w1 write y = 1")).run(t)
	if got, err := s.ReadCheckpoint(l.World.Storage(l.Workers[0])); err == nil {
		t.Errorf("a built-in worker's is taken for %+v", got)
	}
	c.Promised = append(c.Promised, c.Promised[0])
	if _, ok := readStorage(&image{}, sim.Recovery{Checkpoint: c.append(nil)}, &pool{}); ok {
		t.Error("one attempt may promise twice")
	}
}

// TestCheckpointAt: a checkpoint is due when the log has the configured size, or twice that of the
// last checkpoint if this is more, but not beyond half of what the last one leaves of the device.
func TestCheckpointAt(t *testing.T) {
	for _, tc := range []struct {
		size     int
		last     int
		capacity int64
		want     int
	}{
		{1000, 0, 0, 1000},
		{1000, 499, 0, 1000},
		{1000, 600, 0, 1200},
		{1000, 0, 2400, 1000},
		{1000, 0, 1600, 800},
		{1000, 600, 1600, 500},
		{1000, 1500, 1600, leastLog},
	} {
		cfg := labConfig()
		cfg.Checkpoint, cfg.Disk.Capacity = tc.size, tc.capacity
		w := newLab(cfg, nil).worker(0)
		if w.checkpoint = tc.last; w.checkpointAt() != tc.want {
			t.Errorf("%+v: at %d", tc, w.checkpointAt())
		}
	}
}

// TestToldAfterCrash: a coordinator that finds an abort in its log tells those that may still hold
// something, and nobody who was never asked, has let go or has refused.
func TestToldAfterCrash(t *testing.T) {
	for _, tc := range []struct {
		ex     Execution
		lines  []string
		strike strikeAt
	}{
		{Batched, []string{"w0 read x; w1 write y = 1; w2 write z = 1"}, strikeAt{node: "w2", point: sim.AfterSend, kind: KindExecuted, do: crash(ms / 2)}},
		{Interactive, []string{"w1 write y = 1; w2 write z = 1; w3 write x = 1", "w2 write z = 2; w3 write y = 2"}, strikeAt{node: "w2", point: sim.AfterSend, kind: KindExecuted, do: sim.Strike{}}},
	} {
		l := newLab(labWith("presumed-nothing", noWait{}, tc.ex), script(tc.lines...), tc.strike,
			strikeAt{node: "C0", point: sim.AfterSync, kind: KindAbort, do: crash(5 * ms)})
		told, life := []sim.NodeID(nil), 1
		l.seen = func(r *sim.Record[Message]) {
			if r.Op == sim.TraceRestart && r.Node == 0 {
				life++
			}
			if sends(r, KindAbort) && life == 2 && !r.Message.Presumed {
				told = append(told, r.Peer)
			}
		}
		if l.run(t); !slices.Equal(told, l.Workers[1:2]) {
			t.Errorf("%s: %v are told, want w1, %v", tc.ex, told, l.Workers[1])
		}
	}
}

// TestAuditTakesNoRoom: the entries for people leave the room that the decision needs, however
// many workers are suspected.
func TestAuditTakesNoRoom(t *testing.T) {
	cfg := labWith("presumed-nothing", waitDie{}, OneShot)
	cfg.Workers, cfg.Disk.Capacity = 8, AttemptReserve(8)
	line, lost := "", []strikeAt(nil)
	for i := range cfg.Workers {
		line += fmt.Sprintf("; w%d write x = 1", i)
		lost = append(lost, strikeAt{node: "C0", point: sim.BeforeSend, kind: KindPrepare, peer: fmt.Sprint("w", i), do: sim.Strike{Drop: true}})
	}
	l := newLab(cfg, script(line[2:]), lost...)
	suspected := 0
	l.seen = func(r *sim.Record[Message]) {
		if r.Op == sim.TraceNote && r.Kind == KindSuspect {
			suspected++
		}
	}
	if l.run(t); l.answer(1).Reason != Timeout || suspected != 8 || l.Tally().Crowded.Records > 0 {
		t.Errorf("%v, %d suspected, %+v", l.answer(1).Reason, suspected, l.Tally().Crowded)
	}
}

// duly is a protocol whose first worker fills its log at the start, and notes when a checkpoint
// is due.
type duly struct {
	TwoPhase
	due map[string]bool
}

func (p duly) Worker(s *Site) sim.Node[Message] {
	if s.Worker > 0 {
		return p.TwoPhase.Worker(s)
	}
	return &dulyWorker{Node: p.TwoPhase.Worker(s), s: s, due: p.due}
}

type dulyWorker struct {
	sim.Node[Message]
	s   *Site
	due map[string]bool
}

func (w *dulyWorker) Start() {
	add := func(when string, bytes int) {
		w.s.Env.Append(KindUser, 0, make([]byte, bytes))
		w.due[when] = w.s.CheckpointDue()
	}
	add("short", 10)
	add("long", 200)
	w.s.Checkpoint(&Checkpoint{Own: make([]byte, 200)})
	add("being written", 10)
}

func (w *dulyWorker) Synced(sim.LSN) {
	if w.s.Env.Checkpointing() || len(w.due) > 3 {
		return
	}
	w.due["written"] = w.s.CheckpointDue()
	w.s.Env.Append(KindUser, 0, make([]byte, 200))
	w.due["long, but not twice the last checkpoint"] = w.s.CheckpointDue()
	w.s.Env.Append(KindUser, 0, make([]byte, 400))
	w.due["longer than that"] = w.s.CheckpointDue()
}

// TestCheckpointDue: a checkpoint is due when the log is longer than it may be, and none is being
// written.
func TestCheckpointDue(t *testing.T) {
	cfg := labConfig()
	cfg.Checkpoint = 100
	p := duly{Protocols()[0].(TwoPhase), map[string]bool{}}
	cfg.Protocol = p
	newLab(cfg, script("w1 write x = 1")).run(t)
	want := map[string]bool{"short": false, "long": true, "being written": false, "written": false,
		"long, but not twice the last checkpoint": false, "longer than that": true}
	if !reflect.DeepEqual(p.due, want) {
		t.Errorf("%v, want %v", p.due, want)
	}
}
