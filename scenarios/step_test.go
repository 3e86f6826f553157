package scenarios

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

func newStepper(t *testing.T, s *Scenario) *Stepper {
	t.Helper()
	job := openJob(t, s)
	st, err := NewStepper(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// smallCrash is a short run with a crash in it.
func smallCrash(t *testing.T) *Scenario {
	t.Helper()
	s := loaded(t, "rivals")
	s.Faults = []string{"crash w1 at 2ms for 5ms"}
	return s
}

// everything is all that a stepper shows.
func everything(s *Stepper) string {
	var b strings.Builder
	fmt.Fprintln(&b, s.At(), s.Lines(), s.Pending("pending"), s.Pending("enabled"))
	for n := range s.Nodes() {
		fmt.Fprintln(&b, s.Node(sim.NodeID(n)))
	}
	return b.String()
}

// TestStepBackIsForward: going back shows, at every event of a run, what going forward
// showed there, and the end of it is the run.
func TestStepBackIsForward(t *testing.T) {
	s := smallCrash(t)
	st := newStepper(t, s)
	job, _ := s.Open(model.Protocols())
	defer job.Close()
	plain, err := job.Run(t.Context(), Options{Seed: s.Seed})
	if err != nil {
		t.Fatal(err)
	}
	if uint64(st.End()) != plain.Stats.Events || st.Whole().Hash != plain.Hash {
		t.Errorf("%d events, hash %x; the run has %d, %x", st.End(), st.Whole().Hash, plain.Stats.Events, plain.Hash)
	}
	var forward []string
	for n := range st.End() + 1 {
		if err := st.Go(t.Context(), n); err != nil || st.At() != n {
			t.Fatalf("%v: at %d, expected %d", err, st.At(), n)
		}
		forward = append(forward, everything(st))
	}
	if st.Result().Hash != plain.Hash {
		t.Errorf("hash %x at the end, expected %x", st.Result().Hash, plain.Hash)
	}
	for n := st.End() - 1; n >= 0; n-- {
		if err := st.Go(t.Context(), n); err != nil {
			t.Fatal(err)
		}
		if got := everything(st); got != forward[n] {
			t.Fatalf("back at event %d:\n%s\nforward:\n%s", n, got, forward[n])
		}
	}
	if slices.Equal(forward[3:4], forward[4:5]) {
		t.Error("two events show the same")
	}
}

// TestStepFinds: the next event of a kind, from everywhere, is the one that a plain
// search finds.
func TestStepFinds(t *testing.T) {
	st := newStepper(t, smallCrash(t))
	for _, kind := range []string{"vote", "commit", "crash", "restart", "timer", "answer"} {
		var at []int // the events that have it
		for n := 1; n <= st.End(); n++ {
			if err := st.Go(t.Context(), n); err != nil {
				t.Fatal(err)
			}
			if slices.ContainsFunc(st.Lines(), func(l model.Line) bool {
				return l.What == kind || strings.HasSuffix(l.What, " "+kind) || strings.HasPrefix(l.Detail, kind+" ")
			}) {
				at = append(at, n)
			}
		}
		for from := range st.End() {
			want := slices.IndexFunc(at, func(n int) bool { return n > from })
			if err := st.Go(t.Context(), from); err != nil {
				t.Fatal(err)
			}
			found, err := st.Find(t.Context(), func(r *sim.Record[model.Message]) bool { return st.OfKind(r, kind) })
			if err != nil || found != (want >= 0) || found && st.At() != at[want] || !found && st.At() != from {
				t.Fatalf("%s from %d: %v %v, at %d, of %v", kind, from, err, found, st.At(), at)
			}
		}
	}
}

// TestStepperKinds: what a log calls something is what to look for it by.
func TestStepperKinds(t *testing.T) {
	s := Small()
	s.Disk.Checkpoint = 300
	s.Workers = 5
	s.Faults = []string{"partition w0 | C0 at 5ms for 20ms", "crash w1 at 2ms for 5ms", "pause w2 at 1ms for 3ms", "crash w3 at 10ms forever",
		"fail-sync workers 5% for 5ms", "drop 2% vote"}
	job := openJob(t, s)
	var text strings.Builder
	log := NewLog(&text, JSONL, true, false)
	if _, err := job.Run(t.Context(), Options{Seed: s.Seed, Log: log}); err != nil {
		t.Fatal(err)
	}
	if err := log.Flush(); err != nil {
		t.Fatal(err)
	}
	st, err := NewStepper(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	kinds, seen := st.Kinds(), map[string]bool{}
	for line := range strings.Lines(text.String()) {
		var record struct{ What string }
		if err := json.Unmarshal([]byte(line), &record); err != nil {
			t.Fatal(err)
		}
		seen[record.What] = true
	}
	for what := range seen {
		if slices.Contains([]string{"waits", "granted", "refused"}, what) {
			continue // of locks, of which there are no records
		}
		if word := strings.TrimPrefix(strings.TrimPrefix(what, "send "), "got "); !slices.Contains(kinds, word) {
			t.Errorf("the log has %s: expected one of %s", what, strings.Join(kinds, " "))
		}
	}
	for _, what := range []string{"cut", "heal", "append", "sync", "synced", "truncated", "sync-failed", "crash", "restart", "dead", "pause", "resume", "lost", "timer", "got prepare"} {
		if !seen[what] {
			t.Errorf("%s is not in the log", what)
		}
	}
}

// TestStepWaiting: what waits for a core or for the end of a pause is shown there, and as
// what it comes to.
func TestStepWaiting(t *testing.T) {
	for _, c := range []struct {
		set, waits string
		at         sim.NodeID
	}{
		{"cpu.message=5ms", "client → C0  request  t2, waits for a core", 0},
		{"faults=[\"pause w0 at 500us for 10ms\"]", "C0 → w0  prepare  t1, waits for the end of a pause", 1},
	} {
		st := newStepper(t, scenarioOf(t, "workers=2", "clients=2", c.set, "network.delay=1ms", "disk.sync=1ms",
			`transactions={inline: ["t1: w0 write x = 1; w1 write y = 1", "t2: w0 write x = 2; w1 write y = 2"]}`))
		sent := map[int]int{} // by each event, less those that it handled
		if err := st.run(t.Context(), st.End(), func(n int, r *sim.Record[model.Message]) {
			switch r.Op {
			case sim.TraceSend:
				sent[n]++
			case sim.TraceDeliver, sim.TraceLost:
				sent[n]--
			}
		}); err != nil {
			t.Fatal(err)
		}
		came, shown, open := 0, 0, 0
		for n := range st.End() + 1 {
			if err := st.Go(t.Context(), n); err != nil {
				t.Fatal(err)
			}
			open += sent[n]
			if got := st.Pending("inflight"); len(got) != open {
				t.Fatalf("%s, event %d: %d messages are on their way: %q", c.set, n, open, got)
			}
			text := st.Waiting()
			if strings.HasSuffix(text, c.waits) {
				came++
			}
			if len(st.Lines()) == 0 && text == "" && st.last.Op != sim.InputPlanned {
				t.Errorf("%s, event %d: nothing of it", c.set, n)
			}
			if slices.Contains(st.Node(c.at), "  waiting   "+c.waits) {
				shown++
			}
		}
		if came != 1 || shown == 0 {
			t.Errorf("%s: %s came %d times, and was shown %d", c.set, c.waits, came, shown)
		}
	}
}

// TestStepLife: of a node that is down, the view says which life comes next, and of a dead one
// none.
func TestStepLife(t *testing.T) {
	for fault, want := range map[string]string{
		"crash w1 at 2ms for 5ms": "w1  up, life 1 | w1  down, next life 2 | w1  up, life 2",
		"crash w1 at 2ms forever": "w1  up, life 1 | w1  dead",
	} {
		s := smallCrash(t)
		s.Faults = []string{fault}
		st := newStepper(t, s)
		w1 := sim.NodeID(slices.Index(st.Nodes(), "w1"))
		lives := []string{st.Node(w1)[0]}
		for st.At() < st.End() {
			if err := st.Go(t.Context(), st.At()+1); err != nil {
				t.Fatal(err)
			}
			if life := st.Node(w1)[0]; life != lives[len(lives)-1] {
				lives = append(lives, life)
			}
		}
		if got := strings.Join(lives, " | "); got != want {
			t.Errorf("%s: %s, want %s", fault, got, want)
		}
	}
}
