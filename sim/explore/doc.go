// Package explore visits every state of a transition system, breadth first: the
// shortest way to a violation is found first, and a search that ends has seen all.
// [Explore] does that; [Refine] checks that every step of one system is a step of another,
// or none.
//
// Two kinds of systems are explored with it: the specifications of package spec, and the
// states of a cluster in package space. Nodes of a simulation become a system by a
// sim.Bench, as the second example shows. What package space adds to that, and what is done
// with the ways that are found, the documentation of package scenarios tells.
//
// It must never know what states and actions mean. That two of them are the same is
// told by fingerprints of 64 bits alone, see [Result.Collision].
package explore
