package scenarios_test

import (
	"context"
	"fmt"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
)

// Run a scenario of the library under another protocol and with a fault.
func Example() {
	s, err := scenarios.Load("orders")
	if err != nil {
		fmt.Println(err)
		return
	}
	for path, value := range map[string]string{
		"protocol": "presumed-commit",
		"faults":   `["crash w1 at 10ms for 50ms"]`,
	} {
		if err := s.Set(path, value); err != nil {
			fmt.Println(err)
			return
		}
	}
	job, err := s.Open(model.Protocols())
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
		fmt.Printf("seed %d: %s, %d of %d committed\n", seed, r.Verdict, r.Metrics.Committed(), r.Metrics.Submitted)
	}
	// Output:
	// seed 0: valid, 35 of 35 committed
	// seed 1: valid, 35 of 35 committed
	// seed 2: valid, 35 of 35 committed
}
