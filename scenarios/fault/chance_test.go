package fault

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// replayed runs the explicit lines of what a plan's chances brought about, and
// compares the traces.
func replayed(t *testing.T, first *faultRun) {
	t.Helper()
	fired := first.inject.Fired().Lines()
	if uint64(len(fired)) != first.inject.FiredTotal() {
		t.Fatalf("%v: %d strikes do not fit", first.plan.Lines(), first.inject.FiredTotal())
	}
	again := newFaultRun(t, first.total, fired...)
	again.cfg = first.cfg
	again.cfg.Source, again.cfg.History, again.cfg.Tracer = again, again, again
	again.run(t)
	if again.cluster.World.Hash() != first.cluster.World.Hash() {
		for i := range first.trace {
			if i >= len(again.trace) || first.trace[i] != again.trace[i] {
				t.Fatalf("%v: differs at %d\n%s\nfired %s", first.plan.Lines(), i, first.trace[i], strings.Join(fired, "\n"))
			}
		}
		t.Fatal("the traces differ behind the end")
	}
	if again.inject.FiredTotal() > 0 {
		t.Error("the replay had chances of its own")
	}
	for _, c := range again.inject.Counts() {
		if c.Times != 1 {
			t.Errorf("%s: struck %d times", c.Line, c.Times)
		}
	}
}

// What struck by chance strikes again through the lines it was recorded as, in
// every protocol, with TXSIM_LONG in each mode of execution.
func TestChanceReplay(t *testing.T) {
	t.Parallel()
	plans := [][]string{
		{"crash workers 5% on prepare for exp(20ms)"},
		{"crash workers 5% on commit for exp(20ms)", "pause workers 5% on abort for 5ms"},
		{"hang workers 5% on prepare for exp(30ms)"},
		{"crash coordinators 5% on prepare for exp(20ms)", "crash C1 5% on commit for 3ms"},
		{"crash coordinators 30% on abort for exp(20ms)", "crash workers 20% on prepare for 1ms"},
		{"drop 5% commit", "drop 5% vote", "delay 5% prepare by exp(20ms)", "duplicate 10% ack", "drop 10% decision C0→w1"},
		{"drop 2% *", "duplicate 10% *", "delay 10% * w1→C0 by exp(20ms)"},
		{"duplicate 10% prepare late by exp(80ms)", "duplicate 5% * late by uniform(0s, 300ms)", "duplicate 5% *",
			"duplicate commit C1→w2 #3 late by exp(20ms)", "crash workers 2% on prepare for exp(20ms)"},
		{"crash workers rate 2/s for exp(20ms)", "pause C0 rate 9/s for exp(20ms)"},
		{"crash w3 at 10ms for exp(50ms)", "partition w1 | * at 100ms for exp(50ms)", "slow-disk w2 x20 at 50ms for exp(50ms)",
			"crash w4 after send vote #7 for exp(20ms)"},
		{"crash workers 3% on prepare for exp(20ms)", "crash workers 3% on prepare for exp(20ms)", "drop 3% vote",
			"crash coordinators 3% on commit for exp(20ms)", "duplicate 10% commit", "duplicate 10% prepare", "hang workers 3% on commit for exp(9ms)"},
		{"crash workers 3% after send vote for exp(20ms)", "crash coordinators 2% before sync commit for 3ms", "pause C1 9% before receive ack for 5ms",
			"crash w1 torn 10% after append commit for 1ms", "crash workers 2% before apply for 2ms", "pause workers 5% after redo for 1ms"},
		{"crash workers 1% before receive * for exp(20ms)", "crash workers 1% after append * for exp(9ms)", "hang coordinators 2% after send * for 1ms"},
		// So often that they meet at one boundary, or find the node down or paused.
		{"pause workers 20% on prepare for 5ms", "fail-sync workers 10% for 2ms", "crash workers 20% on prepare for 3ms"},
		{"pause workers rate 5/s for exp(200ms)", "fail-sync workers rate 1/s for 5ms", "crash workers rate 1/s for exp(100ms)"},
	}
	struck := map[string]uint64{}
	for i, protocol := range model.Protocols() {
		for execution := range model.ExecutionNames {
			for j, lines := range plans {
				if (i+j+execution)%len(model.ExecutionNames) != 0 && os.Getenv("TXSIM_LONG") == "" {
					continue // in turn, each protocol meets each plan in one way of execution
				}
				r := newFaultRun(t, 200, lines...)
				r.cfg.Protocol, r.cfg.Execution, r.cfg.Share = protocol, model.Execution(execution), execution == 1
				replayed(t, r.run(t))
				for _, c := range r.inject.Counts() {
					struck[c.Line] += c.Times
				}
			}
		}
	}
	for line, n := range struck {
		if n == 0 {
			t.Errorf("%s: never struck", line)
		}
	}
}

