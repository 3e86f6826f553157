package sim

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// synced1ms is a device whose syncs take 1 ms.
func synced1ms(t *testing.T) Config[note] { return Config[note]{Disk: Disk{Sync: dist(t, "1ms")}} }

// records prints the kinds and data of a log: "1:abc 2:".
func records(r Recovery) []string {
	var all []string
	for rec := range r.Records() {
		all = append(all, line(rec))
	}
	return all
}

func line(rec LogRecord) string { return fmt.Sprintf("%d:%s", rec.Kind, rec.Data) }

// TestGroupCommit: one sync at a time; what comes while one runs shares the
// next; Synced says how far the log is durable.
func TestGroupCommit(t *testing.T) {
	w, tape := taped(t, synced1ms(t))
	add(w, "a", hooks{
		start: func(e *Env[note]) {
			e.Append(1, 0, nil)
			e.Sync()
			e.Append(2, 0, nil)
			e.Sync()
			e.SetTimer(100*us, 3)
			e.SetTimer(200*us, 4)
		},
		fired: func(e *Env[note], n uint64) {
			e.Append(Kind(n), 0, nil)
			e.Sync()
		},
		synced: func(e *Env[note], lsn LSN) {
			if lsn != e.Durable() {
				t.Errorf("told %d, durable below %d", lsn, e.Durable())
			}
		},
	})
	tape.quiet(t)
	wantLines(t, tape.only("sync", "synced"), "0s a sync 17", "1ms a synced 17", "1ms a sync 68", "2ms a synced 68")
	if s := w.Stats(); s.Appends != 4 || s.Syncs != 2 {
		t.Errorf("%+v", s)
	}
}

// TestSyncNothing: a Synced event follows every Sync, also one that finds all
// durable.
func TestSyncNothing(t *testing.T) {
	w, tape := taped(t, synced1ms(t))
	var told []LSN
	add(w, "a", hooks{
		start: func(e *Env[note]) { e.Sync() },
		synced: func(e *Env[note], lsn LSN) {
			if told = append(told, lsn); len(told) == 1 {
				e.Append(1, 0, nil)
				e.Sync()
			} else if len(told) == 2 {
				e.Sync()
			}
		},
	})
	tape.quiet(t)
	if !slices.Equal(told, []LSN{0, 17, 17}) || w.Now() != Time(ms) {
		t.Errorf("told %v until %v", told, w.Now())
	}
}

// TestCrashLosesUnsynced: exactly what was synced survives, and its successors
// take the positions of what was lost.
func TestCrashLosesUnsynced(t *testing.T) {
	for at, want := range map[time.Duration][]string{
		500 * us: nil, 1500 * us: {"1:one"}, 2500 * us: {"1:one", "2:two", "3:three"},
	} {
		w, tape := taped(t, synced1ms(t))
		add(w, "a", hooks{
			start: func(e *Env[note]) {
				e.Append(1, 7, []byte("one"))
				e.Sync()
				e.Append(2, 8, []byte("two"))
				e.Append(3, 9, []byte("three"))
				e.Sync()
			},
			recover: func(e *Env[note], log Recovery) {
				if e.Incarnation() > 2 {
					wantLines(t, records(log), append(want, "4:four")...)
					return
				}
				wantLines(t, records(log), want...)
				if log.Checkpoint != nil {
					t.Error("a checkpoint from nowhere")
				}
				if end := e.Append(4, 0, []byte("four")); end != LSN(e.LogBytes()) {
					t.Errorf("the record ends at %d in a log of %d bytes", end, e.LogBytes())
				}
				e.Sync()
			},
			synced: func(e *Env[note], lsn LSN) {
				if stored := records(w.Storage(0)); e.Incarnation() == 2 && len(stored) != len(want)+1 {
					t.Errorf("stored: %q", stored)
				}
			},
		})
		w.Crash(Time(at), 0, ms)
		w.Crash(Time(10*ms), 0, ms)
		tape.quiet(t)
		if w.Stats().Restarts != 2 {
			t.Errorf("%d restarts", w.Stats().Restarts)
		}
	}
}

