package scenarios

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/token"

	"github.com/seed83d86191/txsim/analysis/results"
	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/quantity"
)

// Vary is a parameter and the values that a sweep gives it.
type Vary struct {
	Path   string
	Values []string // in YAML
	From   string   // where it is given, for errors; "" is --vary
}

// errorf returns an error about a varied parameter.
func (v *Vary) errorf(format string, args ...any) error {
	return fmt.Errorf("%s"+format, append([]any{cmp.Or(v.From, "--vary")}, args...)...)
}

// ParseVary reads path=values; quantity.List has the form of the values.
func ParseVary(text string) (Vary, error) {
	path, list, ok := strings.Cut(text, "=")
	path = strings.TrimSpace(path)
	if !ok || path == "" || strings.TrimSpace(list) == "" {
		return Vary{}, fmt.Errorf("%s: expected path=values, such as workload.theta=0,0.6,0.9 or workers=1..64*2", input.Shown(text))
	}
	values, err := quantity.List(list)
	if err != nil {
		return Vary{}, fmt.Errorf("%s: %w", path, err)
	}
	return Vary{Path: path, Values: values}, nil
}

// sweepCell is one of the scenarios of a sweep.
type sweepCell struct {
	settings []results.Setting
	job      *Job
}

// maxCells bounds the cells of a sweep, which are all opened before the first run.
const maxCells = 1_000_000

// checkCells requires that there are not more cells than a sweep can have.
func checkCells(vary []Vary) error {
	cells := big.NewInt(1) // the product can overflow 64 bits
	for _, v := range vary {
		cells.Mul(cells, big.NewInt(int64(len(v.Values))))
	}
	if cells.Cmp(big.NewInt(maxCells)) > 0 {
		return fmt.Errorf("--vary: %v cells, the product of all numbers of values: expected at most %d", cells, maxCells)
	}
	return nil
}

// settings returns the settings of all cells, in the order of the plan, with the last
// parameter varying fastest.
func settings(vary []Vary) [][]results.Setting {
	all := [][]results.Setting{{}} // not nil, which is no list in JSON
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

// vary returns the scenario with the settings made, and the settings as they are printed,
// in the order of the scenario's parameters, so that each cell has one name. An error is a
// *settingError.
func (s *Scenario) vary(cell []results.Setting) (*Scenario, []results.Setting, error) {
	c := s.Clone()
	given := make([]map[string]*token.Token, len(cell))
	for i, x := range cell {
		var err error
		if given[i], err = c.set(x.Path, x.Value); err != nil {
			return nil, nil, &settingError{i, err}
		}
	}
	named := slices.Clone(cell)
	for i := range named {
		named[i].Value = c.printGiven(&named[i], given[i])
	}
	order := Paths()
	slices.SortStableFunc(named, func(a, b results.Setting) int {
		return slices.Index(order, a.Path) - slices.Index(order, b.Path)
	})
	return c, named, nil
}

// Spelled returns a value of a parameter as the cells of a sweep have it, however it is spelt.
func (s *Scenario) Spelled(path, value string) (string, error) {
	_, named, err := s.vary([]results.Setting{{Path: path, Value: value}})
	if err != nil {
		return "", err
	}
	return named[0].Value, nil
}

// settingError is an error about a setting of a cell.
type settingError struct {
	index int
	err   error
}

func (e *settingError) Error() string { return e.err.Error() }

// printGiven prints the value of a setting that has been made, in one form however it was
// spelt. Of a group it prints only what was given.
func (s *Scenario) printGiven(x *results.Setting, given map[string]*token.Token) string {
	if p := findParameter(x.Path); p != nil {
		return p.text(s)
	}
	switch x.Path {
	case "transactions.inline":
		return flowList(s.Transactions.Inline)
	case "transactions.file", propertiesPath:
		return x.Value
	}
	var members []string
	for _, path := range Paths() {
		name, ok := strings.CutPrefix(path, x.Path+".")
		switch p := findParameter(path); {
		case !ok || given[path] == nil:
		case p != nil:
			members = append(members, name+": "+p.text(s))
		default: // a workload file
			members = append(members, name+": "+quoteYAML(given[path].Value))
		}
	}
	return "{" + strings.Join(members, ", ") + "}"
}
