package workload_test

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios"
	"github.com/seed83d86191/txsim/scenarios/workload"
)

// ycsbLaw is what YCSB's records are expected to be met in a number of draws: the weight of
// each of the 10^10 items goes to the record that it is hashed to. From the head on, which
// is counted out, the items are spread evenly: the many that meet have next to no weight.
func ycsbLaw(records int, draws float64) []float64 {
	const items, theta, head = 1e10, 0.99, 3000000
	tail := (math.Pow(items, 1-theta) - math.Pow(head+0.5, 1-theta)) / (1 - theta)
	law, sum := make([]float64, records+1), tail
	for item := range int64(head) {
		weight := math.Pow(float64(item+1), -theta)
		law[workload.Scramble(item)%int64(records+1)] += weight
		sum += weight
	}
	for i := range law {
		law[i] += tail / float64(records+1)
	}
	law, empty := law[:records], law[records]
	for i := range law {
		law[i] *= draws / (sum - empty)
	}
	return law
}

// TestScramble: the hash is FNV-1a of an item's eight bytes, the lowest first, without sign.
func TestScramble(t *testing.T) {
	for _, item := range []uint64{0, 1, 2, 255, 256, 9_999_999_999} {
		h := fnv.New64a()
		h.Write(binary.LittleEndian.AppendUint64(nil, item))
		want := int64(h.Sum64())
		if got := workload.Scramble(int64(item)); got < 0 || got != want && got != -want {
			t.Errorf("item %d: %d, want %d or its negative", item, got, want)
		}
	}
}

// record is the number of the record that an operation is on.
func record(t testing.TB, op *model.Op, workers int) int {
	return number(t, op.Key)*workers + op.Worker
}

// TestScrambled holds reads of a thousand records against the law of YCSB's zipfian, with
// the hottest records where YCSB has them. However many workers share the records, the law
// is the same.
func TestScrambled(t *testing.T) {
	t.Parallel()
	const records, n, operations = 1000, 50000, 10
	law := ycsbLaw(records, n*operations)
	if hottest := slices.Max(law) / (n * operations); math.Abs(hottest-1/26.469) > 0.002 {
		t.Fatalf("the hottest record has %.4f of the draws by the law: YCSB's first item has 1/zeta = 0.0378", hottest)
	}
	for _, workers := range []int{1, 10, 50} {
		got := make([]float64, records)
		for _, tx := range generate(t, 3, n, fmt.Sprintf("workers=%d", workers), fmt.Sprintf(
			"workload={kind: ycsb, distribution: scrambled, theta: 0.99, reads: 1, global: true, workers: any, operations: %d, keys: %d}", operations, records/workers)) {
			for i := range tx.Ops {
				got[record(t, &tx.Ops[i], workers)]++
			}
		}
		workload.Fits(t, fmt.Sprint(workers, " workers"), got, law)
	}
}

// TestGlobalZipf: keys of all workers have one popularity, in the order in which they are
// dealt.
func TestGlobalZipf(t *testing.T) {
	t.Parallel()
	const workers, keys, n = 10, 30, 100000
	got := make([]float64, workers*keys)
	for _, tx := range generate(t, 3, n, "workload={kind: zipf, theta: 0.9, global: true, workers: any, operations: 4, keys: 30}") {
		for i := range tx.Ops {
			got[record(t, &tx.Ops[i], workers)]++
		}
	}
	workload.Fits(t, "records", got, workload.ZipfLaw(workers*keys, 0.9, 4*n))
}

// TestGlobalInserts: the new records of one table go to the workers in turn, and are read by
// those distributions that read new ones: first the newest, or as YCSB's zipfian draws.
func TestGlobalInserts(t *testing.T) {
	t.Parallel()
	for _, distribution := range []string{"latest", "scrambled", "uniform"} {
		const workers, keys = 10, 100
		next, reads, newest, inserted := workers*keys, 0, 0, 0
		for _, tx := range generate(t, 2, 20000, "workload={kind: ycsb, theta: 0.99, reads: 0.8, inserts: 0.2, keys: 100, global: true, workers: any, distribution: "+distribution+"}") {
			for i := range tx.Ops {
				n := record(t, &tx.Ops[i], workers)
				if tx.Ops[i].Kind == model.Write {
					if n != next {
						t.Fatalf("%s: inserts record %d, want %d", distribution, n, next)
					}
					next++
					continue
				}
				reads++
				if n >= next {
					t.Fatalf("%s: reads record %d of %d", distribution, n, next)
				}
				if n == next-1 {
					newest++
				}
				if n >= workers*keys {
					inserted++
				}
			}
		}
		hot, of := float64(newest)/float64(reads), float64(inserted)/float64(reads)
		if (distribution == "latest") != (hot > 0.1) || (distribution == "uniform") != (inserted == 0) || distribution == "scrambled" && (of < 0.7 || of > 0.95) {
			t.Errorf("%s: %.3f of the reads are of the newest record, %.3f of new ones", distribution, hot, of)
		}
	}
}

// TestAny: each operation has a worker of its own, the first one the local one if that is
// asked for, and the others any with equal chances.
func TestAny(t *testing.T) {
	t.Parallel()
	const n, workers = 20000, 10
	for _, kind := range []string{"zipf", "bank"} {
		got := make([]float64, workers)
		for i, tx := range generate(t, 2, n, "coordinators=4", "workload={kind: "+kind+", reads: 1, operations: 5, workers: any, local: true}") {
			if kind == "zipf" && tx.Ops[0].Worker != i%4 {
				t.Fatalf("transaction %d begins on w%d", i, tx.Ops[0].Worker)
			}
			for _, op := range tx.Ops[1:] {
				got[op.Worker]++
			}
		}
		expected := slices.Repeat([]float64{n * 4 / workers}, workers)
		workload.Fits(t, kind, got, expected)
	}
}

