package analysis

import (
	"iter"
	"slices"
	"strings"
)

// cycles is the anomalies of one part, and a shortest cycle of the most elementary of them.
type cycles struct {
	found   anomalySet
	anomaly string
	cycle   []histEdge
}

// classify finds all anomalies of a part. The classes are nested as in Adya's definitions:
// a G0 is also a G1c, a G1c is also a G-nonadjacent, and a G-single is also a G-nonadjacent
// and a G2-item; each G-nonadjacent is one with real time. So each level can be judged by its
// own anomaly. The cycle shown is of the most elementary class that is not tolerated, and has
// its name.
func (p *graphPart) classify(tolerated anomalySet) (r cycles) {
	r.found = anomalies(AnomalyRealTime)
	show := func(anomaly string, starts []int32, kinds edgeKind, spread bool) {
		if len(starts) == 0 {
			return
		}
		r.found |= anomalies(anomaly)
		if r.cycle == nil && !tolerated.has(anomaly) {
			r.anomaly, r.cycle = anomaly, p.shortest(starts, kinds, spread)
		}
	}
	show(AnomalyG0, p.cyclic(edgeWW, edgeWW), edgeWW, false)
	show(AnomalyG1c, p.cyclic(edgeWR, depEdges), depEdges, false)
	if r.found.has(AnomalyG0) || r.found.has(AnomalyG1c) {
		r.found |= anomalies(AnomalyG1c, AnomalyGNonadjacent)
	}
	show(AnomalyGSingle, p.single(), depEdges, false)
	special := func(anomaly string, found bool, cycle []histEdge) {
		if !found {
			return
		}
		r.found |= anomalies(anomaly)
		if cycle == nil || tolerated.has(anomaly) {
			return
		}
		if r.cycle == nil || r.anomaly == AnomalyGSingle && len(cycle) <= len(r.cycle) {
			r.anomaly, r.cycle = anomaly, cycle
		}
	}
	cycle := p.lostUpdate()
	special(AnomalyLostUpdate, cycle != nil, cycle)
	fractured, cycle := p.fracturedRead()
	special(AnomalyFracturedRead, fractured, cycle)
	show(AnomalyGNonadjacent, p.spread(false), depEdges|edgeRW, true)
	show(AnomalyG2Item, p.cyclic(edgeRW, depEdges|edgeRW), depEdges|edgeRW, false)
	if starts := p.spread(true); len(starts) > 0 {
		r.found |= anomalies(AnomalyGNonadjacentRT)
		if tolerated.has(AnomalyRealTime) { // else it has that name, as any cycle that needs real time
			show(AnomalyGNonadjacentRT, starts, depEdges|edgeRW|edgeRT, true)
		}
	}
	if r.cycle == nil {
		all := make([]int32, len(p.edges))
		for i := range all {
			all[i] = int32(i)
		}
		show(AnomalyRealTime, all, depEdges|edgeRW|edgeRT, false)
	}
	r.cycle = rotated(r.cycle)
	return r
}

// lostUpdate looks for a transaction that installed an item after another version than
// the one that it had read, and returns the shortest cycle that this makes.
func (p *graphPart) lostUpdate() (best []histEdge) {
	for _, s := range p.members {
		for _, read := range p.externalReads(s) {
			rec := p.c.op(read)
			_, next := p.c.neighbours(rec)
			if !next.named() {
				continue
			}
			for own := range p.writes(s, rec.key) {
				far := int(p.rank[own] - p.rank[next])
				switch {
				case far > 0 && (best == nil || far+1 < len(best)):
					best = p.writesTo(own, p.edge(edgeRW, read, next))
				case far == 0 && best == nil:
					best = p.bothLose(read, own, next)
				}
			}
		}
	}
	return best
}

// bothLose returns the cycle of two transactions that have read the same version and of which
// both have the next one due: whichever comes second has lost an update.
func (p *graphPart) bothLose(read, own, next histRef) []histEdge {
	seen := p.c.op(read)
	for ; next.named(); next = p.c.beside(next, seen.slot) {
		for _, other := range p.externalReads(p.c.op(next).slot) {
			if rec := p.c.op(other); rec.key == seen.key && rec.ref == seen.ref {
				return []histEdge{p.edge(edgeRW, read, next), p.edge(edgeRW, other, own)}
			}
		}
	}
	return nil
}

// fracturedRead looks for a transaction that read from another one and read an older
// version of something else that the other wrote, and returns the shortest cycle with
// one anti-dependency that this makes.
func (p *graphPart) fracturedRead() (found bool, best []histEdge) {
	for _, s := range p.members {
		reads := p.externalReads(s)
		for _, seen := range reads {
			from := p.c.op(seen).ref
			if from == baseRef {
				continue
			}
			for _, read := range reads {
				rec := p.c.op(read)
				rank, ok := p.rankOf(rec.ref)
				for missed := range p.writes(p.c.op(from).slot, rec.key) {
					last := p.rank[missed]
					if !ok || rank >= last {
						continue
					}
					found = true
					_, next := p.c.neighbours(rec)
					if p.rank[next] == last {
						next = missed // one of several that are due
					}
					if n := int(last-rank) + 1; next.named() && (best == nil || n < len(best)) {
						if cycle := p.writesTo(missed, p.edge(edgeRW, read, next)); cycle != nil {
							best = append(cycle, p.edge(edgeWR, from, seen))
						}
					}
				}
			}
		}
	}
	return found, best
}

// externalReads returns the reads of a transaction that saw a version of another one.
func (p *graphPart) externalReads(s int32) (reads []histRef) {
	t := &p.c.txns[s]
	for i := range t.reads {
		if r := histRef(t.first + t.reads[i].Op); p.c.op(r).ref != noRef {
			reads = append(reads, r)
		}
	}
	return reads
}

// writes yields the version of an item that a transaction has in the window, if any.
func (p *graphPart) writes(s, key int32) iter.Seq[histRef] {
	return func(yield func(histRef) bool) {
		t := &p.c.txns[s]
		for r := histRef(t.first); r < histRef(t.first+t.n); r++ {
			if _, ok := p.rank[r]; ok && p.c.op(r).key == key && !yield(r) {
				return
			}
		}
	}
}

func (p *graphPart) edge(kind edgeKind, from, to histRef) histEdge {
	return histEdge{kind, p.c.op(from).slot, p.c.op(to).slot, from, to}
}

// writesTo returns rw and the write dependencies from its target to the version to; or
// nil if the reader has itself written in between, so that its read does not matter.
func (p *graphPart) writesTo(to histRef, rw histEdge) []histEdge {
	path := []histEdge{rw}
	for r := rw.to; r != to; {
		if p.c.op(r).slot == rw.a {
			return nil
		}
		next := p.c.op(r).ref
		if next == noRef {
			next = to // which is due
		}
		path = append(path, p.edge(edgeWW, r, next))
		r = next
	}
	return path
}

// rotated returns the cycle begun at the edge that makes its shape the first in the
// alphabet, so that equal cycles have equal shapes. When two candidates are compared, the
// loser also eliminates all places that the comparison has passed, which makes this linear:
// cycles can be long.
func rotated(cycle []histEdge) []histEdge {
	n := len(cycle)
	best, other := 0, 1
	for same := 0; best < n && other < n && same < n; {
		switch strings.Compare(cycle[(best+same)%n].kind.String(), cycle[(other+same)%n].kind.String()) {
		case 0:
			same++
			continue
		case 1:
			best, other = max(best+same+1, other), max(best+same+1, other)+1
		default:
			other += same + 1
		}
		same = 0
	}
	return slices.Concat(cycle[best:], cycle[:best])
}
