package sim

import "testing"

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

// TestSlowDisksOverlap: where windows overlap their factors multiply, and each
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
	// 2 x 5 at first, then 2 alone.
	wantLines(t, tape.only("synced"), "10ms a synced 17", "12ms a synced 34", "14ms a synced 51", "16ms a synced 68")

	if e := w.nodes[0]; len(e.slowDisk) != 0 {
		t.Errorf("factors %v stay", e.slowDisk)
	}
}