// TestTornTail: a crash may leave part of the first unsynced record, recovery
// cuts it, and no length of it is ever taken for a record.
func TestTornTail(t *testing.T) {
	lengths := map[string]bool{}
	for seed := range uint64(200) {
		cfg := synced1ms(t)
		cfg.Seed, cfg.Disk.Torn = seed, ProbabilityOf(1)
		w, tape := taped(t, cfg)
		add(w, "a", hooks{
			start: func(e *Env[note]) {
				e.Append(1, 0, []byte("synced"))
				e.Sync()
				e.Append(2, 0, make([]byte, 10)) // zeros, as a torn page might hold
				e.Append(3, 0, nil)
			},
			recover: func(e *Env[note], log Recovery) {
				if got := records(log); len(got) != 1 || e.Durable() != 23 || e.LogBytes() != 23 {
					t.Errorf("seed %d: %q, %d bytes, durable below %d", seed, got, e.LogBytes(), e.Durable())
				}
			},
		})
		w.Crash(Time(1500*us), 0, ms)
		w.FaultAt(Time(2*ms), func() {
			lengths[fmt.Sprint(len(w.nodes[0].disk.log))] = true
			w.Inject(&boundary{}) // does not take it for a record either
		})
		tape.quiet(t)
		wantLines(t, tape.only("torn"), "2.5ms a torn 23")
	}
	if len(lengths) < 20 || lengths["23"] || lengths["50"] {
		t.Errorf("torn lengths were %v", lengths)
	}
}

// TestCorruption: a bad record with a valid one behind it stops the node for
// good; the last record, bad, is only cut.
func TestCorruption(t *testing.T) {
	const record = recordHeader + 3
	for at := range 3 * record {
		w, tape := taped(t, synced1ms(t))
		recovered := -1
		add(w, "a", hooks{
			start: func(e *Env[note]) {
				for i := range 3 {
					e.Append(1, 0, fmt.Append(nil, "r-", i))
				}
				e.Sync()
			},
			recover: func(e *Env[note], log Recovery) { recovered = len(records(log)) },
		})
		w.Crash(Time(2*ms), 0, ms)
		w.FaultAt(Time(2500*us), func() {
			d := &w.nodes[0].disk
			d.damaged, d.log[at] = true, d.log[at]^4
		})
		w.Crash(Time(5*ms), 0, ms)
		tape.quiet(t)
		if last := at >= 2*record; last && recovered != 2 || !last && recovered != -1 || w.Dead(0) != !last {
			t.Fatalf("byte %d was bad: %d records recovered, dead %v", at, recovered, w.Dead(0))
		}
	}
}

// TestCheckpoint: a crash before its sync is done leaves the old one and the
// whole log; one after leaves the new one and what was appended since.
func TestCheckpoint(t *testing.T) {
	// Syncs end at 1 ms, 2 ms, and then 3.5 ms (the checkpoint) and 4.5 ms.
	for at, want := range map[time.Duration]string{
		500 * us:  " [] at 0",
		1500 * us: "old [] at 20",
		2500 * us: "old [2:two] at 20",
		3400 * us: "old [2:two] at 20", // the checkpoint is being written
		4400 * us: "new [] at 40",
		4600 * us: "new [3:three] at 40",
	} {
		w, tape := taped(t, synced1ms(t))
		got := ""
		add(w, "a", hooks{
			start: func(e *Env[note]) {
				e.Append(1, 0, []byte("one"))
				e.Checkpoint([]byte("old"))
				e.Append(2, 0, []byte("two"))
				e.Sync()
			},
			synced: func(e *Env[note], lsn LSN) {
				if lsn == 40 && e.Now() == Time(2*ms) {
					e.SetTimer(500*us, 0)
				}
			},
			fired: func(e *Env[note], _ uint64) {
				e.Checkpoint([]byte("new"))
				if !e.Checkpointing() {
					t.Error("the checkpoint is not known to be under way")
				}
				e.Append(3, 0, []byte("three")) // shares the next sync
				e.Sync()
			},
			recover: func(e *Env[note], log Recovery) {
				got = fmt.Sprintf("%s %v at %d", log.Checkpoint, records(log), log.base)
			},
		})
		w.Crash(Time(at), 0, ms)
		tape.quiet(t)
		if got != want {
			t.Errorf("crash at %v: %s, want %s", at, got, want)
		}
	}
}

