package scenarios

import (
	"slices"
	"strconv"
	"strings"

	"github.com/seed83d86191/txsim/sim"
)

// yamlWords are bare words that YAML readers, this one or others, do not take
// for text.
var yamlWords = []string{"null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf"}

// quoteYAML prints text as a YAML scalar of one line that may stand between
// brackets too.
func quoteYAML(text string) string {
	bare := text != "" && !slices.Contains(yamlWords, strings.ToLower(text))
	for i := 0; i < len(text) && bare; i++ {
		c := text[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		bare = letter || i > 0 && ('0' <= c && c <= '9' || strings.IndexByte("-_./", c) >= 0)
	}
	if bare {
		return text
	}
	return strconv.Quote(text) // YAML has all the escapes of Go
}

func flowList(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = quoteYAML(text)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// blockLines prints a list that is not empty with a line for each item,
// behind the name of its parameter.
func blockLines(p any) (string, bool) {
	var texts []string
	indent := "\n  - "
	switch p := p.(type) {
	case *[]string:
		texts = *p
	case *[]sim.Deviation:
		texts = deviationTexts(*p)
	case *Transactions:
		texts, indent = p.Inline, "\n    - "
	}
	if len(texts) == 0 {
		return "", false
	}
	var b strings.Builder
	if _, ok := p.(*Transactions); ok {
		b.WriteString("\n  inline:")
	}
	for _, text := range texts {
		b.WriteString(indent + quoteYAML(text))
	}
	return b.String(), true
}

// yaml prints t on one line.
func (t *Transactions) yaml() string {
	switch {
	case t.File != "":
		return "{file: " + quoteYAML(t.File) + "}"
	case t.Inline != nil:
		return "{inline: " + flowList(t.Inline) + "}"
	}
	return strconv.Itoa(t.Count)
}
