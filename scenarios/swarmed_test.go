package scenarios

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// For some seeds a swarm has few keys, for others frequent checkpoints, for some both; never
// more than the scenario has, and no keys where transactions are not generated.
func TestSwarmedParameters(t *testing.T) {
	crowded, small, both, seeds := 0, 0, 0, 0
	for _, sets := range [][]string{nil, {"workload.keys=3", "disk.checkpoint=300B"}, {`transactions={inline: ["t1: w0 read x"]}`}} {
		s := scenarioOf(t, sets...)
		seeds = 0
		for seed := range uint64(700) {
			c := s.Swarmed(seed)
			if err := c.Validate(); err != nil {
				t.Fatal(err)
			}
			if s.swarmTimeouts(seed).kind != asGiven {
				continue // TestSwarmPatience is about these
			}
			seeds++
			keys, size := c.Workload.Keys, c.Disk.Checkpoint
			if keys > s.Workload.Keys || size > s.Disk.Checkpoint || keys != s.Workload.Keys && (s.Transactions.Count == 0 || keys > 8) ||
				size != s.Disk.Checkpoint && size < 200 {
				t.Errorf("%v, seed %d: %d keys, checkpoint %d", sets, seed, keys, size)
			}
			if sets == nil {
				crowded += oneIf(keys < s.Workload.Keys)
				small += oneIf(size < s.Disk.Checkpoint)
				both += oneIf(keys < s.Workload.Keys && size < s.Disk.Checkpoint)
			}
			until := UntilSubmitted
			if s.Transactions.Count == 0 { // all at once: twice an attempt, and 32 times timeouts.decision
				until = 3200 * time.Millisecond
			}
			if c.Until != until {
				t.Errorf("%v, seed %d: until %v", sets, seed, c.Until)
			}
			if c.Limits.Faults != s.Limits.Time/4 {
				t.Errorf("%v, seed %d: faults end at %v", sets, seed, c.Limits.Faults)
			}
			c.Limits = s.Limits
			// Nothing else is another than it was, but for the shape of transactions, and where their
			// clients are and how patient.
			c.Workload, c.Disk, c.Resources, c.Faults, c.Until = s.Workload, s.Disk, s.Resources, s.Faults, s.Until
			c.Timeouts.Answer, c.Placement = s.Timeouts.Answer, s.Placement
			if !c.Equal(s) {
				t.Errorf("%v, seed %d: another parameter has changed", sets, seed)
			}
		}
	}
	for _, n := range []int{crowded, small, 3 * both} {
		if n < seeds/4 || n > seeds/2 {
			t.Errorf("of %d: few keys %d, small checkpoints %d, both %d", seeds, crowded, small, both)
		}
	}
}

// For one seed in eight clients ask again sooner, unless they never do, and for one in eight
// coordinators are elsewhere; all else is drawn as if neither were.
func TestSwarmedClients(t *testing.T) {
	const seeds = 800
	for _, sets := range [][]string{nil, {"timeouts.answer=3us", "placement=workers"}, {"timeouts.answer=never", "placement=separate"}} {
		s := scenarioOf(t, sets...)
		sooner, least, most := 0, s.Timeouts.Answer, time.Duration(0)
		placed := map[model.Placement]int{}
		for seed := range uint64(seeds) {
			c := s.Swarmed(seed)
			if err := c.Validate(); err != nil {
				t.Fatal(err)
			}
			placed[c.Placement]++
			if a := c.Timeouts.Answer; a != s.Timeouts.Answer && a != sim.Forever {
				sooner++
				least, most = min(least, a), max(most, a)
			}
		}
		few := func(n int) bool { return n > seeds/20 && n < seeds/12 }
		for p := range model.PlacementNames {
			if p := model.Placement(p); p != s.Placement && !few(placed[p]) {
				t.Errorf("%v: %d of %d seeds have placement %v", sets, placed[p], seeds, p)
			}
		}
		switch d := s.Timeouts.Answer; {
		case d == sim.Forever && sooner > 0, d != sim.Forever && !few(sooner/2+1), sooner > 0 && d > time.Millisecond && least > d/48, most > d/2:
			t.Errorf("%v: %d of %d seeds ask sooner, after %v to %v", sets, sooner, seeds, least, most)
		}
	}
}

