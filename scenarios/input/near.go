package input

import (
	"fmt"
	"strings"
)

// Nearest returns the candidate that word is most likely meant to be: a misspelling, or its
// beginning; "" if there is none.
func Nearest(word string, candidates []string) string {
	for _, c := range candidates {
		if len(word) >= 3 && strings.HasPrefix(c, strings.ToLower(word)) {
			return c
		}
	}
	best, least := "", max(1, len(word)/3)+1
	for _, c := range candidates {
		if d := editDistance(strings.ToLower(word), strings.ToLower(c)); d < least {
			best, least = c, d
		}
	}
	return best
}

// editDistance counts the letters to insert, delete, replace or swap with
// their neighbour (Damerau, CACM 7(3), 1964, restricted to disjoint edits).
func editDistance(a, b string) int {
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		row, above, above2 := rows[i%3], rows[(i+2)%3], rows[(i+1)%3]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], above2[j-2]+1)
			}
		}
	}
	return rows[len(a)%3][len(b)]
}

// Or joins words as "a, b or c".
func Or(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// MustBeOneOf returns the rule that word breaks, with the one that was probably meant.
func MustBeOneOf(word string, known []string) string {
	rule := "must be " + Or(known)
	if near := Nearest(word, known); near != "" {
		rule += "; did you mean " + near + "?"
	}
	return rule
}

// Unknown returns the error of a word that is not known, with the one that was probably
// meant.
func Unknown(what, word string, known []string) error {
	near := ""
	if n := Nearest(word, known); n != "" {
		near = ": did you mean " + n + "?"
	}
	return fmt.Errorf("unknown %s %s%s", what, word, near)
}
