package cmd

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/quantity"
)

// flagValue is the value of a flag that pflag does not have, or not like this: its own integers
// would take 010 for 8.
type flagValue[T any] struct {
	to    *T
	kind  string // the word for it in help
	wants string // which values there are, for errors
	parse func(text string) (T, error)
}

// Set implements pflag.Value.
func (v *flagValue[T]) Set(text string) (err error) {
	*v.to, err = v.parse(text)
	return err
}

// String implements pflag.Value.
func (v *flagValue[T]) String() string { return fmt.Sprint(*v.to) }

// Type implements pflag.Value.
func (v *flagValue[T]) Type() string { return v.kind }

func (v *flagValue[T]) expected() string { return v.wants }

// errValue is the error of a value that does not fit; flagError has the words for it.
var errValue = errors.New("not as expected")

// addInt adds a flag of an integer.
func addInt(c *cobra.Command, to *int, flag string, standard int, usage string) {
	*to = standard
	c.Flags().Var(&flagValue[int]{to, "int", "an integer", strconv.Atoi}, flag, usage)
}

// addUint64 adds a flag of an integer that is not negative.
func addUint64(c *cobra.Command, to *uint64, flag string, standard uint64, usage string) {
	*to = standard
	parse := func(text string) (uint64, error) { return strconv.ParseUint(text, 10, 64) }
	c.Flags().Var(&flagValue[uint64]{to, "uint64", "an integer from 0 to 18446744073709551615", parse}, flag, usage)
}

// addSeed adds the flag --seed. Help prints no default, as the scenario may have another.
func addSeed(c *cobra.Command, seed *uint64, usage string) {
	addUint64(c, seed, "seed", 1, usage+"; default: the scenario's")
	c.Flags().Lookup("seed").DefValue = "0"
}

// maxJobs bounds --jobs.
const maxJobs = 4096

// addJobs adds --jobs, of which 0 is one on each processor; what says what runs in parallel.
func addJobs(c *cobra.Command, jobs *int, what string) {
	parse := func(text string) (int, error) {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n > maxJobs {
			return 0, errValue
		}
		return n, nil
	}
	wants := fmt.Sprintf("1 to %d, or 0 for one on each processor", maxJobs)
	c.Flags().Var(&flagValue[int]{jobs, "int", wants, parse}, "jobs", what+"; default one on each processor")
}

// addMemory adds --memory. What is given as 0 is more than there can be, and 0 is not given.
func addMemory(c *cobra.Command, most *quantity.Bytes, usage string) {
	parse := func(text string) (quantity.Bytes, error) {
		n, err := quantity.ParseBytes(text)
		switch {
		case err != nil || n < 0:
			return 0, errValue
		case n == 0:
			return math.MaxInt64, nil
		}
		return n, nil
	}
	c.Flags().Var(&flagValue[quantity.Bytes]{most, "size", "a size such as 8GiB", parse}, "memory", usage)
}

// choose adds a flag of one of these words, by default the first.
func choose(c *cobra.Command, word *string, flag, usage string, words ...string) {
	*word = words[0]
	parse := func(text string) (string, error) {
		if !slices.Contains(words, text) {
			return "", errValue
		}
		return text, nil
	}
	c.Flags().Var(&flagValue[string]{word, "word", input.Or(words), parse}, flag, usage)
	oneOf(c, flag, words...)
}
