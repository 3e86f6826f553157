// Package coverage sees of a run only what a commit protocol is about: what a node does
// about an attempt, with what it did about it last; and what a worker does about an
// attempt, with how far it has got with another that is in conflict with it, and in which
// way. What reaches a new transition of these has made the protocol do what it had not done
// yet, though it may have run no new line of code.
//
// A [Tracer] gathers the transitions of a run, and [Tracer.Touch] makes go test -fuzz see
// them. The package must never know how runs are chosen.
package coverage
