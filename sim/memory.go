package sim

// Memory keeps the allocations of worlds that have ended for later ones to use: room for
// events, for the queue and for the nodes' logs, but none of the contents. Where many short
// runs follow each other, it saves most of the allocating. The zero Memory is empty. It
// serves one world at a time.
type Memory[M any] struct {
	events []*[1 << chunkBits]event[M]
	unused eventPool[M]
	blank  eventPool[M]
	queue  ladder
	nodes  []*Env[M] // empty: up to its capacity are those to use again
	keys   []uint32
	keyed  map[uint32]NodeID
}

// take gives the contents of the memory to a new world.
func (w *World[M]) take(m *Memory[M]) {
	w.events, w.unused, w.blank, w.queue, w.nodes, w.keys, w.keyed = m.events, m.unused, m.blank, m.queue, m.nodes, m.keys, m.keyed
	*m = Memory[M]{}
}

// Release ends the world and leaves its room to its Config.Memory. It is called once.
// Afterwards nothing of the world may be used, neither nodes nor what was read of their
// logs.
func (w *World[M]) Release() {
	m := w.cfg.Memory
	if w.barred == released {
		panic("sim: Release: " + released)
	}
	if m == nil {
		w.barred = released
		return
	}
	for slot := uint32(0); slot < w.slots; slot++ {
		ev := w.at(slot)
		*ev = event[M]{gen: ev.gen}
	}
	clear(w.unused)
	clear(w.blank)
	w.queue.reset()
	clear(w.keyed)
	m.events, m.unused, m.blank, m.queue, m.keyed = w.events, w.unused[:0], w.blank[:0], w.queue, w.keyed
	for _, e := range w.nodes {
		clear(e.sessions.last)
		*e = Env[M]{
			held: e.held[:0], serving: e.serving[:0], cuts: e.cuts[:0], sessions: sessions{last: e.sessions.last},
			disk: device{log: e.disk.log[:0], unsynced: e.disk.unsynced[:0]},
		}
	}
	m.nodes, m.keys = w.nodes[:0], w.keys[:0]
	*w = World[M]{barred: released}
}

// env returns the Env of the next node.
func (w *World[M]) env() *Env[M] {
	if n := len(w.nodes); n < cap(w.nodes) {
		if e := w.nodes[:n+1][n]; e != nil {
			return e
		}
	}
	return &Env[M]{}
}

// reset empties the queue and keeps its room.
func (q *ladder) reset() {
	for i := range q.rungs[:q.active] {
		r := &q.rungs[i]
		clear(r.buckets)
		r.count = 0
	}
	*q = ladder{run: q.run[:0], rungs: q.rungs, chunks: chunkPool{data: q.chunks.data[:0], next: q.chunks.next[:0]}}
}
