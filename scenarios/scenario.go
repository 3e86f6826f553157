package scenarios

import (
	"slices"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/sim"
)

// Scenario says everything about a run but the code of its protocol. It is
// read from YAML, where each parameter has the name in its tag, and has the
// defaults that Default sets. Durations are virtual time, in Go's notation
// ("1.5ms"); distributions are those of sim.Dist; sizes are bytes and may have a
// unit ("64KiB"); chances and shares are 0 to 1 or a percentage ("5%").
type Scenario struct {
	// Name and Description tell scenarios apart for people; default none.
	Name        string `yaml:"name"`
	Description string `yaml:"description"`

	// Workers is how many workers there are, w0 …; 1 to 100000, default 10.
	Workers int `yaml:"workers"`
	// Coordinators is how many coordinators there are, C0 …; 1 to 10000,
	// default 1.
	Coordinators int `yaml:"coordinators"`
	// Placement says where coordinators run:
	//
	//	client    with their clients, which reach them at once
	//	separate  on machines of their own, which clients reach over the network
	//	workers   C0 on the host of w0, C1 on that of w1 and so on; clients reach
	//	          them over the network
	//
	// Default client.
	Placement model.Placement `yaml:"placement"`
	// Hosts is how many machines the workers are on, in turn; nodes on one host
	// share its cores and its log device, and their messages to each other take no
	// time and are not counted. They crash alone. Default 0, a host for each.
	Hosts int `yaml:"hosts"`
	// Zones are names of zones, and hosts are in them in turn: w0 in the first,
	// w1 in the second. Coordinators likewise, and clients with their coordinators.
	// See Network.Matrix; default none.
	Zones []string `yaml:"zones"`
	// Protocol is the name of a commit protocol; default presumed-abort.
	Protocol string `yaml:"protocol"`
	// Concurrency is the name of a concurrency control; default wait-die.
	Concurrency string `yaml:"concurrency"`
	// Execution is one-shot, batched or interactive; default one-shot.
	Execution model.Execution `yaml:"execution"`

	// Clients is the number of clients of the closed loop, each with one open
	// transaction; default 8, and 0 where arrivals are given. Transactions of a
	// file that have times are submitted at these, whatever Clients is.
	Clients int `yaml:"clients"`
	// Think is the time from an answer to the client's next transaction, in the
	// closed loop; default 0s.
	Think sim.Dist `yaml:"think"`
	// Arrivals is the open loop, instead of clients.
	Arrivals Arrivals `yaml:"arrivals"`

	// Transactions says where the transactions come from; default 1000 that
	// the workload generates.
	Transactions Transactions `yaml:"transactions"`
	// Workload is what the generated transactions do.
	Workload Workload `yaml:"workload"`

	Network   Network   `yaml:"network"`
	Disk      Disk      `yaml:"disk"`
	CPU       CPU       `yaml:"cpu"`
	Timeouts  Timeouts  `yaml:"timeouts"`
	Retry     Retry     `yaml:"retry"`
	Resources Resources `yaml:"resources"`
	Limits    Limits    `yaml:"limits"`

	// Until is when faults end; default when the last transaction has been
	// submitted, or when faults without an end of their own have stopped
	// everything for as long as limits.stuck.
	Until time.Duration `yaml:"until,default"`
	// Faults is the fault plan, a line each; default none.
	Faults []string `yaml:"faults"`

	// Seed is the seed to run with when none is asked for; default 1.
	Seed uint64 `yaml:"seed"`
	// Schedule is which of the events that could be next is: by latency, or one of
	// ScheduleHelp; default latency.
	Schedule sim.Schedule `yaml:"schedule"`
	// Chance is what settles the choices that no deviation names: seeded, by the
	// seed, or nominal, each at its default (no fault, the median delay, the
	// earliest event); default seeded.
	Chance string `yaml:"chance"`
	// Choices are deviations from the seeded choices, as sim.Deviation prints
	// them; default none.
	Choices []sim.Deviation `yaml:"choices"`
	// Expect is what a repro must reproduce.
	Expect Expect `yaml:"expect"`

	own []model.Protocol // see Using
	dir string           // a relative transactions.file is relative to it
}

