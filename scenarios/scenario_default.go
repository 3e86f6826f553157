package scenarios

import (
	"sync"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/scenarios/workload"
	"github.com/seed83d86191/txsim/sim"
)

const defaultClients = 8

// defaults holds the scenario that Default copies: its distributions have
// tables, which take a while to build.
var defaults = sync.OnceValue(func() *Scenario {
	return &Scenario{
		Workers:      10,
		Coordinators: 1,
		Protocol:     "presumed-abort",
		Concurrency:  "wait-die",
		Execution:    model.OneShot,
		Isolation:    promised,
		Clients:      defaultClients,
		Arrivals:     workload.Arrivals{Kind: "none", Rate: 1000},
		Transactions: Transactions{Count: 1000},
		Workload: workload.Parameters{
			Kind: "uniform", Theta: 0.9, Keys: 1000, Operations: 4, Workers: 2, Reads: sim.ProbabilityOf(0.5),
			Distribution: "default", Hot: sim.ProbabilityOf(0.2), Heat: sim.ProbabilityOf(0.8), Order: "ordered", // as in YCSB
			Scan: 100, Lengths: "uniform",
			Warehouses: 1, Remote: sim.ProbabilityOf(0.01), Away: sim.ProbabilityOf(0.15), // as in TPC-C
		},
		Network: Network{Delay: quantity.MustDist("lognormal(500us, 0.4)"), Packets: true},
		Disk:    Disk{Sync: quantity.MustDist("lognormal(1ms, 0.3)"), Torn: sim.ProbabilityOf(0.1), Checkpoint: 32 << 10},
		CPU:     CPU{Cores: 1},
		Timeouts: Timeouts{
			Prepare: 50 * time.Millisecond, Decision: 100 * time.Millisecond,
			Idle: time.Second, Answer: 200 * time.Millisecond,
		},
		Retry:  Retry{Attempts: 10, Backoff: 5 * time.Millisecond, Cap: 500 * time.Millisecond},
		Limits: Limits{Time: 10 * time.Minute, Events: 1e9, Pending: 1e7, Faults: sim.Forever},
		Seed:   1,
		Chance: "seeded",
	}
})

// Default returns a new scenario with every parameter at its default.
func Default() *Scenario { return defaults().Clone() }
