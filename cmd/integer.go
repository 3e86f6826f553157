package cmd

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"
)

// addInt adds a flag of an integer.
func addInt(c *cobra.Command, value *int, flag string, standard int, usage string) {
	*value = standard
	c.Flags().Var(integer[int]{value, strconv.Atoi}, flag, usage)
}

// addUint64 adds a flag of an integer that is not negative.
func addUint64(c *cobra.Command, value *uint64, flag string, standard uint64, usage string) {
	*value = standard
	parse := func(text string) (uint64, error) { return strconv.ParseUint(text, 10, 64) }
	c.Flags().Var(integer[uint64]{value, parse}, flag, usage)
}

// addSeed adds the flag --seed. Help prints no default, as the scenario may have another.
func addSeed(c *cobra.Command, seed *uint64, usage string) {
	addUint64(c, seed, "seed", 1, usage+"; default: the scenario's")
	c.Flags().Lookup("seed").DefValue = "0"
}

// integer is an integer in decimal; pflag's own would take 010 for 8.
type integer[T int | uint64] struct {
	value *T
	parse func(text string) (T, error)
}

// Set implements pflag.Value.
func (i integer[T]) Set(text string) (err error) {
	*i.value, err = i.parse(text)
	return err
}

// String implements pflag.Value.
func (i integer[T]) String() string { return fmt.Sprint(*i.value) }

// Type implements pflag.Value.
func (i integer[T]) Type() string { return fmt.Sprintf("%T", *i.value) }
