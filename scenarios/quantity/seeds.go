package quantity

import (
	"errors"
	"strconv"
	"strings"
)

// ParseSeeds reads first-last, or one seed.
func ParseSeeds(text string) (first, last uint64, err error) {
	a, b, ok := strings.Cut(text, "-")
	if !ok {
		b = a
	}
	first, err = strconv.ParseUint(a, 10, 64)
	last, err2 := strconv.ParseUint(b, 10, 64)
	if err != nil || err2 != nil || last < first {
		return 0, 0, errors.New("expected a seed, or first-last such as 1-1000")
	}
	return first, last, nil
}
