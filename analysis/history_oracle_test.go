package analysis

import (
	"iter"
	"slices"

	"github.com/seed83d86191/txsim/model"
)

// histOracle judges a whole history by the definitions alone: direct checks of each
// event, and a search through all serial orders.
type histOracle struct {
	h        *histScript
	submit   map[uint64]int // position of the event
	final    map[uint64]int
	commit   map[uint64]*model.Event
	outcome  map[uint64]model.Outcome
	aborted  map[model.Attempt]bool
	try      map[uint64]uint32 // that installs
	installs map[model.Version]bool
	order    map[histItem][]model.Version // version order
	count    map[uint64]int               // installs
	due      map[histItem][]model.Version // of what has committed, and may be installed later: behind order, each in any place
}

type histItem struct {
	worker int
	key    string
}

func newHistOracle(h *histScript) *histOracle {
	return &histOracle{
		h: h, submit: map[uint64]int{}, final: map[uint64]int{}, commit: map[uint64]*model.Event{},
		outcome: map[uint64]model.Outcome{}, aborted: map[model.Attempt]bool{}, try: map[uint64]uint32{},
		installs: map[model.Version]bool{}, order: map[histItem][]model.Version{}, count: map[uint64]int{},
		due: map[histItem][]model.Version{},
	}
}

// histOracleValid reports whether the history violates no invariant.
func histOracleValid(h *histScript) bool {
	o := newHistOracle(h)
	for i := range h.events {
		if !o.event(i, &h.events[i]) {
			return false
		}
	}
	o.findDue()
	return o.complete() && o.sameStores() && o.serializable()
}

// event checks what can be said of one event and those before it.
func (o *histOracle) event(i int, e *model.Event) bool {
	switch e.Kind {
	case model.Submitted:
		o.submit[e.Txn.Index] = i
	case model.Answered:
		id := e.Attempt.Txn
		if _, again := o.final[id]; again {
			return false
		}
		if e.Final {
			o.final[id], o.outcome[id] = i, e.Outcome
		}
		if e.Outcome == model.Aborted {
			o.aborted[e.Attempt] = true
		}
		if e.Outcome == model.Committed {
			o.commit[id] = e
		}
	case model.Installed:
		v := e.Version
		if _, ok := o.submit[v.Txn]; !ok || o.installs[v] {
			return false
		}
		op := o.h.txns[v.Txn].Ops[v.Op]
		item := histItem{op.Worker, op.Key}
		if op.Kind == model.Read || item != (histItem{e.Worker, e.Key}) || op.Value != e.Value || !o.isLast(v) {
			return false
		}
		if try := o.try[v.Txn]; try != 0 && try != v.Try {
			return false
		}
		o.try[v.Txn] = v.Try
		o.installs[v] = true
		o.order[item] = append(o.order[item], v)
		o.count[v.Txn]++
	}
	return true
}

// isLast reports whether no later operation of the transaction writes the same item.
func (o *histOracle) isLast(v model.Version) bool {
	ops := o.h.txns[v.Txn].Ops
	for _, op := range ops[v.Op+1:] {
		if op.Kind != model.Read && op.Worker == ops[v.Op].Worker && op.Key == ops[v.Op].Key {
			return false
		}
	}
	return true
}

// complete checks that every transaction ended as it was answered.
func (o *histOracle) complete() bool {
	for id, tx := range o.h.txns {
		if _, ok := o.final[id]; !ok {
			return false
		}
		n, lost := o.count[id], false
		for v := range o.missing(id) {
			lost = lost || !o.h.mayInstall(id, tx.Ops[v.Op].Worker, o.outcome[id])
		}
		if o.aborted[model.Attempt{Txn: id, Try: o.try[id]}] {
			return false
		}
		switch o.outcome[id] {
		case model.Committed:
			if lost || n > 0 && o.try[id] != o.commit[id].Attempt.Try {
				return false
			}
		case model.Aborted:
			if n != 0 {
				return false
			}
		case model.Unknown, model.Blocked:
			if n != 0 && lost {
				return false
			}
		}
	}
	return true
}

// missing yields what a transaction has to install and did not, as versions of no attempt.
func (o *histOracle) missing(id uint64) iter.Seq[model.Version] {
	return func(yield func(model.Version) bool) {
		for i, op := range o.h.txns[id].Ops {
			v := model.Version{Attempt: model.Attempt{Txn: id}, Op: int32(i)}
			if op.Kind != model.Read && o.isLast(v) && !o.isInstalled(v) && !yield(v) {
				return
			}
		}
	}
}

// isInstalled reports whether any attempt has installed that operation.
func (o *histOracle) isInstalled(v model.Version) bool {
	for w := range o.installs {
		if w.Txn == v.Txn && w.Op == v.Op {
			return true
		}
	}
	return false
}