// Arrivals is an open loop: transactions come whether or not others are done.
type Arrivals struct {
	// Kind is poisson (independent arrivals), constant (equal gaps) or none;
	// default none, and poisson where a rate is given.
	Kind string `yaml:"kind"`
	// Rate is the mean rate of arrivals, such as 5000/s; default 1000/s.
	Rate quantity.Rate `yaml:"rate"`
	// To is the rate that Rate grows or falls to, evenly, in the time Over;
	// default 0/s, which is none: the rate stays.
	To   quantity.Rate `yaml:"to"`
	Over time.Duration `yaml:"over"`
	// Burst is the rate, instead of that, in bursts that come every Every, the
	// first when that has passed once, and last for For; default 0/s, no bursts.
	Burst quantity.Rate `yaml:"burst"`
	Every time.Duration `yaml:"every"`
	For   time.Duration `yaml:"for"`
}

// Transactions is one of a number, a file and lines. In YAML it is
// `transactions: 1000`, `{file: orders.jsonl}` or `{inline: ["t1: w0 read k"]}`.
type Transactions struct {
	// Count is how many transactions to generate.
	Count int
	// File is a transaction file, relative to the scenario's own: "-" is
	// standard input, and "library:" begins the name of an embedded file.
	File string
	// Inline are the lines of a transaction file.
	Inline []string
}

// Workload is what generated transactions do. A cluster with fewer workers
// than Workers takes part with all that it has.
//
// In YAML it can have one parameter more, properties: a workload file of YCSB,
// relative to the scenario's own. It is read into the others, but for those that
// are given beside it: recordcount records are spread over the workers, and
// operationcount operations over transactions of Operations each.
type Workload struct {
	// Kind is
	//
	//	uniform    operations on keys that are equally likely
	//	zipf       operations on keys with the popularity of Zipf's law
	//	ycsb       as zipf, but a write first reads its key (read-modify-write)
	//	bank       transfers (read and write two accounts) and audits (read several)
	//	hot-key    each writes one key on w0 that all write, and a key of its own
	//	smallbank  the six transactions of the SmallBank benchmark
	//	tpcc       TPC-C's NewOrder and Payment, as operations on keys
	//
	// Default uniform. Keys are drawn on each worker apart and the workers of a
	// transaction uniformly, without repetition, as in Harding et al., "An
	// Evaluation of Distributed Concurrency Control", VLDB 2017.
	Kind string `yaml:"kind"`
	// Theta is the exponent of Zipf's law: the key of rank k is k^-theta as
	// popular as the first. 0 to 10, default 0.9; 0 is uniform.
	Theta float64 `yaml:"theta"`
	// Keys is the number of keys on each worker; 1 to 10000000, default 1000.
	Keys int `yaml:"keys"`
	// Operations per transaction (bank: per audit); 1 to 10000, default 4.
	Operations int `yaml:"operations"`
	// Workers is how many workers take part in a transaction (bank: in an
	// audit), and no more than there are operations; default 2.
	Workers int `yaml:"workers"`
	// Reads is the share of operations that read (bank: of transactions that
	// are audits); default 0.5.
	Reads sim.Probability `yaml:"reads"`
	// Deletes is the share of operations that delete; default 0. What no share
	// has taken writes.
	Deletes sim.Probability `yaml:"deletes"`
	// Value is the size of written values; values are unique and at least as
	// long as that takes. At most 64KiB, default 0.
	Value quantity.Bytes `yaml:"value"`

	// Distribution is the popularity of keys (smallbank: of customers), for
	// kinds that draw them:
	//
	//	uniform  all are equally likely
	//	zipf     Zipf's law, see Theta; the first key is the most popular
	//	latest   Zipf's law, but the last key inserted is the most popular
	//	hotspot  a few have most of the operations, see Hot and Heat
	//
	// Default what the kind is named after: zipf for ycsb, hotspot for smallbank.
	Distribution string `yaml:"distribution"`
	// Hot is the share of keys in the hot set, of one key at least; default 0.2.
	Hot sim.Probability `yaml:"hot"`
	// Heat is the share of operations on the hot set; default 0.8. Within it and
	// outside, keys are equally likely.
	Heat sim.Probability `yaml:"heat"`
	// Order is where the popular keys lie: ordered, next to each other, or
	// hashed, scattered among the others; default ordered. It matters to scans.
	Order string `yaml:"order"`
	// Updates is the share of operations that write without reading, where those
	// of no share read first (ycsb); default 0.
	Updates sim.Probability `yaml:"updates"`
	// Inserts is the share of operations that write a new key, behind those that
	// the worker has; default 0. It can be read before its insert has committed.
	Inserts sim.Probability `yaml:"inserts"`
	// Scans is the share of operations that read consecutive keys of a worker;
	// default 0. Nothing follows the last key.
	Scans sim.Probability `yaml:"scans"`
	// Scan is the length of the longest scan; 1 to 10000, default 100.
	Scan int `yaml:"scan"`
	// Lengths is the distribution of the lengths of scans from 1 to Scan, uniform
	// or zipf (short ones are frequent); default uniform.
	Lengths string `yaml:"lengths"`
	// Mix is how frequent the transactions of a benchmark are, a line such as
	// "balance 15" for each and in proportion to the numbers; default none, which
	// is the published mix. Those of smallbank are amalgamate, balance,
	// deposit-checking, send-payment, transact-savings and write-check; those of
	// tpcc new-order and payment.
	Mix []string `yaml:"mix"`
	// Warehouses is the number of warehouses of each worker (tpcc); 1 to 10000,
	// default 1.
	Warehouses int `yaml:"warehouses"`
	// Remote is the chance that an item of a new order is supplied by another
	// warehouse (tpcc); default 1%.
	Remote sim.Probability `yaml:"remote"`
	// Away is the chance that a customer pays at another warehouse than their own
	// (tpcc); default 15%.
	Away sim.Probability `yaml:"away"`
	// Local has the first operation of a transaction on the worker with the number
	// of its coordinator, modulo workers (tpcc: the home warehouse); default false.
	Local bool `yaml:"local"`
}

