package analysis

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seed83d86191/txsim/model"
)

// TestRecordingWide: a transaction of many operations takes no time by their square, where a
// history ends and where the brute force would compare each with each.
func TestRecordingWide(t *testing.T) {
	txn := &model.Transaction{ID: "wide", Index: 1}
	for i := range 100000 {
		txn.Ops = append(txn.Ops, model.Op{Kind: model.Write, Key: "k" + strconv.Itoa(i), Value: "1"})
	}
	txn.Compile()
	attempt := model.Attempt{Txn: 1, Try: 1}
	rec := &Recording{Events: []model.Event{{Kind: model.Submitted, Txn: txn}}}
	for i := range txn.Ops[1:] {
		rec.Record(&model.Event{Kind: model.Installed, Key: txn.Ops[i].Key, Value: "1", Version: model.Version{Attempt: attempt, Op: int32(i)}})
	}
	began := time.Now()
	rec.End(true, slices.Values([]model.StoredItem(nil)), func(uint64, int) bool { return true })
	brute := BruteForce(rec)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the end of a history with one wide transaction took %v", took)
	}
	if want := []InDoubtPart{{Txn: 1}}; !slices.Equal(rec.InDoubt, want) {
		t.Errorf("in doubt are %v, want %v: one operation is not installed", rec.InDoubt, want)
	}
	if brute.Verdict != Undecided || !strings.Contains(brute.Why, "100000 operations") {
		t.Errorf("the brute force says %+v", brute)
	}
}
