package sim

import (
	"testing"
	"time"
)

// TestStrikeAffects: a strike says whether it does anything. The node is paused from 1
// to 3 ms, then for ever, down from 5 to 7 ms, and dead from 10 ms on.
func TestStrikeAffects(t *testing.T) {
	w, tape := taped(t, Config[note]{})
	add(w, "a", hooks{})
	hang, pause := Strike{Pause: true, For: Forever}, Strike{Pause: true, For: 2 * ms}
	for _, c := range []struct {
		at     time.Duration
		strike Strike
		want   bool
	}{
		{1 * ms, pause, true},
		{1500 * us, Strike{Pause: true, For: ms}, false},
		{2 * ms, hang, true},
		{4 * ms, hang, false},
		{4500 * us, Strike{FailSync: true, Down: ms}, true},
		{4500 * us, Strike{FailSync: true, Down: 2 * ms}, false},
		{4500 * us, Strike{LoseSync: true}, true},
		{4500 * us, Strike{LoseSync: true}, false},
		{5 * ms, Strike{Crash: true, For: 10 * ms}, true},
		{5500 * us, pause, false},
		{6 * ms, Strike{Crash: true, For: ms}, true}, // it counts anew
		{10 * ms, Strike{Crash: true, For: Forever}, true},
		{11 * ms, Strike{Crash: true, For: ms}, false},
		{11 * ms, pause, false},
		{11 * ms, Strike{FailSync: true, LoseSync: true}, false},
		{11 * ms, Strike{Drop: true, Duplicate: true, Delay: ms, Rot: true}, false},
	} {
		w.FaultAt(Time(c.at), func() {
			affects := w.Affects(0, c.strike)
			if got := w.Strike(0, c.strike); got != c.want || affects != got {
				t.Errorf("at %v: %+v does anything: %v, and would: %v", c.at, c.strike, got, affects)
			}
		})
	}
	tape.expect(t, "1ms a pause", "5ms a crash 1", "7ms a restart 3", "10ms a crash 3", "10ms a dead")
}

// TestStrikeImmortal: what no fault crashes or pauses may still lose a message, or a byte.
func TestStrikeImmortal(t *testing.T) {
	w, _ := taped(t, Config[note]{})
	add(w, "a", hooks{}, Immortal[note]())
	for _, s := range []Strike{{Crash: true}, {Pause: true, For: ms}, {FailSync: true}, {LoseSync: true}} {
		if w.Affects(0, s) {
			t.Errorf("%+v", s)
		}
	}
	for _, s := range []Strike{{Drop: true}, {Duplicate: true}, {Delay: ms}, {Rot: true}} {
		if !w.Affects(0, s) {
			t.Errorf("what it sends or writes can not be struck: %+v", s)
		}
	}
}

// TestStrikeNoMessage: between two steps there is no message or record to be struck.
func TestStrikeNoMessage(t *testing.T) {
	w, _ := taped(t, Config[note]{})
	add(w, "a", hooks{})
	for _, s := range []Strike{{Drop: true}, {Duplicate: true}, {Delay: ms}, {Rot: true}} {
		w.FaultAt(0, func() {
			if w.Strike(0, s) {
				t.Errorf("%+v does something", s)
			}
		})
	}
	w.Run(t.Context())
}

// TestMetMessage: a strike on a message meets it if a copy of it is on its way: chance loses only
// the first copy, a strike or a partition both.
func TestMetMessage(t *testing.T) {
	for _, c := range []struct {
		strike Strike
		loss   float64
		cut    bool
		want   int
	}{
		{Strike{Delay: ms}, 0, false, 1},
		{Strike{Duplicate: true}, 0, false, 1},
		{Strike{Delay: ms, Drop: true}, 0, false, 0},
		{Strike{Duplicate: true, Drop: true}, 0, false, 0},
		{Strike{Delay: ms, Crash: true, For: ms}, 0, false, 0},
		{Strike{Delay: ms}, 1, false, 0},
		{Strike{Delay: ms, Duplicate: true}, 1, false, 1},
		{Strike{Delay: ms, Duplicate: true}, 0, true, 0},
	} {
		w, _ := taped(t, Config[note]{Network: Network{Links: []Link{{Delay: dist(t, "1ms"), Loss: ProbabilityOf(c.loss)}}}})
		add(w, "a", hooks{start: func(e *Env[note]) { e.SetTimer(ms, 1) }, fired: func(e *Env[note], _ uint64) { e.Send(1, Mail{Kind: 1}, note{}) }})
		add(w, "b", hooks{})
		if c.cut {
			w.Partition(0, []NodeID{0}, []NodeID{1}, false, Forever)
		}
		met := 0
		c.strike.Met = func() { met++ }
		w.Inject(at(func(b Boundary) Strike {
			if b.Point == BeforeSend {
				return c.strike
			}
			return Strike{}
		}))
		if w.RunUntil(t.Context(), Time(5*ms)); met != c.want {
			t.Errorf("%+v, loss %v, cut %t: met %d messages, want %d", c.strike, c.loss, c.cut, met, c.want)
		}
	}
}

