package scenarios

import (
	"crypto/sha256"
	"slices"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/scenarios/fault"
)

// draft is a repro with its transactions and faults in parsed form.
type draft struct {
	s       *Scenario // all parameters but what follows
	txs     []*model.Transaction
	plan    fault.Plan
	written bool // the transactions are written out
}

// clone returns a draft whose lists and transactions may be changed.
func (d *draft) clone() *draft {
	c := &draft{s: d.s.Clone(), plan: d.plan.Clone(), written: d.written}
	for _, t := range d.txs {
		c.txs = append(c.txs, &model.Transaction{ID: t.ID, Index: t.Index, At: t.At, Ops: slices.Clone(t.Ops)})
	}
	return c
}

// scenario returns the scenario of the draft.
func (d *draft) scenario() *Scenario {
	s := d.s.Clone()
	s.Faults = d.plan.Lines()
	if d.written {
		s.write(d.txs)
	}
	return s
}

// key returns what is the same for equal drafts: not their text, which with large values would fill
// the memory, once for each that fails.
func (d *draft) key() [32]byte {
	s := d.scenario()
	s.Expect = Expect{}
	return sha256.Sum256(s.Brief())
}

func (d *draft) size() Size {
	return Size{Transactions: len(d.txs), Operations: d.operations(), Workers: d.s.Workers, Coordinators: d.s.Coordinators, Faults: len(d.plan)}
}

func (d *draft) operations() (n int) {
	for _, t := range d.txs {
		n += len(t.Ops)
	}
	return n
}

// filter keeps the operations that keep wants, in order, and the transactions
// that have any left.
func (d *draft) filter(keep func(t *model.Transaction, op *model.Op) bool) {
	for _, t := range d.txs {
		var ops []model.Op
		for i := range t.Ops {
			if keep(t, &t.Ops[i]) {
				ops = append(ops, t.Ops[i])
			}
		}
		t.Ops = ops
	}
	d.txs = slices.DeleteFunc(d.txs, func(t *model.Transaction) bool { return len(t.Ops) == 0 })
}

// keep drops the transactions that have none of these ids.
func (d *draft) keep(ids []string) {
	d.txs = slices.DeleteFunc(d.txs, func(t *model.Transaction) bool { return !slices.Contains(ids, t.ID) })
}

// scheduled reports whether the transactions have times.
func (d *draft) scheduled() bool { return len(d.txs) > 0 && d.txs[0].At != model.Unscheduled }

// numbered reports whether the transactions are called t<n>, n rising: the id then decides
// which coordinator serves them.
func (d *draft) numbered() bool {
	last := uint64(0)
	for _, t := range d.txs {
		n := model.IndexOf(t.ID)
		if n <= last {
			return false
		}
		last = n
	}
	return true
}

// indices returns the index that each transaction has in a run.
func (d *draft) indices() []uint64 {
	numbered, all := d.numbered(), make([]uint64, len(d.txs))
	for i, t := range d.txs {
		if all[i] = uint64(i + 1); numbered {
			all[i] = model.IndexOf(t.ID)
		}
	}
	return all
}

// mentions reports whether some fault names the node.
func (d *draft) mentions(n fault.Node) bool {
	return slices.ContainsFunc(d.plan, func(f fault.Fault) bool { return f.Names(n) })
}

// rename gives transactions other ids, in the faults too.
func (d *draft) rename(id func(i int, t *model.Transaction) string) {
	ids := map[string]string{}
	for i, t := range d.txs {
		ids[t.ID] = id(i, t)
		t.ID = ids[t.ID]
	}
	d.plan.Rename(ids)
}
