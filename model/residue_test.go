package model

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// TestLeaks leaves things behind in nodes that have come to rest, and finds
// each of them.
func TestLeaks(t *testing.T) {
	const room = "w0: room taken in the staging area for no attempt"
	for _, tc := range []struct {
		want string
		leak func(w *worker, c *coordinator, p *part)
	}{
		{room, func(w *worker, _ *coordinator, _ *part) { w.staged += 5 }},
		{room, func(w *worker, _ *coordinator, _ *part) { w.newKeys++ }},
		{"w0: t1: over, but in the way of a lock on a", func(w *worker, _ *coordinator, p *part) {
			w.store.item("a").lock = &lock{holders: []holder{{p: p, exclusive: true}}}
		}},
		{"w0: t1: over, but in the way of a lock on b", func(w *worker, _ *coordinator, p *part) {
			w.store.item("b").lock = &lock{queue: []holder{{p: p}}}
		}},
		{"w0: t9: over, but in the way of a lock on a", func(w *worker, _ *coordinator, _ *part) {
			unknown := &part{attempt: Attempt{9, 1}, slot: 3}
			w.store.item("a").lock = &lock{holders: []holder{{p: unknown}}}
		}},
		{"C0: t7: ended, but not forgotten", func(_ *worker, c *coordinator, _ *part) {
			c.byTxn.add(7, &attempt{name: Attempt{7, 1}, state: attemptEnded})
		}},
	} {
		l := newLab(patient(labConfig()), script("w0 write a = 1; w1 write a = 1")).run(t)
		node := l.worker(0)
		var p *part
		for _, q := range node.parts {
			p = q
		}
		if p == nil {
			t.Fatal("no part is remembered")
		}
		tc.leak(node, l.World.Node(0).(*coordinator), p)
		open, excused := l.Residue()
		if got := residueText(&l.format, open); got != tc.want || len(excused) > 0 {
			t.Errorf("got %q and %v, want %q", got, excused, tc.want)
		}
	}
}

func residueText(f *Formatter, all []Residue) string {
	var lines []string
	for _, r := range all {
		s := f.Node(r.Node) + ": "
		if r.Attempt.Txn > 0 {
			s += f.Attempt(r.Attempt) + ": "
		}
		lines = append(lines, s+r.State)
	}
	return strings.Join(lines, "; ")
}

