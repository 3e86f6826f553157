package sim

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestCrashCutsTheStep: effects take place in program order, and a crash at any
// boundary discards all that follow it in the step.
func TestCrashCutsTheStep(t *testing.T) {
	effects := []string{"0s a send b k1", "0s a append k2 17", "0s a send b k3", "0s a append k4 34", "0s a note k5", "0s a sync 34"}
	for _, c := range []struct {
		p    Point
		k    Kind
		left int // effects that took place
	}{
		{BeforeSend, 1, 0}, {AfterSend, 1, 1}, {BeforeAppend, 2, 1}, {AfterAppend, 2, 2}, {BeforeSend, 3, 2},
		{AfterSend, 3, 3}, {BeforeAppend, 4, 3}, {AfterAppend, 4, 4}, {BeforeSync, 2, 5}, {BeforeSync, 4, 5}, {AfterSync, 4, 6},
	} {
		w, tape := taped(t, synced1ms(t))
		alive := true
		add(w, "a", hooks{start: func(e *Env[note]) {
			e.Send(1, Mail{Kind: 1}, note{})
			e.Append(2, 0, nil)
			e.Send(1, Mail{Kind: 3}, note{})
			e.Append(4, 0, nil)
			e.Note(Mail{Kind: 5}, &note{})
			e.Sync()
			e.Checkpoint(nil)
			if e.SetTimer(time.Second, 1) != (Timer{}) != e.Alive() {
				t.Errorf("%v k%d: alive %v with a timer, or the reverse", c.p, c.k, e.Alive())
			}
			alive = e.Alive()
			e.Stop()
		}})
		add(w, "b", hooks{})
		w.Inject(&boundary{p: c.p, k: c.k, n: 1, s: Strike{Crash: true, For: Forever}})
		tape.quiet(t)
		if c.p == AfterSync { // the step was over, and stopped the node itself
			continue
		}
		wantLines(t, tape.only("a")[:c.left+2], append(effects[:c.left:c.left], "0s a crash 1", "0s a dead")...)
		if got := len(tape.only("send", "append", "note", "sync", "timer")); alive || got != c.left {
			t.Errorf("%v k%d: %d effects, want %d; alive %v", c.p, c.k, got, c.left, alive)
		}
	}
}

// TestRestart: the node is built anew under a new incarnation, its timers and
// messages to it while down are gone, and later ones reach the new life.
func TestRestart(t *testing.T) {
	w, tape := taped(t, Config[note]{})
	built := 0
	w.AddNode("a", func(e *Env[note]) Node[note] {
		if built++; built != int(e.Incarnation()) {
			t.Errorf("life %d is the %d. to be built", e.Incarnation(), built)
		}
		return &hooked{e, hooks{
			start:   func(e *Env[note]) { e.SetTimer(5*ms, 1) },
			recover: func(e *Env[note], _ Recovery) { e.SetTimer(5*ms, uint64(built)) },
		}}
	})
	add(w, "b", hooks{
		start: func(e *Env[note]) { e.SetTimer(500*us, 1); e.SetTimer(2500*us, 2) },
		fired: func(e *Env[note], n uint64) { e.Send(0, Mail{Kind: Kind(n)}, note{}) },
	})
	w.Crash(Time(ms), 0, 2*ms)
	if s := w.RunUntil(context.Background(), Time(2*ms)); s != Paused || w.Node(0) != nil || w.Dead(0) {
		t.Errorf("%v; down node is %v, dead %v", s, w.Node(0), w.Dead(0))
	}
	tape.quiet(t)
	wantLines(t, tape.only("a")[1:], "1ms a crash 1", "1.5ms a lost b k1 3", "2.5ms b send a k2", "3ms a restart 2", "3.5ms a deliver b k2", "8ms a timer 2")
}

