package input

import (
	"strconv"
	"unicode/utf8"
)

// BOM is the byte order mark that a file may begin with, and Blanks are what
// separates the words of a line.
const (
	BOM    = "\xef\xbb\xbf"
	Blanks = " \t\r"
)

// InvalidUTF8 returns the position of the first invalid byte.
func InvalidUTF8(line []byte) int {
	for i := 0; i < len(line); {
		r, n := utf8.DecodeRune(line[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(line)
}

// Excerpt quotes s, cut to what fits a message.
func Excerpt(s []byte) string {
	const most = 60
	if len(s) <= most {
		return strconv.Quote(string(s))
	}
	cut := most
	for cut > 0 && !utf8.RuneStart(s[cut]) {
		cut--
	}
	return strconv.Quote(string(s[:cut])) + "…"
}

// Shown returns a bad value as messages show it.
func Shown(text string) string {
	if q := Excerpt([]byte(text)); text == "" || q != `"`+text+`"` {
		return q
	}
	return text
}
