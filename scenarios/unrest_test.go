package scenarios

import (
	"context"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// TestChain prints what waits for what.
func TestChain(t *testing.T) {
	f := &model.Formatter{Coordinators: 2, Workers: 9}
	at := func(node sim.NodeID, txn uint64, state string) model.Residue {
		return model.Residue{Node: node, State: state, Attempt: model.Attempt{Txn: txn, Try: 1}}
	}
	for want, why := range map[string][]model.Residue{
		"leaked": {at(2, 1, "leaked")},
		"in doubt, awaiting C0, which has nothing open about it":                      {at(2, 1, "in doubt"), at(0, 1, model.StateNothing)},
		"in doubt, awaiting C0 [waits for acks], awaiting w3, which is dead for good": {at(2, 1, "in doubt"), at(0, 1, "waits for acks"), at(5, 1, model.StateDead)},
		"waits for a lock on k, behind t2 [in doubt], awaiting C1 [deciding], in a circle": {at(2, 1, "waits for a lock on k"), at(2, 2, "in doubt"),
			at(1, 2, "deciding"), at(2, 2, model.StateCircle)},
	} {
		if got := chain(f, why); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestBlocked accounts for what a coordinator that is dead for good leaves in
// doubt, what stands behind that, and what waits for a dead worker.
func TestBlocked(t *testing.T) {
	s := Default()
	if err := s.Apply("workers=4", "coordinators=2", "clients=6", "transactions=100", "workload.keys=2", "workload.operations=4",
		"timeouts.prepare=never", "concurrency=wound-wait", "faults=[crash C1 at 20ms forever, crash w3 at 60ms forever]"); err != nil {
		t.Fatal(err)
	}
	job := openJob(t, s)
	sum := map[string]Blocked{}
	for seed := range uint64(20) {
		r, err := job.Run(context.Background(), Options{Seed: seed})
		if err != nil || r.Verdict != analysis.Valid {
			t.Fatal(err, r.Verdict, r.Findings)
		}
		things := 0
		for _, b := range r.Blocked {
			things += b.InDoubt + b.Behind + b.Other
			got := sum[b.Node]
			got.InDoubt, got.Locks, got.Behind, got.Other = got.InDoubt+b.InDoubt, got.Locks+b.Locks, got.Behind+b.Behind, got.Other+b.Other
			sum[b.Node] = got
		}
		if things != len(r.Excused) {
			t.Errorf("seed %d: %v accounts for %d things of %d", seed, r.Blocked, things, len(r.Excused))
		}
	}
	c1, w3 := sum["C1"], sum["w3"]
	if len(sum) != 2 || c1.InDoubt == 0 || c1.Locks < c1.InDoubt || c1.Behind == 0 || w3.Other == 0 {
		t.Errorf("%+v", sum)
	}
	if got := (Blocked{"C1", 3, 5, 1, 0}).String(); got != "C1: 3 in doubt, 5 locks held, 1 waiting behind them" {
		t.Error(got)
	}
}
