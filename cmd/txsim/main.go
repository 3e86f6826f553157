// The command txsim: see package cmd.
package main

import (
	"os"

	"github.com/seed83d86191/txsim/cmd"
)

func main() { os.Exit(cmd.Main(os.Args[1:], os.Stdout, os.Stderr)) }
