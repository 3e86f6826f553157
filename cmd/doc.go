// Package cmd is the command line of txsim. [Main] is a function over writers,
// so that tests call it and anyone can ship a command of their own with their
// own protocol:
//
//	func main() { os.Exit(cmd.Main(os.Args[1:], os.Stdout, os.Stderr, myProtocol{})) }
//
// Results go to stdout, progress and diagnostics to stderr. Bad usage and bad
// input are refused before anything is run or written. The package parses and
// prints; it must never know how a run is made.
package cmd