// findDue finds what is due, after all events.
func (o *histOracle) findDue() {
	for id, tx := range o.h.txns {
		if o.commit[id] == nil && (o.outcome[id] == model.Aborted || o.count[id] == 0 && !o.observed(id)) {
			continue
		}
		for v := range o.missing(id) {
			if op := tx.Ops[v.Op]; o.h.mayInstall(id, op.Worker, o.outcome[id]) {
				item := histItem{op.Worker, op.Key}
				o.due[item] = append(o.due[item], v)
			}
		}
	}
}

// observed reports whether somebody who committed has read what a transaction did not install.
func (o *histOracle) observed(id uint64) bool {
	for reader, c := range o.commit {
		for _, r := range c.Reads {
			v, ops := r.Version, o.h.txns[reader].Ops
			if v.Txn != id || reader == id || o.submit[id] > o.final[reader] || !o.isLast(v) || o.aborted[v.Attempt] || o.isInstalled(v) {
				continue
			}
			own := slices.ContainsFunc(ops[:r.Op], func(op model.Op) bool {
				return op.Kind != model.Read && op.Worker == ops[r.Op].Worker && op.Key == ops[r.Op].Key
			})
			if w := o.h.txns[id].Ops[v.Op]; !own && w.Worker == ops[r.Op].Worker && w.Key == ops[r.Op].Key {
				return true
			}
		}
	}
	return false
}

// isDue reports whether that operation is due on an item, whoever attempted it.
func (o *histOracle) isDue(item histItem, v model.Version) bool {
	return slices.ContainsFunc(o.due[item], func(d model.Version) bool { return d.Txn == v.Txn && d.Op == v.Op })
}

func (o *histOracle) sameStores() bool {
	n := 0
	for item, versions := range o.order {
		last := versions[len(versions)-1]
		switch {
		case slices.ContainsFunc(o.h.stores, func(s model.StoredItem) bool {
			return histItem{s.Worker, s.Key} == item && s.Version == last
		}):
			n++
		case o.h.txns[last.Txn].Ops[last.Op].Kind != model.Delete:
			return false
		}
	}
	return n == len(o.h.stores)
}

// serializable tries all serial orders. What the items hold depends only on which
// transactions have run, since the version order is given: so each set is tried once.
func (o *histOracle) serializable() bool {
	var ids []uint64
	for id := range o.h.txns {
		if o.commit[id] != nil || o.count[id] > 0 || o.observed(id) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	all := uint64(1)<<len(ids) - 1
	failed := map[uint64]bool{}
	var try func(done uint64) bool
	try = func(done uint64) bool {
		if done == all {
			return true
		}
		if failed[done] {
			return false
		}
		for i, id := range ids {
			if done&(1<<i) == 0 && o.mayRun(id, ids, done) && try(done|1<<i) {
				return true
			}
		}
		failed[done] = true
		return false
	}
	return try(0)
}

// mayRun reports whether id can be the next in a serial order after those done.
func (o *histOracle) mayRun(id uint64, ids []uint64, done uint64) bool {
	ran := func(txn uint64) bool {
		i, ok := slices.BinarySearch(ids, txn)
		return ok && done&(1<<i) != 0
	}
	for _, other := range ids {
		if other != id && !ran(other) && o.commit[other] != nil && o.final[other] < o.submit[id] {
			return false
		}
	}
	tx := o.h.txns[id]
	own := map[histItem]model.Version{}
	for i, op := range tx.Ops {
		item := histItem{op.Worker, op.Key}
		current := model.Version{}
		versions := o.order[item]
		for len(versions) > 0 && ran(versions[0].Txn) {
			current, versions = versions[0], versions[1:]
		}
		if op.Kind != model.Read {
			v := model.Version{Attempt: model.Attempt{Txn: id, Try: o.try[id]}, Op: int32(i)}
			if c := o.commit[id]; c != nil {
				v.Try = c.Attempt.Try
			}
			own[item] = v
			if o.installs[v] && (len(versions) == 0 || versions[0] != v) || o.isDue(item, v) && len(versions) > 0 {
				return false
			}
			continue
		}
		c := o.commit[id]
		if c == nil {
			continue
		}
		k := slices.IndexFunc(c.Reads, func(r model.ReadResult) bool { return r.Op == int32(i) })
		if k < 0 {
			return false
		}
		seen := c.Reads[k].Version
		if v, ok := own[item]; ok {
			current = v
		} else if o.isDue(item, seen) && ran(seen.Txn) {
			current = seen
		} else if slices.ContainsFunc(o.due[item], func(d model.Version) bool { return ran(d.Txn) }) {
			return false
		}
		if c.Reads[k] != o.h.result(int32(i), current) {
			return false
		}
	}
	return true
}
