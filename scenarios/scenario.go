package scenarios

import (
	"slices"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/scenarios/workload"
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
	// Between a client and its coordinator the network takes time, but neither loses
	// nor doubles a message. Default client.
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
	// Isolation is the level of isolation that runs are held to, one of
	// analysis.IsolationNames; default promised: what the protocol promises as a
	// model.Promises, strict-serializable if it does not say.
	Isolation string `yaml:"isolation"`

	// Clients is the number of clients of the closed loop, each with one open
	// transaction; default 8, and 0 where arrivals are given. Transactions of a
	// file that have times are submitted at these, whatever Clients is.
	Clients int `yaml:"clients"`
	// Think is the time from an answer to the client's next transaction, in the
	// closed loop; default 0s.
	Think sim.Dist `yaml:"think"`
	// Arrivals is the open loop, instead of clients.
	Arrivals workload.Arrivals `yaml:"arrivals"`

	// Transactions says where the transactions come from; default 1000 that
	// the workload generates.
	Transactions Transactions `yaml:"transactions"`
	// Workload is what the generated transactions do.
	Workload workload.Parameters `yaml:"workload"`

	Network   Network   `yaml:"network"`
	Disk      Disk      `yaml:"disk"`
	CPU       CPU       `yaml:"cpu"`
	Timeouts  Timeouts  `yaml:"timeouts"`
	Retry     Retry     `yaml:"retry"`
	Resources Resources `yaml:"resources"`
	Limits    Limits    `yaml:"limits"`

	// Until is when faults end, whatever is in progress then: a time, or submitted,
	// when a client finds no transaction left. By default they end at that moment as
	// well, but lines with a time, and lines that aim at one message or record that may
	// still come, are first allowed to strike and to last as they say, unless that is
	// beyond limits.time. With both words faults also end when faults without an end of
	// their own have stopped everything for limits.stuck. Faults that strike again and
	// again do not count as that: something may progress between two strikes.
	Until time.Duration `yaml:"until,default or submitted"`
	// Faults is the fault plan, a line each; default none.
	Faults []string `yaml:"faults"`

	// Seed is the seed to run with when none is asked for; default 1.
	Seed uint64 `yaml:"seed"`
	// Schedule is which of the events that could be next is: by latency, or one of
	// ScheduleHelp; default latency.
	Schedule sim.Schedule `yaml:"schedule"`
	// Chance is what settles the choices that no deviation names: seeded, by the
	// seed, or nominal, each at its default (no fault, a delay just above
	// the median, the earliest event); default seeded.
	Chance string `yaml:"chance"`
	// Choices are deviations from the seeded choices, as sim.Deviation prints
	// them; default none.
	Choices []sim.Deviation `yaml:"choices"`
	// Expect is what a repro must reproduce, or what the replay of a log checks.
	Expect Expect `yaml:"expect"`

	using              []model.Protocol       // see Using
	dir                string                 // the directory that a relative transactions.file is relative to
	protocolAt, fileAt position               // where protocol and transactions.file were given
	onlyFile           string                 // the file of transactions that was loaded as a scenario: see Load
	totals             totals                 // what workload.properties says of the whole run
	timeoutsGiven      [len(farTimeouts)]bool // which of farTimeouts zones do not change
	files              []string               // the files it was read from: its own, and workload files of YCSB
}

// UntilSubmitted is the Scenario.Until that is written submitted.
const UntilSubmitted = -sim.Forever

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
	// Loss is the chance that a message between coordinators and workers is lost;
	// default 0.
	Loss sim.Probability `yaml:"loss"`
	// Duplicate is the chance that one arrives twice; default 0.
	Duplicate sim.Probability `yaml:"duplicate"`
	// Packets lets messages from one node to another at one instant share a
	// packet: one delay, and lost together; default true. Those of clients never do.
	// Only a node's last four packets of the instant can be joined, so that several
	// transactions with five workers each share none.
	Packets bool `yaml:"packets"`
}

// Disk is the log device of a node.
type Disk struct {
	// Sync is the time a sync takes; default lognormal(1ms, 0.3).
	Sync sim.Dist `yaml:"sync"`
	// Torn is the chance that a crash leaves part of the first unsynced record;
	// default 0.1.
	Torn sim.Probability `yaml:"torn"`
	// Capacity of a node's log and checkpoint; default 0, no limit. Workers vote NO (full)
	// where it would not hold their promise and its end, and coordinators refuse a request
	// where it would not hold the decision; see model.AttemptReserve for the least. While a
	// checkpoint is written it takes no room: it replaces the log and the one before at one
	// stroke.
	Capacity quantity.Bytes `yaml:"capacity"`
	// Checkpoint is the length of log at which a node takes a checkpoint, unless twice the
	// last checkpoint is more; for want of room it takes one before that. Default 32KiB.
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
	// prepare, or a waiting one whose coordinator does not heed its wounds; default 1s.
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
	// Cap of the backoff; 0 is none; default 500ms.
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
	// Pending is how many events may be yet to come at one time; default 10000000.
	// Each takes 250 to 500 bytes.
	Pending int `yaml:"pending"`
	// Stuck is for how long nothing may be resolved, once faults have ended,
	// while something is open. Default 20 times the largest of timeouts,
	// retry.cap and what a delay, a sync or an operation takes, leaving out never
	// and the longest one in a thousand; at least 20s if all timeouts are never. By
	// another schedule than latency ten times that: there each event may be late.
	// A value below the longest wait of a node, a timeout for instance, makes correct
	// runs fail the progress check.
	// It counts as at least 32 times the longest wait for a processor or a sync since
	// faults have ended: an overloaded run ends at limits.time instead. What is under
	// way for longer, a message, a sync or the service at a core, is waited for too.
	Stuck time.Duration `yaml:"stuck,default"`
	// Faults is when faults end at the latest, whatever Scenario.Until says, so that a run
	// that they keep from ending does end. Default never; a swarm's have a quarter of Time.
	Faults time.Duration `yaml:"faults,never"`
}

