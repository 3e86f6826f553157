package results

import (
	"fmt"
	"slices"
	"strings"
)

// sides says what is not the same of two files, and with what they were made; nothing if
// their results belong together.
func sides(a, b *File) []string {
	var notes []string
	if cell := a.Outdated(&b.Header); cell != "" {
		notes = append(notes, "the files of the cell "+cell+" held something else on the other side")
	}
	if a.Hash != b.Hash {
		notes = append(notes, "not of the same sweep: other "+strings.Join(unlike(&a.Header, &b.Header), ", "))
	}
	if notes == nil {
		return nil
	}
	return append(notes, a.Path+": made with "+a.Command, b.Path+": made with "+b.Command)
}

// unlike names what differs where hashes do. They tell nothing of the warm-up and of what
// is in a file of transactions: where all else is the same, it is one of them.
func unlike(a, b *Header) []string {
	var what []string
	if a.Version != b.Version {
		what = append(what, fmt.Sprintf("version (%s and %s)", a.Version, b.Version))
	}
	if a.Scenario != b.Scenario {
		what = append(what, "scenario ("+strings.Join(unlikeParameters(a.Scenario, b.Scenario), ", ")+")")
	}
	if what == nil {
		what = append(what, "warm-up or transactions")
	}
	return what
}

// unlikeParameters are those of the top of scenarios that are not the same in both.
func unlikeParameters(a, b string) []string {
	other := parameters(b)
	var names []string
	for _, p := range parameters(a) {
		if i := slices.Index(other, p); i >= 0 {
			other = slices.Delete(other, i, i+1)
			continue
		}
		names = append(names, parameterName(p))
	}
	for _, p := range other {
		if name := parameterName(p); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func parameterName(text string) string {
	name, _, _ := strings.Cut(text, ":")
	return name
}

// parameters are those of the top of a scenario, with what is indented below them.
func parameters(scenario string) []string {
	var all []string
	for line := range strings.Lines(scenario) {
		if strings.HasPrefix(line, " ") && len(all) > 0 {
			all[len(all)-1] += line
			continue
		}
		all = append(all, line)
	}
	return all
}
