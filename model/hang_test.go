package model

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// TestNoHang runs heavy contention on a few keys with no fault and no timeout
// at all: nothing but the protocols themselves may be needed to come to an end.
func TestNoHang(t *testing.T) {
	t.Parallel()
	seeds := 8 * *stressSeeds
	combinations(func(p Protocol, cc Concurrency, ex Execution) {
		for seed := range uint64(seeds) {
			r := rand.New(rand.NewPCG(seed, 3))
			cfg := patient(labConfig())
			cfg.Seed, cfg.Protocol, cfg.Concurrency, cfg.Execution = seed, p, cc, ex
			cfg.Workers, cfg.Coordinators, cfg.Clients = 1+r.IntN(4), 1+r.IntN(3), 2+r.IntN(12)
			cfg.Network.Delay, cfg.Disk.Sync = dist("exp(1ms)"), dist("exp(1ms)")
			cfg.Retry = Retry{Attempts: 200, Backoff: time.Millisecond, Cap: 20 * time.Millisecond}
			cfg.Checkpoint = []int{100, 1 << 20}[r.IntN(2)]
			l := newLab(cfg, randomTxns(r, 40, cfg.Workers, 1+r.IntN(2))).run(t)
			if n := l.watch.sent[KindWound]; cc.Name() != "wound-wait" && n > 0 {
				t.Fatalf("%s sent %d wounds", cc.Name(), n)
			}
			for i := range uint64(40) {
				if e := l.answer(i + 1); e.Outcome != Committed && cc.Name() != "no-wait" {
					t.Fatalf("%s %s %s seed %d: t%d %v (%v) after %d attempts", p.Name(), cc.Name(), ex, seed, i+1, e.Outcome, e.Reason, e.Attempt.Try)
				}
			}
		}
	})
}

// TestRestIsQuick: without faults and timeouts the run is over soon after the
// last answer. Only records that nobody waits for are still to be flushed.
func TestRestIsQuick(t *testing.T) {
	combinations(func(p Protocol, cc Concurrency, ex Execution) {
		cfg := patient(labConfig())
		cfg.Protocol, cfg.Concurrency, cfg.Execution = p, cc, ex
		l := newLab(cfg, script("w0 write x = 1; w1 write y = 1; w2 read z", "w1 write y = 2; w0 write x = 2"))
		var answered sim.Time
		l.seen = func(r *sim.Record[Message]) {
			if r.Op == sim.TraceNote && r.Kind == KindOutcome {
				answered = r.At
			}
		}
		l.run(t)
		if left := l.World.Now().Sub(answered); left > 2*flushDelay {
			t.Errorf("%s %s %s: %v from the last answer to rest", p.Name(), cc.Name(), ex, left)
		}
	})
}
