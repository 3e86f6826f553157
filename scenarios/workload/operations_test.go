package workload_test

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/workload"
)

// number is that of a key such as k17.
func number(t testing.TB, key string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.TrimLeft(key, "abcdefghijklmnopqrstuvwxyz/"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestOperationShares holds the kinds of operations of YCSB's six workloads
// against the proportions that its files have.
func TestOperationShares(t *testing.T) {
	for name, want := range map[string]map[string]float64{
		"ycsb-a": {"read": 0.5, "update": 0.5},
		"ycsb-b": {"read": 0.95, "update": 0.05},
		"ycsb-c": {"read": 1},
		"ycsb-d": {"read": 0.95, "insert": 0.05},
		"ycsb-e": {"scan": 0.95, "insert": 0.05},
		"ycsb-f": {"read": 0.5, "modify": 0.5},
	} {
		s, err := scenarios.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		const n = 20000
		s.Workload.Operations, s.Transactions.Count = 1, n
		g := source(t, s, 4)
		count := map[string]float64{}
		for range n {
			tx, _ := g.Next()
			what := shape(t, tx.Ops, s.Workload.Keys)
			if name == "ycsb-e" && what == "read" {
				what = "scan" // of one key
			}
			count[what]++
		}
		var got, expected []float64
		for what, share := range want {
			got, expected = append(got, count[what]), append(expected, n*share)
			delete(count, what)
		}
		workload.Fits(t, name, got, expected)
		if len(count) > 0 {
			t.Errorf("%s: %v, want none", name, count)
		}
	}
}

// shape is what kind of operation of YCSB a transaction of one is.
func shape(t testing.TB, ops []model.Op, keys int) string {
	t.Helper()
	switch {
	case len(ops) == 2 && ops[0].Kind == model.Read && ops[1].Kind == model.Write && ops[0].Key == ops[1].Key:
		return "modify"
	case len(ops) == 1 && ops[0].Kind == model.Read:
		return "read"
	case len(ops) == 1 && ops[0].Kind == model.Write && number(t, ops[0].Key) >= keys:
		return "insert"
	case len(ops) == 1 && ops[0].Kind == model.Write:
		return "update"
	case !slices.ContainsFunc(ops, func(op model.Op) bool { return op.Kind != model.Read }):
		return "scan"
	}
	return fmt.Sprint(ops)
}

// TestScans: they read consecutive keys of one worker, 1 to scan of them with
// equal chances, or fewer at the end.
func TestScans(t *testing.T) {
	const keys, most = 5000, 20
	var lengths [most]float64
	var full float64
	for _, tx := range generate(t, 2, 50000, "workload={kind: ycsb, reads: 0, scans: 1, scan: 20, keys: 5000, operations: 1, workers: 1, order: hashed}") {
		first := number(t, tx.Ops[0].Key)
		for i, op := range tx.Ops {
			if op.Kind != model.Read || op.Worker != tx.Ops[0].Worker || number(t, op.Key) != first+i {
				t.Fatalf("%+v", tx.Ops)
			}
		}
		if first+most > keys {
			if last := first + len(tx.Ops); last > keys {
				t.Fatalf("reads up to key %d of %d", last, keys)
			}
			continue
		}
		lengths[len(tx.Ops)-1]++
		full++
	}
	expected := make([]float64, most)
	for i := range expected {
		expected[i] = full / most
	}
	workload.Fits(t, "lengths", lengths[:], expected)
	inserted, read := map[int]int{}, 0
	for _, tx := range generate(t, 2, 2000, "workload={kind: ycsb, reads: 0, scans: 0.5, inserts: 0.5, scan: 20, keys: 30, operations: 1, workers: 1}") {
		for _, op := range tx.Ops {
			switch n := number(t, op.Key); {
			case op.Kind == model.Write:
				inserted[op.Worker]++
			case n >= 30+inserted[op.Worker]:
				t.Fatalf("reads key %d, with %d inserted", n, inserted[op.Worker])
			case n >= 30:
				read++
			}
		}
	}
	if read == 0 {
		t.Error("inserted keys are never read")
	}
}

// TestScanLengthsZipf: short ones are frequent.
func TestScanLengthsZipf(t *testing.T) {
	lengths := make([]float64, 10)
	const draws = 50000
	for _, tx := range generate(t, 2, draws, "workload={kind: ycsb, reads: 0, scans: 1, scan: 10, lengths: zipf, keys: 10000000, operations: 1, workers: 1, distribution: uniform}") {
		lengths[len(tx.Ops)-1]++
	}
	workload.Fits(t, "lengths", lengths, workload.ZipfLaw(10, 0.99, draws))
}

// TestInserts: each worker's keys have numbers of their own, without a gap, and
// the latest are the most popular.
func TestInserts(t *testing.T) {
	next := map[int]int{}
	reads, newest, late := 0, 0, 0
	for _, tx := range generate(t, 2, 20000, "workload={kind: ycsb, distribution: latest, theta: 0.99, reads: 0.8, inserts: 0.2, keys: 1000, operations: 3, value: 5, inserted: 9}") {
		for _, op := range tx.Ops {
			n := number(t, op.Key)
			if op.Kind == model.Write {
				if n != 1000+next[op.Worker] || len(op.Value) != 9 {
					t.Fatalf("w%d inserts %d of %d bytes, want %d of 9", op.Worker, n, len(op.Value), 1000+next[op.Worker])
				}
				next[op.Worker]++
				continue
			}
			reads++
			switch age := 1000 + next[op.Worker] - 1 - n; {
			case age < 0:
				t.Fatalf("w%d reads %d before it is inserted", op.Worker, n)
			case age == 0:
				newest++
			case age >= 500:
				late++
			}
		}
	}
	if share := float64(newest) / float64(reads); share < 0.12 || share > 0.15 { // 1/H(1000, 0.99)
		t.Errorf("%.3f of the reads are of the newest key", share)
	}
	if late == 0 {
		t.Error("old keys are never read")
	}
}

// TestSingle: a share of transactions has one worker, of bank's transfers too, and the others
// are what they are without.
func TestSingle(t *testing.T) {
	for _, kind := range []string{"uniform", "bank"} {
		without := generate(t, 2, 1000, "workload.kind="+kind)
		single, reads, operations := 0, 0, 0 // of the single ones
		for i, tx := range generate(t, 2, 1000, "workload.kind="+kind, "workload.single=25%") {
			if len(tx.Parts) == 1 {
				single++
				operations += len(tx.Ops)
				for j := range tx.Ops {
					if tx.Ops[j].Kind == model.Read {
						reads++
					}
				}
			} else if !reflect.DeepEqual(tx.Ops, without[i].Ops) {
				t.Fatalf("%s: %+v, without single ones %+v", kind, tx.Ops, without[i].Ops)
			}
		}
		if single < 200 || single > 300 {
			t.Errorf("%s: %d of 1000 have one worker", kind, single)
		}
		if share := float64(reads) / float64(operations); kind == "uniform" && math.Abs(share-0.5) > 0.1 {
			t.Errorf("%.2f of the operations of those are reads", share)
		}
	}
}

// TestSingleTransfer: a transfer on one worker is between two of its accounts, if it has two.
func TestSingleTransfer(t *testing.T) {
	for _, keys := range []int{1, 2, 3} {
		pairs := map[[2]int]bool{}
		for _, tx := range generate(t, 2, 500, "workload={kind: bank, reads: 0, single: 100%}", fmt.Sprintf("workload.keys=%d", keys)) {
			a, b := number(t, tx.Ops[0].Key), number(t, tx.Ops[1].Key)
			if len(tx.Parts) != 1 || max(a, b) >= keys || a == b && keys > 1 {
				t.Fatalf("of %d accounts %+v", keys, tx.Ops)
			}
			pairs[[2]int{a, b}] = true
		}
		if want := max(keys*(keys-1), 1); len(pairs) != want {
			t.Errorf("of %d accounts there are %d pairs, expected %d", keys, len(pairs), want)
		}
	}
}

// TestLocal: the first operation is on the worker with the number of the
// coordinator, and there are as many workers as without.
func TestLocal(t *testing.T) {
	for _, coordinators := range []int{1, 4, 10, 25} {
		others := map[int]bool{}
		for i, tx := range generate(t, 2, 1000, "workload.local=true", "workload.workers=3", fmt.Sprintf("coordinators=%d", coordinators)) {
			if want := i % coordinators % 10; tx.Ops[0].Worker != want || tx.Parts[0].Worker != want || len(tx.Parts) != 3 {
				t.Fatalf("%d coordinators: %+v, want w%d first of 3 workers", coordinators, tx.Ops, want)
			}
			others[tx.Parts[1].Worker] = true
		}
		if len(others) < 9 {
			t.Errorf("%d coordinators: only %d workers are second", coordinators, len(others))
		}
	}
}
