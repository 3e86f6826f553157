package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

func TestRunTwice(t *testing.T) {
	run := func(seed uint64) (uint64, Stats, *chaos) {
		w, c := busyWorld(t, Config[note]{Seed: seed})
		if s := w.Run(context.Background()); s != Quiet {
			t.Fatalf("seed %d: %v", seed, s)
		}
		return w.Hash(), w.Stats(), c
	}
	h1, s1, c := run(1)
	h2, s2, _ := run(1)
	if h1 != h2 || s1 != s2 {
		t.Errorf("two runs of one seed: %x %+v and %x %+v", h1, s1, h2, s2)
	}
	if h3, _, _ := run(2); h3 == h1 {
		t.Error("two seeds, one hash")
	}
	// What was reached: every kind of strike at every boundary.
	for p := BeforeSend; p <= AfterStep; p++ {
		if c.struck[fmt.Sprint(p, true, false)]+c.struck[fmt.Sprint(p, false, true)] == 0 {
			t.Errorf("no crash or pause %v", p)
		}
	}
	if s1.Restarts == 0 || s1.Lost[LostByChance] == 0 || s1.Lost[LostByPartition] == 0 || s1.Lost[LostNodeDown] == 0 || s1.Lost[LostByFault] == 0 {
		t.Errorf("something never happened: %+v", s1)
	}
}

// TestInterrupted: a run cut into pieces, wherever, is the same run.
func TestInterrupted(t *testing.T) {
	whole, _ := busyWorld(t, Config[note]{Seed: 7})
	whole.Run(context.Background())
	r := rand.New(rand.NewPCG(1, 1))
	for range 5 {
		w, _ := busyWorld(t, Config[note]{Seed: 7})
		var at Time
		for w.RunUntil(context.Background(), at) != Quiet {
			at = at.Add(time.Duration(r.Int64N(int64(3 * ms))))
		}
		if w.Hash() != whole.Hash() || w.Records() != whole.Records() || w.Stats() != whole.Stats() || w.Now() != whole.Now() {
			t.Fatalf("in pieces: hash %x, %d records; whole: %x, %d", w.Hash(), w.Records(), whole.Hash(), whole.Records())
		}
	}
	w, _ := busyWorld(t, Config[note]{Seed: 7, Tracer: nil})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for range 3 {
		if s := w.Run(ctx); s != Interrupted || w.Stats().Events > 0 {
			t.Fatalf("Run with an ended context = %v after %d events", s, w.Stats().Events)
		}
	}
	if w.Run(context.Background()); w.Hash() != whole.Hash() {
		t.Error("a run that was interrupted at once differs")
	}
}

// TestInterruptedByNode: a context that ends in the middle is noticed soon.
func TestInterruptedByNode(t *testing.T) {
	run := func(ctx context.Context, at uint64, cancel func()) *World[note] {
		w := New(Config[note]{Limits: Limits{Events: 50_000}})
		add(w, "a", hooks{
			start: func(e *Env[note]) { e.SetTimer(us, 0) },
			fired: func(e *Env[note], n uint64) {
				if n == at {
					cancel()
				}
				e.SetTimer(us, n+1)
			},
		})
		w.Run(ctx)
		return w
	}
	whole := run(context.Background(), 1<<62, nil)
	for _, at := range []uint64{0, 1, 4095, 4096, 10_000} {
		ctx, cancel := context.WithCancel(context.Background())
		w := run(ctx, at, cancel)
		if n := w.Stats().Events; n < at || n > at+1+4096 {
			t.Errorf("cancelled at event %d, stopped after %d", at, n)
		}
		if s := w.Run(context.Background()); s != EventLimit || w.Hash() != whole.Hash() {
			t.Errorf("continued: %v, hash %x, want %x", s, w.Hash(), whole.Hash())
		}
	}
}

func TestLimits(t *testing.T) {
	tick := hooks{
		start: func(e *Env[note]) { e.SetTimer(time.Second, 0) },
		fired: func(e *Env[note], _ uint64) { e.SetTimer(time.Second, 0) },
	}
	for _, c := range []struct {
		limits Limits
		until  Time
		want   Status
		events uint64
	}{
		{Limits{}, Never, TimeLimit, 3600},
		{Limits{Time: 10 * time.Second}, Never, TimeLimit, 10},
		{Limits{Time: 10 * time.Second}, Time(20 * time.Second), TimeLimit, 10},
		{Limits{Time: 10 * time.Second}, Time(5 * time.Second), Paused, 5},
		{Limits{Events: 3}, Never, EventLimit, 3},
	} {
		w := New(Config[note]{Limits: c.limits})
		add(w, "a", tick)
		for range 2 { // asked again, it says the same
			if s := w.RunUntil(context.Background(), c.until); s != c.want || w.Stats().Events != c.events {
				t.Errorf("%+v until %v: %v after %d events, want %v after %d", c.limits, c.until, s, w.Stats().Events, c.want, c.events)
			}
		}
	}
}

