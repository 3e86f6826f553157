package sim

import (
	"context"
	"slices"
	"testing"
	"time"
)

// TestManyPending: with more events pending than a schedule chooses among, all take place,
// messages of a session in their order, timers that were cancelled not at all, and lanes
// that are empty are forgotten.
func TestManyPending(t *testing.T) {
	const sessions, rounds = 2 * mostChoices, 3
	for _, s := range []Schedule{
		{Strategy: RandomWalk}, {Strategy: PCT, Depth: 3, Steps: 5000}, {Strategy: DelayBounded, Depth: 5, Steps: 5000},
	} {
		s.Window = 50 * ms
		w := New(Config[note]{Schedule: s, Network: Network{Links: []Link{{Delay: dist(t, "uniform(1ms, 9ms)"), Session: true}}}})
		label := Label(0)
		fresh := func() Label { label++; return label }
		add(w, "a", hooks{
			start: func(e *Env[note]) {
				for range sessions {
					session := fresh()
					for n := range rounds {
						e.Send(1, Mail{Kind: 1, Label: session}, note{n: n})
					}
				}
				for i := range sessions {
					timer := e.SetTimer(time.Duration(i)*us, 0)
					if i%2 > 0 {
						e.SetTimer(20*ms, 1)
						e.Cancel(timer)
					}
				}
			},
			fired: func(e *Env[note], token uint64) {
				if token == 0 {
					e.Send(1, Mail{Kind: 1, Label: fresh()}, note{})
				}
			},
		})
		next := map[Label]int{}
		received, waited := 0, 0
		add(w, "b", hooks{receive: func(e *Env[note], _ NodeID, mail Mail, m *note) {
			received++
			s := w.scheduler
			for _, e := range s.later {
				if byTime(s.pending[len(s.pending)-1], e) > 0 {
					t.Fatalf("%v: one of the first events waits for others", s.Schedule)
				}
			}
			waited = max(waited, len(w.scheduler.later))
			if next[mail.Label] != m.n {
				t.Fatalf("%v: message %d of %v comes, not %d", s, m.n, mail.Label, next[mail.Label])
			}
			next[mail.Label]++
		}})
		if status := w.Run(context.Background()); status != Quiet {
			t.Fatal(s, status)
		}
		if want := sessions*rounds + sessions/2; received != want || waited < sessions {
			t.Errorf("%v: %d messages of %d, %d events waited for others", s, received, want, waited)
		}
		if n := len(w.scheduler.lanes.all); n > 1100 {
			t.Errorf("%v: %d lanes are left", s, n)
		}
	}
}

// TestFlood: nodes that send ever more are stopped, by any schedule.
func TestFlood(t *testing.T) {
	for _, s := range []Schedule{{}, {Strategy: RandomWalk, Window: time.Second}, {Strategy: Exhaustive}} {
		w := New(Config[note]{Schedule: s, Limits: Limits{Pending: 3000}, Network: Network{Links: []Link{{Delay: dist(t, "exp(1ms)")}}}})
		twice := func(e *Env[note]) {
			for range 2 {
				e.Send(1-e.ID(), Mail{Kind: 1}, note{})
			}
		}
		for _, name := range []string{"a", "b"} {
			add(w, name, hooks{start: twice, receive: func(e *Env[note], _ NodeID, _ Mail, _ *note) { twice(e) }})
		}
		for range 2 { // asked again, it says the same
			if status := w.Run(context.Background()); status != PendingLimit || len(w.Pending()) != 3000 {
				t.Errorf("%v: %v, %d pending", s, status, len(w.Pending()))
			}
		}
	}
}

// TestPendingAll: what waits behind the choices is pending too, once each, and by time.
func TestPendingAll(t *testing.T) {
	w := New(Config[note]{Schedule: Schedule{Strategy: RandomWalk, Window: time.Second}})
	add(w, "a", hooks{start: func(e *Env[note]) {
		for i := range 3 * mostChoices {
			e.SetTimer(time.Duration(i%7)*ms+ms, uint64(i))
		}
	}})
	w.RunUntil(context.Background(), 0)
	all := w.Pending()
	tokens := map[uint64]bool{}
	for _, p := range all {
		tokens[p.Token] = true
	}
	if len(tokens) != 3*mostChoices || !slices.IsSortedFunc(all, func(a, b Pending[note]) int { return int(a.At - b.At) }) {
		t.Errorf("%d of %d", len(tokens), len(all))
	}
}

// TestExhaustiveChoosesAll: an exhaustive schedule leaves no event out, however many are
// pending.
func TestExhaustiveChoosesAll(t *testing.T) {
	w := New(Config[note]{Schedule: Schedule{Strategy: Exhaustive}})
	add(w, "a", hooks{start: func(e *Env[note]) {
		for i := range 3 * mostChoices {
			e.SetTimer(ms, uint64(i))
		}
	}})
	w.RunUntil(context.Background(), 0)
	tokens := map[uint64]bool{}
	for p := range w.Enabled {
		tokens[p.Token] = true
	}
	if len(tokens) != 3*mostChoices {
		t.Errorf("%d of %d could be next", len(tokens), 3*mostChoices)
	}
}

// TestLaterForgets: timers that are cancelled behind the first events leave no trace.
func TestLaterForgets(t *testing.T) {
	w := New(Config[note]{Schedule: Schedule{Strategy: RandomWalk, Window: 50 * ms}})
	const timers, steps = 2 * mostChoices, 10_000
	step, most := 0, 0
	var last Timer
	add(w, "a", hooks{
		start: func(e *Env[note]) {
			for range timers {
				e.SetTimer(30*time.Minute, 1)
			}
			last = e.SetTimer(40*time.Minute, 2)
			e.SetTimer(us, 0)
		},
		fired: func(e *Env[note], token uint64) {
			if token != 0 || step == steps {
				return
			}
			step++
			e.Cancel(last)
			last = e.SetTimer(40*time.Minute, 2)
			e.SetTimer(us, 0)
			most = max(most, len(w.scheduler.later))
		},
	})
	if status := w.Run(context.Background()); status != Quiet || step != steps {
		t.Fatalf("%v after %d steps", status, step)
	}
	if most > 3*timers {
		t.Errorf("%d events wait behind the first ones, and %d are pending", most, timers)
	}
}
