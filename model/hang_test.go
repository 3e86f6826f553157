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

// TestExpectFaults: faults that are held go on until the time that is given, and where something
// is armed until no node is down or busy. Where nothing is ever overdue, nobody would find that
// what has stopped everything goes on for ever: what is armed is not waited for.
func TestExpectFaults(t *testing.T) {
	for name, c := range map[string]struct {
		stuck    time.Duration
		until    sim.Time
		armed    bool
		down     time.Duration // w3, where the transaction is not
		paused   time.Duration // C0
		from, to sim.Time      // when faults may end
	}{
		"not held":      {stuck: 80 * ms},
		"for a time":    {stuck: 80 * ms, until: sim.Time(5 * ms), from: sim.Time(5 * ms), to: sim.Time(5 * ms)},
		"armed":         {stuck: 80 * ms, armed: true, from: sim.Time(ms), to: sim.Time(30 * ms)},
		"node down":     {stuck: 80 * ms, armed: true, down: 50 * ms, from: sim.Time(50 * ms), to: sim.Time(70 * ms)},
		"hung":          {stuck: 80 * ms, armed: true, paused: sim.Forever, from: sim.Time(10 * ms), to: sim.Time(80 * ms)},
		"never overdue": {armed: true, paused: sim.Forever},
	} {
		cfg := labConfig()
		cfg.FaultsEnd, cfg.Stuck, cfg.Limits.Events = 0, c.stuck, 10_000
		l := newLab(cfg, script("w0 write x = 1; w1 write y = 1"))
		l.ExpectFaults(func() (sim.Time, bool) { return c.until, c.armed }, true)
		if c.down > 0 {
			l.World.Crash(0, l.Workers[3], c.down)
		}
		if c.paused > 0 {
			l.World.Pause(sim.Time(4*ms), l.Coordinators[0], c.paused)
		}
		if err := l.try(); err != nil || l.World.Calmed() < c.from || l.World.Calmed() > c.to {
			t.Errorf("%s: %v; faults end at %v, want %v to %v", name, err, l.World.Calmed(), c.from, c.to)
		}
	}
}

// TestRest: how long nothing must move before nothing will is some of the longest waits, at
// least what is configured, and no more than there is time.
func TestRest(t *testing.T) {
	for sync, want := range map[string]time.Duration{"1ms": 100 * ms, "12ms": 384 * ms, "876000h": sim.Forever} {
		cfg := patient(labConfig())
		cfg.Stuck, cfg.Disk.Sync, cfg.Limits.Time = 100*ms, dist(sync), sim.Forever
		l := newLab(cfg, script("w0 write x = 1"))
		if l.World.RunUntil(t.Context(), sim.Never); l.rest() != want {
			t.Errorf("syncs of %s: %s, want %s", sync, l.rest(), want)
		}
	}
}
