package scenarios

import (
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// syncClock times the syncs of a run by node and by label and kind of the first record.
type syncClock struct {
	from sim.Time // those that begin before are left out
	open map[sim.NodeID]*openSync
	took map[syncOf]time.Duration
}

type syncOf struct {
	node  sim.NodeID
	label sim.Label
	kind  sim.Kind
}

// openSync is what a node's next sync, or the running one, covers.
type openSync struct {
	waiting []syncOf
	running syncOf
	began   sim.Time
}

// Trace implements sim.Tracer.
func (c *syncClock) Trace(r *sim.Record[model.Message]) {
	o := c.open[r.Node]
	if o == nil {
		o = &openSync{}
		c.open[r.Node] = o
	}
	switch r.Op {
	case sim.TraceAppend:
		o.waiting = append(o.waiting, syncOf{r.Node, r.Label, r.Kind})
	case sim.TraceSync:
		if o.running, o.began = (syncOf{}), r.At; len(o.waiting) > 0 {
			o.running, o.waiting = o.waiting[0], nil
		}
	case sim.TraceSynced:
		if o.began >= c.from && o.running != (syncOf{}) { // it is if only a checkpoint was written
			c.took[o.running] = r.At.Sub(o.began)
		}
	}
}

// TestSlowDiskMovesNoDraws: a slow disk moves no sync behind it that the run without it
// has, too. The transactions arrive by themselves, so that they are the same ones.
func TestSlowDiskMovesNoDraws(t *testing.T) {
	t.Parallel()
	run := func(faults string) *syncClock {
		s := scenarioOf(t, "arrivals={kind: poisson, rate: 500/s}", "transactions=1000", "faults="+faults)
		c := &syncClock{from: sim.Time(time.Second), open: map[sim.NodeID]*openSync{}, took: map[syncOf]time.Duration{}}
		runWith(t, s, Options{Seed: 1, Tracer: c})
		return c
	}
	without, with := run(`[]`), run(`["slow-disk workers x20 at 500ms for 100ms"]`)
	common, moved := 0, 0
	for of, took := range with.took { // in any order
		if before, ok := without.took[of]; ok {
			if common++; before != took {
				moved++
			}
		}
	}
	if all := len(without.took); all < 2000 || common < all*99/100 || moved > 0 {
		t.Errorf("of %d syncs %d are common to both, and %d of these have moved", all, common, moved)
	}
}
