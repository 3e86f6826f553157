package cmd

const workloadPage = `What generated transactions do, for the parameters workload.NAME; those of files have no
workload but a record. Each has its default and its meaning:

  kind          uniform    What transactions do, see below.
  properties    ""         A workload file of YCSB, from which the others are read, but for
                           those that are given beside it.
  theta         0.9        The exponent of Zipf's law; 0 is uniform.
  keys          1000       How many keys each worker has.
  operations    4          How many operations a transaction has (bank: an audit).
  workers       2          How many workers take part in a transaction (bank: in an audit),
                           at most as many as operations, which are dealt to them in turn.
                           Or any: each operation draws a worker, whichever others have.
                           Without effect for tpcc, smallbank and hot-key.
  single        0          The share of transactions that have one worker only, whatever
                           workers says (bank: of transfers too). Not for workers that are
                           any, nor for tpcc, smallbank and hot-key.
  reads         0.5        The share of operations that read (bank: of transactions that
                           are audits).
  deletes       0          The share of operations that delete.
  value         0          The bytes of a value that is written; more if it takes more to be
                           unlike all others.
  record        0          The bytes of a record: each read takes as many in messages, also
                           of a key that nobody has written yet, which log and history have
                           as none. With 0 it takes those of the value that it returns.
  distribution  default    The popularity of keys (smallbank: of customers), see below; by
                           default what the kind is named after.
  global        false      The keys of all workers share one popularity, as one table that
                           is dealt to the workers in turn: the key decides the worker. Only
                           for uniform, zipf and ycsb, with workers any, without local.
  hot           0.2        The share of keys in the hot set of hotspot.
  heat          0.8        The share of operations on the hot set.
  order         ordered    Where popular keys lie: ordered, next to each other, or hashed,
                           scattered among the others.
  updates       0          The share of operations that write without reading first (ycsb).
  inserts       0          The share of operations that write a new key.
  inserted      0          The bytes of a value that is inserted; 0 is what value says.
  scans         0          The share of operations that read consecutive keys of a worker.
  scan          100        The length of the longest scan.
  lengths       uniform    The distribution of the lengths of scans, uniform or zipf.
  mix           []         The transactions of smallbank or tpcc by weight, as "balance 15";
                           [] is the published mix.
  warehouses    1          How many warehouses each worker has (tpcc).
  remote        0.01       The chance that another warehouse supplies an item (tpcc).
  away          0.15       The chance that a customer pays at another warehouse (tpcc).
  local         false      The first operation is on the worker with the number of the
                           transaction's coordinator, modulo workers (tpcc: so is the home
                           warehouse). Without effect for smallbank and hot-key.

Operations that are of no share write. The kinds:

  uniform    Operations on keys that are equally likely.
  zipf       Operations on keys with the popularity of Zipf's law.
  ycsb       As zipf, but what is of no share reads its key first, then writes it.
  bank       Transfers, which read and write two accounts, and audits, which read several.
             Heeds keys, operations, workers, single, reads, order, local.
  hot-key    Each writes one key on w0 that all write, and a key of its own. Heeds nothing.
  smallbank  The six transactions of SmallBank. Heeds keys, mix, distribution, theta, hot,
             heat.
  tpcc       New orders and payments of TPC-C, as operations on keys. Heeds warehouses,
             remote, away, mix, local.

All heed value and record; to what the last four do not heed, they are as without it.

The distributions, for the kinds that draw keys:

  default    That of the kind; hotspot for smallbank.
  uniform    All keys are equally likely.
  zipf       Zipf's law: the key of rank k is k^-theta as popular as the first.
  scrambled  The scrambled zipfian of YCSB.
  latest     Zipf's law, where the last key that was inserted is the most popular.
  hotspot    The keys of the hot set have the share heat of the operations.

When transactions come is said by clients and think, or by arrivals.`
