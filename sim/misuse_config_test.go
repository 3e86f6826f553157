package sim

import (
	"strings"
	"testing"
	"time"
)

// TestMisusedConfig: what cannot be is refused where it is given.
func TestMisusedConfig(t *testing.T) {
	for want, misuse := range map[string]func(){
		"sim: New: Schedule.Strategy = 77":                func() { New(Config[note]{Schedule: Schedule{Strategy: 77}}) },
		"sim: New: Schedule.Depth = 0":                    func() { New(Config[note]{Schedule: Schedule{Strategy: PCT}}) },
		"sim: New: Schedule.Depth = -1: must be 1 to 100": func() { New(Config[note]{Schedule: Schedule{Strategy: DelayBounded, Depth: -1}}) },
		"sim: New: Schedule.Depth = 101":                  func() { New(Config[note]{Schedule: Schedule{Strategy: PCT, Depth: MaxDepth + 1}}) },
		"sim: New: Schedule.Steps = -5":                   func() { New(Config[note]{Schedule: Schedule{Strategy: PCT, Depth: 3, Steps: -5}}) },
		"sim: New: Schedule.Window = -1ns":                func() { New(Config[note]{Schedule: Schedule{Strategy: RandomWalk, Window: -1}}) },
		"sim: Network.Class = 1 from node 0 to node 0: there are 1 links": func() {
			w := New(Config[note]{Network: Network{Class: func(NodeID, NodeID) int { return 1 }}})
			add(w, "a", hooks{start: func(e *Env[note]) { e.Send(0, Mail{}, note{}) }})
			w.Run(t.Context())
		},
		"sim: Enabled: the schedule is random: must be exhaustive": func() {
			for range New(Config[note]{Schedule: Schedule{Strategy: RandomWalk}}).Enabled {
			}
		},
		"sim: FaultAt: there is nothing to run": func() { New(Config[note]{}).FaultAt(0, nil) },
		"sim: Run: the world is that of a Bench": func() {
			w := New(Config[note]{})
			NewBench(w)
			w.Run(t.Context())
		},
		"sim: Bench.Begin: there is no node 9":             func() { NewBench(New(Config[note]{})).Begin(9) },
		"sim: Bench.Step: no node has begun":               func() { NewBench(New(Config[note]{})).Step(&Input[note]{Op: InputCrash}) },
		"sim: New: Schedule.Budget: crash = -7":            func() { New(Config[note]{Schedule: Schedule{Budget: Budget{Crash: -7}}}) },
		"sim: New: Limits = {Time:0s Events:0 Pending:-1}": func() { New(Config[note]{Limits: Limits{Pending: -1}}) },
		"sim: New: Disk.Capacity = -1":                     func() { New(Config[note]{Disk: Disk{Capacity: -1}}) },
		"sim: Key: there is no node 9":                     func() { New(Config[note]{}).Key(9) },
		"sim: Strike: the world has not started":           func() { w := New(Config[note]{}); add(w, "a", hooks{}); w.Strike(0, Strike{Crash: true}) },
		"sim: NewBench: the world has started":             func() { w := New(Config[note]{}); w.Run(t.Context()); NewBench(w) },
		"sim: Bench.Step: there is no message": func() {
			w := New(Config[note]{})
			add(w, "a", hooks{})
			b := NewBench(w)
			b.Begin(0)
			b.Step(&Input[note]{Op: InputMessage})
		},
		"sim: DurableRecord: no record begins at 5": func() { w := New(Config[note]{}); add(w, "a", hooks{}); w.DurableRecord(0, 5) },
	} {
		func() {
			defer func() {
				if said, _ := recover().(string); !strings.HasPrefix(said, want) {
					t.Errorf("%q, expected %q", said, want)
				}
			}()
			misuse()
		}()
	}
}

// TestNoSuchNode: whoever is asked about a node that there is not says so.
func TestNoSuchNode(t *testing.T) {
	for call, ask := range map[string]func(w *World[note]){
		"Name":     func(w *World[note]) { w.Name(9) },
		"Node":     func(w *World[note]) { w.Node(9) },
		"Dead":     func(w *World[note]) { w.Dead(9) },
		"Storage":  func(w *World[note]) { w.Storage(9) },
		"Unsynced": func(w *World[note]) { w.Unsynced(9) },
		"Durable":  func(w *World[note]) { w.Durable(9) },
		"Usage":    func(w *World[note]) { w.Usage(9) },
		"Status":   func(w *World[note]) { w.Status(9) },
		"Log":      func(w *World[note]) { w.Log(9) },
		"Draw":     func(w *World[note]) { w.Draw("x", 9, 0, 0) },
		"Choose":   func(w *World[note]) { w.Choose("x", 9, 0, 0, 2) },
		"Tear":     func(w *World[note]) { w.Tear(9, nil) },
	} {
		w := New(Config[note]{})
		add(w, "a", hooks{})
		if got, want := panics(func() { ask(w) }), "sim: "+call+": there is no node 9: there are 1, from 0"; got != want {
			t.Errorf("%q, expected %q", got, want)
		}
	}
}

// TestNoSuchNodeAtClient: a client that asks about one is told the same.
func TestNoSuchNodeAtClient(t *testing.T) {
	w := New(Config[note]{})
	add(w, "a", hooks{})
	if got, want := panics(func() { w.nodes[0].Dead(9) }), "sim: Dead: there is no node 9: there are 1, from 0"; got != want {
		t.Errorf("%q, expected %q", got, want)
	}
}

// TestImmortalOnHost: an immortal node costs no CPU, in whatever order the options are given.
func TestImmortalOnHost(t *testing.T) {
	for _, options := range [][]Option[note]{{Immortal[note](), OnHostOf[note](0)}, {OnHostOf[note](0), Immortal[note]()}} {
		w, tape := taped(t, costly(1))
		add(w, "a", hooks{start: func(e *Env[note]) { e.Send(1, Mail{Kind: 1}, note{}) }})
		add(w, "b", hooks{}, options...)
		if tape.quiet(t); w.Usage(1).CPU != 0 {
			t.Errorf("%v", w.Usage(1))
		}
	}
}

// TestBenchSkew: a node on a bench has its own clock.
func TestBenchSkew(t *testing.T) {
	w := New(Config[note]{})
	now := Never
	add(w, "a", hooks{start: func(e *Env[note]) { now = e.Now() }})
	w.SetSkew(0, time.Second)
	if NewBench(w).Begin(0); now != Time(time.Second) {
		t.Error(now)
	}
}

// TestTearUntold: a crash is torn also where nobody is told.
func TestTearUntold(t *testing.T) {
	w, tape := taped(t, synced1ms(t))
	add(w, "a", hooks{start: func(e *Env[note]) { e.Append(1, 0, []byte("some bytes to tear")) }})
	w.Tear(0, nil)
	w.Crash(Time(ms), 0, ms)
	if tape.quiet(t); len(tape.only("torn")) != 1 {
		t.Error(tape.lines)
	}
}
