package sim

import (
	"testing"
	"time"
)

// TestScheduleUntil: whatever the order, RunUntil steps nothing behind its time, and in
// pieces a run is the same as in one; a limit of time ends it there, and not quietly.
func TestScheduleUntil(t *testing.T) {
	for _, text := range []string{"latency", "random", "pct:3", "delay-bounded:5", "exhaustive:drop=5,duplicate=5,crash=5"} {
		for seed := range uint64(5) {
			s, err := ParseSchedule(text)
			if err != nil {
				t.Fatal(err)
			}
			s.Steps, s.Window = 1000, 10*ms
			cfg := Config[note]{Seed: seed, Schedule: s}
			piece, limit := 3*ms, 50*ms
			if s.Strategy == Exhaustive { // its time only counts steps
				piece, limit, cfg.Limits.Time = 7*us+us/2, 500*us+us/2, ms
			}
			whole, _ := busyWorld(t, cfg)
			want := whole.Run(t.Context())
			pieces, _ := busyWorld(t, cfg)
			status, until, n := Paused, Time(0), 0
			for ; status == Paused; n++ {
				until = until.Add(piece)
				if status = pieces.RunUntil(t.Context(), until); pieces.Now() > until {
					t.Fatalf("%s, seed %d: RunUntil %v is at %v", text, seed, until, pieces.Now())
				}
				if status == Paused && pieces.Next() <= until {
					t.Fatalf("%s, seed %d: RunUntil %v has left something for %v", text, seed, until, pieces.Next())
				}
			}
			if status != want || pieces.Hash() != whole.Hash() || n < 20 {
				t.Errorf("%s, seed %d: %v, in %d pieces %v and another trace", text, seed, want, n, status)
			}
			cfg.Limits.Time = limit
			short, _ := busyWorld(t, cfg)
			for range 2 { // and if it is run again
				if status := short.Run(t.Context()); status != TimeLimit || short.Now() > Time(limit) || short.Now() < Time(limit/2) {
					t.Errorf("%s, seed %d: %v at %v, of %v", text, seed, status, short.Now(), limit)
				}
			}
		}
	}
}

// TestScheduleLimitLeaves: an event behind the limit of time is left, and the run not quiet,
// also if it was chosen to come before one within.
func TestScheduleLimitLeaves(t *testing.T) {
	seen := map[Status]int{}
	for seed := range uint64(20) {
		w := New(Config[note]{Seed: seed, Schedule: Schedule{Strategy: RandomWalk, Window: time.Hour}, Limits: Limits{Time: time.Second}})
		for _, d := range []time.Duration{ms, 30 * time.Minute} {
			add(w, d.String(), hooks{
				start: func(e *Env[note]) { e.SetTimer(d, 0) },
				fired: func(e *Env[note], _ uint64) {
					if e.Now() > Time(time.Second) {
						t.Errorf("seed %d: a timer fires at %v", seed, e.Now())
					}
				},
			})
		}
		seen[w.Run(t.Context())]++
	}
	if seen[TimeLimit] != 20 {
		t.Errorf("the runs ended: %v", seen)
	}
}

// TestPCTTight: two chains of two steps, of which one goes within, or in turn with, the
// other. As often as is promised, and no oftener, does PCT take this way.
func TestPCTTight(t *testing.T) {
	const seeds = 40000
	memory := &Memory[note]{}
	run := func(depth int, seed uint64) (order string) {
		w := New(Config[note]{Seed: seed, Memory: memory, Schedule: Schedule{Strategy: PCT, Depth: depth, Steps: 4, Window: time.Second}})
		for _, name := range []string{"a", "b"} {
			add(w, name, hooks{
				start: func(e *Env[note]) { e.SetTimer(ms, 0) },
				fired: func(e *Env[note], token uint64) {
					if order += name; token == 0 {
						e.SetTimer(ms, 1)
					}
				},
			})
		}
		w.Run(t.Context())
		w.Release()
		return order
	}
	for depth, c := range map[int]struct {
		order string
		one   int
	}{2: {"abba", 2 * 4}, 3: {"abab", 2 * 4 * 4}} { // in any order
		found := 0
		for seed := range uint64(seeds) {
			if run(depth, seed) == c.order {
				found++
			}
		}
		if share := float64(found) / seeds * float64(c.one); share < 0.9 || share > 1.1 { // 3 standard deviations at least
			t.Errorf("depth %d: %s was found %d times, promised are %d", depth, c.order, found, seeds/c.one)
		}
	}
}
