// Package cmd is the command line of txsim. [Main] is a function over writers,
// so that tests call it and anyone can ship a command of their own with their
// own protocol:
//
//	func main() { os.Exit(cmd.Main(os.Args[1:], os.Stdout, os.Stderr, myProtocol{})) }
//
// Results go to stdout, progress and diagnostics to stderr. Bad usage and bad
// input are refused before anything is run or written. The package parses and
// prints; it must never know how a run is made.
//
// # Files
//
//	main, usage                     where commands begin, and how they are called wrongly
//	flags, value                    flags of scenarios, and the values of flags
//	run, replay, step               one run
//	hunt, shrink, matrix, mutants   runs that look for violations
//	explore, explore_scenario       all ways of a case, of a published specification
//	sweep…, report                  measurements
//	list, check, topics…            scenarios that there are, saved histories, pages of help
//	output, terminal                files that are written, colour and progress
//	memory, pages…                  the bound of --memory, how lazily garbage is collected, and pages of the heap
package cmd
