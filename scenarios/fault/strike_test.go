package fault

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// faultRun is a small cluster under a plan, with the lines of its trace.
type faultRun struct {
	cfg     model.Config
	plan    Plan
	trace   []string
	records []sim.Record[model.Message]
	format  model.Formatter
	cluster *model.Cluster
	inject  *Injection
	end     model.End
	ids     func(i int) string
	left    int
	total   int
}

func (r *faultRun) Record(*model.Event) {}

func (r *faultRun) Trace(rec *sim.Record[model.Message]) {
	line := r.format.Line(rec)
	r.trace = append(r.trace, strings.TrimSuffix(string(line.Append(nil)), "\n"))
	kept := *rec
	kept.Message = nil
	r.records = append(r.records, kept)
}

func (r *faultRun) Next() (*model.Transaction, error) {
	if r.left == 0 {
		return nil, nil
	}
	i := r.total - r.left + 1
	r.left--
	tx := &model.Transaction{ID: r.ids(i), Index: uint64(i), At: model.Unscheduled}
	for w := range 3 {
		if i%7 == 0 && w > 0 {
			break // one worker: one-phase commit
		}
		tx.Ops = append(tx.Ops, model.Op{Kind: model.OpKind((i + w) % 2), Worker: (i + w) % r.cfg.Workers, Key: fmt.Sprint("k", i%5), Value: fmt.Sprint(i)})
	}
	tx.Compile()
	return tx, nil
}

// newFaultRun prepares n transactions on 5 workers, 2 coordinators.
func newFaultRun(t testing.TB, n int, lines ...string) *faultRun {
	plan, err := ParsePlan(lines)
	if err == nil {
		err = plan.Validate(5, 2)
	}
	if err != nil {
		t.Fatal(err)
	}
	delay, _ := sim.ParseDist("lognormal(500us, 0.4)")
	sync, _ := sim.ParseDist("1ms")
	r := &faultRun{plan: plan, left: n, total: n, format: model.Formatter{Coordinators: 2, Workers: 5},
		ids: func(i int) string { return fmt.Sprint("t", i) }}
	r.cfg = model.Config{Seed: 1, Workers: 5, Coordinators: 2, Protocol: model.Protocols()[1], Concurrency: model.Concurrencies()[0], Clients: 4,
		Timeouts: model.Timeouts{Prepare: 50 * time.Millisecond, Decision: 100 * time.Millisecond, Idle: time.Second, Answer: 200 * time.Millisecond},
		Retry:    model.Retry{Attempts: 10, Backoff: 5 * time.Millisecond, Cap: 500 * time.Millisecond}, Checkpoint: 32 << 10,
		Network: sim.Link{Delay: delay}, Disk: sim.Disk{Sync: sync}, Stuck: 20 * time.Second, Source: r, History: r, Tracer: r}
	return r
}

// make makes the cluster and lays its faults, and runs nothing.
func (r *faultRun) make() *faultRun {
	r.cluster = model.NewCluster(r.cfg)
	r.inject = r.plan.Install(r.cluster, 1, nil)
	return r
}

func (r *faultRun) run(t testing.TB) *faultRun {
	r.make()
	r.end = r.cluster.Run(context.Background())
	if r.end.Status != sim.Quiet || r.end.Err != nil {
		t.Fatalf("%v: %+v", r.plan.Lines(), r.end)
	}
	return r
}

// around returns the index of the only record op of the node, or fails.
func (r *faultRun) around(t *testing.T, op sim.TraceOp, node string) int {
	at := -1
	for i, rec := range r.records {
		if rec.Op != op || r.format.Node(rec.Node) != node {
			continue
		}
		if at >= 0 {
			t.Fatalf("%v: struck twice:\n%s\n%s", r.plan.Lines(), r.trace[at], r.trace[i])
		}
		at = i
	}
	if at < 0 {
		t.Fatalf("%v: did not strike", r.plan.Lines())
	}
	return at
}

// count returns how many records up to there match.
func (r *faultRun) count(end int, match func(rec *sim.Record[model.Message]) bool) int {
	n := 0
	for i := range r.records[:end] {
		if match(&r.records[i]) {
			n++
		}
	}
	return n
}

