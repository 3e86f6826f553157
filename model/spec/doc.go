// Package spec has the published specifications of atomic commitment as transition
// systems, action by action: Transaction Commit and Two-Phase Commit of L. Lamport
// and Paxos Commit of J. Gray and L. Lamport, "Consensus on Transaction Commit",
// TODS 2006, and two-phase commit with a back-up transaction manager of M.
// Demirbas, as they stand in the TLA+ examples. An exploration must count exactly
// the states that the model checker TLC counts.
//
// A state is packed into 64 bits, and so has a fingerprint of its own. The package knows
// nothing of model: what the two have to do with each other is for a refinement to say.
//
// # Files
//
//	spec                            what a specification is, and the list of them
//	tcommit, twophase, paxos, btm   the specifications
//	refine                          steps of one as steps of Transaction Commit
//	fold                            states that are alike but for the names of their managers
package spec
