package scenarios

import (
	"slices"
	"strconv"

	"github.com/seed83d86191/txsim/model"
)

// draft is a repro taken apart.
type draft struct {
	s       *Scenario // all but what follows
	txs     []*model.Transaction
	plan    Plan
	written bool // the transactions are written out
}

// clone returns a draft whose lists and transactions may be changed.
func (d *draft) clone() *draft {
	c := &draft{s: d.s.Clone(), plan: slices.Clone(d.plan), written: d.written}
	for i := range c.plan {
		c.plan[i].a, c.plan[i].b = slices.Clone(c.plan[i].a), slices.Clone(c.plan[i].b)
	}
	for _, t := range d.txs {
		c.txs = append(c.txs, &model.Transaction{ID: t.ID, Index: t.Index, At: t.At, Ops: slices.Clone(t.Ops)})
	}
	return c
}

// scenario puts the draft together.
func (d *draft) scenario() *Scenario {
	s := d.s.Clone()
	s.dir, s.Faults = d.s.dir, d.plan.Lines()
	if d.written {
		s.write(d.txs)
	}
	return s
}

// key is the same for drafts that are the same.
func (d *draft) key() string {
	s := d.scenario()
	s.Expect = Expect{}
	return string(s.Brief())
}

func (d *draft) size() Size {
	n := Size{Transactions: len(d.txs), Operations: d.operations(), Workers: d.s.Workers, Coordinators: d.s.Coordinators, Faults: len(d.plan)}
	return n
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

// scheduled reports whether the transactions have times.
func (d *draft) scheduled() bool { return len(d.txs) > 0 && d.txs[0].At != model.Unscheduled }

// numbered reports whether the transactions are called t<n>, n rising: then n
// settles which coordinator serves them.
func (d *draft) numbered() bool {
	last := uint64(0)
	for _, t := range d.txs {
		n := numberOf(t.ID)
		if n <= last {
			return false
		}
		last = n
	}
	return true
}

// numberOf is the n of t<n>, or 0.
func numberOf(id string) uint64 {
	if len(id) < 2 || id[0] != 't' || id[1] == '0' {
		return 0
	}
	n, err := strconv.ParseUint(id[1:], 10, 40)
	if err != nil {
		return 0
	}
	return n
}

// nodes calls visit for all that names a node in the faults.
func (d *draft) nodes(visit func(n *faultNode)) {
	for i := range d.plan {
		f := &d.plan[i]
		visit(&f.who)
		visit(&f.peer)
		for k := range f.a {
			visit(&f.a[k])
		}
		for k := range f.b {
			visit(&f.b[k])
		}
	}
}

// named reports whether the fault names the node.
func (f *Fault) named(class faultClass, index int) bool {
	is := func(n faultNode) bool { return n.class == class && n.index == index }
	switch {
	case f.verb == "partition":
		return slices.ContainsFunc(f.a, is) || slices.ContainsFunc(f.b, is)
	case f.message():
		return f.linked && (is(f.who) || is(f.peer))
	}
	return is(f.who)
}

// mentions reports whether some fault names the node.
func (d *draft) mentions(class faultClass, index int) bool {
	for i := range d.plan {
		if d.plan[i].named(class, index) {
			return true
		}
	}
	return false
}

// rename gives transactions other ids, in the faults too.
func (d *draft) rename(id func(i int, t *model.Transaction) string) {
	ids := map[string]string{}
	for i, t := range d.txs {
		ids[t.ID] = id(i, t)
		t.ID = ids[t.ID]
	}
	for i := range d.plan {
		if f := &d.plan[i]; f.try > 0 && ids[f.of] != "" {
			f.of = ids[f.of]
		}
	}
}
