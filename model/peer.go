package model

import (
	"slices"
	"sort"

	"github.com/seed83d86191/txsim/sim"
)

// peer is what a worker knows of one coordinator: its low-water mark and the parts of its
// attempts. A dead coordinator does not keep the worker from forgetting the attempts of
// others.
type peer struct {
	node  sim.NodeID
	epoch uint32      // of the attempt that was last begun; it spares dropOrphans a search, and is no state
	mark  WireID      // all attempts before it are finished
	parts table[part] // by id
	done  []*part     // finished and remembered, in the order they finished, from head on
	head  int
}

// peers are the coordinators that a worker has heard of, by node.
type peers []peer

// get returns the peer of a node, adding an empty one if need be. The pointer is valid
// until another peer is added.
func (ps *peers) get(node sim.NodeID) *peer {
	if len(*ps) > 0 && (*ps)[0].node == node {
		return &(*ps)[0] // often there is but one
	}
	at := sort.Search(len(*ps), func(i int) bool { return (*ps)[i].node >= node })
	if at == len(*ps) || (*ps)[at].node != node {
		p := peer{node: node}
		if n := len(*ps); n < cap(*ps) {
			room := (*ps)[:n+1][n] // of a worker that was retired
			p.parts, p.done = room.parts, room.done
		}
		*ps = slices.Insert(*ps, at, p)
	}
	return &(*ps)[at]
}

// reset forgets all coordinators and keeps the room of what was known of them.
func (ps *peers) reset() {
	for i := range *ps {
		p := &(*ps)[i]
		p.parts.reset()
		clear(p.done)
		p.done = p.done[:0]
	}
	*ps = (*ps)[:0]
}

// passed removes and returns the next finished part that the mark has passed and whose
// records are durable, nil if there is none.
func (c *peer) passed(durable sim.LSN) *part {
	if c.head == len(c.done) {
		c.done, c.head = c.done[:0], 0
		return nil
	}
	p := c.done[c.head]
	if p.key.id >= c.mark || p.lsn > durable {
		return nil
	}
	c.done[c.head] = nil
	c.head++
	if c.head > 64 && c.head > len(c.done)/2 {
		c.done, c.head = slices.Delete(c.done, 0, c.head), 0
	}
	return p
}
