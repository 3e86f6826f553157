package analysis

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// TestBreakdownSync: a node waits for its log until the record that it has appended last
// is durable, and from then on for a core as long as one serves others there, or else for
// another transaction; behind what it has sent it waits for neither.
func TestBreakdownSync(t *testing.T) {
	const c0, w0, client = 0, 1, 2
	prepare, vote, enquire := model.KindPrepare, model.KindVote, model.KindEnquire
	for _, c := range []struct {
		name string
		// What w0 does, at which millisecond: the vote, or the enquiry, takes no time.
		steps string
		want  string
	}{
		{"a record, a sync, a core", "1 append 10, 3 synced 10, 4 served 1, 4 vote", "queue 1, sync 2"},
		{"a record, a sync, another transaction", "1 append 10, 3 synced 10, 5 vote", "lock 2, sync 2"},
		{"a core, and another transaction", "1 append 10, 3 synced 10, 4 served 1, 7 vote", "queue 1, lock 3, sync 2"},
		{"a core that was busy before", "1 append 10, 2 served 1, 3 synced 10, 4 vote", "lock 1, sync 2"},
		{"a core of a host on which a service was cut short", "1 append 10, 2 served 1, 3 synced 10, 4 crash, 7 vote", "queue 4, sync 2"},
		{"a core of a host on which a service was held up", "1 append 10, 2 served 1, 3 synced 10, 4 halt, 7 vote", "queue 4, sync 2"},
		{"a record that nobody waits for, and another transaction", "1 append 10, 2 served 1, 2 append 20, 4 vote, 9 synced 20", "queue 1, lock 2"},
		{"a crash on a host that serves nothing", "1 append 10, 3 synced 10, 4 crash, 7 vote", "lock 4, sync 2"},
		{"another's sync before, and one behind", "1 append 10, 2 synced 5, 3 synced 10, 5 served 2, 5 synced 15, 5 vote", "queue 2, sync 2"},
		{"the last record counts", "1 append 10, 2 served 1, 2 append 20, 3 synced 10, 6 synced 20, 7 served 1, 7 vote", "queue 2, sync 4"},
		{"a record that nobody waits for", "1 append 10, 2 served 1, 2 append 20, 3 synced 10, 4 served 2, 4 vote, 9 synced 20", "queue 3"},
		{"the prepare again while it waits", "1 append 10, 2 prepare, 3 synced 10, 4 served 1, 4 vote", "queue 1, sync 2"},
		{"the prepare again after a crash", "1 append 10, 2 restart, 4 prepare, 4 append 20, 6 synced 20, 6 vote", "sync 2"},
		{"a pause within a wait for a lock", "2 pause, 4 resume, 7 vote", "lock 4, retry 2"},
		{"a pause within a wait for a lock that an abort ends", "2 pause, 4 resume, 7 abort, 7 vote", "retry 7"},
		{"an abort where the record is written", "3 append 10, 7 served 4, 7 abort, 7 vote", "queue 4, lock 2"},
		{"a timeout behind the vote", "1 append 10, 3 synced 10, 3 vote lost, 50 enquire", "sync 2, retry 47"},
	} {
		b := NewBreakdown(1, 1, 1)
		b.OnHosts(func(sim.NodeID) int { return 0 })
		label := model.Attempt{Txn: 1, Try: 1}.Label()
		trace := func(at sim.Time, op sim.TraceOp, node, peer sim.NodeID, kind sim.Kind, arg uint64, m *model.Message) {
			r := &sim.Record[model.Message]{At: at, Op: op, Node: node, Peer: peer, Kind: kind, Label: label, Arg: arg, Message: m, Arrived: at}
			switch op {
			case sim.TraceSynced, sim.TraceCrash, sim.TraceRestart, sim.TracePause, sim.TraceResume:
				r.Label = 0
			}
			b.Trace(r)
		}
		send := func(at sim.Time, from, to sim.NodeID, kind sim.Kind) {
			trace(at, sim.TraceSend, from, to, kind, 0, &model.Message{})
		}
		deliver := func(at sim.Time, from, to sim.NodeID, kind sim.Kind) {
			trace(at, sim.TraceDeliver, to, from, kind, 0, &model.Message{})
		}
		send(0, client, c0, model.KindRequest)
		deliver(0, client, c0, model.KindRequest)
		send(0, c0, w0, prepare)
		at := sim.Time(time.Millisecond)
		deliver(at, c0, w0, prepare)
		for _, step := range strings.Split(c.steps, ", ") {
			var what, ms, lsn = "", 0, uint64(0)
			_, _ = fmt.Sscan(step, &ms, &what, &lsn) // a vote has no position
			at = sim.Time(ms) * sim.Time(time.Millisecond)
			switch what {
			case "append":
				trace(at, sim.TraceAppend, w0, sim.Nobody, prepare, lsn, nil)
			case "synced":
				trace(at, sim.TraceSynced, w0, sim.Nobody, 0, lsn, nil)
			case "served": // another transaction, for so many milliseconds
				b.Trace(&sim.Record[model.Message]{
					At: at, Op: sim.TraceDeliver, Node: w0, Peer: c0, Kind: prepare, Label: model.Attempt{Txn: 2, Try: 1}.Label(),
					Message: &model.Message{}, Arrived: at, Service: time.Duration(lsn) * time.Millisecond,
				})
			case "prepare":
				deliver(at, c0, w0, prepare)
			case "crash": // of its neighbour
				trace(at, sim.TraceCrash, c0, sim.Nobody, 0, 0, nil)
			case "halt": // a pause of its neighbour
				trace(at, sim.TracePause, c0, sim.Nobody, 0, 0, nil)
			case "restart":
				trace(at, sim.TraceRestart, w0, sim.Nobody, 0, 0, nil)
			case "pause":
				trace(at, sim.TracePause, w0, sim.Nobody, 0, 0, nil)
			case "resume":
				trace(at, sim.TraceResume, w0, sim.Nobody, 0, 0, nil)
			case "abort":
				send(at, c0, w0, model.KindAbort)
				deliver(at, c0, w0, model.KindAbort)
			case "vote":
				send(at, w0, c0, vote)
				if !strings.HasSuffix(step, "lost") {
					deliver(at, w0, c0, vote)
					send(at, c0, client, model.KindAnswer)
				}
			case "enquire":
				send(at, w0, c0, enquire)
				deliver(at, w0, c0, enquire)
				send(at, c0, client, model.KindAnswer)
			}
			if what == "enquire" || step == fmt.Sprint(ms, " vote") {
				deliver(at, c0, client, model.KindAnswer)
				trace(at, sim.TraceNote, client, sim.Nobody, model.KindOutcome, 0, &model.Message{Final: true, Outcome: model.Committed, Start: at})
			}
		}
		var got []string
		for s, d := range b.Means(0, sim.Never).Spent {
			if d != 0 && Span(s) != SpanNetwork {
				got = append(got, fmt.Sprint(SpanNames[s], " ", d.Milliseconds()))
			}
		}
		if text := strings.Join(got, ", "); text != c.want {
			t.Errorf("%s: %s, expected %s", c.name, text, c.want)
		}
	}
}

