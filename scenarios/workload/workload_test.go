package workload_test

import (
	"fmt"
	"hash/fnv"
	"math"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/txfile"
	"github.com/seed83d86191/txsim/scenarios/workload"
	"github.com/seed83d86191/txsim/sim"
)

// generate returns the first n transactions of the default scenario with some
// parameters set.
func generate(t testing.TB, seed uint64, n int, set ...string) []*model.Transaction {
	t.Helper()
	s := scenarioOf(t, append([]string{fmt.Sprintf("transactions=%d", n)}, set...)...)
	g := source(t, s, seed)
	var txs []*model.Transaction
	for {
		tx, err := g.Next()
		if err != nil {
			t.Fatal(err)
		}
		if tx == nil {
			return txs
		}
		txs = append(txs, tx)
	}
}

// source is where the transactions of a run of the scenario come from.
func source(t testing.TB, s *scenarios.Scenario, seed uint64) model.Source {
	t.Helper()
	job, err := s.Open(model.Protocols())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { job.Close() })
	return job.Config(seed).Source
}

// scenarioOf returns the default scenario with some parameters set.
func scenarioOf(t testing.TB, set ...string) *scenarios.Scenario {
	t.Helper()
	s := scenarios.Default()
	if err := s.Apply(set...); err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestGolden pins the first 10,000 transactions of each kind: a seed
// gives the same ones for ever, on every machine. If one must change, say so in
// the release notes.
func TestGolden(t *testing.T) {
	for _, c := range []struct {
		set  []string
		want uint64
	}{
		{[]string{"workload.kind=uniform"}, 0xf696aad4f6b9cd31},
		{[]string{"workload.kind=zipf", "workload.deletes=0.2"}, 0xa7e7d0477549c6d2},
		{[]string{"workload.kind=ycsb", "workload.operations=10", "workload.workers=4", "workload.value=20"}, 0xd85b6ddf7c0da07a},
		{[]string{"workload.kind=bank"}, 0x08b9d809f3a59753},
		{[]string{"workload.kind=hot-key"}, 0xabf1bb8a551220ad},
		{[]string{"workload={kind: ycsb, distribution: latest, theta: 0.99, reads: 0.5, updates: 0.2, inserts: 0.1, order: hashed}"}, 0xd7f517872e7ef2dd},
		{[]string{"workload={kind: ycsb, distribution: hotspot, reads: 0.5, scans: 0.2, scan: 9, lengths: zipf, local: true}"}, 0xd8cf4d1461812c34},
		{[]string{"workload.kind=smallbank"}, 0x31c8de6aa5e9d43c},
		{[]string{"workload.kind=tpcc", "workload.warehouses=2"}, 0x20844538ab9e6e3e},
		{[]string{"workload={kind: zipf, operations: 10, workers: any, local: true}", "coordinators=10"}, 0x01b6ba9bdf423a65},
		{[]string{"workload={kind: ycsb, distribution: scrambled, theta: 0.99, reads: 0.5, inserts: 0.1, workers: any, global: true, order: hashed}"}, 0x32fcc8aa5dd6de1f},
		{[]string{"arrivals.kind=poisson"}, 0xe452371e83a01706},
		{[]string{"arrivals.kind=constant", "arrivals.rate=3/ms"}, 0x0383da9056d39a74},
	} {
		h := fnv.New64a()
		for _, tx := range generate(t, 1, 10000, c.set...) {
			h.Write(append(txfile.AppendText(nil, tx), '\n'))
		}
		if got := h.Sum64(); got != c.want {
			t.Errorf("%v: hash %#x, want %#x", c.set, got, c.want)
		}
	}
}

// TestText shows what each kind looks like.
func TestText(t *testing.T) {
	for _, c := range []struct{ set, want string }{
		{"workload.kind=uniform", `
t1: w9 write k456 = v1.0; w8 read k107; w9 read k179; w8 write k302 = v1.3
t2: w5 read k811; w2 read k312; w5 read k148; w2 write k617 = v2.3
t3: w5 write k992 = v3.0; w2 read k494; w5 write k831 = v3.2; w2 write k663 = v3.3`},
		{"workload.kind=zipf", `
t1: w9 write k33 = v1.0; w8 read k1; w9 read k2; w8 write k9 = v1.3
t2: w5 read k349; w2 read k10; w5 read k2; w2 write k104 = v2.3
t3: w5 write k961 = v3.0; w2 read k44; w5 write k394 = v3.2; w2 write k140 = v3.3`},
		{"workload.kind=ycsb", `
t1: w9 read k33; w9 write k33 = v1.1; w8 read k1; w9 read k2; w8 read k9; w8 write k9 = v1.5
t2: w5 read k349; w2 read k10; w5 read k2; w2 read k104; w2 write k104 = v2.4
t3: w5 read k961; w5 write k961 = v3.1; w2 read k44; w5 read k394; w5 write k394 = v3.4; w2 read k140; w2 write k140 = v3.6`},
		{"workload.kind=bank", `
t1: w9 read acct/456; w8 read acct/107; w9 write acct/456 = v1.2; w8 write acct/107 = v1.3
t2: w5 read acct/811; w2 read acct/312; w5 read acct/148; w2 read acct/617
t3: w5 read acct/992; w2 read acct/494; w5 write acct/992 = v3.2; w2 write acct/494 = v3.3`},
		{"workload.kind=hot-key", `
t1: w0 write hot = v1.0; w9 write own/1 = v1.1
t2: w0 write hot = v2.0; w5 write own/2 = v2.1
t3: w0 write hot = v3.0; w5 write own/3 = v3.1`},
		{"workload={kind: ycsb, reads: 0.2, updates: 0.2, inserts: 0.3, scans: 0.2, scan: 3}", `
t1: w9 write k1000 = v1.0; w8 write k1 = v1.1; w9 write k2 = v1.2; w8 read k9; w8 write k9 = v1.4
t2: w5 write k349 = v2.0; w2 write k10 = v2.1; w5 write k2 = v2.2; w2 read k104
t3: w5 read k961; w2 read k44; w5 read k394; w5 read k395; w5 read k396; w2 write k1000 = v3.5`},
		{"workload={kind: zipf, workers: any, local: true}", `
t1: w0 write k33 = v1.0; w8 read k1; w5 read k2; w6 write k9 = v1.3
t2: w0 read k349; w1 read k10; w7 read k2; w7 write k104 = v2.3
t3: w0 write k961 = v3.0; w1 read k44; w3 write k394 = v3.2; w4 write k140 = v3.3`},
		{"workload={kind: zipf, workers: any, global: true}", `
t1: w7 write k15 = v1.0; w2 read k0; w7 read k0; w1 write k3 = v1.3
t2: w4 read k284; w5 read k3; w4 read k0; w9 write k64 = v2.3
t3: w0 write k955 = v3.0; w3 read k22; w5 write k329 = v3.2; w8 write k93 = v3.3`},
		{"workload.kind=smallbank", `
t1: w4 read checking/5654; w9 read checking/2859; w4 write checking/5654 = v1.2; w9 write checking/2859 = v1.3
t2: w2 read checking/1622; w2 write checking/1622 = v2.1
t3: w5 read savings/1985; w5 write savings/1985 = v3.1`},
		{"workload={kind: tpcc, mix: [payment 1]}", `
t1: w9 read warehouse/9; w9 read district/9/4; w9 read customer/9/4/955; w9 write warehouse/9 = v1.3; w9 write district/9/4 = v1.4; w9 write customer/9/4/955 = v1.5; w9 write history/1 = v1.6
t2: w5 read warehouse/5; w5 read district/5/8; w5 read customer/5/8/2957; w5 write warehouse/5 = v2.3; w5 write district/5/8 = v2.4; w5 write customer/5/8/2957 = v2.5; w5 write history/2 = v2.6
t3: w5 read warehouse/5; w5 read district/5/9; w5 read customer/5/9/1079; w5 write warehouse/5 = v3.3; w5 write district/5/9 = v3.4; w5 write customer/5/9/1079 = v3.5; w5 write history/3 = v3.6`},
	} {
		var got strings.Builder
		for _, tx := range generate(t, 3, 3, c.set) {
			got.WriteString("\n" + string(txfile.AppendText(nil, tx)))
		}
		if got.String() != c.want {
			t.Errorf("%s: got:%s\nwant:%s", c.set, got.String(), c.want)
		}
	}
}

// TestTransactions holds what must be so of every transaction.
func TestTransactions(t *testing.T) {
	for _, kind := range workload.Names() {
		for _, set := range [][]string{
			{}, {"workers=1"}, {"workers=1", "workload.keys=1"}, {"workload.workers=100", "workload.operations=100"}, {"workload.workers=any"},
			{"workload.operations=40", "workload.workers=3", "workload.reads=0", "workload.value=5KiB"},
			{"workload.reads=0.3", "workload.deletes=0.7"}, {"workload.theta=0"}, {"workload.keys=10000000", "workload.theta=1"},
		} {
			set = append(set, "workload.kind="+kind)
			values := map[string]bool{}
			for i, tx := range generate(t, 5, 300, set...) {
				if tx.Index != uint64(i+1) || tx.ID == "" || tx.At != model.Unscheduled || len(tx.Ops) == 0 {
					t.Fatalf("%v: %+v", set, tx)
				}
				for _, op := range tx.Ops {
					if op.Key == "" || op.Worker < 0 || op.Worker >= 10 {
						t.Fatalf("%v: %+v", set, op)
					}
					if op.Kind == model.Write && values[op.Value] {
						t.Fatalf("%v: value %s written twice", set, op.Value)
					}
					values[op.Value] = true
				}
				again := *tx
				again.Compile()
				if !reflect.DeepEqual(again.Parts, tx.Parts) {
					t.Fatalf("%v: parts %+v, want %+v", set, tx.Parts, again.Parts)
				}
			}
		}
	}
}

// TestParticipants: a transaction has as many workers as it is to have.
func TestParticipants(t *testing.T) {
	for _, c := range []struct {
		set  []string
		want int
	}{
		{[]string{"workload.operations=8", "workload.workers=3"}, 3},
		{[]string{"workload.operations=3", "workload.workers=3"}, 3},
		{[]string{"workload.operations=80", "workload.workers=30"}, 10},
		{[]string{"workload.kind=bank", "workload.reads=0"}, 2},
		{[]string{"workload.kind=hot-key"}, 2},
	} {
		seen := map[int]int{}
		for _, tx := range generate(t, 5, 2000, c.set...) {
			if len(tx.Parts) != c.want {
				t.Fatalf("%v: %d participants, want %d", c.set, len(tx.Parts), c.want)
			}
			for _, p := range tx.Parts {
				seen[p.Worker]++
			}
		}
		for w := range 10 {
			if seen[w] < 2000*c.want/10/2 && c.set[0] != "workload.kind=hot-key" {
				t.Errorf("%v: w%d takes part in %d of 2000", c.set, w, seen[w])
			}
		}
	}
}

// TestShares: reads and deletes are as frequent as asked.
func TestShares(t *testing.T) {
	count := map[model.OpKind]int{}
	for _, tx := range generate(t, 5, 10000, "workload.reads=0.6", "workload.deletes=10%") {
		for _, op := range tx.Ops {
			count[op.Kind]++
		}
	}
	for kind, want := range map[model.OpKind]int{model.Read: 24000, model.Delete: 4000, model.Write: 12000} {
		if got := count[kind]; got < want-600 || got > want+600 {
			t.Errorf("%d operations %v of 40000, want about %d", got, kind, want)
		}
	}
}

// TestStreams changes one parameter at a time: what others decide
// stays, even if there are more operations or workers.
func TestStreams(t *testing.T) {
	base := []string{"workload.kind=zipf", "arrivals.rate=1000/s", "workload.keys=100"}
	before := generate(t, 9, 500, base...)
	for _, c := range []struct {
		set                       string
		worker, key, kind, at, is bool // what stays the same
	}{
		{set: "workload.reads=0.9", worker: true, key: true, at: true},
		{set: "workload.theta=0.2", worker: true, kind: true, at: true},
		{set: "workload.keys=5000", worker: true, kind: true, at: true},
		{set: "workload.operations=9", worker: true, key: true, kind: true, at: true},
		{set: "workload.workers=4", key: true, kind: true, at: true},
		{set: "workers=500", key: true, kind: true, at: true},
		{set: "arrivals.rate=77/s", worker: true, key: true, kind: true},
		{set: "arrivals.kind=constant", worker: true, key: true, kind: true},
	} {
		after := generate(t, 9, 500, append(slices.Clone(base), c.set)...)
		same := c
		same.worker, same.key, same.kind, same.at = true, true, true, true
		for i, tx := range before {
			same.at = same.at && tx.At == after[i].At
			for j, op := range tx.Ops {
				is := after[i].Ops[j]
				same.worker = same.worker && op.Worker == is.Worker
				same.key = same.key && op.Key == is.Key
				same.kind = same.kind && op.Kind == is.Kind
			}
		}
		if same != c {
			t.Errorf("%s: kept worker %v, key %v, kind %v, at %v", c.set, same.worker, same.key, same.kind, same.at)
		}
	}
}

// TestArrivals: constant ones do not drift, random ones have the right mean.
func TestArrivals(t *testing.T) {
	txs := generate(t, 1, 30000, "arrivals={kind: constant, rate: 3/s}")
	if at := txs[29999].At; at != sim.Time(10000*time.Second) {
		t.Errorf("the 30000th of 3/s comes at %v", at)
	}
	txs = generate(t, 1, 100000, "arrivals={kind: poisson, rate: 1000000/s}")
	if at := txs[99999].At; at < 99e6 || at > 101e6 {
		t.Errorf("the 100000th of 1000000/s comes at %v", at)
	}
	for i := range txs[1:] {
		if txs[i+1].At < txs[i].At {
			t.Fatal("time goes back")
		}
	}
	txs = generate(t, 1, 10000, "arrivals={kind: poisson, rate: 0.000001/s}")
	if at := txs[9999].At; at != workload.Latest {
		t.Errorf("the 10000th of 0.000001/s comes at %v", at)
	}
}

// TestAllocations holds generating to the promise of few allocations.
func TestAllocations(t *testing.T) {
	for _, kind := range workload.Names() {
		s := scenarios.Default()
		s.Workload.Kind, s.Workload.Operations, s.Workload.Workers, s.Transactions.Count = kind, 10, 4, 1<<30
		g := source(t, s, 1)
		const n = 1000
		each := testing.AllocsPerRun(20, func() {
			for range n {
				if _, err := g.Next(); err != nil {
					t.Fatal(err)
				}
			}
		}) / n
		limit := 0.5
		if kind == "tpcc" {
			limit = 15 // compiling an order, of more operations than the others have
		}
		if each > limit {
			t.Errorf("%s: %.2f allocations per transaction", kind, each)
		}
	}
}

// TestNamesStay: a generator finds the names of keys that the one before has made. In a hunt
// of small runs on many keys, the list of them was most of what a run cost.
func TestNamesStay(t *testing.T) {
	s := scenarioOf(t, "workload.kind=zipf", "workload.keys=16384", "workload.distribution=uniform", "transactions=2")
	const n = 50
	seed := uint64(0)
	few := func(set *scenarios.Scenario, prefix string) {
		seed++
		g := source(t, set, seed)
		for range 2 {
			tx, err := g.Next()
			if err != nil || !strings.HasPrefix(tx.Ops[0].Key, prefix) {
				t.Fatal(tx, err)
			}
		}
		g.(interface{ Release() }).Release()
	}
	few(s, "k")
	few(scenarioOf(t, "transactions=2", "workload.kind=bank"), "acct/")
	few(s, "k")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range n {
		few(s, "k")
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / n; each > 600<<10 { // 1.1 MB where each makes the list; 0.3 with the race detector, under which pools forget
		t.Errorf("%d bytes for a generator of two transactions", each)
	} else {
		t.Logf("%d bytes for a generator of two transactions", each)
	}
}

func BenchmarkWorkload(b *testing.B) {
	for _, kind := range workload.Names() {
		b.Run(kind, func(b *testing.B) {
			s := scenarios.Default()
			s.Workload.Kind, s.Workload.Operations, s.Workload.Workers, s.Transactions.Count = kind, 10, 4, math.MaxInt
			g := source(b, s, 1)
			b.ReportAllocs()
			for b.Loop() {
				g.Next()
			}
		})
	}
}