// TestCheckpointWaits: a checkpoint is under way from when it is asked for, also while
// another sync runs, until its own has ended.
func TestCheckpointWaits(t *testing.T) {
	w, tape := taped(t, synced1ms(t))
	var got []bool
	add(w, "a", hooks{
		start: func(e *Env[note]) {
			e.Append(1, 0, nil)
			e.Sync()
			got = append(got, e.Checkpointing())
			e.Checkpoint([]byte("state"))
			got = append(got, e.Checkpointing())
			e.SetTimer(500*us, 0)
			e.SetTimer(1500*us, 0)
			e.SetTimer(2500*us, 0)
		},
		fired: func(e *Env[note], _ uint64) { got = append(got, e.Checkpointing()) },
	})
	tape.quiet(t)
	if want := []bool{false, true, true, true, false}; !slices.Equal(got, want) {
		t.Errorf("under way: %v, want %v", got, want)
	}
}

// TestCheckpointOfNothing: the first checkpoint may come before any record.
func TestCheckpointOfNothing(t *testing.T) {
	w, tape := taped(t, synced1ms(t))
	add(w, "a", hooks{
		start: func(e *Env[note]) { e.Checkpoint([]byte("state")) },
		recover: func(_ *Env[note], log Recovery) {
			if string(log.Checkpoint) != "state" {
				t.Errorf("recovered %q", log.Checkpoint)
			}
		},
	})
	w.Crash(Time(2*ms), 0, ms)
	tape.expect(t, "0s a sync", "1ms a synced", "1ms a truncated", "2ms a crash 1", "3ms a restart 2")
}

// TestCheckpointAtomic: at each boundary of its sync a crash leaves either
// checkpoint, whole.
func TestCheckpointAtomic(t *testing.T) {
	for p, want := range map[Point]string{BeforeSync: " [1:x]", AfterSync: "state []"} {
		w, tape := taped(t, synced1ms(t))
		got := ""
		add(w, "a", hooks{
			start:  func(e *Env[note]) { e.Append(1, 0, []byte("x")); e.Sync() },
			synced: func(e *Env[note], _ LSN) { e.Append(2, 0, nil); e.Checkpoint([]byte("state")) },
			recover: func(_ *Env[note], log Recovery) {
				got = fmt.Sprintf("%s %v", log.Checkpoint, records(log))
			},
		})
		w.Inject(&boundary{p: p, k: 2, n: 1, s: Strike{Crash: true, For: ms}})
		tape.quiet(t)
		if got != want {
			t.Errorf("crash %v: recovered %q, want %q", p, got, want)
		}
	}
}

// TestCrashBetweenSyncs: a crash before the sync that follows another leaves the
// news of the first to the life that asked for it; the next never hears of it.
func TestCrashBetweenSyncs(t *testing.T) {
	for _, d := range []time.Duration{0, ms} {
		w, tape := taped(t, synced1ms(t))
		add(w, "a", hooks{
			start: func(e *Env[note]) {
				e.Append(1, 0, nil)
				e.Sync()
				e.Append(2, 0, nil)
				e.Sync()
			},
			synced: func(e *Env[note], lsn LSN) {
				if e.Incarnation() != 1 || lsn != 17 {
					t.Errorf("life %d hears of %d", e.Incarnation(), lsn)
				}
			},
			recover: func(_ *Env[note], log Recovery) { wantLines(t, records(log), "1:") },
		})
		w.Inject(&boundary{p: BeforeSync, k: 2, n: 1, s: Strike{Crash: true, For: d}})
		tape.quiet(t)
		if w.Stats().Restarts != 1 {
			t.Error("the crash did not come about")
		}
	}
}

// TestSyncBoundaries: a sync passes its boundaries once for every record that it
// covers, asked for or not, also where faults are injected only while it runs.
func TestSyncBoundaries(t *testing.T) {
	for _, c := range []struct {
		p     Point
		later bool
		n     int
	}{{BeforeSync, false, 4}, {AfterSync, false, 4}, {BeforeSync, true, 2}, {AfterSync, true, 4}} {
		w, tape := taped(t, synced1ms(t))
		add(w, "a", hooks{start: func(e *Env[note]) {
			e.Append(1, 0, nil)
			e.Append(2, 0, nil)
			e.Sync()
			e.Append(3, 0, nil)
			e.Sync()
			e.Append(4, 0, nil)
		}})
		f := &boundary{p: c.p}
		if c.later {
			w.FaultAt(Time(500*us), func() { w.Inject(f) })
		} else {
			w.Inject(f)
		}
		tape.quiet(t)
		if f.seen != c.n {
			t.Errorf("%v, injected later %v: passed %d times, want %d", c.p, c.later, f.seen, c.n)
		}
	}
}