// TestBreakdownCopy: a copy of an execute message that comes late, while the next one is on its
// way, is not that, though the worker has been told something else since.
func TestBreakdownCopy(t *testing.T) {
	const c0, w0, client = 0, 1, 2
	label := model.Attempt{Txn: 1, Try: 1}.Label()
	spent := func(between bool) [Spans]time.Duration {
		b := NewBreakdown(1, 1, 1)
		trace := func(ms int, op sim.TraceOp, node, peer sim.NodeID, kind sim.Kind, from, to int32) {
			at := sim.Time(ms) * sim.Time(time.Millisecond)
			b.Trace(&sim.Record[model.Message]{At: at, Arrived: at, Op: op, Node: node, Peer: peer, Kind: kind, Label: label,
				Message: &model.Message{From: from, To: to, Final: true, Outcome: model.Committed, Start: at}})
		}
		send := func(ms int, from, to sim.NodeID, kind sim.Kind, ops ...int32) {
			trace(ms, sim.TraceSend, from, to, kind, ops[0], ops[1])
		}
		deliver := func(ms int, from, to sim.NodeID, kind sim.Kind, ops ...int32) {
			trace(ms, sim.TraceDeliver, to, from, kind, ops[0], ops[1])
		}
		send(0, client, c0, model.KindRequest, 0, 0)
		deliver(0, client, c0, model.KindRequest, 0, 0)
		send(0, c0, w0, model.KindExecute, 0, 1)
		deliver(1, c0, w0, model.KindExecute, 0, 1)
		send(1, w0, c0, model.KindExecuted, 0, 1)
		deliver(2, w0, c0, model.KindExecuted, 0, 1)
		if between {
			send(2, c0, w0, model.KindUser, 0, 0)
			deliver(3, c0, w0, model.KindUser, 0, 0)
			send(3, w0, c0, model.KindUser, 0, 0)
		}
		send(4, c0, w0, model.KindExecute, 1, 2)
		deliver(5, c0, w0, model.KindExecute, 0, 1) // the copy
		deliver(8, c0, w0, model.KindExecute, 1, 2)
		send(8, w0, c0, model.KindExecuted, 1, 2)
		deliver(9, w0, c0, model.KindExecuted, 1, 2)
		send(9, c0, client, model.KindAnswer, 0, 0)
		deliver(9, c0, client, model.KindAnswer, 0, 0)
		trace(9, sim.TraceNote, client, sim.Nobody, model.KindOutcome, 0, 0)
		return b.Means(0, sim.Never).Spent
	}
	for _, between := range []bool{false, true} {
		if got := spent(between); got[SpanNetwork] != 7*time.Millisecond || got[SpanLock] != 0 {
			t.Errorf("a message between %v: %v", between, got)
		}
	}
}

