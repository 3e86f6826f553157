package scenarios_test

import (
	"context"
	"fmt"

	"github.com/seed83d86191/txsim/model/plain"
	"github.com/seed83d86191/txsim/scenarios"
)

// Run a protocol of one's own, made from scratch: package plain is one.
func ExampleScenario_Using() {
	s := scenarios.Small().Using(plain.Protocol{})
	s.Faults = []string{"drop 5% prepare", "crash workers 10% on prepare for exp(20ms)", "crash coordinators 10% on commit for exp(20ms)"}
	job, err := s.Open(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer job.Close()
	for seed := range uint64(3) {
		r, err := job.Run(context.Background(), scenarios.Options{Seed: seed})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("seed %d: %s, %d of %d committed, %d crashes\n", seed, r.Verdict, r.Metrics.Committed(), r.Metrics.Submitted, r.Stats.Crashes)
	}
	// Output:
	// seed 0: valid, 12 of 12 committed, 7 crashes
	// seed 1: valid, 12 of 12 committed, 3 crashes
	// seed 2: valid, 12 of 12 committed, 5 crashes
}
