package scenarios

import (
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// A worker that is told again what to do faster than it can do it is ever slower, and no
// protocol is to blame: the run is not stuck, but ends at a limit.
func TestOverloadIsNotStuck(t *testing.T) {
	s := scenarioOf(t, "workers=3", "coordinators=2", "clients=16", "transactions=120", "protocol=presumed-nothing",
		"workload={kind: zipf, theta: 0.5, keys: 40, operations: 8, workers: 1, reads: 0.9, deletes: 0, value: 0}",
		"cpu={cores: 1, message: 5us, operation: 1ms}", "network.delay=1us", "disk.sync=10us", "timeouts.prepare=5ms")
	job, err := s.Open(model.Protocols(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r, err := job.Run(t.Context(), Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if r.Verdict != analysis.Undecided || r.End.Stuck || r.End.Status != sim.TimeLimit {
		t.Errorf("verdict %v, %+v, %v", r.Verdict, r.End, r.Findings)
	}
}

// A request of a client is sent once, and may be on its way for longer than anything that
// nodes wait for: no protocol is to blame for that either.
func TestLongFlightIsNotStuck(t *testing.T) {
	for _, clients := range []string{"clients=1", "clients=4"} { // others are to come meanwhile, or all that are left wait
		for seed := range uint64(40) {
			r := runWith(t, Default(), Options{Seed: seed}, clients, "transactions=60", "placement=separate",
				"network.delay=pareto(300us, 0.7)", "limits.stuck=5s")
			if r.End.Stuck || len(r.Findings) > 0 {
				t.Errorf("%s, seed %d: %v, %+v, %v", clients, seed, r.Verdict, r.End, r.Findings)
			}
		}
	}
}

// Faults that have no end go on however rarely transactions come: nothing has stopped while
// none is open.
func TestFaultsOutlastPauses(t *testing.T) {
	r := runWith(t, Default(), Options{Seed: 1}, "transactions=20", "arrivals={kind: constant, rate: 0.05/s}", "network.loss=20%")
	if lost := r.Stats.Lost[sim.LostByChance]; r.Verdict != analysis.Valid || lost < 40 {
		t.Errorf("%v, %d messages lost", r.Verdict, lost)
	}
}
