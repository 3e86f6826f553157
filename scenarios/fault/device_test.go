package fault

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// A sync that fails is the one that the line aims at, and the node crashes at
// its end.
func TestFailSync(t *testing.T) {
	r := newFaultRun(t, 60, "fail-sync w3 #4 for 20ms").run(t)
	at := r.around(t, sim.TraceSyncFailed, "w3")
	if n := r.count(at, func(rec *sim.Record[model.Message]) bool {
		return rec.Op == sim.TraceSync && r.format.Node(rec.Node) == "w3"
	}); n != 4 {
		t.Errorf("sync %d failed", n)
	}
	if up := r.around(t, sim.TraceRestart, "w3"); r.records[up].At.Sub(r.records[at].At) != 20*time.Millisecond {
		t.Error(r.trace[at], r.trace[up])
	}
	r = newFaultRun(t, 60, "fail-sync w3 prepare of t17#1 for 20ms").run(t)
	at = r.around(t, sim.TraceSyncFailed, "w3")
	if n := r.count(at, func(rec *sim.Record[model.Message]) bool {
		return rec.Op == sim.TraceAppend && rec.Kind == model.KindPrepare && r.format.Node(rec.Node) == "w3" && model.AttemptOf(rec.Label).Txn == 17
	}); n != 1 {
		t.Errorf("%d prepare records of t17 before", n)
	}
	for _, line := range []string{"fail-sync w3 at 10ms for 20ms", "fail-sync w3 prepare #2 for 20ms", "fail-sync C1 decision #2 for 1ms"} {
		r = newFaultRun(t, 60, line).run(t)
		r.around(t, sim.TraceSyncFailed, strings.Fields(line)[1])
		r.struck(t, 1)
	}
}

// A full device makes a worker vote NO, for as long as it is full.
func TestFullDisk(t *testing.T) {
	r := newFaultRun(t, 100, "full-disk w3 at 10ms for 40ms").run(t)
	full := 0
	for i, line := range r.trace {
		if rec := r.records[i]; rec.Op == sim.TraceSend && rec.Kind == model.KindVote && strings.Contains(line, " full") {
			full++
			if r.format.Node(rec.Node) != "w3" || rec.At < 10e6 || rec.At > 51e6 {
				t.Error(line)
			}
		}
	}
	if full == 0 {
		t.Error("nobody voted NO")
	}
}

// TestUnnamedRecord: a record of a kind that no line can name is not counted, nor struck
// by chance.
func TestUnnamedRecord(t *testing.T) {
	for _, line := range []string{"corrupt w0 100%", "fail-sync w0 100% for 1ms", "corrupt w0 1% prepare"} {
		r := newFaultRun(t, 0, line).run(t)
		b := sim.Boundary{Node: 2, Kind: kinds, Label: 1, Peer: sim.Nobody, Point: sim.AfterSync, Sync: 1}
		if b.Point -= sim.Point(strings.Count(line, "fail")); (r.inject.At(&b) != nil) != (b.Point == sim.BeforeSync) {
			t.Errorf("%s: strikes %+v", line, b)
		}
	}
}

// What comes again does so at its times, each of a duration of its own, until
// its end, or that of all faults.
func TestEvery(t *testing.T) {
	r := newFaultRun(t, 100, "crash w3 at 10ms for 5ms every 20ms until 70ms").run(t)
	var at []sim.Time
	for _, rec := range r.records {
		if rec.Op == sim.TraceCrash {
			at = append(at, rec.At/1e6)
		}
	}
	if !slices.Equal(at, []sim.Time{10, 30, 50, 70}) {
		t.Error(at)
	}
	r.struck(t, 4)
	r = newFaultRun(t, 100, "partition w1 w2 | * at 10ms for exp(5ms) every 30ms", "slow-disk w1 x9 at 0s for exp(1ms) every 20ms").run(t)
	cuts, heals := 0, 0
	for _, rec := range r.records {
		switch rec.Op {
		case sim.TraceCut:
			cuts++
			if (rec.At-10e6)%30e6 != 0 {
				t.Error(rec.At)
			}
		case sim.TraceHeal:
			heals++
		}
	}
	if cuts < 3 || cuts != heals {
		t.Errorf("%d cuts, %d ends of them", cuts, heals)
	}
	if len(r.inject.cuts) != 1 {
		t.Errorf("%d entries for the partitions of one line", len(r.inject.cuts))
	}
	replayed(t, r)
}

