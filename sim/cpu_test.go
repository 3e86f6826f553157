package sim

import (
	"fmt"
	"testing"
	"time"
)

// costly is a CPU where a message of one operation costs 1 ms.
func costly(cores int) Config[note] {
	return Config[note]{CPU: CPU{Cores: cores, Operation: ms}, Network: Network{Links: []Link{{}}}}
}

// burst sends, at its start, messages of these operations to node 0.
func burst(ops ...int32) hooks {
	return hooks{start: func(e *Env[note]) {
		for i, n := range ops {
			e.Send(0, Mail{Kind: 1, Label: Label(i + 1), Ops: n}, note{})
		}
	}}
}

// TestService: events wait first-in first-out for a free core, and the handler
// runs, and its effects leave, at the end of the service.
func TestService(t *testing.T) {
	for cores, want := range map[int][]string{
		0: {"2ms a deliver c k1 l1", "3ms a deliver c k1 l2", "6ms a deliver c k1 l3", "7ms a deliver c k1 l4",
			"7ms c deliver a k2"}, // at once: an immortal node needs no CPU
		2: {"1ms a deliver c k1 l2", "2ms a deliver c k1 l1", "3ms a deliver c k1 l4", "3ms c deliver a k2", "4ms a deliver c k1 l3"},
	} {
		w, tape := taped(t, costly(cores))
		add(w, "a", hooks{receive: func(e *Env[note], from NodeID, mail Mail, _ *note) {
			if mail.Label == 4 {
				e.Send(from, Mail{Kind: 2, Ops: 9}, note{})
			}
		}})
		add(w, "c", burst(2, 1, 3, 1), Immortal[note]())
		tape.quiet(t)
		wantLines(t, tape.only("deliver"), want...)
		if w.Stats().Busy != 7*ms {
			t.Errorf("busy for %v", w.Stats().Busy)
		}
	}
}

// TestTimersQueue: a timer takes its turn, costs nothing, and does not run if it
// is cancelled while queued or in service.
func TestTimersQueue(t *testing.T) {
	w, tape := taped(t, costly(1))
	var queued Timer
	add(w, "a", hooks{
		start: func(e *Env[note]) { e.SetTimer(100*us, 1); queued = e.SetTimer(200*us, 2); e.SetTimer(300*us, 3) },
		receive: func(e *Env[note], _ NodeID, mail Mail, _ *note) {
			if mail.Label == 1 {
				e.Cancel(queued)
			}
		},
	})
	add(w, "c", burst(1, 1))
	tape.quiet(t)
	wantLines(t, tape.only("deliver", "timer"), "1ms a deliver c k1 l1", "2ms a deliver c k1 l2", "2ms a timer 1", "2ms a timer 3")
}

// TestLongQueue: the order holds however long the queue, or the line of a session, and all
// goes through, as fast.
func TestLongQueue(t *testing.T) {
	const n = 50_000
	for _, c := range []struct {
		cores   int
		session bool
		want    time.Duration
	}{{3, false, n/3*ms + ms}, {2, true, n * ms}} {
		cfg := costly(c.cores)
		cfg.Network.Links[0].Session = c.session
		cfg.Limits.Time = 100 * time.Hour
		w := New(cfg)
		last := 0
		add(w, "a", hooks{receive: func(_ *Env[note], _ NodeID, _ Mail, m *note) {
			if m.n != last+1 {
				t.Fatalf("%d after %d", m.n, last)
			}
			last = m.n
		}})
		add(w, "c", hooks{start: func(e *Env[note]) {
			for i := range n {
				e.Send(0, Mail{Ops: 1}, note{n: i + 1})
			}
		}})
		(&tape{w: w}).quiet(t)
		if last != n || w.Now() != Time(c.want) {
			t.Errorf("%+v: %d messages until %v", c, last, w.Now())
		}
	}
}

