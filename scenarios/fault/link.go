package fault

import (
	"time"

	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// linkLines are the lines that strike messages by chance, with their state.
type linkLines struct {
	byKind [kinds][]int
	column [kinds]int8 // of the kind in the counts
	counts passCounts
}

func (j *Injection) installLink(i int) {
	l := &j.lines[i]
	for _, kind := range kindsOf(l.kind) {
		if len(j.links.byKind[kind]) == 0 {
			j.links.column[kind] = int8(j.links.counts.columns)
			j.links.counts.columns++
		}
		j.links.byKind[kind] = append(j.links.byKind[kind], i)
		if l.linked {
			j.aim(j.nodes(i)[0], sim.BeforeSend, kind, aimLink)
			continue
		}
		for n := range j.aimed {
			j.aim(sim.NodeID(n), sim.BeforeSend, kind, aimLink)
		}
	}
}

// onLink draws for a message about to be sent. The draws are keyed by the message's kind
// and label and by its number among those on its link, so that other messages do not change
// them.
func (j *Injection) onLink(b *sim.Boundary, s *sim.Strike) {
	if b.Label == 0 {
		return
	}
	passed := j.links.counts.of(uint64(b.Node)<<32|uint64(b.Peer), b.Label)
	n := j.links.counts.pass(passed, int(j.links.column[b.Kind]))
	for _, i := range j.links.byKind[b.Kind] {
		l := &j.lines[i]
		if l.linked && (l.who.bare() != j.node(b.Node) || l.peer.bare() != j.node(b.Peer)) {
			continue
		}
		if j.w.Happens(l.purpose, b.Node, b.Label, j.seed^j.linkKey(l, b, n), l.p) {
			j.apply(i, b, s, n)
		}
	}
}

// linkKey is what the draws of a line for the n-th message of its kind about a label on a
// link are keyed by. A line of one kind has its own purpose; one of all kinds draws for each.
func (j *Injection) linkKey(l *active, b *sim.Boundary, n uint64) uint64 {
	key := uint64(j.w.Key(b.Peer))<<32 | n
	if l.kind == anyKind {
		key ^= uint64(b.Kind) << 24
	}
	return key
}

// recordLink records a strike by chance as the line that aims at the n-th message of its
// kind about the label on the link.
func (j *Injection) recordLink(i int, b *sim.Boundary, d time.Duration, n uint64) {
	j.count(i, d, func(f *Fault) {
		f.trig, f.linked, f.who, f.peer = aimed, true, j.node(b.Node), j.node(b.Peer)
		f.kind = model.KindName(b.Kind)
		j.attempt(f, b.Label, n)
	})
}
