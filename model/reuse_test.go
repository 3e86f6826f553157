package model

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// TestCollectingAbortForced: a presumption of one's own that forces both the list of
// workers and aborts. An attempt that is wounded while its list is not durable waits for
// two records, and acts on the second only when that one is durable.
func TestCollectingAbortForced(t *testing.T) {
	p := TwoPhase{"both", Presumption{Collecting: true, AbortForced: true, CommitAcked: true, AbortAcked: true, Presume: Aborted}}
	for seed := range uint64(40) {
		cfg := labConfig()
		cfg.Protocol, cfg.Concurrency, cfg.Execution, cfg.Seed = p, woundWait{}, Batched, seed
		cfg.Network.Delay, cfg.Disk.Sync = dist("exp(1ms)"), dist("5ms")
		cfg.Retry.Attempts = 5
		var lines []string
		for i := range 12 {
			lines = append(lines, fmt.Sprintf("@%dms w%d write x = 1; w%d write y = 1", i/3, i%3, (i+1)%3))
		}
		if err := newLab(cfg, script(lines...)).try(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

type overlooksAll struct{ waitDie }

func (overlooksAll) Overlooks(_, _ Claim) bool { return true }

// TestLenientCheckpoint: a checkpoint is read whatever the concurrency control has let
// through.
func TestLenientCheckpoint(t *testing.T) {
	cfg := labConfig()
	cfg.Concurrency, cfg.Checkpoint = overlooksAll{}, 100
	l := newLab(cfg, script("w0 write x = 1; w1 write x = 1", "w0 write x = 2; w2 write x = 2", "@3ms w0 write x = 3; w1 write z = 3"))
	l.seen = func(*sim.Record[Message]) {}
	for at := sim.Time(0); at < sim.Time(30*time.Millisecond); at += sim.Time(time.Millisecond) {
		l.World.RunUntil(context.Background(), at)
		if _, ok := readStorage(&image{}, l.World.Storage(l.Workers[0]), &pool{}); !ok {
			t.Fatalf("at %v a checkpoint can not be read", at)
		}
	}
}

// TestItemsAreUsedAgain: keys that are read and were never written take no room.
func TestItemsAreUsedAgain(t *testing.T) {
	cfg := labConfig()
	cfg.Clients = 1
	l := newLab(cfg, script(slices.Repeat([]string{"w0 read missing"}, 1000)...))
	l.run(t)
	if n := len(l.worker(0).store.blocks); n > 1 {
		t.Errorf("%d blocks of items for one key", n)
	}
}

// TestMemoryKeepsNoHistory: what a released cluster leaves is room.
func TestMemoryKeepsNoHistory(t *testing.T) {
	m, gone := &Memory{}, make(chan bool, 1)
	func() {
		h := newBook()
		runtime.SetFinalizer(h, func(*book) { gone <- true })
		cfg := labConfig()
		cfg.Memory, cfg.History, cfg.Source = m, h, &sliceSource{script("w0 write x = 1; w1 write y = 1")}
		c := NewCluster(cfg)
		c.Run(context.Background())
		c.Release(true)
	}()
	for range 100 {
		runtime.GC()
		select {
		case <-gone:
			runtime.KeepAlive(m)
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Error("the history of a released cluster is kept alive")
	runtime.KeepAlive(m)
}