// Network is what becomes of messages between nodes.
type Network struct {
	// Delay is the time a message takes; default lognormal(500us, 0.4).
	Delay sim.Dist `yaml:"delay"`
	// Matrix is the time a message takes from zone to zone: a row for each zone,
	// with a delay to each, such as "500us 40ms lognormal(80ms, 0.1)". "-" is
	// Delay within a zone. Between two of us-east, us-west, sa-east, eu-west,
	// eu-central, ap-south, ap-southeast, ap-northeast and ap-sydney it is half the
	// round trip that public clouds have, and so is all where there is no matrix.
	// Default none.
	Matrix []string `yaml:"matrix"`
	// Loss is the chance that a message is lost; default 0.
	Loss sim.Probability `yaml:"loss"`
	// Duplicate is the chance that a message arrives twice; default 0.
	Duplicate sim.Probability `yaml:"duplicate"`
	// Packets lets messages from one node to another at one instant share a
	// packet: one delay, one fate; default true.
	Packets bool `yaml:"packets"`
}

// Disk is the log device of a node.
type Disk struct {
	// Sync is the time a sync takes; default lognormal(1ms, 0.3).
	Sync sim.Dist `yaml:"sync"`
	// Torn is the chance that a crash leaves part of the first unsynced record;
	// default 0.1.
	Torn sim.Probability `yaml:"torn"`
	// Capacity of log and checkpoint; default 0, no limit.
	Capacity quantity.Bytes `yaml:"capacity"`
	// Checkpoint is the length of log at which a node takes a checkpoint;
	// default 32KiB.
	Checkpoint quantity.Bytes `yaml:"checkpoint"`
}

