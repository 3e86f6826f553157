package scenarios

import (
	"math"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
)

// validRun runs a scenario, of the library or the default, to a valid end.
func validRun(t *testing.T, name string, settings ...string) *Result {
	t.Helper()
	s := Default()
	if name != "" {
		s = loaded(t, name)
	}
	r := runWith(t, s, Options{Seed: 1}, settings...)
	if r.Verdict != analysis.Valid {
		t.Fatal(settings, r.Verdict, r.Findings)
	}
	return r
}

// TestRecordSize: where records have a size, each read returns one, whether anybody has
// written it yet or not, unless it is deleted.
func TestRecordSize(t *testing.T) {
	for lines, want := range map[string]uint64{
		`["t1: w0 read x"]`:                                            1000,
		`["t1: w0 read x; w0 read y; w1 read x"]`:                      3000,
		`["t1: w0 write x = 12345", "t2: w0 read x"]`:                  995,
		`["t1: w0 write x = 1; w0 read x"]`:                            999,
		`["t1: w0 delete x", "t2: w0 read x"]`:                         0,
		`["t1: w0 delete x", "t2: w0 write x = 12", "t3: w0 read x"]`:  998,
		`["t1: w0 write x = 1; w1 write y = 2", "t2: w1 write y = 3"]`: 0,
	} {
		settings := []string{"clients=1", "transactions.inline=" + lines}
		without := validRun(t, "", settings...).Stats.Bytes
		with := validRun(t, "", append(settings, "workload.record=1000")...)
		if got := with.Stats.Bytes - without; got != want {
			t.Errorf("%s: %d bytes more with records of 1000, want %d", lines, got, want)
		}
	}
	r := validRun(t, "", "clients=1", `transactions.inline=["t1: w0 write x = 1234567", "t2: w0 read x"]`, "workload.record=5")
	if again := validRun(t, "", "clients=1", `transactions.inline=["t1: w0 write x = 1234567", "t2: w0 read x"]`); r.Stats.Bytes != again.Stats.Bytes || r.Hash != again.Hash {
		t.Errorf("%d bytes, and %d without a size: a value may be longer than its record", r.Stats.Bytes, again.Stats.Bytes)
	}
}

// TestYCSBBytes: reads of a database that was loaded carry whole records from the first
// transaction on, so that the bytes of a commit do not depend on how long a run is.
func TestYCSBBytes(t *testing.T) {
	t.Parallel()
	per := func(r *Result) float64 { return float64(r.Stats.Bytes) / float64(r.Metrics.Committed()) }
	c := per(validRun(t, "ycsb-c")) - per(validRun(t, "ycsb-c", "workload.record=0"))
	if c != 4000 {
		t.Errorf("ycsb-c: %v bytes of a commit are of what its four reads return, want 4000", c)
	}
	for _, name := range []string{"ycsb-b", "ycsb-f"} {
		short, long := per(validRun(t, name, "clients=1", "transactions=500")), per(validRun(t, name, "clients=1", "transactions=4000"))
		if math.Abs(long/short-1) > 0.01 {
			t.Errorf("%s: %.0f bytes a commit in a short run, %.0f in a long one", name, short, long)
		}
	}
}
