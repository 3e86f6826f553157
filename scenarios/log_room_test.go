package scenarios

import (
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// leastRoom is how much room the log devices of coordinators and workers had at least.
type leastRoom struct {
	cluster              *model.Cluster
	coordinator, workers int64
}

func (l *leastRoom) Trace(r *sim.Record[model.Message]) {
	if r.Op != sim.TraceAppend {
		return
	}
	room := &l.workers
	if int(r.Node) < len(l.cluster.Coordinators) {
		room = &l.coordinator
	}
	*room = min(*room, l.cluster.World.LogRoom(r.Node))
}

// TestLogRoom: no log outgrows its device, but for the records of refusals under presumed
// commit, and then some transactions still commit.
func TestLogRoom(t *testing.T) {
	for _, capacity := range []string{"1KiB", "2KiB", "4KiB"} {
		for _, p := range model.Protocols() {
			for _, faults := range []string{"[]", `["crash coordinators rate 20/s for 5ms"]`} {
				s := scenarioOf(t, "transactions=200", "workers=3", "coordinators=2", "clients=12", "workload.operations=6", "workload.workers=3",
					"protocol="+p.Name(), "disk.capacity="+capacity, "faults="+faults)
				job := openJob(t, s)
				var least leastRoom
				r, err := job.Run(t.Context(), Options{Seed: 1, Tracer: &least, attach: func(c *model.Cluster, _ sim.Injector) { least.cluster = c }})
				if err != nil {
					t.Fatal(err)
				}
				slack := int64(0)
				if p.Name() == "presumed-commit" {
					slack = 128
				}
				if least.coordinator < 0 || least.workers < -slack || r.Verdict != analysis.Valid || r.Metrics.Committed() == 0 || r.Metrics.Refused[model.Full] == 0 {
					t.Errorf("%s, %s, faults %s: room %+v, %s, %d committed, %d refused: %v", p.Name(), capacity, faults, least, r.Verdict, r.Metrics.Committed(), r.Metrics.Refused[model.Full], r.Findings)
				}
			}
		}
	}
}