// CPU is the processor of a node. It is infinitely fast without costs.
type CPU struct {
	// Cores of a node; default 1.
	Cores int `yaml:"cores"`
	// Message is the time to handle a message; default 0s.
	Message time.Duration `yaml:"message"`
	// Operation is the time for each operation that a message carries;
	// default 0s.
	Operation time.Duration `yaml:"operation"`
}

// Timeouts turn silence into suspicion. Each may be never: sim.Forever.
type Timeouts struct {
	// Prepare is how long a coordinator waits for votes and results; default
	// 50ms, and 500ms where zones are given.
	Prepare time.Duration `yaml:"prepare,never"`
	// Decision is when a decision is sent, or asked for, again; default 100ms,
	// and 1s where zones are given.
	Decision time.Duration `yaml:"decision,never"`
	// Idle is how long a worker keeps an executed attempt that nobody asks to
	// prepare; default 1s.
	Idle time.Duration `yaml:"idle,never"`
	// Answer is when a client asks its coordinator again; default 200ms, and 2s
	// where zones are given.
	Answer time.Duration `yaml:"answer,never"`
}

// Retry is what a client does after a definite abort.
type Retry struct {
	// Attempts of a transaction at most; 1 to model.MaxTries, default 10.
	Attempts int `yaml:"attempts"`
	// Backoff before the second attempt; it doubles; default 5ms.
	Backoff time.Duration `yaml:"backoff"`
	// Cap of the backoff; default 500ms.
	Cap time.Duration `yaml:"cap"`
}

// Resources bound a worker, which votes NO (full) at a bound.
type Resources struct {
	// Staging is how much all attempts together may stage; default 0, no bound.
	Staging quantity.Bytes `yaml:"staging"`
	// Keys is how many keys may have a value; default 0, no bound.
	Keys int `yaml:"keys"`
}

// Limits bound a run. A run that hits one ends with the verdict unknown.
type Limits struct {
	// Time is the virtual time a run may take; default 10m.
	Time time.Duration `yaml:"time"`
	// Events is how many events a run may take; default 1000000000.
	Events uint64 `yaml:"events"`
	// Stuck is for how long nothing may be resolved, once faults have ended,
	// while something is open. Default 20 times the largest of timeouts and
	// retry.cap, leaving out never; 20s if all timeouts are never.
	Stuck time.Duration `yaml:"stuck,default"`
}

// Expect is what a repro reproduces.
type Expect struct {
	// Finding is the name of the finding; default none.
	Finding string `yaml:"finding"`
	// Hash is the hash of the trace, 16 hexadecimal digits; default none.
	Hash string `yaml:"hash"`
}

// StuckAfter is Limits.Stuck with its default resolved.
func (s *Scenario) StuckAfter() time.Duration {
	if s.Limits.Stuck > 0 {
		return s.Limits.Stuck
	}
	longest, finite := s.Retry.Cap, false
	t := &s.Timeouts
	for _, d := range []time.Duration{t.Prepare, t.Decision, t.Idle, t.Answer} {
		if d != sim.Forever {
			longest, finite = max(longest, d), true
		}
	}
	switch {
	case !finite:
		return 20 * time.Second
	case longest > sim.Forever/20:
		return sim.Forever
	}
	return 20 * longest
}

// Clone returns a copy that shares nothing that could change.
func (s *Scenario) Clone() *Scenario {
	c := *s
	c.Faults = slices.Clone(s.Faults)
	c.Choices = slices.Clone(s.Choices)
	c.Transactions.Inline = slices.Clone(s.Transactions.Inline)
	c.Workload.Mix = slices.Clone(s.Workload.Mix)
	c.Zones, c.Network.Matrix = slices.Clone(s.Zones), slices.Clone(s.Network.Matrix)
	c.own = slices.Clone(s.own)
	return &c
}

// Equal reports whether all parameters are the same.
func (s *Scenario) Equal(t *Scenario) bool {
	for _, p := range parameters {
		if printValue(p.in(s), p.option) != printValue(p.in(t), p.option) {
			return false
		}
	}
	return true
}
