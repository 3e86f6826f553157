package scenarios_test

import (
	"slices"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
)

// TestInvariantsExplained: each invariant that a run is checked for has one text, and
// together with the panic, and strict serializability or the weaker level in its place,
// these are all.
func TestInvariantsExplained(t *testing.T) {
	var explained []string
	for _, inv := range analysis.Invariants() {
		if inv.Text == "" || slices.Contains(explained, inv.Name) {
			t.Errorf("%s: no text, or two", inv.Name)
		}
		explained = append(explained, inv.Name)
	}
	for level, other := range map[string]string{"": analysis.InvIsolation, "serializable": analysis.InvStrictSerializability} { // in any order: they do not depend on each other
		want := slices.DeleteFunc(slices.Clone(explained), func(name string) bool { return name == other || name == analysis.InvPanic })
		if checked := analysis.InvariantsAt(level); !slices.Equal(checked, want) {
			t.Errorf("isolation %q: checked %q, explained %q", level, checked, want)
		}
	}
}