// TestCrashFreesCores: a crash drops queue and service, and what the other nodes
// of the host have waiting starts at that moment.
func TestCrashFreesCores(t *testing.T) {
	w, tape := taped(t, costly(2))
	add(w, "a", hooks{})
	add(w, "b", hooks{}, OnHostOf[note](0))
	add(w, "c", hooks{start: func(e *Env[note]) {
		for i, to := range []NodeID{0, 0, 0, 1, 1} {
			e.Send(to, Mail{Kind: 1, Label: Label(i + 1), Ops: 10}, note{})
		}
	}})
	w.Crash(Time(4*ms), 0, 3*ms)
	tape.quiet(t)
	wantLines(t, tape.only("deliver", "lost", "crash", "restart"), "4ms a crash 1",
		"4ms a lost c k1 l1 3", "4ms a lost c k1 l2 3", "4ms a lost c k1 l3 3",
		"7ms a restart 2", "14ms b deliver c k1 l4", "14ms b deliver c k1 l5")
	if w.Stats().Busy != 28*ms { // two services of 4 ms, two of 10 ms
		t.Errorf("busy for %v", w.Stats().Busy)
	}
	if h := w.nodes[0].host; h.busy != 0 || len(h.queue.jobs) != 0 {
		t.Errorf("the host keeps %+v", *h)
	}
}

// TestCrashWhileServing: a handler that is struck gives back its own core once.
func TestCrashWhileServing(t *testing.T) {
	for p := BeforeReceive; p <= AfterReceive; p++ {
		w, tape := taped(t, costly(1))
		add(w, "a", hooks{})
		add(w, "b", hooks{}, OnHostOf[note](0))
		add(w, "c", burst(1, 1), Immortal[note]())
		add(w, "d", hooks{start: func(e *Env[note]) { e.Send(1, Mail{Kind: 2, Ops: 1}, note{}) }}, Immortal[note]())
		w.Inject(&boundary{p: p, n: 1, s: Strike{Crash: true, For: ms}})
		tape.quiet(t)
		wantLines(t, tape.only("b"), "0s d send b k2", "2ms b deliver d k2")
		if h := w.nodes[0].host; h.busy != 0 {
			t.Errorf("%v: %d cores are busy at rest", p, h.busy)
		}
	}
}

// TestPauseFreezesService: a pause keeps what remains of a service and of the
// queue; the cores serve others meanwhile.
func TestPauseFreezesService(t *testing.T) {
	w, tape := taped(t, costly(1))
	var timer Timer
	add(w, "a", hooks{start: func(e *Env[note]) { timer = e.SetTimer(6*ms, 1); e.SetTimer(7*ms, 2) }})
	add(w, "b", hooks{}, OnHostOf[note](0))
	add(w, "c", burst(4, 2), Immortal[note]())
	add(w, "d", hooks{
		start: func(e *Env[note]) { e.SetTimer(6*ms, 1) },
		fired: func(e *Env[note], _ uint64) {
			e.Send(0, Mail{Kind: 1, Label: 3, Ops: 1}, note{})
			e.Send(1, Mail{Kind: 1, Label: 4, Ops: 1}, note{})
		},
	}, Immortal[note]())
	w.Pause(Time(3*ms), 0, 7*ms)
	w.FaultAt(Time(8*ms), func() { w.nodes[0].Cancel(timer) }) // while it is held
	tape.quiet(t)
	wantLines(t, tape.only("pause", "resume", "deliver", "timer"), "3ms a pause", "6ms d timer 1", "7ms b deliver d k1 l4",
		"10ms a resume", "11ms a deliver c k1 l1", "13ms a deliver c k1 l2", "14ms a deliver d k1 l3", "14ms a timer 2")
	if w.Stats().Busy != 8*ms {
		t.Errorf("busy for %v", w.Stats().Busy)
	}
}

// TestPauseInPause: repeated pauses, some within the remainder of a service,
// lose no time and no event.
func TestPauseInPause(t *testing.T) {
	w, tape := taped(t, costly(1))
	add(w, "a", hooks{})
	add(w, "c", burst(5, 1), Immortal[note]())
	for i := range 4 {
		w.Pause(Time(1+2*i)*Time(ms), 0, ms)
	}
	w.Pause(Time(3500*us), 0, 400*us) // within one, and over sooner: lengthens nothing
	w.Pause(Time(7500*us), 0, ms)     // lengthens the last one by half a millisecond
	tape.quiet(t)
	wantLines(t, tape.only("deliver"), "9.5ms a deliver c k1 l1", "10.5ms a deliver c k1 l2")
}

