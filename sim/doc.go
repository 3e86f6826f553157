// Package sim is a deterministic discrete-event simulation kernel: virtual
// clock, event queue, nodes, choices, network, log device, CPU, faults, trace.
// It knows nothing of transactions; any message-passing system can run on it.
//
// # How a run works
//
// A [World] owns a set of nodes. A [Node] is a state machine: the world calls
// it with one event at a time (start, message, timer, log synced, recovered)
// and it acts only through its [Env]. A run is one goroutine; many worlds may
// run in parallel because they share nothing.
//
// # Terms
//
// A step is what a node does about one event. A boundary is a point of a step, in
// front of or after a message, a log record, a sync and so on, where an
// [Injector] may strike. An incarnation, or life, is the time from a node's start
// or restart to its crash. A session is the messages from one node to another that
// keep their order. Faults are calm once [World.EndFaults] has ended them.
//
// # Files
//
//	world, event, queue, chunks, step         events, their order, and what becomes of one
//	node, env                                 a node, and what it can do
//	net, partition                            the network
//	disk, bay, log, recovery                  log devices, and what a crash leaves of them
//	cpu                                       processors
//	boundary, fault                           where faults strike, and how
//	choice, draw, dist, quantile, exactmath   choices, keyed draws, distributions
//	schedule, scheduler, lane                 runs whose next event need not be the earliest
//	exhaustive, budget, bench                 what explorations use
//	trace, watch                              what a run shows
//	limits, time, misuse, panic, memory       bounds, calls that are refused, reuse of room
//
// # Contract
//
//   - Events are ordered by (time, sequence number), a total order. The same
//     configuration and seed give the same trace hash on every machine.
//   - Effects of a step take place in program order, when they are called. A
//     crash point cuts there: the later effects of that step are discarded.
//   - A node uses no goroutine, no wall clock, no global random source, and
//     ranges over no map where the order could be seen.
//   - All nondeterminism is a choice, see [Source].
//   - Messages are values. What a message points to is immutable once sent.
//   - Hitting a bound ends the run with a [Status] that is not [Quiet]; it is
//     never to be taken for success.
package sim
