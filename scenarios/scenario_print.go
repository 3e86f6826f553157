package scenarios

import (
	"strings"
)

// YAML prints all parameters, in a fixed order. What it prints parses back to
// an equal scenario.
func (s *Scenario) YAML() []byte {
	var b strings.Builder
	group := ""
	for _, p := range parameters {
		head, name, nested := strings.Cut(p.path, ".")
		if group != "" && group != head {
			b.WriteString("}\n")
			group = ""
		}
		switch {
		case nested && group == "":
			b.WriteString(head + ": {" + name + ": ")
			group = head
		case nested:
			b.WriteString(", " + name + ": ")
		default:
			b.WriteString(head + ":")
		}
		v := p.in(s)
		if nested {
			b.WriteString(printValue(v, p.option))
			continue
		}
		if lines, ok := blockLines(v); ok {
			b.WriteString(lines)
		} else {
			b.WriteString(" " + printValue(v, p.option))
		}
		b.WriteByte('\n')
	}
	if group != "" {
		b.WriteString("}\n")
	}
	return []byte(b.String())
}
