// Package fault is the language of fault plans. A [Plan] is a list of lines in the forms of
// [Help], read by [ParsePlan] and printed by [Plan.Lines]; [Plan.Install] sets it to work in
// a cluster, and the [Injection] says how often each line struck and by which lines the same
// strikes again without chance. Lines can also be made ([Crash]) and changed
// ([Plan.Renumber], [Fault.SetDuration]), always to what parses.
//
// The package must never know why something is to go wrong, nor who judges the outcome. A
// plan prints and parses back to itself. What one line draws moves no draw of another, and
// nothing but faults: all draws are keyed.
//
// # Files
//
//	fault, make, edit       a line of a plan, made and changed
//	class, word, value      the forms of lines, their words and values
//	parse, nodes            lines are read, and checked against a cluster
//	install                 the Injection: a plan at work in a cluster
//	exact, step, passing, link, device   lines that aim at a message or record, at a step of a
//	                                     protocol, at all that pass a boundary, at links, at log devices
//	message                 what lines make of a message
//	strike, count           a strike: what it does, and how often there was one
//	hold                    how long faults are to last
//	named                   what strikes are called, and who is told of them
package fault
