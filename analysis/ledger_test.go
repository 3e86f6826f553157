package analysis

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// befall traces a fault; each step takes a millisecond.
func (p *tracePad) befall(op sim.TraceOp, n sim.NodeID, arg uint64) {
	p.trace(op, n, sim.Nobody, 0, model.Attempt{}, arg, nil)
}

func (p *tracePad) lose(k sim.Kind, from, to sim.NodeID, a model.Attempt, why sim.LossCause) {
	p.trace(sim.TraceLost, to, from, k, a, uint64(why), &model.Message{Attempt: a})
}

// delay has line 7 of the plan delay a message about t1 by some milliseconds.
func (p *tracePad) delay(k sim.Kind, from, to sim.NodeID, by int) {
	p.now += sim.Time(time.Millisecond)
	p.c.Delayed(7, from, to, k, t1.Label(), p.now, time.Duration(by)*time.Millisecond)
}

// slow has line 8 make a node slow for some milliseconds.
func (p *tracePad) slow(n sim.NodeID, d int) {
	p.now += sim.Time(time.Millisecond)
	p.c.Slowed(8, n, p.now, p.now.Add(time.Duration(d)*time.Millisecond))
}

// atOnce has the next step take no time.
func (p *tracePad) atOnce() { p.now -= sim.Time(time.Millisecond) }

// cutOff loses a message by the partition of that number.
func (p *tracePad) cutOff(k sim.Kind, from, to sim.NodeID, a model.Attempt, number int) {
	p.now += sim.Time(time.Millisecond)
	p.c.Trace(&sim.Record[model.Message]{At: p.now, Op: sim.TraceLost, Node: to, Peer: from, Kind: k, Label: a.Label(), Arg: uint64(sim.LostByPartition), Cut: number})
}

// act has a worker act on a commit, which ends its doubt.
func (p *tracePad) act(n sim.NodeID, a model.Attempt) { p.append(n, model.KindCommit, a) }

func partitionNo(n int) string { return fmt.Sprint("partition ", n) }

func lineNo(n int) string { return fmt.Sprint("line ", n) }

func ledgerText(l Ledger) string {
	var lines []string
	for _, e := range append(l.Faults, l.Latency) {
		if e.Parts > 0 {
			lines = append(lines, fmt.Sprintf("%s@%d %d %v locked %v blocked %d open %d", e.Fault, int64(e.At)/1e6, e.Parts, e.Total, e.Locked, e.Blocked, e.Open))
		}
	}
	return strings.Join(lines, "; ")
}

