package sim

import (
	"cmp"
	"context"
	"slices"
	"testing"
	"time"
)

// crowded returns a world where thousands of timers are pending, far ahead, and one of them
// is set anew by each of those that fire.
func crowded(tb testing.TB, s Schedule, seed uint64, far time.Duration, fires int) *World[note] {
	n := 0
	w := New(Config[note]{Seed: seed, Schedule: s, Limits: Limits{Time: 1e6 * time.Hour}})
	for i := range 64 {
		var timers [64]Timer
		set := func(e *Env[note], k int) {
			e.Cancel(timers[k])
			timers[k] = e.SetTimer(far+time.Duration(e.Draw("far", Label(k), uint64(n))%uint64(far)), 1)
		}
		add(w, string(rune('A'+i)), hooks{
			start: func(e *Env[note]) {
				for k := range timers {
					set(e, k)
				}
				e.SetTimer(ms, 0)
			},
			fired: func(e *Env[note], _ uint64) {
				if n++; n < fires {
					set(e, n%64)
					e.SetTimer(ms, 0)
				}
			},
		})
	}
	return w
}

// TestEnabledAmongMany: what is enabled is what a look at all pending events says.
func TestEnabledAmongMany(t *testing.T) {
	for _, far := range []time.Duration{4 * ms, time.Second} { // most are within the window, or none
		w := crowded(t, Schedule{Strategy: RandomWalk, Window: 5 * ms}, 1, far, 3000)
		steps, most, many, fewer := 0, 0, 0, 0
		w.Watch(func(Pending[note]) bool {
			s := w.scheduler
			if steps++; steps%50 != 1 {
				return true
			}
			var all []waitingEvent
			void := 0
			s.each(func(e *waitingEvent) {
				if w.void(&e.entry) {
					void++
				} else {
					all = append(all, *e)
				}
			})
			slices.SortFunc(all, func(a, b waitingEvent) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.seq, b.seq)) })
			var want, got []uint64
			met := map[int]bool{}
			for _, e := range all[:min(len(all), mostChoices)] {
				if e.at-all[0].at <= uint64(s.Window) && (e.lane == 0 || !met[e.lane]) {
					met[e.lane] = true
					want = append(want, e.seq)
				}
			}
			for _, i := range s.enabled {
				got = append(got, s.pending[i].seq)
			}
			if !slices.Equal(got, want) {
				t.Fatalf("timers %v ahead, step %d: enabled are %v, expected %v", far, steps, got, want)
			}
			if len(s.pending) > mostChoices || void > 2*mostChoices+len(all) {
				t.Fatalf("timers %v ahead, step %d: %d are pending, and %d are void beside %d", far, steps, len(s.pending), void, len(all))
			}
			if len(s.pending) < mostChoices && len(s.later) > 0 {
				fewer++
			}
			most, many = max(most, len(got)), max(many, len(all))
			return true
		})
		w.Run(t.Context())
		if steps < 3000 || most < 50 || many < 4096 || fewer == 0 {
			t.Errorf("timers %v ahead: %d steps, up to %d events of up to %d enabled, %d times fewer looked at", far, steps, most, many, fewer)
		}
	}
}

// BenchmarkSchedule: a step by a schedule where thousands of events are pending.
func BenchmarkSchedule(b *testing.B) {
	for _, s := range []Schedule{{}, {Strategy: RandomWalk}, {Strategy: PCT, Depth: 3, Steps: 1000}, {Strategy: DelayBounded, Depth: 3, Steps: 1000}} {
		s.Window = ms
		b.Run(s.String(), func(b *testing.B) {
			w := crowded(b, s, 1, 1e5*time.Minute, b.N)
			b.ResetTimer()
			w.RunUntil(context.Background(), Time(1e5*time.Minute))
		})
	}
}
