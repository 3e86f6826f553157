package analysis

import (
	"cmp"
	"slices"
	"sort"
)

// graphPart is one strongly connected component of the serialization graph. Its nodes are
// the positions of its members. Real time is not among its edges.
type graphPart struct {
	c       *HistoryChecker
	members []int32 // slots, in order of submission
	first   []int32 // the edges that leave node v are edges[first[v]:first[v+1]]
	edges   []partEdge
	rank    map[histRef]int32 // of a version in the window: its place among those of its item
}

// partEdge is an edge within a part, from node u to node v.
type partEdge struct {
	histEdge
	u, v int32
}

const depEdges = edgeWW | edgeWR

func (c *HistoryChecker) newPart(members []int32) *graphPart {
	if c.rank == nil {
		c.rank, c.ranked = map[histRef]int32{}, map[int32]bool{}
	}
	p := &graphPart{c: c, members: members, first: []int32{0}, rank: c.rank}
	position := make(map[int32]int32, len(members))
	for i, s := range members {
		position[s] = int32(i)
	}
	add := func(kind edgeKind, from, to histRef) {
		e := p.edge(kind, from, to)
		u, ok := position[e.a]
		v, too := position[e.b]
		if ok && too {
			p.edges = append(p.edges, partEdge{e, u, v})
		}
	}
	for _, s := range members {
		t := &c.txns[s]
		for r := histRef(t.first); r < histRef(t.first+t.n); r++ {
			rec := c.op(r)
			before, after := c.neighbours(rec)
			kind := edgeWW
			if rec.isRead() {
				kind = edgeRW
			}
			if before.named() {
				add(edgeWR, before, r)
			}
			for ; after.named(); after = c.beside(after, s) {
				add(kind, r, after)
			}
			if !c.ranked[rec.key] {
				c.ranked[rec.key] = true
				c.rankVersions(rec.key)
			}
		}
	}
	// Of several reasons for the same order, keep the strongest.
	slices.SortStableFunc(p.edges, func(a, b partEdge) int { return cmp.Or(int(a.u-b.u), int(a.kind)-int(b.kind)) })
	at := int32(0)
	for u := range members {
		for at < int32(len(p.edges)) && p.edges[at].u == int32(u) {
			at++
		}
		p.first = append(p.first, at)
	}
	return p
}

// rankVersions ranks the versions of an item, once for all parts of a cut: of a hot item
// there are many, and it may be in many parts.
func (c *HistoryChecker) rankVersions(k int32) {
	n := int32(0)
	for r := c.key(k).first; r != noRef; r = c.op(r).ref {
		c.rank[r] = n
		n++
	}
	for r := c.dueOf(k); r != noRef; r = c.op(r).ref {
		c.rank[r] = n
	}
}

// rankOf returns the rank of a version among those of its item; -1 for the version before
// the window. A version that is neither installed nor due has none; all that are due have the
// same.
func (p *graphPart) rankOf(r histRef) (rank int32, ok bool) {
	if r == baseRef {
		return -1, true
	}
	rank, ok = p.rank[r]
	return rank, ok
}

// components returns the strongly connected components of the part restricted to some kinds
// of edges, and the component of each node.
func (p *graphPart) components(kinds edgeKind) (*components, []int32) {
	var g digraph
	g.reset()
	for v := range p.members {
		for _, e := range p.edges[p.first[v]:p.first[v+1]] {
			if e.kind&kinds != 0 {
				g.targets = append(g.targets, e.v)
			}
		}
		g.endNode()
	}
	comps := &components{}
	comps.run(&g)
	return comps, comps.numbers()
}

// cyclic returns the edges of a kind that lie on a cycle of some kinds of edges.
func (p *graphPart) cyclic(kind, kinds edgeKind) (found []int32) {
	_, number := p.components(kinds)
	for i, e := range p.edges {
		if e.kind == kind && number[e.u] == number[e.v] {
			found = append(found, int32(i))
		}
	}
	return found
}

// single returns the anti-dependencies that lie on a cycle without another one: those whose
// target reaches their source by dependencies. It handles 64 of them in one pass over the
// components, of which each comes after all that it reaches.
func (p *graphPart) single() (found []int32) {
	comps, number := p.components(depEdges)
	var rw []int32
	for i, e := range p.edges {
		if e.kind == edgeRW {
			rw = append(rw, int32(i))
		}
	}
	reached := make([]uint64, comps.count()) // by component: the sources that it reaches
	for len(rw) > 0 && (len(found) == 0 || len(found)*len(p.edges) < maxCycleWork) {
		batch := rw[:min(64, len(rw))]
		rw = rw[len(batch):]
		clear(reached)
		for b, i := range batch {
			reached[number[p.edges[i].u]] |= 1 << b
		}
		for i := range reached {
			for _, v := range comps.component(i) {
				for _, e := range p.edges[p.first[v]:p.first[v+1]] {
					if e.kind&depEdges != 0 {
						reached[i] |= reached[number[e.v]]
					}
				}
			}
		}
		for b, i := range batch {
			if reached[number[p.edges[i].v]]&(1<<b) != 0 {
				found = append(found, i)
			}
		}
	}
	return found
}

// spread returns the anti-dependencies that lie on a closed path in which none follows
// another; or, if there are none, the dependencies that lie on one. Without a G1c, the
// shortest such path is a cycle: if it met a node twice, it would have to leave it once by
// a dependency, and come back to it by one, and that part of it would be such a path. Node
// len(members)+v is v when it is reached by an anti-dependency. If the order in real time
// counts as a dependency, too, node 2*len(members)+v stands for a moment just before the
// submission of v, which leads to v and to the next such moment.
func (p *graphPart) spread(realTime bool) []int32 {
	n := int32(len(p.members))
	var g digraph
	g.reset()
	for state := range 2 * n {
		v := state % n
		for _, e := range p.edges[p.first[v]:p.first[v+1]] {
			switch {
			case e.kind != edgeRW:
				g.targets = append(g.targets, e.v)
			case state < n:
				g.targets = append(g.targets, n+e.v)
			}
		}
		if next := p.after(v); realTime && next < n {
			g.targets = append(g.targets, 2*n+next)
		}
		g.endNode()
	}
	for v := int32(0); realTime && v < n; v++ {
		g.targets = append(g.targets, v)
		if v+1 < n {
			g.targets = append(g.targets, 2*n+v+1)
		}
		g.endNode()
	}
	var comps components
	comps.run(&g)
	number := comps.numbers()
	var found, others []int32
	for i, e := range p.edges {
		switch {
		case e.kind == edgeRW && number[e.u] == number[n+e.v]:
			found = append(found, int32(i))
		case e.kind != edgeRW && number[e.u] == number[e.v]:
			others = append(others, int32(i))
		}
	}
	if found == nil {
		return others
	}
	return found
}

// after returns the first member that was submitted after the answer to v, which all behind
// it were, too; len(members) if there is none, or v was not answered committed.
func (p *graphPart) after(v int32) int32 {
	t := &p.c.txns[p.members[v]]
	if t.told == 0 {
		return int32(len(p.members))
	}
	return int32(sort.Search(len(p.members), func(i int) bool { return p.c.txns[p.members[i]].submitSeq > t.answerSeq }))
}
