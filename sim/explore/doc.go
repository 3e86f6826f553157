// Package explore visits every state of a transition system, breadth first: the
// shortest way to a violation is found first, and a search that ends has seen all.
// [Explore] does that; [Refine] checks that every step of one system is a step of another, or none. Nodes of
// a simulation become a system by a sim.Bench, as the second example shows.
//
// It must never know what states and actions mean. That two of them are the same is
// told by fingerprints of 64 bits alone, see [Result.Collision].
package explore