// A slow node handles what it is sent later than others do.
func TestSlow(t *testing.T) {
	r := newFaultRun(t, 100, "slow w3 x100 at 0s for 40ms").run(t)
	base := newFaultRun(t, 100).run(t)
	if a, b := arrival(base, "C0", "w3", model.KindPrepare, 1), arrival(r, "C0", "w3", model.KindPrepare, 1); b-a < 1e6 {
		t.Errorf("handled at %v, and slowly at %v", a, b)
	}
}

// What syncs and records met by chance happens again without chance.
func TestDeviceReplay(t *testing.T) {
	t.Parallel()
	for _, lines := range [][]string{
		{"fail-sync workers 4% for exp(20ms)", "fail-sync C0 5% decision for exp(9ms)", "fail-sync C1 rate 20/s for 3ms"},
		{"slow workers x300 rate 10/s for exp(10ms)", "slow-disk w1 x9 rate 20/s for 5ms", "full-disk workers rate 20/s for exp(5ms)"},
		{"lose-sync workers 1%", "crash w3 rate 10/s for 5ms", "lose-sync w1 9% commit"},
		{"corrupt workers 1%", "corrupt w2 2% prepare", "crash workers rate 3/s for 5ms"},
		{"lose-sync workers rate 5/s", "crash workers rate 3/s for 5ms"},
	} {
		r := newFaultRun(t, 200, lines...)
		r.cfg.FaultsEnd, r.cfg.Stuck = 400*time.Millisecond, 2*time.Second
		r.run(t)
		for _, c := range r.inject.Counts() {
			if c.Times == 0 {
				t.Errorf("never struck: %s", c.Line)
			}
		}
		replayed(t, r)
	}
	for _, line := range []string{"lose-sync w1 #9", "corrupt w2 #3", "corrupt w1 prepare of t10#1", "lose-sync C1 decision #3", "lose-sync w1 at 10ms"} {
		newFaultRun(t, 50, line).run(t).struck(t, 1)
	}
}

// What strikes records of one kind by chance strikes no other.
func TestCorruptKind(t *testing.T) {
	r := newFaultRun(t, 20, "corrupt w1 100% commit")
	r.cfg.FaultsEnd, r.cfg.Stuck = 400*time.Millisecond, 2*time.Second
	fired := r.run(t).inject.Fired().Lines()
	if len(fired) == 0 || slices.ContainsFunc(fired, func(l string) bool { return !strings.HasPrefix(l, "corrupt w1 commit of ") }) {
		t.Errorf("%q", fired)
	}
}

// TestPartitionNames: each partition has the name of its line, however those of two lines
// follow each other.
func TestPartitionNames(t *testing.T) {
	r := newFaultRun(t, 1, "partition w1 | * at 10s for 1s", "partition w2 | * at 10s for 1s")
	r.run(t)
	j := r.inject
	j.cuts = nil
	for number, line := range []int{1, 1, 0, 0, 0, 1} {
		j.numbered(number, line)
	}
	for number, want := range []string{"partition w2 | *", "partition w2 | *", "partition w1 | *", "partition w1 | *", "partition w1 | *", "partition w2 | *"} {
		if got := j.Partition(number); got != want {
			t.Errorf("%d: %s, want %s", number, got, want)
		}
	}
}

// TestManyDeviceLines: a line that strikes the syncs of thousands of workers by chance is
// installed without going through all kinds of records for each. That took minutes for
// thousands of lines, in which no interrupt was heard; the bound here is loose.
func TestManyDeviceLines(t *testing.T) {
	line := "fail-sync workers 0.1% prepare for 1ms"
	r := newFaultRun(t, 0, slices.Repeat([]string{line}, 16000)...)
	r.cfg.Workers = 4000
	start := time.Now()
	r.make()
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("%v to install", took)
	}
}
