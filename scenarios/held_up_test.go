package scenarios

import (
	"testing"

	"github.com/seed83d86191/txsim/analysis"
)

// TestHeldUp: between nodes on one host messages keep their order, and what a line delays holds
// up all that are sent behind it, also what is sent again. It is no fault of theirs.
func TestHeldUp(t *testing.T) {
	for _, line := range []string{"delay 1% ack by 20s", "duplicate 1% vote late by 20s"} {
		s := loaded(t, "bank")
		r := runWith(t, s, Options{Seed: 1}, "protocol=presumed-nothing", "transactions=300", "placement=workers", "faults=["+line+"]")
		if r.Verdict != analysis.Valid || r.Struck[0].Times == 0 {
			t.Errorf("%s: %v, %d strikes, %v", line, r.Verdict, r.Struck[0].Times, r.Findings)
		}
	}
}