// TestRotBeforeSync: what is not written yet cannot rot.
func TestRotBeforeSync(t *testing.T) {
	w, tape := taped(t, synced1ms(t))
	add(w, "a", hooks{start: func(e *Env[note]) { e.Append(1, 1, nil); e.Sync() }})
	w.Inject(at(func(b Boundary) Strike { return Strike{Rot: b.Point == BeforeSync} }))
	w.Crash(Time(500*us), 0, ms)
	tape.quiet(t)
}

// TestTear: the next crash leaves part of a record, that of a sync which fails too, and
// the one after it none; it is told only if there is one to leave.
func TestTear(t *testing.T) {
	for _, c := range []struct {
		crash  Strike
		at     time.Duration // the sync lasts from 0 to 1 ms
		before time.Duration // of another crash, which comes first and leaves nothing
		told   int
		want   []string
	}{
		{Strike{Crash: true, For: ms}, 500 * us, 0, 1, []string{"1.5ms a torn"}},
		{Strike{Crash: true, For: ms, Tail: TailKept}, 500 * us, 0, 1, []string{"1.5ms a torn"}},
		{Strike{FailSync: true, Down: ms}, 500 * us, 0, 1, []string{"2ms a torn"}},
		{Strike{Crash: true, For: ms}, 1500 * us, 0, 0, nil},
		{Strike{FailSync: true, Down: ms}, 3 * ms, 1500 * us, 0, nil},
	} {
		w, tape := taped(t, synced1ms(t))
		log := func(e *Env[note]) { e.Append(1, 0, nil); e.Sync() }
		add(w, "a", hooks{start: log, recover: func(e *Env[note], _ Recovery) { e.SetTimer(ms, 1) }, fired: func(e *Env[note], _ uint64) { log(e) }})
		told := 0
		w.Tear(0, func() { told++ })
		if c.before > 0 {
			w.Crash(Time(c.before), 0, ms)
		}
		w.FaultAt(Time(c.at), func() { w.Strike(0, c.crash) })
		if tape.quiet(t); told != c.told {
			t.Errorf("%+v at %v: told %d times", c.crash, c.at, told)
		}
		wantLines(t, tape.only("torn"), c.want...)
	}
}

// TestCrashBehindService: a crash that comes first though a service ended before it gives
// back none of the time that the core was busy.
func TestCrashBehindService(t *testing.T) {
	crashed := 0
	for seed := range uint64(20) {
		cfg := costly(1)
		cfg.Seed, cfg.Schedule = seed, Schedule{Strategy: RandomWalk, Window: time.Second}
		w, tape := taped(t, cfg)
		a := add(w, "a", hooks{})
		add(w, "c", burst(1), Immortal[note]())
		w.Crash(Time(5*ms), a, Forever)
		tape.quiet(t)
		if len(tape.only("deliver")) == 0 && w.Stats().Busy > 0 {
			crashed++
		}
		if busy := w.Stats().Busy; busy > ms {
			t.Errorf("seed %d: busy for %v of a service of 1ms", seed, busy)
		}
	}
	if crashed == 0 {
		t.Error("no crash came first")
	}
}

// TestSlowImmortal: what has no processor is not slowed.
func TestSlowImmortal(t *testing.T) {
	w, tape := taped(t, Config[note]{})
	add(w, "a", hooks{}, Immortal[note]())
	add(w, "b", burst(1))
	w.SlowNode(0, 0, 100, Forever)
	tape.expect(t, "0s b send a k1 l1", "1ms a deliver b k1 l1")
}

