package model

import (
	"slices"
	"strconv"

	"github.com/seed83d86191/txsim/sim"
)

// Placement says where coordinators run.
type Placement uint8

// The placements. A client is always in the zone of its coordinator.
const (
	// WithClients: each on a machine that it shares with its clients; talk between
	// them takes no time and is no message.
	WithClients Placement = iota
	// Separate: each on a machine of its own, which clients reach over the network.
	Separate
	// OnWorkers: C0 on the host of w0, C1 on that of w1 and so on, in turn; clients
	// reach them over the network.
	OnWorkers
)

// PlacementNames are the names of the placements, by Placement.
var PlacementNames = []string{"client", "separate", "workers"}

func (p Placement) String() string { return PlacementNames[p] }

// places says on which host and in which zone each node is. Worker i is on host i
// modulo the number of hosts, host h in zone h modulo the number of zones, and a
// coordinator with a host of its own in the zone of its number, likewise.
type places struct {
	client sim.NodeID
	of     []location // by node
	host   []int32    // by node: the place of its host among the Hosts
	hosts  int
	zones  int
	shared bool // some nodes are on one host
}

type location struct{ host, zone int32 }

func newPlaces(cfg *Config) *places {
	p := &places{client: sim.NodeID(cfg.Coordinators + cfg.Workers), zones: max(len(cfg.Distances), 1)}
	hosts := cfg.Hosts
	if hosts == 0 || hosts > cfg.Workers {
		hosts = cfg.Workers
	}
	p.of, p.host = make([]location, 0, p.client), make([]int32, 0, p.client)
	number := slices.Repeat([]int32{-1}, hosts+cfg.Coordinators)
	add := func(host, zone int) {
		p.of = append(p.of, location{int32(host), int32(zone % p.zones)})
		if number[host] < 0 {
			number[host] = int32(p.hosts)
			p.hosts++
		}
		p.host = append(p.host, number[host])
	}
	for i := range cfg.Coordinators {
		if h := i % cfg.Workers % hosts; cfg.Placement == OnWorkers {
			add(h, h)
		} else {
			add(hosts+i, i)
		}
	}
	for i := range cfg.Workers {
		add(i%hosts, i%hosts)
	}
	p.shared = cfg.Placement == OnWorkers || hosts < cfg.Workers
	return p
}

// network returns the links between the places: first those from zone to zone, row by row,
// then one within a host, or between a client and what is with it, and last those between a
// client and its coordinator, by zone.
func (p *places) network(cfg *Config) sim.Network {
	n := sim.Network{Share: cfg.Share}
	for from := range p.zones {
		for to := range p.zones {
			n.Links = append(n.Links, sim.Link{Delay: cfg.distance(from, to), Loss: cfg.Network.Loss, Duplicate: cfg.Network.Duplicate})
		}
	}
	local := len(n.Links)
	n.Links = append(n.Links, sim.Link{Local: true})
	clients := len(n.Links)
	for z := range p.zones {
		client := sim.Link{Delay: cfg.distance(z, z), Session: true}
		if cfg.Placement == WithClients {
			client = sim.Link{Local: true}
		}
		n.Links = append(n.Links, client)
	}
	simple := p.zones == 1 && !p.shared
	n.Class = func(from, to sim.NodeID) int {
		switch {
		case from == p.client:
			return clients + int(p.of[to].zone)
		case to == p.client:
			return clients + int(p.of[from].zone)
		case simple && from != to:
			return 0 // the common case, without reading memory that is out of the cache
		case p.of[from].host == p.of[to].host:
			return local
		}
		return int(p.of[from].zone)*p.zones + int(p.of[to].zone)
	}
	return n
}

// distance returns the delay from one zone to another.
func (c *Config) distance(from, to int) sim.Dist {
	if c.Distances == nil {
		return c.Network.Delay
	}
	return c.Distances[from][to]
}

// addNodes adds the nodes to the world, those of one host together.
func (c *Cluster) addNodes() {
	pool, first := &c.memory.pool, slices.Repeat([]sim.NodeID{sim.Nobody}, c.places.hosts)
	add := func(kind string, i int, build func(*sim.Env[Message]) sim.Node[Message]) {
		name := pool.texts.Add(strconv.AppendInt(append(pool.buf[:0], kind...), int64(i), 10))
		id := sim.NodeID(c.World.Nodes())
		if on := &first[c.places.host[id]]; *on == sim.Nobody {
			*on = c.World.AddNode(name, build)
		} else {
			c.World.AddNode(name, build, sim.OnHostOf[Message](*on))
		}
	}
	for i := range c.cfg.Coordinators {
		add("C", i, func(env *sim.Env[Message]) sim.Node[Message] {
			return made(c.cfg.Protocol, "coordinator", c.cfg.Protocol.Coordinator(c.site(env, 0)))
		})
	}
	lives := make([]sim.Node[Message], c.cfg.Workers)
	for i := range lives {
		add("w", i, func(env *sim.Env[Message]) sim.Node[Message] {
			c.retire(lives[i]) // the one before
			lives[i] = made(c.cfg.Protocol, "worker", c.cfg.Protocol.Worker(c.site(env, i)))
			return lives[i]
		})
	}
}

// made returns the node that a protocol has made, and panics if it has made none, which is
// a mistake of the protocol.
func made(p Protocol, what string, n sim.Node[Message]) sim.Node[Message] {
	if n == nil {
		panic(p.Name() + " has made no " + what)
	}
	return n
}

// Hosts names the hosts by their nodes, "w3", "C0 w0", in the order of each one's first
// node.
func (c *Cluster) Hosts() []string {
	names := make([]string, c.places.hosts)
	for n, i := range c.places.host {
		if names[i] != "" {
			names[i] += " "
		}
		names[i] += c.World.Name(sim.NodeID(n))
	}
	return names
}

// HostOf returns the place of a node's host among the Hosts.
func (c *Cluster) HostOf(node sim.NodeID) int { return int(c.places.host[node]) }

// Usage returns how long the nodes of each of the Hosts have kept its devices busy so far.
func (c *Cluster) Usage() []sim.Usage {
	all := make([]sim.Usage, c.places.hosts)
	for n, i := range c.places.host {
		u := c.World.Usage(sim.NodeID(n))
		all[i].CPU += u.CPU
		all[i].Disk += u.Disk
	}
	return all
}
