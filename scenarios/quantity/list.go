package quantity

import (
	"fmt"
	"math/big"
	"regexp"
	"strings"
	"time"
	"unicode"

	"github.com/seed83d86191/txsim/scenarios/input"
)

// List reads values that are separated by commas. They may be ranges of quantities: 1..64*2
// is 1 2 4 8 16 32 64, 0..0.9+0.3 is 0 0.3 0.6 0.9, and 1..5 is 1 2 3 4 5. The numbers of a
// range may have a unit: 0ms..50ms+10ms.
func List(text string) ([]string, error) {
	var all []string
	items, closed := split(text)
	if last := items[len(items)-1]; !closed && strings.Contains(last, ",") {
		return nil, fmt.Errorf("%s: a quote or bracket that is not closed; expected text with one in quotes, such as \"a [b\"", input.Shown(last))
	}
	for _, item := range items {
		values, err := expand(item)
		if err != nil {
			return nil, err
		}
		all = append(all, values...)
	}
	return all, nil
}

// IsItem reports whether a text is one item of a list, whatever stands beside it.
func IsItem(text string) bool {
	items, closed := split(text)
	return closed && items[0] == text
}

// split splits at commas outside brackets and quotes, and reports whether all of these
// are closed. As in YAML, a quote within text is text, one in double quotes may stand
// behind a backslash, and two single ones are one of the text.
func split(list string) (items []string, closed bool) {
	depth, from := 0, 0
	begins, escaped, quote := true, false, rune(0) // begins: a quote would be one here
	for i, r := range list {
		ends := false
		switch {
		case escaped:
			escaped = false
		case quote != 0:
			escaped = quote == '"' && r == '\\'
			if ends = r == quote; ends {
				quote = 0
			}
		case begins && (r == '"' || r == '\''):
			quote = r
		case strings.ContainsRune("([{", r):
			depth++
		case strings.ContainsRune(")]}", r):
			depth = max(depth-1, 0)
		case r == ',' && depth == 0:
			items = append(items, strings.TrimSpace(list[from:i]))
			from = i + 1
		}
		begins = strings.ContainsRune(",([{:", r) || begins && unicode.IsSpace(r) || ends && r == '\''
	}
	return append(items, strings.TrimSpace(list[from:])), depth == 0 && quote == 0
}

// expand returns the values of a range, or the item itself if it is none.
func expand(item string) ([]string, error) {
	first, rest, ok := strings.Cut(item, "..")
	if _, _, isNumber := measure(first); !ok || !isNumber {
		return []string{item}, nil
	}
	bad := func(why string) ([]string, error) {
		return nil, fmt.Errorf("range %s: %s; expected such as 1..64*2 or 0..0.9+0.1", input.Shown(item), why)
	}
	step, times := big.NewRat(1, 1), false
	ends := []string{first, rest}
	if at := strings.LastIndexAny(rest, "+*"); at > 0 {
		text := rest[at+1:]
		by, stepUnit, ok := measure(text)
		times = rest[at] == '*'
		if !ok || times && stepUnit != "" {
			return bad("the step " + input.Shown(text) + " is not a number")
		}
		step, ends[1] = by, rest[:at]
		if !times {
			ends = append(ends, text)
		}
	}
	if _, _, ok := measure(ends[1]); !ok {
		return bad("the end " + input.Shown(ends[1]) + " is not a number")
	}
	numbers, unit, ok := inOneUnit(ends)
	if !ok {
		return bad("its parts have different units")
	}
	low, high := numbers[0], numbers[1]
	if len(numbers) > 2 {
		step = numbers[2]
	}
	switch {
	case high.Cmp(low) < 0:
		return bad("it ends below its beginning")
	case times && (step.Cmp(big.NewRat(1, 1)) <= 0 || low.Sign() <= 0):
		return bad("it would never end")
	case !times && step.Sign() <= 0:
		return bad("it would never end")
	}
	if exceeds(low, high, step, times) {
		return bad(fmt.Sprintf("more than %d values", maxValues))
	}
	var values []string
	for _, x := range progression(low, high, step, times) {
		values = append(values, x+unit)
	}
	return values, nil
}

// inOneUnit reads quantities. If they have the same unit, they keep it; otherwise times
// become nanoseconds, and sizes bytes.
func inOneUnit(texts []string) (values []*big.Rat, unit string, ok bool) {
	same, times, sizes := true, true, true
	var ns, bytes []*big.Rat
	for i, text := range texts {
		x, u, _ := measure(text)
		values, same = append(values, x), same && (i == 0 || u == unit)
		unit = u
		d, err := time.ParseDuration(text)
		ns, times = append(ns, big.NewRat(int64(d), 1)), times && err == nil
		b, err := ParseBytes(text)
		bytes, sizes = append(bytes, big.NewRat(int64(b), 1)), sizes && err == nil
	}
	switch {
	case same:
		return values, unit, true
	case times:
		return ns, "ns", true
	}
	return bytes, "B", sizes
}

// leading is a number such as 0.5 or 1e-4, in front of a unit.
var leading = regexp.MustCompile(`^[-.0-9]+(e[-+]?[0-9]{1,2})?`)

// measure reads a decimal and the unit after it.
func measure(text string) (value *big.Rat, unit string, ok bool) {
	number := leading.FindString(text)
	value, ok = new(big.Rat).SetString(number)
	return value, text[len(number):], ok
}