// TestPlaceRules: what does not go together is refused.
func TestPlaceRules(t *testing.T) {
	for set, want := range map[string]string{
		"{operations: 3, workers: 4}":                                  "workload.workers = 4: must be at most 3, as workload.operations is, or any",
		"{kind: bank, operations: 3, workers: 4}":                      "workload.workers = 4: must be at most 3, as workload.operations is, or any",
		"{kind: smallbank, operations: 1, workers: 4}":                 "",
		"{operations: 0}":                                              "workload.operations = 0: must be 1 to 10000",
		"{record: -1}":                                                 "workload.record = -1: must be 0 to 1073741824",
		"{workers: 100001}":                                            "workload.workers = 100001: must be 1 to 100000, or any",
		"{kind: zipf, global: true}":                                   "workload.workers = 2: must be any, as workload.global is true",
		"{kind: zipf, global: true, workers: any, local: true}":        "workload.local = true: must be false, as workload.global is true",
		"{kind: bank, global: true, workers: any}":                     "workload.global = true: must be false for bank",
		"{kind: bank, global: true, local: true}":                      "workload.global = true: must be false for bank",
		"{kind: ycsb, global: true, workers: any, scans: 1, reads: 0}": "",
		"{kind: bank, single: 50%}":                                    "",
		"{kind: bank, single: 50%, workers: any}":                      "workload.single = 0.5: must be 0, as workload.workers is any",
		"{kind: tpcc, single: 1%}":                                     "workload.single = 0.01: must be 0 for tpcc",
		"{kind: smallbank, single: 50%, workers: any}":                 "workload.single = 0.5: must be 0 for smallbank",
		"{kind: hot-key, single: 100%}":                                "workload.single = 1: must be 0 for hot-key",
		"{kind: hot-key, workers: any}":                                "",
	} {
		s := scenarios.Default()
		if err := s.Apply("workload=" + set); err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(); err == nil && want != "" || err != nil && err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", set, err, want)
		}
	}
	for text, want := range map[string]string{"0": "workload.workers = 0: must be positive, or any", "all": "workload.workers = all: must be an integer, or any"} {
		if err := scenarios.Default().Apply("workload.workers=" + text); err == nil || err.Error() != want {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
}

// TestBounds: what is at a bound is accepted, and what is beyond it refused.
func TestBounds(t *testing.T) {
	for path, at := range map[string][2]string{ // the last that is accepted, and what follows
		"workload.theta":      {"10", "10.01"},
		"workload.keys":       {"10000000", "10000001"},
		"workload.operations": {"10000", "10001"},
		"workload.value":      {"64KiB", "65537"},
		"workload.inserted":   {"64KiB", "65537"},
		"workload.record":     {"1GiB", "1073741825"},
		"workload.hot":        {"0.000001", "0"},
		"workload.order":      {"hashed", "sorted"},
		"workload.scan":       {"10000", "10001"},
		"workload.lengths":    {"zipf", "zipfian"},
		"workload.warehouses": {"10000", "10001"},
		"workload.kind":       {"tpcc", "tpc"},
		"arrivals.rate":       {"1000000000/s", "1000000001/s"},
		"arrivals.to":         {"0.000001/s", "0.0000009/s"},
		"arrivals.burst":      {"1000000000/s", "1000000001/s"},
		"arrivals.every":      {"1ms", "999us"},
		"arrivals.for":        {"9999999ns", "10ms"},
		"arrivals.over":       {"10000s", "10001s"},
	} {
		for i, value := range at {
			s := scenarios.Default()
			if err := s.Apply("arrivals={rate: 5/s, to: 6/s, over: 1s, burst: 7/s, every: 10ms, for: 100us}", path+"="+value); err != nil {
				t.Fatal(err)
			}
			if err := s.Validate(); (err == nil) != (i == 0) || i == 1 && !strings.HasPrefix(err.Error(), path+" = ") {
				t.Errorf("%s = %s: %v", path, value, err)
			}
		}
	}
	for set, want := range map[string]string{
		"workload={value: -1}":    "workload.value = -1: must be 0 to 65536",
		"workload={inserted: -1}": "workload.inserted = -1: must be 0 to 65536",
		"workload={theta: -0.5}":  "workload.theta = -0.5: must be 0 to 10",
		"workload={theta: 0}":     "",
		"workload={scans: 0.5, scan: 1000, operations: 1000, workers: 2}": "",
		"workload={scans: 0.5, scan: 1001, operations: 1000, workers: 2}": "workload.scan = 1001: must be at most 1000 for 1000 operations, 1000000 keys in all",
		"workload={scans: 0, scan: 10000, operations: 10000}":             "",
		"arrivals={rate: 5/s, to: 6/s, over: -1s}":                        "arrivals.over = -1s: must not be negative\narrivals.over = -1s: must be positive, as arrivals.to is given",
		"arrivals={rate: 5/s, for: -1s}":                                  "arrivals.for = -1s: must not be negative",
		"arrivals={rate: 5/s, for: 1s}":                                   "arrivals.burst = 0/s: must be given, as arrivals.every or arrivals.for is",
		"arrivals={rate: 5/s, burst: -1/s, every: 1s, for: 1ms}":          "arrivals.burst = -1/s: must be 0/s, or 0.000001/s to 1000000000/s",
	} {
		s := scenarios.Default()
		if err := s.Apply(set); err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(); err == nil && want != "" || err != nil && err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", set, err, want)
		}
	}
}
