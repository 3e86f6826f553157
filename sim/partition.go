package sim

import (
	"slices"
	"time"
)

type partition struct {
	a, b   []NodeID
	oneWay bool
	id     int
	at     int // its place in World.cuts, while it is there
}

// The roles of a node in a partition, as bits, because each partition is asked about every
// message: a link is cut if its ends have the roles cutFrom and cutTo, or cutBackFrom and
// cutBackTo. A one-way partition gives nobody the latter.
const (
	cutFrom = 1 << iota
	cutTo
	cutBackFrom
	cutBackTo
)

// Partition cuts the links from every node of a to every node of b from t for
// d, and those back too unless oneWay. A message is lost if its link is cut
// when it is sent or when it would arrive. Partition returns its number, by which the
// trace calls it.
func (w *World[M]) Partition(t Time, a, b []NodeID, oneWay bool, d time.Duration) int {
	for _, n := range slices.Concat(a, b) {
		w.known("Partition", n)
	}
	cut := &partition{a: slices.Clone(a), b: slices.Clone(b), oneWay: oneWay, id: w.partitions, at: -1}
	w.partitions++
	w.during("Partition", t, d, func() {
		w.cut(cut)
		w.trace(TraceCut, Nobody, Nobody, 0, 0, uint64(cut.id), nil)
	}, func() { w.heal(cut) })
	return cut.id
}

func (w *World[M]) cut(cut *partition) {
	cut.at = len(w.cuts)
	w.cuts = append(w.cuts, cut)
	for _, e := range w.nodes {
		e.cuts = append(e.cuts, 0)
	}
	mark := func(nodes []NodeID, as uint8) {
		for _, n := range nodes {
			w.nodes[n].cuts[len(w.cuts)-1] |= as
		}
	}
	mark(cut.a, cutFrom)
	mark(cut.b, cutTo)
	if !cut.oneWay {
		mark(cut.b, cutBackFrom)
		mark(cut.a, cutBackTo)
	}
}

func (w *World[M]) heal(cut *partition) {
	if cut.at < 0 {
		return // by EndFaults already
	}
	w.cuts[cut.at], cut.at = nil, -1
	w.healed++
	w.trace(TraceHeal, Nobody, Nobody, 0, 0, uint64(cut.id), nil)
	if 2*w.healed >= len(w.cuts) { // not for each: every node has a role in it
		w.dropHealed()
	}
}

// dropHealed leaves the places of healed partitions.
func (w *World[M]) dropHealed() {
	for _, e := range w.nodes {
		kept := e.cuts[:0]
		for i, role := range e.cuts {
			if w.cuts[i] != nil {
				kept = append(kept, role)
			}
		}
		e.cuts = kept
	}
	w.cuts = slices.DeleteFunc(w.cuts, func(cut *partition) bool { return cut == nil })
	for i, cut := range w.cuts {
		cut.at = i
	}
	w.healed = 0
}

// severed returns the latest partition that cuts the link, nil if none does.
func (w *World[M]) severed(from, to NodeID) *partition {
	f, t := w.nodes[from].cuts, w.nodes[to].cuts
	for i := len(f) - 1; i >= 0; i-- {
		if f[i]&(t[i]>>1)&(cutFrom|cutBackFrom) != 0 && w.cuts[i] != nil {
			return w.cuts[i]
		}
	}
	return nil
}