// TestPauseBeforeReceive: the message whose receipt a fault paused comes first
// afterwards, has had its service, and its boundary is not passed again.
func TestPauseBeforeReceive(t *testing.T) {
	for _, cfg := range []Config[note]{costly(1), {Network: Network{Links: []Link{{}}}}} {
		w, tape := taped(t, cfg)
		add(w, "a", hooks{})
		add(w, "c", burst(1, 1, 1), Immortal[note]())
		f := &boundary{p: BeforeReceive, n: 2, s: Strike{Pause: true, For: 10 * ms}}
		w.Inject(f)
		tape.quiet(t)
		want := []string{"0s a deliver c k1 l1", "10ms a deliver c k1 l2", "10ms a deliver c k1 l3"}
		if cfg.CPU != (CPU{}) {
			want = []string{"1ms a deliver c k1 l1", "12ms a deliver c k1 l2", "13ms a deliver c k1 l3"}
		}
		wantLines(t, tape.only("deliver"), want...)
		if f.seen != 3 {
			t.Errorf("three messages passed the boundary %d times", f.seen)
		}
	}
}

// TestCrashInResume: what a crash or a pause does to the rest of the events that
// a pause had held.
func TestCrashInResume(t *testing.T) {
	for _, c := range []struct {
		strike Strike
		want   string
	}{
		{Strike{Crash: true, For: ms}, "[5ms a deliver c k1 l1 5ms a lost c k1 l2 3 5ms a lost c k1 l3 3]"},
		{Strike{Pause: true, For: ms}, "[5ms a deliver c k1 l1 6ms a deliver c k1 l2 6ms a deliver c k1 l3]"},
	} {
		w, tape := taped(t, Config[note]{})
		add(w, "a", hooks{})
		add(w, "c", burst(1, 1, 1), Immortal[note]())
		w.Inject(&boundary{p: AfterReceive, n: 1, s: c.strike})
		w.Pause(0, 0, 5*ms)
		tape.quiet(t)
		if got := fmt.Sprint(tape.only("deliver", "lost")); got != c.want {
			t.Errorf("%+v: %s, want %s", c.strike, got, c.want)
		}
		if len(w.nodes[0].held) > 0 {
			t.Error("something is still held")
		}
	}
}

// TestCancelledInService: a timer that another core's handler cancels at the
// very instant of its service does not run, and gives its core back.
func TestCancelledInService(t *testing.T) {
	w, tape := taped(t, costly(2))
	var second Timer
	add(w, "a", hooks{
		start: func(e *Env[note]) { e.SetTimer(ms, 1); second = e.SetTimer(ms, 2); e.SetTimer(2*ms, 3) },
		fired: func(e *Env[note], n uint64) {
			if n == 1 {
				if len(w.nodes[0].serving) != 1 {
					t.Fatal("the other timer is not in service: the test tests nothing")
				}
				e.Cancel(second)
			}
		},
	})
	tape.expect(t, "1ms a timer 1", "2ms a timer 3")
	if h := w.nodes[0].host; h.busy != 0 || len(w.unused)+len(w.blank) != int(w.slots) {
		t.Errorf("%d cores are busy and %d slots in use at rest", h.busy, int(w.slots)-len(w.unused)-len(w.blank))
	}
}

// TestSlowNode: what reaches a node while it is slow costs as many times more; the
// largest factor counts, and each ends for itself or with all faults.
func TestSlowNode(t *testing.T) {
	w, tape := taped(t, costly(1))
	add(w, "a", hooks{})
	h := hooks{fired: func(e *Env[note], n uint64) { e.Send(0, Mail{Kind: Kind(n), Ops: 1}, note{}) }}
	h.start = func(e *Env[note]) {
		for i := range 5 {
			e.SetTimer(time.Duration(i)*20*ms, uint64(i+1))
		}
	}
	add(w, "c", h, Immortal[note]())
	w.SlowNode(Time(10*ms), 0, 3, 60*ms)
	w.SlowNode(Time(30*ms), 0, 2, 20*ms)
	w.SlowNode(Time(75*ms), 0, 4, Forever)
	w.EndFaultsAt(Time(78 * ms))
	tape.quiet(t)
	wantLines(t, tape.only("deliver"), "1ms a deliver c k1", "23ms a deliver c k2", "43ms a deliver c k3", "63ms a deliver c k4", "81ms a deliver c k5")
}

