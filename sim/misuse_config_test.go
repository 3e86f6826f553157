package sim

import (
	"strings"
	"testing"
)

// TestMisusedConfig: what cannot be is refused where it is given.
func TestMisusedConfig(t *testing.T) {
	for want, misuse := range map[string]func(){
		"sim: New: Schedule.Strategy = 77":                 func() { New(Config[note]{Schedule: Schedule{Strategy: 77}}) },
		"sim: New: Schedule.Depth = 0":                     func() { New(Config[note]{Schedule: Schedule{Strategy: PCT}}) },
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
