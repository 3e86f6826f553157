package scenarios_test

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/sim"
)

// TestLedgerAddsUp runs through random faults: what the ledger charges is all
// the time in doubt, and each class of faults puts someone there.
func TestLedgerAddsUp(t *testing.T) {
	t.Parallel()
	causes := map[string]bool{}
	for seed := range uint64(60) {
		s := chaos(t, rand.New(rand.NewPCG(seed, 77)), model.Concurrencies()[seed%3], model.OneShot)
		r := runPlant(t, s, seed, model.Protocols()[seed%uint64(len(model.Protocols()))])
		l := &r.Ledger
		sum := l.Sum()
		if parts := sum.Parts + l.Latency.Parts; parts != r.InDoubt.Parts || sum.Open != r.InDoubt.Open {
			t.Errorf("seed %d: %d parts are charged of %d", seed, parts, r.InDoubt.Parts)
		}
		if total := sum.Total + l.Latency.Total; total != r.InDoubt.Total {
			t.Errorf("seed %d: %v is charged of %v", seed, total, r.InDoubt.Total)
		}
		if l.Latency.Open > 0 {
			t.Errorf("seed %d: %d parts are in doubt to the end for no reason", seed, l.Latency.Open)
		}
		if s.Faults == nil && s.Network.Loss == 0 && len(l.Faults) > 0 {
			t.Errorf("seed %d: without faults, %+v", seed, l.Faults)
		}
		for _, e := range l.Faults {
			word, _, _ := strings.Cut(e.Fault, " of")
			if strings.HasPrefix(word, "partition ") {
				word = "partition"
			}
			causes[word] = true
			causes["blocked"] = causes["blocked"] || e.Blocked > 0
			causes["open"] = causes["open"] || e.Open > 0
		}
	}
	for _, want := range []string{"crash", "pause", "partition", "messages lost by chance", "messages dropped", "blocked", "open"} {
		if !causes[want] {
			t.Errorf("%q never shows: %v", want, causes)
		}
	}
}

// TestLedgerOfOneCrash has one crash of the coordinator at its first decision.
func TestLedgerOfOneCrash(t *testing.T) {
	s := scenarios.Default()
	if err := s.Apply("workers=3", "coordinators=1", "clients=1", "transactions=3", "workload.workers=3", "workload.operations=3",
		"workload.reads=0", "network.delay=1ms", "disk.sync=2ms", "timeouts.decision=10s", `faults=["crash C0 after sync commit #1 for 50ms"]`); err != nil {
		t.Fatal(err)
	}
	r := runPlant(t, s, 1, model.Protocols()[0])
	if r.Verdict != analysis.Valid || len(r.Ledger.Faults) != 1 {
		t.Fatalf("%v %v %+v", r.Verdict, r.Findings, r.Ledger)
	}
	// The YES votes leave at 4 ms, the decision is durable at 7 ms, and after the
	// restart at 57 ms COMMIT takes 1 ms.
	e, down := r.Ledger.Faults[0], r.Ledger.Recovery()
	const doubt = 55 * time.Millisecond
	if e.Fault != "crash of C0" || e.Parts != 3 || e.Max > doubt || e.Max < doubt-5*time.Millisecond || e.Total != 3*e.Max || e.Locked < e.Total {
		t.Errorf("%+v", e)
	}
	if r.Ledger.Latency.Parts != 6 || down.Times != 1 || down.Total != 50*time.Millisecond {
		t.Errorf("%+v, %+v", r.Ledger.Latency, down)
	}
	table := r.Table().String()
	if want := "due to faults    crash of C0 at "; !strings.Contains(table, want) {
		t.Errorf("no %q in\n%s", want, table)
	}
	if got := r.Summary(); len(got.Doubts) != 2 || got.Doubts[0].Fault != "crash of C0" || got.Doubts[0].At == nil || len(got.Downtimes) != 1 {
		t.Errorf("%+v %+v", got.Doubts, got.Downtimes)
	}
}

// TestLedgerOfTwoPartitions has one partition that loses messages, and a later one
// that has nothing to lose.
func TestLedgerOfTwoPartitions(t *testing.T) {
	s := scenarios.Default()
	if err := s.Apply("workers=4", "coordinators=1", "clients=1", "network.delay=500us", "disk.sync=1ms", "until=400ms",
		`transactions.inline=["t1: w0 write x = 1; w1 write y = 1"]`,
		`faults=["partition w0 | C0 at 2ms for 300ms", "partition w2 w3 -> * at 2100us for 10s"]`); err != nil {
		t.Fatal(err)
	}
	r := runPlant(t, s, 1, model.Protocols()[0])
	if l := r.Ledger.Faults; r.Stats.Lost[sim.LostByPartition] == 0 || len(l) != 1 || l[0].Fault != "partition w0 | C0" || l[0].At != sim.Time(2*time.Millisecond) {
		t.Errorf("%+v", r.Ledger)
	}
}

