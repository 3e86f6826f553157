package model

import (
	"slices"

	"github.com/seed83d86191/txsim/sim"
)

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

// dropOrphans gives up, when an attempt of a coordinator's new life begins, what is left of its
// earlier lives and has not voted: the crash in between has made the coordinator forget it, and
// who needs its locks would have to wait for timeouts.idle. What decides alone, in one phase, is
// no orphan.
func (w *worker) dropOrphans(c *peer, epoch uint32) {
	last := c.epoch
	if c.epoch = epoch; last >= epoch {
		return
	}
	var orphans []*part
	for _, p := range w.parts {
		if p != nil && p.key.coordinator == c.node && p.key.id.Epoch() < epoch && (p.state == partExecuted || p.state == partExecuting && !p.onePhase) {
			orphans = append(orphans, p)
		}
	}
	slices.SortFunc(orphans, func(p, q *part) int { return p.key.compare(q.key) })
	for _, p := range orphans {
		if p.state == partExecuted {
			w.giveUp(p)
		} else {
			w.refuse(p, refusal{reason: UnknownTxn})
		}
	}
}

// giveUp aborts a part for which the worker has waited in vain, which is safe: it has not voted.
func (w *worker) giveUp(p *part) {
	p.reason = UnknownTxn // what it says if it is asked to prepare after all
	w.finish(p, partAborted)
}
