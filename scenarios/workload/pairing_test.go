package workload_test

import (
	"context"
	"slices"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/txfile"
)

// TestPairing runs the same load under every protocol, concurrency control and
// execution: each submits the same transactions, and in an open loop at the
// same times, so that a comparison of two of them is one of pairs.
func TestPairing(t *testing.T) {
	for _, set := range [][]string{
		{"workload={kind: ycsb, distribution: latest, reads: 0.5, inserts: 0.2}"},
		{"workload={kind: ycsb, reads: 0, scans: 0.5, scan: 5}", "arrivals={kind: poisson, rate: 5000/s}"},
		{"workload.kind=smallbank", "arrivals={kind: constant, rate: 5000/s}"},
		{"workload.kind=tpcc", "think=exp(1ms)"},
	} {
		var want []string
		for _, variant := range [][]string{
			{"protocol=presumed-abort"}, {"protocol=presumed-commit"}, {"protocol=presumed-nothing"},
			{"concurrency=no-wait"}, {"execution=interactive"}, {"network.loss=5%"}, {"faults=[crash w3 at 5ms for 50ms]"},
		} {
			got := submitted(t, append(slices.Clone(set), variant...))
			if want == nil {
				want = got
			}
			if !slices.Equal(got, want) {
				t.Errorf("%v: not the transactions of presumed-abort: %s", append(set, variant...), firstDifferent(got, want))
			}
		}
		if len(want) != 150 {
			t.Errorf("%v: %d transactions, want 150", set, len(want))
		}
	}
}

// submitted runs a scenario and returns its transactions as text, in the order
// of their index; those of an open loop with the time they were submitted.
func submitted(t *testing.T, set []string) []string {
	t.Helper()
	s := scenarioOf(t, append(set, "transactions=150")...)
	job, err := s.Open(model.Protocols())
	if err != nil {
		t.Fatal(err)
	}
	r, err := job.Run(context.Background(), scenarios.Options{Seed: 3, Record: true})
	if err != nil {
		t.Fatal(err)
	}
	texts := make([]string, 150)
	for _, e := range r.History.Events {
		if e.Kind == model.Submitted {
			text := string(txfile.AppendText(nil, e.Txn))
			if s.Clients == 0 {
				text = e.At.String() + " " + text
			}
			texts[e.Txn.Index-1] = text
		}
	}
	return texts
}

func firstDifferent(got, want []string) string {
	for i := range got {
		if got[i] != want[i] {
			return got[i] + " instead of " + want[i]
		}
	}
	return "none differs"
}
