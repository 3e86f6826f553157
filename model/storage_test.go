package model

import (
	"fmt"
	"slices"
	"testing"

	"github.com/seed83d86191/txsim/sim"
)

// TestClashed: a promise or commit that takes a key from an undecided promise is told of, and of
// no other record.
func TestClashed(t *testing.T) {
	work := func(txn uint64, written, shared string) *Work {
		w := &Work{Attempt: Attempt{Txn: txn, Try: 1}, ID: WireID(txn)}
		for _, key := range written {
			w.Writes = append(w.Writes, StagedWrite{Key: string(key)})
		}
		for _, key := range shared {
			w.Shared = append(w.Shared, string(key))
		}
		return w
	}
	type record struct {
		kind sim.Kind
		work *Work
	}
	for _, tc := range []struct {
		name    string
		records []record
		want    []string
	}{
		{"other keys", []record{{KindPrepare, work(1, "a", "b")}, {KindPrepare, work(2, "c", "d")}}, nil},
		{"one that both write", []record{{KindPrepare, work(1, "a", "")}, {KindPrepare, work(2, "ca", "")}}, []string{"t2 a t1"}},
		{"one that the first has read", []record{{KindPrepare, work(1, "a", "bc")}, {KindPrepare, work(2, "c", "")}}, []string{"t2 c t1"}},
		{"one that the first writes", []record{{KindPrepare, work(1, "a", "b")}, {KindPrepare, work(2, "", "ca")}}, []string{"t2 a t1"}},
		{"one that both read", []record{{KindPrepare, work(1, "a", "b")}, {KindPrepare, work(2, "c", "b")}}, nil},
		{"of a commit in one phase", []record{{KindPrepare, work(1, "a", "")}, {KindCommitOne, work(2, "a", "")}}, []string{"t2 a t1"}},
		{"behind a commit in one phase", []record{{KindCommitOne, work(1, "a", "")}, {KindPrepare, work(2, "a", "")}}, nil},
		{"behind the commit", []record{{KindPrepare, work(1, "a", "")}, {KindCommit, work(1, "", "")}, {KindPrepare, work(2, "a", "")}}, nil},
		{"behind the abort", []record{{KindPrepare, work(1, "a", "")}, {KindAbort, work(1, "", "")}, {KindPrepare, work(2, "a", "")}}, nil},
		{"of two others", []record{{KindPrepare, work(1, "a", "")}, {KindPrepare, work(2, "b", "")}, {KindPrepare, work(3, "ab", "")}}, []string{"t3 a t1", "t3 b t2"}},
	} {
		var got []string
		r := recorder{hist: &store{}, pool: &pool{}, clashed: func(_ sim.NodeID, attempt, other sim.Label, key string) {
			got = append(got, fmt.Sprintf("t%d %s t%d", AttemptOf(attempt).Txn, key, AttemptOf(other).Txn))
		}}
		im := &image{}
		for _, rec := range tc.records {
			b := appendKey(nil, rec.work.key())
			if rec.kind == KindPrepare || rec.kind == KindCommitOne {
				b = rec.work.append(b)
			}
			r.read(im, sim.LogRecord{Kind: rec.kind, Label: rec.work.Attempt.Label(), Data: b})
		}
		if slices.Sort(got); !slices.Equal(got, tc.want) || r.unread.Records > 0 {
			t.Errorf("%s: %q, want %q, and %d records were not read", tc.name, got, tc.want, r.unread.Records)
		}
	}
}
