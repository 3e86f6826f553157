// Package mutant holds planted bugs: protocols with one mechanism that real
// systems, or careless implementations of a paper's rule, get wrong. They show
// that the checks of package analysis can fail, and how many seeds that takes.
//
// A [Mutant] stands outside of what it breaks. It is made of nothing but what
// the packages export, as a protocol of anyone's could be: a node around the
// sound one that changes what it hears and says, another concurrency control,
// another presumption, or another log to recover from. The code of the sound
// protocol has no branch for any of them.
//
// [Measure] hunts for each one from several starts and runs the sound protocol
// through the very same scenarios and seeds, which nothing may be found in.
// The package must never know of terminals and flags.
//
// # Files
//
//	mutant, node             what a planted bug is, and the node that it wraps
//	early, votes, decisions, causes, logs, restarts, locks, reads, rare   the bugs, by what they
//	                         break; rare are those that take a scenario of their own
//	measure, report          hunts for all of them, and their table
//	guided, explore          the same by fuzzing, and by explorations
package mutant