// TestCrashWhileDown: the outage counts anew, and for ever is for ever, whatever
// was planned and whatever ends.
func TestCrashWhileDown(t *testing.T) {
	w, tape := taped(t, Config[note]{})
	add(w, "a", hooks{})
	add(w, "b", hooks{
		start: func(e *Env[note]) { e.SetTimer(19*ms, 0) },
		fired: func(e *Env[note], _ uint64) {
			if !e.Dead(0) {
				t.Error("a dead node is not dead")
			}
			e.Send(0, Mail{Kind: 1}, note{})
		},
	})
	w.Crash(Time(ms), 0, 4*ms)
	w.Crash(Time(3*ms), 0, 4*ms)
	w.Crash(Time(10*ms), 0, 4*ms)
	w.Crash(Time(11*ms), 0, Forever)
	w.Crash(Time(12*ms), 0, ms)
	w.Pause(Time(13*ms), 0, ms)
	w.EndFaultsAt(Time(18 * ms))
	tape.expect(t, "1ms a crash 1", "7ms a restart 3", "10ms a crash 3", "11ms a dead",
		"19ms b timer", "19ms b send a k1", "20ms a lost b k1 3")
	if !w.Dead(0) || w.Stats().Crashes != 2 {
		t.Errorf("dead %v, %+v", w.Dead(0), w.Stats())
	}
}

// TestPause: time stops for the node alone: what is due waits, in order, and
// state stays. It is a zombie that comes back.
func TestPause(t *testing.T) {
	w, tape := taped(t, synced1ms(t))
	add(w, "a", hooks{
		start: func(e *Env[note]) {
			e.Append(1, 0, nil)
			e.Sync()
			e.SetTimer(2*ms, 1)
		},
		synced: func(e *Env[note], lsn LSN) { e.Note(Mail{Arg: uint64(lsn)}, &note{}) },
	})
	add(w, "b", sender(0))
	w.Pause(Time(500*us), 0, 4*ms)
	tape.quiet(t)
	wantLines(t, tape.only("a")[3:], "500µs a pause", "1ms a synced 17", "4.5ms a resume",
		"4.5ms a deliver b k1", "4.5ms a note 17", "4.5ms a timer 1")
}

// TestEndFaults: links heal and lose nothing, pauses end, nodes that are down
// restart, and what was planned for later does not happen.
func TestEndFaults(t *testing.T) {
	w, tape := taped(t, Config[note]{Network: Network{Links: []Link{{Delay: dist(t, "100us"), Loss: ProbabilityOf(1)}}}})
	beat := hooks{
		start: func(e *Env[note]) { e.SetTimer(10*ms, 0) },
		fired: func(e *Env[note], _ uint64) { e.Send(2, Mail{Kind: 1}, note{}) },
	}
	beat.recover = func(e *Env[note], _ Recovery) { beat.start(e) }
	add(w, "a", beat)
	add(w, "b", beat)
	add(w, "c", hooks{})
	w.Inject(&boundary{p: BeforeSend, n: 1, s: Strike{Drop: true}})
	w.Crash(Time(ms), 0, time.Hour)
	w.Pause(Time(ms), 1, Forever)
	w.Partition(Time(ms), []NodeID{0, 1}, []NodeID{2}, false, time.Hour)
	w.Crash(Time(20*ms), 2, Forever)
	w.Pause(Time(20*ms), 2, ms)
	w.EndFaultsAt(Time(5 * ms))
	tape.expect(t, "1ms a crash 1", "1ms b pause", "1ms  cut", "5ms  heal", "5ms a restart 2", "5ms b resume",
		"10ms b timer", "10ms b send c k1", "10.1ms c deliver b k1", "15ms a timer", "15ms a send c k1", "15.1ms c deliver a k1")
	if !w.Calm() || w.Now() != Time(15100*us) {
		t.Errorf("calm %v at %v", w.Calm(), w.Now())
	}
}

