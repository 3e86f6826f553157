package sim

import "slices"

// bay is the one log device of nodes that share a host: it syncs for one of them
// at a time, first come first served. Each has a log of its own on it.
type bay struct {
	busy  bool
	owner NodeID
	queue []NodeID
}

// take gives the device to a node, or has the node wait for its turn.
func (b *bay) take(n NodeID) bool {
	switch {
	case !b.busy:
		b.busy, b.owner = true, n
	case b.owner != n:
		if !slices.Contains(b.queue, n) {
			b.queue = append(b.queue, n)
		}
		return false
	}
	return true
}

// vacate gives the device, if the node has it, to the next one that still has
// something to sync.
func (e *Env[M]) vacate() {
	b := e.disk.bay
	if b == nil || !b.busy || b.owner != e.id {
		return
	}
	b.busy = false
	for !b.busy && len(b.queue) > 0 {
		next := e.w.nodes[b.queue[0]]
		b.queue = slices.Delete(b.queue, 0, 1)
		if !next.alive() {
			continue
		}
		if next.startSync(); !next.disk.running {
			next.vacate()
		}
	}
}
