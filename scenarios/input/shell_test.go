package input_test

import (
	"testing"

	"github.com/seed83d86191/txsim/scenarios/input"
)

// What is printed for a shell to paste is one word to it, on one line.
func TestShellWord(t *testing.T) {
	for word, want := range map[string]string{
		"":                   "''",
		"workload.theta=0.9": "workload.theta=0.9",
		"azAZ09-_./=:,@%+":   "azAZ09-_./=:,@%+",
		"[":                  "'['",
		"`":                  "'`'",
		"a\x7f":              `$'a\177'`,
		"\x1f x":             `$'\037 x'`,
		"a b":                "'a b'",
		"it's":               `'it'\''s'`,
		"$HOME":              "'$HOME'",
		"*":                  "'*'",
		"ünï":                "'ünï'",
		"two\nlines'\\\t":    `$'two\nlines\'\\\011'`,
	} {
		if got := input.ShellWord(word); got != want {
			t.Errorf("%q: %s, expected %s", word, got, want)
		}
	}
}

// A file is no flag, whatever its name begins with.
func TestFileWord(t *testing.T) {
	for name, want := range map[string]string{
		"orders.txt": "orders.txt", "-orders.txt": "./-orders.txt", "--seed": "./--seed", "-a b": "'./-a b'", "-": "-", "a-b": "a-b",
	} {
		if got := input.FileWord(name); got != want {
			t.Errorf("%q: %s, expected %s", name, got, want)
		}
	}
}