// TestLedger puts w0 in doubt about t1, which has another worker, in all ways
// that there are. The request is at 1 ms, the YES of w0 at 4 ms.
func TestLedger(t *testing.T) {
	up := sim.TraceRestart
	for _, tc := range []struct {
		name   string
		before func(p *tracePad) // the request
		during func(p *tracePad) // the doubt
		want   string
	}{
		{"nothing", nil, nil, "@0 1 1ms locked 1ms blocked 0 open 0"},
		{"the coordinator crashes", nil, func(p *tracePad) { p.crash(padC0); p.befall(up, padC0, 2) }, "crash of C0@5 1 3ms locked 3ms blocked 0 open 0"},
		{"and stays down", nil, func(p *tracePad) { p.crash(padC0) }, "crash of C0@5 1 2ms locked 2ms blocked 0 open 0"},
		{"the worker crashes", nil, func(p *tracePad) { p.crash(padW0); p.befall(up, padW0, 2) }, "crash of w0@5 1 3ms locked 3ms blocked 0 open 0"},
		{"the coordinator pauses", nil, func(p *tracePad) { p.befall(sim.TracePause, padC0, 0); p.befall(sim.TraceResume, padC0, 0) },
			"pause of C0@5 1 3ms locked 3ms blocked 0 open 0"},
		{"the latest fault counts", nil, func(p *tracePad) { p.crash(padW0); p.befall(up, padW0, 2); p.befall(sim.TracePause, padC0, 0) },
			"pause of C0@7 1 4ms locked 4ms blocked 0 open 0"},
		{"the other worker crashes before it votes", nil, func(p *tracePad) { p.crash(padW1) }, "crash of w1@5 1 2ms locked 2ms blocked 0 open 0"},
		{"the other worker crashes after it has voted", nil, func(p *tracePad) { p.prepared(padW1, t1); p.crash(padW1) },
			"@0 1 5ms locked 5ms blocked 0 open 0"},
		{"the other worker crashes as soon as it has voted", nil, func(p *tracePad) { p.prepared(padW1, t1); p.atOnce(); p.crash(padW1) },
			"@0 1 4ms locked 4ms blocked 0 open 0"},
		{"the other worker crashes after the decision", nil, func(p *tracePad) { p.note(padC0, model.KindDecide, t1, committed); p.crash(padW1) },
			"@0 1 3ms locked 3ms blocked 0 open 0"},
		{"a crash that was over before", func(p *tracePad) { p.crash(padC0); p.befall(up, padC0, 2) }, nil, "@0 1 1ms locked 1ms blocked 0 open 0"},
		{"another worker's crash that was over before", func(p *tracePad) { p.crash(padW1); p.befall(up, padW1, 2) },
			func(p *tracePad) { p.lose(model.KindAck, padW0, padC0, t1, sim.LostByChance) }, "@0 1 2ms locked 2ms blocked 0 open 0"},
		{"a crash that was over before, and an ack is lost", func(p *tracePad) { p.crash(padC0); p.befall(up, padC0, 2) },
			func(p *tracePad) { p.lose(model.KindAck, padW0, padC0, t1, sim.LostByChance) }, "@0 1 2ms locked 2ms blocked 0 open 0"},
		{"a crash that was not", func(p *tracePad) { p.crash(padC0) }, nil, "crash of C0@1 1 1ms locked 1ms blocked 0 open 0"},
		{"the coordinator is dead", func(p *tracePad) { p.die(padC0) }, nil, "crash of C0@1 1 1ms locked 1ms blocked 0 open 0"},
		{"the commit is lost by chance", nil, func(p *tracePad) { p.lose(model.KindCommit, padC0, padW0, t1, sim.LostByChance) },
			"messages lost by chance@0 1 2ms locked 2ms blocked 0 open 0"},
		{"the other's commit is lost", nil, func(p *tracePad) { p.lose(model.KindCommit, padC0, padW1, t1, sim.LostByChance) },
			"@0 1 2ms locked 2ms blocked 0 open 0"},
		{"the other's vote is dropped", nil, func(p *tracePad) { p.lose(model.KindVote, padW1, padC0, t1, sim.LostByFault) },
			"messages dropped@0 1 2ms locked 2ms blocked 0 open 0"},
		{"an earlier attempt's commit is lost", nil, func(p *tracePad) { p.lose(model.KindCommit, padC0, padW0, t2, sim.LostByChance) },
			"@0 1 2ms locked 2ms blocked 0 open 0"},
		{"an ack is lost", nil, func(p *tracePad) { p.lose(model.KindAck, padW0, padC0, t1, sim.LostByChance) }, "@0 1 2ms locked 2ms blocked 0 open 0"},
		{"an enquiry finds the coordinator down", func(p *tracePad) { p.crash(padC0) },
			func(p *tracePad) { p.lose(model.KindEnquire, padW0, padC0, t1, sim.LostNodeDown) }, "crash of C0@1 1 2ms locked 2ms blocked 0 open 0"},
		{"a partition", func(p *tracePad) { p.befall(sim.TraceCut, sim.Nobody, 3) },
			func(p *tracePad) {
				p.cutOff(model.KindVote, padW0, padC0, t1, 3)
				p.befall(sim.TraceHeal, sim.Nobody, 3)
			},
			"partition 3@1 1 3ms locked 3ms blocked 0 open 0"},
		{"a partition, and a later one of other links", func(p *tracePad) { p.befall(sim.TraceCut, sim.Nobody, 3); p.befall(sim.TraceCut, sim.Nobody, 4) },
			func(p *tracePad) { p.cutOff(model.KindVote, padW0, padC0, t1, 3) }, "partition 3@1 1 2ms locked 2ms blocked 0 open 0"},
		{"a delayed commit", nil, func(p *tracePad) { p.delay(model.KindCommit, padC0, padW0, 5) }, "line 7@0 1 2ms locked 2ms blocked 0 open 0"},
		{"a delayed vote of the other", nil, func(p *tracePad) { p.delay(model.KindVote, padW1, padC0, 1) }, "line 7@0 1 2ms locked 2ms blocked 0 open 0"},
		{"a delayed commit of the other", nil, func(p *tracePad) { p.delay(model.KindCommit, padC0, padW1, 5) }, "@0 1 2ms locked 2ms blocked 0 open 0"},
		{"a delayed ack", nil, func(p *tracePad) { p.delay(model.KindAck, padW0, padC0, 5) }, "@0 1 2ms locked 2ms blocked 0 open 0"},
		{"a delayed wound", nil, func(p *tracePad) { p.delay(model.KindWound, padW1, padC0, 5) }, "@0 1 2ms locked 2ms blocked 0 open 0"},
		{"a delayed prepare that came before the vote", func(p *tracePad) { p.request(t1, 2); p.delay(model.KindPrepare, padC0, padW0, 1) }, nil,
			"@0 1 1ms locked 1ms blocked 0 open 0"},
		{"the other's prepare is dropped, and the vote comes late", nil, func(p *tracePad) {
			p.lose(model.KindPrepare, padC0, padW1, t1, sim.LostByFault)
			p.delay(model.KindVote, padW0, padC0, 1)
		}, "messages dropped@0 1 3ms locked 3ms blocked 0 open 0"},
		{"the vote is dropped, and much that leads to it comes late", nil, func(p *tracePad) {
			p.lose(model.KindVote, padW0, padC0, t1, sim.LostByFault)
			for range maxLost {
				p.delay(model.KindPrepare, padC0, padW1, 1)
			}
			p.prepared(padW1, t1)
		}, "messages dropped@0 1 13ms locked 13ms blocked 0 open 0"},
		{"the other's prepare is dropped, and the vote comes after the decision", nil, func(p *tracePad) {
			p.lose(model.KindPrepare, padC0, padW1, t1, sim.LostByFault)
			p.delay(model.KindVote, padW0, padC0, 5)
		}, "line 7@0 1 3ms locked 3ms blocked 0 open 0"},
		{"the vote is dropped, and one that may be a NO comes late", nil, func(p *tracePad) {
			p.lose(model.KindVote, padW0, padC0, t1, sim.LostByFault)
			p.delay(model.KindVote, padW1, padC0, 1)
		}, "line 7@0 1 3ms locked 3ms blocked 0 open 0"},
		{"a vote is lost whose second copy comes, and another is late", nil, func(p *tracePad) {
			p.lose(model.KindVote, padW1, padC0, t1, sim.LostByChance)
			p.delay(model.KindVote, padW0, padC0, 1)
			p.note(padC0, model.KindDecide, t1, committed)
		}, "line 7@0 1 4ms locked 4ms blocked 0 open 0"},
		{"the vote is late, and another one is dropped after the abort", nil, func(p *tracePad) {
			p.delay(model.KindVote, padW0, padC0, 1)
			p.note(padC0, model.KindDecide, t1, aborted)
			p.lose(model.KindVote, padW1, padC0, t1, sim.LostByFault)
		}, "line 7@0 1 4ms locked 4ms blocked 0 open 0"},
		{"a slow coordinator", nil, func(p *tracePad) { p.slow(padC0, 5) }, "line 8@5 1 2ms locked 2ms blocked 0 open 0"},
		{"a slow worker", func(p *tracePad) { p.slow(padW0, 5) }, nil, "line 8@1 1 1ms locked 1ms blocked 0 open 0"},
		{"one that was slow before", func(p *tracePad) { p.slow(padW0, 2) }, nil, "@0 1 1ms locked 1ms blocked 0 open 0"},
		{"the other is slow before it votes", nil, func(p *tracePad) { p.slow(padW1, 5) }, "line 8@5 1 2ms locked 2ms blocked 0 open 0"},
		{"the other is slow and has voted", func(p *tracePad) { p.slow(padW1, 9) }, func(p *tracePad) { p.prepared(padW1, t1) }, "line 8@1 1 4ms locked 4ms blocked 0 open 0"},
		{"the other is slow and had voted", func(p *tracePad) { p.request(t1, 2); p.slow(padW1, 30); p.prepared(padW1, t1) }, nil,
			"@0 1 1ms locked 1ms blocked 0 open 0"},
		{"one waits and one is refused", nil, func(p *tracePad) {
			p.c.Waits(padW0, model.Attempt{Txn: 5, Try: 1}, t1)
			p.c.Waits(padW0, model.Attempt{Txn: 5, Try: 1}, t1)
			p.c.Waits(padW1, model.Attempt{Txn: 6, Try: 1}, t1)
			young := model.Attempt{Txn: 7, Try: 1}
			p.request(young, 2)
			p.send(padW0, model.KindVote, young, model.Message{Vote: model.VoteNo, Reason: model.Conflict, Payload: &model.Obstacle{Other: t1}})
		}, "@0 1 3ms locked 3ms blocked 2 open 0"},
	} {
		p := newTracePad("presumed-abort")
		if tc.before != nil {
			tc.before(p)
		}
		p.request(t1, 2)
		p.prepared(padW0, t1)
		if tc.during != nil {
			tc.during(p)
		}
		p.act(padW0, t1)
		l := p.c.Ledger(partitionNo, lineNo)
		if got := ledgerText(l); got != tc.want || len(l.Longest) != 1 {
			t.Errorf("%s: got %q, %d listed, want %q, one listed", tc.name, got, len(l.Longest), tc.want)
		}
	}
}