// TestLedgerRefusedBefore has t2 refused because of t1, by a record that is forced:
// before the worker votes on t1, though t2 hears of it later, or when w0 is in doubt.
func TestLedgerRefusedBefore(t *testing.T) {
	for at, want := range map[string]uint64{"100us": 0, "50ms": 1} {
		s := scenarios.Default()
		if err := s.Apply("workers=2", "coordinators=2", "clients=2", "concurrency=no-wait", "network.delay=500us", "disk.sync=1ms",
			"until=1s", "retry={attempts: 3, backoff: 5s, cap: 5s}", `faults=["crash C0 before send commit #1 for 300ms"]`,
			`transactions.inline=["t1 @0ms: w0 write x = 1; w1 write y = 1", "t2 @`+at+`: w0 write x = 2"]`); err != nil {
			t.Fatal(err)
		}
		r := runPlant(t, s, 1, model.Protocols()[1])
		if l := r.Ledger; len(l.Faults) != 1 || l.Faults[0].Parts != 2 || l.Faults[0].Blocked != want {
			t.Errorf("%s: %+v", at, l)
		}
	}
}

// TestStillInDoubt: votes that a dead coordinator leaves in doubt count up to the end, in the
// summary, for programs and in the figure; so does a doubt that a crash has renewed.
func TestStillInDoubt(t *testing.T) {
	const two = `transactions.inline=["t1 @0ms: w0 write x = 1; w1 write y = 1", "t2 @519ms: w0 write x = 2; w1 write y = 2"]`
	for _, c := range []struct {
		fault string
		open  uint64
	}{{"crash C0 after receive vote #2 forever", 2}, {"crash w0 after receive commit #1 for 500ms", 0}} {
		s := scenarios.Default()
		if err := s.Apply("workers=2", "coordinators=1", "network.delay=5ms", two, `faults=["`+c.fault+`"]`); err != nil {
			t.Fatal(err)
		}
		r := runPlant(t, s, 1, model.Protocols()[0])
		sum := r.Ledger.Sum()
		if d := r.InDoubt; d.Open != c.open || sum.Parts == 0 || sum.Blocked == 0 && c.open == 0 || d.Max != sum.Max || d.Max < 500*time.Millisecond || r.Summary().StillDoubt != c.open {
			t.Errorf("%s: %+v, of faults %+v", c.fault, d, sum)
		}
		if said := strings.Contains(r.Table().String(), "2 still in doubt at the end, "); said != (c.open > 0) {
			t.Errorf("%s: said %t", c.fault, said)
		}
	}
}

// TestLedgerNamesAll: faults that the trace has no record of are charged too, and the votes
// that were in doubt longest have names.
func TestLedgerNamesAll(t *testing.T) {
	for fault, by := range map[string]string{ // any order: each is a run of its own
		"delay commit C0→w0 #1 by 300ms":     "delay commit C0→w0 #1 by 300ms",
		"delay 100% commit by 300ms":         "delay 100% commit by 300ms",
		"slow-disk C0 x300 at 2ms for 500ms": "slow-disk C0 x300 at 2ms for 500ms at 0.002000000",
		"slow C0 x10000 at 2ms for 500ms":    "slow C0 x10000 at 2ms for 500ms at 0.002000000",
	} {
		s := scenarios.Default()
		if err := s.Apply("workers=2", "coordinators=1", "until=1s", `transactions.inline=["one: w0 write x = 1; w1 write y = 1"]`, `faults=["`+fault+`"]`); err != nil {
			t.Fatal(err)
		}
		r := runPlant(t, s, 1, model.Protocols()[0])
		l := &r.Ledger
		if len(l.Faults) != 1 || l.Faults[0].Max < 90*time.Millisecond || !strings.Contains(r.Table().String(), by+": ") {
			t.Errorf("%s: %+v", fault, l)
			continue
		}
		if v := l.Longest[0]; v.Attempt.Txn != 1 || v.Worker < 1 || v.Fault != fault || v.For != l.Faults[0].Max || !strings.Contains(r.LedgerText(), " one ") {
			t.Errorf("%s: %+v\n%s", fault, l.Longest, r.LedgerText())
		}
	}
}
