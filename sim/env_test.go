package sim

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestTimers(t *testing.T) {
	w, tape := taped(t, Config[note]{})
	var late Timer
	add(w, "a", hooks{
		start: func(e *Env[note]) {
			e.SetTimer(2*ms, 2)
			e.SetTimer(ms, 1)
			e.SetTimer(ms, 11) // a tie: in the order of setting
			e.SetTimer(-ms, 9) // overdue: at once
			e.Cancel(e.SetTimer(ms, 3))
			e.Cancel(Timer{})
			late = e.SetTimer(3*ms, 4)
			for _, d := range []time.Duration{Forever, Forever - 1} {
				if d == Forever && e.SetTimer(d, 5) != (Timer{}) {
					t.Error("a timer was set for ever")
				}
			}
		},
		fired: func(e *Env[note], token uint64) {
			if token == 2 {
				e.Cancel(late)
				e.Cancel(late)
			}
		},
	})
	w.cfg.Limits.Time = Forever - 2
	w.RunUntil(context.Background(), Time(time.Hour))
	wantLines(t, tape.lines, "0s a timer 9", "1ms a timer 1", "1ms a timer 11", "2ms a timer 2")
}

// TestNeverFires: a timer whose end saturates is none, so the run ends quiet.
func TestNeverFires(t *testing.T) {
	w, tape := taped(t, Config[note]{})
	add(w, "a", hooks{
		start: func(e *Env[note]) { e.SetTimer(ms, 0) },
		fired: func(e *Env[note], _ uint64) { e.SetTimer(Forever-1, 1) },
	})
	tape.expect(t, "1ms a timer")
}

// TestStaleTimer: a handle cancels neither a later user of its slot, nor
// another node's timer, nor one of another life.
func TestStaleTimer(t *testing.T) {
	w, tape := taped(t, Config[note]{})
	var old, foreign Timer
	add(w, "a", hooks{
		start: func(e *Env[note]) { old = e.SetTimer(ms, 1); foreign = e.SetTimer(9*ms, 6) },
		fired: func(e *Env[note], token uint64) {
			if token == 1 {
				again := e.SetTimer(ms, 2)
				if again.slot != old.slot {
					t.Fatal("the slot was not reused: the test tests nothing")
				}
				e.Cancel(old)
			}
		},
		recover: func(e *Env[note], _ Recovery) {
			e.Cancel(foreign)
			e.SetTimer(ms, 3)
		},
	})
	add(w, "b", hooks{start: func(e *Env[note]) { e.Cancel(old) }})
	w.Crash(Time(5*ms), 0, ms)
	tape.expect(t, "1ms a timer 1", "2ms a timer 2", "5ms a crash 1", "6ms a restart 2", "7ms a timer 3")
	if w.dead != 0 {
		t.Errorf("%d void events are thought to be queued", w.dead)
	}
}

// TestCancelledDoNotPileUp: whatever the pattern, the queue stays within twice
// what is pending, and the slots with it.
func TestCancelledDoNotPileUp(t *testing.T) {
	const rounds = 50_000
	keep := []Timer{}
	patterns := map[string]func(e *Env[note], n uint64){
		"one at a time": func(e *Env[note], n uint64) { e.Cancel(e.SetTimer(time.Hour, 1)) },
		"oldest first": func(e *Env[note], n uint64) {
			keep = append(keep, e.SetTimer(time.Hour, 1))
			if len(keep) > 100 {
				e.Cancel(keep[0])
				keep = keep[1:]
			}
		},
		"in bursts": func(e *Env[note], n uint64) {
			keep = append(keep, e.SetTimer(time.Duration(n%977)*time.Second+time.Hour, 1))
			if n%5000 == 0 {
				for _, timer := range keep {
					e.Cancel(timer)
				}
				keep = keep[:0]
			}
		},
	}
	for name, act := range patterns {
		keep = keep[:0]
		w := New(Config[note]{})
		most := 0
		add(w, "a", hooks{
			start: func(e *Env[note]) { e.SetTimer(us, 0) },
			fired: func(e *Env[note], n uint64) {
				act(e, n)
				most = max(most, w.queue.len())
				if n < rounds {
					e.SetTimer(us, n+1)
				}
			},
		})
		w.RunUntil(context.Background(), Time(time.Minute))
		if most > 15_000 || int(w.slots) > 15_000 {
			t.Errorf("%s: up to %d queued in %d slots", name, most, int(w.slots))
		}
		if n := w.Stats().Events; n != rounds+1 {
			t.Errorf("%s: %d events", name, n)
		}
	}
}

