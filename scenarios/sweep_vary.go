package scenarios

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/seed83d86191/txsim/analysis/results"
)

// Vary is a parameter and the values that a sweep gives it.
type Vary struct {
	Path   string
	Values []string // in YAML
}

// maxValues bounds the values of one range.
const maxValues = 10000

// ParseVary reads path=values. Values stand between commas, and may be ranges:
// 1..64*2 is 1 2 4 8 16 32 64, 0..0.9+0.3 is 0 0.3 0.6 0.9, and 1..5 is
// 1 2 3 4 5. The numbers of a range may have a unit: 0ms..50ms+10ms.
func ParseVary(text string) (Vary, error) {
	path, list, ok := strings.Cut(text, "=")
	path = strings.TrimSpace(path)
	if !ok || path == "" || strings.TrimSpace(list) == "" {
		return Vary{}, fmt.Errorf("%s: expected path=values, such as workload.theta=0,0.6,0.9 or workers=1..64*2", shownValue(text))
	}
	v := Vary{Path: path}
	for _, item := range splitValues(list) {
		values, err := expand(item)
		if err != nil {
			return Vary{}, fmt.Errorf("%s: %w", path, err)
		}
		v.Values = append(v.Values, values...)
	}
	return v, nil
}

// splitValues splits at commas outside brackets and quotes.
func splitValues(list string) []string {
	var items []string
	depth, from, quote := 0, 0, rune(0)
	for i, r := range list {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
		case strings.ContainsRune("([{", r):
			depth++
		case strings.ContainsRune(")]}", r):
			depth--
		case r == ',' && depth == 0:
			items = append(items, strings.TrimSpace(list[from:i]))
			from = i + 1
		}
	}
	return append(items, strings.TrimSpace(list[from:]))
}

