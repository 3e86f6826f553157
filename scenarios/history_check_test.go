package scenarios

import (
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/history"
)

// TestCheckedCounts: a transaction counts once, by its first final answer, as a commit is
// whatever it says of that, and one that
// nobody submitted does not, so that the summary adds up however wrong the history is.
func TestCheckedCounts(t *testing.T) {
	h, err := history.Read("h", strings.NewReader(`{"txsim_history":"clients"}
{"what":"submitted","txn":"t1","ops":[["r","w0","a"]]}
{"what":"answered","txn":"t1","outcome":"aborted","final":false}
{"what":"answered","txn":"t1","outcome":"committed"}
{"what":"answered","txn":"t1","outcome":"committed"}
{"what":"submitted","txn":"t2","ops":[["w","w0","a","1"]]}
{"what":"answered","txn":"t2","outcome":"aborted"}
{"what":"answered","txn":"t2","outcome":"blocked"}
{"what":"answered","txn":"t7","outcome":"committed"}
{"what":"submitted","txn":"t3","ops":[["w","w0","b","1"]]}
{"what":"answered","txn":"t3","outcome":"committed","final":false}
`))
	if err != nil {
		t.Fatal(err)
	}
	c := CheckHistory(h, analysis.Judges{})
	if c.submitted != 3 || c.outcomes != [5]int{model.Committed: 2, model.Aborted: 1} || c.unread != 1 {
		t.Errorf("%d submitted, outcomes %v, %d without results", c.submitted, c.outcomes, c.unread)
	}
}
