package analysis

import (
	"math"

	"github.com/seed83d86191/txsim/model"
)

// cut checks the serialization graph of the window and drops what nothing in the
// future can precede. In the last cut, that is everything.
func (c *HistoryChecker) cut(last bool) {
	c.cuts++
	c.resolve()
	c.buildGraph()
	c.comps.run(&c.graph)
	horizon := uint64(math.MaxUint64)
	if !last {
		horizon = c.horizon()
	}
	c.markDropped(horizon, last)
	c.replayDropped()
	c.trimVersions()
	c.freeDropped()
	c.settled = 0
	// Each cut looks at the whole window: waiting for as much again makes that
	// linear in all.
	c.nextCut = max(c.window, len(c.order))
}

// horizon is the submission of the oldest transaction from which more may come.
// Everything that is open or not yet submitted was submitted then or later.
func (c *HistoryChecker) horizon() uint64 {
	for _, s := range c.order {
		if t := &c.txns[s]; t.state() == histOpen {
			return t.submitSeq
		}
	}
	return c.seq + 1
}

// markDropped reports the cycles and marks what can go: the transactions that ended
// before the horizon, and the settled ones that precede these in the graph. An edge
// from a remaining transaction into that set can only come from one submitted after
// the horizon, which real time orders the other way: so no cycle is lost.
// Components come with all their successors before them.
func (c *HistoryChecker) markDropped(horizon uint64, last bool) {
	n := int32(len(c.order))
	c.reach = zeroed(c.reach, c.graph.nodes())
	for i := range c.comps.count() {
		comp := c.comps.component(i)
		if len(comp) > 1 {
			c.reportComponent(comp)
		}
		reached := last
		for _, v := range comp {
			reached = reached || v < n && c.txns[c.order[v]].endedBefore(horizon)
			for _, w := range c.graph.successors(v) {
				reached = reached || c.reach[w]
			}
		}
		if !reached {
			continue
		}
		for _, v := range comp {
			c.reach[v] = true
			if v >= n {
				continue
			}
			if t := &c.txns[c.order[v]]; last || t.state() == histSettled {
				t.flags |= flagDropped
			} else {
				c.lossy = true // it precedes what ended before it began: a cycle
			}
		}
	}
}

// replayDropped executes what is dropped one after another, in the order that the
// graph gives, from the state before the window. That certifies the order without
// trust in the edges: each read must find its version and value.
func (c *HistoryChecker) replayDropped() {
	order := c.comps.order
	for i := len(order) - 1; i >= 0; i-- {
		if v := order[i]; int(v) < len(c.order) {
			if s := c.order[v]; c.txns[s].is(flagDropped) {
				c.replay(s)
			}
		}
	}
}

func (c *HistoryChecker) replay(s int32) {
	t := &c.txns[s]
	for i := range t.reads {
		r := &t.reads[i]
		rec := &t.ops[r.Op]
		if rec.own >= 0 || rec.ref.slot >= 0 && c.op(rec.ref).at < 0 {
			continue // its own, or not installed: resolve has judged it
		}
		base := c.key(rec.key)
		if c.log.total == 0 && (r.Version != base.baseVersion() || r.Found != base.found || base.found && r.Value != base.value) {
			c.lossy = true // the edges do not say why
			c.readFinding(s, r, InvStrictSerializability, "", "but in serial order it would see %s from %s",
				valueName(base.found, base.value), c.versionName(base.baseVersion()))
		}
	}
	for i := range t.ops {
		if t.ops[i].at >= 0 && (t.t.Ops[i].Kind == model.Read || t.ops[i].ref != pastRef) {
			c.setBase(histRef{s, int32(i)})
		}
	}
}

// setBase makes r the version of its item from which the next window starts.
func (c *HistoryChecker) setBase(r histRef) {
	t := &c.txns[r.slot]
	op, rec := &t.t.Ops[r.op], &t.ops[r.op]
	base := c.key(rec.key)
	base.txn, base.try, base.op = t.index, rec.installer(), r.op
	base.value, base.found, base.at = op.Value, op.Kind == model.Write, rec.at
}

// trimVersions takes the versions of dropped transactions out of the lists of their
// items. The newest of them becomes the base.
func (c *HistoryChecker) trimVersions() {
	for _, s := range c.order {
		t := &c.txns[s]
		if !t.is(flagDropped) {
			continue
		}
		for i := range t.ops {
			if key := c.key(t.ops[i].key); t.ops[i].at >= 0 && key.mark != c.cuts {
				key.mark = c.cuts
				c.trimKey(key)
			}
		}
	}
}

// trimKey keeps the versions after the newest that is dropped. Where the order of
// versions contradicts real time there are some before it, too: they are past.
func (c *HistoryChecker) trimKey(key *histKey) {
	r := key.first
	key.first, key.last = noRef, noRef
	newest := noRef
	for r != noRef {
		rec := c.op(r)
		next := rec.ref
		if c.txns[r.slot].is(flagDropped) {
			for old := key.first; old != noRef; {
				old, c.op(old).ref = c.op(old).ref, pastRef
			}
			key.first, key.last = noRef, noRef
			newest = r
		} else {
			rec.ref = noRef
			if key.last == noRef {
				key.first = r
			} else {
				c.op(key.last).ref = r
			}
			key.last = r
		}
		r = next
	}
	if newest != noRef {
		c.setBase(newest)
	}
}

// freeDropped takes the marked transactions out of the window.
func (c *HistoryChecker) freeDropped() {
	c.answers = c.keepLive(c.answers)
	for _, s := range c.order {
		if t := &c.txns[s]; t.is(flagDropped) {
			c.index.remove(t.index)
			c.free = append(c.free, s)
			t.t, t.reads = nil, nil
		}
	}
	n := len(c.order)
	c.order = c.keepLive(c.order)
	c.dropped = c.dropped || len(c.order) < n
}

// keepLive filters list in place.
func (c *HistoryChecker) keepLive(list []int32) []int32 {
	live := list[:0]
	for _, s := range list {
		if !c.txns[s].is(flagDropped) {
			live = append(live, s)
		}
	}
	return live
}
