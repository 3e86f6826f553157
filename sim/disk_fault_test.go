package sim

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"
)

// TestFailedSync: the node of a device whose sync fails crashes, and recovers
// what was durable before.
func TestFailedSync(t *testing.T) {
	w, tape := taped(t, synced1ms(t))
	var got []string
	add(w, "a", hooks{
		start: func(e *Env[note]) {
			e.Append(1, 0, nil)
			e.Sync()
		},
		synced: func(e *Env[note], lsn LSN) {
			if e.Incarnation() == 1 && lsn == 17 {
				e.Append(2, 0, nil)
				e.Sync()
			} else {
				t.Errorf("life %d hears of %d", e.Incarnation(), lsn)
			}
		},
		recover: func(_ *Env[note], log Recovery) { got = records(log) },
	})
	w.Inject(&boundary{p: BeforeSync, k: 2, n: 1, s: Strike{FailSync: true, Down: ms}})
	tape.quiet(t)
	wantLines(t, got, "1:")
	wantLines(t, tape.only("sync-failed", "crash", "restart"), "2ms a sync-failed 34", "2ms a crash 1", "3ms a restart 2")
}

// TestLostSync: what a lying device said it had written is gone after the next
// crash. At the end of the log that looks like a torn tail; with good records
// behind it the log is corrupt and the node stops for good.
func TestLostSync(t *testing.T) {
	for _, lied := range []Kind{1, 2} {
		w, tape := taped(t, synced1ms(t))
		var got []string
		add(w, "a", hooks{
			start: func(e *Env[note]) {
				e.Append(1, 0, nil)
				e.Sync()
			},
			synced: func(e *Env[note], lsn LSN) {
				if lsn == 17 {
					e.Append(2, 0, nil)
					e.Sync()
				}
			},
			recover: func(_ *Env[note], log Recovery) { got = records(log) },
		})
		w.Inject(&boundary{p: BeforeSync, k: lied, n: 1, s: Strike{LoseSync: true}})
		w.Crash(Time(5*ms), 0, ms)
		tape.quiet(t)
		wantLines(t, tape.only("synced"), "1ms a synced 17", "2ms a synced 34")
		if lied == 2 {
			wantLines(t, got, "1:")
			wantLines(t, tape.only("torn"), "6ms a torn 17")
		} else if !w.Dead(0) || got != nil {
			t.Errorf("recovered %q of a corrupt log", got)
		}
	}
}

// TestSlowDisksOverlap: where windows overlap the largest factor counts, and each
// ends for itself.
func TestSlowDisksOverlap(t *testing.T) {
	w, tape := taped(t, synced1ms(t))
	again := func(e *Env[note]) { e.Append(1, 0, nil); e.Sync() }
	add(w, "a", hooks{
		start: func(e *Env[note]) { e.SetTimer(0, 0) },
		fired: func(e *Env[note], _ uint64) { again(e) },
		synced: func(e *Env[note], lsn LSN) {
			if lsn < 4*17 {
				again(e)
			}
		},
	})
	w.SlowDisk(0, 0, 2, 20*ms)
	w.SlowDisk(0, 0, 5, 10*ms) // ends first
	tape.quiet(t)
	wantLines(t, tape.only("synced"), "5ms a synced 17", "10ms a synced 34", "12ms a synced 51", "14ms a synced 68")

	if e := w.nodes[0]; len(e.slowDisk) != 0 {
		t.Errorf("factors %v stay", e.slowDisk)
	}
}

// writer appends and syncs a record of the kind n every 2 ms, n times in a life.
func writer(n int) hooks {
	h := hooks{
		start: func(e *Env[note]) { e.SetTimer(0, 1) },
		fired: func(e *Env[note], k uint64) {
			e.Append(Kind(k), 0, []byte{byte(k)})
			e.Sync()
			if int(k) < n {
				e.SetTimer(2*ms, k+1)
			}
		},
	}
	return h
}

