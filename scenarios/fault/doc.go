// Package fault is the language of fault plans. A [Plan] is a list of lines in the forms of
// [Help], read by [ParsePlan] and printed by [Plan.Lines]; [Plan.Install] sets it to work in
// a cluster, and the [Injection] says how often each line struck and by which lines the same
// strikes again without chance. Lines can also be made ([Crash]) and changed
// ([Plan.Renumber], [Fault.SetDuration]), always to what parses.
//
// The package must never know why something is to go wrong, nor who judges the outcome. A
// plan prints and parses back to itself. What one line draws moves no draw of another, and
// nothing but faults: all draws are keyed.
package fault
