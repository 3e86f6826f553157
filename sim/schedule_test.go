package sim

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestScheduleText(t *testing.T) {
	for _, text := range []string{"latency", "random", "pct:1", "pct:3", "delay-bounded:100",
		"exhaustive", "exhaustive:crash=1", "exhaustive:crash=200,drop=2,duplicate=3,timeout=0"} {
		if s, err := ParseSchedule(text); err != nil || s.String() != text {
			t.Errorf("%q became %v, %v", text, s, err)
		}
	}
	for _, bad := range []string{"", "pct", "pct:", "pct:0", "pct:101", "pct:01", "random:1", "latency:", "delay-bounded", "x",
		"exhaustive:crash", "exhaustive:crash=201", "exhaustive:drop=-1", "exhaustive:crash=any", "exhaustive:x=1", "exhaustive:crash=1,"} {
		if s, err := ParseSchedule(bad); err == nil || !strings.Contains(err.Error(), "must be") {
			t.Errorf("%q was read as %v, %v", bad, s, err)
		}
	}
	if s, err := ParseSchedule("exhaustive: timeout=1, timeout=2"); err == nil || !strings.Contains(err.Error(), "timeout is given twice") {
		t.Errorf("read as %v, %v", s, err)
	}
	if s, err := ParseSchedule("exhaustive:timeout=any"); err != nil || s.Budget != DefaultBudget {
		t.Errorf("read as %v, %v", s, err)
	}
}

// arrivals runs a world in which a sends so many messages to b, a millisecond
// apart, and returns the order in which they come.
func arrivals(t *testing.T, n int, s Schedule, seed uint64, source Source) string {
	t.Helper()
	order := ""
	w := New(Config[note]{Seed: seed, Source: source, Schedule: s, Network: Network{Share: true}}) // each is a packet
	add(w, "a", hooks{
		start: func(e *Env[note]) {
			for i := range n {
				e.SetTimer(time.Duration(i)*ms, uint64(i))
			}
		},
		fired: func(e *Env[note], token uint64) { e.Send(1, Mail{Kind: 1}, note{n: int(token)}) },
	})
	last := Time(0)
	add(w, "b", hooks{receive: func(e *Env[note], _ NodeID, _ Mail, m *note) {
		order += fmt.Sprint(m.n)
		if e.Now() < last || e.Now() > Time(m.n)*Time(ms)+Time(2*s.Window) {
			t.Errorf("%v seed %d: message %d comes at %v, behind %v", s, seed, m.n, e.Now(), last)
		}
		last = e.Now()
	}})
	if status := w.Run(context.Background()); status != Quiet {
		t.Fatal(status)
	}
	return order
}

// orders are those that some seeds reach.
func orders(t *testing.T, n int, s Schedule, seeds uint64) map[string]int {
	t.Helper()
	count := map[string]int{}
	for seed := range seeds {
		count[arrivals(t, n, s, seed, nil)]++
	}
	return count
}

// TestRandomWalk reaches every order, but none before its time.
func TestRandomWalk(t *testing.T) {
	if got := orders(t, 3, Schedule{Strategy: RandomWalk, Window: time.Second}, 500); len(got) != 6 {
		t.Errorf("reached %v", got)
	}
	// Within half a millisecond there is nothing to exchange.
	if got := orders(t, 3, Schedule{Strategy: RandomWalk, Window: ms / 2}, 100); len(got) != 1 || got["012"] == 0 {
		t.Errorf("a narrow window reached %v", got)
	}
}

// TestDelayBounded: with one delay, one event falls behind the others, but not behind what
// they bring about.
func TestDelayBounded(t *testing.T) {
	run := func(seed uint64, steps int) (order string) {
		w := New(Config[note]{Seed: seed, Schedule: Schedule{Strategy: DelayBounded, Depth: 1, Steps: steps, Window: time.Second}})
		for i := range 4 {
			add(w, fmt.Sprint(i), hooks{
				start: func(e *Env[note]) { e.SetTimer(time.Duration(i)*ms, 0) },
				fired: func(e *Env[note], token uint64) {
					if order += fmt.Sprint(i + int(token)); i == 3 && token == 0 {
						e.SetTimer(10*ms, 1)
					}
				},
			})
		}
		if status := w.Run(context.Background()); status != Quiet {
			t.Fatal(status)
		}
		return order
	}
	seen := map[string]bool{}
	for seed := range uint64(100) {
		seen[run(seed, 3)] = true
		if order := run(seed, 0); order != "01234" {
			t.Errorf("without steps there is no delay, but %s", order)
		}
	}
	if got := slices.Sorted(maps.Keys(seen)); !slices.Equal(got, []string{"01324", "02314", "12304"}) {
		t.Errorf("one delay reaches %v", got)
	}
}

