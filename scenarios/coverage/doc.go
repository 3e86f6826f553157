// Package coverage measures what a run made a commit protocol do, whatever code that took.
// There are two sorts of transitions: what a node does about an attempt, together with what
// it did about it last; and what a worker does about an attempt, together with how far it
// has come with another one, and in which way the two are in conflict. An input that reaches
// a new transition has made the protocol do something new, though it may have run no new
// line of code.
//
// A [Tracer] collects the transitions, and [Tracer.Touch] makes go test -fuzz see
// them. The package must never know how runs are chosen.
package coverage
