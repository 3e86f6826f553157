package analysis

import (
	"fmt"
	"maps"
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

// A transaction that has left the window goes by the id that is known of it, and by no
// other's.
func TestAttemptNames(t *testing.T) {
	for _, c := range []struct {
		ids  func(uint64) string
		want string
	}{
		{nil, "t3#2"},
		{func(uint64) string { return "pay" }, "pay#2"},
		{func(uint64) string { return "order 17" }, `"order 17"#2`},
		{func(uint64) string { return "" }, "#3#2"},
	} {
		checker := NewHistoryChecker(HistoryOptions{Format: model.Formatter{ID: c.ids, CustomIDs: c.ids != nil}})
		if got := checker.attemptName(model.Attempt{Txn: 3, Try: 2}); got != c.want {
			t.Errorf("%s, expected %s", got, c.want)
		}
	}
}

// TestKeptFindings: the first of all are kept, and of each invariant the first two.
func TestKeptFindings(t *testing.T) {
	log := findingLog{limit: 3}
	for _, inv := range strings.Fields("a a a a b b b a c") {
		log.add(inv, func() Finding { return Finding{Text: inv} })
	}
	var kept []string
	for _, f := range log.kept {
		kept = append(kept, f.Invariant)
	}
	if got := strings.Join(kept, " "); got != "a a a b b c" || log.total != 9 {
		t.Errorf("kept %s of %d", got, log.total)
	}
}

// TestHistoryInvariants: what a HistoryChecker finds is an invariant that it says it
// checks, and each of those is found to be violated.
func TestHistoryInvariants(t *testing.T) {
	met := map[string]bool{}
	for _, c := range histCases {
		for _, f := range parseHistScript(t, c.script).check(HistoryOptions{}, false).Finish(nil) {
			met[f.Invariant] = true
		}
	}
	var want []string
	for _, inv := range historyInvariants {
		if inv.Name != InvIsolation { // strict serializability is asked for
			want = append(want, inv.Name)
		}
	}
	slices.Sort(want)
	if got := slices.Sorted(maps.Keys(met)); !slices.Equal(got, want) {
		t.Errorf("found violated: %q; said to be checked: %q", got, want)
	}
}

// TestLongCycle: of a cycle of thousands the first edges are put in words, and all are named.
func TestLongCycle(t *testing.T) {
	const n = 3000
	var script strings.Builder
	for i := range n { // each misses what the next one writes
		fmt.Fprintf(&script, "submit %d r0k%d w0k%d=1\n", i+1, (i+1)%n, i)
	}
	for i := range n {
		fmt.Fprintf(&script, "install %d.1\n", i+1)
	}
	for i := range n {
		fmt.Fprintf(&script, "commit %d 0<init\n", i+1)
	}
	findings := parseHistScript(t, script.String()).check(HistoryOptions{}, false).Finish(nil)
	if len(findings) != 1 {
		t.Fatal(len(findings))
	}
	f := findings[0]
	if edges := strings.Count(f.Text, "; "); edges != maxReasons || !strings.HasSuffix(f.Text, "; … and so on, over 2960 more") || len(f.IDs()) != n {
		t.Errorf("%d edges of %d transactions: %s", edges, len(f.IDs()), f.Text)
	}
}

// TestBriefValues: the sentence of a cycle has only the beginning of long values, and its
// records have all of them.
func TestBriefValues(t *testing.T) {
	long := strings.Repeat("é", 50)
	c := parseHistScript(t, `
		submit 1 w0x=`+long+` w1y=1
		submit 2 r0x r1y
		install 1.0
		install 1.1
		commit 2 0<1.0 1<init
		commit 1`).check(HistoryOptions{Window: -1}, false)
	f := c.Finish(nil)[0]
	if !strings.Contains(f.Text, `w0 x = "ééééééééé…"`) || strings.Contains(f.Text, long) {
		t.Error(f.Text)
	}
	if records := strings.Join(f.Records, "\n"); strings.Count(records, `x="`+long+`"`) != 2 {
		t.Error(records)
	}
}