// For one seed in four transactions have another shape, as far as their kind of workload
// allows; for some of these seeds a part of them have one worker and a part several.
func TestSwarmedShapes(t *testing.T) {
	const seeds = 400
	for _, c := range []struct {
		set            string
		shape, deletes bool
	}{
		{"kind: uniform", true, true}, {"kind: zipf", true, true}, {"kind: ycsb, reads: 0, updates: 50%, scans: 10%", true, true},
		{"kind: ycsb, reads: 0, scans: 95%, inserts: 5%", true, false}, {"kind: bank, operations: 6, workers: 3", true, false},
		{"kind: smallbank", false, false}, {"kind: tpcc", false, false}, {"kind: hot-key", false, false},
	} {
		s := scenarioOf(t, "workload={"+c.set+"}")
		shaped, one, mixed, deletes := 0, 0, 0, 0
		for seed := range uint64(seeds) {
			d := s.Swarmed(seed)
			if err := d.Validate(); err != nil {
				t.Fatal(err)
			}
			w := d.Workload
			if w.Keys = s.Workload.Keys; reflect.DeepEqual(w, s.Workload) {
				continue
			}
			shaped++
			one += oneIf(w.Workers == 1)
			mixed += oneIf(w.Workers > 1 && w.Operations > 1 && w.Single > 0)
			deletes += oneIf(w.Deletes > 0)
			if w.Updates != s.Workload.Updates || w.Scans != s.Workload.Scans || w.Inserts != s.Workload.Inserts || w.Kind != s.Workload.Kind {
				t.Errorf("%s, seed %d: %+v", c.set, seed, w)
			}
		}
		if c.shape != (shaped > seeds/5) || c.shape != (one > 5) || c.shape != (mixed > 20) || c.deletes != (deletes > 20) {
			t.Errorf("%s: %d shaped, of which %d of one worker, %d mixed, %d with deletes", c.set, shaped, one, mixed, deletes)
		}
	}
}

// Where each operation draws its worker, other shapes are drawn too, but no transactions of
// one worker.
func TestSwarmedAny(t *testing.T) {
	for _, kind := range []string{"zipf", "zipf, global: true", "bank"} {
		s := scenarioOf(t, "workload={kind: "+kind+", workers: any}")
		shaped := 0
		for seed := range uint64(200) {
			d := s.Swarmed(seed)
			if err := d.Validate(); err != nil {
				t.Fatal(err)
			}
			shaped += oneIf(d.Workload.Operations != s.Workload.Operations)
		}
		if shaped < 40 {
			t.Errorf("%s: %d shaped", kind, shaped)
		}
	}
}

func oneIf(is bool) int {
	if is {
		return 1
	}
	return 0
}

// Faults strike, too, where all transactions are submitted at once, and a file of them meets those
// that it meets when the scenario holds it.
func TestSwarmedFile(t *testing.T) {
	lines := []string{"t1: w0 read a; w1 write b = 1", "t2: w0 write a = 3; w1 read b", "t3: w1 write b = 4; w0 delete a"}
	path := filepath.Join(t.TempDir(), "three.txt")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o666); err != nil {
		t.Fatal(err)
	}
	inline := scenarioOf(t, "workers=2")
	inline.Transactions = Transactions{Inline: lines}
	crashed := 0
	for seed := range uint64(40) {
		var hashes []uint64
		for _, s := range []*Scenario{inline, scenarioOf(t, "workers=2", "transactions={file: "+path+"}")} {
			job, err := s.Open(model.Protocols())
			if err != nil {
				t.Fatal(err)
			}
			defer job.Close()
			r, err := job.Run(t.Context(), Options{Seed: seed, Swarm: true})
			if err != nil {
				t.Fatal(err)
			}
			hashes = append(hashes, r.Hash)
			crashed += oneIf(r.Stats.Crashes > 0)
		}
		if hashes[0] != hashes[1] {
			t.Errorf("seed %d: trace hash %x, from a file %x", seed, hashes[0], hashes[1])
		}
	}
	if crashed < 20 {
		t.Errorf("nodes crashed in %d of 80 runs", crashed)
	}
}

