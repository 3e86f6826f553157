package workload

import (
	"time"

	"github.com/seed83d86191/txsim/scenarios/quantity"
	"github.com/seed83d86191/txsim/sim"
)

// Arrivals is an open loop: transactions come whether or not others are done.
type Arrivals struct {
	// Kind is poisson (independent arrivals), constant (equal gaps) or none, with
	// which the others have no effect; default none, and poisson where a rate is given.
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

// Parameters is what generated transactions do. A cluster with fewer workers
// than Workers takes part with all that it has.
//
// In YAML it can have one parameter more, properties: a workload file of YCSB,
// relative to the scenario's own. It is read into the others, but for those that
// are given beside it: recordcount records are one table that is spread over the workers, and
// operationcount operations over transactions of Operations each, however many workers
// and operations are set later.
type Parameters struct {
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
	// Of TPC-C, tpcc leaves out the other three transactions, that 60 % of the payments look
	// a customer up by last name (clause 2.5.1.2), and that 1 % of the new orders are rolled
	// back (clause 2.4.1.4).
	//
	// Default uniform. Keys are drawn on each worker apart, unless Global is true, and
	// the workers of a transaction uniformly, as in Harding et al., "An Evaluation of
	// Distributed Concurrency Control", VLDB 2017.
	Kind string `yaml:"kind"`
	// Theta is the exponent of Zipf's law: the key of rank k is k^-theta as
	// popular as the first. 0 to 10, default 0.9; 0 is uniform.
	Theta float64 `yaml:"theta"`
	// Keys is the number of keys on each worker; 1 to 10000000, default 1000.
	Keys int `yaml:"keys"`
	// Operations per transaction (bank: per audit); 1 to 10000, default 4.
	Operations int `yaml:"operations"`
	// Workers is how many workers take part in a transaction (bank: in an
	// audit), drawn without repetition; the operations are dealt to them in turn,
	// and must be as many at least. Or it is any: each operation draws its worker
	// from all, whichever the others have. Default 2.
	Workers int `yaml:"workers,any"`
	// Single is the share of transactions that have only one worker, whatever the number in
	// Workers says (bank: transfers too); default 0. It must be 0 for tpcc, hot-key and
	// smallbank, whose keys have their places, and with workers that are any.
	Single sim.Probability `yaml:"single"`
	// Reads is the share of operations that read (bank: of transactions that
	// are audits); default 0.5.
	Reads sim.Probability `yaml:"reads"`
	// Deletes is the share of operations that delete; default 0. What no share
	// has taken writes.
	Deletes sim.Probability `yaml:"deletes"`
	// Value is the size of written values; values are unique and at least as
	// long as that takes. At most 64KiB, default 0.
	Value quantity.Bytes `yaml:"value"`
	// Record is the size of a record, of which writes may change a part. Each read
	// returns that many bytes, also of keys that nobody has written yet: those were
	// loaded before the run. Only the bytes of messages know of it, those of given
	// transactions too: in history and log what was loaded is none, and
	// resources.keys does not count it. At most 1GiB, default 0: a read returns what
	// was last written, and before that none.
	Record quantity.Bytes `yaml:"record"`

	// Distribution is the popularity of keys (smallbank: of customers), for
	// kinds that draw them:
	//
	//	uniform    all are equally likely
	//	zipf       Zipf's law, see Theta; the first key is the most popular
	//	scrambled  YCSB's scrambled zipfian: Zipf's law of ten billion items, each hashed
	//	           to a key, inserted ones too
	//	latest     Zipf's law, but the last key inserted is the most popular
	//	hotspot    a few have most of the operations, see Hot and Heat
	//
	// As in YCSB, scrambled hashes to twice as many new keys as inserts are expected, and
	// draws again what is not there yet: with inserts, another number of transactions or
	// operations makes other keys popular.
	//
	// Default what the kind is named after: zipf for ycsb, hotspot for smallbank.
	Distribution string `yaml:"distribution"`
	// Global has the keys of all workers share one popularity and one order, as
	// records of one table that is dealt to the workers in turn (uniform, zipf and
	// ycsb); default false, each worker has a popularity of its own. The key decides
	// the worker, so that Workers must be any, and Local false.
	Global bool `yaml:"global"`
	// Hot is the share of keys in the hot set, of one key at least; default 0.2.
	Hot sim.Probability `yaml:"hot"`
	// Heat is the share of operations on the hot set; default 0.8. Within it and
	// outside, keys are equally likely.
	Heat sim.Probability `yaml:"heat"`
	// Order is where the popular keys lie: ordered, next to each other, or
	// hashed, scattered among the others; default ordered. It matters to scans, and
	// to which worker has which if Global.
	Order string `yaml:"order"`
	// Updates is the share of operations that write without reading, where those
	// of no share read first (ycsb); default 0.
	Updates sim.Probability `yaml:"updates"`
	// Inserts is the share of operations that write a new key, after those that
	// the worker has, or all of them if Global; default 0. It can be read before its
	// insert has committed.
	Inserts sim.Probability `yaml:"inserts"`
	// Inserted is the size of values that are inserted, where that is not Value: an
	// insert may write a whole record, and others a field of it. At most 64KiB,
	// default 0, which is that of Value.
	Inserted quantity.Bytes `yaml:"inserted"`
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
	// of its coordinator, modulo workers (tpcc: the home warehouse; hot-key and
	// smallbank, whose keys have their places, leave it out); default false.
	Local bool `yaml:"local"`
}
