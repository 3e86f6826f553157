package model

import (
	"bytes"
	"context"
	"reflect"
	"slices"
	"testing"

	"github.com/seed83d86191/txsim/sim"
)

// doubled is a protocol whose nodes are replaced by their clones before every
// event; the original is spoilt, so that whatever the clone shares with it and
// should not is missed.
type doubled struct{ TwoPhase }

func (d doubled) Coordinator(s *Site) sim.Node[Message] {
	return &stunt{d.TwoPhase.Coordinator(s), s.Env}
}

func (d doubled) Worker(s *Site) sim.Node[Message] { return &stunt{d.TwoPhase.Worker(s), s.Env} }

type stunt struct {
	inner sim.Node[Message]
	env   *sim.Env[Message]
}

// Unwrap implements Wrapper.
func (d *stunt) Unwrap() sim.Node[Message] { return d.inner }

// next puts the clone in the place of the original.
func (d *stunt) next() sim.Node[Message] {
	old := d.inner
	before := old.(sim.StateAppender).AppendState(nil)
	d.inner = old.(sim.Cloner[Message]).Clone(d.env)
	spoil(old)
	if !bytes.Equal(before, d.inner.(sim.StateAppender).AppendState(nil)) {
		panic("the clone is in another state, or shares with the original")
	}
	return d.inner
}

func (d *stunt) Start()                                             { d.next().Start() }
func (d *stunt) Recover(log sim.Recovery)                           { d.next().Recover(log) }
func (d *stunt) Receive(from sim.NodeID, mail sim.Mail, m *Message) { d.next().Receive(from, mail, m) }
func (d *stunt) Fired(token uint64)                                 { d.next().Fired(token) }
func (d *stunt) Synced(lsn sim.LSN)                                 { d.next().Synced(lsn) }

// spoil overwrites all that a node can change in place.
func spoil(n sim.Node[Message]) {
	switch n := n.(type) {
	case *worker:
		for _, p := range n.parts {
			if p == nil {
				continue
			}
			if p.work != nil {
				clear(p.staged)
				clear(p.locked)
				*p.work = work{}
			}
			*p = part{slot: -1, state: 99}
		}
		for it := range n.store.items.all() {
			if it.lock != nil {
				clear(it.lock.holders)
				clear(it.lock.queue)
				*it.lock = lock{}
			}
			*it = item{key: "spoilt"}
		}
		for i := range n.peers {
			c := &n.peers[i]
			clear(c.parts.slots)
			clear(c.done)
			*c = peer{}
		}
		clear(n.store.items.slots)
		clear(n.store.written)
		clear(n.waiting)
		clear(n.parts)
		clear(n.peers)
	case *coordinator:
		for _, a := range slices.Concat(n.open, n.old) {
			if a != nil {
				clear(a.parts)
				clear(a.ran)
				*a = attempt{state: 99}
			}
		}
		clear(n.open)
		clear(n.old)
		clear(n.byTxn.slots)
		clear(n.waiting)
		clear(n.suspects)
		clear(n.known)
	}
}

// TestCloneGoesOn: a run whose nodes are cloned before every event is the run
// without, to the byte of the trace.
func TestCloneGoesOn(t *testing.T) {
	combinations(func(p Protocol, cc Concurrency, ex Execution) {
		for seed := range uint64(*stressSeeds) {
			plain := newStress(seed, p, cc, ex).run(t)
			cloned := newStress(seed, doubled{p.(TwoPhase)}, cc, ex).run(t)
			if a, b := plain.World, cloned.World; a.Hash() != b.Hash() || a.Records() != b.Records() {
				t.Fatalf("%s %s %s seed %d: %d records, hash %x; of clones %d, %x",
					p.Name(), cc.Name(), ex, seed, a.Records(), a.Hash(), b.Records(), b.Hash())
			}
		}
	})
}

// TestCloneKnowsEveryField: whoever adds a field to a node's state must teach
// Clone and AppendState about it, and then this list.
func TestCloneKnowsEveryField(t *testing.T) {
	for _, c := range []struct {
		v    any
		want int
	}{
		{worker{}, 19}, {coordinator{}, 15}, {part{}, 22}, {work{}, 13}, {held{}, 2}, {attempt{}, 16}, {partner{}, 4}, {item{}, 6}, {lock{}, 3},
		{holder{}, 3}, {store{}, 7}, {lockTable{}, 2}, {peer{}, 6}, {table[int]{}, 2}, {staged{}, 5}, {syncWait{}, 3}, {logWait{}, 2},
	} {
		if ty := reflect.TypeOf(c.v); ty.NumField() != c.want {
			t.Errorf("%s has %d fields, Clone and AppendState were written for %d", ty, ty.NumField(), c.want)
		}
	}
}