// TestPCTGuarantee: n events of n chains, one of which has to come first (depth 1),
// or to come between two others (depth 3), is seen as often as is promised.
func TestPCTGuarantee(t *testing.T) {
	const n, seeds = 5, 4000
	run := func(depth int, seed uint64) (order string, steps, chains int) {
		w := New(Config[note]{Seed: seed, Schedule: Schedule{Strategy: PCT, Depth: depth, Steps: 2 * n, Window: time.Second}})
		for i := range n {
			add(w, fmt.Sprint(i), hooks{
				start: func(e *Env[note]) { e.SetTimer(time.Duration(i)*ms, 0) },
				fired: func(e *Env[note], token uint64) {
					order += fmt.Sprint(i)
					if token == 0 {
						e.SetTimer(10*ms, 1)
					}
				},
			})
		}
		if status := w.Run(context.Background()); status != Quiet {
			t.Fatal(status)
		}
		steps, chains = w.Scheduled()
		return order, steps, chains
	}
	for depth, shows := range map[int]func(order string) bool{
		1: func(o string) bool { return o[0] == '4' },
		2: func(o string) bool { // 4 has begun and 0 ended before 4 goes on
			return strings.IndexByte(o, '4') < strings.IndexByte(o, '0') && strings.LastIndexByte(o, '0') < strings.LastIndexByte(o, '4')
		},
		3: func(o string) bool { // and 4 has ended before 1 goes on, which began before
			return strings.IndexByte(o, '4') < strings.IndexByte(o, '0') && strings.LastIndexByte(o, '0') < strings.LastIndexByte(o, '4') &&
				strings.IndexByte(o, '1') < strings.LastIndexByte(o, '0') && strings.LastIndexByte(o, '1') > strings.LastIndexByte(o, '4')
		},
	} {
		found := 0
		for seed := range uint64(seeds) {
			order, steps, chains := run(depth, seed)
			if steps != 2*n || chains != n {
				t.Fatalf("%d steps in %d chains, want %d in %d", steps, chains, 2*n, n)
			}
			if depth == 1 && seed < 100 && slices.ContainsFunc([]int{0, 2, 4, 6, 8}, func(i int) bool { return order[i] != order[i+1] }) {
				t.Fatalf("of depth 1, and yet a chain has fallen below others: %s", order)
			}
			if shows(order) {
				found++
			}
		}
		bound := float64(seeds) / n
		for range depth - 1 {
			bound /= 2 * n
		}
		if float64(found) < 0.7*bound { // the chance of so few is below 1 in 10 000
			t.Errorf("depth %d was found %d times, promised are %.0f", depth, found, bound)
		}
	}
}

// TestPCTChains: of what an event brings about only the first goes on with its chain.
func TestPCTChains(t *testing.T) {
	w := New(Config[note]{Schedule: Schedule{Strategy: PCT, Depth: 1, Window: time.Second}})
	add(w, "a", hooks{
		start: func(e *Env[note]) { e.SetTimer(ms, 0) },
		fired: func(e *Env[note], token uint64) {
			if token == 0 {
				e.SetTimer(ms, 1)
				e.SetTimer(ms, 2)
			}
		},
	})
	w.Run(t.Context())
	if steps, chains := w.Scheduled(); steps != 3 || chains != 2 {
		t.Errorf("%d steps in %d chains, expected 3 in 2", steps, chains)
	}
}

// TestServicesInOrder: of several cores, none is done with an event before another that
// was done earlier.
func TestServicesInOrder(t *testing.T) {
	for seed := range uint64(20) {
		var last, at Time // when the last event was done, and when it was handled
		w := New(Config[note]{Seed: seed, Schedule: Schedule{Strategy: RandomWalk, Window: time.Second}, CPU: CPU{Cores: 5, Operation: ms},
			Tracer: tracerFunc(func(r *Record[note]) {
				if r.Op == TraceDeliver {
					done := r.Arrived.Add(time.Duration(r.Label) * ms)
					if done < last && r.Arrived < at {
						t.Errorf("seed %d: what is done at %v comes behind what is done at %v", seed, done, last)
					}
					last, at = done, r.At
				}
			})})
		add(w, "a", hooks{start: func(e *Env[note]) {
			for i := int32(5); i > 0; i-- {
				e.Send(1, Mail{Kind: 1, Label: Label(i), Ops: i}, note{})
			}
		}})
		add(w, "b", hooks{})
		w.Run(t.Context())
	}
}

