package sim

import (
	"context"
	"fmt"
	"testing"
)

// TestCoresKeepOrder: what a session or a packet carries is served one after the other,
// whatever it costs; what is of another passes meanwhile, on a core of its own.
func TestCoresKeepOrder(t *testing.T) {
	all := []string{"9ms b deliver a l1 1", "9ms b deliver a l1 2", "9ms b deliver a l2 3", "10ms b deliver a l3 4"}
	passes := []string{"0s b deliver a l2 3", "1ms b deliver a l3 4", "9ms b deliver a l1 1", "9ms b deliver a l1 2"}
	for _, c := range []struct {
		name  string
		link  Link
		share bool
		cores int
		want  []string
	}{
		{"nothing in common", Link{}, false, 2, []string{"0s b deliver a l1 2", "0s b deliver a l2 3", "1ms b deliver a l3 4", "9ms b deliver a l1 1"}},
		{"session", Link{Session: true}, false, 2, passes},
		{"packet of a session", Link{Session: true}, true, 2, passes},
		{"local", Link{Local: true}, false, 2, all},
		{"packet", Link{}, true, 2, all},
		{"one core", Link{Session: true}, true, 1, all},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := costly(c.cores)
			cfg.Network = Network{Links: []Link{c.link}, Share: c.share}
			w, tape := taped(t, cfg)
			add(w, "a", hooks{start: func(e *Env[note]) {
				for i, mail := range []Mail{{Label: 1, Ops: 9}, {Label: 1}, {Label: 2}, {Label: 3, Ops: 1}} {
					mail.Arg = uint64(i + 1)
					e.Send(1, mail, note{})
				}
			}})
			add(w, "b", hooks{})
			tape.quiet(t)
			wantLines(t, tape.only("deliver"), c.want...)
		})
	}
}

// TestCoresServePackets: packets of one sender are served side by side.
func TestCoresServePackets(t *testing.T) {
	cfg := costly(2)
	cfg.Network.Share = true
	w, tape := taped(t, cfg)
	add(w, "a", hooks{
		start: func(e *Env[note]) { e.SetTimer(0, 9); e.SetTimer(ms, 1) },
		fired: func(e *Env[note], n uint64) { e.Send(1, Mail{Kind: Kind(n), Ops: int32(n)}, note{}) },
	})
	add(w, "b", hooks{})
	tape.quiet(t)
	wantLines(t, tape.only("deliver"), "2ms b deliver a k1", "9ms b deliver a k9")
}

// TestHastenedLine: what waits for a message of a slow node is pending, and goes on at full
// speed too.
func TestHastenedLine(t *testing.T) {
	cfg := costly(2)
	cfg.Network.Links[0].Local = true
	w, tape := taped(t, cfg)
	add(w, "a", hooks{})
	add(w, "c", burst(1, 2, 3), Immortal[note]())
	w.SlowNode(0, 0, 1000, Forever)
	w.EndFaultsAt(Time(5 * ms))
	w.RunUntil(context.Background(), Time(ms))
	waits := map[Waits]int{}
	for _, p := range w.Pending() {
		if p.Op == InputMessage {
			waits[p.Waits]++
		}
	}
	if waits[NoWait] != 1 || waits[WaitsCore] != 2 {
		t.Errorf("pending, by what they wait for: %v", waits)
	}
	tape.quiet(t)
	wantLines(t, tape.only("deliver"), "6ms a deliver c k1 l1", "8ms a deliver c k1 l2", "11ms a deliver c k1 l3")
}

// TestCoresKeepOrderThroughout: sessions keep their order on any number of cores, by any
// schedule, whatever faults do to nodes, and nothing is left behind.
func TestCoresKeepOrderThroughout(t *testing.T) {
	schedules := []Schedule{{}, {Strategy: RandomWalk, Window: ms}, {Strategy: PCT, Depth: 3, Steps: 500, Window: ms}, {Strategy: DelayBounded, Depth: 5, Steps: 500, Window: ms}}
	waited, frozen := 0, 0
	for seed := range uint64(120) {
		cfg := Config[note]{Seed: seed, Schedule: schedules[seed%4], CPU: CPU{Cores: 1 + int(seed)%3, Message: 10 * us, Operation: 50 * us}}
		cfg.Network = Network{Share: seed%8 < 4, Links: []Link{{Delay: dist(t, "exp(300us)"), Session: true, Duplicate: ProbabilityOf(0.05)}}}
		w := New(cfg)
		for i := range 4 {
			options := []Option[note]{}
			if i%2 == 1 {
				options = append(options, OnHostOf[note](NodeID(i-1)))
			}
			add(w, fmt.Sprint("n", i), inLines(t, w, &waited), options...)
			w.SlowNode(Time(10*ms), NodeID(i), 5, 10*ms)
		}
		chance := &chaos{w: w, struck: map[string]int{}}
		w.Inject(at(func(b Boundary) Strike {
			s := chance.At(&b)
			if s == nil || s.Drop || s.Duplicate {
				return Strike{}
			}
			for _, q := range w.nodes[b.Node].host.lines {
				frozen += len(q.waiting())
			}
			return *s
		}))
		w.EndFaultsAt(Time(30 * ms))
		if status := w.Run(context.Background()); status != Quiet {
			t.Fatal(seed, status)
		}
		for _, e := range w.nodes {
			h := e.host
			for _, q := range append(h.lines, h.queue) {
				if h.busy > 0 || len(q.jobs) > 0 || len(e.serving) > 0 {
					t.Fatalf("seed %d: the host keeps %+v", seed, *h)
				}
			}
		}
		if left := int(w.slots) - len(w.unused) - len(w.blank); left > 0 {
			t.Fatalf("seed %d: %d slots are in use at rest", seed, left)
		}
	}
	if waited < 1000 || frozen < 50 {
		t.Errorf("%d messages waited for others, %d when a fault struck: the test tests little", waited, frozen)
	}
}

// inLines sends numbered messages of random cost, in three sessions with each node, and
// requires that they come in order.
func inLines(t *testing.T, w *World[note], waited *int) hooks {
	type talk struct {
		peer NodeID
		line Label
	}
	sent, got := map[talk]int{}, map[talk]int{}
	h := hooks{
		start: func(e *Env[note]) { e.SetTimer(0, 0) },
		fired: func(e *Env[note], round uint64) {
			for i := range uint64(4) {
				u := e.Draw("work", Label(round), i)
				to := talk{NodeID(u % 4), Label(1 + u>>8%3)}
				sent[to]++
				e.Send(to.peer, Mail{Kind: 1, Label: to.line, Again: uint32(sent[to]), Ops: int32(u >> 16 % 8)}, note{n: sent[to]})
			}
			if e.Now() < Time(40*ms) {
				e.SetTimer(500*us, round+1)
			}
		},
		receive: func(e *Env[note], from NodeID, mail Mail, m *note) {
			if k := (talk{from, mail.Label}); m.n < got[k] {
				t.Fatalf("%v: message %d of %+v comes to %s after %d", w.cfg.Schedule, m.n, k, e.Name(), got[k])
			} else {
				got[k] = m.n
			}
			for _, q := range e.host.lines {
				*waited += len(q.waiting())
			}
		},
	}
	h.recover = func(e *Env[note], _ Recovery) { h.start(e) }
	return h
}
