package analysis

import (
	"cmp"
	"slices"
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
	p := &graphPart{c: c, members: members, first: []int32{0}, rank: map[histRef]int32{}}
	position := make(map[int32]int32, len(members))
	for i, s := range members {
		position[s] = int32(i)
	}
	ranked := map[int32]bool{}
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
			if after.named() {
				add(kind, r, after)
			}
			if !ranked[rec.key] {
				ranked[rec.key] = true
				p.rankVersions(rec.key)
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

func (p *graphPart) rankVersions(k int32) {
	n := int32(0)
	for r := p.c.key(k).first; r != noRef; r = p.c.op(r).ref {
		p.rank[r] = n
		n++
	}
}

// rankOf returns the rank of a version among those of its item; -1 for the version before
// the window. A version that is not installed has none.
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
// another. Without a G1c, the shortest such path is a cycle: if it met a node twice, it
// would have to leave it once by a dependency, and come back to it by one, and that
// part of it would be such a path. Node len(members)+v is v when it is reached by an
// anti-dependency.
func (p *graphPart) spread() (found []int32) {
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
		g.endNode()
	}
	var comps components
	comps.run(&g)
	number := comps.numbers()
	for i, e := range p.edges {
		if e.kind == edgeRW && number[e.u] == number[n+e.v] {
			found = append(found, int32(i))
		}
	}
	return found
}
