// Package workload makes transactions: of a kind, on keys of some popularity, and at the
// times of an open loop. [New] is the source of those that [Parameters] ask for, and a
// [Clock] says when the next one of [Arrivals] comes, also where they are written down.
//
// The package must never know with which protocol or faults transactions are run. All that
// it draws is keyed by seed, transaction and place in the transaction: another value of one
// parameter moves nothing that another decides, and a seed gives the same transactions on
// every machine.
//
// # Files
//
//	parameters, check            what can be asked for, and what cannot
//	generator, operations, mix   transactions: made, dealt to workers, mixed of several types
//	popularity, zipf             which keys they have
//	smallbank, tpcc              those of two benchmarks
//	clock                        when they arrive
package workload