// TestStruckSync: struck at a time, it is the sync that runs, or else the next,
// that fails or lies; faults that end take that back.
func TestStruckSync(t *testing.T) {
	for _, c := range []struct {
		at   time.Duration
		s    Strike
		ends time.Duration
		met  Time // -1: never
		want []string
		left []string
	}{
		{2500 * us, Strike{FailSync: true, Down: ms}, time.Hour, Time(2500 * us), []string{"3ms a sync-failed 36", "3ms a crash 1", "4ms a restart 2"}, []string{"1:\x01"}},
		{1500 * us, Strike{FailSync: true, Down: ms}, time.Hour, Time(2 * ms), []string{"3ms a sync-failed 36", "3ms a crash 1", "4ms a restart 2"}, []string{"1:\x01"}},
		{1500 * us, Strike{FailSync: true, Down: ms}, 1600 * us, -1, nil, []string{"1:\x01", "2:\x02", "3:\x03"}},
		{4500 * us, Strike{LoseSync: true}, time.Hour, Time(4500 * us), nil, []string{"1:\x01", "2:\x02"}},
		{2500 * us, Strike{LoseSync: true}, time.Hour, Time(2500 * us), nil, []string{"1:\x01"}},
		{2500 * us, Strike{LoseSync: true}, 2600 * us, Time(2500 * us), nil, []string{"1:\x01", "2:\x02", "3:\x03"}},
		{1500 * us, Strike{LoseSync: true}, 1600 * us, -1, nil, []string{"1:\x01", "2:\x02", "3:\x03"}},
	} {
		w, tape := taped(t, synced1ms(t))
		add(w, "a", writer(3))
		met := Time(-1)
		c.s.Met = func() { met = w.Now() }
		w.FaultAt(Time(c.at), func() { w.Strike(0, c.s) })
		w.EndFaultsAt(Time(c.ends))
		tape.quiet(t)
		if met != c.met {
			t.Errorf("%+v at %v met a sync at %v, expected %v", c.s, c.at, met, c.met)
		}
		wantLines(t, tape.only("sync-failed", "crash", "restart"), c.want...)
		wantLines(t, records(w.Storage(0)), c.left...)
	}
}

// TestLostCheckpoint: a device that lies about a sync does not write its
// checkpoint either; what it had stays.
func TestLostCheckpoint(t *testing.T) {
	for _, lies := range []bool{false, true} {
		w, tape := taped(t, synced1ms(t))
		got := ""
		add(w, "a", hooks{
			start: func(e *Env[note]) {
				e.Append(1, 0, nil)
				e.Sync()
				e.SetTimer(2*ms, 0)
			},
			fired:   func(e *Env[note], _ uint64) { e.Append(2, 0, nil); e.Checkpoint([]byte("state")) },
			recover: func(_ *Env[note], log Recovery) { got = fmt.Sprintf("%s %v", log.Checkpoint, records(log)) },
		})
		w.Inject(&boundary{p: BeforeSync, k: 2, n: 1, s: Strike{LoseSync: lies}})
		w.Crash(Time(5*ms), 0, ms)
		tape.quiet(t)
		if want := map[bool]string{false: "state []", true: " [1:]"}[lies]; got != want {
			t.Errorf("lies %v: recovered %q, want %q", lies, got, want)
		}
	}
}

