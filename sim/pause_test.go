package sim

import "testing"

// TestPauseFreesCore: what a pause takes off a core leaves it to the other nodes of the host at
// once.
func TestPauseFreesCore(t *testing.T) {
	w, tape := taped(t, costly(1))
	add(w, "a", hooks{})
	add(w, "b", hooks{}, OnHostOf[note](0))
	add(w, "c", hooks{start: func(e *Env[note]) {
		e.Send(0, Mail{Kind: 1, Ops: 10}, note{})
		e.Send(1, Mail{Kind: 1, Ops: 1}, note{})
	}})
	w.Pause(Time(3*ms), 0, 20*ms)
	tape.quiet(t)
	wantLines(t, tape.only("deliver"), "4ms b deliver c k1", "30ms a deliver c k1")
}

// TestPauseAgain: a pause that a crash has ended has no part in later ones, however long it was to
// be.
func TestPauseAgain(t *testing.T) {
	for _, long := range []Time{Time(50 * ms), Time(Forever)} {
		w, tape := taped(t, synced1ms(t))
		add(w, "a", hooks{})
		add(w, "b", hooks{start: func(e *Env[note]) { e.SetTimer(6*ms, 0) }, fired: func(e *Env[note], _ uint64) { e.Send(0, Mail{Kind: 1}, note{}) }})
		w.Pause(Time(ms), 0, long.Sub(0))
		w.Crash(Time(2*ms), 0, ms)
		w.Pause(Time(5*ms), 0, 4*ms)
		tape.quiet(t)
		wantLines(t, tape.only("pause", "resume", "deliver"), "1ms a pause", "5ms a pause", "9ms a resume", "9ms a deliver b k1")
	}
}

// TestSyncedTakesItsTurn: a node hears of the end of a sync when a core is free, like of anything
// else.
func TestSyncedTakesItsTurn(t *testing.T) {
	cfg := costly(1)
	cfg.Disk = synced1ms(t).Disk
	w, tape := taped(t, cfg)
	add(w, "a", hooks{
		start:  func(e *Env[note]) { e.Append(1, 0, nil); e.Sync() },
		synced: func(e *Env[note], lsn LSN) { e.Note(Mail{Arg: uint64(lsn)}, nil) },
	})
	add(w, "c", burst(5, 2))
	tape.quiet(t)
	wantLines(t, tape.only("synced", "deliver", "note"), "1ms a synced 17", "5ms a deliver c k1 l1", "7ms a deliver c k1 l2", "7ms a note 17")
}
