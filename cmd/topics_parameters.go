package cmd

const parametersPage = `The parameters of a scenario, but for those of generated transactions: see txsim help
workload. What a scenario file has as "network: {loss: 2%}", or in two nested lines, is
--set network.loss=2% on the command line. Each has its default and its meaning here;
txsim show --full NAME prints the values that a scenario has.

The cluster:

  name             ""        What results and logs call the scenario.
  description      ""        What txsim list says of it.
  workers          10        How many workers there are, w0 and so on; at most 100000.
  coordinators     1         How many coordinators there are, C0 and so on; at most 10000.
  placement        client    Where coordinators run: client, with their clients, which
                             reach them at once; separate, on machines of their own; or
                             workers, C0 on the host of w0 and so on. Clients reach those
                             over the network, which loses and doubles no message of theirs.
  hosts            0         How many machines the workers are on, in turn; 0 is one for
                             each. Nodes on one host share its cores and its log device,
                             which syncs for one of them after the other; their messages to
                             each other take no time and are not counted, and they crash
                             alone.
  zones            []        The names of zones; hosts are in them in turn, w0 in the first.
                             So are coordinators, and clients with theirs.
  protocol         presumed-abort
                             The commit protocol, see txsim help protocols.
  concurrency      wait-die  The concurrency control, see txsim help concurrency.
  execution        one-shot  How operations reach workers, see txsim help execution.
  isolation        promised  The level that runs are held to, see txsim help isolation;
                             promised is what the protocol promises.

The load. It is closed, with clients, or open, with arrivals:

  clients          8         The clients of the closed loop, each with one transaction at a
                             time; 0 where arrivals are given.
  think            0s        The time, drawn each time, from an answer to the client's next
                             transaction; nothing where arrivals are given.
  arrivals.kind    none      poisson, for independent arrivals, constant, for equal gaps, or
                             none; poisson where a rate is given.
  arrivals.rate    1000/s    The mean rate of arrivals.
  arrivals.to      0/s       The rate that it grows or falls to, evenly, in the time over;
                             0/s is none.
  arrivals.over    0s
  arrivals.burst   0/s       The rate in bursts, which come every so often and last for so
                             long; the first comes when that time has passed once.
  arrivals.every   0s
  arrivals.for     0s
  transactions     1000      How many transactions are generated. Or they are those of a
                             file or list, as txsim help run explains them:
  transactions.file    -     A file, relative to the scenario's own; - is standard input.
  transactions.inline  -     The lines of such a file, as a list.

Messages, log devices, processors:

  network.delay      lognormal(500us, 0.4)
                             The time that a message takes.
  network.matrix   []        The time from zone to zone: a row for each zone, with a delay
                             to each, as "500us 40ms -"; from a zone to itself - is
                             network.delay, and from one to another, as where there is
                             no matrix, half of what public clouds have as round trips
                             between us-east, us-west, sa-east, eu-west, eu-central,
                             ap-south, ap-southeast, ap-northeast and ap-sydney.
  network.loss       0       The chance that a message between coordinators and workers is
                             lost.
  network.duplicate  0       The chance that one arrives twice.
  network.packets    true    Messages of one node to another at one instant share a packet,
                             with one delay and one fate; those of clients never do.
  disk.sync          lognormal(1ms, 0.3)
                             The time that a sync of the log takes. One serves all that a
                             node appended before it began. At a worker it begins at the
                             end of a step: a commit shares it with those that were
                             waiting for its locks.
  disk.torn        0.1       The chance that a crash leaves part of a record not synced.
  disk.capacity    0         The bytes of log and checkpoint; 0 is no limit. A worker
                             without room votes NO (full), and a coordinator without
                             begins no attempt. At least 136, for an attempt on one worker.
                             A checkpoint that is being written takes no room: it replaces
                             log and checkpoint at one stroke.
  disk.checkpoint  32KiB     The length of log at which a node takes a checkpoint; where
                             twice its last checkpoint is more, it is that. With
                             disk.capacity, a node takes one for want of room before that:
                             a worker when half of what its last checkpoint leaves is log.
  cpu.cores        1         The cores of a host.
  cpu.message      0s        The time that a core takes to handle a message.
  cpu.operation    0s        What is added for each operation in it. By default no core is
                             ever busy. A sync that is done and a timer that fires wait
                             for a core as messages do, in turn, and take none of its time.

What nodes do in the end. Whatever is sent again waits twice as long each time, up to eight
times its timeout; only wounds do not:

  timeouts.prepare   50ms    How long a coordinator waits for votes and results before it
                             aborts, or, in one phase, asks again; 500ms where zones are
                             given.
  timeouts.decision  100ms   When a decision is sent again, or asked for again, and a wound
                             sent again; 1s where zones are given.
  timeouts.idle      1s      How long a worker keeps an attempt that it has executed and
                             nobody asks it to prepare, or one that waits and whose
                             coordinator heeds no wounds. It knows sooner of a coordinator
                             that has crashed, by an attempt that its next life begins.
  timeouts.answer    200ms   When a client asks its coordinator again; 2s where zones are
                             given.
  retry.attempts   10        How many attempts a transaction has at most, if each is
                             aborted for certain.
  retry.backoff    5ms       The time from an abort to the second attempt. It doubles with
                             each, and chance takes off or adds up to a half.
  retry.cap        500ms     The longest that it becomes, before chance; 0 is no cap.
  resources.staging  0       The bytes of keys and values that all attempts together may
                             stage on a worker; 0 is no bound. At a bound it votes NO (full).
  resources.keys   0         How many keys of a worker may have a value; 0 is no bound.

Faults, and the end of a run:

  faults           []        The fault plan, a list of lines; see txsim help faults.
  until            default   When faults end: a time, default or submitted; see there.
  limits.time      10m       The virtual time that a run may take. One that hits a limit
                             has the verdict unknown.
  limits.events    1000000000
                             How many events it may take.
  limits.pending   10000000  How many events may be yet to come at one time; each takes 250
                             to 500 bytes of memory.
  limits.stuck     default   For how long nothing may be resolved, once faults have ended,
                             while something is open: longer is a violation of progress. By
                             default 20 times the longest that a node may wait for. A
                             message, a sync or an operation that takes longer is waited for.
  limits.faults    never     When faults end at the latest, whatever until says. A swarm has
                             a quarter of limits.time, unless this is earlier.

Chance:

  seed             1         The seed to run with when none is asked for.
  schedule         latency   Which event is next, see txsim help schedules.
  chance           seeded    What settles choices: seeded, or nominal, where each is at its
                             default, as no fault, and a delay just above the
                             median: in the middle of the ninth of 16 quantiles.
  choices          []        Deviations from these, as a repro has them.
  expect.finding   ""        What a repro has to reproduce: its finding,
  expect.hash      ""        the hash of its trace,
  expect.transactions  ""    and the checksum of its file of transactions.

Values: a time is a number with a unit, 300ns, 500us, 1.5ms, 2s, 10m, 1h, and a timeout
may be never; a size is 4096 or 64KiB; a rate is 5000/s; a chance is 0.02 or 2%. What takes
time (network.delay, disk.sync, think, a fault's "for") has a distribution:

  500us, constant(500us)     always the same
  uniform(1ms, 2ms)          from low to high, all equally likely
  exp(1ms)                   exponential, by its mean
  lognormal(500us, 0.4)      by its median and the sigma of its logarithm
  pareto(1ms, 1.5)           P(X > x) = (minimum/x)^alpha
  empirical(1ms, 2ms, 5ms)   samples as quantiles at equal steps, linear in between`
