// Package explore visits every state of a transition system, breadth first: the
// shortest way to a violation is found first, and a search that ends has seen all.
// [Explore] does that; [Refine] checks that every step of one system is a step of another,
// or none.
//
// Three kinds of systems are explored with it: the specifications of package spec, the nodes
// of any small world by package sim/space, which is where to begin with nodes of one's own, and
// the states of a cluster in package model/space. What that adds, and what is done with the ways
// that are found, the documentation of package scenarios tells. The second example makes a system
// of nodes from scratch, by a sim.Bench.
//
// It must never know what states and actions mean. That two of them are the same is
// told by fingerprints of 64 bits alone, see [Result.Collision].
package explore
