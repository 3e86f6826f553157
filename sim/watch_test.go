package sim

import (
	"context"
	"fmt"
	"slices"
	"testing"
)

// watched runs a small world of three nodes that talk, write and crash, by a
// schedule, and calls look before each event.
func watched(t *testing.T, s Schedule, seed uint64, look func(w *World[note], next Pending[note]) bool) (*World[note], *tape, Status) {
	t.Helper()
	w, tp := taped(t, Config[note]{Seed: seed, Schedule: s, CPU: CPU{Message: 300 * us}, Disk: Disk{Sync: dist(t, "400us")},
		Network: Network{Links: []Link{{Delay: dist(t, "uniform(100us, 2ms)")}}}})
	for i := range 3 {
		to := NodeID((i + 1) % 3)
		add(w, fmt.Sprint(i), hooks{
			start: func(e *Env[note]) {
				for n := range 4 {
					e.SetTimer(ms*3, uint64(n))
					e.Send(to, Mail{Kind: 1}, note{n: n})
				}
				e.Cancel(e.SetTimer(ms, 9))
			},
			receive: func(e *Env[note], _ NodeID, _ Mail, m *note) {
				e.Append(2, 7, []byte("x"))
				e.Sync()
				if m.n > 0 {
					e.Send(to, Mail{Kind: 1}, note{n: m.n - 1})
				}
			},
		})
	}
	w.Crash(Time(2*ms), 1, 3*ms)
	w.Pause(Time(ms), 2, 4*ms)
	if look != nil {
		w.Watch(func(next Pending[note]) bool { return look(w, next) })
	}
	return w, tp, w.Run(context.Background())
}

// TestWatch looks on at every event of a run, which that does not change: what is
// said to be next is what happens, it is among the pending events and enabled, and
// nothing takes place that was not pending.
func TestWatch(t *testing.T) {
	budget := DefaultBudget
	budget.Crash, budget.Drop = 1, 1
	for _, s := range []Schedule{{}, {Strategy: RandomWalk, Window: ms}, {Strategy: PCT, Depth: 3, Steps: 50, Window: ms}, {Strategy: Exhaustive, Budget: budget}} {
		for seed := range uint64(10) {
			plain, _, _ := watched(t, s, seed, nil)
			events, served := 0, 0
			w, tp, _ := watched(t, s, seed, func(w *World[note], next Pending[note]) bool {
				events++
				all := w.Pending()
				i := slices.IndexFunc(all, func(p Pending[note]) bool {
					return p.Op == next.Op && p.At == next.At && p.Node == next.Node && p.From == next.From && p.Token == next.Token && p.seq == next.seq
				})
				if next.Op != InputCrash && (i < 0 || !all[i].Enabled || s.Strategy == ByLatency && i != 0) {
					t.Fatalf("%v seed %d event %d: %+v is at %d of %+v", s, seed, events, next, i, all)
				}
				if next.Served {
					served++
				}
				if slices.ContainsFunc(all, func(p Pending[note]) bool { return p.Op == InputTimer && p.Token == 9 }) {
					t.Fatalf("%v seed %d event %d: what was cancelled is pending: %+v", s, seed, events, all)
				}
				return true
			})
			if w.Hash() != plain.Hash() || w.Records() != plain.Records() {
				t.Errorf("%v seed %d: to look on has changed the run", s, seed)
			}
			if untold := w.Stats().Events - uint64(events); untold > 2 || untold > 0 && s.Strategy != Exhaustive {
				t.Errorf("%v seed %d: told of %d events of %d", s, seed, events, w.Stats().Events) // what is planned is not chosen, so not told
			}
			if served == 0 || len(w.Pending()) != 0 || w.dead != 0 {
				t.Errorf("%v seed %d: %d served, %d are pending at the end, %d dead", s, seed, served, len(w.Pending()), w.dead)
			}
			// Ended anywhere, the trace is a prefix.
			left := events / 2
			_, part, status := watched(t, s, seed, func(*World[note], Pending[note]) bool { left--; return left >= 0 })
			if status != Interrupted || len(part.lines) >= len(tp.lines) || !slices.Equal(part.lines, tp.lines[:len(part.lines)]) {
				t.Errorf("%v seed %d: %v at half of it, with %d of %d records", s, seed, status, len(part.lines), len(tp.lines))
			}
		}
	}
}