func TestSlowDisk(t *testing.T) {
	w, tape := taped(t, synced1ms(t))
	add(w, "a", hooks{
		start: func(e *Env[note]) { e.SetTimer(500*us, 0); e.SetTimer(10*ms, 1) },
		fired: func(e *Env[note], _ uint64) { e.Append(1, 0, nil); e.Sync() },
	})
	w.SlowDisk(0, 0, 5, 2*ms)
	tape.quiet(t)
	wantLines(t, tape.only("synced"), "5.5ms a synced 17", "11ms a synced 34")
}

// follower reads the durable log as it grows, as a tracer does.
type follower struct {
	tape
	from LSN
	got  []string
}

func (f *follower) Trace(r *Record[note]) {
	if r.Op == TraceSynced {
		for f.from < LSN(r.Arg) {
			rec := f.w.DurableRecord(r.Node, f.from)
			f.got = append(f.got, line(rec))
			f.from = rec.End()
		}
	}
}

// TestFollow: at TraceSynced the log is still whole, so that a follower sees
// every record once, also those that the sync's checkpoint drops.
func TestFollow(t *testing.T) {
	f := &follower{}
	cfg := synced1ms(t)
	cfg.Tracer = f
	f.w = New(cfg)
	add(f.w, "a", hooks{
		start: func(e *Env[note]) {
			e.Append(1, 0, []byte("a"))
			e.Checkpoint(nil)
			e.Append(2, 0, []byte("b"))
			e.Sync()
		},
		synced: func(e *Env[note], lsn LSN) {
			if lsn == 36 && e.LogBytes() > 0 {
				e.Append(3, 0, []byte("c"))
				e.Checkpoint([]byte("state"))
			}
		},
	})
	f.quiet(t)
	wantLines(t, f.got, "1:a", "2:b", "3:c")
}

func TestLogRoom(t *testing.T) {
	cfg := synced1ms(t)
	cfg.Disk.Capacity = 100
	w, tape := taped(t, cfg)
	add(w, "a", hooks{
		start: func(e *Env[note]) {
			if e.Append(1, 0, make([]byte, 13)); e.LogRoom() != 70 || e.LogBytes() != 30 {
				t.Errorf("room for %d beside %d", e.LogRoom(), e.LogBytes())
			}
			e.Checkpoint(make([]byte, 5))
		},
		synced: func(e *Env[note], _ LSN) {
			if e.LogRoom() != 95 || e.LogBytes() != 0 || e.CheckpointBytes() != 5 {
				t.Errorf("after the checkpoint: room for %d beside %d and %d", e.LogRoom(), e.LogBytes(), e.CheckpointBytes())
			}
		},
	})
	tape.quiet(t)
}

// TestSharedDevice: nodes on one host share its log device, which syncs for one
// of them at a time, in the order they came; who crashes gives way.
func TestSharedDevice(t *testing.T) {
	w, tape := taped(t, synced1ms(t))
	logs := func(at ...time.Duration) hooks {
		return hooks{
			start: func(e *Env[note]) {
				for i, d := range at {
					e.SetTimer(d, uint64(i))
				}
			},
			fired: func(e *Env[note], n uint64) {
				e.Append(Kind(n), 0, nil)
				e.Sync()
			},
		}
	}
	add(w, "a", logs(0, 100*us))
	add(w, "b", logs(200*us), OnHostOf[note](0))
	add(w, "c", logs(300*us), OnHostOf[note](1))
	add(w, "d", logs(300*us)) // has its own
	w.Crash(Time(1500*us), 1, Forever)
	tape.quiet(t)
	wantLines(t, tape.only("sync", "synced", "crash"),
		"0s a sync 17",
		"300µs d sync 17",
		"1ms a synced 17", "1ms b sync 17",
		"1.3ms d synced 17",
		"1.5ms b crash 1", "1.5ms c sync 17",
		"2.5ms c synced 17", "2.5ms a sync 34",
		"3.5ms a synced 34")
}
