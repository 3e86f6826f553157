package analysis

import (
	"fmt"
	"testing"

	"github.com/seed83d86191/txsim/model"
)

// TestStock: a worker over its bound after a transaction is found once, also if it has room
// again later; within one transaction, keys may come before others have gone.
func TestStock(t *testing.T) {
	install := func(txn uint64, worker int, key string, deleted bool) *model.Event {
		return &model.Event{Kind: model.Installed, Version: model.Version{Attempt: model.Attempt{Txn: txn, Try: 1}}, Worker: worker, Key: key, Deleted: deleted}
	}
	for name, c := range map[string]struct {
		events []*model.Event
		want   int
	}{
		"at the bound":              {[]*model.Event{install(1, 0, "a", false), install(2, 0, "b", false), install(3, 1, "c", false)}, 0},
		"over it":                   {[]*model.Event{install(1, 0, "a", false), install(2, 0, "b", false), install(3, 0, "c", false)}, 1},
		"over it for a while":       {[]*model.Event{install(1, 0, "a", false), install(1, 0, "b", false), install(2, 0, "c", false), install(3, 0, "c", true)}, 1},
		"over it again":             {[]*model.Event{install(1, 0, "a", false), install(1, 0, "b", false), install(1, 0, "c", false), install(2, 0, "d", false), install(3, 0, "e", false)}, 1},
		"over it within one":        {[]*model.Event{install(1, 0, "a", false), install(1, 0, "b", false), install(2, 0, "c", false), install(2, 0, "a", true)}, 0},
		"the same key again":        {[]*model.Event{install(1, 0, "a", false), install(2, 0, "b", false), install(3, 0, "b", false)}, 0},
		"two workers, each over it": {[]*model.Event{install(1, 0, "a", false), install(1, 0, "b", false), install(1, 0, "c", false), install(2, 1, "a", false), install(2, 1, "b", false), install(2, 1, "c", false)}, 2},
	} {
		s := NewStock(2, 2, &model.Formatter{Coordinators: 1, Workers: 2})
		for _, e := range c.events {
			s.Record(e)
		}
		if findings, n := s.Finish(); n != c.want || len(findings) != c.want {
			t.Errorf("%s: %d findings, expected %d: %v", name, n, c.want, findings)
		}
	}
}

// TestUnchanged: a transaction that is changed is found, whenever it is: before its answer,
// and for some time after; one that has long been answered is forgotten.
func TestUnchanged(t *testing.T) {
	const n = 3 * keepLate
	for _, change := range []int{0, 1, keepLate - 1, keepLate, 2*keepLate + 7, n - 1} {
		u := &Unchanged{}
		var txns []*model.Transaction
		for i := range n {
			txn := &model.Transaction{ID: fmt.Sprint("t", i), Index: uint64(i + 1), Ops: []model.Op{{Kind: model.Write, Key: "k", Value: "v"}}}
			txns = append(txns, txn)
			u.Record(&model.Event{Kind: model.Submitted, Txn: txn})
			u.Record(&model.Event{Kind: model.Answered, Attempt: model.Attempt{Txn: txn.Index, Try: 1}, Outcome: model.Aborted})
			u.Record(&model.Event{Kind: model.Answered, Attempt: model.Attempt{Txn: txn.Index, Try: 2}, Outcome: model.Committed, Final: true})
			if i == change+keepLate/2 {
				txns[change].ID += "x" // after its answer
			}
		}
		if change >= n-keepLate/2 {
			txns[change].Ops[0].Value = "w"
		}
		if len(u.open) > 0 || len(u.late) > 2*keepLate {
			t.Errorf("%d transactions are open, %d kept", len(u.open), len(u.late))
		}
		if findings, total := u.Finish(0); total != 1 || len(findings) != 1 {
			t.Errorf("transaction %d changed: %d findings", change, total)
		}
	}
}

// TestUnchangedFields: a change of any part of a transaction is found.
func TestUnchangedFields(t *testing.T) {
	for _, tc := range []struct {
		field  string
		change func(x *model.Transaction)
	}{
		{"ID", func(x *model.Transaction) { x.ID = "y" }},
		{"Index", func(x *model.Transaction) { x.Index++ }},
		{"Ops", func(x *model.Transaction) { x.Ops = x.Ops[:1] }},
		{"Worker", func(x *model.Transaction) { x.Ops[0].Worker++ }},
		{"Kind", func(x *model.Transaction) { x.Ops[0].Kind = model.Read }},
		{"Key", func(x *model.Transaction) { x.Ops[0].Key = "z" }},
		{"Value", func(x *model.Transaction) { x.Ops[0].Value = "z" }},
		{"Parts.Worker", func(x *model.Transaction) { x.Parts[0].Worker++ }},
		{"Parts.Ops", func(x *model.Transaction) { x.Parts[0].Ops = nil }},
		{"PartOp.Index", func(x *model.Transaction) { x.Parts[0].Ops[0].Index = 1 }},
		{"PartOp.Exclusive", func(x *model.Transaction) { x.Parts[0].Ops[0].Exclusive = false }},
		{"PartOp.Lock", func(x *model.Transaction) { x.Parts[0].Ops[0].Lock++ }},
		{"PartOp.Op", func(x *model.Transaction) { op := *x.Parts[0].Ops[0].Op; x.Parts[0].Ops[0].Op = &op }},
	} {
		u := &Unchanged{}
		txn := &model.Transaction{ID: "t1", Index: 1, Ops: []model.Op{
			{Kind: model.Write, Worker: 0, Key: "k", Value: "v"}, {Kind: model.Write, Worker: 1, Key: "l", Value: "v"}}}
		txn.Compile()
		u.Record(&model.Event{Kind: model.Submitted, Txn: txn})
		tc.change(txn)
		u.Record(&model.Event{Kind: model.Answered, Attempt: model.Attempt{Txn: 1, Try: 1}, Outcome: model.Committed, Final: true})
		if _, total := u.Finish(0); total != 1 {
			t.Errorf("%s: %d findings", tc.field, total)
		}
	}
}