// TestLockWaitsUntil: a wait that begins later is no wait yet.
func TestLockWaitsUntil(t *testing.T) {
	b := NewBreakdown(1, 1, 1)
	b.Lock(5, &model.LockEvent{Kind: model.LockWaits, Worker: 1, Attempt: model.Attempt{Txn: 1, Try: 1}})
	for until, want := range map[sim.Time]float64{3: 0, 5: 0, 9: 4} {
		if got := b.LockWaits(until); got != want {
			t.Errorf("until %d: %v, want %v", until, got, want)
		}
	}
}

// TestBreakdownForgetsAttempts: an attempt that its transaction has left behind takes no
// memory, and what comes of it late has no part in the next; one that tries a hundred times had
// the points of them all.
func TestBreakdownForgetsAttempts(t *testing.T) {
	b := NewBreakdown(1, 1, 1)
	for try := uint32(1); try <= 100; try++ {
		trace := func(try uint32, op sim.TraceOp, node, peer sim.NodeID, kind sim.Kind) {
			b.Trace(&sim.Record[model.Message]{At: sim.Time(try), Op: op, Node: node, Peer: peer, Kind: kind,
				Label: model.Attempt{Txn: 1, Try: try}.Label(), Message: &model.Message{}, Arrived: sim.Time(try)})
		}
		trace(try, sim.TraceSend, 2, 0, model.KindRequest)
		trace(try, sim.TraceDeliver, 0, 2, model.KindRequest)
		trace(try-1, sim.TraceSend, 0, 1, model.KindAbort)
		trace(try, sim.TraceSend, 0, 1, model.KindPrepare)
		if x := &b.trails[0]; len(b.trails) != 1 || len(x.hops) != 4 || x.try != try {
			t.Fatalf("attempt %d: %d trails, the first of attempt %d with %d hops; want 4: two nodes, two messages", try, len(b.trails), x.try, len(x.hops))
		}
	}
}
