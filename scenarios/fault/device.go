package fault

import (
	"slices"
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// syncLines are the lines that strike syncs and records by chance, or any sync or record by
// number, with their state.
type syncLines struct {
	lines  []int
	counts passCounts // of records about an attempt, by node and attempt
	synced []uint64   // by node: the records that have passed AfterSync
	last   []uint32   // by node: the latest sync that has passed BeforeSync
}

func (j *Injection) installDevice(i int) {
	l := &j.lines[i]
	j.syncs.lines = append(j.syncs.lines, i)
	if j.syncs.last == nil {
		j.syncs.synced, j.syncs.last = make([]uint64, len(j.aimed)), make([]uint32, len(j.aimed))
		j.syncs.counts.columns = int(kinds)
	}
	for _, n := range j.nodes(i) {
		for kind := range j.aims[0][l.point] { // whatever the kind, so that the counts are right
			j.aim(n, l.point, sim.Kind(kind), aimSync)
		}
	}
}

// onDevice counts a boundary of a sync, and draws for the sync or the record. The draws of
// a sync are keyed by its first record, so that more records in the sync change nothing.
func (j *Injection) onDevice(b *sim.Boundary, s *sim.Strike) {
	st := &j.syncs
	first, named, n := false, false, uint64(b.Sync)
	if b.Point == sim.BeforeSync {
		first = st.last[b.Node] != b.Sync
		st.last[b.Node] = b.Sync
	} else {
		st.synced[b.Node]++
	}
	if named = b.Label != 0 && int(b.Kind) < st.counts.columns; named {
		passed := st.counts.of(uint64(b.Node)<<8|uint64(b.Point), b.Label)
		n = st.counts.pass(passed, int(b.Kind))
	}
	for _, i := range st.lines {
		if l := &j.lines[i]; l.point == b.Point && j.has(l.who, b.Node) && j.strikesAt(l, b, first, n) {
			if l.done = l.trig == aimed; l.done && named {
				l.struckLabel, l.struckKind, l.about = b.Label, b.Kind, map[sim.Label]uint64{b.Label: n}
			}
			j.apply(i, b, s, n)
		}
	}
}

// strikesAt reports whether a line strikes at a boundary: first says whether it is the first
// of its sync, n that it is the n-th of its kind and label. Records whose kind no line
// could name are not struck by chance.
func (j *Injection) strikesAt(l *active, b *sim.Boundary, first bool, n uint64) bool {
	record := l.kind != "" || l.class == "corrupt"
	switch {
	case l.trig == aimed && record:
		return !l.done && j.syncs.synced[b.Node] == l.n
	case l.trig == aimed:
		return !l.done && first && uint64(b.Sync) == l.n
	case l.kind != "" && !slices.Contains(kindsOf(l.kind), b.Kind), record && (b.Label == 0 || b.Kind >= kinds), !record && !first:
		return false
	}
	return j.w.Happens(l.purpose, b.Node, b.Label, j.seed^(uint64(b.Kind)<<48|n), l.p)
}

// recordDevice records a strike by chance at a boundary of a node as the line that aims at
// its sync or, for what is corrupt, at its record.
func (j *Injection) recordDevice(i int, b *sim.Boundary, d time.Duration, n uint64) {
	j.count(i, d, func(f *Fault) {
		if f.class == "corrupt" {
			f.kind = model.KindName(b.Kind)
			j.attempt(f, b.Label, n)
		} else {
			f.kind, f.n = "", uint64(b.Sync)
		}
		f.trig, f.who = aimed, j.node(b.Node)
	})
}
