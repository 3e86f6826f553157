package fault

import (
	"context"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// TestChanceForgotten: a strike that waits for a boundary is off once its attempt has been
// forgotten, and its room is used again.
func TestChanceForgotten(t *testing.T) {
	const line = "crash workers 0% on prepare for 30ms"
	for limit, want := range map[int]uint64{maxPasses: 1, minPasses: 0} {
		r := newFaultRun(t, 400, line, "slow-disk w3 x3000 at 0s for 10s")
		r.cfg.Clients = 40
		r.cfg.Choices = sim.NewRecorded(nil, []sim.Deviation{
			{Stream: "fault/" + line + " w3", Ordinal: 0, Value: 1},
			{Stream: "fault/" + line + " boundary w3", Ordinal: 0, Value: 4}, // after sync, which comes late
		})
		r.cluster = model.NewCluster(r.cfg)
		r.inject = r.plan.Install(r.cluster, 1, nil)
		r.inject.steps.counts.limit = limit
		if end := r.cluster.Run(context.Background()); end.Status != sim.Quiet {
			t.Fatalf("%+v", end)
		}
		r.struck(t, want)
		st := &r.inject.steps
		if len(st.armed) != 2 || st.free != 1 {
			t.Errorf("limit %d: room for %d, the first that is free is %d", limit, len(st.armed)-1, st.free)
		}
	}
}