// TestPausedForEver: what only EndFaults would end lets the run come to rest
// around it.
func TestPausedForEver(t *testing.T) {
	w, tape := taped(t, Config[note]{})
	add(w, "a", hooks{start: func(e *Env[note]) { e.SetTimer(2*ms, 1) }})
	w.Pause(Time(ms), 0, Forever)
	tape.expect(t, "1ms a pause")
	w.EndFaults()
	tape.expect(t, "1ms a pause", "2ms a resume", "2ms a timer 1")
}

// TestImmortal: no fault touches a node outside the system, but it may stop
// itself.
func TestImmortal(t *testing.T) {
	w, tape := taped(t, Config[note]{})
	add(w, "a", hooks{
		start: func(e *Env[note]) { e.SetTimer(5*ms, 1); e.SetTimer(6*ms, 2) },
		fired: func(e *Env[note], _ uint64) { e.Stop(); e.Stop() },
	}, Immortal[note]())
	w.Crash(Time(ms), 0, ms)
	w.Crash(Time(ms), 0, Forever)
	w.Pause(Time(2*ms), 0, 5*ms)
	tape.expect(t, "5ms a timer 1", "5ms a stopped 1", "5ms a crash 1", "5ms a dead")
	if n := w.Stats().Crashes; n != 0 {
		t.Errorf("a node that stops counts as %d crashes", n)
	}
}

// TestEveryPointIsPassed: the boundaries of a message and of a record, in order,
// with what they are about.
func TestEveryPointIsPassed(t *testing.T) {
	w, tape := taped(t, synced1ms(t))
	add(w, "a", hooks{start: func(e *Env[note]) {
		e.Append(1, 8, nil)
		e.Sync()
		e.Send(1, Mail{Kind: 2, Label: 9}, note{})
	}})
	add(w, "b", hooks{})
	log := &boundaryLog{}
	w.Inject(log)
	tape.quiet(t)
	wantLines(t, log.lines,
		"0 before append k1 l8 -1", "0 after append k1 l8 -1", "0 before sync k1 l8 -1",
		"0 before send k2 l9 1", "0 after send k2 l9 1", "0 after sync k1 l8 -1",
		"1 before receive k2 l9 0", "1 after receive k2 l9 0")
}

// TestPointsOfCheckpointAndRecovery: likewise those of a checkpoint, of the
// node's own steps, and of a recovery with what it does.
func TestPointsOfCheckpointAndRecovery(t *testing.T) {
	w, tape := taped(t, synced1ms(t))
	add(w, "a", hooks{
		start: func(e *Env[note]) {
			e.Append(1, 8, nil)
			e.Checkpoint([]byte("state"))
		},
		recover: func(e *Env[note], log Recovery) {
			e.Before(7, 9)
			tape.lines = append(tape.lines, string(log.Checkpoint))
			e.After(7, 9)
		},
	})
	log := &boundaryLog{}
	w.Inject(log)
	w.Crash(Time(2*ms), 0, ms)
	tape.quiet(t)
	wantLines(t, log.lines,
		"0 before append k1 l8 -1", "0 after append k1 l8 -1", "0 before checkpoint k0 l0 -1", "0 before sync k1 l8 -1",
		"0 after checkpoint k0 l0 -1", "0 before truncate k0 l0 -1", "0 after truncate k0 l0 -1", "0 after sync k1 l8 -1",
		"0 before recover k0 l0 -1", "0 before step k7 l9 -1", "0 after step k7 l9 -1", "0 after recover k0 l0 -1")

	// A crash there leaves the old state, or the new one.
	for _, c := range []struct {
		p    Point
		want string
	}{
		{BeforeCheckpoint, ""}, {AfterCheckpoint, ""}, {BeforeTruncate, "1"}, {AfterTruncate, "state"},
	} {
		w, tape := taped(t, synced1ms(t))
		got := []string{"not recovered"}
		add(w, "a", hooks{
			start: func(e *Env[note]) {
				e.Append(1, 8, nil)
				e.Checkpoint([]byte("state"))
			},
			recover: func(_ *Env[note], log Recovery) {
				got = got[:0]
				if log.Checkpoint != nil {
					got = append(got, string(log.Checkpoint))
				}
				for range records(log) {
					got = append(got, "1")
				}
			},
		})
		w.Inject(&boundary{p: c.p, n: 1, s: Strike{Crash: true, For: ms}})
		tape.quiet(t)
		wantLines(t, got, strings.Fields(c.want)...)
	}
}