// TestHasten: faults that end let slow syncs and services go on at full speed, in
// their order, also those that a pause holds.
func TestHasten(t *testing.T) {
	for _, paused := range []bool{false, true} {
		cfg := costly(1)
		cfg.Disk.Sync = dist(t, "2ms")
		w, tape := taped(t, cfg)
		add(w, "a", hooks{})
		add(w, "b", hooks{
			start: func(e *Env[note]) { e.SetTimer(ms, 1) },
			fired: func(e *Env[note], _ uint64) { e.Append(1, 0, nil); e.Sync() },
		})
		add(w, "c", burst(0, 1, 2), Immortal[note]())
		w.SlowNode(0, 0, 1000, 5*ms)
		w.SlowDisk(0, 1, 1000, 2*ms)
		if paused {
			w.Pause(Time(2*ms), 0, Forever)
		}
		w.EndFaultsAt(Time(1001 * ms))
		tape.quiet(t)
		// The service of the second message had ended, but for a pause; half of the sync
		// had been done.
		want := []string{"0s a deliver c k1 l1", "1s a deliver c k1 l2", "1.003s a deliver c k1 l3"}
		if paused {
			want = []string{"0s a deliver c k1 l1", "1.002s a deliver c k1 l2", "1.004s a deliver c k1 l3"}
		}
		wantLines(t, tape.only("deliver"), want...)
		wantLines(t, tape.only("synced"), "1.002s b synced 17")
	}
}

// TestHastenedService: when faults end, what a slow node serves goes on at full speed,
// and keeps its place before what waits on the host they share.
func TestHastenedService(t *testing.T) {
	cfg := Config[note]{CPU: CPU{Message: ms}, Network: Network{Links: []Link{{}}}}
	var got []string
	cfg.Tracer = tracerFunc(func(r *Record[note]) {
		if r.Op == TraceDeliver {
			got = append(got, fmt.Sprint(time.Duration(r.At), " ", r.Label, " ", r.Service))
		}
	})
	w := New(cfg)
	b := add(w, "b", hooks{})
	c := add(w, "c", hooks{}, OnHostOf[note](b))
	add(w, "a", hooks{start: func(e *Env[note]) {
		for i, to := range []NodeID{b, c, b, c} {
			e.Send(to, Mail{Kind: 1, Label: Label(i + 1)}, note{})
		}
	}}, Immortal[note]())
	w.SlowNode(0, b, 10, Forever)
	w.EndFaultsAt(Time(500 * us))
	if s := w.Run(t.Context()); s != Quiet {
		t.Fatal(s)
	}
	wantLines(t, got, "1.5ms 1 1.5ms", "2.5ms 2 1ms", "3.5ms 3 1ms", "4.5ms 4 1ms")
	if all, ofB, ofC := w.Stats().Busy, w.Usage(b).CPU, w.Usage(c).CPU; all != 4500*us || ofB != 2500*us || ofC != 2*ms {
		t.Errorf("cores were held for %v, %v by b and %v by c", all, ofB, ofC)
	}
}

// TestEndlessService: a service that is longer than time ends never; it does not take none.
func TestEndlessService(t *testing.T) {
	cfg := costly(1)
	cfg.CPU.Operation = Forever / 2
	w, tape := taped(t, cfg)
	add(w, "a", hooks{})
	add(w, "c", burst(3))
	if s := w.Run(t.Context()); s != TimeLimit {
		t.Error(s)
	}
	wantLines(t, tape.only("deliver"))
	if s := w.Stats(); s.Busy < 0 || w.Usage(0).CPU > time.Duration(w.Now()) {
		t.Errorf("busy %v, %v until %v", s.Busy, w.Usage(0).CPU, w.Now())
	}
}