func (r *faultRun) struck(t *testing.T, want uint64) {
	t.Helper()
	if got := r.inject.Counts()[0]; got.Times != want {
		t.Errorf("%s: struck %d times, want %d", got.Line, got.Times, want)
	}
}

// Every boundary can be aimed at, and the crash or pause is the next record
// behind, or comes before, what it is a boundary of.
func TestBoundaries(t *testing.T) {
	ops := map[string]sim.TraceOp{"send": sim.TraceSend, "receive": sim.TraceDeliver, "append": sim.TraceAppend}
	for _, c := range []struct {
		node, action, kind string
		n                  int
	}{
		{"w3", "send", "vote", 2}, {"w3", "send", "ack", 3}, {"w3", "receive", "prepare", 2}, {"w3", "receive", "commit", 3},
		{"w3", "append", "prepare", 4}, {"w3", "append", "commit", 1}, {"w0", "receive", "commit-one", 1}, {"w0", "send", "done", 1},
		{"C0", "send", "prepare", 5}, {"C0", "send", "decision", 4}, {"C0", "receive", "vote", 6}, {"C0", "receive", "request", 2},
		{"C0", "append", "decision", 2}, {"C1", "append", "end", 2}, {"C1", "send", "answer", 1}, {"C1", "receive", "ack", 3},
	} {
		for _, verb := range []string{"crash", "hang"} {
			struck := sim.TraceCrash
			if verb == "hang" {
				struck = sim.TracePause
			}
			match := func(rec *sim.Record[model.Message], r *faultRun) bool {
				kind := model.KindName(rec.Kind)
				return rec.Op == ops[c.action] && r.format.Node(rec.Node) == c.node &&
					(kind == c.kind || c.kind == "decision" && (kind == "commit" || kind == "abort"))
			}
			r := newFaultRun(t, 40, fmt.Sprintf("%s %s after %s %s #%d for 30ms", verb, c.node, c.action, c.kind, c.n)).run(t)
			at := r.around(t, struck, c.node)
			if got := r.count(at, func(rec *sim.Record[model.Message]) bool { return match(rec, r) }); got != c.n {
				t.Errorf("%v: struck after %d", r.plan.Lines(), got)
			}
			// After a receive, the step it brought about has been done.
			if last := r.records[at-1]; c.action != "receive" && !match(&last, r) {
				t.Errorf("%v: struck behind %s", r.plan.Lines(), r.trace[at-1])
			}
			r.struck(t, 1)
			r = newFaultRun(t, 40, fmt.Sprintf("%s %s before %s %s #%d for 30ms", verb, c.node, c.action, c.kind, c.n)).run(t)
			at = r.around(t, struck, c.node)
			if got := r.count(at, func(rec *sim.Record[model.Message]) bool { return match(rec, r) }); got != c.n-1 {
				t.Errorf("%v: struck before %d", r.plan.Lines(), got+1)
			}
			if lost := r.records[at+1]; verb == "crash" && c.action == "receive" && lost.Op != sim.TraceLost {
				t.Errorf("%v: was followed by %s", r.plan.Lines(), r.trace[at+1])
			}
		}
	}
}

// The sync of a record is that of the first sync behind its append.
func TestSyncBoundaries(t *testing.T) {
	for _, c := range []struct{ node, kind string }{{"w3", "prepare"}, {"w3", "commit"}, {"C0", "decision"}} {
		for _, point := range []string{"before", "after"} {
			r := newFaultRun(t, 40, fmt.Sprintf("crash %s %s sync %s #3 for 30ms", c.node, point, c.kind)).run(t)
			at := r.around(t, sim.TraceCrash, c.node)
			appended, end := 0, uint64(0)
			durable := uint64(0)
			for _, rec := range r.records[:at] {
				kind := model.KindName(rec.Kind)
				switch {
				case r.format.Node(rec.Node) != c.node:
				case rec.Op == sim.TraceAppend && (kind == c.kind || c.kind == "decision" && (kind == "commit" || kind == "abort")):
					if appended++; appended == 3 {
						end = rec.Arg
					}
				case rec.Op == sim.TraceSynced:
					durable = rec.Arg
				}
			}
			if end == 0 || (durable >= end) != (point == "after") {
				t.Errorf("%v: struck with the log durable up to %d, record up to %d", r.plan.Lines(), durable, end)
			}
			r.struck(t, 1)
		}
	}
}

