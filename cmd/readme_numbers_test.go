package cmd_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestReadmeStates: the numbers of states in README's text, which no command there prints,
// are those of the golden file of explorations.
func TestReadmeStates(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	golden, err := os.ReadFile("../scenarios/testdata/golden/explore.txt")
	if err != nil {
		t.Fatal(err)
	}
	const three = `pair crash=1,drop=1,timeout=1 workers=3 transactions.inline=["t1: w0 write x = 1; w1 write y = 1; w2 write z = 1"]`
	const both = `pair timeout=any transactions.inline=["t1: w0 write x = 1; w1 write y = 1", "t2: w0 write x = 2; w1 write y = 2"] --symmetry`
	full, _ := counts(t, string(golden), three+" --full")
	reduced, _ := counts(t, string(golden), three)
	folded, _ := counts(t, string(golden), three+" --symmetry")
	states, histories := counts(t, string(golden), both)
	text := strings.Join(strings.Fields(string(readme)), " ")
	for _, want := range []string{
		fmt.Sprintf("Three workers with a crash, a loss and a timeout have %s states (`--full`), %s when reduced and %s when folded too.", full, reduced, folded),
		fmt.Sprintf("any timer may fire at any time, have %s: ", states),
		fmt.Sprintf("all %s histories are strictly serializable", histories),
	} {
		if !strings.Contains(text, want) {
			t.Errorf("README.md does not say: %s", want)
		}
	}
}

// counts returns how many states and histories a case has in the golden file.
func counts(t *testing.T, golden, title string) (states, histories string) {
	t.Helper()
	m := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(title) + `: (\d+) states, .* (\d+) histories at the end$`).FindStringSubmatch(golden)
	if m == nil {
		t.Fatalf("explore.txt has no case %s", title)
	}
	return m[1], m[2]
}
