// Package space is the state space of a small world of nodes of any kind, for package
// explore to visit: any message on its way may be the next to arrive, any timer may fire at
// any time, and within a budget messages are lost or come twice and nodes crash, between two
// steps or at any point within one. [Space] is that system; the example explores an election.
//
// It must never know what the nodes are for. Package model/space does the same for
// coordinators and workers, with reductions, and with runs that judge each way.
//
// # Files
//
//	space     the space, its states and what may follow one
//	local     one node: what it has become, and what it does about one input
package space
