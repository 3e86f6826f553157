package scenarios

import (
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
)

// Two attempts of one transaction are left at a worker by aborts that were lost, share a
// lock and each wait to upgrade it. They are of one age, so that neither is wounded for the
// other by age; what comes later is blocked unless the second asks for the abort of the first.
func TestUpgradesOfOneTransaction(t *testing.T) {
	s := scenarioOf(t, "workers=2", "execution=interactive", "network.delay=1ms", "disk.sync=1ms", "retry.attempts=2",
		`transactions={inline: ["t1 @0s: w1 write b = 1; w0 read a; w0 write a = 1", "t2 @3s: w1 write c = 2; w0 write a = 2"]}`,
		`faults=["delay execute C0→w0 of t1#1 #2 by 80ms", "drop abort C0→w0 of t1#1", "drop abort C0→w0 of t1#2"]`)
	for _, control := range model.Concurrencies() {
		s.Concurrency = control.Name()
		job := openJob(t, s)
		r, err := job.Run(t.Context(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if r.Verdict != analysis.Valid || r.Metrics.Outcomes[model.Committed] == 0 {
			t.Errorf("%s: %s, %v: %v", control.Name(), r.verdict(), r.Metrics.Outcomes, r.Findings)
		}
	}
}
