package analysis

import (
	"github.com/seed83d86191/txsim/model"
	"github.com/seed83d86191/txsim/sim"
)

// trail is what is known of an open transaction's last attempt: the point that each node and
// each message has reached. No way to the commit leads through an earlier one. Points are found
// by open addressing: this is the most frequent step of a Breakdown, and a map takes five times
// as long.
type trail struct {
	txn       uint64
	try       uint32
	submitted sim.Time
	hops      []hop
	points    []point // by hop
	table     []int32 // places of hops plus one; 0 is free; a power of two, at most half full
}

// hop is a node, or a message from one to another.
type hop struct {
	from, to sim.NodeID // to is Nobody for the node itself
	kind     sim.Kind
}

// home returns where a hop belongs in a table whose size is a power of two.
func (h *hop) home(size int) int {
	x := uint64(uint32(h.from))<<32 | uint64(uint32(h.to))
	x = (x ^ uint64(h.kind)<<44) * 0x9e3779b97f4a7c15
	return int(x>>32) & (size - 1)
}

// begin reuses the trail for another attempt.
func (t *trail) begin(a model.Attempt) {
	t.txn, t.try = a.Txn, a.Try
	t.hops, t.points = t.hops[:0], t.points[:0]
	clear(t.table)
}

// find returns the point of a hop, nil if there is none. The pointer is valid until a point
// is added.
func (t *trail) find(h hop) *point {
	if len(t.hops) == 0 {
		return nil
	}
	for i := h.home(len(t.table)); t.table[i] != 0; i = (i + 1) & (len(t.table) - 1) {
		if at := t.table[i] - 1; t.hops[at] == h {
			return &t.points[at]
		}
	}
	return nil
}

// at returns the point of a hop, a new one if there was none.
func (t *trail) at(h hop) *point {
	if p := t.find(h); p != nil {
		return p
	}
	t.hops, t.points = append(t.hops, h), append(t.points, point{})
	if 2*len(t.hops) > len(t.table) {
		t.table = make([]int32, max(64, 2*len(t.table)))
		for i := range t.hops {
			t.put(i)
		}
	} else {
		t.put(len(t.hops) - 1)
	}
	return &t.points[len(t.points)-1]
}

func (t *trail) put(at int) {
	i := t.hops[at].home(len(t.table))
	for t.table[i] != 0 {
		i = (i + 1) & (len(t.table) - 1)
	}
	t.table[i] = int32(at) + 1
}
