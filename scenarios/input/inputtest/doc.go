// Package inputtest makes up text for the tests of what reads it. It must never be imported
// by anything but tests.
package inputtest

import (
	"math/rand/v2"
	"strings"
)

// Word returns up to five characters, half of which mean something to some reader.
func Word(r *rand.Rand) string {
	const odd = "{}[]:;=#@,\"'`\\ \t\r\n\x00\x1f\x7fé日😀\u00a0\u2028\ufeff\ufffd"
	runes := []rune(odd + "abcxyz019/-._")
	var b strings.Builder
	for range r.IntN(6) {
		b.WriteRune(runes[r.IntN(len(runes))])
	}
	return b.String()
}
