package scenarios

import (
	"slices"
	"strings"
)

// YAML prints all parameters, in a fixed order. What it prints parses back to
// an equal scenario.
func (s *Scenario) YAML() []byte { return s.print(func(*parameter) bool { return true }) }

// Brief prints the parameters that are not at their defaults, in a fixed order:
// it parses back to an equal scenario too.
func (s *Scenario) Brief() []byte {
	standard := Default()
	open := s.Arrivals != standard.Arrivals
	b := s.print(func(p *parameter) bool {
		if len(s.Zones) > 0 && slices.ContainsFunc(farTimeouts[:], func(t farTimeout) bool { return t.path == p.path }) {
			return true // has another default
		}
		// A rate alone would be read as kind poisson.
		return p.text(s) != p.text(standard) || open && (p.path == "arrivals.kind" || p.path == "arrivals.rate")
	})
	if len(b) == 0 {
		return []byte("{}\n") // an empty file is no scenario
	}
	return b
}

// printWidth is the width at which the line of a group is broken.
const printWidth = 120

func (s *Scenario) print(shown func(*parameter) bool) []byte {
	var b strings.Builder
	group, begin := "", 0 // of the line
	for i := range parameters {
		p := &parameters[i]
		if !shown(p) {
			continue
		}
		head, name, nested := strings.Cut(p.path, ".")
		if group != "" && group != head {
			b.WriteString("}\n")
			group = ""
		}
		if nested {
			text := name + ": " + p.text(s)
			switch {
			case group == "":
				group, begin = head, b.Len()
				b.WriteString(head + ": {" + text)
			case b.Len()+len(", ")+len(text)-begin > printWidth:
				begin = b.Len() + len(",\n")
				b.WriteString(",\n  " + text)
			default:
				b.WriteString(", " + text)
			}
			continue
		}
		b.WriteString(head + ":")
		if lines, ok := blockLines(p.in(s)); ok {
			b.WriteString(lines)
		} else {
			b.WriteString(" " + p.text(s))
		}
		b.WriteByte('\n')
	}
	if group != "" {
		b.WriteString("}\n")
	}
	return []byte(b.String())
}
