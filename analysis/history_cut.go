package analysis

import (
	"math"

	"github.com/seed83d86191/txsim/model"
)

// cut checks the serialization graph of the window and drops the transactions that nothing
// in the future can precede. The last cut drops all.
func (c *HistoryChecker) cut(last bool) {
	c.cuts++
	c.rank, c.ranked = nil, nil
	c.resolve()
	if last {
		c.findDue()
	}
	c.buildGraph()
	g := &c.graph
	if !c.peel() {
		g = c.timed()
		c.comps.run(g)
	}
	horizon := uint64(math.MaxUint64)
	if !last {
		horizon = c.horizon()
	}
	c.markDropped(g, horizon, last)
	c.replayDropped()
	c.trimVersions()
	if !last {
		c.freeDropped()
	}
	c.settled = 0
	// A cut looks at the whole window. Waiting for as many settlements makes all cuts
	// together linear.
	c.nextCut = max(c.window, len(c.order))
}

// horizon returns the submission of the oldest transaction from which more may come.
// Everything that is open or not yet submitted was submitted then or later.
func (c *HistoryChecker) horizon() uint64 {
	for _, s := range c.order {
		if t := &c.txns[s]; t.state() == histOpen {
			return t.submitSeq
		}
	}
	return c.seq + 1
}

// markDropped reports the cycles and marks what can be dropped: the transactions that ended
// before the horizon, and the settled ones that precede these in the graph. An edge from a
// remaining transaction into that set can only come from one that was submitted after the
// horizon; real time orders these the other way, so no cycle is missed. Each component
// comes after all its successors. Without a cycle, the edges of g need not include real
// time: what precedes in real time a transaction that precedes one that ended before the
// horizon has ended before it, too.
func (c *HistoryChecker) markDropped(g *digraph, horizon uint64, last bool) {
	n := int32(len(c.order))
	c.reach = zeroed(c.reach, g.nodes())
	for i := range c.comps.count() {
		comp := c.comps.component(i)
		if len(comp) > 1 {
			c.reportComponent(comp)
		}
		reached := last
		for _, v := range comp {
			reached = reached || v < n && c.txns[c.order[v]].endedBefore(horizon)
			for _, w := range g.successors(v) {
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
				c.lossy = true // it precedes what ended before it began, which is a cycle
			}
		}
	}
}

// replayDropped executes what is dropped one after another, in the order that the graph
// gives, from the state before the window. That verifies the order without trusting the
// edges: each read must find its version.
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
	ops := c.opsOf(t)
	for i := range ops {
		rec := &ops[i]
		if _, own := rec.ownWrite(); !rec.isRead() || own || rec.ref == noRef || rec.ref.named() && !c.op(rec.ref).isInstalled() {
			continue // resolve has judged these: own writes, reads without a result, and versions not installed
		}
		if replayed := c.key(rec.key).replayed; c.log.total+c.harmless.total == 0 && rec.ref != replayed {
			// The graph has no cycle that explains it, so it lacks an edge: a fault of this checker, of
			// which no history is known.
			c.lossy = true
			r := c.readOf(histRef(t.first + int32(i)))
			c.readFinding(s, &r, InvStrictSerializability, "", "but in serial order it would see another version")
		}
	}
	for i := range ops {
		if rec := &ops[i]; rec.isInstalled() && rec.ref != pastRef {
			c.key(rec.key).replayed = histRef(t.first + int32(i))
		}
	}
}

// setBase makes r the version of its item from which the next window starts.
func (c *HistoryChecker) setBase(k int32, r histRef) {
	key, rec := c.key(k), c.op(r)
	t := &c.txns[rec.slot]
	n := c.number(r)
	op := &t.t.Ops[n]
	key.setBase(model.Version{Attempt: model.Attempt{Txn: t.t.Index, Try: rec.installer()}, Op: n}, op.Kind == model.Write, op.Value)
	*c.baseAt(k) = rec.at
}

// trimVersions removes the versions of dropped transactions from the lists of their items.
// The newest of them becomes the base.
func (c *HistoryChecker) trimVersions() {
	for _, s := range c.order {
		t := &c.txns[s]
		if !t.is(flagDropped) {
			continue
		}
		for _, rec := range c.opsOf(t) {
			if rec.isInstalled() && c.key(rec.key).replayed != baseRef {
				c.trimKey(rec.key)
			}
		}
	}
}

// trimKey keeps the versions of an item after the newest that is dropped. If the order of
// versions contradicts real time, there are some before it that are not dropped; they
// become pastRef.
func (c *HistoryChecker) trimKey(k int32) {
	key := c.key(k)
	r := key.first
	key.first, key.last, key.replayed = noRef, noRef, baseRef
	newest := noRef
	for r != noRef {
		rec := c.op(r)
		next := rec.ref
		if c.txns[rec.slot].is(flagDropped) {
			for old := key.first; old != noRef; {
				old, c.op(old).ref = c.op(old).ref, pastRef
			}
			key.first, key.last = noRef, noRef
			newest = r
		} else {
			rec.ref = noRef
			c.link(key, r)
		}
		r = next
	}
	if newest != noRef {
		c.setBase(k, newest)
	}
}

// freeDropped takes the marked transactions out of the window.
func (c *HistoryChecker) freeDropped() {
	c.answers = c.keepLive(c.answers)
	for _, s := range c.order {
		if c.txns[s].is(flagDropped) {
			c.leave(s)
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
