package scenarios

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"

	"github.com/seed83d86191/txsim/scenarios/input"
	"github.com/seed83d86191/txsim/scenarios/quantity"
)

// SweepPlan is the file form of a sweep.
type SweepPlan struct {
	Scenario string  // a name or a file
	Vary     []Vary  // in the order of the file
	Set      []Given // path=value
	Seeds    Given   // first-last
	Warmup   Given   // auto or a time
}

// Given is a text, "" for none, and where it was given, for errors: plan.yaml:3: seeds.
type Given struct{ Text, From string }

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
	text = bytes.TrimPrefix(text, []byte(input.BOM))
	d := newDecoder(nil, string(text))
	if d.tooDeep(lexer.Tokenize(string(text))) {
		return nil, &input.Error{Name: name, Problems: d.problems}
	}
	if err := yaml.UnmarshalWithOptions(text, &raw, yaml.Strict()); err != nil {
		return nil, d.planError(name, err)
	}
	if raw.Scenario == "" {
		return nil, fmt.Errorf("%s: scenario: expected a name or a file", name)
	}
	top := d.parse()
	if top == nil {
		return nil, &input.Error{Name: name, Problems: d.problems}
	}
	from := planPlaces(name, top)
	p := &SweepPlan{Scenario: raw.Scenario, Seeds: Given{raw.Seeds, from["seeds"]}, Warmup: Given{raw.Warmup, from["warmup"]}}
	for i, set := range raw.Set {
		p.Set = append(p.Set, Given{set, cmp.Or(from[fmt.Sprintf("set[%d]", i)], from["set"])})
	}
	for _, item := range raw.Vary {
		path := fmt.Sprint(item.Key)
		v := Vary{Path: path, From: cmp.Or(from["vary."+path], from["vary"])}
		values, err := planValues(item.Value)
		if err != nil {
			return nil, v.errorf(": %s: %w", path, err)
		}
		if v.Values, err = quantity.List(strings.Join(values, ",")); err != nil {
			return nil, v.errorf(": %s: %w", path, err)
		}
		p.Vary = append(p.Vary, v)
	}
	return p, nil
}

// planForms are the forms of a plan's fields, for errors.
var planForms = map[string]string{
	"scenario": "a name or a file", "set": "a list such as [clients=16]", "seeds": "first-last such as 1-20", "warmup": "auto or a time such as 500ms",
}

// planError turns the error of a plan into one that says what is expected.
func (d *decoder) planError(name string, err error) error {
	at, ok := errors.AsType[yaml.Error](err)
	if !ok {
		return fmt.Errorf("%s: %w", name, err)
	}
	text := at.GetMessage()
	if _, unknown := errors.AsType[*yaml.UnknownFieldError](err); unknown {
		text += ": expected scenario, set, vary, seeds or warmup"
	} else if mistyped, ok := errors.AsType[*yaml.TypeError](err); ok && mistyped.StructFieldName != nil {
		field := strings.ToLower(strings.Trim(*mistyped.StructFieldName, "."))
		text = field + ": expected " + planForms[field]
	}
	d.problem(at.GetToken(), "%s", text)
	return &input.Error{Name: name, Problems: d.problems}
}

// planPlaces returns where the fields of a plan are given, also the items of its lists, as
// set[1], and the members of its groups, as vary.clients.
func planPlaces(name string, top ast.Node) map[string]string {
	places := map[string]string{}
	fields, _ := groupMembers(top)
	for _, e := range fields {
		field, _ := scalarText(e.Key)
		place := func(n ast.Node) string { return fmt.Sprintf("%s:%d: %s", name, n.GetToken().Position.Line, field) }
		places[field] = place(e.Key)
		if list, ok := e.Value.(*ast.SequenceNode); ok {
			for i, item := range list.Values {
				places[fmt.Sprintf("%s[%d]", field, i)] = place(item)
			}
		}
		members, _ := groupMembers(e.Value)
		for _, x := range members {
			member, _ := scalarText(x.Key)
			places[field+"."+member] = place(x.Key)
		}
	}
	return places
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
		if ok && isList && !quantity.IsItem(text) {
			text = strconv.Quote(text) // one value, with a comma in it, say
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
	if strings.TrimSpace(strings.Join(values, "")) == "" {
		return nil, errors.New("expected one value or more, such as [0, 0.6, 0.9] or 1..64*2")
	}
	return values, nil
}
