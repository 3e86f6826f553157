package model

import (
	"slices"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// TestPlaces: where nodes are decides what their messages take, and which of them
// are messages. A delay is 1 ms and a sync 2 ms; presumed abort takes a delay and
// a sync of the workers, and then of the coordinator.
func TestPlaces(t *testing.T) {
	far := [][]sim.Dist{{dist("1ms"), dist("4ms")}, {dist("8ms"), dist("3ms")}}
	for _, c := range []struct {
		name     string
		set      func(*Config)
		latency  time.Duration
		messages uint64
		txn      string
	}{
		{"a coordinator is with its clients", func(*Config) {}, 6 * time.Millisecond, 8, "w0 write a = 1; w1 write b = 2"},
		{"or apart: a delay more each way, and two messages", func(c *Config) { c.Placement = Separate }, 8 * time.Millisecond, 10, "w0 write a = 1; w1 write b = 2"},
		{"or on w0: what it says to w0 is no message", func(c *Config) { c.Placement = OnWorkers }, 8 * time.Millisecond, 6, "w0 write a = 1; w1 write b = 2"},
		{"there its record waits for the device of w0, which w1 shares", func(c *Config) { c.Placement, c.Hosts = OnWorkers, 1 },
			1*time.Millisecond + 2*2*time.Millisecond + 2*time.Millisecond + 1*time.Millisecond, 2, "w0 write a = 1; w1 write b = 2"},
		{"two on one host sync in turn", func(c *Config) { c.Hosts = 1 }, 8 * time.Millisecond, 8, "w0 write a = 1; w1 write b = 2"},
		{"w1 is in the other zone", func(c *Config) { c.Distances = far }, 16 * time.Millisecond, 8, "w0 write a = 1; w1 write b = 2"},
		{"w0 and w2 are in that of C0", func(c *Config) { c.Distances = far }, 6 * time.Millisecond, 8, "w0 write a = 1; w2 write b = 2"},
		{"and its clients", func(c *Config) { c.Distances, c.Placement = far, Separate }, 8 * time.Millisecond, 10, "w0 write a = 1; w2 write b = 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := labConfig()
			c.set(&cfg)
			l := newLab(cfg, script(c.txn)).run(t)
			if got := l.book.final[1].Latency; got != c.latency {
				t.Errorf("latency %v, expected %v", got, c.latency)
			}
			if got := l.World.Stats().Messages; got != c.messages {
				t.Errorf("%d messages, expected %d", got, c.messages)
			}
		})
	}
}

// TestUsageByHost: the nodes of a host have their use of it summed.
func TestUsageByHost(t *testing.T) {
	cfg := labConfig()
	cfg.Placement, cfg.Hosts, cfg.Workers, cfg.Coordinators = OnWorkers, 2, 3, 2
	l := newLab(cfg, script("w0 write a = 1; w2 write b = 2")).run(t)
	hosts, all := l.Hosts(), l.Usage()
	if len(all) != 2 || !slices.Equal(hosts, []string{"C0 w0 w2", "C1 w1"}) {
		t.Fatalf("%q %+v", hosts, all)
	}
	var disk time.Duration
	for n := range l.World.Nodes() {
		disk += l.World.Usage(sim.NodeID(n)).Disk
	}
	if all[0].Disk != disk || disk == 0 || all[1].Disk != 0 {
		t.Errorf("%+v of %v", all, disk)
	}
}

// TestSizes: operations travel once and results come back; only what goes over
// the network counts.
func TestSizes(t *testing.T) {
	cfg := labConfig()
	l := newLab(cfg, script("w0 write a = 12345; w1 write b = 2"))
	l.run(t)
	const messages = 8
	want := uint64(messages*sizeHeader + 2*sizeOp + len("a12345b2"))
	if got := l.World.Stats().Bytes; got != want {
		t.Errorf("%d bytes, expected %d", got, want)
	}
}