// Two runs of the same plan are the same; another seed of the plan alone draws
// other faults.
func TestChanceSeed(t *testing.T) {
	fired := map[string]bool{}
	for _, seed := range []uint64{0, 1, 1, 2} {
		r := newFaultRun(t, 300, "drop 5% vote")
		r.cluster = model.NewCluster(r.cfg)
		r.inject = r.plan.Install(r.cluster, seed, nil)
		r.cluster.Run(context.Background())
		fired[strings.Join(r.inject.Fired().Lines(), "\n")] = true
	}
	if len(fired) != 3 {
		t.Errorf("%d different outcomes of 3 seeds", len(fired))
	}
}

// A probability is hit at about its rate: within 4 standard deviations.
func TestChanceRate(t *testing.T) {
	t.Parallel()
	near := func(r *faultRun, tries int, p float64) {
		t.Helper()
		got, want := float64(r.inject.Counts()[0].Times), p*float64(tries)
		if sd := math.Sqrt(want * (1 - p)); math.Abs(got-want) > 4*sd || want < 20 {
			t.Errorf("%v: struck %.0f times of %d", r.plan.Lines(), got, tries)
		}
	}
	sent := func(r *faultRun, kind sim.Kind) int { return int(r.cluster.World.Stats().Sent[kind]) }
	r := newFaultRun(t, 3000, "drop 2% vote").run(t)
	near(r, sent(r, model.KindVote), 0.02)
	r = newFaultRun(t, 3000, "delay 0.03 commit by 1us").run(t)
	near(r, sent(r, model.KindCommit), 0.03)
	// All seven boundaries of a commit are reached under presumed nothing.
	r = newFaultRun(t, 3000, "pause workers 5% on commit for 1us").run(t)
	near(r, sent(r, model.KindCommit), 0.05)
	points := map[string]int{}
	for _, line := range r.inject.Fired().Lines() {
		points[strings.Join(strings.Fields(line)[2:5], " ")]++
	}
	for _, point := range []string{"before receive commit", "before append commit", "after append commit", "before sync commit",
		"after sync commit", "before send ack", "after send ack"} {
		if n := points[point]; n < 20 {
			t.Errorf("%s: struck %d times of %d", point, n, len(r.inject.Fired().Lines()))
		}
	}
	// Per node and second of virtual time.
	r = newFaultRun(t, 3000, "pause workers rate 100/s for 0s").run(t)
	seconds := float64(r.cluster.World.Now()) / 1e9
	if got, want := float64(r.inject.Counts()[0].Times), 500*seconds; math.Abs(got-want) > 4*math.Sqrt(want)+0.05*want {
		t.Errorf("struck %.0f times in %.3fs", got, seconds)
	}
}

// Strikes are recorded under the transactions' ids, whatever their indices.
func TestFiredByID(t *testing.T) {
	r := newFaultRun(t, 300, "drop 5% vote")
	r.cluster = model.NewCluster(r.cfg)
	id := func(n uint64) string { return fmt.Sprint("t", 1000-n) }
	r.inject = r.plan.Install(r.cluster, 1, id)
	r.cluster.Run(context.Background())
	again := newFaultRun(t, 300, r.inject.Fired().Lines()...)
	again.cluster = model.NewCluster(again.cfg)
	again.plan.Install(again.cluster, 1, id)
	again.cluster.Run(context.Background())
	if len(again.plan) == 0 || r.cluster.World.Hash() != again.cluster.World.Hash() {
		t.Error("the traces differ")
	}
}

