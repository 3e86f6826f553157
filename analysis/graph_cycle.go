package analysis

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/seed83d86191/txsim/model"
)

// maxCycleStarts bounds from how many transactions a shortest cycle is searched.
const maxCycleStarts = 16

// reportComponent reports a strongly connected component of the graph: its
// transactions have no serial order. It is reported once, even if some of them stay
// in the window.
func (c *HistoryChecker) reportComponent(comp []int32) {
	var members []int32
	known := false
	slices.Sort(comp)
	for _, v := range comp {
		if int(v) < len(c.order) {
			t := &c.txns[c.order[v]]
			known = known || t.is(flagReported)
			t.flags |= flagReported
			members = append(members, c.order[v])
		}
	}
	if known {
		return
	}
	c.log.add(InvStrictSerializability, func() Finding { return c.cycleFinding(members) })
}

// cycleFinding describes a cycle among members, which are in order of submission.
// The kinds of edges are admitted one after another, so that the anomaly is the
// most elementary one that the component contains.
func (c *HistoryChecker) cycleFinding(members []int32) Finding {
	kinds := edgeWW | edgeWR | edgeRW | edgeRT
	for _, some := range []edgeKind{edgeWW, edgeWW | edgeWR, edgeWW | edgeWR | edgeRW} {
		if part := c.cyclicPart(members, some); part != nil {
			members, kinds = part, some
			break
		}
	}
	cycle := c.shortestCycle(members, kinds)
	slots := make([]int32, len(cycle))
	names := make([]string, len(cycle))
	reasons := make([]string, len(cycle))
	for i, e := range cycle {
		slots[i] = e.from.slot
		names[i] = c.txns[e.from.slot].t.ID
		reasons[i] = c.edgeSentence(e)
	}
	return Finding{
		Anomaly: cycleAnomaly(cycle),
		Txn:     strings.Join(names, " "),
		At:      c.now,
		Text:    "no serial order: " + strings.Join(reasons, "; "),
		Records: c.records(slots...),
	}
}

// cycleAnomaly names a cycle by the kinds of its edges.
func cycleAnomaly(cycle []histEdge) string {
	n := map[edgeKind]int{}
	for _, e := range cycle {
		n[e.kind]++
	}
	switch {
	case n[edgeRT] > 0:
		return AnomalyRealTime
	case n[edgeRW] > 1:
		return AnomalyG2Item
	case n[edgeRW] == 1:
		return AnomalyGSingle
	case n[edgeWR] > 0:
		return AnomalyG1c
	}
	return AnomalyG0
}

// cyclicPart returns a component of more than one transaction of the subgraph with
// these members and kinds of edges, or nil: the one with the first member in it.
func (c *HistoryChecker) cyclicPart(members []int32, kinds edgeKind) []int32 {
	position := make(map[int32]int32, len(members))
	for i, s := range members {
		position[s] = int32(i)
	}
	var g digraph
	g.reset()
	for _, s := range members {
		for _, e := range c.appendEdges(nil, s) {
			if w, ok := position[e.to.slot]; ok && e.kind&kinds != 0 {
				g.targets = append(g.targets, w)
			}
		}
		g.endNode()
	}
	var comps components
	comps.run(&g)
	var best []int32
	for i := range comps.count() {
		comp := comps.component(i)
		slices.Sort(comp)
		if len(comp) > 1 && (best == nil || comp[0] < best[0]) {
			best = comp
		}
	}
	part := make([]int32, len(best))
	for i, v := range best {
		part[i] = members[v]
	}
	if best == nil {
		return nil
	}
	return part
}

// shortestCycle returns the shortest cycle through one of the first members, which
// are strongly connected by these kinds of edges and in order of submission.
func (c *HistoryChecker) shortestCycle(members []int32, kinds edgeKind) []histEdge {
	var best []histEdge
	for _, start := range members[:min(len(members), maxCycleStarts)] {
		cycle := c.cycleThrough(start, members, kinds)
		if cycle != nil && (best == nil || len(cycle) < len(best)) {
			best = cycle
		}
	}
	return best
}

// cycleThrough is a breadth-first search from start back to start. Of the pairs in
// real time it looks at each target once: the members submitted after an answer are
// a suffix of members, and what lies behind an earlier suffix has been reached.
func (c *HistoryChecker) cycleThrough(start int32, members []int32, kinds edgeKind) []histEdge {
	via := make(map[int32]histEdge, len(members)) // how each transaction was reached
	within := make(map[int32]bool, len(members))
	for _, s := range members {
		within[s] = true
	}
	suffix := len(members)
	queue := []int32{start}
	visit := func(e histEdge) (done bool) {
		if _, seen := via[e.to.slot]; !seen && within[e.to.slot] {
			via[e.to.slot] = e
			queue = append(queue, e.to.slot)
		}
		return e.to.slot == start
	}
	for len(queue) > 0 {
		s := queue[0]
		queue = queue[1:]
		for _, e := range c.appendEdges(nil, s) {
			if e.kind&kinds != 0 && visit(e) {
				return cycleOf(via, start)
			}
		}
		if t := &c.txns[s]; kinds&edgeRT != 0 && t.told != 0 {
			first := sort.Search(len(members), func(i int) bool { return c.txns[members[i]].submitSeq > t.answerSeq })
			for i := first; i < suffix; i++ {
				if visit(histEdge{edgeRT, histRef{s, -1}, histRef{members[i], -1}}) {
					return cycleOf(via, start)
				}
			}
			suffix = min(suffix, first)
		}
	}
	return nil
}

// cycleOf follows via back from start to start.
func cycleOf(via map[int32]histEdge, start int32) []histEdge {
	cycle := []histEdge{via[start]}
	for s := via[start].from.slot; s != start; s = via[s].from.slot {
		cycle = append(cycle, via[s])
	}
	slices.Reverse(cycle)
	return cycle
}

// edgeSentence says in words why one transaction precedes the other.
func (c *HistoryChecker) edgeSentence(e histEdge) string {
	a, b := &c.txns[e.from.slot], &c.txns[e.to.slot]
	if e.kind == edgeRT {
		return fmt.Sprintf("%s was answered committed at %v, before %s was submitted at %v",
			a.t.ID, a.answerAt, b.t.ID, b.submitAt)
	}
	item := c.keyName(a.ops[e.from.op].key)
	switch e.kind {
	case edgeWW:
		return fmt.Sprintf("%s installed %s = %s at %v, before %s installed %s at %v", a.t.ID, item,
			c.opValue(e.from), a.ops[e.from.op].at, b.t.ID, c.opValue(e.to), b.ops[e.to.op].at)
	case edgeWR:
		return fmt.Sprintf("%s wrote %s = %s, which %s read (answered at %v)", a.t.ID, item,
			c.opValue(e.from), b.t.ID, b.answerAt)
	}
	r := c.readOf(e.from)
	return fmt.Sprintf("%s read %s = %s from %s (answered at %v), which %s overwrote with %s at %v", a.t.ID, item,
		valueName(r.Found, r.Value), c.versionName(r.Version), a.answerAt,
		b.t.ID, c.opValue(e.to), b.ops[e.to.op].at)
}

// readOf returns the result of a read operation that is known to have one.
func (c *HistoryChecker) readOf(r histRef) model.ReadResult {
	for _, result := range c.txns[r.slot].reads {
		if result.Op == r.op {
			return result
		}
	}
	return model.ReadResult{}
}