func TestOfAttempt(t *testing.T) {
	r := newFaultRun(t, 40, "crash w3 after append prepare of t17#1 for 30ms")
	r.run(t)
	at := r.around(t, sim.TraceCrash, "w3")
	if before := r.records[at-1]; before.Op != sim.TraceAppend || before.Kind != model.KindPrepare || model.AttemptOf(before.Label) != (model.Attempt{Txn: 17, Try: 1}) {
		t.Errorf("behind %s", r.trace[at-1])
	}
	newFaultRun(t, 40, "crash w3 after append prepare of t017#1 for 30ms").run(t).struck(t, 0) // no id
	// By an id that does not tell the index.
	named := newFaultRun(t, 40, `crash w3 after append prepare of "order 17"#1 for 30ms`)
	named.cluster = model.NewCluster(named.cfg)
	named.inject = named.plan.Install(named.cluster, 1, func(index uint64) string { return fmt.Sprint("order ", index) })
	named.cluster.Run(context.Background())
	if named.cluster.World.Hash() != r.cluster.World.Hash() {
		t.Error("another trace under other names")
	}
	// The second time that this attempt's decision is sent, which is a re-send.
	r = newFaultRun(t, 400, "crash C0 before send decision of t17#1 #4 for 30ms", "drop decision C0→w3 of t17#1").run(t)
	at = r.around(t, sim.TraceCrash, "C0")
	if got := r.count(at, func(rec *sim.Record[model.Message]) bool {
		return rec.Op == sim.TraceSend && (rec.Kind == model.KindCommit || rec.Kind == model.KindAbort) && model.AttemptOf(rec.Label) == model.Attempt{Txn: 17, Try: 1}
	}); got != 3 {
		t.Errorf("struck behind %d", got)
	}
}

func TestTimed(t *testing.T) {
	r := newFaultRun(t, 100, "crash w3 at 10ms for 20ms").run(t)
	at := r.around(t, sim.TraceCrash, "w3")
	up := r.around(t, sim.TraceRestart, "w3")
	if r.records[at].At != 10e6 || r.records[up].At != 30e6 {
		t.Error(r.trace[at], r.trace[up])
	}
	r = newFaultRun(t, 100, "pause workers at 10ms for 20ms").run(t)
	r.struck(t, 5)
	r.around(t, sim.TracePause, "w4")
	r = newFaultRun(t, 100, "crash w3 at 10ms forever").run(t)
	r.around(t, sim.TraceDead, "w3")
	// Faults have ended by then.
	r = newFaultRun(t, 10, "crash w3 at 1h for 1s").run(t)
	r.struck(t, 0)
	if r.cluster.World.Stats().Crashes > 0 || r.cluster.World.Now() > 10e9 {
		t.Error("crashed, or waited for it")
	}
}

func TestNetwork(t *testing.T) {
	lost := func(r *faultRun, cause sim.LossCause) (links []string) {
		for _, rec := range r.records {
			if rec.Op == sim.TraceLost && rec.Arg == uint64(cause) {
				links = append(links, r.format.Node(rec.Peer)+"→"+r.format.Node(rec.Node)+" "+model.KindName(rec.Kind))
			}
		}
		return links
	}
	r := newFaultRun(t, 100, "drop commit C0→w2 #3").run(t)
	if got := lost(r, sim.LostByFault); len(got) != 1 || got[0] != "C0→w2 commit" {
		t.Error(got)
	}
	r.struck(t, 1)
	r = newFaultRun(t, 200, "partition w1 -> C0 at 10ms for 50ms").run(t)
	if got := lost(r, sim.LostByPartition); len(got) == 0 {
		t.Error("nothing was lost")
	} else {
		for _, l := range got {
			if !strings.HasPrefix(l, "w1→C0 ") {
				t.Error(l)
			}
		}
	}
	r = newFaultRun(t, 200, "partition w1 w2 | * at 10ms for 50ms").run(t)
	for _, l := range lost(r, sim.LostByPartition) {
		inside := func(n string) bool { return n == "w1" || n == "w2" }
		if from, to, _ := strings.Cut(strings.Fields(l)[0], "→"); inside(from) == inside(to) {
			t.Error(l)
		}
	}
	base := newFaultRun(t, 50).run(t)
	r = newFaultRun(t, 50, "delay prepare C0→w2 #3 by 80ms").run(t)
	if a, b := arrival(base, "C0", "w2", model.KindPrepare, 3), arrival(r, "C0", "w2", model.KindPrepare, 3); b-a != 80e6 {
		t.Error(a, b)
	}
	r = newFaultRun(t, 50, "delay prepare C0→w2 #3 by 30ms", "delay prepare C0→w2 #3 by 10ms").run(t)
	if a, b := arrival(base, "C0", "w2", model.KindPrepare, 3), arrival(r, "C0", "w2", model.KindPrepare, 3); b-a != 40e6 {
		t.Errorf("delayed twice: %v, without %v", b, a)
	}
	r = newFaultRun(t, 50, "duplicate prepare C0→w2 #3").run(t)
	if r.cluster.World.Stats().Delivered <= base.cluster.World.Stats().Delivered {
		t.Error("no duplicate arrived")
	}
	r.struck(t, 1)
}