// TestCrashInRecovery: a node that crashes in front of its recovery recovers
// nothing, and within it the rest of that step is discarded; the next life
// begins anew.
func TestCrashInRecovery(t *testing.T) {
	for p, want := range map[Point]string{BeforeRecover: "3", BeforeStep: "2 3", AfterStep: "2 3", AfterRecover: "2 2 3"} {
		w, tape := taped(t, synced1ms(t))
		var lives []string
		add(w, "a", hooks{recover: func(e *Env[note], _ Recovery) {
			lives = append(lives, fmt.Sprint(e.Incarnation()))
			e.Before(7, 0)
			e.After(7, 0)
			if e.Alive() && e.Incarnation() == 2 {
				lives = append(lives, "2")
			}
		}})
		w.Inject(&boundary{p: p, n: 1, s: Strike{Crash: true, For: ms}})
		w.Crash(0, 0, ms)
		tape.quiet(t)
		wantLines(t, lives, strings.Fields(want)...)
	}
}

type boundaryLog struct{ lines []string }

func (l *boundaryLog) At(b *Boundary) *Strike {
	l.lines = append(l.lines, fmt.Sprintf("%d %v k%d l%d %d", b.Node, b.Point, b.Kind, b.Label, b.Peer))
	return nil
}

// TestTails: a crash leaves of the unsynced tail what it is told to, whatever
// the chance is. What the device wrote in the last moment is durable, though
// the node has not heard of it.
func TestTails(t *testing.T) {
	for _, c := range []struct {
		tail Tail
		at   time.Duration
		want []string
	}{
		{TailTorn, 500 * us, []string{"500µs a crash 1", "1.5ms a restart 2", "1.5ms a torn", "left"}},
		{TailTorn, 1500 * us, []string{"1ms a synced 19", "1.5ms a crash 1", "2.5ms a restart 2", "2.5ms a torn 19", "left 1:ab"}},
		{TailTorn, 2500 * us, []string{"1ms a synced 19", "2ms a synced 38", "2.5ms a crash 1", "3.5ms a restart 2", "left 1:ab 1:cd"}},
		{TailLost, 1500 * us, []string{"1ms a synced 19", "1.5ms a crash 1", "2.5ms a restart 2", "left 1:ab"}},
		{TailKept, 500 * us, []string{"500µs a synced 38", "500µs a crash 1", "1.5ms a restart 2", "left 1:ab 1:cd"}},
		{TailKept, 2500 * us, []string{"1ms a synced 19", "2ms a synced 38", "2.5ms a crash 1", "3.5ms a restart 2", "left 1:ab 1:cd"}},
	} {
		for _, chance := range []float64{0, 1} {
			cfg := synced1ms(t)
			cfg.Disk.Torn = ProbabilityOf(chance)
			w, tape := taped(t, cfg)
			left := "left"
			add(w, "a", hooks{
				start: func(e *Env[note]) {
					e.Append(1, 0, []byte("ab"))
					e.Sync()
					e.Append(1, 0, []byte("cd"))
					e.Sync()
				},
				recover: func(_ *Env[note], log Recovery) { left = strings.TrimSpace("left " + strings.Join(records(log), " ")) },
			})
			w.FaultAt(Time(c.at), func() { w.Strike(0, Strike{Crash: true, Tail: c.tail, For: ms}) })
			tape.quiet(t)
			wantLines(t, append(tape.only("synced", "crash", "restart", "torn"), left), c.want...)
		}
	}
}