// TestPastLivesDoNotPileUp: the timers of crashed lives are swept too.
func TestPastLivesDoNotPileUp(t *testing.T) {
	w := New(Config[note]{})
	set := func(e *Env[note]) {
		for range 500 {
			e.SetTimer(time.Hour, 1)
		}
		e.Cancel(e.SetTimer(time.Hour, 2))
	}
	add(w, "a", hooks{start: set, recover: func(e *Env[note], _ Recovery) { set(e) }})
	for i := range 200 {
		w.Crash(Time(i)*Time(ms), 0, us)
	}
	w.Crash(Time(time.Second), 0, Forever)
	w.RunUntil(context.Background(), Time(500*ms))
	if n := w.queue.len(); n > 10_000 {
		t.Errorf("%d events are queued", n)
	}
	if s := w.Run(context.Background()); s != Quiet || w.dead != 0 || w.queue.len() != 0 {
		t.Errorf("%v with %d events queued, %d of them void", s, w.queue.len(), w.dead)
	}
}

// TestCancelledAtHost: timers cancelled while they wait at a host are not what a
// sweep can drop, so they must not bring one about.
func TestCancelledAtHost(t *testing.T) {
	const timers = 20_000
	w := New(Config[note]{CPU: CPU{Message: ms}})
	var set []Timer
	fired := 0
	add(w, "a", hooks{
		start: func(e *Env[note]) {
			e.Send(e.ID(), Mail{Kind: 1}, note{})
			for i := range timers {
				set = append(set, e.SetTimer(us, uint64(i)))
			}
		},
		receive: func(e *Env[note], _ NodeID, mail Mail, _ *note) {
			if mail.Kind != 1 {
				return
			}
			for _, timer := range set {
				e.Cancel(timer)
			}
			if w.dead != 0 {
				t.Errorf("%d of them count as queued", w.dead)
			}
			e.SetTimer(us, timers)
		},
		fired: func(_ *Env[note], token uint64) {
			if fired++; token != timers {
				t.Errorf("cancelled timer %d fired", token)
			}
		},
	})
	if s := w.Run(context.Background()); s != Quiet || fired != 1 {
		t.Errorf("%v after %d timers", s, fired)
	}
	if len(w.unused)+len(w.blank) != int(w.slots) {
		t.Errorf("%d of %d slots were freed", len(w.unused)+len(w.blank), int(w.slots))
	}
}

// TestDrawsAreKeyed: a draw depends on its key only, not on draws before it.
func TestDrawsAreKeyed(t *testing.T) {
	draws := func(others int) (all []uint64) {
		w := New(Config[note]{Seed: 3})
		add(w, "a", hooks{start: func(e *Env[note]) {
			for range others {
				e.Draw("other", 1, 1)
				e.Choose("other", 1, 1, 5)
			}
			all = append(all, e.Draw("p", 1, 1), e.Draw("p", 1, 2), e.Draw("p", 2, 1), e.Draw("q", 1, 1),
				uint64(e.Choose("p", 1, 1, 1<<30)), w.Draw("p", e.ID(), 1, 1))
		}})
		w.Run(context.Background())
		return all
	}
	a, b := draws(0), draws(10)
	if !slices.Equal(a, b) {
		t.Errorf("draws %v became %v", a, b)
	}
	if a[5] != a[0] {
		t.Error("World.Draw differs from Env.Draw")
	}
	slices.Sort(a)
	if len(slices.Compact(a)) != 5 {
		t.Errorf("different keys drew the same: %v", a)
	}
}

// TestMoreElsewhereMovesNothing: another node's messages and draws leave those
// of a and b when they were.
func TestMoreElsewhereMovesNothing(t *testing.T) {
	run := func(more bool) []string {
		w, tape := taped(t, Config[note]{Seed: 5, Network: Network{
			Links: []Link{{Delay: dist(t, "exp(1ms)"), Loss: ProbabilityOf(0.3), Duplicate: ProbabilityOf(0.3)}}}})
		ping := func(e *Env[note]) {
			for i := range 50 {
				e.Send(1, Mail{Kind: 1, Label: Label(i + 1)}, note{})
			}
		}
		add(w, "a", hooks{start: ping})
		add(w, "b", hooks{receive: func(e *Env[note], from NodeID, mail Mail, m *note) {
			if from == 0 {
				e.Send(0, Mail{Kind: 2, Label: mail.Label}, *m)
			}
		}})
		add(w, "c", hooks{start: func(e *Env[note]) {
			if more {
				e.Draw("x", 0, 0)
				ping(e)
			}
		}})
		tape.quiet(t)
		return slices.DeleteFunc(tape.lines, func(l string) bool { return slices.Contains(strings.Fields(l), "c") })
	}
	wantLines(t, run(true), run(false)...)
}

func TestEnv(t *testing.T) {
	w, tape := taped(t, Config[note]{})
	text := "immutable"
	add(w, "a", hooks{start: func(e *Env[note]) {
		if e.ID() != 0 || e.Name() != "a" || e.Incarnation() != 1 || !e.Alive() {
			t.Errorf("%d %q in life %d", e.ID(), e.Name(), e.Incarnation())
		}
		if v := e.Choose("only", 0, 0, 1); v != 0 {
			t.Errorf("the only choice is %d", v)
		}
		e.Note(Mail{Kind: 4, Label: 5, Arg: 6}, &note{text: &text})
		e.SetTimer(ms, 7)
	}, fired: func(e *Env[note], _ uint64) {
		if e.Now() != Time(3*ms) {
			t.Errorf("the skewed clock shows %v", e.Now())
		}
	}})
	w.SetSkew(0, 2*ms)
	tape.expect(t, "0s a note k4 l5 6", "1ms a timer 7")
}