// TestScheduleRecorded: a schedule that was read off bytes comes again from its
// deviations, and no bytes are the schedule by latency.
func TestScheduleRecorded(t *testing.T) {
	for _, s := range []Schedule{{Strategy: RandomWalk}, {Strategy: PCT, Depth: 3, Steps: 16}, {Strategy: DelayBounded, Depth: 2, Steps: 16}} {
		s.Window = time.Second
		if got := arrivals(t, 8, s, 1, Defaults{}); got != "01234567" {
			t.Errorf("%v: the default is %s", s, got)
		}
		seen := map[string]bool{}
		for i := range 40 {
			var b []byte
			for k := range 24 {
				b = append(b, byte(Hash(uint64(i), uint64(k))))
			}
			source := NewBytes(b)
			want := arrivals(t, 8, s, 1, source)
			if got := arrivals(t, 8, s, 2, NewRecorded(Defaults{}, source.Deviations())); got != want {
				t.Errorf("%v: recorded %s, got %s", s, want, got)
			}
			seen[want] = true
		}
		if len(seen) < 5 {
			t.Errorf("%v: reached only %v", s, slices.Sorted(maps.Keys(seen)))
		}
	}
}

// TestScheduleDevices: whatever the order, timers of a node fire in theirs, each
// sync is told once and in order, cores serve all, crashes and pauses end.
func TestScheduleDevices(t *testing.T) {
	for seed := range uint64(300) {
		for _, s := range []Schedule{{Strategy: RandomWalk}, {Strategy: PCT, Depth: 3, Steps: 200}, {Strategy: DelayBounded, Depth: 5, Steps: 200}} {
			s.Window = 20 * ms
			w := New(Config[note]{Seed: seed, Schedule: s, Disk: Disk{Sync: dist(t, "uniform(1ms, 5ms)")},
				CPU: CPU{Cores: 2, Message: ms}, Network: Network{Share: true, Links: []Link{{Delay: dist(t, "uniform(0ms, 5ms)")}}}})
			var fired, got int
			var synced LSN
			peer := add(w, "peer", hooks{receive: func(*Env[note], NodeID, Mail, *note) { got++ }})
			n := add(w, "n", hooks{
				start: func(e *Env[note]) {
					for i := range 10 {
						e.SetTimer(time.Duration(i)*ms, uint64(i))
					}
				},
				fired: func(e *Env[note], token uint64) {
					if int(token) != fired {
						t.Fatalf("%v seed %d: timer %d fires in the place of %d", s, seed, token, fired)
					}
					fired++
					e.Append(1, 0, []byte{1})
					e.Sync()
					e.Send(peer, Mail{Kind: 1}, note{})
				},
				synced: func(_ *Env[note], lsn LSN) {
					if lsn < synced {
						t.Fatalf("%v seed %d: synced to %d behind %d", s, seed, lsn, synced)
					}
					synced = lsn
				},
			})
			w.Pause(Time(3*ms), n, 2*ms)
			w.SlowDisk(Time(ms), n, 7, 4*ms)
			w.EndFaultsAt(Time(9 * ms))
			for at := Time(0); at < Time(30*ms); at += Time(ms) {
				w.RunUntil(context.Background(), at) // in pieces it is the same
			}
			if status := w.Run(context.Background()); status != Quiet || fired != 10 || got != 10 || synced != w.Durable(n) || w.Unsynced(n) {
				t.Fatalf("%v seed %d: %v, %d timers, %d messages, synced to %d of %d", s, seed, status, fired, got, synced, w.Durable(n))
			}
			if w.dead != 0 {
				t.Fatalf("%v seed %d: %d dead events are counted", s, seed, w.dead)
			}
		}
	}
}