// TestKeptTailOfALie: a device that lies at the last moment has lied.
func TestKeptTailOfALie(t *testing.T) {
	w, tape := taped(t, synced1ms(t))
	var got []string
	add(w, "a", hooks{
		start:   func(e *Env[note]) { e.Append(1, 0, []byte("ab")); e.Sync() },
		recover: func(_ *Env[note], log Recovery) { got = records(log) },
	})
	w.Inject(&boundary{p: BeforeSync, k: 1, n: 1, s: Strike{LoseSync: true}})
	w.FaultAt(Time(500*us), func() { w.Strike(0, Strike{Crash: true, Tail: TailKept, For: ms}) })
	tape.quiet(t)
	wantLines(t, tape.only("synced", "torn"), "500µs a synced 19", "1.5ms a torn")
	wantLines(t, got)
}

// TestDrawsOfFaults: what a plan draws is keyed, and a Source overrules it.
func TestDrawsOfFaults(t *testing.T) {
	for _, c := range []struct {
		source Source
		want   string
	}{
		{nil, "false true"},
		{NewRecorded(nil, []Deviation{{"fault/x a", 0, 1}, {"fault/x a", 1, 0}, {"fault/y a", 0, 2}, {"work a", 0, 0}}), "true false 2 middle"},
	} {
		w, _ := taped(t, Config[note]{Source: c.source})
		add(w, "a", hooks{})
		got := fmt.Sprint(w.Happens(w.Purpose("fault/x"), 0, 1, 1, 0), " ", w.Happens(w.Purpose("fault/x"), 0, 1, 1, ProbabilityOf(1)))
		if c.source != nil {
			got += fmt.Sprint(" ", w.Choose("fault/y", 0, 1, 1, 9))
			if w.Draw("work", 0, 1, 1) == quantile(0) {
				got += " middle"
			}
		}
		if got != c.want {
			t.Errorf("drew %s, want %s", got, c.want)
		}
	}
}

type delayer struct{}

func (delayer) At(b *Boundary) *Strike {
	if b.Point == BeforeSend {
		return &Strike{Delay: Forever}
	}
	return nil
}

// TestDelayForever: a message may be delayed for ever, and then comes never, nor does
// its second copy.
func TestDelayForever(t *testing.T) {
	w := New(Config[note]{Network: Network{Links: []Link{{Delay: dist(t, "1ms"), Duplicate: ProbabilityOf(1)}}}})
	add(w, "a", hooks{start: func(e *Env[note]) { e.Send(1, Mail{Kind: 1}, note{}) }})
	add(w, "b", hooks{receive: func(*Env[note], NodeID, Mail, *note) { t.Error("it came") }})
	w.Inject(delayer{})
	if s := w.Run(context.Background()); s != TimeLimit || w.Stats().Duplicates != 1 {
		t.Error(s, w.Stats().Duplicates)
	}
}

// TestPlannedPlaces: faults that have struck, or come too late to, leave their places to
// others, and with the last of them nothing is going to happen by itself.
func TestPlannedPlaces(t *testing.T) {
	w := New(Config[note]{})
	add(w, "a", hooks{})
	n := 0
	var again func()
	again = func() {
		if !w.Recovers() {
			t.Error("a fault that runs is over")
		}
		if n++; n < 1000 {
			w.FaultAt(w.Now().Add(us), again)
			w.SlowDisk(w.Now(), 0, 2, us)
		}
	}
	w.FaultAt(0, again)
	w.Run(t.Context())
	if len(w.planned) > 8 || len(w.idle) != len(w.planned) || w.Recovers() || n != 1000 {
		t.Errorf("%d places for %d strikes, %d of them free", len(w.planned), n, len(w.idle))
	}
	w.FaultAt(w.Now().Add(us), func() { t.Error("a fault struck after their end") })
	if !w.Recovers() {
		t.Error("a planned fault does not count")
	}
	w.EndFaults()
	if w.Run(t.Context()); len(w.idle) != len(w.planned) {
		t.Errorf("%d places, %d of them free", len(w.planned), len(w.idle))
	}
}