// TestWhy follows what waits for what.
func TestWhy(t *testing.T) {
	l := newLab(patient(labConfig()), nil)
	f := &Formatter{Coordinators: 1, Workers: 4}
	a, b := Attempt{1, 1}, Attempt{2, 1}
	const c0, w0, w1 sim.NodeID = 0, 1, 2
	lockWait := Residue{Node: w0, Attempt: a, State: "waits for a lock", Awaits: []sim.NodeID{c0}, Behind: []Attempt{b}}
	for _, tc := range []struct {
		all  []Residue
		want string
	}{
		{[]Residue{{Node: w0, Attempt: a, State: "leaked"}}, "w0: t1: leaked"},
		{[]Residue{{Node: w0, Attempt: a, State: "in doubt", Awaits: []sim.NodeID{c0}}}, "w0: t1: in doubt; C0: t1: nothing open"},
		{[]Residue{{Node: w0, Attempt: a, State: "in doubt", Awaits: []sim.NodeID{c0}}, {Node: c0, Attempt: b, State: "other"},
			{Node: c0, Attempt: a, State: "voting", Awaits: []sim.NodeID{w1, w0}}},
			"w0: t1: in doubt; C0: t1: voting; w0: t1: in a circle"},
		{[]Residue{lockWait, {Node: w0, Attempt: b, State: "in doubt", Awaits: []sim.NodeID{c0}}},
			"w0: t1: waits for a lock; w0: t2: in doubt; C0: t2: nothing open"},
	} {
		if got := residueText(f, l.Why(tc.all[0], tc.all)); got != tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
}

// TestWhyDead ends at a coordinator that is dead for good.
func TestWhyDead(t *testing.T) {
	l := newLab(labConfig(), script("w0 write a = 1; w1 write a = 1"),
		strikeAt{node: "C0", point: sim.BeforeSync, kind: KindCommit, do: sim.Strike{Crash: true, For: sim.Forever}})
	l.Run(t.Context())
	_, excused := l.Residue()
	if len(excused) != 2 || excused[0].Locks != 1 {
		t.Fatalf("%+v", excused)
	}
	want := fmt.Sprintf("w0: t1: in doubt; C0: t1: %s", StateDead)
	if got := residueText(&l.format, l.Why(excused[0], excused)); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	// What awaits a decision that is being told awaits nobody else whom it is to be told.
	const w0, w1, dead sim.NodeID = 1, 2, 0
	told := Residue{Node: w1, Attempt: Attempt{1, 1}, State: "told", Awaits: []sim.NodeID{dead}, Decided: true}
	waits := Residue{Node: w0, Attempt: Attempt{1, 1}, State: "in doubt", Awaits: []sim.NodeID{w1}}
	if chain := l.toDead(waits, []Residue{waits, told}, map[residueKey]int{{w0, waits.Attempt}: 0, {w1, told.Attempt}: 1}); chain != nil {
		t.Errorf("%+v", chain)
	}
}

// TestBlockedWhileDown: what a worker's log is in doubt about is blocked though the worker
// is down when its client gives up. One that is dead for good blocks nothing.
func TestBlockedWhileDown(t *testing.T) {
	for down, want := range map[time.Duration]Outcome{0: Blocked, time.Second: Blocked, sim.Forever: Unknown} {
		list := []strikeAt{{node: "C0", point: sim.BeforeReceive, kind: KindVote, do: sim.Strike{Crash: true, For: sim.Forever}}}
		for _, w := range []string{"w0", "w1"} {
			if down > 0 {
				list = append(list, strikeAt{node: w, point: sim.AfterSend, kind: KindVote, do: sim.Strike{Crash: true, For: down}})
			}
		}
		l := newLab(labConfig(), script("w0 write a = 1; w1 write a = 1"), list...)
		l.Run(t.Context())
		if got := l.answer(1).Outcome; got != want {
			t.Errorf("down for %s: %s, want %s", down, got, want)
		}
	}
}

// TestWhyUnknown: the reason of an outcome that nobody knows is the node that is dead.
func TestWhyUnknown(t *testing.T) {
	dead := func(node string, kind sim.Kind) strikeAt {
		return strikeAt{node: node, point: sim.BeforeReceive, kind: kind, do: sim.Strike{Crash: true, For: sim.Forever}}
	}
	for _, tc := range []struct {
		lines  []string
		strike strikeAt
		want   string
	}{
		{[]string{"w0 write a = 1"}, dead("w0", KindCommitOne), "t1 unknown: worker crashed"},
		{[]string{"w0 write a = 1"}, dead("C0", KindDone), "t1 unknown: coordinator crashed"},
		// t1 waits for a vote without end, and t2 for its lock.
		{[]string{"w0 write a = 1; w1 write a = 1", "@5ms w0 write a = 2"}, dead("w1", KindPrepare),
			"t1 blocked: worker crashed, t2 unknown: worker crashed"},
	} {
		cfg := patient(labConfig())
		cfg.Concurrency, cfg.Timeouts.Answer, cfg.FaultsEnd = woundWait{}, time.Second, time.Second
		l := newLab(cfg, script(tc.lines...), tc.strike)
		l.Run(t.Context())
		var got []string
		for i := range tc.lines {
			e := l.answer(uint64(i + 1))
			got = append(got, fmt.Sprintf("t%d %s: %s", i+1, e.Outcome, e.Reason))
		}
		if got := strings.Join(got, ", "); got != tc.want {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
}

// TestResidueNotVoted: a dead coordinator excuses a part that has not voted only if nothing
// else would end it. In an exhaustive schedule no timeout is sure to pass.
func TestResidueNotVoted(t *testing.T) {
	for _, c := range []struct {
		idle      time.Duration
		strategy  sim.Strategy
		excusable bool
	}{{time.Second, sim.ByLatency, false}, {sim.Forever, sim.ByLatency, true}, {time.Second, sim.Exhaustive, true}} {
		cfg := labConfig()
		cfg.Execution, cfg.Timeouts.Idle = Batched, c.idle
		l := newLab(cfg, script("w0 write a = 1; w1 write a = 1"),
			strikeAt{node: "C0", point: sim.BeforeReceive, kind: KindExecuted, do: sim.Strike{Crash: true, For: sim.Forever}})
		l.World.RunUntil(t.Context(), sim.Time(10*ms))
		l.Cluster.cfg.Schedule.Strategy = c.strategy
		open, excused := l.Residue()
		if len(open)+len(excused) != 2 || (len(excused) == 2) != c.excusable {
			t.Errorf("idle for %s, schedule %d: %v is open, %v excused", c.idle, c.strategy, open, excused)
		}
	}
}
