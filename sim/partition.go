package sim

import (
	"slices"
	"time"
)

type partition struct {
	a, b   map[NodeID]bool
	oneWay bool
	id     int
}

// Partition cuts the links from every node of a to every node of b from t for
// d, and those back too unless oneWay. A message is lost if its link is cut
// when it is sent or when it would arrive. Partition returns its number, by which the
// trace calls it.
func (w *World[M]) Partition(t Time, a, b []NodeID, oneWay bool, d time.Duration) int {
	for _, n := range slices.Concat(a, b) {
		w.known("Partition", n)
	}
	cut := &partition{a: nodeSet(a), b: nodeSet(b), oneWay: oneWay, id: w.partitions}
	w.partitions++
	w.during("Partition", t, d, func() {
		w.cuts = append(w.cuts, cut)
		w.trace(TraceCut, Nobody, Nobody, 0, 0, uint64(cut.id), nil)
	}, func() { w.heal(cut) })
	return cut.id
}

func nodeSet(nodes []NodeID) map[NodeID]bool {
	set := make(map[NodeID]bool, len(nodes))
	for _, n := range nodes {
		set[n] = true
	}
	return set
}

func (w *World[M]) heal(cut *partition) {
	for i, c := range w.cuts {
		if c == cut {
			w.cuts = append(w.cuts[:i], w.cuts[i+1:]...)
			w.trace(TraceHeal, Nobody, Nobody, 0, 0, uint64(cut.id), nil)
			return
		}
	}
}

// severed returns the latest partition that cuts the link, nil if none does.
func (w *World[M]) severed(from, to NodeID) *partition {
	for _, c := range slices.Backward(w.cuts) {
		if c.a[from] && c.b[to] || !c.oneWay && c.b[from] && c.a[to] {
			return c
		}
	}
	return nil
}
