package sim

import (
	"fmt"
	"testing"
)

// TestSyncOfLostRecords: no later sync passes the boundaries of records that a crash has lost,
// torn or not, even if it reaches beyond where they were.
func TestSyncOfLostRecords(t *testing.T) {
	for _, tail := range []Tail{TailLost, TailTorn} {
		w, tape := taped(t, synced1ms(t))
		add(w, "a", hooks{
			start:   func(e *Env[note]) { e.Append(1, 0, nil); e.Append(2, 0, nil) },
			recover: func(e *Env[note], _ Recovery) { e.Append(3, 0, make([]byte, 100)); e.Sync() },
		})
		var got []string
		w.Inject(at(func(b Boundary) Strike {
			if b.Point == BeforeSync || b.Point == AfterSync {
				got = append(got, fmt.Sprint(b.Point, " ", b.Kind))
			}
			return Strike{}
		}))
		w.FaultAt(Time(ms), func() { w.Strike(0, Strike{Crash: true, Tail: tail, For: ms}) })
		tape.quiet(t)
		wantLines(t, got, "before sync 3", "after sync 3")
	}
}

// TestHastenedOnce: a sync that began after a device was slow is not hastened for it.
func TestHastenedOnce(t *testing.T) {
	w, tape := taped(t, Config[note]{Disk: Disk{Sync: dist(t, "8ms")}})
	add(w, "a", hooks{
		start:  func(e *Env[note]) { e.SetTimer(0, 0) },
		fired:  func(e *Env[note], _ uint64) { e.Append(1, 0, nil); e.Sync() },
		synced: func(e *Env[note], _ LSN) { e.Append(1, 0, nil); e.Sync() },
	})
	w.SlowDisk(0, 0, 4, ms)
	w.EndFaultsAt(Time(36 * ms))
	w.RunUntil(t.Context(), Time(49*ms))
	wantLines(t, tape.only("synced"), "32ms a synced 17", "40ms a synced 34", "48ms a synced 51")
}

// TestCheckpointCutOff: a checkpoint that a crash comes before is none of the next life's, whose
// first sync writes its records and nothing else.
func TestCheckpointCutOff(t *testing.T) {
	for _, p := range []Point{BeforeCheckpoint, AfterCheckpoint} {
		w, tape := taped(t, synced1ms(t))
		got, lives := "", 1
		add(w, "a", hooks{
			start: func(e *Env[note]) { e.Append(1, 0, nil); e.Sync() },
			synced: func(e *Env[note], _ LSN) {
				if e.Incarnation() == 1 {
					e.Append(2, 0, nil)
					e.Checkpoint([]byte("state"))
				}
			},
			recover: func(e *Env[note], log Recovery) {
				lives++
				got = fmt.Sprintf("%s %v %v", log.Checkpoint, records(log), e.Checkpointing())
				e.Append(3, 0, nil)
				e.Sync()
			},
		})
		w.Inject(&boundary{p: p, n: 1, s: Strike{Crash: true, For: ms}})
		w.Crash(Time(10*ms), 0, ms)
		tape.quiet(t)
		if want := " [1: 3:] false"; got != want || lives != 3 {
			t.Errorf("crash %v: recovered %q in life %d, want %q in life 3", p, got, lives, want)
		}
	}
}

// TestTornByChance: about as many crashes tear the first unsynced record as disk.torn says.
func TestTornByChance(t *testing.T) {
	for percent, most := range map[float64][2]int{0: {0, 0}, 0.25: {15, 35}, 0.75: {65, 85}, 1: {100, 100}} { // in any order: each is a run of its own
		cfg := synced1ms(t)
		cfg.Disk.Torn = ProbabilityOf(percent)
		w, tape := taped(t, cfg)
		add(w, "a", hooks{
			start:   func(e *Env[note]) { e.Append(1, 0, make([]byte, 50)) },
			recover: func(e *Env[note], _ Recovery) { e.Append(1, 0, make([]byte, 50)) },
		})
		for i := range 100 {
			w.Crash(Time(i+1)*Time(ms), 0, ms/2)
		}
		if tape.quiet(t); len(tape.only("torn")) < most[0] || len(tape.only("torn")) > most[1] {
			t.Errorf("%d of 100 crashes tear a record with a chance of %v", len(tape.only("torn")), percent)
		}
	}
}
