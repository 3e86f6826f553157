package scenarios

import (
	"fmt"
	"strings"
	"testing"

	"github.com/seed83d86191/txsim/analysis"
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/history"
)

// TestCheckedLong: of a long history too, a finding has its right name, though what was read
// was decided thousands of transactions before.
func TestCheckedLong(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"txsim_history":"storage"}
{"what":"submitted","txn":"a","ops":[["w","w0","x","1"]]}
{"what":"answered","txn":"a","outcome":"aborted"}
`)
	for i := range 10000 {
		if i == 9000 {
			b.WriteString(`{"what":"submitted","txn":"r","ops":[["r","w0","x"]]}
{"what":"answered","txn":"r","outcome":"committed","reads":[{"op":0,"value":"1","from":{"txn":"a","op":0}}]}
`)
		}
		fmt.Fprintf(&b, `{"what":"submitted","txn":"t%[1]d","ops":[["w","w0","k","%[1]d"]]}
{"what":"installed","txn":"t%[1]d","op":0,"worker":"w0","key":"k","value":"%[1]d"}
{"what":"answered","txn":"t%[1]d","outcome":"committed"}
`, i)
	}
	b.WriteString(`{"what":"stored","worker":"w0","key":"k","value":"9999","from":{"txn":"t9999","op":0}}
{"what":"end","complete":true}
`)
	h, err := history.Read("h", strings.NewReader(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	c := CheckHistory(h, analysis.Judges{})
	if len(c.Findings) != 1 || c.Findings[0].Anomaly != analysis.AnomalyG1a || c.Levels.String() != "holds: read uncommitted; violated: read committed (G1a)" {
		t.Errorf("%v, %v", c.Findings, c.Levels)
	}
}

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
{"what":"submitted","txn":"t4","ops":[["w","w0","c","1"]]}
{"what":"answered","txn":"t4","outcome":"blocked"}
`))
	if err != nil {
		t.Fatal(err)
	}
	c := CheckHistory(h, analysis.Judges{})
	if c.submitted != 4 || c.outcomes != [5]int{model.Committed: 2, model.Aborted: 1, model.Blocked: 1} || c.unread != 1 {
		t.Errorf("%d submitted, outcomes %v, %d without results", c.submitted, c.outcomes, c.unread)
	}
	if text := strings.Join(strings.Fields(c.table().String()), " "); !strings.Contains(text, "4 submitted committed 2 aborted 1 blocked 1 without results 1 commit:") {
		t.Error(text)
	}
}
