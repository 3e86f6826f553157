package model

import (
	"slices"
	"time"

	"github.com/seed83d86191/txsim/sim"
)

// Config describes a cluster and its clients.
type Config struct {
	Seed         uint64
	Workers      int
	Coordinators int
	Protocol     Protocol
	Concurrency  Concurrency // unless Protocol has its own, see Controlled
	Execution    Execution
	Clients      int      // closed loop; 0: transactions are scheduled by their At
	Think        sim.Dist // closed loop: between an answer and the next transaction
	Timeouts     Timeouts
	Retry        Retry
	Resources    Resources
	Checkpoint   int      // bytes of log after which a node takes a checkpoint
	Record       int      // bytes of a record, as the results of reads have it: see Config.size
	Network      sim.Link // within a zone
	// Distances are the delays from zone to zone, instead of Network.Delay; nil is
	// one zone.
	Distances [][]sim.Dist
	Placement Placement // of the coordinators
	Hosts     int       // that workers are on, in turn; 0: each on its own
	Share     bool      // messages to one destination at one instant share a packet
	Disk      sim.Disk
	CPU       sim.CPU
	Limits    sim.Limits
	Choices   sim.Source
	Schedule  sim.Schedule
	FaultsEnd time.Duration // 0: when a client finds no transaction left, see also Cluster.ExpectFaults
	FaultsBy  time.Duration // when they end at the latest; 0: at no time
	Stuck     time.Duration // the run is stuck if nothing was resolved for so long; 0: never; see Cluster.rest

	// Memory is where the cluster takes its allocations from, and leaves them when it is
	// released; nil: it makes its own.
	Memory *Memory

	Source  Source
	History History
	Tracer  sim.Tracer[Message] // sees the trace; may be nil
	// Locks, if not nil, is called with what becomes of requests for locks that are not
	// granted at once. The trace has no record of that.
	Locks func(LockEvent)
	// Promised, if not nil, is called when a worker's prepare record has become durable, with
	// how many keys it names: written, or read under a lock.
	Promised func(worker sim.NodeID, attempt sim.Label, keys int)
	// Clashed, if not nil, is called when a record has become durable by which a worker promises
	// or commits an attempt, while the log still holds the promise of another one and no decision,
	// and both name a key that one of them writes; not where there are many to compare.
	Clashed func(worker sim.NodeID, attempt, other sim.Label, key string)
}

// Cluster is a world of coordinators, workers and clients.
type Cluster struct {
	World        *sim.World[Message]
	Coordinators []sim.NodeID // C0 …
	Workers      []sim.NodeID // w0 …
	Client       sim.NodeID
	cfg          Config
	tally        Tally
	memory       *Memory
	event        Event // reused by Site.record
	places       *places
	clients      *clients
	recorder     recorder
	ends         func() (until sim.Time, armed bool) // see ExpectFaults; nil: nothing is known
	holds        bool                                // see ExpectFaults
	held         bool                                // faults have not ended, though nothing is left to submit, because ends says that one is armed
}

// NewCluster builds a cluster, ready to run.
func NewCluster(cfg Config) *Cluster {
	c := &Cluster{cfg: cfg, memory: cfg.Memory}
	c.cfg.Concurrency = cfg.Control()
	if c.memory == nil {
		c.memory = &Memory{}
	}
	c.places = newPlaces(&c.cfg)
	c.Client = c.places.client
	c.World = sim.New(sim.Config[Message]{
		Seed: cfg.Seed, Disk: cfg.Disk, CPU: cfg.CPU, Limits: cfg.Limits, Source: cfg.Choices, Schedule: cfg.Schedule, Tracer: cfg.Tracer, Durable: c.durable,
		Network: c.places.network(&c.cfg), Size: c.cfg.size(), Digest: cfg.digest(), Own: KindUser, Memory: &c.memory.world,
	})
	c.recorder = recorder{hist: cfg.History, promised: cfg.Promised, clashed: cfg.Clashed, images: c.memory.takeImages(cfg.Workers), pool: &c.memory.pool}
	all := make([]sim.NodeID, c.Client)
	for i := range all {
		all[i] = sim.NodeID(i)
	}
	c.Coordinators, c.Workers = slices.Clip(all[:cfg.Coordinators]), all[cfg.Coordinators:]
	c.memory.sites.Room(int(c.Client)+1, 0)
	c.addNodes()
	c.World.AddNode("client", func(env *sim.Env[Message]) sim.Node[Message] {
		c.clients = &clients{Site: c.site(env, 0), source: cfg.Source,
			lives: slices.Repeat([]uint32{1}, cfg.Coordinators), blocked: c.blocked, drained: c.drained}
		return c.clients
	}, sim.Immortal[Message]())
	if cfg.FaultsEnd > 0 && !c.exhaustive() {
		c.World.EndFaultsAt(sim.Time(cfg.FaultsEnd))
	}
	return c
}

// size returns the function that sizes messages. If Config.Record is set, the value that a
// read returns counts at least that many bytes. So does the result for a key that was never
// written, which stands for a record loaded before the run, but not that for a deleted key.
func (c *Config) size() func(*sim.Mail, *Message) int {
	if c.Record == 0 {
		return size
	}
	return func(mail *sim.Mail, m *Message) int {
		n := size(mail, m)
		for i := range m.Reads {
			if r := &m.Reads[i]; r.Found || r.Version == (Version{}) {
				n += max(c.Record-len(r.Value), 0)
			}
		}
		return n
	}
}

