package ycsb

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/seed83d86191/txsim/scenarios/input"
)

// property is one entry of a Java properties file.
type property struct {
	name, value string
	line        int
}

// parseProperties reads a Java properties file: name and value with =, : or
// space between them, comments with # or !, lines that a backslash continues.
// Unlike Java it refuses a name that is there twice.
func parseProperties(text string) ([]property, *input.Problem) {
	var all []property
	first := map[string]int{}
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		begin := i + 1
		line := unindented(lines[i])
		if line == "" || line[0] == '#' || line[0] == '!' {
			continue
		}
		for continued(line) {
			line = line[:len(line)-1]
			if i++; i < len(lines) {
				line += unindented(lines[i])
			}
		}
		line = strings.TrimRight(line, " \t\f") // after lines are joined: blanks behind a backslash end the line
		name, rest, err := propertyWord(line, " \t\f=:")
		if err == nil {
			rest = strings.TrimLeft(rest, " \t\f")
			if rest != "" && (rest[0] == '=' || rest[0] == ':') {
				rest = strings.TrimLeft(rest[1:], " \t\f")
			}
			rest, _, err = propertyWord(rest, "")
		}
		if err != nil {
			return nil, &input.Problem{Line: begin, Text: err.Error()}
		}
		if at := first[name]; at > 0 {
			return nil, &input.Problem{Line: begin, Text: fmt.Sprintf("duplicate property %s, first on line %d: expected it once", input.Shown(name), at)}
		}
		first[name] = begin
		all = append(all, property{name, rest, begin})
	}
	return all, nil
}

// unindented cuts the blanks in front of a line, and its end.
func unindented(line string) string {
	return strings.TrimLeft(strings.TrimSuffix(line, "\r"), " \t\f")
}

// continued reports whether the line ends in a backslash that is not itself escaped.
func continued(line string) bool {
	return (len(line)-len(strings.TrimRight(line, `\`)))%2 == 1
}

// propertyWord cuts text at the first of the separators that is not escaped.
func propertyWord(text, separators string) (word, rest string, err error) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case strings.IndexByte(separators, c) >= 0:
			return b.String(), text[i:], nil
		case c != '\\':
			b.WriteByte(c)
		case i+1 == len(text):
			return "", "", fmt.Errorf(`nothing behind \`)
		case text[i+1] == 'u':
			code, err := strconv.ParseUint(text[i+2:min(i+6, len(text))], 16, 16)
			if err != nil || i+6 > len(text) {
				return "", "", fmt.Errorf(`bad escape %s: expected four hexadecimal digits behind \u`, input.Shown(text[i:min(i+6, len(text))]))
			}
			b.WriteRune(rune(code))
			i += 5
		default:
			i++
			if at := strings.IndexByte("tnrf", text[i]); at >= 0 {
				b.WriteByte("\t\n\r\f"[at])
			} else {
				b.WriteByte(text[i])
			}
		}
	}
	return b.String(), "", nil
}
