package analysis

import "math"

// edgeKind says why one transaction precedes another.
type edgeKind uint8

// The kinds of edges, as bits of a set, the strongest evidence first.
const (
	edgeWW edgeKind = 1 << iota // both write the item, in this order
	edgeWR                      // the second reads what the first wrote
	edgeRW                      // the second overwrites what the first read
	edgeRT                      // the first was answered before the second was submitted
)

func (k edgeKind) String() string {
	switch k {
	case edgeWW:
		return "ww"
	case edgeWR:
		return "wr"
	case edgeRW:
		return "rw"
	}
	return "rt"
}

// histEdge is one reason why transaction a precedes transaction b.
type histEdge struct {
	kind     edgeKind
	a, b     int32   // slots
	from, to histRef // the operations, both on the same item; none in real time
}

// neighbours returns the operations whose transactions precede and follow that of rec
// because of rec. Before a read is the write of what it saw (wr), after it the next version
// of that (rw); after a write is the next version (ww). It returns none for the transaction
// itself. There may be others beside after.
func (c *HistoryChecker) neighbours(rec *histOp) (before, after histRef) {
	before, after = noRef, noRef
	switch {
	case !rec.isRead():
		after = c.following(rec)
	case rec.ref.named():
		seen := c.op(rec.ref)
		after = c.following(seen)
		if seen.slot != rec.slot {
			before = rec.ref
		}
	case rec.ref == baseRef:
		if after = c.key(rec.key).first; after == noRef {
			after = c.dueOf(rec.key)
		}
	}
	if after.named() && c.op(after).slot == rec.slot {
		after = c.beside(after, rec.slot)
	}
	return before, after
}

// buildGraph builds the serialization graph of the window, but for real time. Node i is
// the transaction c.order[i]. Edges are counted and then filled in.
func (c *HistoryChecker) buildGraph() {
	n := len(c.order)
	c.node = zeroed(c.node, len(c.txns))
	for i, s := range c.order {
		c.node[s] = int32(i)
	}
	c.entries = zeroed(c.entries, n)
	// The counts are stored two places ahead, so that filling moves them to where they
	// belong.
	heads := zeroed(c.graph.heads, n+2)
	for i, s := range c.order {
		ops := c.opsOf(&c.txns[s])
		for j := range ops {
			before, after := c.neighbours(&ops[j])
			if before.named() {
				heads[c.node[c.op(before).slot]+2]++
				c.entries[i]++
			}
			for ; after.named(); after = c.beside(after, s) {
				heads[i+2]++
				c.entries[c.node[c.op(after).slot]]++
			}
		}
	}
	for i := range n {
		heads[i+2] += heads[i+1]
	}
	targets := zeroed(c.graph.targets, int(heads[n+1]))
	for i, s := range c.order {
		ops := c.opsOf(&c.txns[s])
		for j := range ops {
			before, after := c.neighbours(&ops[j])
			if before.named() {
				v := c.node[c.op(before).slot] + 1
				targets[heads[v]] = int32(i)
				heads[v]++
			}
			for ; after.named(); after = c.beside(after, s) {
				targets[heads[i+1]] = c.node[c.op(after).slot]
				heads[i+1]++
			}
		}
	}
	c.graph.heads, c.graph.targets = heads[:n+1], targets
}

// peel removes, one after another, transactions that no remaining one precedes, by edges or
// in real time, and reports whether that removes all of them: there is then no cycle, and
// each is a component. A transaction that was answered precedes those submitted afterwards,
// so real time holds back what was submitted after the first answer that remains.
func (c *HistoryChecker) peel() bool {
	n := len(c.order)
	order := zeroed(c.comps.order, n)[:0]
	free, answer := 0, 0 // how many are not held back, and how many answers are done
	for taken := 0; ; taken++ {
		end := uint64(math.MaxUint64)
		for answer < len(c.answers) && c.entries[c.node[c.answers[answer]]] < 0 {
			answer++
		}
		if answer < len(c.answers) {
			end = c.txns[c.answers[answer]].answerSeq
		}
		for ; free < n && c.txns[c.order[free]].submitSeq < end; free++ {
			if c.entries[free] == 0 {
				order = append(order, int32(free))
			}
		}
		if taken == len(order) {
			break
		}
		v := order[taken]
		c.entries[v] = -1
		for _, w := range c.graph.successors(v) {
			if c.entries[w]--; c.entries[w] == 0 && int(w) < free {
				order = append(order, w)
			}
		}
	}
	c.comps.single(order)
	return len(order) == n
}

// timed returns the graph with real time. Node n+j stands for the j-th answer, to
// c.answers[j]. Each answer leads to the next one and to what was submitted between the
// two, and a committed transaction leads to its own answer. That takes O(n) edges; one for
// each ordered pair would take O(n²).
func (c *HistoryChecker) timed() *digraph {
	n := int32(len(c.order))
	points := make([]int32, n) // by node: its point in time, or zero
	for j, s := range c.answers {
		points[c.node[s]] = n + int32(j)
	}
	g := &digraph{}
	g.reset()
	for v := range n {
		g.targets = append(g.targets, c.graph.successors(v)...)
		if points[v] != 0 {
			g.targets = append(g.targets, points[v])
		}
		g.endNode()
	}
	next := int32(0)
	for j, s := range c.answers {
		for next < n && c.txns[c.order[next]].submitSeq < c.txns[s].answerSeq {
			next++
		}
		end := uint64(math.MaxUint64)
		if j+1 < len(c.answers) {
			end = c.txns[c.answers[j+1]].answerSeq
			g.targets = append(g.targets, n+int32(j)+1)
		}
		for v := next; v < n && c.txns[c.order[v]].submitSeq < end; v++ {
			g.targets = append(g.targets, v)
		}
		g.endNode()
	}
	return g
}