// expand returns the values of a range, or the item itself if it is none.
func expand(item string) ([]string, error) {
	first, rest, ok := strings.Cut(item, "..")
	if _, _, isNumber := quantity(first); !ok || !isNumber {
		return []string{item}, nil
	}
	bad := func(why string) ([]string, error) {
		return nil, fmt.Errorf("range %s: %s; expected such as 1..64*2 or 0..0.9+0.1", shownValue(item), why)
	}
	step, times := big.NewRat(1, 1), false
	ends := []string{first, rest}
	if at := strings.LastIndexAny(rest, "+*"); at > 0 {
		text := rest[at+1:]
		by, stepUnit, ok := quantity(text)
		times = rest[at] == '*'
		if !ok || times && stepUnit != "" {
			return bad("the step " + shownValue(text) + " is not a number")
		}
		step, ends[1] = by, rest[:at]
		if !times {
			ends = append(ends, text)
		}
	}
	if _, _, ok := quantity(ends[1]); !ok {
		return bad("the end " + shownValue(ends[1]) + " is not a number")
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
	var values []string
	for x := low; x.Cmp(high) <= 0; {
		if len(values) == maxValues {
			return bad(fmt.Sprintf("more than %d values", maxValues))
		}
		values = append(values, plainNumber(x)+unit)
		if times {
			x = new(big.Rat).Mul(x, step)
		} else {
			x = new(big.Rat).Add(x, step)
		}
	}
	return values, nil
}

// inOneUnit reads quantities: as they are if they have the same unit, or else in
// nanoseconds if all are times, or in bytes if all are sizes.
func inOneUnit(texts []string) (values []*big.Rat, unit string, ok bool) {
	same, times, sizes := true, true, true
	var ns, bytes []*big.Rat
	for i, text := range texts {
		x, u, _ := quantity(text)
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

// quantity reads a decimal and the unit behind it.
func quantity(text string) (value *big.Rat, unit string, ok bool) {
	number := leading.FindString(text)
	value, ok = new(big.Rat).SetString(number)
	return value, text[len(number):], ok
}

// plainNumber prints a number with at most nine places behind leading zeros.
func plainNumber(x *big.Rat) string {
	if x.IsInt() {
		return x.RatString()
	}
	places, ten := 9, big.NewRat(10, 1)
	for y := new(big.Rat).Mul(x, ten); y.Num().CmpAbs(y.Denom()) < 0; y.Mul(y, ten) {
		places++
	}
	return strings.TrimRight(x.FloatString(places), "0")
}

// sweepCell is one of the scenarios of a sweep.
type sweepCell struct {
	settings []results.Setting
	job      *Job
}

// settings are those of all cells, in the order of the plan, with the last
// parameter varying fastest.
func settings(vary []Vary) [][]results.Setting {
	all := [][]results.Setting{nil}
	for _, v := range vary {
		var next [][]results.Setting
		for _, cell := range all {
			for _, value := range v.Values {
				next = append(next, append(slices.Clip(cell), results.Setting{Path: v.Path, Value: value}))
			}
		}
		all = next
	}
	return all
}

// vary returns the scenario with the settings made, and the settings as they are
// printed, in the order of the scenario's parameters: one cell has one name.
func (s *Scenario) vary(cell []results.Setting) (*Scenario, []results.Setting, error) {
	c := s.Clone()
	for _, x := range cell {
		if err := c.Set(x.Path, x.Value); err != nil {
			return nil, nil, fmt.Errorf("--vary: %w", err)
		}
	}
	named := slices.Clone(cell)
	for i := range named {
		if p := findParameter(named[i].Path); p != nil && p.path != "transactions" {
			named[i].Value = printValue(p.in(c), p.option)
		}
	}
	order := Paths()
	slices.SortStableFunc(named, func(a, b results.Setting) int {
		return slices.Index(order, a.Path) - slices.Index(order, b.Path)
	})
	return c, named, nil
}

// SweepPlan is the file form of a sweep.
type SweepPlan struct {
	Scenario string   // a name or a file
	Vary     []Vary   // in the order of the file
	Set      []string // path=value
	Seeds    string   // first-last
	Warmup   string   // auto or a time
}

// ParseSweepPlan reads a plan in YAML:
//
//	scenario: ycsb
//	set: [clients=16]
//	vary:
//	  protocol: [presumed-abort, presumed-commit]
//	  workload.theta: 0..0.9+0.3
//	seeds: 1-20
//	warmup: auto
//
// The name is that of the file, for errors.
func ParseSweepPlan(name string, text []byte) (*SweepPlan, error) {
	var raw struct {
		Scenario string        `yaml:"scenario"`
		Set      []string      `yaml:"set"`
		Vary     yaml.MapSlice `yaml:"vary"`
		Seeds    string        `yaml:"seeds"`
		Warmup   string        `yaml:"warmup"`
	}
	if err := yaml.UnmarshalWithOptions(text, &raw, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s: %s", name, strings.TrimSpace(yaml.FormatError(err, false, true)))
	}
	p := &SweepPlan{Scenario: raw.Scenario, Set: raw.Set, Seeds: raw.Seeds, Warmup: raw.Warmup}
	if p.Scenario == "" {
		return nil, fmt.Errorf("%s: scenario: expected a name or a file", name)
	}
	for _, item := range raw.Vary {
		values, err := planValues(item.Value)
		if err != nil {
			return nil, fmt.Errorf("%s: vary: %v: %w", name, item.Key, err)
		}
		v, err := ParseVary(fmt.Sprintf("%v=%s", item.Key, strings.Join(values, ",")))
		if err != nil {
			return nil, fmt.Errorf("%s: vary: %w", name, err)
		}
		p.Vary = append(p.Vary, v)
	}
	return p, nil
}

// planValues prints the values of a parameter of a plan as --vary takes them: text as
// it is, and what is more than text, and lists and groups within the list, in YAML.
func planValues(value any) ([]string, error) {
	list, isList := value.([]any)
	if !isList {
		list = []any{value}
	}
	var values []string
	for _, v := range list {
		text, ok := v.(string)
		if ok && isList && len(splitValues(text)) > 1 {
			text = strconv.Quote(text) // one value, with a comma in it
		}
		if !ok {
			flow, err := yaml.MarshalWithOptions(v, yaml.Flow(true), yaml.JSON())
			if err != nil {
				return nil, err
			}
			text = strings.TrimSpace(string(flow))
		}
		values = append(values, text)
	}
	return values, nil
}
