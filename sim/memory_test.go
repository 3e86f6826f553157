package sim

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"testing"
)

// TestMemory: a world in the memory of others runs as one in its own, also where
// those were given up with events, held ones and unsynced records on their way.
func TestMemory(t *testing.T) {
	run := func(m *Memory[note], seed uint64) []string {
		tape := &tape{}
		w := New(Config[note]{
			Seed: seed, Memory: m, Tracer: tape, Network: Network{Links: []Link{{Delay: dist(t, "exp(1ms)"), Session: seed%2 == 0}}, Share: true},
			Disk: Disk{Sync: dist(t, "exp(1ms)"), Torn: ProbabilityOf(0.5)}, CPU: CPU{Cores: 1, Message: 100 * us},
			Limits: Limits{Events: 500 * (1 + seed%3)}, // it never ends by itself
		})
		tape.w = w
		n := NodeID(2 + seed%5)
		for id := range n {
			next := (id + 1) % n
			serve := func(e *Env[note], label Label) {
				e.SetTimer(ms, uint64(label))
				e.Send(next, Mail{Kind: 1, Label: label}, note{n: int(label)})
				e.Append(2, label, []byte{byte(label)})
				e.Sync()
			}
			add(w, fmt.Sprint(id), hooks{
				start:   func(e *Env[note]) { serve(e, Label(id)) },
				receive: func(e *Env[note], _ NodeID, mail Mail, _ *note) { serve(e, mail.Label+1) },
				recover: func(e *Env[note], log Recovery) {
					for rec := range log.Records() {
						e.Note(Mail{Kind: rec.Kind, Label: rec.Label}, &note{})
					}
					serve(e, 1)
				},
			})
		}
		for id := range n {
			w.Crash(Time(ms)*Time(1+id), id, ms)
			w.Pause(Time(ms)*Time(3+id), (id+1)%n, 5*ms)
		}
		if status := w.Run(context.Background()); status != EventLimit {
			t.Fatal(status)
		}
		w.Release()
		return tape.lines
	}
	m := &Memory[note]{}
	for seed := range uint64(40) {
		if own, used := run(nil, seed), run(m, seed); !slices.Equal(own, used) {
			t.Fatalf("seed %d: the traces differ", seed)
		}
		if len(m.events) == 0 || cap(m.nodes) == 0 {
			t.Fatal("nothing is left of the world")
		}
	}
}

// TestSmallAfterLarge: a large world leaves its room to all worlds after it, and small ones
// neither copy nor lose it.
func TestSmallAfterLarge(t *testing.T) {
	m := &Memory[note]{}
	run := func(n int) {
		w := New(Config[note]{Memory: m})
		for id := range n {
			add(w, fmt.Sprint(id), hooks{})
		}
		w.Release()
	}
	bytes := func(n int) uint64 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		run(n)
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	const many, few = 10000, 3
	made := bytes(many)
	again := bytes(many)
	if small := bytes(few); small > 5*many {
		t.Errorf("a world of %d nodes takes %d bytes after one of %d", few, small, many)
	}
	if large := bytes(many); large > again+again/10 || large > made/4 {
		t.Errorf("a world of %d nodes takes %d bytes after a small one, %d after one of its size, %d at first", many, large, again, made)
	}
}
