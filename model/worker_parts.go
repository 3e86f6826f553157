package model

import "github.com/seed83d86191/txsim/sim"

// find returns the part of an attempt, nil if there is none.
func (w *worker) find(k partKey) *part { return w.peers.get(k.coordinator).parts.get(uint64(k.id)) }

func (w *worker) newPart(c *peer, id WireID, a Attempt, start sim.Time) *part {
	p := w.pool.getPart()
	if n := len(w.unused); n > 0 {
		p.slot, w.unused = w.unused[n-1], w.unused[:n-1]
		w.parts[p.slot] = p
	} else {
		p.slot = int32(len(w.parts))
		w.parts = append(w.parts, p)
	}
	p.key, p.attempt, p.start = partKey{c.node, id}, a, start
	w.live++
	c.parts.add(uint64(id), p)
	return p
}

// charge sets how much of the worker's resources the part uses.
func (w *worker) charge(p *part, bytes int64, keys int32) {
	w.staged += bytes - p.chargedBytes
	w.newKeys += int(keys - p.chargedKeys)
	p.chargedBytes, p.chargedKeys = bytes, keys
}

// remember keeps a part that has just finished until forget drops it.
func (w *worker) remember(p *part) {
	w.live--
	c := w.peers.get(p.key.coordinator)
	c.done = append(c.done, p)
}

// forget drops the finished parts of a coordinator that its mark has passed, unless
// something still waits for their records.
func (w *worker) forget(c *peer) {
	durable := w.Env.Durable()
	for p := c.passed(durable); p != nil; p = c.passed(durable) {
		c.parts.remove(uint64(p.key.id), p)
		w.parts[p.slot] = nil
		w.unused = append(w.unused, p.slot)
		if p.lsn = 0; p.awaited == 0 {
			w.pool.parts.put(p)
		}
	}
}
