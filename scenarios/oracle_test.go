package scenarios_test

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/mutant"
	"github.com/seed83d86191/txsim/sim"
)

var oracleSeeds = flag.Int("oracle-seeds", 4, "seeds of each scenario of the library in TestOraclesAgree")

// TestOraclesAgree runs the library and lets the oracles judge what comes out: the
// black box must refute no run of a sound protocol, and the trial of all orders
// must say what the serialization graph says.
func TestOraclesAgree(t *testing.T) {
	t.Parallel()
	runs, brute := 0, 0
	for _, entry := range scenarios.Library() {
		for seed := range uint64(*oracleSeeds) {
			for _, n := range []int{12, 150} {
				s := loaded(t, entry.Name)
				if s.Transactions.File == "" {
					setTo(t, s, "transactions", fmt.Sprint(n))
					setTo(t, s, "workload.keys", "30")
				}
				if s.Workload.MostWorkers() > 16 { // nothing over so many commits in a swarm
					setTo(t, s, "workers", "8")
					setTo(t, s, "limits.time", "5h")
				}
				if w := s.Workload; w.Kind == "ycsb" && w.Reads <= sim.ProbabilityOf(0.5) && w.Updates+w.Inserts == 0 {
					setTo(t, s, "workload.deletes", "0.1")
				}
				r := oracleRun(t, s, model.Protocols(), seed)
				if r.Disagreement != nil {
					t.Fatalf("%s, seed %d, %d transactions: %v\n%s", entry.Name, seed, n, r.Disagreement, strings.Join(r.Disagreement.Records, "\n"))
				}
				if r.Verdict != analysis.Valid {
					t.Fatalf("%s, seed %d: %v", entry.Name, seed, r.Findings)
				}
				runs++
				if analysis.BruteForce(r.History).Verdict == analysis.Valid {
					brute++
				}
			}
		}
	}
	t.Logf("%d runs, %d of them tiny", runs, brute)
	if brute < runs/5 {
		t.Errorf("%d of %d runs were tiny enough for all orders", brute, runs)
	}
}

func setTo(t *testing.T, s *scenarios.Scenario, path, value string) {
	t.Helper()
	if err := s.Set(path, value); err != nil {
		t.Fatal(err)
	}
}

func oracleRun(t *testing.T, s *scenarios.Scenario, protocols []model.Protocol, seed uint64) *scenarios.Result {
	t.Helper()
	j := open(t, s, protocols...)
	r, err := j.Run(context.Background(), scenarios.Options{Seed: seed, Oracles: &analysis.Judges{}, Swarm: seed%2 == 1})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestOraclesSeeMutants lets the black box judge runs of mutants whose clients can
// notice. It must never be alone with a refutation.
func TestOraclesSeeMutants(t *testing.T) {
	t.Parallel()
	const seeds = 5
	seen := 0
	for _, m := range mutant.All() {
		switch m.Expect[0] {
		case analysis.InvOwnWrites, analysis.InvCommittedReads, analysis.InvStrictSerializability:
		default:
			continue
		}
		white, black := 0, 0
		for seed := range uint64(seeds) {
			r := oracleRun(t, m.Scenario(), []model.Protocol{m.Protocol}, seed*2)
			if r.Disagreement != nil {
				t.Errorf("%s, seed %d: %v", m.Name, seed*2, r.Disagreement)
			}
			if r.Verdict == analysis.Invalid {
				white++
			}
			if analysis.BlackBox(r.History.Events) != nil {
				black++
			}
		}
		t.Logf("%s: %d of %d runs are invalid, the black box refutes %d", m.Name, white, seeds, black)
		seen += min(black, 1)
	}
	if seen < 4 {
		t.Errorf("the black box refutes runs of %d mutants only", seen)
	}
}

// TestOraclesInterrupted: a run that is interrupted is not judged any further.
func TestOraclesInterrupted(t *testing.T) {
	t.Parallel()
	job, err := loaded(t, "bank").Open(model.Protocols())
	if err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	judges := analysis.Judges{Black: func([]model.Event) *analysis.Finding { return &analysis.Finding{} }}
	r, err := job.Run(ctx, scenarios.Options{Oracles: &judges})
	if err != nil || r.End.Status != sim.Interrupted || r.Disagreement != nil {
		t.Errorf("%v: %+v, %v", err, r.End, r.Disagreement)
	}
}
