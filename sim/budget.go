package sim

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Unbounded is a budget without a bound.
const Unbounded = -1

// Budget is how much may go wrong in one of all the ways that a run can take: see
// Exhaustive. Links then lose and double nothing by themselves.
type Budget struct {
	Crash     int // crashes of a node, between two steps or at a boundary of one
	Drop      int // messages lost, but for those of sessions
	Duplicate int // messages that come twice, but for those of sessions
	// Timeout is how many timers fire though something else could come first. Once
	// nothing else is left they fire anyway.
	Timeout int
}

// DefaultBudget has no faults, but any timer may fire at any time.
var DefaultBudget = Budget{Timeout: Unbounded}

// MaxBudget bounds the parts of a Budget that are bounded.
const MaxBudget = 200

var budgetNames = [...]string{"crash", "drop", "duplicate", "timeout"}

func (b *Budget) parts() [len(budgetNames)]*int {
	return [...]*int{&b.Crash, &b.Drop, &b.Duplicate, &b.Timeout}
}

// String prints "crash=1,timeout=any" as ParseBudget reads it: what differs from
// DefaultBudget.
func (b Budget) String() string {
	var words []string
	standard := DefaultBudget
	for i, p := range b.parts() {
		if *p != *standard.parts()[i] {
			words = append(words, budgetNames[i]+"="+strconv.Itoa(*p))
		}
	}
	return strings.Join(words, ",")
}

// ParseBudget reads what Budget.String prints. Only timeouts can be any.
func ParseBudget(text string) (Budget, error) {
	b := DefaultBudget
	if text == "" {
		return b, nil
	}
	var given [len(budgetNames)]bool
	for word := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(word), "=")
		i := slices.Index(budgetNames[:], name)
		n, err := strconv.Atoi(value)
		if value == "any" && name == "timeout" {
			n, err = Unbounded, nil
		} else if n < 0 || n > MaxBudget {
			i = -1
		}
		if i < 0 || err != nil {
			return b, fmt.Errorf("%q: must be crash=N, drop=N, duplicate=N, timeout=N or timeout=any, with N from 0 to %d", word, MaxBudget)
		}
		if given[i] {
			return b, fmt.Errorf("%q: %s is given twice", word, name)
		}
		*b.parts()[i], given[i] = n, true
	}
	return b, nil
}