// TestLedgerOwnCrash: a crash of the worker itself that was over before its YES is not what its
// doubt is charged to.
func TestLedgerOwnCrash(t *testing.T) {
	p := newTracePad("presumed-abort")
	p.request(t1, 2)
	p.crash(padW0)
	p.befall(sim.TraceRestart, padW0, 2)
	p.prepared(padW0, t1)
	p.act(padW0, t1)
	if got, want := ledgerText(p.c.Ledger(partitionNo, lineNo)), "@0 1 1ms locked 1ms blocked 0 open 0"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestLedgerLeft: what happens to the coordinator once the decision has left it, and is not lost,
// has not made the doubt longer. The YES of w0 is at 4 ms.
func TestLedgerLeft(t *testing.T) {
	commit := func(p *tracePad) { p.send(padC0, model.KindCommit, t1, model.Message{}) }
	presumed := func(v model.Vote) func(p *tracePad) {
		return func(p *tracePad) { p.send(padC0, model.KindAbort, t1, model.Message{Presumed: true, Vote: v}) }
	}
	crash := func(p *tracePad) { p.crash(padC0) }
	up := func(p *tracePad) { p.befall(sim.TraceRestart, padC0, 2) }
	lost := func(k sim.Kind, from, to sim.NodeID) func(p *tracePad) {
		return func(p *tracePad) { p.lose(k, from, to, t1, sim.LostByChance) }
	}
	for _, tc := range []struct {
		name  string
		steps steps
		want  string
	}{
		{"a crash behind it", steps{commit, crash}, ""},
		{"at the same time", steps{commit, (*tracePad).atOnce, crash}, ""},
		{"and it is over", steps{commit, crash, up}, ""},
		{"a pause behind it", steps{commit, func(p *tracePad) { p.befall(sim.TracePause, padC0, 0) }}, ""},
		{"slow behind it", steps{commit, func(p *tracePad) { p.slow(padC0, 5) }}, ""},
		{"an enquiry that is lost behind it", steps{commit, lost(model.KindEnquire, padW0, padC0)}, ""},
		{"an enquiry that is lost before it", steps{lost(model.KindEnquire, padW0, padC0), commit}, "messages lost by chance@0"},
		{"a crash before it", steps{crash, up, commit}, "crash of C0@5"},
		{"a crash before it and one behind", steps{crash, up, commit, crash}, "crash of C0@5"},
		{"a pause before it that a crash ended, and a crash behind", steps{func(p *tracePad) { p.befall(sim.TracePause, padC0, 0) }, commit, crash}, "pause of C0@5"},
		{"many crashes behind", append(steps{crash, up, commit}, slices.Repeat(steps{crash, up}, maxWindows-1)...), "crash of C0@5"},
		{"more of them than are kept", append(steps{crash, up, commit}, slices.Repeat(steps{crash, up}, maxWindows+1)...), ""},
		{"it is sent again behind the crash", steps{commit, crash, up, commit}, ""},
		{"it is lost", steps{commit, lost(model.KindCommit, padC0, padW0), crash, up, commit}, "crash of C0@7"},
		{"the commit of the other is lost", steps{commit, lost(model.KindCommit, padC0, padW1), crash}, ""},
		{"it has left for the other", steps{func(p *tracePad) { p.trace(sim.TraceSend, padC0, padW1, model.KindCommit, t1, 0, &model.Message{}) }, crash}, "crash of C0@6"},
		{"it is about another attempt", steps{func(p *tracePad) { p.send(padC0, model.KindCommit, t2, model.Message{}) }, crash}, "crash of C0@6"},
		{"the worker crashes too", steps{commit, func(p *tracePad) { p.crash(padW0); p.befall(sim.TraceRestart, padW0, 2) }, crash}, "crash of C0@8"},
		{"the worker crashes, and is told again", steps{commit, func(p *tracePad) { p.crash(padW0); p.befall(sim.TraceRestart, padW0, 2) }, commit, crash}, "crash of w0@6"},
		{"an answer to an enquiry", steps{presumed(model.VoteYes), crash}, ""},
		{"a guess, which a worker in doubt does not take", steps{presumed(model.VoteNone), crash}, "crash of C0@6"},
	} {
		p := newTracePad("presumed-abort")
		p.request(t1, 2)
		p.prepared(padW0, t1)
		for _, step := range tc.steps {
			step(p)
		}
		p.act(padW0, t1)
		want := fmt.Sprintf("%s 1 %v", cmp.Or(tc.want, "@0"), p.now.Sub(sim.Time(4*time.Millisecond)))
		if got := ledgerText(p.c.Ledger(partitionNo, lineNo)); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %q, want %q", tc.name, got, want)
		}
	}
}

