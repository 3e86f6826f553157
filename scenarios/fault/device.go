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
	chance   []int                  // the former …
	numbered map[numberedSync][]int // … and the latter
	counts   passCounts             // of records about an attempt, by node and attempt
	synced   []uint64               // by node: the records that have passed AfterSync
	last     []uint32               // by node: the latest sync that has passed BeforeSync
}

// numberedSync is a sync of a node, at BeforeSync, or a record of it, at AfterSync.
type numberedSync struct {
	node  sim.NodeID
	point sim.Point
	n     uint64
}

func (j *Injection) installDevice(i int) {
	l := &j.lines[i]
	if l.trig == aimed {
		if j.syncs.numbered == nil {
			j.syncs.numbered = map[numberedSync][]int{}
		}
		key := numberedSync{j.nodes(i)[0], l.point, l.n}
		j.syncs.numbered[key] = append(j.syncs.numbered[key], i)
	} else {
		j.syncs.chance = append(j.syncs.chance, i)
	}
	if j.syncs.last == nil {
		j.syncs.synced, j.syncs.last = make([]uint64, len(j.aimed)), make([]uint32, len(j.aimed))
		j.syncs.counts.columns = int(kinds)
	}
	for _, n := range j.nodes(i) {
		j.aimed[n] |= aimSync
		aims := &j.aims[j.side(n)][l.point]
		if aims[0]&aimSync != 0 {
			continue // they all have it
		}
		for kind := range aims { // whatever the kind, so that the counts are right
			aims[kind] |= aimSync
		}
	}
}

// onDevice counts a boundary of a sync, and draws for the sync or the record. The draws of
// a sync are keyed by its first record, so that more records in the sync change nothing.
func (j *Injection) onDevice(b *sim.Boundary, s *sim.Strike) {
	st := &j.syncs
	first, named, n, number := false, false, uint64(b.Sync), uint64(b.Sync)
	if b.Point == sim.BeforeSync {
		first = st.last[b.Node] != b.Sync
		st.last[b.Node] = b.Sync
	} else {
		st.synced[b.Node]++
		number = st.synced[b.Node]
	}
	if named = b.Label != 0 && int(b.Kind) < st.counts.columns; named {
		passed := st.counts.of(uint64(b.Node)<<8|uint64(b.Point), b.Label)
		n = st.counts.pass(passed, int(b.Kind))
	}
	j.struck = j.struck[:0]
	if first || b.Point == sim.AfterSync {
		for _, i := range st.numbered[numberedSync{b.Node, b.Point, number}] {
			l := &j.lines[i]
			if l.done = true; named {
				l.struckLabel, l.struckN, l.struckKind = b.Label, n, b.Kind
			}
			j.struck = append(j.struck, i)
		}
	}
	for _, i := range st.chance {
		if l := &j.lines[i]; l.point == b.Point && j.has(l.who, b.Node) && j.happensAt(l, b, first, n) {
			j.struck = append(j.struck, i)
		}
	}
	slices.Sort(j.struck)
	for _, i := range j.struck {
		j.apply(i, b, s, n)
	}
}

// happensAt draws whether a line strikes at a boundary: first says whether it is the first
// of its sync, n that it is the n-th of its kind and label. Records whose kind no line
// could name are not struck by chance.
func (j *Injection) happensAt(l *active, b *sim.Boundary, first bool, n uint64) bool {
	record := l.kind != "" || l.class == "corrupt"
	switch {
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