// A source of choices decides about chance faults too; its default is none.
func TestChoices(t *testing.T) {
	r := newFaultRun(t, 40, "drop 0% vote")
	r.cfg.Choices = sim.NewRecorded(nil, []sim.Deviation{{Stream: "fault/drop 0% vote w3", Ordinal: 4, Value: 1}})
	r.run(t)
	r.struck(t, 1)
	if fired := r.inject.Fired().Lines(); len(fired) != 1 || !strings.HasPrefix(fired[0], "drop vote w3→C") {
		t.Error(fired)
	}
}

// TestChanceExpires: a strike that waits for a boundary of a step is off when the node
// enters that step of the attempt once more: what is drawn then holds.
func TestChanceExpires(t *testing.T) {
	const line = "crash w3 50% on prepare for 30ms"
	for _, c := range []struct {
		plan []string
		want uint64
	}{
		{[]string{line}, 1},
		{[]string{line, "duplicate prepare C0→w3 #1"}, 0}, // comes while the record is being synced
	} {
		r := newFaultRun(t, 1, c.plan...)
		r.cfg.FaultsEnd = time.Second
		r.cfg.Choices = sim.NewRecorded(nil, []sim.Deviation{
			{Stream: "fault/" + line + " w3", Ordinal: 0, Value: 1},
			{Stream: "fault/" + line + " boundary w3", Ordinal: 0, Value: 4}, // after sync
			{Stream: "fault/" + line + " w3", Ordinal: 1, Value: 0},
		})
		r.run(t)
		r.struck(t, c.want)
	}
}

// passCounts against a map: equal as long as nothing is forgotten, and what
// came up lately is never forgotten, nor that strikes wait for it.
func TestPassCounts(t *testing.T) {
	const limit = 1 << 10
	r := rand.New(rand.NewPCG(3, 4))
	expired := 0
	waited := map[uint64]bool{} // by key of the count
	counts := passCounts{columns: 6, limit: limit, drop: func(p *passCount) {
		expired++
		delete(waited, p.key)
	}}
	seen, last := map[uint64]uint64{}, map[uint64]int{}
	armed := 0
	for i := range 100000 {
		key := 1 + uint64(i)/4 + r.Uint64N(200) // a window that moves on
		if r.IntN(10) == 0 {
			key = 1 + r.Uint64N(1+uint64(i)/4) // an old one
		}
		slot := counts.of(0, sim.Label(key))
		n := counts.pass(slot, 5)
		if at, ok := last[key]; ok && i-at > limit/2 && n == 1 {
			seen[key] = 0 // forgotten
		}
		if seen[key]++; n != seen[key] {
			t.Fatalf("key %d: count %d, want %d, %d steps ago", key, n, seen[key], i-last[key])
		}
		last[key] = i
		if (slot.armed != 0) != waited[slot.key] {
			t.Fatalf("key %d: armed %d, want %v", key, slot.armed, waited[slot.key])
		}
		if slot.armed == 0 && r.IntN(50) == 0 {
			slot.armed, waited[slot.key] = 1, true
			armed++
		}
	}
	if len(counts.slots) > limit || len(counts.old) > limit || expired == 0 || expired > armed {
		t.Error(len(counts.slots), len(counts.old), expired, armed)
	}
}

// TestEveryKind: a line of all kinds draws for each message by itself, whether and by how
// much: what struck a prepare says nothing about the commit of the same attempt.
func TestEveryKind(t *testing.T) {
	first := newFaultRun(t, 1000, "delay 30% * by uniform(1us, 9us)").run(t)
	delays := map[string]map[string]string{}
	for _, line := range first.inject.Fired().Lines() {
		words := strings.Fields(line) // delay KIND FROM→TO of ATTEMPT by D
		if kind := words[1]; kind == "prepare" || kind == "commit" {
			about := strings.Join(words[2:len(words)-2], " ")
			if delays[about] == nil {
				delays[about] = map[string]string{}
			}
			delays[about][kind] = words[len(words)-1]
		}
	}
	both, commits, same := 0, 0, 0
	for _, d := range delays {
		if d["commit"] == "" {
			continue
		}
		commits++
		if d["prepare"] != "" {
			both++
			if d["prepare"] == d["commit"] {
				same++
			}
		}
	}
	if share := float64(both) / float64(commits); commits < 200 || share < 0.2 || share > 0.4 || same > both/10 {
		t.Errorf("%d delayed commits, of %d the prepare too, by as much in %d", commits, both, same)
	}
}
