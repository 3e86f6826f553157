package workload_test

import (
	"fmt"

	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/scenarios/txfile"
	"github.com/seed83d86191/txsim/scenarios/workload"
)

// Two transfers in an open loop.
func Example() {
	transfers := workload.Parameters{Kind: "bank", Distribution: "default", Keys: 100, Operations: 4, Workers: 2}
	clock := workload.NewClock(&workload.Arrivals{Kind: "constant", Rate: quantity.Rate(1000)}, 1)
	source := workload.New(&transfers, workload.Size{Workers: 10, Coordinators: 1, Transactions: 2}, clock, 1)
	for {
		t, err := source.Next()
		if t == nil || err != nil {
			break
		}
		fmt.Printf("%s\n", txfile.AppendText(nil, t))
	}
	// Output:
	// t1 @1ms: w7 read acct/3; w8 read acct/69; w7 write acct/3 = v1.2; w8 write acct/69 = v1.3
	// t2 @2ms: w9 read acct/37; w2 read acct/33; w9 write acct/37 = v2.2; w2 write acct/33 = v2.3
}