// TestNoteOfNothing: a note may be without a message, whoever traces it.
func TestNoteOfNothing(t *testing.T) {
	hash := func(tracer Tracer[note]) uint64 {
		w := New(Config[note]{Tracer: tracer})
		add(w, "a", hooks{start: func(e *Env[note]) { e.Note(Mail{Kind: 4, Arg: 6}, nil) }})
		w.Run(t.Context())
		return w.Hash()
	}
	seen := 0
	with := hash(tracerFunc(func(r *Record[note]) {
		if seen++; r.Message != nil {
			t.Errorf("shown: %+v", r.Message)
		}
	}))
	if without := hash(nil); with != without || seen != 1 {
		t.Errorf("%x with a tracer, that has seen %d notes, and %x without", with, seen, without)
	}
}

// TestFreedMessages: a free slot keeps nothing of a message alive.
func TestFreedMessages(t *testing.T) {
	w, tape := taped(t, Config[note]{})
	text := "x"
	add(w, "a", hooks{start: func(e *Env[note]) { e.Send(0, Mail{}, note{1, &text}) }})
	tape.quiet(t)
	for i := range w.slots {
		if w.at(i).msg.text != nil {
			t.Errorf("slot %d still points to its message", i)
		}
	}
	for _, c := range []struct {
		clears, want bool
	}{
		{New(Config[struct{}]{}).clears, false},
		{New(Config[struct {
			a [3]int
			f float64
		}]{}).clears, false},
		{New(Config[[2]string]{}).clears, true},
		{New(Config[any]{}).clears, true},
		{New(Config[struct{ m map[int]int }]{}).clears, true},
	} {
		if c.clears != c.want {
			t.Errorf("clears = %v, want %v", c.clears, c.want)
		}
	}
}

// TestMessageStaysWhole: the message that a handler looks at outlives the growth
// of the events under it.
func TestMessageStaysWhole(t *testing.T) {
	w, tape := taped(t, Config[note]{})
	text := "x"
	got := 0
	add(w, "a", hooks{
		start: func(e *Env[note]) { e.Send(0, Mail{Kind: 1}, note{42, &text}) },
		receive: func(e *Env[note], from NodeID, mail Mail, m *note) {
			if mail.Kind != 1 {
				return
			}
			for i := range 1000 {
				e.Send(0, Mail{Kind: 2}, note{n: i})
			}
			if m.n != 42 || m.text != &text {
				t.Errorf("the message has become %+v", *m)
			}
			got++
		},
	})
	tape.quiet(t)
	if got != 1 {
		t.Error("the message did not arrive once:", fmt.Sprint(got))
	}
}

// A message to a node that there is not is the sender's mistake, and said so.
func TestSendAstray(t *testing.T) {
	for _, to := range []NodeID{2, Nobody} {
		zones := []int{0, 0} // of the nodes that there are
		w := New(Config[note]{Network: Network{Links: []Link{{Delay: dist(t, "exp(1ms)")}}, Class: func(_, to NodeID) int { return zones[to] }}})
		add(w, "a", hooks{})
		w.Inject(at(func(Boundary) Strike { w.Key(to); return Strike{} })) // a fault of a link asks who is there
		add(w, "b", hooks{start: func(e *Env[note]) { e.Send(to, Mail{Kind: 7}, note{}) }})
		func() {
			defer func() {
				if got, want := fmt.Sprint(recover()), fmt.Sprintf("sim: b sends a message to node %d: there are 2, from 0", to); got != want {
					t.Errorf("%s, expected %s", got, want)
				}
			}()
			w.Run(t.Context())
		}()
	}
}

// TestTimeBelowZero: a clock may be behind.
func TestTimeBelowZero(t *testing.T) {
	if got := (-Time(1500 * ms)).String(); got != "-1.500000000" {
		t.Error(got)
	}
}

// TestUsageMeanwhile: what is under way counts up to now.
func TestUsageMeanwhile(t *testing.T) {
	w := New(Config[note]{CPU: CPU{Message: 10 * ms}, Disk: Disk{Sync: dist(t, "10ms")}})
	add(w, "a", hooks{start: func(e *Env[note]) {
		e.Send(0, Mail{Kind: 1}, note{})
		e.Append(1, 0, nil)
		e.Sync()
	}})
	w.FaultAt(Time(4*ms), func() {})
	for _, c := range []struct{ at, want time.Duration }{{4 * ms, 4 * ms}, {20 * ms, 10 * ms}} {
		w.RunUntil(context.Background(), Time(c.at))
		if got := w.Usage(0); got.CPU != c.want || got.Disk != c.want {
			t.Errorf("at %v: %+v, expected %v of both", c.at, got, c.want)
		}
	}
}
