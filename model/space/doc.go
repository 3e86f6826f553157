// Package space is the state space of a small cluster, the real coordinators, workers
// and clients, as a transition system for package explore.
//
// A state is what each node is in, the messages in flight and what is left of the
// budgets of faults. Every message may be next, or wait; every timer may fire at any
// time, a sync may end at any time; and as far as the budgets go, messages are lost
// or come twice, and a node crashes, between two steps or at any boundary within one,
// and restarts. Identical messages in flight are one. There is no time.
//
// # Terms
//
// A local is a state of one node. A reaction is what a node in some local does about one
// input, and depends on nothing else: not on the other nodes, not on the way there. So it
// is run once, on a model.Bench, and looked up from then on, however many states of the
// cluster it is a step of; a State is a few pointers to locals and messages. A cut is what
// comes of a reaction if the node crashes at one of its boundaries. An action is a step of
// the cluster: it brings an input to a node, or is a fault.
//
// # Reductions
//
// Two of them leave out states, but no end, no step of a node and nothing that stays true
// once it is true; the third makes states one.
//
//   - Space.Reduce leaves out of flight the messages that their nodes will ignore. Which
//     these are is guessed from the steps that nodes were seen to take; a guess that fails
//     makes the search begin again with what it has learned.
//   - Space.ReduceOrders takes steps that commute in one order only, where it can show that
//     no other step comes between: Space.Persistent. What may come between is learned by
//     running reactions ahead: an outlook is what a node may send, and the conflicts of an
//     input are what does not commute with it.
//   - Space.Fold makes states one that differ only in which worker is which. That workers
//     of one role act alike is checked with each reaction; if they do not, the search must
//     be repeated without.
//
// # A search
//
// Package explore asks for the states of a Space depth by depth, with several jobs at a
// time. Whoever explores calls Settle after each depth, looks then at the ways to the new
// ones of FirstUses, and begins again, after Again, if Settle says so. Package scenarios
// does: its documentation has the whole picture.
//
// # Files
//
//	space                            states of the cluster, invariants
//	local, react, memo               states of nodes, and running their reactions
//	action, next                     steps of the cluster
//	use, settle                      which reactions are new, and what is done between depths
//	dead                             Reduce
//	persistent, conflicts, forecast  ReduceOrders
//	fold, fold_match                 Fold
//
// The package must never know what is wrong with a state or a way: that is for those who
// explore.
package space
