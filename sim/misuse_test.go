package sim

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"
)

// outOfRange is a Source that chooses what there is not.
type outOfRange int

func (v outOfRange) Choose(Stream, uint64, int) (int, bool) { return int(v), true }

// TestMisuse: what makes no sense panics where it is called, and says what is wrong.
func TestMisuse(t *testing.T) {
	two := func(cfg Config[note], h hooks) *World[note] {
		w := New(cfg)
		add(w, "a", h)
		add(w, "b", hooks{})
		return w
	}
	quiet := func() *World[note] { return two(Config[note]{}, hooks{}) }
	starts := func(cfg Config[note], f func(e *Env[note])) { two(cfg, hooks{start: f}).Run(context.Background()) }
	send := func(e *Env[note]) { e.Send(1, Mail{}, note{}) }
	for _, c := range []struct {
		name, want string
		do         func()
	}{
		{"two of a name", `AddNode: there is a node "a" already`, func() { add(quiet(), "a", hooks{}) }},
		{"a node without build", `AddNode: there is nothing to build "c" with`, func() { quiet().AddNode("c", nil) }},
		{"a build of nothing", `what was to build "c" has built nothing`, func() { quiet().AddNode("c", func(*Env[note]) Node[note] { return nil }) }},
		{"a late node", "AddNode: the world has started", func() {
			w := quiet()
			w.Run(context.Background())
			add(w, "c", hooks{})
		}},

		{"Cores", "New: CPU.Cores = -1: must not be negative", func() { New(Config[note]{CPU: CPU{Cores: -1}}) }},
		{"Message", "New: CPU.Message = -5ns: must not be negative", func() { New(Config[note]{CPU: CPU{Message: -5}}) }},
		{"Operation", "New: CPU.Operation = -5ns: must not be negative", func() { New(Config[note]{CPU: CPU{Operation: -5}}) }},
		{"Ops", "a sends a message with Mail.Ops = -3: must not be negative", func() {
			starts(Config[note]{CPU: CPU{Operation: time.Second}}, func(e *Env[note]) { e.Send(1, Mail{Ops: -3}, note{}) })
		}},
		{"receiver", "a sends a message to node 2: there are 2, from 0", func() { starts(Config[note]{}, func(e *Env[note]) { e.Send(2, Mail{}, note{}) }) }},
		{"Choose", `Choose: "pick" among 0 choices: must be at least 1`, func() { starts(Config[note]{}, func(e *Env[note]) { e.Choose("pick", 0, 0, 0) }) }},

		{"Crash", "Crash: there is no node 2: there are 2, from 0", func() { quiet().Crash(0, 2, ms) }},
		{"Pause", "Pause: there is no node -1: there are 2, from 0", func() { quiet().Pause(0, Nobody, ms) }},
		{"Partition", "Partition: there is no node 7", func() { quiet().Partition(0, []NodeID{0}, []NodeID{1, 7}, false, ms) }},
		{"OnHostOf", "OnHostOf: there is no node 7", func() { add(quiet(), "c", hooks{}, OnHostOf[note](7)) }},
		{"SlowNode", "SlowNode: there is no node 7", func() { quiet().SlowNode(0, 7, 2, ms) }},
		{"SlowDisk", "SlowDisk: there is no node 7", func() { quiet().SlowDisk(0, 7, 2, ms) }},
		{"FullDisk", "FullDisk: there is no node 7", func() { quiet().FullDisk(0, 7, ms) }},
		{"Strike", "Strike: there is no node 7", func() { quiet().Strike(7, Strike{}) }},
		{"SetSkew", "SetSkew: there is no node 7", func() { quiet().SetSkew(7, ms) }},
		{"late SetSkew", "SetSkew: the world has started", func() {
			w := quiet()
			w.Run(context.Background())
			w.SetSkew(0, ms)
		}},
		{"SlowNode by 0", "SlowNode: factor = 0: must be positive", func() { quiet().SlowNode(0, 0, 0, ms) }},
		{"short crash", "Crash: d = -1ms: must not be negative", func() { quiet().Crash(0, 0, -ms) }},
		{"short pause", "Pause: d = -1ms: must not be negative", func() { quiet().Pause(0, 0, -ms) }},
		{"short partition", "Partition: d = -1ms: must not be negative", func() { quiet().Partition(0, []NodeID{0}, []NodeID{1}, false, -ms) }},
		{"short SlowNode", "SlowNode: d = -1ms: must not be negative", func() { quiet().SlowNode(0, 0, 2, -ms) }},
		{"short SlowDisk", "SlowDisk: d = -1ms: must not be negative", func() { quiet().SlowDisk(0, 0, 2, -ms) }},
		{"short FullDisk", "FullDisk: d = -1ms: must not be negative", func() { quiet().FullDisk(0, 0, -ms) }},
		{"SlowDisk by -1", "SlowDisk: factor = -1: must be positive", func() { quiet().SlowDisk(0, 0, -1, ms) }},

		{"Choose of none", `Choose: "pick" among 0 choices: must be at least 1`, func() {
			starts(Config[note]{}, func(e *Env[note]) { e.Choose("pick", 0, 0, 0) })
		}},
		{"World.Choose of less", `Choose: "pick" among -1 choices: must be at least 1`, func() { quiet().Choose("pick", 0, 0, 0, -1) }},
		{"source", "the Source chooses 16 for net/delay a→b #0: there are 16 choices, from 0", func() { starts(Config[note]{Source: outOfRange(16)}, send) }},
		{"negative source", "the Source chooses -1 for net/delay a→b #0", func() { starts(Config[note]{Source: outOfRange(-1)}, send) }},
		{"source of a schedule", "the Source chooses 5 for schedule/next #0: there are 2 choices, from 0", func() {
			starts(Config[note]{Source: outOfRange(5), Schedule: Schedule{Strategy: Exhaustive}}, func(e *Env[note]) { send(e); send(e) })
		}},

		{"Run within a step", "Run: the world is within a step, which calls it itself or has panicked", func() {
			starts(Config[note]{}, func(e *Env[note]) { e.w.Run(context.Background()) })
		}},
		{"Run after a panic", "Run: the world is within a step, which calls it itself or has panicked", func() {
			w := two(Config[note]{}, hooks{start: func(*Env[note]) { panic("broken") }})
			panics(func() { w.Run(context.Background()) })
			w.Run(context.Background())
		}},
		{"Run after Release", "Run: the world has been released", func() {
			w := two(Config[note]{Memory: &Memory[note]{}}, hooks{})
			w.Release()
			w.Run(context.Background())
		}},
		{"Run after Release without a Memory", "Run: the world has been released", func() {
			w := two(Config[note]{}, hooks{})
			w.Release()
			w.Run(context.Background())
		}},
		{"second Release", "Release: the world has been released", func() {
			w := two(Config[note]{Memory: &Memory[note]{}}, hooks{})
			w.Release()
			w.Release()
		}},
	} {
		if got := panics(c.do); !strings.HasPrefix(got, "sim: "+c.want) {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// panics returns what f panics with.
func panics(f func()) (text string) {
	defer func() {
		if r := recover(); r != nil {
			text = fmt.Sprint(r)
		}
	}()
	f()
	return ""
}

// TestBuildNothing: a node whose next life is not built ends the run.
func TestBuildNothing(t *testing.T) {
	w := New(Config[note]{})
	lives := 0
	w.AddNode("a", func(e *Env[note]) Node[note] {
		if lives++; lives > 1 {
			return nil
		}
		return &hooked{e: e}
	})
	w.Crash(Time(ms), 0, ms)
	if got, want := panics(func() { w.Run(t.Context()) }), `sim: what was to build "a" has built nothing`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestNamesReleased: the names of a world are free again in the next one.
func TestNamesReleased(t *testing.T) {
	m := &Memory[note]{}
	for range 2 {
		w := New(Config[note]{Memory: m})
		add(w, "a", hooks{})
		w.Release()
	}
}