// TestSwarmedInline: the scenario alone draws what its job does, whatever the lines are.
func TestSwarmedInline(t *testing.T) {
	for _, lines := range []string{"[\"t1: w0 read a\"]", "[\"t1 @1s: w0 read a\", \"t2 @9s: w1 read b\"]", "[\"# none\", \"t1: w0 read a\"]"} {
		s := scenarioOf(t, "clients=1", "transactions={inline: "+lines+"}")
		job, err := s.Open(model.Protocols())
		if err != nil {
			t.Fatal(err)
		}
		defer job.Close()
		if want, got := s.Swarmed(3), job.Swarmed(3).Scenario(); !got.Equal(want) {
			t.Errorf("%s: the scenario by itself\n%s\nits job\n%s", lines, want.Brief(), got.Brief())
		}
	}
}

// TestSwarmedUntil: when faults end is drawn only where the scenario leaves it open and all of its
// transactions come at once.
func TestSwarmedUntil(t *testing.T) {
	const atOnce = 3210 * time.Millisecond // four times an attempt, and 32 times timeouts.decision
	for _, tc := range []struct {
		sets []string
		want time.Duration
	}{
		{nil, UntilSubmitted},
		{[]string{"transactions=8"}, atOnce},
		{[]string{"transactions=9"}, UntilSubmitted},
		{[]string{"transactions=8", "until=5s"}, 5 * time.Second},
		{[]string{"transactions=8", "until=submitted"}, UntilSubmitted},
		{[]string{"transactions=8", "arrivals={rate: 100/s}"}, UntilSubmitted},
		{[]string{"transactions=8", "timeouts.decision=never"}, 16 * time.Millisecond},
		{[]string{"transactions=8", "limits.time=128ms"}, 48 * time.Millisecond},
		{[]string{`transactions={inline: ["t1 @1s: w0 read a"]}`}, UntilSubmitted},
		{[]string{"transactions={file: not-there.txt}"}, UntilSubmitted}, // taken for 100
	} {
		if got := scenarioOf(t, tc.sets...).Swarmed(3).Until; got != tc.want {
			t.Errorf("%v: %v, want %v", tc.sets, got, tc.want)
		}
	}
	for seed := range uint64(100) {
		if got := scenarioOf(t, "timeouts.answer=1ns").Swarmed(seed).Timeouts.Answer; got != 1 && got != sim.Forever {
			t.Errorf("seed %d: timeouts.answer of 1 ns has become %v", seed, got)
		}
	}
}

// A run, its result and the repro of what it finds have the parameters that the swarm has
// drawn, and the run is that of the scenario when it is written down.
func TestSwarmedEverywhere(t *testing.T) {
	s := scenarioOf(t, "transactions=60", "workload={kind: bank, keys: 100}", `faults=["lose-sync workers 50%", "crash workers rate 50/s for 5ms"]`)
	seed, want := uint64(0), s
	for want.Workload.Keys == s.Workload.Keys || want.Disk.Checkpoint == s.Disk.Checkpoint {
		seed++
		want = s.Swarmed(seed)
	}
	open := func(s *Scenario) *Job {
		job := openJob(t, s)
		return job
	}
	asked, err := open(s).Run(t.Context(), Options{Seed: seed, Swarm: true})
	if err != nil {
		t.Fatal(err)
	}
	written, err := open(want).Run(t.Context(), Options{Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	if asked.Hash != written.Hash {
		t.Errorf("seed %d: two traces", seed)
	}
	if !asked.Scenario.Equal(want) {
		t.Errorf("seed %d: the result is of another scenario", seed)
	}
	if len(asked.Findings) == 0 {
		t.Fatalf("seed %d: nothing found", seed)
	}
	repro, err := open(s).Repro(t.Context(), Options{Seed: seed, Swarm: true}, asked.Findings[0].Fingerprint())
	if err != nil {
		t.Fatal(err)
	}
	if repro.Workload.Keys != want.Workload.Keys || repro.Disk.Checkpoint != want.Disk.Checkpoint {
		t.Errorf("the repro has %d keys and checkpoints of %d bytes", repro.Workload.Keys, repro.Disk.Checkpoint)
	}
}
