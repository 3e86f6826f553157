package results

import (
	"fmt"
	"slices"
	"strings"
)

// sides notes what differs between two files, and by which commands they were made; nothing
// if their results belong together.
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

// unlike names what differs if the hashes do. Headers do not tell the warm-up and the
// contents of a file of transactions: if all else is equal, it is one of these.
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

// unlikeParameters returns the top-level parameters that differ between two scenarios.
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

// parameters splits a scenario into its top-level parameters, each with what is indented
// below it.
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
