package model

import (
	"slices"
	"testing"

	"github.com/seed83d86191/txsim/sim"
)

// TestMemory: a run in the memory of others, larger and smaller, is the run in memory
// of its own.
func TestMemory(t *testing.T) {
	m := &Memory{}
	combinations(func(p Protocol, cc Concurrency, ex Execution) {
		for seed := range uint64(*stressSeeds) {
			plain := newStress(seed, p, cc, ex).run(t)
			again := newStressIn(m, seed, p, cc, ex).run(t)
			if a, b := plain.World, again.World; a.Hash() != b.Hash() || a.Records() != b.Records() || a.Now() != b.Now() {
				t.Fatalf("%s %s %s seed %d: %d records, hash %x; in used memory %d, %x",
					p.Name(), cc.Name(), ex, seed, a.Records(), a.Hash(), b.Records(), b.Hash())
			}
			if a, b := slices.Collect(plain.Stored), slices.Collect(again.Stored); !slices.Equal(a, b) {
				t.Fatalf("%s %s %s seed %d: stored %v; in used memory %v", p.Name(), cc.Name(), ex, seed, a, b)
			}
			if again.Release(true); len(m.pool.workers) == 0 || len(m.pool.parts) == 0 || m.images == nil {
				t.Fatal("nothing is left of the run")
			}
		}
	})
}

// TestBroughtByNobody: what a worker's step left when it panicked, in an exploration say,
// is not another worker's.
func TestBroughtByNobody(t *testing.T) {
	var q pool
	q.granted, q.died, q.wounded = append(q.granted, &part{}), append(q.died, conflict{}), append(q.wounded, conflict{})
	newWorker(&Site{Config: &Config{}, pool: &q}, Presumption{})
	if len(q.granted)+len(q.died)+len(q.wounded) > 0 {
		t.Errorf("%+v", q.brought)
	}
}

// TestForgottenButAwaited: a part that is forgotten while a wait for the log is about it is
// no other attempt's before that is over.
func TestForgottenButAwaited(t *testing.T) {
	for _, awaited := range []bool{false, true} {
		pool := &pool{}
		var w *worker
		sim.New(sim.Config[Message]{}).AddNode("w0", func(env *sim.Env[Message]) sim.Node[Message] {
			w = newWorker(&Site{Env: env, Config: &Config{}, tally: &Tally{}, pool: pool}, Presumption{})
			return w
		})
		c := w.peers.get(0)
		p := w.newPart(c, NewWireID(1, 1), Attempt{Txn: 1, Try: 1}, 0)
		if awaited {
			w.await(p, KindAck)
		}
		w.remember(p)
		c.mark = NewWireID(1, 2)
		w.forget(c)
		if again := pool.getPart() == p; again == awaited {
			t.Errorf("awaited %v: used again %v", awaited, again)
		}
	}
}
