// Package analysis judges and measures runs. Its functions are pure: they see
// histories, traces and samples, and know nothing of how a run was made.
//
// A [HistoryChecker] checks what clients saw, and what storage durably holds, for
// atomicity, isolation and durability. A [ProtocolChecker] checks the trace for the
// protocol's own promises, from write-ahead to the grammar of its logs and the causes of
// its aborts, and charges the time in doubt to faults, see [Ledger]. [Metrics] counts. All
// three work while the run goes on, in bounded memory.
//
// What a history shows decides which isolation levels it has, see [Levels] and
// [IsolationLevels]: from the serialization graph, whose edges come from the order of
// versions in the workers' storage and from real time.
//
// Two more judge a history independently of HistoryChecker and of each other, to
// find errors of the tool itself: [BlackBox] sees what clients saw and refutes
// only what it can prove wrong; [BruteForce] tries all orders of a tiny history.
// [Recording.CrossCheck] compares all of them.
//
// # Files
//
//	history…                         the HistoryChecker: history, _answer and _install take
//	                                 events; _reads, _due, _cut and _finish judge; _window
//	                                 and _item are what is kept
//	graph…, tarjan                   the serialization graph: built, searched for cycles, classified
//	isolation                        levels
//	protocol…                        the ProtocolChecker: protocol takes records, _watch says
//	                                 which, _txn and _log are what is kept, _wide finds it where
//	                                 it is much, the others check one promise each: _note that
//	                                 nodes note what they do, _missed whom they miss
//	ledger…                          the time in doubt, by fault
//	unchanged, stock                 checks of one rule each
//	blackbox…, brute…                the two other judges
//	recording, crosscheck            a whole history, and the comparison of all judges
//	metrics, steady                  counts, and samples of a steady state
//	breakdown…, bottleneck           what latency is spent on
//	finding…, table                  how it is said
//	invariant                        the invariants, what each says, who checks it, and which
//	                                 of them a run is not checked for
//	slotmap, reset                   speed, and reuse of room
//
// # Contract
//
// A checker reports only what it can show: a Finding names the transaction and
// the records. Verdicts are three-valued, and the zero value is unknown.
package analysis
