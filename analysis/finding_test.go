package analysis

import (
	"slices"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/model"
)

// TestFindingIDs gets back the ids from the names in a finding.
func TestFindingIDs(t *testing.T) {
	for _, ids := range [][]string{
		{}, {"t1"}, {"t1", "t2", "t3"}, {"a b"}, {"t1", "a b", "c"}, {"\"", "\\", "a\nb"}, {"", "t1#2", ""}, {"`", "é日"},
	} {
		var names []string
		for _, id := range ids {
			names = append(names, (&model.Transaction{ID: id}).Name())
		}
		f := Finding{Txn: strings.Join(names, " ")}
		if got := f.IDs(); !slices.Equal(got, ids) {
			t.Errorf("%q are named %s, and that is read as %q", ids, f.Txn, got)
		}
	}
}