// TestVoidEventsCountForNothing: what was cancelled, or belongs to a past life,
// neither reaches a limit nor makes time pass.
func TestVoidEventsCountForNothing(t *testing.T) {
	w := New(Config[note]{Limits: Limits{Time: time.Minute, Events: 3}})
	add(w, "a", hooks{
		start: func(e *Env[note]) {
			for range 10 {
				e.Cancel(e.SetTimer(time.Second, 1))
			}
			e.Cancel(e.SetTimer(time.Hour, 2))
			e.SetTimer(time.Hour, 3)
			e.SetTimer(2*time.Second, 4)
		},
	})
	w.Crash(Time(3*time.Second), 0, ms)
	if s := w.RunUntil(context.Background(), Time(time.Second)); s != Paused {
		t.Fatalf("first second: %v", s)
	}
	if s := w.Run(context.Background()); s != Quiet || w.Stats().Events != 3 || w.Now() != Time(3001*ms) {
		t.Errorf("%v after %d events at %v, want quiet after the timer, the crash and the restart at 3.001", s, w.Stats().Events, w.Now())
	}
	w.Pause(Time(4*time.Second), 0, ms) // earlier than what was dropped
	if s := w.Run(context.Background()); s != EventLimit {
		t.Errorf("with one more thing to happen: %v", s)
	}
}

// TestInterruptHeard: an interrupt is heard within a few hundred events, as one event may be
// ten thousand operations.
func TestInterruptHeard(t *testing.T) {
	for _, schedule := range []Schedule{{}, {Strategy: RandomWalk}} {
		ctx, interrupt := context.WithCancel(t.Context())
		w, n := New(Config[note]{Schedule: schedule}), 0
		add(w, "a", hooks{
			start: func(e *Env[note]) { e.SetTimer(ms, 0) },
			fired: func(e *Env[note], _ uint64) {
				interrupt()
				if n++; n < 4000 {
					e.SetTimer(ms, 0)
				}
			},
		})
		if s := w.Run(ctx); s != Interrupted || n > 256 {
			t.Errorf("%v: %v after %d events more", schedule, s, n)
		}
	}
}

// TestIdleNodes: ten thousand idle nodes start at once and cost no event.
func TestIdleNodes(t *testing.T) {
	began := time.Now()
	w := New(Config[note]{CPU: CPU{Cores: 4, Message: us}})
	for i := range 10_000 {
		add(w, fmt.Sprint("w", i), hooks{})
	}
	if s := w.Run(context.Background()); s != Quiet || w.Stats() != (Stats{}) || w.Records() != 0 {
		t.Errorf("%v, %+v", s, w.Stats())
	}
	if took := time.Since(began); took > 500*ms {
		t.Errorf("took %v", took)
	}
}

func TestNames(t *testing.T) {
	w := New(Config[note]{})
	a := add(w, "a", hooks{})
	if w.Name(a) != "a" || w.Name(Nobody) != "" || w.Nodes() != 1 || w.Node(a) == nil {
		t.Error("a node is not known by its name")
	}
	for s := Interrupted; s <= Paused; s++ {
		if s.String() == "" {
			t.Errorf("status %d has no name", s)
		}
	}
	w.Run(context.Background())
	defer func() {
		if recover() == nil {
			t.Error("a node was added to a world that has started")
		}
	}()
	add(w, "b", hooks{})
}

// TestCrowd: many pending events of every kind, more than the processor's cache holds.
func TestCrowd(t *testing.T) {
	const n = 2 * crowd
	w, planned, fired, received := New(Config[note]{}), 0, 0, 0
	add(w, "a", hooks{
		start: func(e *Env[note]) {
			for i := range n {
				e.Cancel(e.SetTimer(time.Duration(i)*us, 0))
				e.SetTimer(time.Duration(i)*us, 1)
				e.Send(1, Mail{}, note{})
			}
		},
		fired: func(*Env[note], uint64) { fired++ },
	})
	add(w, "b", hooks{receive: func(*Env[note], NodeID, Mail, *note) { received++ }})
	for i := range n {
		w.FaultAt(Time(i)*Time(us), func() { planned++ })
	}
	if s := w.Run(context.Background()); s != Quiet || planned != n || fired != n || received != n {
		t.Errorf("%v: %d planned, %d timers, %d messages of %d", s, planned, fired, received, n)
	}
}

// TestKeysDiffer: chance treats no two nodes alike, not even those whose names have one hash,
// and a third one with that name is still refused.
func TestKeysDiffer(t *testing.T) {
	first, second := "n2459", "n58528"
	if uint32(HashString(0, first)) != uint32(HashString(0, second)) {
		t.Fatal("the hashes differ")
	}
	w := New(Config[note]{})
	a, b := add(w, first, hooks{}), add(w, second, hooks{})
	if w.Key(a) != uint32(HashString(0, first)) || w.Key(b) == w.Key(a) {
		t.Errorf("keys %x and %x", w.Key(a), w.Key(b))
	}
	if w.Draw("x", a, 1, 1) == w.Draw("x", b, 1, 1) {
		t.Error("both draw the same")
	}
	for _, name := range []string{first, second} {
		if panics(func() { add(w, name, hooks{}) }) == "" {
			t.Errorf("two nodes %q", name)
		}
	}
}
