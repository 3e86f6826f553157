package scenarios

import (
	"reflect"
	"slices"
	"strings"
)

// parameter is a field of Scenario that has a name in YAML.
type parameter struct {
	path   string // workload.theta
	index  []int  // of the field, for reflection
	option string // what follows the comma in the tag: a word that is allowed as a value
}

// parameters are all parameters in the order of the struct, in which they are printed.
var parameters = appendParameters(nil, reflect.TypeFor[Scenario](), "", nil)

func appendParameters(all []parameter, t reflect.Type, prefix string, index []int) []parameter {
	for i := range t.NumField() {
		f := t.Field(i)
		name, option, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name == "" {
			continue
		}
		at := append(slices.Clone(index), i)
		if group := f.Type.Kind() == reflect.Struct && f.Type.NumField() > 0 && f.Type.Field(0).Tag.Get("yaml") != ""; group {
			all = appendParameters(all, f.Type, prefix+name+".", at)
		} else {
			all = append(all, parameter{prefix + name, at, option})
		}
	}
	return all
}

// in returns a pointer to the parameter's field in s.
func (p *parameter) in(s *Scenario) any {
	return reflect.ValueOf(s).Elem().FieldByIndex(p.index).Addr().Interface()
}

// text prints the parameter of s as YAML has it.
func (p *parameter) text(s *Scenario) string { return printValue(p.in(s), p.option) }

func findParameter(path string) *parameter {
	for i := range parameters {
		if parameters[i].path == path {
			return &parameters[i]
		}
	}
	return nil
}

// members returns the names directly below a group, or at the top for "".
func members(group string) []string {
	prefix := ""
	if group != "" {
		prefix = group + "."
	}
	var names []string
	for _, path := range Paths() {
		if rest, ok := strings.CutPrefix(path, prefix); ok {
			name, _, _ := strings.Cut(rest, ".")
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// Paths returns the paths of all parameters, in the order they are printed.
func Paths() []string {
	var paths []string
	for _, p := range parameters {
		paths = append(paths, p.path)
		switch p.path {
		case "transactions":
			paths = append(paths, "transactions.file", "transactions.inline")
		case "workload.kind":
			paths = append(paths, propertiesPath)
		}
	}
	return paths
}