// TestRot: a record spoilt on the device is found by its checksum at the next
// recovery: the last one is cut, one before others stops the node for good, and
// a checkpoint in time makes up for it. Who had been told that more was durable
// is told again.
func TestRot(t *testing.T) {
	for _, c := range []struct {
		kind Kind
		want string
		dead bool
		told []LSN
	}{
		{3, "[1:\x01 2:\x02]", false, []LSN{18, 36, 54, 36}}, {2, "", true, []LSN{18, 36, 54}},
	} {
		cfg := synced1ms(t)
		var w *World[note]
		var told []LSN
		cfg.Durable = func(n NodeID) { told = append(told, w.Durable(n)) }
		w, tape := taped(t, cfg)
		h, got := writer(3), ""
		h.recover = func(_ *Env[note], log Recovery) { got = fmt.Sprint(records(log)) }
		add(w, "a", h)
		w.Inject(&boundary{p: AfterSync, k: c.kind, n: 1, s: Strike{Rot: true}})
		w.Crash(Time(10*ms), 0, ms)
		if tape.w.RunUntil(t.Context(), Time(9*ms)); len(records(w.Storage(0))) != int(c.kind)-1 {
			t.Errorf("a crash would leave %q", records(w.Storage(0)))
		}
		tape.quiet(t)
		if got != c.want || w.Dead(0) != c.dead || !slices.Equal(told, c.told) {
			t.Errorf("record %d spoilt: recovered %q, dead %v, told %v", c.kind, got, w.Dead(0), told)
		}
		if c.dead && len(records(w.Storage(0))) != 1 {
			t.Errorf("storage of the dead: %q", records(w.Storage(0)))
		}
	}
}

// TestFullDisk: there is no room while it lasts, whatever else there is, and
// faults that end make room.
func TestFullDisk(t *testing.T) {
	cfg := synced1ms(t)
	cfg.Disk.Capacity = 100
	w, tape := taped(t, cfg)
	rooms := ""
	h := hooks{fired: func(e *Env[note], n uint64) {
		rooms += fmt.Sprint(e.LogRoom(), " ")
		if n > 0 {
			e.SetTimer(2*ms, n-1)
		}
	}}
	h.start = func(e *Env[note]) { e.SetTimer(0, 8) }
	add(w, "a", h)
	w.FullDisk(Time(ms), 0, 4*ms)
	w.FullDisk(Time(3*ms), 0, 6*ms)
	w.FullDisk(Time(13*ms), 0, Forever)
	w.EndFaultsAt(Time(15 * ms))
	tape.quiet(t)
	if rooms != "100 0 0 0 0 100 100 0 100 " {
		t.Errorf("rooms %s", rooms)
	}
}

// TestSyncOrdinal: the boundaries of a sync say which one it is, and one of
// nothing but a checkpoint has a boundary too.
func TestSyncOrdinal(t *testing.T) {
	w, tape := taped(t, synced1ms(t))
	add(w, "a", hooks{
		start:  func(e *Env[note]) { e.Append(1, 0, nil); e.Append(2, 0, nil); e.Sync() },
		synced: func(e *Env[note], lsn LSN) { e.Checkpoint(nil) },
	})
	var got []string
	w.Inject(at(func(b Boundary) Strike {
		if b.Point >= BeforeSync {
			got = append(got, fmt.Sprint(b.Point, " ", b.Kind, " of ", b.Sync))
		}
		return Strike{FailSync: b.Sync == 2, Down: Forever}
	}))
	tape.quiet(t)
	wantLines(t, got, "before sync 1 of 1", "before sync 2 of 1", "after sync 1 of 1", "after sync 2 of 1", "before checkpoint 0 of 0", "before sync 0 of 2", "after checkpoint 0 of 0")
	if !w.Dead(0) {
		t.Error("the sync of the checkpoint did not fail")
	}
}

// TestHastenedSync: when faults end, a sync that a slow device was at ends sooner. The
// time at which it would have ended means nothing to the sync that ends just then.
func TestHastenedSync(t *testing.T) {
	w, tape := taped(t, synced1ms(t))
	n := 0
	add(w, "a", hooks{
		start: func(e *Env[note]) { e.SetTimer(0, 0) },
		fired: func(e *Env[note], _ uint64) { e.Append(1, 0, nil); e.Sync(); w.EndFaultsAt(0) },
		synced: func(e *Env[note], _ LSN) {
			if n++; n < 4 {
				e.Append(1, 0, nil)
				e.Sync()
			}
		},
	})
	w.SlowDisk(0, 0, 3, Forever)
	tape.quiet(t)
	size := recordHeader
	var want []string
	for i := range 4 {
		want = append(want, fmt.Sprintf("%dms a synced %d", i+1, (i+1)*size))
	}
	wantLines(t, tape.only("synced"), want...)
	if end := w.Now(); end != Time(4*ms) {
		t.Errorf("the run took until %v", end)
	}
}