// TestLedgerSum adds up all that is charged to faults.
func TestLedgerSum(t *testing.T) {
	one := LedgerEntry{InDoubt: InDoubt{Parts: 1, Total: 2, Max: 3, Open: 4}, Locked: 5, Blocked: 6}
	two := LedgerEntry{InDoubt: InDoubt{Parts: 10, Total: 20, Max: 2, Open: 40}, Locked: 50, Blocked: 60}
	want := LedgerEntry{At: -1, InDoubt: InDoubt{Parts: 11, Total: 22, Max: 3, Open: 44}, Locked: 55, Blocked: 66}
	if got := (&Ledger{Faults: []LedgerEntry{one, two}, Latency: two}).Sum(); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestLedgerStoppedLater: a node that stops long after it has come back had recovered.
func TestLedgerStoppedLater(t *testing.T) {
	p := newTracePad("presumed-abort")
	p.crash(padW0)
	p.befall(sim.TraceRestart, padW0, 2)
	p.befall(sim.TraceStopped, padW0, 2)
	l := p.c.Ledger(partitionNo, lineNo)
	if d := l.Recovery(); d.Times != 1 {
		t.Errorf("%+v", l.Down)
	}
}

// TestLedgerStopped: a node that comes back, finds its log damaged and stops has not
// recovered.
func TestLedgerStopped(t *testing.T) {
	p := newTracePad("presumed-abort")
	for _, n := range []sim.NodeID{padW0, padW1} {
		p.crash(n)
		p.befall(sim.TraceRestart, n, 2)
	}
	for _, n := range []sim.NodeID{padW1, padC0} {
		p.crash(n)
		p.now += sim.Time(5 * time.Millisecond)
		p.befall(sim.TraceRestart, n, 3)
		p.c.Trace(&sim.Record[model.Message]{At: p.now, Op: sim.TraceStopped, Node: n, Peer: sim.Nobody})
	}
	l := p.c.Ledger(partitionNo, lineNo)
	if d := l.Recovery(); len(l.Down) != 2 || d.Times != 2 || d.Max != time.Millisecond || d.Total != 2*d.Max {
		t.Errorf("%+v", l.Down)
	}
}

// TestDoubtAgain: a crash that loses the record of a commit has its worker in doubt again, be
// it that the worker asks, is told unasked, or is neither.
func TestDoubtAgain(t *testing.T) {
	lost := func() *tracePad {
		p := newTracePad("presumed-abort")
		p.request(t1, 2)
		p.atOnce()
		p.trace(sim.TraceDeliver, padW0, padC0, model.KindPrepare, t1, 0, &model.Message{})
		p.prepared(padW0, t1)
		p.act(padW0, t1)
		p.crash(padW0)
		p.befall(sim.TraceRestart, padW0, 2)
		return p
	}
	ask := func(p *tracePad) { p.send(padW0, model.KindEnquire, t1, model.Message{}) }
	refuse := func(p *tracePad) {
		young := model.Attempt{Txn: 7, Try: 1}
		p.request(young, 2)
		p.send(padW0, model.KindVote, young, model.Message{Vote: model.VoteNo, Reason: model.Conflict, Payload: &model.Obstacle{Other: t1}})
	}
	told := func(p *tracePad) { p.act(padW0, t1) }
	const first = "; @0 1 1ms locked 1ms blocked 0 open 0"
	for _, c := range []struct {
		steps []func(p *tracePad)
		want  string
	}{
		{[]func(p *tracePad){ask, told}, "crash of w0@6 1 3ms locked 3ms blocked 0 open 0" + first},
		{[]func(p *tracePad){ask, ask, refuse, told}, "crash of w0@6 1 6ms locked 6ms blocked 1 open 0" + first},
		{[]func(p *tracePad){told}, "crash of w0@6 1 2ms locked 2ms blocked 0 open 0" + first},
		{nil, "crash of w0@6 1 1ms locked 1ms blocked 0 open 1" + first},
		{[]func(p *tracePad){ask}, "crash of w0@6 1 2ms locked 2ms blocked 0 open 1" + first},
	} {
		p := lost()
		for _, step := range c.steps {
			step(p)
		}
		p.c.EndDoubts(p.now)
		if got := ledgerText(p.c.Ledger(partitionNo, lineNo)); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
		if d := p.c.InDoubt(); d.Parts != 2 || d.Open > 0 != strings.Contains(c.want, "open 1") || len(p.kept()) > 0 {
			t.Errorf("%+v, %v", d, p.kept())
		}
	}
}

// TestLedgerEnd charges what is in doubt to the end that is given, also to one before the doubt
// began, and times recoveries.
func TestLedgerEnd(t *testing.T) {
	for _, c := range []struct {
		until, doubt time.Duration // the first behind the last event
	}{{2 * time.Millisecond, 6 * time.Millisecond}, {-4 * time.Millisecond, 0}, {-5 * time.Millisecond, 0}} {
		p := newTracePad("presumed-abort")
		p.request(t1, 2)
		p.prepared(padW0, t1) // at 4 ms
		p.crash(padC0)
		p.befall(sim.TraceDead, padC0, 0)
		p.crash(padW1)
		p.befall(sim.TraceRestart, padW1, 2)
		p.c.EndDoubts(p.now.Add(c.until))
		p.c.Finish(func(sim.NodeID, model.Attempt) bool { return true })
		l := p.c.Ledger(partitionNo, lineNo)
		if got, want := ledgerText(l), fmt.Sprintf("crash of C0@5 1 %[1]v locked %[1]v blocked 0 open 1", c.doubt); got != want {
			t.Errorf("%v: got %q, want %q", c.until, got, want)
		}
		if d := l.Recovery(); len(l.Down) != 1 || d.Times != 1 || d.Total != time.Millisecond || d.Max != d.Total || l.Down[0].Node != padW1 {
			t.Errorf("%v: %+v", c.until, l.Down)
		}
		ms := Millis(c.doubt)
		want := []string{"crash of C0", "0.005000000", "1", ms, ms, ms, "0", "1"}
		if got := l.Table().Rows; len(got) != 2 || !slices.Equal(got[0], want) || got[1][0] != "no fault" {
			t.Errorf("%v: got %q", c.until, got)
		}
	}
}

// TestLedgerFull counts the faults that find no room together.
func TestLedgerFull(t *testing.T) {
	p := newTracePad("presumed-abort")
	const n = 2 * maxLedger
	for i := uint64(1); i <= n; i++ {
		a := model.Attempt{Txn: i, Try: 1}
		p.request(a, 2)
		p.prepared(padW0, a)
		p.crash(padC0)
		p.befall(sim.TraceRestart, padC0, i)
		p.act(padW0, a)
	}
	l := p.c.Ledger(partitionNo, lineNo)
	if last := l.Faults[len(l.Faults)-1]; len(l.Faults) != maxLedger+1 || last.Fault != "more faults" || last.Parts != n-maxLedger || l.Sum().Parts != n {
		t.Errorf("%d entries, the last %+v", len(l.Faults), last)
	}
}
