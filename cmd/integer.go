package cmd

import (
	"strconv"

	"github.com/spf13/cobra"
)

// addInt adds a flag of an integer.
func addInt(c *cobra.Command, value *int, flag string, standard int, usage string) {
	*value = standard
	c.Flags().Var((*intFlag)(value), flag, usage)
}

// addUint64 adds a flag of an integer that is not negative.
func addUint64(c *cobra.Command, value *uint64, flag string, standard uint64, usage string) {
	*value = standard
	c.Flags().Var((*uint64Flag)(value), flag, usage)
}

// addSeed adds the flag --seed. Help prints no default, as the scenario may have another.
func addSeed(c *cobra.Command, seed *uint64, usage string) {
	addUint64(c, seed, "seed", 1, usage+"; default: the scenario's")
	c.Flags().Lookup("seed").DefValue = "0"
}

// intFlag is an integer in decimal; pflag's own would take 010 for 8.
type intFlag int

// Set implements pflag.Value.
func (i *intFlag) Set(text string) error {
	n, err := strconv.Atoi(text)
	*i = intFlag(n)
	return err
}

// String implements pflag.Value.
func (i *intFlag) String() string { return strconv.Itoa(int(*i)) }

// Type implements pflag.Value.
func (i *intFlag) Type() string { return "int" }

// uint64Flag is an integer in decimal that is not negative.
type uint64Flag uint64

// Set implements pflag.Value.
func (u *uint64Flag) Set(text string) error {
	n, err := strconv.ParseUint(text, 10, 64)
	*u = uint64Flag(n)
	return err
}

// String implements pflag.Value.
func (u *uint64Flag) String() string { return strconv.FormatUint(uint64(*u), 10) }

// Type implements pflag.Value.
func (u *uint64Flag) Type() string { return "uint64" }
