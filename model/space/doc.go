// Package space is the state space of a small cluster, the real coordinators, workers
// and clients, as a transition system for package explore.
//
// A state is what each node is in, the messages in flight and what is left of the
// budgets of faults. Every message may be next, or wait; every timer may fire at any
// time, a sync may end at any time; and as far as the budgets go, messages are lost
// or come twice, and a node crashes, between two steps or at any boundary within one,
// and restarts. Identical messages in flight are one. There is no time.
//
// A step is one node's, and depends on nothing but that node and one message. So a
// node's reaction is run once, on a model.Bench, however many states of the cluster
// it is a step of; these are then a few words each.
//
// Two reductions leave out states, but no end, no step of a node and nothing that stays so
// once it is so: Space.Reduce those that differ in messages which will be ignored, and
// Space.ReduceOrders those between steps that commute. Space.Fold has those be one that
// differ in names.
//
// The package must never know what is wrong with a state or a way: that is for those who
// explore.
package space
