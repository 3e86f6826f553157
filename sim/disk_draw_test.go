package sim

import (
	"testing"
	"time"
)

// syncTimes has a node sync a record each millisecond, labelled as label says of the
// millisecond, and returns how long each of the syncs took that began on the millisecond.
func syncTimes(t *testing.T, label func(tick int) Label, fault func(*World[note])) map[int]time.Duration {
	t.Helper()
	times := map[int]time.Duration{}
	w := New(Config[note]{Seed: 3, Disk: Disk{Sync: dist(t, "exp(100us)")}})
	wait := func(e *Env[note]) { e.SetTimer(ms-time.Duration(e.Now())%ms, 0) }
	tick, from := 0, Time(0)
	add(w, "a", hooks{
		start:   wait,
		recover: func(e *Env[note], _ Recovery) { wait(e) },
		fired: func(e *Env[note], _ uint64) {
			if tick, from = int(e.Now()/Time(ms)), e.Now(); tick < 100 {
				e.Append(1, label(tick), []byte("x"))
				e.Sync()
				wait(e)
			}
		},
		synced: func(e *Env[note], _ LSN) { times[tick] = e.Now().Sub(from) },
	})
	if fault != nil {
		fault(w)
	}
	if status := w.Run(t.Context()); status != Quiet {
		t.Fatal(status)
	}
	return times
}

// TestSyncDrawsStay: a fault moves no sync long behind it. Where records have labels, not
// even those behind a record more or less do.
func TestSyncDrawsStay(t *testing.T) {
	labelled := func(tick int) Label { return Label(tick) }
	bare := func(int) Label { return 0 }
	for _, c := range []struct {
		name  string
		label func(int) Label
		fault func(*World[note])
	}{
		{"slow disk", labelled, func(w *World[note]) { w.SlowDisk(Time(20*ms), 0, 50, 2*ms) }},
		{"pause", labelled, func(w *World[note]) { w.Pause(Time(20*ms), 0, 3*ms) }},
		{"crash", labelled, func(w *World[note]) { w.Crash(Time(20*ms), 0, 3*ms) }},
		{"slow disk, no labels", bare, func(w *World[note]) { w.SlowDisk(Time(20*ms), 0, 50, 2*ms) }},
	} {
		without, with := syncTimes(t, c.label, nil), syncTimes(t, c.label, c.fault)
		early, different := 0, map[time.Duration]bool{}
		for tick, took := range without { // in any order
			switch {
			case tick > 60 && with[tick] != took:
				t.Errorf("%s: the sync at %d ms takes %v, and %v without", c.name, tick, with[tick], took)
			case with[tick] != took:
				early++
			}
			different[took] = true
		}
		if early == 0 || len(different) < 95 {
			t.Errorf("%s: moved %d syncs, and %d of %d take different times", c.name, early, len(different), len(without))
		}
	}
}

// TestSyncDrawsAgain: syncs of one label draw anew each time.
func TestSyncDrawsAgain(t *testing.T) {
	for _, labels := range []int{1, 2, 7} {
		different := map[time.Duration]bool{}
		for _, took := range syncTimes(t, func(tick int) Label { return Label(1 + tick%labels) }, nil) {
			different[took] = true
		}
		if len(different) < 95 {
			t.Errorf("%d labels: %d different times", labels, len(different))
		}
	}
}

// TestOccurrences: what has come up among the last different keys is counted, and no more
// of them are kept.
func TestOccurrences(t *testing.T) {
	var o occurrences
	const back = remembered / 2 // with those that come up again, as many different keys lie between
	for i := range 10 * remembered {
		if n := o.next(syncKey{label: Label(i)}); n != 0 {
			t.Fatalf("label %d comes up for the first time, and yet has come up %d times", i, n)
		}
		if n := o.next(syncKey{label: Label(i - back + 1)}); i >= back && n != 1 {
			t.Fatalf("label %d comes up for the second time, and yet has come up %d times", i-back+1, n)
		}
		if len(o.recent) > remembered || len(o.former) > remembered {
			t.Fatalf("%d and %d keys are kept", len(o.recent), len(o.former))
		}
	}
}
