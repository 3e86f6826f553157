package cmd_test

import (
	"fmt"
	"os"

	"github.com/seed83d86191/txsim/cmd"
)

// The command line is a function over writers.
func ExampleMain() {
	code := cmd.Main([]string{"version"}, os.Stdout, os.Stderr)
	fmt.Println("exit code", code)
	// Output:
	// txsim 0.17.0
	// exit code 0
}
