package analysis

import (
	"fmt"

	"github.com/seed83d86191/txsim/model"
)

// stores: at the end each item is what was installed last.
func (b *brute) stores() string {
	newest := func(item blackItem) model.Version {
		if versions := b.versions[item]; len(versions) > 0 {
			return versions[len(versions)-1]
		}
		return model.Version{}
	}
	held := map[blackItem]model.Version{}
	for _, s := range b.rec.Stores {
		item := blackItem{s.Worker, s.Key}
		held[item] = s.Version // the newest comes last
		if s.Version == newest(item) && !b.holds(s.Version, !s.Deleted, s.Value) {
			return "a store holds another value than what was installed last"
		}
	}
	for item, v := range held { // any order: it is asked whether all are right
		if v != newest(item) {
			return "a store holds something else than what was installed last"
		}
	}
	for item := range b.versions { // any order, as above
		if _, ok := held[item]; !ok && !b.holds(newest(item), false, "") { // what is deleted need not be stored
			return "a store lacks what was installed last"
		}
	}
	return ""
}

// holds reports whether a version is this value, or none if it is not found.
func (b *brute) holds(v model.Version, found bool, value string) bool {
	if v == (model.Version{}) {
		return !found
	}
	op := &b.txns[v.Txn].t.Ops[v.Op]
	return found == (op.Kind == model.Write) && (!found || value == op.Value)
}

// reads: every read has a result, which is its own write or what a committed
// transaction left.
func (b *brute) reads() string {
	for _, t := range b.nodes {
		if len(t.reads) == 0 {
			continue // none, or its results are lost
		}
		results := map[int32]model.ReadResult{}
		for _, r := range t.reads {
			if _, twice := results[r.Op]; twice || r.Op < 0 || int(r.Op) >= len(t.t.Ops) || t.t.Ops[r.Op].Kind != model.Read {
				return fmt.Sprintf("%s has a result of operation %d, which is none of its reads, or has two", t.t.Name(), r.Op)
			}
			results[r.Op] = r
		}
		for i := range t.t.Ops {
			if t.t.Ops[i].Kind != model.Read {
				continue
			}
			r, ok := results[int32(i)]
			if !ok {
				return fmt.Sprintf("%s has no result of operation %d", t.t.Name(), i)
			}
			if !b.mayRead(t, r) {
				return fmt.Sprintf("operation %d of %s read what it can not have", i, t.t.Name())
			}
		}
	}
	return ""
}

func (b *brute) mayRead(t *bruteTxn, r model.ReadResult) bool {
	op, v := &t.t.Ops[r.Op], r.Version
	if own := t.ownWrite(int(r.Op)); own >= 0 {
		return v == model.Version{Attempt: model.Attempt{Txn: t.t.Index, Try: t.told}, Op: own} && b.holds(v, r.Found, r.Value)
	}
	if v == (model.Version{}) {
		return !r.Found
	}
	w := b.txns[v.Txn]
	if w == nil || w == t || v.Op < 0 || int(v.Op) >= len(w.t.Ops) {
		return false
	}
	from := &w.t.Ops[v.Op]
	if from.Worker != op.Worker || from.Key != op.Key || !lastWrite(w.t, int(v.Op)) || !b.holds(v, r.Found, r.Value) {
		return false
	}
	e := w.installs[v.Op]
	if e == nil && b.rec.Undecided(v.Txn, op.Worker) && v.Try > w.refused && w.outcome != model.Aborted {
		b.inDoubt = fmt.Sprintf("%s read what is in doubt", t.t.Name())
		return true
	}
	return e != nil && e.Version == v
}

// ownWrite is the last operation before i that writes the item of i, or -1.
func (t *bruteTxn) ownWrite(i int) int32 {
	for j := i - 1; j >= 0; j-- {
		if op := &t.t.Ops[j]; op.Kind != model.Read && op.Worker == t.t.Ops[i].Worker && op.Key == t.t.Ops[i].Key {
			return int32(j)
		}
	}
	return -1
}

// ordered tries all orders of the transactions that took effect. What the items
// hold depends only on which of them have run, since the order of the versions is
// given: so each set of them is tried once.
func (b *brute) ordered(realTime bool) bool {
	failed := make([]bool, 1<<len(b.nodes))
	var try func(done int) bool
	try = func(done int) bool {
		if done == len(failed)-1 {
			return true
		}
		if failed[done] {
			return false
		}
		for i := range b.nodes {
			if done&(1<<i) == 0 && b.mayBeNext(i, done, realTime) && try(done|1<<i) {
				return true
			}
		}
		failed[done] = true
		return false
	}
	return try(0)
}

// mayBeNext reports whether node i can come right after those done.
func (b *brute) mayBeNext(i, done int, realTime bool) bool {
	t := b.nodes[i]
	for j, other := range b.nodes {
		if realTime && j != i && done&(1<<j) == 0 && other.told != 0 && other.final < t.submit {
			return false
		}
	}
	for op := range t.t.Ops {
		item := blackItem{t.t.Ops[op].Worker, t.t.Ops[op].Key}
		newest, next := b.at(item, done)
		if e := t.installs[int32(op)]; e != nil && next != e.Version {
			return false
		}
		for _, r := range t.reads {
			if r.Op == int32(op) && t.ownWrite(op) < 0 && r.Version != newest {
				return false
			}
		}
	}
	return true
}

// at returns the version that an item has after those done, and the next one. If
// those done are not the first writers of the item, they never got this far.
func (b *brute) at(item blackItem, done int) (newest, next model.Version) {
	for _, v := range b.versions[item] {
		ran := false
		for j, t := range b.nodes {
			ran = ran || t.t.Index == v.Txn && done&(1<<j) != 0
		}
		if !ran {
			return newest, v
		}
		newest = v
	}
	return newest, model.Version{}
}
