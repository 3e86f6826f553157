package input

import (
	"fmt"
	"strings"
)

// ShellWord quotes a word for a shell if it needs it, control characters so
// that it stays on one line.
func ShellWord(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./=:,@%+", r)
	}
	switch {
	case strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return ansiQuote(s)
	case s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !plain(r) }):
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// FileWord returns a file name as an argument that is not taken for a flag if it begins
// with -. A mere - is standard input.
func FileWord(name string) string {
	if len(name) > 1 && name[0] == '-' {
		name = "./" + name
	}
	return ShellWord(name)
}

// ansiQuote quotes in the form $'…' of bash, zsh and POSIX 2024.
func ansiQuote(s string) string {
	var b strings.Builder
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\'' || c == '\\':
			b.WriteString(`\` + string(rune(c)))
		case c == '\n':
			b.WriteString(`\n`)
		case c < ' ' || c == 0x7f:
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	return "$'" + b.String() + "'"
}