// Expect is what a repro reproduces.
type Expect struct {
	// Finding is the name of the finding; default none.
	Finding string `yaml:"finding"`
	// Hash is the hash of the trace, 16 hexadecimal digits; default none.
	Hash string `yaml:"hash"`
	// Transactions is the checksum of the file of transactions, 8 hexadecimal digits, as a
	// log has it; default none. Nothing is reproduced from a file with another one.
	Transactions string `yaml:"transactions"`
}

// StuckAfter is Limits.Stuck with its default resolved.
func (s *Scenario) StuckAfter() time.Duration {
	distances, _ := s.distances()
	return s.stuckAfter(s.operations(), distances)
}

// stuckAfter is StuckAfter if no transaction has more than this number of operations, and
// these are the delays between zones.
func (s *Scenario) stuckAfter(operations int, distances [][]sim.Dist) time.Duration {
	if s.Limits.Stuck > 0 {
		return s.Limits.Stuck
	}
	longest, finite := max(s.backoff(), s.slowest(operations, distances)), false
	t := &s.Timeouts
	for _, d := range []time.Duration{t.Prepare, t.Decision, t.Idle, t.Answer} {
		if d != sim.Forever {
			longest, finite = max(longest, d), true
		}
	}
	if !finite {
		longest = max(longest, time.Second)
	}
	times := time.Duration(20)
	if s.Schedule.Strategy != sim.ByLatency {
		times = 200
	}
	if longest > sim.Forever/times {
		return sim.Forever
	}
	return times * longest
}

// operations returns a bound on the operations of a generated transaction.
func (s *Scenario) operations() int {
	most := max(s.Workload.Operations, 6) // kinds with a shape of their own have up to that many
	if s.Workload.Kind == "tpcc" {
		most = 66 // NewOrder of 15 lines
	}
	if s.Workload.Scans > 0 {
		most *= max(s.Workload.Scan, 1)
	}
	return most
}

// backoff returns the longest backoff of a transaction.
func (s *Scenario) backoff() time.Duration {
	if s.Retry.Cap > 0 {
		return s.Retry.Cap
	}
	longest := s.Retry.Backoff
	for i := 2; i < s.Retry.Attempts && longest < sim.Forever/2; i++ {
		longest *= 2
	}
	return longest
}

// slowest returns the longest of a delay, a sync and the service of a message with so many
// operations, each but for the longest one in a thousand samples: with a heavy tail that
// may be years.
func (s *Scenario) slowest(operations int, distances [][]sim.Dist) time.Duration {
	const rare = 1<<64 - 1<<54
	service := s.CPU.Message
	if each := s.CPU.Operation; each > (sim.Forever-service)/time.Duration(operations) {
		service = sim.Forever
	} else {
		service += each * time.Duration(operations)
	}
	took := max(s.Network.Delay.Sample(rare), s.Disk.Sync.Sample(rare), service)
	for _, row := range distances {
		for i := range row {
			took = max(took, row[i].Sample(rare))
		}
	}
	return took
}

// Clone returns a copy that shares nothing that could change.
func (s *Scenario) Clone() *Scenario {
	c := *s
	c.Faults = slices.Clone(s.Faults)
	c.Choices = slices.Clone(s.Choices)
	c.Transactions.Inline = slices.Clone(s.Transactions.Inline)
	c.Workload.Mix = slices.Clone(s.Workload.Mix)
	c.Zones, c.Network.Matrix = slices.Clone(s.Zones), slices.Clone(s.Network.Matrix)
	c.using, c.files = slices.Clone(s.using), slices.Clone(s.files)
	return &c
}

// client returns the node of the clients, which comes after the others.
func (s *Scenario) client() sim.NodeID { return sim.NodeID(s.Coordinators + s.Workers) }

// Equal reports whether all parameters are the same.
func (s *Scenario) Equal(t *Scenario) bool {
	for _, p := range parameters {
		if p.text(s) != p.text(t) {
			return false
		}
	}
	return true
}