// statesOf runs two labs to the same time and returns the states of a node.
func statesOf(until sim.Time, node func(l *lab) sim.NodeID, labs ...*lab) [][]byte {
	var all [][]byte
	for _, l := range labs {
		l.World.RunUntil(context.Background(), until)
		all = append(all, l.World.Node(node(l)).(sim.StateAppender).AppendState(nil))
	}
	return all
}

func firstWorker(l *lab) sim.NodeID      { return l.Workers[0] }
func firstCoordinator(l *lab) sim.NodeID { return l.Coordinators[0] }
func theClients(l *lab) sim.NodeID       { return l.Client }

// TestStateIsCanonical: what is equal but for time, log positions and the
// number of re-sends has equal bytes.
func TestStateIsCanonical(t *testing.T) {
	lines := []string{"w0 write x = 1; w1 write y = 1", "w0 read z; w1 read z"}
	slow := labConfig()
	slow.Network.Delay = dist("3ms")
	repeated := labConfig()
	for _, node := range []func(l *lab) sim.NodeID{firstWorker, firstCoordinator, theClients} {
		a, b := newLab(labConfig(), script(lines...)), newLab(slow, script(lines...))
		c := newLab(repeated, script(lines...),
			strikeAt{node: "w0", point: sim.BeforeSend, kind: KindAck, nth: 1, do: sim.Strike{Drop: true}})
		s := statesOf(sim.Time(500*ms), node, a, b, c)
		if !bytes.Equal(s[0], s[1]) {
			t.Errorf("%s: a slow network gives another state:\n%q\n%q", a.World.Name(node(a)), s[0], s[1])
		}
		if node(a) != a.Coordinators[0] && !bytes.Equal(s[0], s[2]) {
			t.Errorf("%s: a repeated ack gives another state:\n%q\n%q", a.World.Name(node(a)), s[0], s[2])
		}
	}
}

// TestStateTellsApart: a different lock holder, staged value, vote or state of
// the log has different bytes.
func TestStateTellsApart(t *testing.T) {
	base := []string{"w0 write x = 1; w1 write y = 1"}
	lost := strikeAt{node: "w0", point: sim.BeforeSend, kind: KindVote, do: sim.Strike{Drop: true}}
	for _, c := range []struct {
		name  string
		node  func(l *lab) sim.NodeID
		until sim.Time
		a, b  *lab
	}{
		{"lock holder", firstWorker, sim.Time(2 * ms), newLab(labConfig(), script(base...)), newLab(labConfig(), script("w0 read x; w1 write y = 1"))},
		{"key", firstWorker, sim.Time(2 * ms), newLab(labConfig(), script(base...)), newLab(labConfig(), script("w0 write q = 1; w1 write y = 1"))},
		{"staged value", firstWorker, sim.Time(2 * ms), newLab(labConfig(), script(base...)), newLab(labConfig(), script("w0 write x = 2; w1 write y = 1"))},
		{"installed value", firstWorker, sim.Time(100 * ms), newLab(labConfig(), script(base...)), newLab(labConfig(), script("w0 write x = 2; w1 write y = 1"))},
		{"durable record", firstWorker, sim.Time(2 * ms), newLab(labConfig(), script(base...)), newLab(slowDisk(), script(base...))},
		{"vote counted", firstCoordinator, sim.Time(4 * ms), newLab(labConfig(), script(base...)), newLab(labConfig(), script(base...), lost)},
		{"waiter", firstWorker, sim.Time(5 * ms), newLab(labConfig(), script(base...)), newLab(waits(), script(base[0], "w0 read x; w1 read q"))},
		{"open order", theClients, sim.Time(1 * ms), newLab(labConfig(), script(base...)), newLab(labConfig(), script(base[0], base[0]))},
	} {
		at := c.until
		if c.name == "durable record" {
			at = sim.Time(3 * ms)
		}
		if s := statesOf(at, c.node, c.a, c.b); bytes.Equal(s[0], s[1]) {
			t.Errorf("%s: equal bytes %q", c.name, s[0])
		}
	}
}

func slowDisk() Config {
	cfg := labConfig()
	cfg.Disk.Sync = dist("5ms")
	return cfg
}

func waits() Config {
	cfg := labConfig()
	cfg.Concurrency = woundWait{}
	return cfg
}