// A late copy leaves the first where it was, and comes later than one that is not late by as
// much as the line says.
func TestLateCopy(t *testing.T) {
	const line = "duplicate prepare C0→w2 #3"
	copies := func(lines ...string) (all []sim.Time) {
		r := newFaultRun(t, 50, lines...).run(t)
		at := arrivals(r, "C0", "w2", model.KindPrepare, 3)
		if len(at) == 0 {
			t.Fatalf("%v: nothing arrived", lines)
		}
		return at
	}
	base, twice, late := copies(), copies(line), copies(line+" late by 80ms")
	slices.Sort(twice)
	if len(twice) != 2 || len(late) != 2 || late[0] != base[0] && late[1]-80e6 != base[0] {
		t.Fatal(base, twice, late)
	}
	late[1] -= 80e6
	if slices.Sort(late); !slices.Equal(late, twice) {
		t.Error(twice, late)
	}
	// Of two lines, the later copy is the one that comes.
	if both := copies(line+" late by 80ms", line+" late by 90ms"); len(both) != 2 || both[1]-90e6 != late[0] && both[1]-90e6 != late[1] {
		t.Error(late, both)
	}
}

// arrival returns when the n-th message that was sent on a link was first handled.
func arrival(r *faultRun, from, to string, kind sim.Kind, n int) sim.Time {
	if all := arrivals(r, from, to, kind, n); len(all) > 0 {
		return all[0]
	}
	return 0
}

// arrivals returns when the n-th message that was sent on a link was handled, and again, if
// it is the only one of its kind and label.
func arrivals(r *faultRun, from, to string, kind sim.Kind, n int) (all []sim.Time) {
	label := sim.Label(0)
	for _, rec := range r.records {
		switch {
		case rec.Kind != kind:
		case rec.Op == sim.TraceSend && r.format.Node(rec.Node) == from && r.format.Node(rec.Peer) == to:
			if n--; n == 0 {
				label = rec.Label
			}
		case n <= 0 && rec.Op == sim.TraceDeliver && rec.Label == label && r.format.Node(rec.Node) == to:
			all = append(all, rec.At)
		}
	}
	return all
}

func TestSlowDiskSkewTear(t *testing.T) {
	r := newFaultRun(t, 100, "slow-disk w1 x20 at 10ms for 60ms").run(t)
	slow := false
	begun := sim.Time(0)
	for _, rec := range r.records {
		switch {
		case r.format.Node(rec.Node) != "w1":
		case rec.Op == sim.TraceSync:
			begun = rec.At
		case rec.Op == sim.TraceSynced:
			during := begun >= 10e6 && begun < 70e6
			if took := rec.At.Sub(begun); during != (took == 20*time.Millisecond) {
				t.Error(begun, took)
			}
			slow = slow || during
		}
	}
	if !slow {
		t.Error("no sync was slow")
	}
	r = newFaultRun(t, 100, "tear w3", "crash w3 after append prepare #3 for 10ms", "crash w3 after append prepare #6 for 10ms").run(t)
	r.around(t, sim.TraceTorn, "w3")
	r.struck(t, 1)
	r = newFaultRun(t, 100, "skew w2 by 30ms").run(t)
	r.struck(t, 1)
}