// TestFailSyncOfImmortal: what no fault crashes has no failing device either.
func TestFailSyncOfImmortal(t *testing.T) {
	w, tape := taped(t, synced1ms(t))
	add(w, "a", hooks{start: func(e *Env[note]) { e.Append(1, 0, nil); e.Sync() }}, Immortal[note]())
	w.Inject(at(func(b Boundary) Strike { return Strike{FailSync: b.Point == BeforeSync} }))
	tape.quiet(t)
	wantLines(t, tape.only("synced"), fmt.Sprintf("1ms a synced %d", recordHeader))
}

// at is an Injector of a function.
type at func(b Boundary) Strike

func (f at) At(b *Boundary) *Strike { s := f(*b); return &s }

// TestTornTwice: a node that stops for good as its log is corrupt crashes once more, and what
// is left of a torn record may be a single byte.
func TestTornTwice(t *testing.T) {
	bytes := map[int]bool{}
	for seed := range uint64(100) {
		cfg := synced1ms(t)
		cfg.Seed, cfg.Disk.Torn = seed, ProbabilityOf(1)
		w := New(cfg)
		synced := 0
		add(w, "a", hooks{
			start: func(e *Env[note]) {
				e.Append(1, 0, nil)
				e.Sync() // a lie
			},
			synced: func(e *Env[note], _ LSN) {
				switch synced++; synced {
				case 1:
					e.Append(2, 0, nil)
					e.Sync()
				case 2:
					e.Append(3, 0, nil) // will be torn
				}
			},
		})
		w.FaultAt(1, func() { w.Strike(0, Strike{LoseSync: true}) })
		w.Crash(Time(5*ms), 0, ms)
		w.FaultAt(Time(5500*us), func() { bytes[w.Status(0).Torn-int(w.Durable(0))] = true }) // no record is whole
		w.Run(context.Background())
		if !w.Status(0).Dead {
			t.Fatalf("seed %d: a node whose log is corrupt goes on", seed)
		}
	}
	if !bytes[1] || len(bytes) < 3 {
		t.Errorf("of the torn record %v bytes are left: one is wanted too", bytes)
	}
}

// TestDamageBehindCheckpoint: of what faults have spoilt, a crash spoils what the log still
// holds, and not what a checkpoint has replaced.
func TestDamageBehindCheckpoint(t *testing.T) {
	for _, c := range []struct {
		missing []span
		rotten  []LSN
		want    string // of the log from 40 on
	}{
		{nil, nil, "abcdef"},
		{[]span{{0, 20}, {20, 40}}, []LSN{20, 40}, "abcdef"},
		{[]span{{0, 20}, {20, 42}}, nil, "\x00\x00cdef"},
		{nil, []LSN{20, 41}, "qbcdef"},
	} {
		d, log := device{base: 40, missing: c.missing, rotten: c.rotten}, []byte("abcdef")
		if d.damage(log); string(log) != c.want {
			t.Errorf("missing %v, rotten %v: %q, want %q", c.missing, c.rotten, log, c.want)
		}
	}
}

// TestSyncStruckTwice: a sync that is to fail, or to lie, already does so as was said first.
func TestSyncStruckTwice(t *testing.T) {
	var d device
	for i := range 2 {
		d.strike(&Strike{FailSync: true, Down: time.Duration(i + 1)})
		d.strike(&Strike{LoseSync: true, Down: time.Duration(i + 1)})
	}
	if d.fails.Down != 1 || d.loses.Down != 1 {
		t.Errorf("fails as %d was said, and lies as %d was", d.fails.Down, d.loses.Down)
	}
}