// TestPendingWaits: what has come to its node is pending until it is handled, whether it is
// on a core, waits for one or for the end of a pause: no message is forgotten.
func TestPendingWaits(t *testing.T) {
	for _, s := range []Schedule{{}, {Strategy: RandomWalk, Window: ms}} {
		waits := map[Waits]int{}
		watched(t, s, 1, func(w *World[note], _ Pending[note]) bool {
			st := w.Stats()
			open := int(st.Messages) - int(st.Delivered)
			for _, n := range st.Lost {
				open -= int(n)
			}
			for _, p := range w.Pending() {
				if p.Op == InputMessage {
					open--
				}
				waits[p.Waits]++
				if p.Waits != NoWait && (p.Enabled || p.At != Never || p.Served) {
					t.Errorf("%v: %+v", s, p)
				}
			}
			if open != 0 {
				t.Fatalf("%v at %s: %d messages are on their way and not pending", s, w.Now(), open)
			}
			return true
		})
		if waits[WaitsCore] == 0 || waits[WaitsPause] == 0 {
			t.Errorf("%v: waits %v", s, waits)
		}
	}
}

// TestPendingOnSharedHost: what waits for the core of several nodes is listed once, and a
// timer that was cancelled while it waited is not.
func TestPendingOnSharedHost(t *testing.T) {
	w := New(costly(1))
	var timer Timer
	add(w, "a", hooks{
		start:   func(e *Env[note]) { timer = e.SetTimer(us, 1) },
		receive: func(e *Env[note], _ NodeID, _ Mail, _ *note) { e.Cancel(timer) },
	})
	add(w, "b", hooks{}, OnHostOf[note](0))
	add(w, "c", hooks{start: func(e *Env[note]) {
		for _, to := range []NodeID{0, 1, 0, 1} {
			e.Send(to, Mail{Ops: 1}, note{})
		}
	}}, Immortal[note]())
	waits := func(until Time) (messages, timers int) {
		w.RunUntil(context.Background(), until)
		for _, p := range w.Pending() {
			switch {
			case p.Waits == NoWait:
			case p.Op == InputMessage:
				messages++
			case p.Op == InputTimer:
				timers++
			}
		}
		return messages, timers
	}
	if messages, timers := waits(Time(us)); messages != 3 || timers != 1 {
		t.Errorf("%d messages and %d timers wait, expected 3 and 1", messages, timers)
	}
	if messages, timers := waits(Time(ms)); messages != 2 || timers != 0 {
		t.Errorf("%d messages and %d timers wait behind the first message, expected 2 and 0", messages, timers)
	}
}

// TestWatchResumed: a run that who watches has ended anywhere, and that is run again, is
// the run that it would have been.
func TestWatchResumed(t *testing.T) {
	budget := DefaultBudget
	budget.Crash, budget.Drop = 1, 1
	for _, s := range []Schedule{
		{}, {Strategy: RandomWalk, Window: ms}, {Strategy: PCT, Depth: 3, Steps: 50, Window: ms},
		{Strategy: DelayBounded, Depth: 3, Steps: 50, Window: ms}, {Strategy: Exhaustive, Budget: budget},
	} {
		for seed := range uint64(3) {
			whole, _, _ := watched(t, s, seed, nil)
			for at := 1; ; at++ {
				events := 0
				w, _, status := watched(t, s, seed, func(*World[note], Pending[note]) bool { events++; return events != at })
				if status == Quiet {
					break // there are not so many
				}
				if again := w.Run(context.Background()); status != Interrupted || again != Quiet || w.Hash() != whole.Hash() {
					t.Fatalf("%v seed %d, %v at event %d, then %v: %x, not %x", s, seed, status, at, again, w.Hash(), whole.Hash())
				}
				steps, chains := w.Scheduled()
				if n, c := whole.Scheduled(); steps != n || chains != c {
					t.Fatalf("%v seed %d, interrupted at event %d: %d steps and %d chains, not %d and %d", s, seed, at, steps, chains, n, c)
				}
			}
		}
	}
}