func (c *Cluster) site(env *sim.Env[Message], worker int) *Site {
	sites := &c.memory.sites
	sites.Room(1, siteChunk)
	s := &sites.Take(1)[0]
	*s = Site{Env: env, Config: &c.cfg, Worker: worker, Coordinators: c.Coordinators, Workers: c.Workers, Client: c.Client,
		tally: &c.tally, hist: c.cfg.History, pool: &c.memory.pool, event: &c.event}
	return s
}

// siteChunk is how many sites are allocated at a time for restarted nodes.
const siteChunk = 16

// durable feeds the history from a worker's log, each time more of it has become durable.
func (c *Cluster) durable(n sim.NodeID) {
	if worker := int(n) - len(c.Coordinators); worker >= 0 && worker < len(c.Workers) {
		r, end := &c.recorder, c.World.Durable(n)
		im := &r.images[worker]
		if end < im.seen { // the device had lied: read its storage anew
			*im = image{}
			readStorage(im, c.World.Storage(n), &pool{})
			im.seen = end
			return
		}
		r.event.At, r.event.Node, r.event.Worker = c.World.Now(), n, worker
		for im.seen < end {
			rec := c.World.DurableRecord(n, im.seen)
			im.seen = rec.End()
			r.read(im, rec)
		}
	}
}

// exhaustive reports whether faults are choices of an exhaustive schedule. They then end
// when their budget is spent.
func (c *Cluster) exhaustive() bool { return c.cfg.Schedule.Strategy == sim.Exhaustive }

func (c *Cluster) drained() {
	if c.cfg.FaultsEnd == 0 && !c.exhaustive() {
		c.endFaults(true)
	}
}

// ExpectFaults tells what is known of faults beforehand: ends returns when the last of those
// that are known have struck and ended, and whether a fault is armed: it waits for a message
// or a record that may still come. With hold, faults that would end when a client finds no
// transaction left wait for that time, and for what is armed as long as something moves: until
// everything is at rest, or nothing was resolved for as long as Config.Stuck. It must be called
// before the run.
func (c *Cluster) ExpectFaults(ends func() (until sim.Time, armed bool), hold bool) {
	c.ends, c.holds = ends, hold
}

// endFaults ends faults, unless they are held. If patient is false, it does not wait for an
// armed fault.
func (c *Cluster) endFaults(patient bool) {
	c.held = false
	if c.holds {
		until, armed := c.ends()
		if until > c.World.Now() {
			c.World.FaultAt(until, func() { c.endFaults(true) })
			return
		}
		if c.held = armed && patient && c.cfg.Stuck > 0 && !c.resolved(); c.held {
			return // Run asks again
		}
	}
	c.World.EndFaultsAt(c.World.Now())
}

// resolved reports whether no client waits and no node has anything left to do.
func (c *Cluster) resolved() bool {
	if c.tally.Open > 0 {
		return false
	}
	for n := range sim.NodeID(c.World.Nodes()) {
		if c.World.Node(n) == nil && !c.World.Dead(n) { // it comes back with what its log has
			return false
		}
	}
	open, excused := c.Residue()
	return len(open)+len(excused) == 0
}

// Unread returns the records of the workers' logs that made no sense: they do not decode, or
// are commits without a prepare record. The history lacks them.
func (c *Cluster) Unread() BadRecords { return c.recorder.unread }

// Tally returns the counts so far.
func (c *Cluster) Tally() Tally { return c.tally }

// InDoubter is a worker that can tell whether it is in doubt about some attempt
// of a transaction: it has promised to commit and does not know the decision.
type InDoubter interface {
	InDoubt(txn uint64) bool
}

// Undecided reports whether a worker could still install its part of a
// transaction: it is in doubt, or it is down and its log is in doubt.
func (c *Cluster) Undecided(txn uint64, worker int) bool {
	node := c.World.Node(c.Workers[worker])
	if node == nil {
		return c.recorder.images[worker].inDoubt(txn)
	}
	w, ok := as[InDoubter](node)
	return ok && w.InDoubt(txn)
}

// blocked reports whether a worker of the transaction is in doubt about it, or will be
// when it is up again.
func (c *Cluster) blocked(t *Transaction) bool {
	for i := range t.Parts {
		if w := t.Parts[i].Worker; !c.World.Dead(c.Workers[w]) && c.Undecided(t.Index, w) {
			return true
		}
	}
	return false
}

// giveUp closes the transactions that wait, directly or behind others, for a node that is
// dead for good, and returns how many. A dead worker is no reason by itself if the
// transaction has several: a live coordinator aborts it.
func (c *Cluster) giveUp() int {
	if c.tally.Open == 0 {
		return 0
	}
	_, excused := c.Residue()
	hopeless := map[uint64]Reason{}
	for i := range excused {
		switch r := &excused[i]; {
		case r.Decided:
		case int(r.Dead) < len(c.Coordinators):
			hopeless[r.Attempt.Txn] = CoordinatorLost
		default:
			hopeless[r.Attempt.Txn] = WorkerLost
		}
	}
	return c.clients.giveUp(func(t *Transaction) Reason {
		switch {
		case c.World.Dead(c.clients.coordinator(t)):
			return CoordinatorLost
		case len(t.Parts) == 1 && c.World.Dead(c.Workers[t.Parts[0].Worker]):
			return WorkerLost
		}
		return hopeless[t.Index]
	})
}

// Stored yields the durable storage of all workers.
func (c *Cluster) Stored(yield func(StoredItem) bool) {
	for i, n := range c.Workers {
		storage := c.World.Storage(n)
		if empty(storage) { // as that of most among thousands is in a short run
			continue
		}
		for it := range stored(i, storage, &c.memory.pool) {
			if !yield(it) {
				return
			}
		}
	}
}