// TestRecovers: what is down or paused recovers by itself, but not what is so for ever.
func TestRecovers(t *testing.T) {
	for _, c := range []struct {
		plan func(w *World[note])
		want bool
	}{
		{func(*World[note]) {}, false},
		{func(w *World[note]) { w.Pause(0, 0, 5*ms) }, true},
		{func(w *World[note]) { w.FaultAt(0, func() { w.Strike(0, Strike{Pause: true, For: Forever}) }) }, false},
		{func(w *World[note]) { w.FaultAt(0, func() { w.Strike(0, Strike{Crash: true, For: 5 * ms}) }) }, true},
		{func(w *World[note]) { w.FaultAt(0, func() { w.Strike(0, Strike{Crash: true, For: Forever}) }) }, false},
		{func(w *World[note]) { w.Pause(Time(5*ms), 0, Forever) }, true},
		{func(w *World[note]) { w.Pause(Time(5*ms), 0, ms); w.EndFaultsAt(0) }, false},
	} {
		w := New(Config[note]{})
		add(w, "a", hooks{start: func(e *Env[note]) { e.SetTimer(20*ms, 1) }})
		c.plan(w)
		if w.RunUntil(t.Context(), Time(ms)); w.Recovers() != c.want {
			t.Errorf("%+v: recovers %v", w.Status(0), w.Recovers())
		}
	}
}

// TestPauseWithinStep: a pause within a step lets the step finish, and holds what comes next;
// in front of a receipt it holds the whole step.
func TestPauseWithinStep(t *testing.T) {
	for p, want := range map[Point][]string{
		BeforeReceive: {"1ms a deliver a k1", "2ms a pause", "4ms a resume", "4ms a deliver a k2", "4ms a append k3 17", "4ms a append k4 34"},
		BeforeAppend:  {"1ms a deliver a k1", "2ms a deliver a k2", "2ms a pause", "2ms a append k3 17", "2ms a append k4 34", "4ms a resume"},
	} {
		w, tape := taped(t, Config[note]{Network: Network{Links: []Link{{Delay: dist(t, "1ms")}}}})
		add(w, "a", hooks{
			start: func(e *Env[note]) { e.Send(0, Mail{Kind: 1}, note{}) },
			receive: func(e *Env[note], _ NodeID, mail Mail, _ *note) {
				if mail.Kind == 1 {
					e.Send(0, Mail{Kind: 2}, note{})
					return
				}
				e.Append(3, 0, nil)
				e.Append(4, 0, nil)
			},
		})
		w.Inject(at(func(b Boundary) Strike {
			return Strike{Pause: b.Point == p && (b.Kind == 2 || b.Kind == 3), For: 2 * ms}
		}))
		w.Run(t.Context())
		wantLines(t, tape.only("deliver", "append", "pause", "resume"), want...)
	}
}

// TestPastFault: a fault that is planned for a time that has passed comes now.
func TestPastFault(t *testing.T) {
	w := New(Config[note]{})
	came := Never
	w.FaultAt(Time(5*ms), func() { w.FaultAt(Time(ms), func() { came = w.Now() }) })
	if w.Run(t.Context()); came != Time(5*ms) {
		t.Errorf("at %v", came)
	}
}

// TestFaultsEndOnce: faults that have ended do not end again.
func TestFaultsEndOnce(t *testing.T) {
	w := New(Config[note]{})
	add(w, "a", hooks{start: func(e *Env[note]) { e.SetTimer(5*ms, 1) }})
	w.EndFaultsAt(Time(ms))
	w.Run(t.Context())
	if w.EndFaults(); w.Calmed() != Time(ms) {
		t.Errorf("at %v, and not at 1 ms", w.Calmed())
	}
}

// TestSlowedForever: what is slowed beyond all time takes no less than before.
func TestSlowedForever(t *testing.T) {
	for _, d := range []time.Duration{Forever / 3, Forever / 2, Forever} {
		if got := slowed(d, []int{1000, 2}); got < Forever-1000 {
			t.Errorf("%d becomes %d", d, got)
		}
	}
}

// TestLieOfKeptTail: a crash that keeps the tail writes it, and that may be the write that is
// to be lost.
func TestLieOfKeptTail(t *testing.T) {
	for tail, want := range map[Tail]int{TailKept: 1, TailDrawn: 0} {
		w := New(Config[note]{})
		add(w, "a", hooks{start: func(e *Env[note]) { e.Append(1, 1, nil) }})
		met := 0
		w.FaultAt(Time(ms), func() { w.Strike(0, Strike{LoseSync: true, Met: func() { met++ }}) })
		w.FaultAt(Time(2*ms), func() { w.Strike(0, Strike{Crash: true, For: ms, Tail: tail}) })
		if w.Run(t.Context()); met != want {
			t.Errorf("tail %d: %d writes are lost, want %d", tail, met, want)
		}
	}
}