// TestWatchOvertaken: what was settled does not take place if something has come between.
func TestWatchOvertaken(t *testing.T) {
	for _, s := range []Schedule{{}, {Strategy: RandomWalk, Window: ms}, {Strategy: Exhaustive, Budget: DefaultBudget}} {
		w, tp := taped(t, Config[note]{Schedule: s})
		w.Watch(func(Pending[note]) bool { return len(tp.lines) > 0 })
		var timer Timer
		e := (*Env[note])(nil)
		add(w, "a", hooks{start: func(env *Env[note]) { e = env; timer = e.SetTimer(ms, 1) }})
		if status := w.Run(context.Background()); status != Interrupted {
			t.Fatal(s, status)
		}
		e.Cancel(timer)
		if status := w.Run(context.Background()); status != Quiet || len(tp.lines) > 0 {
			t.Errorf("%v: %v after %v", s, status, tp.lines)
		}
	}
}

// TestWatchCrash: a crash that is settled where nothing else is left, and put off, takes
// place.
func TestWatchCrash(t *testing.T) {
	w := New(Config[note]{Schedule: Schedule{Strategy: Exhaustive, Budget: Budget{Crash: 1}}, Source: NewBytes([]byte{FaultCrash})})
	add(w, "a", hooks{})
	told := 0
	w.Watch(func(Pending[note]) bool { told++; return told > 1 })
	if status := w.Run(context.Background()); status != Interrupted {
		t.Fatal(status)
	}
	if status := w.Run(context.Background()); status != Quiet || w.Stats().Crashes != 1 {
		t.Errorf("%v after %d crashes", status, w.Stats().Crashes)
	}
}

// TestLogShown: a log is shown record by record, with what is not yet durable.
func TestLogShown(t *testing.T) {
	w, _ := taped(t, Config[note]{Disk: Disk{Sync: dist(t, "1ms")}})
	add(w, "a", hooks{start: func(e *Env[note]) {
		e.Append(1, 5, []byte("one"))
		e.Sync()
		e.Append(2, 6, []byte("two"))
		e.Sync()
	}})
	var seen []string
	w.Watch(func(Pending[note]) bool {
		s := w.Status(0)
		text := fmt.Sprint(s.Syncing, s.Durable, s.Reach, s.Due, s.Torn)
		for r := range w.Log(0) {
			text += fmt.Sprint(" ", r.Kind, r.Label, r.End() <= s.Durable)
		}
		seen = append(seen, text)
		return true
	})
	w.Run(context.Background())
	want := []string{"true 0 20 0.001000000 0 1 5 false 2 6 false", "true 20 40 0.002000000 0 1 5 true 2 6 false"}
	if !slices.Equal(seen, want) {
		t.Errorf("shown: %q, want %q", seen, want)
	}
}

// TestNext: a run that has paused knows how long nothing happens, whatever the schedule.
func TestNext(t *testing.T) {
	for strategy, want := range map[Strategy]Time{ByLatency: Time(5 * ms), RandomWalk: Time(5 * ms), Exhaustive: stepTime} {
		w, _ := taped(t, Config[note]{Schedule: Schedule{Strategy: strategy}})
		add(w, "a", hooks{start: func(e *Env[note]) {
			e.Cancel(e.SetTimer(3*ms, 1)) // it does not count
			e.SetTimer(5*ms, 2)
			e.SetTimer(6*ms, 3)
		}})
		until := min(Time(ms), want-1)
		if s := w.RunUntil(context.Background(), until); s != Paused || w.Next() != want {
			t.Errorf("%v: %v, next at %v", strategy, s, w.Next())
		}
	}
}

// TestTornShown: what is left of a record that was torn is told, where no whole one is.
func TestTornShown(t *testing.T) {
	w, _ := taped(t, Config[note]{Disk: Disk{Sync: dist(t, "1ms"), Torn: ProbabilityOf(1)}})
	add(w, "a", hooks{start: func(e *Env[note]) { e.Append(1, 5, []byte("one")); e.Sync() }})
	w.Crash(Time(500*us), 0, Forever)
	w.Run(t.Context())
	if s := w.Status(0); !s.Dead || s.Torn == 0 {
		t.Errorf("%+v", s)
	}
}
