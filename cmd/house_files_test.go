package cmd_test

import (
	"path"
	"regexp"
	"strings"
	"testing"
)

// TestHouseFiles: where the doc of a package lists its files, by the words that their names
// begin with, it lists all of them.
func TestHouseFiles(t *testing.T) {
	files := house(t)
	lists := map[string]map[string]bool{} // by package: the words of its list
	for _, f := range files {
		if path.Base(f.path) != "doc.go" || f.Doc == nil {
			continue
		}
		if _, list, ok := strings.Cut(f.Doc.Text(), "# Files\n"); ok {
			list, _, _ = strings.Cut(list, "\n# ")
			words := map[string]bool{}
			for _, w := range regexp.MustCompile(`[a-z_]+`).FindAllString(list, -1) {
				words[w] = true
			}
			lists[path.Dir(f.path)] = words
		}
	}
	if len(lists) < 4 {
		t.Fatalf("%d packages list their files: expected at least 4", len(lists))
	}
	for _, f := range files {
		words, stem := lists[path.Dir(f.path)], strings.TrimSuffix(path.Base(f.path), ".go")
		first, _, _ := strings.Cut(stem, "_")
		if words != nil && !f.test && stem != "doc" && !words[stem] && !words[first] {
			t.Errorf("%s: doc.go lists the files of the package, and not this one", f.path)
		}
	}
}
