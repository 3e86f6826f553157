// Package space is the state space of a small cluster, the real coordinators, workers
// and clients, as a transition system for package explore.
//
// A state is what each node is in, the messages in flight and what is left of the
// budgets of faults. Every message may be next, or wait; every timer may fire at any
// time, a sync may end at any time; and as far as the budgets go, messages are lost
// or come twice, and a node crashes, between two steps or at any boundary within one,
// and restarts. Identical messages in flight are one. There is no time.
//
// A step is a reaction of one node, and depends on nothing but the node's state (a local)
// and one input. So a reaction is run once, on a model.Bench, and looked up from then on,
// however many states of the cluster it is a step of. These are then a few words each.
//
// Two reductions leave out states, but no end, no step of a node and nothing that stays true
// once it is true: Space.Reduce leaves out those that differ only in messages which will be
// ignored, and Space.ReduceOrders those that lie only between steps that commute. Space.Fold
// makes states one that differ only in names.
//
// The files: space, local, action and next are states, reactions and steps; dead is Reduce;
// persistent, conflicts and forecast are ReduceOrders; fold and fold_match are Fold; first
// tells a search which reactions are new.
//
// The package must never know what is wrong with a state or a way: that is for those who
// explore.
package space
