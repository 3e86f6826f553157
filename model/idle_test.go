package model

import (
	"testing"
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// TestIdleForYears: time in which nothing happens takes none, be it that nothing is
// submitted or that what is open waits for a node to restart.
func TestIdleForYears(t *testing.T) {
	const years = 1_250_000 * time.Hour
	cfg := labConfig()
	cfg.FaultsEnd, cfg.Stuck, cfg.Limits.Time = 0, 10*time.Millisecond, 2*years
	l := newLab(cfg, script("w0 write x = 1", "@1250000h w0 write x = 2; w1 write y = 2")).run(t)
	if l.answer(2).Outcome != Committed || l.World.Now() < sim.Time(years) {
		t.Errorf("t2 %v at %v", l.answer(2).Outcome, l.World.Now())
	}
	cfg = patient(cfg)
	cfg.Timeouts.Answer = years / 2
	cfg.FaultsEnd, cfg.Stuck = years+time.Hour, 10*time.Millisecond
	l = newLab(cfg, script("@1ms w0 write x = 1"))
	l.World.Crash(0, l.Coordinators[0], years)
	if l.run(t); l.answer(1).Outcome == Pending || l.World.Now() < sim.Time(years) {
		t.Errorf("t1 %v at %v", l.answer(1).Outcome, l.World.Now())
	}
}

// TestIdleChangesNothing: a cluster that has been idle is taken for stuck when one that
// never was for long would be.
func TestIdleChangesNothing(t *testing.T) {
	for stuck := 3 * time.Second; stuck < 4*time.Second; stuck += 37 * time.Millisecond {
		var ends [2]sim.Time
		for busy := range ends {
			cfg := labConfig()
			cfg.FaultsEnd, cfg.Stuck, cfg.Limits.Time = 0, stuck, 1000*time.Hour
			cfg.Clients, cfg.Think = 1, dist("100s")
			l := newLab(cfg, script("w0 write x = 1", "w0 write x = 2; w1 write y = 2", "w0 write x = 3"))
			l.World.Pause(sim.Time(100*time.Second+time.Millisecond), l.Coordinators[0], sim.Forever)
			for at := time.Second; busy == 1 && at < 100*time.Second; at += time.Second {
				l.World.FaultAt(sim.Time(at), func() {})
			}
			l.World.FaultAt(sim.Time(99*time.Second), func() {}) // in both
			l.seen = func(r *sim.Record[Message]) {
				if r.Calm && ends[busy] == 0 {
					ends[busy] = r.At
				}
			}
			l.run(t)
		}
		if ends[0] != ends[1] {
			t.Errorf("stuck after %v: faults end at %v, and if busy before at %v", stuck, ends[0], ends[1])
		}
	}
}
