package sim_test

import (
	"slices"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// TestRecoveryWith: a recovery of other records yields these, in their order,
// and survives being checked like any log.
func TestRecoveryWith(t *testing.T) {
	want := []sim.LogRecord{{Kind: 3, Label: 7, Data: []byte("abc")}, {Kind: 1, Label: 9}, {Kind: 3, Label: 7, Data: []byte("abc")}}
	r := sim.NewRecovery([]byte("state"), nil, 100).With(slices.Values(want))
	r = r.With(r.Records())
	at, n := sim.LSN(100), 0
	for rec := range r.Records() {
		w := want[n]
		if rec.Kind != w.Kind || rec.Label != w.Label || string(rec.Data) != string(w.Data) || rec.LSN != at {
			t.Errorf("record %d is %+v at %d, expected %+v at %d", n, rec, rec.LSN, w, at)
		}
		at, n = rec.End(), n+1
	}
	if n != len(want) || string(r.Checkpoint) != "state" {
		t.Errorf("%d records and checkpoint %q", n, r.Checkpoint)
	}
}

// TestEmptyCheckpoint: a checkpoint takes the place of the log also if it is empty or
// nil, and that is what recovery is shown.
func TestEmptyCheckpoint(t *testing.T) {
	for _, state := range [][]byte{nil, {}} {
		w := sim.New(sim.Config[int]{})
		n := &checkpointing{state: state}
		w.AddNode("a", func(e *sim.Env[int]) sim.Node[int] { n.e = e; return n })
		w.Crash(sim.Time(time.Second), 0, time.Second)
		w.Run(t.Context())
		if n.shown == nil || (n.shown.Checkpoint == nil) != (state == nil) || len(n.shown.Checkpoint) > 0 {
			t.Fatalf("%#v: recovery is shown %+v", state, n.shown)
		}
		for r := range n.shown.Records() {
			t.Errorf("%#v: record %d is left", state, r.Kind)
		}
	}
}

// checkpointing is a node that takes a checkpoint behind its only record.
type checkpointing struct {
	e     *sim.Env[int]
	state []byte
	shown *sim.Recovery
}

func (n *checkpointing) Start()                             { n.e.Append(1, 0, nil); n.e.Checkpoint(n.state) }
func (n *checkpointing) Recover(log sim.Recovery)           { n.shown = &log }
func (n *checkpointing) Receive(sim.NodeID, sim.Mail, *int) {}
func (n *checkpointing) Fired(uint64)                       {}
func (n *checkpointing) Synced(sim.LSN)                     {}