// TestServiceIsNotLate: once a core is done with a message, nothing else is next, by any
// schedule, however many events there are to choose from.
func TestServiceIsNotLate(t *testing.T) {
	for _, s := range []Schedule{{Strategy: RandomWalk}, {Strategy: PCT, Depth: 3, Steps: 200}, {Strategy: DelayBounded, Depth: 5, Steps: 200}} {
		s.Window = 20 * ms
		const slow = NodeID(0) // for which each message takes a millisecond
		var others []Time      // when the other nodes got messages
		var idle Time          // since when the core is
		got, between := 0, 0
		w := New(Config[note]{Schedule: s, Network: Network{Links: []Link{{Delay: dist(t, "500us")}}}, Tracer: tracerFunc(func(r *Record[note]) {
			switch {
			case r.Op != TraceDeliver:
			case r.Node != slow:
				others = append(others, r.At)
			default:
				due := max(r.Arrived, idle).Add(ms)
				overslept := 0 // what comes last before it is due may take time as far, or further on
				for _, at := range others {
					if at >= due {
						overslept++
					}
				}
				if overslept > 1 {
					t.Fatalf("%v: what is done at %v is handled at %v, behind %d other events", s, due, r.At, overslept)
				}
				between += len(others)
				others, idle, got = others[:0], r.At, got+1
			}
		})})
		bounce := hooks{receive: func(e *Env[note], from NodeID, mail Mail, _ *note) {
			e.Send(from, mail, note{})
			e.Send(slow, mail, note{})
		}}
		add(w, "slow", hooks{receive: func(*Env[note], NodeID, Mail, *note) {}})
		for i := range NodeID(10) {
			b := bounce
			b.start = func(e *Env[note]) { e.Send((i^1)+1, Mail{Kind: 1}, note{}) }
			add(w, "n"+strconv.Itoa(int(i)), b)
		}
		w.SlowNode(0, slow, int(ms/NominalMessage), Forever)
		w.RunUntil(context.Background(), Time(100*ms))
		if got < 80 || between < 2*got {
			t.Errorf("%v: %d messages in a tenth of a second, and %d others meanwhile", s, got, between)
		}
		if steps, _ := w.Scheduled(); s.Strategy != DelayBounded && uint64(steps) >= w.Stats().Events {
			t.Errorf("%v: %d steps for %d events, of which some are no choices", s, steps, w.Stats().Events)
		}
	}
}

// TestScheduleEnds: by any schedule, a run ends at its bounds and when it is interrupted.
func TestScheduleEnds(t *testing.T) {
	crash := Budget{Crash: 1, Timeout: Unbounded}
	for _, s := range []Schedule{{}, {Strategy: RandomWalk}, {Strategy: PCT, Depth: 2, Steps: 10}, {Strategy: Exhaustive}, {Strategy: Exhaustive, Budget: crash}} {
		run := func(ctx context.Context, l Limits) (Status, uint64) {
			w := New(Config[note]{Schedule: s, Limits: l, Source: Defaults{}, Network: Network{Links: []Link{{Delay: dist(t, "100us")}}}})
			back := hooks{receive: func(e *Env[note], from NodeID, mail Mail, _ *note) { e.Send(from, mail, note{}) }}
			add(w, "a", back)
			back.start = func(e *Env[note]) { e.Send(0, Mail{Kind: 1}, note{}) }
			add(w, "b", back)
			return w.Run(ctx), w.Stats().Events
		}
		if status, n := run(t.Context(), Limits{Events: 10}); status != EventLimit || n != 10 {
			t.Errorf("%v: %v after %d events", s, status, n)
		}
		if status, n := run(t.Context(), Limits{Time: ms}); status != TimeLimit || n < 5 {
			t.Errorf("%v: %v after %d events", s, status, n)
		}
		late := New(Config[note]{Schedule: s, Limits: Limits{Time: 5 * ms}})
		add(late, "a", hooks{start: func(e *Env[note]) { e.SetTimer(10*ms, 0) }})
		if s.Strategy == Exhaustive { // time but counts steps
		} else if status := late.RunUntil(t.Context(), Time(2*ms)); status != Paused || late.Next() != Time(10*ms) {
			t.Errorf("%v: %v before its end, next at %v", s, status, late.Next())
		} else if status := late.Run(t.Context()); status != TimeLimit {
			t.Errorf("%v: %v at its end", s, status)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if status, n := run(ctx, Limits{Events: 10}); status != Interrupted || n != 0 {
			t.Errorf("%v: %v after %d events", s, status, n)
		}
	}
}