// TestSlowNodeWithoutCPU: where processors cost nothing, a slow node has one core
// on which messages cost a nominal time, one after the other, and its timers
// wait in the same line; before and after it is as fast as ever.
func TestSlowNodeWithoutCPU(t *testing.T) {
	w, tape := taped(t, Config[note]{Network: Network{Links: []Link{{}}}})
	add(w, "a", hooks{start: func(e *Env[note]) { e.SetTimer(10*ms, 9) }})
	h := hooks{fired: func(e *Env[note], n uint64) {
		e.Send(0, Mail{Kind: Kind(n)}, note{})
		e.Send(0, Mail{Kind: Kind(n)}, note{})
	}}
	h.start = func(e *Env[note]) { e.SetTimer(0, 1); e.SetTimer(10*ms-1, 2); e.SetTimer(30*ms, 3) }
	add(w, "c", h)
	w.SlowNode(Time(5*ms), 0, 100, 10*ms)
	w.SlowNode(Time(5*ms), 1, 1, 10*ms)
	tape.quiet(t)
	wantLines(t, tape.only("deliver", "9"), "0s a deliver c k1", "0s a deliver c k1", "10.999999ms a deliver c k2", "11.999999ms a deliver c k2",
		"11.999999ms a timer 9", "30ms a deliver c k3", "30ms a deliver c k3")
}

// TestServiceTraced: a delivery says when its message arrived and for how long it
// held a core, pauses and what slows the node later left out; what is left of its
// time it waited.
func TestServiceTraced(t *testing.T) {
	cfg := costly(1)
	cfg.Network.Links[0].Delay = dist(t, "10ms")
	sizes := 0
	cfg.Size = func(mail *Mail, _ *note) int { sizes++; return int(mail.Label) }
	var got []string
	cfg.Tracer = tracerFunc(func(r *Record[note]) {
		if r.Op == TraceDeliver {
			got = append(got, fmt.Sprint(time.Duration(r.At), time.Duration(r.Arrived), r.Service))
		}
	})
	w := New(cfg)
	add(w, "a", hooks{})
	add(w, "c", burst(2, 3))
	w.SlowNode(Time(11*ms), 0, 10, Forever)
	w.Pause(Time(13*ms), 0, 5*ms)
	w.Inject(at(func(b Boundary) Strike {
		return Strike{Pause: b.Point == BeforeReceive && b.Label == 1, For: 500 * us}
	}))
	if s := w.Run(t.Context()); s != Quiet {
		t.Fatal(s)
	}
	wantLines(t, got, "12.5ms 10ms 2ms", "20.5ms 10ms 3ms")
	if n := w.Stats().Bytes; n != 3 || sizes != 2 {
		t.Errorf("%d bytes of %d messages", n, sizes)
	}
}

type tracerFunc func(*Record[note])

func (f tracerFunc) Trace(r *Record[note]) { f(r) }

// TestSlowest: the longest wait for a processor or of a sync counts from the end of faults.
func TestSlowest(t *testing.T) {
	for _, c := range []struct {
		end  Time // of faults
		want time.Duration
	}{{0, 7 * ms}, {Time(5 * ms), 3 * ms}, {Time(10 * ms), 2 * ms}, {Time(time.Hour), 0}} {
		cfg := costly(1)
		cfg.Disk.Sync = dist(t, "3ms")
		w, tape := taped(t, cfg)
		add(w, "a", hooks{receive: func(e *Env[note], _ NodeID, mail Mail, _ *note) {
			if mail.Label == 4 { // at 7 ms
				e.Append(1, 1, nil)
				e.SetTimer(2*ms, 1)
			}
		}, fired: func(e *Env[note], _ uint64) { e.Sync() }})
		add(w, "c", burst(2, 1, 3, 1), Immortal[note]())
		w.EndFaultsAt(c.end)
		tape.quiet(t)
		if got := w.Slowest(); got != c.want {
			t.Errorf("faults end at %v: slowest %v, want %v", c.end, got, c.want)
		}
	}
}
