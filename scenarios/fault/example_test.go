package fault_test

import (
	"fmt"

	"github.com/seed83d86191/txsim/scenarios/fault"
)

func Example() {
	plan, err := fault.ParsePlan([]string{
		"crash  w3 after send vote #2 for 0.2s",
		"drop 0.010 commit C0 -> w9",
		"crash workers 2% on prepare for exp(200ms)",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, line := range plan.Lines() {
		fmt.Println(line)
	}
	fmt.Println(plan.Validate(9, 1))
	_, err = fault.ParsePlan([]string{"crash w3 after sending vote #2 for 200ms"})
	fmt.Println(err)
	// Output:
	// crash w3 after send vote #2 for 200ms
	// drop 0.01 commit C0→w9
	// crash workers 2% on prepare for exp(200ms)
	// faults[1]: column 25: there is no w9: there are w0 to w8
	// faults[0]: column 16: unknown action "sending": expected one of send, receive, append, sync, checkpoint, truncate, recover, lock, apply, redo
}
