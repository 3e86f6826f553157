package analysis

import "github.com/seed83d86191/txsim/model"

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

// histEdge is one reason why transaction from precedes transaction to.
type histEdge struct {
	kind     edgeKind
	from, to histRef // the operations; both on the same item
}

// appendEdges appends the edges that leave slot s, those of real time excepted.
func (c *HistoryChecker) appendEdges(edges []histEdge, s int32) []histEdge {
	t := &c.txns[s]
	for i := range t.ops {
		from := histRef{s, int32(i)}
		rec := &t.ops[i]
		if t.t.Ops[i].Kind == model.Read {
			if next := c.nextVersion(rec); next.slot >= 0 && next.slot != s {
				edges = append(edges, histEdge{edgeRW, from, next})
			}
			continue
		}
		if rec.ref.slot >= 0 && rec.ref.slot != s {
			edges = append(edges, histEdge{edgeWW, from, rec.ref})
		}
		for r := rec.link; r != noRef; r = c.op(r).link {
			edges = append(edges, histEdge{edgeWR, from, r})
		}
	}
	return edges
}

// nextVersion returns the version that overwrites the one which a read saw.
func (c *HistoryChecker) nextVersion(read *histOp) histRef {
	switch read.ref {
	case noRef:
		return noRef
	case baseRef:
		return c.key(read.key).first
	}
	return c.op(read.ref).ref
}

// buildGraph builds the serialization graph of the window. Node i is the transaction
// c.order[i]; node n+j, a point in time, is the answer to c.answers[j]. Real time is
// the chain of these points: each leads to the next, a committed transaction leads to
// its own, and each point leads to what was submitted between it and the next one.
// That takes O(n) edges where one per ordered pair would take O(n²).
func (c *HistoryChecker) buildGraph() {
	g := &c.graph
	g.reset()
	n := int32(len(c.order))
	for i, s := range c.order {
		c.txns[s].node = int32(i)
	}
	points := zeroed(c.points, int(n)) // by node: its point in time, or zero
	c.points = points
	for j, s := range c.answers {
		points[c.txns[s].node] = n + int32(j)
	}
	for i, s := range c.order {
		c.edges = c.appendEdges(c.edges[:0], s)
		for _, e := range c.edges {
			g.targets = append(g.targets, c.txns[e.to.slot].node)
		}
		if points[i] != 0 {
			g.targets = append(g.targets, points[i])
		}
		g.endNode()
	}
	next := int32(0)
	for j, s := range c.answers {
		for next < n && c.txns[c.order[next]].submitSeq < c.txns[s].answerSeq {
			next++
		}
		end := uint64(1<<64 - 1)
		if j+1 < len(c.answers) {
			end = c.txns[c.answers[j+1]].answerSeq
			g.targets = append(g.targets, n+int32(j)+1)
		}
		for v := next; v < n && c.txns[c.order[v]].submitSeq < end; v++ {
			g.targets = append(g.targets, v)
		}
		g.endNode()
	}
}
