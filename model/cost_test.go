package model

import (
	"fmt"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// cost is what one transaction took: protocol records and how many of them
// were forced, at the coordinator and at all workers together, and messages
// between them. Audit entries (start, prepare, suspect, recover) are not
// protocol records and not in it.
type cost struct {
	coordinator, coordinatorForced int
	workers, workersForced         int
	messages                       int
}

func (c cost) String() string {
	return fmt.Sprintf("coordinator %d(%d), workers %d(%d), %d messages",
		c.coordinator, c.coordinatorForced, c.workers, c.workersForced, c.messages)
}

// counter derives a cost from a trace. A record was forced if a sync was asked
// for in the very step that appended it: with a constant delay and one
// transaction, a sync begins at the time of the append, or when the one that
// runs ends. A lazy record waits for flushDelay.
type counter struct {
	cost
	auditOf map[sim.Kind]bool
	pending map[sim.NodeID][]appended
	workers sim.NodeID // the first worker; nodes below are coordinators
	client  sim.NodeID
}

type appended struct {
	at  sim.Time
	end sim.LSN
}

func (c *counter) trace(r *sim.Record[Message]) {
	switch r.Op {
	case sim.TraceAppend:
		if r.Node < c.workers && c.auditOf[r.Kind] {
			return
		}
		if r.Node < c.workers {
			c.coordinator++
		} else {
			c.cost.workers++
		}
		c.pending[r.Node] = append(c.pending[r.Node], appended{r.At, sim.LSN(r.Arg)})
	case sim.TraceSync:
		for _, a := range c.pending[r.Node] {
			if a.end > sim.LSN(r.Arg) || r.At.Sub(a.at) >= flushDelay {
				continue
			}
			if r.Node < c.workers {
				c.coordinatorForced++
			} else {
				c.workersForced++
			}
		}
		c.pending[r.Node] = nil
	case sim.TraceCrash:
		c.pending[r.Node] = nil // appended, and the step ended before its sync
	case sim.TraceSend:
		if r.Node != c.client && r.Peer != c.client {
			c.messages++
		}
	}
}

// costOf runs one transaction and counts.
func costOf(t *testing.T, cfg Config, line string, faults ...strikeAt) (cost, *lab) {
	t.Helper()
	l := newLab(cfg, script(line), faults...)
	c := &counter{pending: map[sim.NodeID][]appended{}, workers: l.Workers[0], client: l.Client,
		auditOf: map[sim.Kind]bool{KindStart: true, KindPrepare: true, KindSuspect: true, KindRecover: true}}
	l.seen = c.trace
	l.run(t)
	tally := l.Tally()
	if int(tally.Records) != c.coordinator+c.cost.workers || int(tally.Forced) != c.coordinatorForced+c.workersForced {
		t.Errorf("the tally says %d(%d), the trace %v", tally.Records, tally.Forced, c.cost)
	}
	return c.cost, l
}

// TestCostOfDiscardedRecords: a record that a crash in front of it has discarded counts
// for nothing, one that a crash behind it discards was appended and not forced. costOf
// compares with the trace.
func TestCostOfDiscardedRecords(t *testing.T) {
	crash := sim.Strike{Crash: true, For: 20 * time.Millisecond}
	for _, r := range []struct {
		node string
		kind sim.Kind
	}{{"w0", KindPrepare}, {"w0", KindCommit}, {"C0", KindCommit}} {
		for _, p := range []sim.Point{sim.BeforeAppend, sim.AfterAppend} {
			for _, protocol := range Protocols() {
				cfg := labConfig()
				cfg.Protocol = protocol
				costOf(t, cfg, mixed(2, 1), strikeAt{node: r.node, point: p, kind: r.kind, do: crash})
			}
		}
	}
}

// mixed is a transaction of u workers that write and m that only read.
func mixed(u, m int) string {
	line := ""
	for i := range u + m {
		if i > 0 {
			line += "; "
		}
		if i < u {
			line += fmt.Sprintf("w%d write x = 1", i)
		} else {
			line += fmt.Sprintf("w%d read x", i)
		}
	}
	return line
}

// executeMessages is what the batched execution of n parts adds: one request
// and one reply each. The table counts commit processing only.
func executeMessages(n int) int { return 2 * n }

// TestCostOfCommit checks the commit cells of the table of Mohan, Lindsay and
// Obermarck for U update workers and M read-only ones. They rest on: no
// failure; the coordinator is no worker; batched execution, where the
// operations have run before the vote, so that a worker that only read may vote
// READ and be done, with no record. The table has no read-only column for
// presumed nothing; here its workers vote READ as under presumed abort.
func TestCostOfCommit(t *testing.T) {
	for _, p := range Protocols() {
		for u := 1; u <= 3; u++ {
			for m := 0; m <= 2; m++ {
				if u+m < 2 {
					continue // one-phase
				}
				want := cost{2, 1, 2 * u, 2 * u, 4*u + 2*m}
				if p.Name() == "presumed-commit" {
					// Collecting and commit are forced, and nothing ends them; a worker's commit is lazy and not acked.
					want = cost{2, 2, 2 * u, u, 3*u + 2*m}
				}
				want.messages += executeMessages(u + m)
				cfg := labConfig()
				cfg.Workers, cfg.Protocol, cfg.Execution = u+m, p, Batched
				if got, l := costOf(t, cfg, mixed(u, m)); got != want || l.answer(1).Outcome != Committed {
					t.Errorf("%s U=%d M=%d: %v, want %v", p.Name(), u, m, got, want)
				}
			}
		}
	}
}

// TestCostOneShot: where operations travel with the prepare, a worker that only
// read is a full participant and costs what one that writes does; the execute
// round falls away.
func TestCostOneShot(t *testing.T) {
	for _, p := range Protocols() {
		const u, m = 2, 1
		want := cost{2, 1, 2 * (u + m), 2 * (u + m), 4 * (u + m)}
		if p.Name() == "presumed-commit" {
			want = cost{2, 2, 2 * (u + m), u + m, 3 * (u + m)}
		}
		cfg := labConfig()
		cfg.Protocol = p
		if got, _ := costOf(t, cfg, mixed(u, m)); got != want {
			t.Errorf("%s: %v, want %v", p.Name(), got, want)
		}
	}
}

// TestCostOfReadOnly: every worker votes READ and there is no second phase.
// Presumed abort writes nothing; presumed commit has forced its collecting
// record before it knew and closes it with a commit record that nobody waits
// for.
func TestCostOfReadOnly(t *testing.T) {
	for m := 2; m <= 4; m++ {
		for _, p := range Protocols() {
			want := cost{messages: 2*m + executeMessages(m)}
			if p.Name() == "presumed-commit" {
				want.coordinator, want.coordinatorForced = 2, 1
			}
			cfg := labConfig()
			cfg.Workers, cfg.Protocol, cfg.Execution = m, p, Batched
			if got, _ := costOf(t, cfg, mixed(0, m)); got != want {
				t.Errorf("%s M=%d: %v, want %v", p.Name(), m, got, want)
			}
		}
	}
}

// TestCostOfAbort checks the abort cells for k YES voters among U update
// workers, with M read-only ones. They rest on: one NO vote comes last, after
// the coordinator has every other vote (the last U-k of the update workers
// vote NO, held up a little each); so the abort goes to the k YES voters and to
// nobody else. A NO voter under presumed abort and presumed nothing writes no
// record; under presumed commit it forces its tombstone, which the table, that
// speaks of YES voters, leaves out.
func TestCostOfAbort(t *testing.T) {
	for _, p := range Protocols() {
		for u := 2; u <= 4; u++ {
			for m := 0; m <= 1; m++ {
				costOfAbort(t, p, u, m)
			}
		}
	}
}

func costOfAbort(t *testing.T, p Protocol, u, m int) {
	k := u - 1
	want := cost{0, 0, 2 * k, k, 2*(u+m) + k}
	switch p.Name() {
	case "presumed-nothing":
		want = cost{2, 1, 2 * k, 2 * k, 2*(u+m) + 2*k}
	case "presumed-commit":
		want = cost{2, 1, 2*k + 1, 2*k + 1, 2*(u+m) + 2*k}
	}
	want.messages += executeMessages(u + m)
	cfg := labConfig()
	cfg.Workers, cfg.Protocol, cfg.Execution = u+m, p, Batched
	cfg.Timeouts.Idle = 8 * time.Millisecond // the last worker gives up just before it is asked
	last := fmt.Sprint("w", u-1)
	got, l := costOf(t, cfg, mixed(u, m),
		strikeAt{node: "C0", point: sim.BeforeSend, kind: KindPrepare, peer: last, do: sim.Strike{Delay: 12 * time.Millisecond}})
	if got != want || l.answer(1).Outcome != Aborted || l.answer(1).Reason != UnknownTxn {
		t.Errorf("%s U=%d M=%d k=%d: %v, want %v", p.Name(), u, m, k, got, want)
	}
}

// TestCostOfOnePhase: a single worker decides alone: request and outcome, one
// force at the worker, nothing at the coordinator. A worker that only read
// forces nothing.
func TestCostOfOnePhase(t *testing.T) {
	for _, p := range Protocols() {
		cfg := labConfig()
		cfg.Protocol = p
		if got, want := first(costOf(t, cfg, "w0 write x = 1")), (cost{workers: 1, workersForced: 1, messages: 2}); got != want {
			t.Errorf("%s, write: %v, want %v", p.Name(), got, want)
		}
		if got, want := first(costOf(t, cfg, "w0 read x")), (cost{messages: 2}); got != want {
			t.Errorf("%s, read: %v, want %v", p.Name(), got, want)
		}
	}
}

func first(c cost, _ *lab) cost { return c }

// TestLatency checks the path that a client waits for, exactly: with a delay d
// on every link and a sync of s, presumed abort takes 2d + 2s (prepare, the
// workers' force, vote, the coordinator's force), and presumed commit one force
// more, of the collecting record. Clients are next to their coordinator.
func TestLatency(t *testing.T) {
	const d, s = time.Millisecond, 2 * time.Millisecond
	for _, c := range []struct {
		protocol string
		line     string
		ex       Execution
		want     time.Duration
	}{
		{"presumed-abort", mixed(3, 0), OneShot, 2*d + 2*s},
		{"presumed-nothing", mixed(3, 0), OneShot, 2*d + 2*s},
		{"presumed-commit", mixed(3, 0), OneShot, 2*d + 3*s},
		{"presumed-abort", mixed(3, 0), Batched, 4*d + 2*s},
		{"presumed-abort", mixed(3, 0), Interactive, 8*d + 2*s},
		{"presumed-abort", mixed(0, 3), Batched, 4 * d},
		{"presumed-commit", mixed(0, 3), Batched, 4*d + s},
		{"presumed-abort", mixed(1, 0), OneShot, 2*d + s},
	} {
		cfg := labConfig()
		cfg.Protocol, cfg.Execution = protocolNamed(c.protocol), c.ex
		l := newLab(cfg, script(c.line)).run(t)
		if got := l.answer(1).Latency; got != c.want {
			t.Errorf("%s %s %q: %v, want %v", c.protocol, c.ex, c.line, got, c.want)
		}
	}
}

func protocolNamed(name string) Protocol {
	for _, p := range Protocols() {
		if p.Name() == name {
			return p
		}
	}
	panic(name)
}
