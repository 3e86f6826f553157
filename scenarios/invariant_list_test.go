package scenarios_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/scenarios"
)

// TestInvariantsExplained: each invariant that the analysis declares has a text, and those
// that a run is checked for have it in the order of the summary.
func TestInvariantsExplained(t *testing.T) {
	var explained []string
	for _, inv := range analysis.Invariants() {
		if inv.Text == "" || slices.Contains(explained, inv.Name) {
			t.Errorf("%s: no text, or two", inv.Name)
		}
		explained = append(explained, inv.Name)
	}
	declared := declaredInvariants(t)
	if len(declared) < 20 {
		t.Errorf("%d invariants are declared: the test does not find them", len(declared))
	}
	for _, name := range declared {
		if !slices.Contains(explained, name) {
			t.Errorf("%s: analysis.Invariants does not explain it", name)
		}
	}
	for _, level := range []string{"", "serializable"} {
		checked := scenarios.Invariants(level)
		inOrder := slices.DeleteFunc(slices.Clone(explained), func(name string) bool { return !slices.Contains(checked, name) })
		if !slices.Equal(inOrder, checked) {
			t.Errorf("explained %q, checked %q", inOrder, checked)
		}
	}
}

// declaredInvariants returns the values of all constants of the analysis that are called
// Inv and something.
func declaredInvariants(t *testing.T) (names []string) {
	t.Helper()
	notTest := func(f fs.FileInfo) bool { return !strings.HasSuffix(f.Name(), "_test.go") }
	packages, err := parser.ParseDir(token.NewFileSet(), "../analysis", notTest, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(packages["analysis"], func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "Inv") && len(spec.Values) == 1 {
			if value, ok := spec.Values[0].(*ast.BasicLit); ok {
				name, _ := strconv.Unquote(value.Value)
				names = append(names, name)
			}
		}
		return true
	})
	return names
}
